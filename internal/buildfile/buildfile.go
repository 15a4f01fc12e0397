package buildfile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Kind is the format of a build file.
type Kind uint8

// The kinds, the one that is believed most first.
const (
	Compose Kind = iota + 1
	Bake
	Skaffold
	Workflow
	Shell
	Makefile
)

// String returns what people call a file of the kind.
func (k Kind) String() string {
	return [...]string{"", "compose file", "bake file", "skaffold file", "workflow", "script", "Makefile"}[k]
}

// Heuristic reports whether files of the kind are programs, of which only simple
// commands are understood, and not lists of builds.
func (k Kind) Heuristic() bool { return k == Workflow || k.Script() }

// Script reports whether files of the kind are programs and nothing else.
func (k Kind) Script() bool { return k == Shell || k == Makefile }

var names = []struct {
	kind    Kind
	pattern *regexp.Regexp // of the path
}{
	{Workflow, regexp.MustCompile(`(?:^|/)\.github/(?:workflows/[^/]+|actions/.+)\.ya?ml$`)},
	{Compose, regexp.MustCompile(`(?:^|/)(?:[^/]+[._-])?(?:docker-)?compose(?:[._-][^/]+)?\.ya?ml$`)},
	{Bake, regexp.MustCompile(`(?:^|/)(?:[^/]+[._-])?(?:docker-)?bake(?:[._-][^/]+)?\.(?:hcl|json)$`)},
	{Skaffold, regexp.MustCompile(`(?:^|/)skaffold(?:[._-][^/]+)?\.ya?ml$`)},
	{Makefile, regexp.MustCompile(`(?:^|/)(?:GNUmakefile|[Mm]akefile(?:\.[^/]+)?|[^/]+\.mk)$`)},
}

// KindOf returns the kind of build file that a path names, 0 for none.
func KindOf(p string) Kind {
	// Most files are told at once.
	name := p[strings.LastIndexByte(p, '/')+1:]
	dot := strings.LastIndexByte(name, '.')
	likely := false
	switch name[dot+1:] {
	case "sh", "bash":
		if dot >= 0 && !scanner.IsDockerfile(name) {
			return Shell
		}
	case "mk":
		likely = true
	case "yml", "yaml":
		likely = strings.Contains(name, "compose") || strings.Contains(name, "skaffold") || strings.Contains(p, ".github/")
	case "hcl", "json":
		likely = strings.Contains(name, "bake")
	default:
		likely = strings.Contains(name, "akefile")
	}
	if !likely {
		return 0
	}
	for _, n := range names {
		if n.pattern.MatchString(p) {
			return n.kind
		}
	}
	return 0
}

// A Build is one image that a build file builds.
type Build struct {
	scanner.BuildConfig
	File       string // the build file that says so; Where is in another if that is one which it includes or runs
	Kind       Kind
	Dockerfile string // its path from the root of the repository; it is one of the Dockerfiles that [Read] was given
	Context    string // the directory of the build context from the root, "." for the root; "" for one that is no directory of the repository

	// Images are the references that the image gets, as written, of those whose
	// repository is known. A tag that is not known is left off.
	Images []trace.Text

	// Twins are values of a matrix that the build is made of, each with those of its include and
	// exclude that are to be the same: they say for which value of the axis an entry counts.
	Twins [][]trace.Text

	// Name is what other builds of the file know it by (Link of their contexts): the file,
	// "#" and the service or target ("compose.yaml#base"). Builds of other kinds have none.
	Name string

	isPart   bool     // of a compose file that does not say where
	includes []string // the names that a service has in the files that compose includes it from
}

// A Problem is what could not be understood of a build file.
type Problem struct {
	Code    source.Code // one of source.InBuildFiles
	Pos     source.Pos
	Message string
}

// An Unreadable is a file that is there, and whose content cannot be had.
type Unreadable struct {
	Path string
	Err  error
}

// A Result is what build files say.
type Result struct {
	Builds   []Build   // by place
	Problems []Problem // by place
	Uses     []Use     // by place: what compose runs, and nothing in its file builds

	// Called are the paths of the workflows, actions and overlays that others use, and the names
	// of services that are built as another file includes them, sorted.
	Called []string

	// Looked are the paths of all files and directories that were read or found
	// missing, sorted: with other ones the result may be another.
	Looked []string

	// Unreadable are the files that would have been read, by path. Without them the rest
	// is not all that there is, and it is not to be kept.
	Unreadable []Unreadable
}

// MaxFileSize is the size in bytes up to which a build file is read.
const MaxFileSize = 1 << 20

// readers read one file. They return what they understand; a file that is not
// what its name says is a problem, or nothing at all for programs.
var readers = map[Kind]func(t *tree, f *trace.File) ([]Build, []Problem){
	Compose:  readCompose,
	Skaffold: readSkaffold,
	Bake:     readBake,
	Shell:    readShell,
	Makefile: readMakefile,
	Workflow: readWorkflow,
}

// Read reads the build files at paths. dockerfiles are those of the repository: a
// build of any other is left out. The error is that of ctx.
func Read(ctx context.Context, fsys fs.FS, paths, dockerfiles []string) (*Result, error) {
	t := newTree(fsys, dockerfiles)
	if err := t.prefilter(ctx, paths); err != nil {
		return nil, err
	}
	return t.readAll(ctx, paths)
}

func newTree(fsys fs.FS, dockerfiles []string) *tree {
	t := &tree{fsys: fsys, dockerfiles: map[string]bool{}, files: map[string]func() *trace.File{}, looked: map[string]bool{}, unreadable: map[string]error{}, called: map[string]bool{}}
	for _, p := range dockerfiles {
		t.dockerfiles[p] = true
	}
	return t
}

func (t *tree) readAll(ctx context.Context, paths []string) (*Result, error) {
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
	if !t.again {
		all.Problems = append(all.Problems, t.overruled(all.Builds)...)
	}
	all.Builds = t.withoutCalled(all.Builds)
	all.Called = slices.Sorted(maps.Keys(t.called))
	all.Looked = slices.Sorted(maps.Keys(t.looked))
	for _, p := range slices.Sorted(maps.Keys(t.unreadable)) {
		all.Unreadable = append(all.Unreadable, Unreadable{p, t.unreadable[p]})
	}
	slices.SortStableFunc(all.Builds, func(a, b Build) int { return comparePos(a.Where, b.Where) })
	all.Uses = t.uses
	slices.SortStableFunc(all.Uses, func(a, b Use) int { return cmp.Or(comparePos(a.Pos, b.Pos), cmp.Compare(a.Image.S, b.Image.S)) })
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
func (t *tree) prefilter(ctx context.Context, paths []string) error {
	words := make([]*scriptWords, len(paths))
	const atOnce = 64 // so that git is not asked for one after the other
	err := each(ctx, slices.Collect(slices.Chunk(paths, atOnce)), func(n int, part []string) {
		source.ReadEachUpTo(t.fsys, part, MaxFileSize, func(i int, src []byte, err error) {
			p := part[i]
			f := t.file(p, src, err)
			t.mu.Lock()
			t.files[p], t.looked[p] = func() *trace.File { return f }, true
			t.mu.Unlock()
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

// idle reports whether a script is known to build nothing.
func (t *tree) idle(p string) bool { return t.building != nil && !t.building(p) }

func comparePos(a, b source.Pos) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}

// A tree is the repository as the readers see it; several may use it at once.
type tree struct {
	fsys        fs.FS
	dockerfiles map[string]bool
	building    func(p string) bool // nil where they were not looked through

	mu     sync.Mutex
	files  map[string]func() *trace.File
	looked map[string]bool

	unreadable map[string]error // that would have been read
	called     map[string]bool  // files that others use: workflows, actions, and what compose lays over another; names of builds that others make other ones
	uses       []Use
	again      bool // the files were read before, and what is called is known
}

// readDir lists a directory.
func (t *tree) readDir(p string) ([]fs.DirEntry, error) {
	t.mu.Lock()
	t.looked[p] = true
	t.mu.Unlock()
	return fs.ReadDir(t.fsys, p)
}

// read returns a file, the same one each time; nil if there is none, it is too large or
// it cannot be read.
func (t *tree) read(p string) *trace.File {
	t.mu.Lock()
	file, ok := t.files[p]
	if !ok {
		file = sync.OnceValue(func() *trace.File {
			src, err := source.ReadUpTo(t.fsys, p, MaxFileSize)
			return t.file(p, src, err)
		})
		t.files[p], t.looked[p] = file, true
	}
	t.mu.Unlock()
	return file()
}

// file returns a file with what was read of it, nil if that is an error.
func (t *tree) file(p string, src []byte, err error) *trace.File {
	if errors.Is(err, source.ErrUnreadable) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.unreadable[p] = err
	}
	if err != nil {
		return nil
	}
	return trace.NewFile(p, src)
}

// loosen says of the target whether it may be meant for another Dockerfile.
func (b *Build) loosen() {
	b.Loose = ""
	if b.Kind.Heuristic() {
		b.Loose = b.Target
	}
}

func (t *tree) readFile(p string) (r Result) {
	reader := readers[KindOf(p)]
	f := t.read(p)
	if f == nil || reader == nil {
		return Result{}
	}
	defer func() {
		// One file that takes a parser down must not take the others with it.
		if failure := recover(); failure != nil {
			r = Result{Problems: []Problem{{source.CodeBuildFileSyntax, source.Pos{Path: p}, fmt.Sprintf("the parser gave up: %v", failure)}}}
		}
	}()
	builds, problems := reader(t, f)
	for i := range builds {
		builds[i].File, builds[i].Kind = p, KindOf(p)
		builds[i].loosen()
	}
	return Result{Builds: builds, Problems: problems}
}

// dockerfile finds the Dockerfile that a build names, and the directory of its
// context. dirs are the directories, from the root, that a relative context may
// start from, the likeliest first: for most files their own and then the root, since
// nothing says where a command is run. file is relative to the context, or where
// fileFromDir is set to the same directory as that; "" is the Dockerfile of the
// context. ok is false where there is no such Dockerfile.
func (t *tree) dockerfile(dirs []string, context, file string, fileFromDir bool) (dockerfile, contextDir string, ok bool) {
	for _, dir := range dirs {
		contextDir = within(dir, context)
		from := contextDir
		if fileFromDir && file != "" {
			from = dir
		}
		if from == "" {
			continue // a URL, or a directory outside of the repository
		}
		for _, name := range []string{file, "Dockerfile", "Containerfile"} {
			if name == "" {
				continue
			}
			if p := within(from, name); t.dockerfiles[p] {
				return p, contextDir, true
			}
			if file != "" {
				break
			}
		}
	}
	return "", "", false
}

// within joins a directory of the repository and a path below it; "" for what is
// no path or leads out of the repository.
func within(dir, p string) string {
	if strings.Contains(p, "://") || strings.HasPrefix(p, "git@") || path.IsAbs(p) || strings.Contains(p, unknown) {
		return ""
	}
	joined := path.Join(dir, p)
	if joined == ".." || strings.HasPrefix(joined, "../") {
		return ""
	}
	return joined
}

// unknown stands in texts for a value that is not known.
const unknown = scanner.Unknown

// image makes the reference of a tag as a build file gives it: without what is
// unknown of its version. ok is false where the repository is not known or it is no
// reference.
func image(t trace.Text) (trace.Text, bool) {
	t = t.TrimSpace()
	if i := strings.Index(t.S, unknown); i >= 0 {
		// The tag begins at the last colon behind the last slash.
		colon := strings.LastIndexByte(t.S, ':')
		if colon < 0 || colon < strings.LastIndexByte(t.S, '/') || i < colon {
			return t, false
		}
		t = t.Slice(0, colon)
	}
	if _, err := imageref.Parse(t.S); err != nil {
		return t, false
	}
	return t, true
}
