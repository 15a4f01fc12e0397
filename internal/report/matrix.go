package report

import (
	"slices"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// Matrix is a matrix of GitHub Actions: strategy.matrix takes it as it is
// (GitHub docs, "Running variations of jobs in a workflow").
type Matrix struct {
	Include []MatrixJob `json:"include"`
}

// MatrixJob is one job of it.
type MatrixJob struct {
	Name      string            `json:"name"`
	Path      string            `json:"path"`
	Inline    string            `json:"inline,omitempty"` // the Dockerfile itself, of one that is a text inside another file
	Target    string            `json:"target"`
	Args      map[string]string `json:"args"`
	Platforms []string          `json:"platforms"`
	Context   string            `json:"context"`
	Contexts  map[string]string `json:"contexts"` // the named ones; what an earlier wave makes as "docker-image://"
	Image     string            `json:"image"`    // the repository that it makes, "" where that is not known
	Tags      []string          `json:"tags"`     // the references that its image gets
	Labels    map[string]string `json:"labels"`
	Wave      int               `json:"wave"`
	Exposure  string            `json:"exposure"`

	needs []string // the names of those that it is based on
}

// Matrix returns what has to be rebuilt as a matrix, a job for each build.
func (a *Affected) Matrix() Matrix {
	b := a.baker()
	m := Matrix{Include: []MatrixJob{}}
	for _, j := range a.jobs {
		for i, build := range j.builds {
			args := build.Args
			if args == nil {
				args = map[string]string{}
			}
			m.Include = append(m.Include, MatrixJob{
				Name: j.names[i], Path: j.File.Path, Inline: j.inline, Target: build.Target, Args: args, Platforms: notNil(build.Platforms), Context: build.Context,
				Contexts: b.plainContexts(j.names[i]), Image: j.image(build), Tags: notNil(j.tags(i)), Labels: plainLabels(b.labels(j, i)), Wave: j.Wave, Exposure: j.Exposure.String(), needs: b.needs[j.names[i]],
			})
		}
	}
	return m
}

// OfWave returns the part of a matrix that is of one wave.
func (m Matrix) OfWave(wave int) Matrix {
	return Matrix{Include: notNil(slices.DeleteFunc(slices.Clone(m.Include), func(j MatrixJob) bool { return j.Wave != wave }))}
}

// Page returns the part of a matrix that is one page, from 1, of pages of so many jobs: an empty one beyond the last.
func (m Matrix) Page(number, size int) Matrix {
	from := min((number-1)*size, len(m.Include))
	return Matrix{Include: notNil(slices.Clone(m.Include[from:min(from+size, len(m.Include))]))}
}

// waves returns the highest wave of a matrix.
func (m Matrix) waves() int {
	highest := 0
	for _, j := range m.Include {
		highest = max(highest, j.Wave)
	}
	return highest
}

// Pages says how many jobs a matrix has, and on how many pages they are.
type Pages struct {
	Schema string `json:"schema"`
	Count  int    `json:"count"`
	Pages  int    `json:"pages"`
	Waves  int    `json:"waves"` // the highest wave there is
}

// Pages counts the pages of so many jobs.
func (m Matrix) Pages(size int) Pages {
	return Pages{Schema: "propagate/pages/v1", Count: len(m.Include), Pages: (len(m.Include) + size - 1) / size, Waves: m.waves()}
}

// image returns the first of the images that a build makes.
func (j job) image(build monorepo.Build) string {
	for _, made := range j.Makes {
		if !made.Nameless && build.Makes(imageref.Ref{Repository: made.Key}) > 0 {
			return made.Key
		}
	}
	return ""
}
