package bumper

import (
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
)

// View is what a template sees of a change. All texts in it are inert: in a body those that anybody may
// choose are elements <code>, in titles and messages what makes them special is followed by a space.
type View struct {
	Title     string        // what the title is without a template; with one, in body and commit, what that made
	Bases     []BaseView    // by image and version
	Services  []ServiceView // the Dockerfiles that are edited, by path
	Edits     []EditView    // by file and place
	Group     string        // which part of the plan it is, such as the path of a service; "" where it is all
	Part      int           // the number of the part, from 1
	Parts     int           // how many parts the plan has
	Wave      int           // 1 is based on the base itself
	Waves     int           // how many the plan has
	Step      string        // patch, minor or major: the largest of the bases; "" where only digests move
	Emergency bool
	Owners    []string // of the files, as CODEOWNERS has them without the @
	Command   string   // what makes the change again
	Lines     string   // the edits, a line each, as a commit message lists them; in a body a list

	Sections // of a body
}

// A BaseView is a base of a change.
type BaseView struct {
	Image   string // registry.example/acme/base-java
	Name    string // base-java
	Line    string // 17; "" where the image has one line
	Version string // that it has now
	From    string // the versions that the change moves from, with commas
	Step    string // patch, minor or major; "" where a digest alone moves
}

// A ServiceView is a Dockerfile that a change edits.
type ServiceView struct{ Path, Name, Role, Exposure string }

// An EditView is an edit.
type EditView struct {
	Path     string
	Line     int
	Old, New string
}

// newView returns what a template sees, with every text made inert.
func newView(c Change, o TextOptions, f facts, title string, inert func(string) string) *View {
	v := &View{
		Title: title, Part: c.part, Parts: c.parts, Wave: c.Wave, Waves: f.waves, Step: f.step, Emergency: o.Emergency,
		Command: titleText(o.Command),
	}
	if c.Group != "" {
		v.Group = inert(c.Group)
	}
	for _, owner := range f.owners {
		v.Owners = append(v.Owners, inert(owner))
	}
	for _, base := range f.bases { // a reference has no characters that mean anything
		b := BaseView{Image: base.Image, Name: imageref.Base(base.Image), Line: base.line, Version: shortVersion(base.Version()), From: strings.Join(base.from, ", ")}
		if base.step >= imageref.Patch {
			b.Step = base.step.String()
		}
		for _, text := range []*string{&b.Image, &b.Name, &b.Line, &b.Version, &b.From} {
			*text = titleText(*text)
		}
		v.Bases = append(v.Bases, b)
	}
	for _, item := range c.dockerfiles() {
		v.Services = append(v.Services, ServiceView{inert(item.File.Path), inert(item.Name), item.Role(), item.Exposure.String()})
	}
	for _, file := range c.Files {
		for _, e := range file.Edits {
			v.Edits = append(v.Edits, EditView{inert(e.Path), e.Line, inert(e.Old), inert(e.New)})
		}
	}
	return v
}

// samples are what a template is tried on: the least that a change has, and all that it may have.
func samples() []*View {
	base := BaseView{Image: "registry.example/acme/base-java", Name: "base-java", Version: "1.0.1"}
	least := &View{
		Title: "Update base-java to 1.0.1", Bases: []BaseView{base}, Services: []ServiceView{{"services/a/Dockerfile", "a", "service", "runtime"}},
		Edits: []EditView{{"services/a/Dockerfile", 1, "1.0.0", "1.0.1"}}, Part: 1, Parts: 1, Wave: 1, Waves: 1, Command: "propagate",
		Lines: "services/a/Dockerfile:1: 1.0.0 -> 1.0.1\n", Sections: Sections{Summary: "summary\n", Table: "table\n", Graph: "graph\n", Again: "again\n"},
	}
	all := *least
	base.Line, base.From, base.Step = "17", "1.0.0", "patch"
	all.Bases = []BaseView{base, base}
	all.Group, all.Parts, all.Waves, all.Step, all.Emergency, all.Owners = "services/a", 12, 3, "patch", true, []string{"acme/team"}
	all.Rebuilt, all.Waiting, all.Left = "rebuilt\n", "waiting\n", "left\n"
	return []*View{least, &all}
}
