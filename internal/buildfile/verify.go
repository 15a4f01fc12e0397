package buildfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A Verifier knows which build files hold or use the bytes of which files.
type Verifier struct {
	fsys        fs.FS
	dockerfiles []string
	builds      map[string][]reading.Build // by the build file that was read
	readers     map[string]map[string]bool // a file with values -> the build files that use them
	called      []string                   // files that others use
	names       []string                   // of the repository
}

// NewVerifier returns a Verifier of what [Read] found with the same files,
// dockerfiles and names.
func NewVerifier(fsys fs.FS, before *Result, dockerfiles []string, names ...string) *Verifier {
	v := &Verifier{fsys: fsys, names: names, dockerfiles: dockerfiles, builds: map[string][]reading.Build{}, readers: map[string]map[string]bool{}, called: before.Called}
	for _, build := range before.Builds {
		v.builds[build.File] = append(v.builds[build.File], build)
		v.reads(build.File, build.File)
		for _, text := range build.Texts() {
			for _, piece := range text.Pieces() {
				if piece.File != nil {
					v.reads(piece.File.Path, build.File)
				}
			}
		}
	}
	return v
}

func (v *Verifier) reads(path, buildFile string) {
	if v.readers[path] == nil {
		v.readers[path] = map[string]bool{}
	}
	v.readers[path][buildFile] = true
}

// Verify reads again, as they are once the replacements are made, the build files
// that hold or use any of the bytes, and compares what they say with what they said
// before. The error names the first value that does not read as it was meant: an
// unquoted number in YAML, for example, that loses a zero.
//
// The replacements are ordered by file and place.
func (v *Verifier) Verify(ctx context.Context, replacements []trace.Replacement) error {
	after := map[string][]byte{}
	for start := 0; start < len(replacements); {
		end := start
		for end < len(replacements) && replacements[end].File.Path == replacements[start].File.Path {
			end++
		}
		path := replacements[start].File.Path
		src, err := source.ReadUpTo(v.fsys, path, source.MaxFileSize)
		if err != nil {
			return err
		}
		if after[path], err = trace.NewFile(path, src).After(replacements[start:end]); err != nil {
			return err
		}
		start = end
	}
	// A value may be written in one file and used in another.
	files := map[string]bool{}
	for path := range after {
		maps.Copy(files, v.readers[path])
	}
	if len(files) == 0 {
		return nil
	}
	paths := slices.Sorted(maps.Keys(files))
	// All of them build something, be it through files that are not among them.
	t := reader{Tree: reading.NewTree(edited{v.fsys, after}, v.dockerfiles, v.names...), again: true}
	for _, p := range v.called {
		t.MarkCalled(p)
	}
	again, err := t.readAll(ctx, paths)
	if err != nil {
		return err
	}
	var was []reading.Build
	for _, path := range paths {
		was = append(was, v.builds[path]...)
	}
	slices.SortStableFunc(was, func(a, b reading.Build) int { return reading.ComparePos(a.Where, b.Where) })
	if len(was) != len(again.Builds) {
		for _, problem := range again.Problems {
			if problem.Code == source.CodeDuplicateTarget {
				return &source.Error{Pos: problem.Pos, Err: fmt.Errorf("with the new version, %s", problem.Message)}
			}
		}
		return fmt.Errorf("%s: with the new version it does not hold the same builds", paths[0])
	}
	for i, build := range was {
		if err := compare(build, again.Builds[i], replacements); err != nil {
			return err
		}
	}
	return nil
}

// ReadAs reads one build file as if it had another content, with the other files of fsys. The
// error is that of ctx.
func ReadAs(ctx context.Context, fsys fs.FS, path string, content []byte, dockerfiles []string, names ...string) (*Result, error) {
	return reader{Tree: reading.NewTree(edited{fsys, map[string][]byte{path: content}}, dockerfiles, names...)}.readAll(ctx, []string{path})
}

// compare reports the first value of a build that is not after the replacements what they make of it.
func compare(b, after reading.Build, replacements []trace.Replacement) error {
	was, is := b.Texts(), after.Texts()
	if b.Dockerfile != after.Dockerfile || len(was) != len(is) {
		return fmt.Errorf("%s: with the new version it is another build", b.Where)
	}
	for i, text := range was {
		if want := text.After(replacements); is[i].S != want {
			return &source.Error{Pos: text.Pos(), Err: fmt.Errorf("it would read %q, not %q", is[i].S, want), Hint: "put the value in quotes"}
		}
	}
	return nil
}

// edited is a file system with other contents for some files.
type edited struct {
	fs.FS
	contents map[string][]byte
}

// ReadFileUpTo reads a file as [source.ReadUpTo] does.
func (e edited) ReadFileUpTo(name string, most int64) ([]byte, error) {
	src, ok := e.contents[name]
	switch {
	case !ok:
		return source.ReadUpTo(e.FS, name, most)
	case int64(len(src)) > most:
		return nil, &fs.PathError{Op: "read", Path: name, Err: source.ErrTooLarge}
	}
	return slices.Clone(src), nil
}

// Lstat implements fs.ReadLinkFS.
func (e edited) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(e.FS, name) }

// ReadLink implements fs.ReadLinkFS.
func (e edited) ReadLink(name string) (string, error) { return fs.ReadLink(e.FS, name) }

// ReadDir implements fs.ReadDirFS.
func (e edited) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(e.FS, name) }

// Open implements fs.FS. Edited files are read whole, never opened.
func (e edited) Open(name string) (fs.File, error) {
	if _, ok := e.contents[name]; ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.ErrUnsupported}
	}
	return e.FS.Open(name)
}
