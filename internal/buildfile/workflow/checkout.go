package workflow

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// A checkout is a directory of the workspace with a repository in it.
type checkout struct {
	path  string // from the workspace, "." for all of it
	isOwn bool   // it is the repository that is read
	name  string // of the repository as it is written
}

// isElsewhere says that a step builds something of a checkout that is taken for another repository,
// where the name of this one is not known.
func (s *scope) isElsewhere(step *yaml.Node) {
	if s.job == nil || len(s.run.Tree.OwnNames()) > 0 {
		return
	}
	for _, c := range s.job.checkouts {
		if !c.isOwn {
			s.run.Say(source.CodeAssumedValue, s.Pos(step), "what is built here is not read: "+source.Clean(c.name)+" is taken for another repository than this one, whose name is not known")
			return
		}
	}
}

// check takes in a step that uses actions/checkout.
func (s *scope) check(with *yaml.Node) {
	c := checkout{path: ".", isOwn: true}
	if n := yamltext.Get(with, "path"); n != nil {
		if c.path = path.Clean(s.value(n).S); strings.Contains(c.path, reading.Unknown) {
			return
		}
	}
	if n := yamltext.Get(with, "repository"); n != nil {
		repository := s.value(n).S
		c.isOwn = strings.Trim(repository, reading.Unknown) == "" || isOwnName(s.run.Tree, repository) // such as that of github.repository
		c.name = n.Value
	}
	s.job.checkouts = append(s.job.checkouts, c)
}

// mounts returns where the repository is below the workspace, as what a command is started from;
// none where it is all of the workspace.
func (s *scope) mounts() []string {
	var all []string
	for _, c := range s.job.checkouts {
		switch {
		case c.path == ".":
			return nil
		case c.isOwn:
			all = append(all, reading.Mounted+c.path)
		}
	}
	return all
}

// apart returns a place without the directories in which other repositories are checked out.
func (s *scope) apart(place reading.Workplace) reading.Workplace {
	if s.job == nil {
		return place
	}
	cwd := place.Cwd
	place.Cwd = reading.StartDir // of the workspace
	for _, c := range s.job.checkouts {
		if !c.isOwn {
			place = place.Without(c.path)
		}
	}
	place.Cwd = cwd
	return place
}

// inRepository returns the path from the root of the repository of one from the workspace. ok is
// false for one in a checkout of another repository.
func (s *scope) inRepository(p string) (_ string, ok bool) {
	given := p
	if anchor, rest, fixed := reading.CutAnchor(p); fixed && anchor == reading.RootDir {
		p = rest
	} else if fixed {
		return p, true
	}
	if s.job == nil || path.IsAbs(p) || strings.Contains(p, reading.Unknown) || strings.Contains(p, "://") {
		return given, true
	}
	clean := path.Clean(p)
	var in *checkout
	for i := range s.job.checkouts {
		if c := &s.job.checkouts[i]; c.path == "." || clean == c.path || strings.HasPrefix(clean, c.path+"/") {
			if in == nil || len(c.path) >= len(in.path) && in.path == "." || len(c.path) > len(in.path) {
				in = c
			}
		}
	}
	switch {
	case in == nil || in.isOwn && in.path == ".":
		return given, true
	case !in.isOwn:
		return "", false
	case clean == in.path:
		return ".", true
	}
	return strings.TrimPrefix(clean, in.path+"/"), true
}
