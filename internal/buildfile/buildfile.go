package buildfile

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A Result is what build files say.
type Result struct {
	Builds   []Build   // by place
	Problems []Problem // by place

	// Called are the paths of the workflows, actions and overlays that others use, sorted.
	Called []string

	// Looked are the paths of all files and directories that were read or found
	// missing, sorted: with other ones the result may be another.
	Looked []string

	// Unreadable are the files that would have been read, by path. Without them the rest
	// is not all that there is, and it is not to be kept.
	Unreadable []Unreadable
}

// readers read one file. They return what they understand; a file that is not
// what its name says is a problem, or nothing at all for programs.
var readers = map[Kind]func(t *tree, f *trace.File) ([]Build, []Problem){
	Compose:      readCompose,
	Skaffold:     readSkaffold,
	Bake:         readBake,
	Shell:        func(t *tree, f *trace.File) ([]Build, []Problem) { return readScript(t, f, submake) },
	Makefile:     readMakefile,
	Workflow:     readWorkflow,
	Devcontainer: readDevcontainer,
	CloudBuild:   func(t *tree, f *trace.File) ([]Build, []Problem) { return readCloudBuild(t, f, submake) },
}

// Read reads the build files at paths. dockerfiles are those of the repository: a
// build of any other is left out. The error is that of ctx.
func Read(ctx context.Context, fsys fs.FS, paths, dockerfiles []string) (*Result, error) {
	t := reader{newTree(fsys, dockerfiles)}
	if err := t.prefilter(ctx, paths); err != nil {
		return nil, err
	}
	return t.readAll(ctx, paths)
}

// A reader reads the build files of a repository.
type reader struct{ *tree }

func (t reader) readAll(ctx context.Context, paths []string) (*Result, error) {
	results := make([]Result, len(paths))
	err := each(ctx, paths, func(i int, p string) { results[i] = t.readFile(p) })
	if err != nil {
		return nil, err
	}
	all := &Result{}
	for _, r := range results {
		all.Builds = append(all.Builds, r.Builds...)
		all.Problems = append(all.Problems, r.Problems...)
	}
	all.Builds = t.withoutCalled(all.Builds)
	all.Called, all.Looked, all.Unreadable = t.calledFiles(), t.lookedAt(), t.unreadableFiles()
	slices.SortStableFunc(all.Builds, func(a, b Build) int { return comparePos(a.Where, b.Where) })
	slices.SortStableFunc(all.Problems, func(a, b Problem) int { return comparePos(a.Pos, b.Pos) })
	return all, nil
}

// each calls f for all elements of a list, several at once. The error is that of ctx.
func each[T any](ctx context.Context, list []T, f func(i int, element T)) error {
	var group errgroup.Group
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return nil
				}
				f(i, list[i])
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// prefilter reads the files, and finds out which of the scripts among them build no images.
func (t reader) prefilter(ctx context.Context, paths []string) error {
	words := make([]*scriptWords, len(paths))
	const atOnce = 64 // so that git is not asked for one after the other
	err := each(ctx, slices.Collect(slices.Chunk(paths, atOnce)), func(n int, part []string) {
		source.ReadEachUpTo(t.fsys, part, MaxFileSize, func(i int, src []byte, err error) {
			p := part[i]
			f := t.put(p, src, err)
			if kind := KindOf(p); kind.Heuristic() && f != nil {
				words[n*atOnce+i] = wordsOf(kind, f.Src)
			}
		})
	})
	if err != nil {
		return err
	}
	all := map[string]*scriptWords{}
	for i, p := range paths {
		if words[i] != nil {
			all[p] = words[i]
		}
	}
	building := relevant(all)
	t.building = func(p string) bool { return all[p] == nil || building[p] }
	return nil
}

func (t reader) readFile(p string) (r Result) {
	read := readers[KindOf(p)]
	f := t.read(p)
	if f == nil || read == nil {
		return Result{}
	}
	defer func() {
		// One file that takes a parser down must not take the others with it.
		if failure := recover(); failure != nil {
			r = Result{Problems: []Problem{{source.CodeBuildFileSyntax, source.Pos{Path: p}, fmt.Sprintf("the parser gave up: %v", failure)}}}
		}
	}()
	builds, problems := read(t.tree, f)
	for i := range builds {
		builds[i].File, builds[i].Kind = p, KindOf(p)
		builds[i].loosen()
	}
	return Result{Builds: builds, Problems: problems}
}

// withoutCalled leaves out what files build that others of the repository call, and nothing else
// starts: with the defaults of their inputs nobody builds.
func (t reader) withoutCalled(builds []Build) []Build {
	alone := map[string]bool{}
	called := t.calledFiles()
	for _, p := range called {
		if f := t.read(p); f != nil && KindOf(p) != Compose && isCalledOnly(f) {
			alone[path.Clean(p)] = true
		}
	}
	kept := builds[:0]
	for _, b := range builds {
		if isPart := b.isPart && slices.Contains(called, b.File); alone[b.File] || isPart {
			continue
		}
		kept = append(kept, b)
	}
	return kept
}
