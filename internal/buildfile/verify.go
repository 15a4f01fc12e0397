package buildfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// Verify reads again, as they are once the replacements are made, the build files
// that hold or use any of the bytes, and compares what they say with what they said
// before. before is the result of [Read] with the same files and dockerfiles. The
// error names the first value that does not read as it was meant: an unquoted number
// in YAML, for example, that loses a zero.
//
// The replacements are ordered by file and place.
func Verify(ctx context.Context, fsys fs.FS, before *Result, dockerfiles []string, replacements []trace.Replacement) error {
	after := map[string][]byte{}
	for start := 0; start < len(replacements); {
		end := start
		for end < len(replacements) && replacements[end].File.Path == replacements[start].File.Path {
			end++
		}
		src, err := replacements[start].File.After(replacements[start:end])
		if err != nil {
			return err
		}
		after[replacements[start].File.Path] = src
		start = end
	}
	// A value may be written in one file and used in another.
	var paths []string
	for _, build := range before.Builds {
		if !slices.Contains(paths, build.File) && build.reads(after) {
			paths = append(paths, build.File)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	again, err := Read(ctx, edited{fsys, after}, paths, dockerfiles)
	if err != nil {
		return err
	}
	var was []Build
	for _, build := range before.Builds {
		if slices.Contains(paths, build.File) {
			was = append(was, build)
		}
	}
	if len(was) != len(again.Builds) {
		return fmt.Errorf("%s: with the new version it does not hold the same builds", paths[0])
	}
	for i, build := range was {
		if err := build.compare(again.Builds[i], replacements); err != nil {
			return err
		}
	}
	return nil
}

// texts returns all values of a build.
func (b Build) texts() []trace.Text {
	all := slices.Clone(b.Images)
	for _, arg := range b.Args {
		all = append(all, arg.Value)
	}
	for _, c := range b.Contexts {
		all = append(all, c.Value)
	}
	return all
}

// reads reports whether the build stands in one of the files, is said by one, or has a
// value of theirs.
func (b Build) reads(files map[string][]byte) bool {
	if files[b.Where.Path] != nil || files[b.File] != nil {
		return true
	}
	return slices.ContainsFunc(b.texts(), func(t trace.Text) bool {
		return slices.ContainsFunc(t.At, func(a trace.Addr) bool { return a.File != nil && files[a.File.Path] != nil })
	})
}

func (b Build) compare(after Build, replacements []trace.Replacement) error {
	was, is := b.texts(), after.texts()
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

// ReadFile implements fs.ReadFileFS.
func (e edited) ReadFile(name string) ([]byte, error) {
	if src, ok := e.contents[name]; ok {
		return slices.Clone(src), nil
	}
	return fs.ReadFile(e.FS, name)
}

// Stat implements fs.StatFS. The size of a file is that before the edit: it is asked
// for only to keep huge ones out.
func (e edited) Stat(name string) (fs.FileInfo, error) { return fs.Stat(e.FS, name) }

// ReadDir implements fs.ReadDirFS.
func (e edited) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(e.FS, name) }

// Open implements fs.FS. Edited files are read whole, never opened.
func (e edited) Open(name string) (fs.File, error) {
	if _, ok := e.contents[name]; ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.ErrUnsupported}
	}
	return e.FS.Open(name)
}
