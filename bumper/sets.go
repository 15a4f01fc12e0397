package bumper

import (
	"cmp"
	"slices"

	"github.com/matihlabs/propagate/graph"
)

// A set is the bases whose changes are not kept apart: all of a plan, those of one line of an image,
// or those that the configuration gives one name.
type set struct {
	subjects []Subject
	name     string // of the one change; "" where it is called after the subjects
	names    string // of the subjects, in a branch
}

// sets are those of a plan, in the order of their names.
type sets struct {
	plan   *Plan
	opts   ChangeOptions
	all    []*set
	byLine map[*graph.Node][]Bump
}

// A partKey tells the changes of a plan apart: by the set of their bases, and by group.
type partKey struct {
	set int
	groupKey
}

func (p *Plan) sets(opts ChangeOptions) *sets {
	s := &sets{plan: p, opts: opts, byLine: p.byLine()}
	if opts.Apart == nil {
		one := &set{subjects: p.subjects(p.Bumps)}
		if opts.By == "" || opts.By == AllInOne {
			one.name = opts.Name
		}
		s.all = []*set{one}
	} else {
		for _, bump := range p.Bumps {
			s.add(bump, "")
		}
		for _, item := range slices.Concat(p.Items, p.Records) {
			for _, bump := range p.aboutOne(item, s.byLine) {
				s.add(bump, item.File.Path)
			}
		}
	}
	for _, one := range s.all {
		one.names = p.subjectNames(one.subjects)
	}
	slices.SortStableFunc(s.all, func(a, b *set) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.names, b.names)) })
	return s
}

// add adds a base to the set that it is in for a Dockerfile.
func (s *sets) add(bump Bump, dockerfile string) {
	name, subject := s.opts.Apart(bump, dockerfile), s.plan.apart(bump)
	at := s.find(name, subject)
	if at < 0 {
		at, s.all = len(s.all), append(s.all, &set{name: name})
	}
	if !slices.Contains(s.all[at].subjects, subject) {
		s.all[at].subjects = append(s.all[at].subjects, subject)
	}
}

// find returns the set of a name or, without one, of a line; -1 where there is none.
func (s *sets) find(name string, subject Subject) int {
	return slices.IndexFunc(s.all, func(o *set) bool {
		return o.name == name && (name != "" || o.subjects[0].isOn(subject))
	})
}

// of returns the set that a base is in for a Dockerfile.
func (s *sets) of(bump Bump, dockerfile string) int {
	if s.opts.Apart == nil {
		return 0
	}
	return s.find(s.opts.Apart(bump, dockerfile), s.plan.apart(bump))
}

// apart is the subject of a bump whose changes are kept apart. Images that no build of the repository
// makes have one line: which versions of them are in use changes from day to day, and the branch does not.
func (p *Plan) apart(bump Bump) Subject {
	s := Subject{Image: bump.Image, Version: bump.Version(), From: bump.From}
	if lines := p.Graph.Lines(bump.Image); len(lines) > 1 {
		s.Line = p.line(bump)
	}
	return s
}

// Apart returns the subject that changes of a bump are found by where those of all lines are kept
// apart.
func (p *Plan) Apart(bump Bump) Subject { return p.apart(bump) }

// isOn reports whether two subjects are of one line.
func (s Subject) isOn(o Subject) bool {
	return s.Image == o.Image && s.Line == o.Line && s.From == o.From
}

// key returns where items belong that are not kept apart: to the group of the first of them, and to the
// first set that one of them is for.
func (s *sets) key(items ...*Item) partKey {
	k := partKey{set: len(s.all)}
	for _, item := range items {
		for _, bump := range s.plan.aboutOne(item, s.byLine) {
			k.set = min(k.set, s.of(bump, item.File.Path))
		}
	}
	if k.set == len(s.all) { // nothing tells
		k.set = 0
	}
	if s.opts.Apart != nil && len(s.all) > k.set && s.all[k.set].name != "" {
		k.groupKey = ChangeOptions{Name: s.all[k.set].name}.key(items[0]) // a name of the configuration is that of one change
		return k
	}
	k.groupKey = s.opts.key(items[0])
	return k
}

// bumps returns the bases that the title of a change names: all of its set and, where others had to
// come along, those.
func (s *sets) bumps(set int, items []*Item) []Bump {
	if s.opts.Apart == nil {
		return s.plan.Bumps
	}
	if about := s.plan.About(items); len(about) > 0 {
		return about
	}
	return slices.DeleteFunc(slices.Clone(s.plan.Bumps), func(b Bump) bool { return s.of(b, "") != set })
}
