package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/matihlabs/propagate/internal/bots"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// OtherBot is what the documents for all bots say.
type OtherBot struct {
	Schema      string       `json:"schema"`
	Revision    string       `json:"revision"`
	Bases       []LeftBase   `json:"bases"`
	Differences []Difference `json:"differences"`
}

// LeftBase is a base that is left to propagate.
type LeftBase struct {
	Image       string   `json:"image"`
	Dockerfiles []string `json:"dockerfiles"`
}

// Difference is something that another bot leaves alone and propagate does not.
type Difference struct {
	Where   string `json:"where"` // path:line:col
	Message string `json:"message"`
}

// Renovate is the document of propagate config renovate.
type Renovate struct {
	OtherBot
	PackageRules []bots.PackageRule `json:"packageRules"`
}

// Dependabot is the document of propagate config dependabot.
type Dependabot struct {
	OtherBot
	Directories []string         `json:"directories"`
	Ignore      []DependencyName `json:"ignore"`
}

// DependencyName is an entry of Dependabot's ignore.
type DependencyName struct {
	Name string `json:"dependency-name"`
}

// NewRenovate makes the document.
func NewRenovate(revision string, bases []bots.Base, differences []monorepo.Difference) *Renovate {
	return &Renovate{OtherBot: otherBot("renovate", revision, bases, differences), PackageRules: bots.PackageRules(bases)}
}

// NewDependabot makes the document.
func NewDependabot(revision string, bases []bots.Base, differences []monorepo.Difference) *Dependabot {
	update := bots.DockerUpdates(bases)
	d := &Dependabot{OtherBot: otherBot("dependabot", revision, bases, differences), Directories: update.Directories, Ignore: []DependencyName{}}
	for _, name := range update.Ignore {
		d.Ignore = append(d.Ignore, DependencyName{name})
	}
	return d
}

func otherBot(name, revision string, bases []bots.Base, differences []monorepo.Difference) OtherBot {
	o := OtherBot{Schema: "propagate/" + name + "/v1", Revision: revision, Bases: []LeftBase{}, Differences: []Difference{}}
	for _, base := range bases {
		o.Bases = append(o.Bases, LeftBase{Image: base.Image, Dockerfiles: append([]string{}, base.Files...)})
	}
	for _, d := range differences {
		o.Differences = append(o.Differences, Difference{Where: d.Where.String(), Message: d.Text})
	}
	return o
}

// WriteText writes what is to be in renovate.json.
func (r *Renovate) WriteText(w io.Writer) error {
	return WriteJSON(w, struct {
		PackageRules []bots.PackageRule `json:"packageRules"`
	}{r.PackageRules})
}

// WriteText writes an entry for the list updates of dependabot.yml.
func (d *Dependabot) WriteText(w io.Writer) error {
	var b strings.Builder
	list := func(key, name string, values []string) {
		if len(values) == 0 {
			fmt.Fprintf(&b, "  %s: []\n", key)
			return
		}
		fmt.Fprintf(&b, "  %s:\n", key)
		for _, value := range values {
			text, _ := json.Marshal(value) // a string always can be, and is one of YAML, too
			fmt.Fprintf(&b, "    - %s%s\n", name, text)
		}
	}
	b.WriteString("- package-ecosystem: docker\n")
	list("directories", "", d.Directories)
	b.WriteString("  schedule:\n    interval: weekly\n")
	var names []string
	for _, dependency := range d.Ignore {
		names = append(names, dependency.Name)
	}
	list("ignore", "dependency-name: ", names)
	_, err := io.WriteString(w, b.String())
	return err
}
