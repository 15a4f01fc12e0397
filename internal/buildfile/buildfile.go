package buildfile

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/buildfile/bake"
	"github.com/matihlabs/propagate/internal/buildfile/compose"
	"github.com/matihlabs/propagate/internal/buildfile/devcontainer"
	"github.com/matihlabs/propagate/internal/buildfile/makefile"
	"github.com/matihlabs/propagate/internal/buildfile/pipeline"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/buildfile/skaffold"
	"github.com/matihlabs/propagate/internal/buildfile/workflow"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A Result is what build files say.
type Result struct {
	Builds   []reading.Build   // by place
	Problems []reading.Problem // by place
	Uses     []compose.Use     // by place: what compose runs, and nothing in its file builds

	// Called are the paths of the workflows, actions and overlays that others use, and the names
	// of services that are built as another file includes them, sorted.
	Called []string

	// Scripts are the paths without an ending that are shell scripts by their first line, sorted.
	Scripts []string

	// Looked are the paths of all files and directories that were read or found
	// missing, sorted: with other ones the result may be another.
	Looked []string

	// Partial is set where a file could not be read that may be a script, and is not called
	// like one that builds. The result is not to be kept.
	Partial bool

	// Unreadable are the files that would have been read, by path. Without them the rest
	// is not all that there is, and it is not to be kept.
	Unreadable []reading.Unreadable
}

// following is what commands run that is of other formats.
var following = shell.Others{Make: makefile.Run, Steps: pipeline.FollowSteps}

// A readFunc reads one file. It returns what it understands; a file that is not what its name
// says is a problem, or nothing at all for programs.
type readFunc func(t *reading.Tree, f *trace.File, o shell.Others) ([]reading.Build, []reading.Problem)

// readers are those of each kind; package reading says which files are of it.
var readers = map[reading.Kind]readFunc{
	reading.Compose:      alone(compose.Read),
	reading.Bake:         alone(bake.Read),
	reading.Skaffold:     alone(skaffold.Read),
	reading.Devcontainer: alone(devcontainer.Read),
	reading.Workflow:     workflow.Read,
	reading.Pipeline:     pipeline.Read,
	reading.Tasks:        pipeline.Read,
	reading.Shell:        shell.Read,
	reading.Makefile:     makefile.Read,
}

// alone is a reader of files that run nothing.
func alone(read func(t *reading.Tree, f *trace.File) ([]reading.Build, []reading.Problem)) readFunc {
	return func(t *reading.Tree, f *trace.File, _ shell.Others) ([]reading.Build, []reading.Problem) {
		return read(t, f)
	}
}

// Read reads the build files at paths, and those of the programs among them (see
// [MayBeProgram]) that are shell scripts by their first line. dockerfiles are those of the repository: a
// build of any other is left out. The error is that of ctx.
//
// names are what the repository is called on its forge, such as acme/platform: workflows use
// it by that name.
func Read(ctx context.Context, fsys fs.FS, paths, dockerfiles []string, names ...string) (*Result, error) {
	t := reader{Tree: reading.NewTree(fsys, dockerfiles, names...)}
	isProgram := func(p string) bool { return reading.KindOf(p) == 0 }
	programs, err := t.prefilter(ctx, slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !isProgram(p) }), paths)
	if err != nil {
		return nil, err
	}
	all, err := t.readAll(ctx, append(slices.DeleteFunc(slices.Clone(paths), isProgram), programs...))
	if err == nil {
		all.Scripts, all.Partial = programs, t.Partial
		slices.Sort(all.Scripts)
	}
	return all, err
}

// A reader reads the build files of a repository.
type reader struct {
	*reading.Tree
	again bool // the files were read before, and what others call is known
}

func (t reader) readAll(ctx context.Context, paths []string) (*Result, error) {
	results := make([]Result, len(paths))
	err := each(ctx, paths, func(i int, p string) { results[i] = t.readFile(p) })
	if err != nil {
		return nil, err
	}
	all := &Result{}
	for i, p := range paths {
		all.Builds = append(all.Builds, results[i].Builds...)
		all.Problems = append(all.Problems, t.withoutOpen(p, results[i].Problems)...)
	}
	all.Problems = unique(all.Problems)
	all.Builds, all.Uses = compose.SplitUses(all.Builds)
	if !t.again {
		all.Problems = append(all.Problems, compose.Overruled(t.Tree, all.Builds)...)
	}
	all.Problems = all.missed() // before what is called is left to its callers
	all.Builds = relinked(t.withoutCalled(all.Builds))
	all.Called, all.Looked, all.Unreadable = t.CalledFiles(), t.LookedAt(), t.UnreadableFiles()
	slices.SortStableFunc(all.Builds, func(a, b reading.Build) int { return reading.ComparePos(a.Where, b.Where) })
	t.NameInline(all.Builds)
	slices.SortStableFunc(all.Problems, func(a, b reading.Problem) int { return reading.ComparePos(a.Pos, b.Pos) })
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

func (t reader) readFile(p string) (r Result) {
	if kind := reading.KindOf(p); (kind == 0 || kind == reading.Shell) && t.Idle(p) {
		return Result{}
	}
	f := t.Read(p)
	kind := t.KindOfFile(p, f)
	read := readers[kind]
	if f == nil || read == nil {
		return Result{}
	}
	defer func() {
		// One file that takes a parser down must not take the others with it.
		if failure := recover(); failure != nil {
			r = Result{Problems: []reading.Problem{{Code: source.CodeBuildFileSyntax, Pos: source.Pos{Path: p}, Message: fmt.Sprintf("the parser gave up: %v", failure)}}}
		}
	}()
	builds, problems := read(t.Tree, f, following)
	builds = append(builds, jobImages(f, kind)...)
	for i := range builds {
		builds[i].File, builds[i].Kind = p, kind
		builds[i].Loosen()
	}
	return Result{Builds: builds, Problems: problems}
}

// withoutCalled leaves out what files build that others of the repository call, and nothing else
// starts: with the defaults of their inputs nobody builds.
func (t reader) withoutCalled(builds []reading.Build) []reading.Build {
	alone := map[string]bool{}
	called := t.CalledFiles()
	for _, p := range called {
		f, kind := t.Read(p), reading.KindOf(p)
		if kind == reading.Pipeline || f != nil && kind == reading.Workflow && workflow.IsCalledOnly(f) {
			alone[path.Clean(p)] = true
		}
	}
	kept := builds[:0]
	for _, b := range builds {
		if isPart := b.IsPart && slices.Contains(called, b.File); alone[b.File] || isPart || strings.HasPrefix(b.Name, b.File+"#") && (slices.Contains(called, b.Name) || b.IsOpen() && slices.Contains(called, reading.Filled+b.Name)) {
			continue
		}
		kept = append(kept, b)
	}
	return kept
}

// withoutOpen leaves out what could not be read of a file without its callers, where it has some and
// nothing else starts it: they say it themselves.
func (t reader) withoutOpen(p string, problems []reading.Problem) []reading.Problem {
	isOpen := func(problem reading.Problem) bool {
		return problem.Code == source.CodeNotUnderstood && problem.Pos.Path == p
	}
	kind := reading.KindOf(p)
	if kind != reading.Workflow && kind != reading.Pipeline || !slices.Contains(t.CalledFiles(), p) || !slices.ContainsFunc(problems, isOpen) {
		return problems
	}
	if f := t.Read(p); kind == reading.Workflow && (f == nil || !workflow.IsCalledOnly(f)) {
		return problems
	}
	return slices.DeleteFunc(problems, isOpen)
}

// unique leaves each problem once: several callers may find that of what they call.
func unique(problems []reading.Problem) []reading.Problem {
	seen := map[reading.Problem]bool{}
	return slices.DeleteFunc(problems, func(p reading.Problem) bool {
		again := seen[p]
		seen[p] = true
		return again
	})
}
