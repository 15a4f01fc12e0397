package monorepo

import (
	"cmp"
	"context"
	"slices"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// Findings are what a person who sets a repository up should know of it: what is known, and what a
// configuration can add. What the configuration that was read says is no finding any more.
type Findings struct {
	Dockerfiles          int
	Builds               int
	References, Resolved int // of what builds need, each place once; those whose value is known in every build
	Versioned, Moving    int // of those known in a build: with a version that counts up, which the bot moves; the others
	Services, Outside    int // builds on which nothing is based; images that come from elsewhere

	Bases    []Base       // that a build here makes and another is based on, by image and path
	Unclear  []Unclear    // in the order of the graph's notes
	Unknown  []Unresolved // by place
	NoNext   []NoNext     // by image
	Teams    []string     // that CODEOWNERS gives Dockerfiles to, sorted; nil where it gives none
	Suggests string       // a base and its next version, to look at; "" where none has one that is known
	AllPaths []string     // of the Dockerfiles, sorted
}

// A Base is an image that a Dockerfile here makes, and others are based on.
type Base struct {
	Image      string
	Path       string // the Dockerfile, or what a Dockerfile inside another file is called by
	Targets    []string
	Rule       graph.Rule
	Where      string   // path:line of what says it; "" where names alone do
	Like       string   // for graph.Similar: the image that it makes under its own name
	Lines      []string // the tags in use of its lines, where other Dockerfiles make the image, too; sorted
	Dependents int      // builds other than its own
	Derived    bool     // it is based on another one
}

// An Unclear is something that cannot be told of who makes an image.
type Unclear struct {
	Problem    *source.Error
	Image, Tag string
	Candidates []Candidate // that the configuration could name, by path; none where it cannot settle it
}

// A Candidate is a Dockerfile that may make an image, and how that is said.
type Candidate struct{ Path, Target, Where string }

// An Unresolved is a reference of which not all is known.
type Unresolved struct {
	Pos        source.Pos
	Dockerfile string
	Written    string
	Code       source.Code // of the diagnostic that says why; "" without one
	Why        string
	Partly     bool // another build of the Dockerfile gives it a value
}

// A NoNext is a derived base of which nothing tells the next version.
type NoNext struct {
	Image string
	Why   string // one line
}

// Findings looks for what a configuration can add. It asks no registry. The error is that of [Repository.Affected].
func (r *Repository) Findings(ctx context.Context) (*Findings, error) {
	g := r.Graph()
	f := &Findings{AllPaths: r.AllDockerfiles(), Dockerfiles: len(r.AllDockerfiles()), Builds: len(g.Builds())}
	f.Bases = r.bases()
	f.Unclear = r.unclear(f.Bases)
	r.countReferences(f)
	for _, image := range g.Images() {
		if image.Maker() == nil && !image.Nameless && len(image.Uses()) > 0 && image.Line == "" {
			f.Outside++
		}
	}
	for _, build := range g.Builds() {
		if build.File.IsDockerfile() && !build.Dependent().Base {
			f.Services++
		}
	}
	f.Teams = r.teams()
	var err error
	f.NoNext, err = r.withoutNext(ctx)
	f.Suggests = r.suggestion(f.Bases)
	return f, err
}

// bases returns what is made here and in use, the lines of one Dockerfile as one.
func (r *Repository) bases() []Base {
	var all []Base
	at := map[[2]string]int{}
	makers := map[string]map[string]bool{} // Dockerfiles, by image
	users := map[[2]string]map[*graph.Node]bool{}
	for _, image := range r.Graph().Images() {
		claim, ok := image.Claim()
		if !ok || image.Nameless || claim.Image == "" || !image.IsConsumed() {
			continue
		}
		maker := image.Maker()
		key := [2]string{image.Key, maker.Key}
		i, known := at[key]
		if !known {
			i = len(all)
			at[key], users[key] = i, map[*graph.Node]bool{}
			all = append(all, Base{Image: image.Key, Path: maker.Key, Rule: claim.Rule, Like: claim.Like, Derived: r.isDerived(maker)})
			if !claim.Rule.IsGuess() {
				all[i].Where = claim.Where
			}
		}
		base := &all[i]
		if makers[image.Key] == nil {
			makers[image.Key] = map[string]bool{}
		}
		makers[image.Key][maker.Key] = true
		if !slices.Contains(base.Targets, maker.File.Target) {
			base.Targets = append(base.Targets, maker.File.Target)
		}
		for _, use := range image.Uses() {
			if use.T == maker {
				continue
			}
			users[key][use.T] = true
			for _, ref := range use.Refs {
				if ref.Image.Tag != "" && !slices.Contains(base.Lines, ref.Image.Tag) {
					base.Lines = append(base.Lines, ref.Image.Tag)
				}
			}
		}
	}
	for i := range all {
		base := &all[i]
		base.Dependents = len(users[[2]string{base.Image, base.Path}])
		slices.Sort(base.Targets)
		slices.Sort(base.Lines)
		if len(makers[base.Image]) < 2 {
			base.Lines = nil
		}
	}
	slices.SortFunc(all, func(a, b Base) int { return cmp.Or(cmp.Compare(a.Image, b.Image), cmp.Compare(a.Path, b.Path)) })
	return all
}

// isDerived reports whether a build is based on an image that another build here makes.
func (r *Repository) isDerived(build *graph.Node) bool {
	return slices.ContainsFunc(build.File.Refs, func(ref *scanner.Ref) bool {
		return ref.Exposure > scanner.Unreachable && slices.ContainsFunc(r.Graph().MakersOf(ref), func(maker *graph.Node) bool { return maker != build })
	})
}

// unclear returns what the graph notes, with what the configuration could name. What was taken for a base by its
// name stands with the bases.
func (r *Repository) unclear(bases []Base) []Unclear {
	g := r.Graph()
	var all []Unclear
	for _, note := range g.Notes() {
		if len(r.Config.Reported([]*source.Error{note.Error})) == 0 {
			continue // the configuration says that it is not to be reported
		}
		if note.Code == source.CodeSimilarName && slices.ContainsFunc(bases, func(b Base) bool { return b.Rule.IsGuess() && b.Image == note.Image }) {
			continue
		}
		u := Unclear{Problem: note.Error, Image: note.Image}
		for _, ref := range g.References(note.Image) {
			if ref.Pos == note.Pos {
				u.Tag = cmp.Or(ref.Image.Tag, "latest")
				break
			}
		}
		switch note.Code {
		case source.CodeTwoMakers:
			for _, w := range g.Explain(note.Image, u.Tag).Makers {
				u.add(w.Build, w.Claim.Where)
			}
			if len(u.Candidates) == 1 { // they differ in arguments, which the configuration does not tell apart
				u.Candidates = nil
			}
		case source.CodeNoLine:
			e := g.Explain(note.Image, u.Tag)
			for _, w := range slices.Concat(e.Makers, e.Others) {
				u.add(w.Build, w.Claim.Where)
			}
		default:
			for _, build := range note.Builds {
				u.add(build, "")
			}
		}
		all = append(all, u)
	}
	return all
}

// add adds a build, each Dockerfile and target once.
func (u *Unclear) add(build *graph.Node, where string) {
	if !slices.ContainsFunc(u.Candidates, func(c Candidate) bool { return c.Path == build.Key && c.Target == build.File.Target }) {
		u.Candidates = append(u.Candidates, Candidate{build.Key, build.File.Target, where})
	}
}

// countReferences counts the places of references that builds need, and collects those that are not resolved.
func (r *Repository) countReferences(f *Findings) {
	resolved := map[source.Pos]bool{} // whether it is on a version, in one of the builds
	unknown := map[source.Pos]Unresolved{}
	for _, file := range r.Files {
		for _, ref := range file.Refs {
			switch {
			case ref.Exposure == scanner.Unreachable || ref.Link != "":
			case !ref.Image.IsZero():
				resolved[ref.Pos] = resolved[ref.Pos] || !imageref.Follows(ref.Image.Tag)
			case unknown[ref.Pos].Written == "":
				u := Unresolved{Pos: ref.Pos, Dockerfile: file.Path, Written: ref.Written, Why: "its value is not known"}
				for _, d := range file.Diagnostics {
					if d.Pos.Path == ref.Pos.Path && d.Pos.Line == ref.Pos.Line {
						u.Code, u.Why = d.Code, d.Message
						break
					}
				}
				unknown[ref.Pos] = u
			}
		}
	}
	for pos, u := range unknown {
		_, u.Partly = resolved[pos]
		f.Unknown = append(f.Unknown, u)
		if !u.Partly {
			f.References++
		}
	}
	for _, isVersioned := range resolved {
		f.References++
		if isVersioned {
			f.Versioned++
		} else {
			f.Moving++
		}
	}
	slices.SortFunc(f.Unknown, func(a, b Unresolved) int { return a.Pos.Compare(b.Pos) })
	f.Resolved = f.References - len(f.Unknown)
}

// teams returns who owns Dockerfiles.
func (r *Repository) teams() []string {
	owned, err := readOwners(r.files)
	if err != nil {
		return nil // --group team says what is wrong
	}
	var teams []string
	for _, p := range r.AllDockerfiles() {
		teams = append(teams, owned(p)...)
	}
	slices.Sort(teams)
	return slices.Compact(teams)
}
