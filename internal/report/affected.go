package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/source"
)

// Affected is the document of propagate affected.
type Affected struct {
	Schema      string                  `json:"schema"`
	Bases       []Base                  `json:"bases"`
	Dockerfiles []AffectedFile          `json:"dockerfiles"`
	items       map[string]*bumper.Item // by path
}

// AffectedFile is a dependent in it.
type AffectedFile struct {
	Path     string   `json:"path"`
	Name     string   `json:"name"`
	Role     string   `json:"role"` // "service" or "base"
	Exposure string   `json:"exposure"`
	Wave     int      `json:"wave"`
	Through  []string `json:"through"` // from the patched base to the image that it names
	Current  string   `json:"current"`
	Action   string   `json:"action"`
	Reason   string   `json:"reason"`
	WaitsFor []string `json:"waits_for"`
}

// NewAffected makes the document of a plan.
func NewAffected(p *bumper.Plan) *Affected {
	doc := &Affected{Schema: "propagate/affected/v1", Bases: bases(p.Bumps), Dockerfiles: []AffectedFile{}, items: map[string]*bumper.Item{}}
	for _, item := range p.Items {
		if !item.File.IsDockerfile() {
			continue // there is nothing to rebuild of it
		}
		doc.items[item.File.Path] = item
		doc.Dockerfiles = append(doc.Dockerfiles, AffectedFile{
			Path: item.File.Path, Name: item.Name, Role: item.Role(), Exposure: item.Exposure.String(), Wave: item.Wave,
			Through: notNil(item.Through), Current: item.Current, Action: item.Action.String(), Reason: string(item.Reason), WaitsFor: notNil(item.WaitsFor),
		})
	}
	return doc
}

// rebuilt returns the files that have to be rebuilt, by wave and path.
func (a *Affected) rebuilt() []AffectedFile {
	var files []AffectedFile
	for _, f := range a.Dockerfiles {
		if f.Action == bumper.ActionBump.String() || f.Action == bumper.ActionRebuild.String() {
			files = append(files, f)
		}
	}
	slices.SortStableFunc(files, func(x, y AffectedFile) int { return cmp.Compare(x.Wave, y.Wave) })
	return files
}

// WriteText writes a line for every dependent, wave after wave.
func (a *Affected) WriteText(w io.Writer) error {
	files := slices.Clone(a.Dockerfiles)
	slices.SortStableFunc(files, func(x, y AffectedFile) int { return cmp.Compare(x.Wave, y.Wave) })
	rows := []string{row("WAVE", "ACTION", "EXPOSURE", "ROLE", "CURRENT", "DOCKERFILE")}
	for _, f := range files {
		action := f.Action
		if f.Reason != "" {
			action += " (" + f.Reason + ")"
		}
		rows = append(rows, row(fmt.Sprint(f.Wave), action, f.Exposure, f.Role, f.Current, f.Path))
	}
	if len(files) == 0 {
		rows = nil
	}
	if err := columns(w, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s of %s to rebuild\n", Count(len(a.rebuilt()), "Dockerfile"), Count(len(files), "dependent"))
	return err
}

// WritePaths writes the paths of what has to be rebuilt, one a line, by wave. A
// path with control characters is quoted as git quotes it.
func (a *Affected) WritePaths(w io.Writer) error {
	for _, f := range a.rebuilt() {
		if _, err := fmt.Fprintln(w, source.QuotePath(f.Path)); err != nil {
			return err
		}
	}
	return nil
}

// Matrix is a matrix of GitHub Actions: strategy.matrix takes it as it is
// (GitHub docs, "Running variations of jobs in a workflow").
type Matrix struct {
	Include []MatrixJob `json:"include"`
}

// MatrixJob is one job of it.
type MatrixJob struct {
	Name     string `json:"name"`
	Path     string `json:"path"`
	Context  string `json:"context"`
	Image    string `json:"image"` // the repository that it makes, "" where that is not known
	Wave     int    `json:"wave"`
	Exposure string `json:"exposure"`
}

// Matrix returns what has to be rebuilt as a matrix.
func (a *Affected) Matrix() Matrix {
	m := Matrix{Include: []MatrixJob{}}
	for _, f := range a.rebuilt() {
		m.Include = append(m.Include, MatrixJob{Name: f.Name, Path: f.Path, Context: a.items[f.Path].Context, Image: a.image(f), Wave: f.Wave, Exposure: f.Exposure})
	}
	return m
}

func (a *Affected) image(f AffectedFile) string {
	for _, made := range a.items[f.Path].Makes {
		if !strings.Contains(made, "#") { // a name that only its build file knows
			return made
		}
	}
	return ""
}

// Bake is a bake file in its JSON form (Docker docs, "Bake file reference").
type Bake struct {
	Group  map[string]BakeGroup  `json:"group"`
	Target map[string]BakeTarget `json:"target"`
}

// BakeGroup is a set of targets.
type BakeGroup struct {
	Targets []string `json:"targets"`
}

// BakeTarget is one image to build. Contexts makes bake build a derived base
// first and use it for the references to it.
type BakeTarget struct {
	Context    string            `json:"context"`
	Dockerfile string            `json:"dockerfile"`
	Tags       []string          `json:"tags,omitempty"`
	Contexts   map[string]string `json:"contexts,omitempty"`
}

// Bake returns what has to be rebuilt as a bake file with a group for each wave
// and "default" for all.
func (a *Affected) Bake() Bake {
	b := Bake{Group: map[string]BakeGroup{"default": {Targets: []string{}}}, Target: map[string]BakeTarget{}}
	makers := map[string]string{} // image -> target
	names := map[string]string{}  // path -> target
	for _, f := range a.rebuilt() {
		name := bakeName(f.Name)
		for n := 2; b.Target[name].Context != "" || bakeGroup().MatchString(name); n++ {
			name = fmt.Sprintf("%s-%d", bakeName(f.Name), n)
		}
		names[f.Path] = name
		context := a.items[f.Path].Context
		t := BakeTarget{Context: context, Dockerfile: relative(context, f.Path)}
		for _, image := range a.items[f.Path].Makes {
			makers[image] = name
		}
		b.Target[name] = t
		for _, group := range []string{"default", fmt.Sprintf("wave-%d", f.Wave)} {
			b.Group[group] = BakeGroup{Targets: append(b.Group[group].Targets, name)}
		}
	}
	for _, f := range a.rebuilt() {
		// Both as the Dockerfile has it now and as it will have it once it is edited.
		contexts := a.items[f.Path].Contexts
		for _, reference := range slices.Sorted(maps.Keys(contexts)) {
			maker := makers[contexts[reference]]
			if maker == "" {
				continue
			}
			t := b.Target[names[f.Path]]
			if t.Contexts == nil {
				t.Contexts = map[string]string{}
			}
			t.Contexts[reference] = "target:" + maker
			b.Target[names[f.Path]] = t
		}
		for _, release := range a.items[f.Path].Releases {
			t := b.Target[names[f.Path]]
			t.Tags = append(t.Tags, release.String())
			b.Target[names[f.Path]] = t
		}
	}
	return b
}

// relative returns the path of a Dockerfile from the directory of its context.
func relative(context, dockerfile string) string {
	if context == "." {
		return dockerfile
	}
	if below, ok := strings.CutPrefix(dockerfile, context+"/"); ok {
		return below
	}
	return strings.Repeat("../", 1+strings.Count(context, "/")) + dockerfile
}

// bakeGroup holds for the names that groups have.
var bakeGroup = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:default|wave-[0-9]+)$`) })

// bakeName keeps what the name of a target may hold.
func bakeName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, name)
}
