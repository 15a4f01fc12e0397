package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// Affected is the document of propagate affected.
type Affected struct {
	Schema      string                      `json:"schema"`
	Bases       []Base                      `json:"bases"`
	Dockerfiles []AffectedFile              `json:"dockerfiles"`
	items       map[string]*bumper.Item     // by path
	builds      map[string][]monorepo.Build // by path, of what has to be rebuilt; one at least
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

// NewAffected makes the document of a plan. builds returns how the Dockerfile of an item
// is built, see [monorepo.Repository.BuildsOf].
func NewAffected(p *bumper.Plan, builds func(item *bumper.Item) []monorepo.Build) *Affected {
	doc := &Affected{
		Schema: "propagate/affected/v1", Bases: bases(p.Bumps), Dockerfiles: []AffectedFile{},
		items: map[string]*bumper.Item{}, builds: map[string][]monorepo.Build{},
	}
	for _, item := range p.Items {
		if !item.File.IsDockerfile() {
			continue // there is nothing to rebuild of it
		}
		doc.items[item.File.Path] = item
		doc.Dockerfiles = append(doc.Dockerfiles, AffectedFile{
			Path: item.File.Path, Name: item.Name, Role: item.Role(), Exposure: item.Exposure.String(), Wave: item.Wave,
			Through: notNil(item.Through()), Current: item.Current, Action: item.Action.String(), Reason: string(item.Reason), WaitsFor: notNil(item.WaitsFor),
		})
	}
	for _, f := range doc.rebuilt() {
		doc.builds[f.Path] = builds(doc.items[f.Path])
	}
	return doc
}

// rebuilt returns the files that have to be rebuilt, by wave and path.
func (a *Affected) rebuilt() []AffectedFile {
	var files []AffectedFile
	for _, f := range a.Dockerfiles {
		known := slices.ContainsFunc(files, func(other AffectedFile) bool { return other.Path == f.Path })
		if !known && (f.Action == bumper.ActionBump.String() || f.Action == bumper.ActionRebuild.String()) {
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

// WritePaths writes the paths of what has to be rebuilt, one a line, by wave.
// quote is how a path stands on a line.
func (a *Affected) WritePaths(w io.Writer, quote func(path string) string) error {
	for _, f := range a.rebuilt() {
		if _, err := fmt.Fprintln(w, quote(f.Path)); err != nil {
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
	Context  string `json:"context"` // of the first way in which it is built
	Image    string `json:"image"`   // the repository that it makes, "" where that is not known
	Wave     int    `json:"wave"`
	Exposure string `json:"exposure"`
}

// Matrix returns what has to be rebuilt as a matrix.
func (a *Affected) Matrix() Matrix {
	m := Matrix{Include: []MatrixJob{}}
	for _, f := range a.rebuilt() {
		m.Include = append(m.Include, MatrixJob{Name: f.Name, Path: f.Path, Context: a.builds[f.Path][0].Context, Image: a.image(f), Wave: f.Wave, Exposure: f.Exposure})
	}
	return m
}

func (a *Affected) image(f AffectedFile) string {
	for _, made := range a.items[f.Path].Makes {
		if !onlyLinked(made) && a.builds[f.Path][0].Makes(imageref.Ref{Repository: made}) > 0 {
			return made
		}
	}
	return ""
}

// onlyLinked holds for the names of images that only their build files know.
func onlyLinked(image string) bool { return strings.Contains(image, "#") }
