package snapshot_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/snapshot"
)

// guarded is a file system of which some paths may not be opened.
type guarded struct {
	fstest.MapFS
	closed string
}

func (g guarded) Open(name string) (fs.File, error) {
	if name == g.closed || name == "svc/Dockerfile" {
		return nil, &fs.PathError{Op: "openat", Path: name, Err: fs.ErrPermission}
	}
	return g.MapFS.Open(name)
}

func (g guarded) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == g.closed {
		return nil, &fs.PathError{Op: "openat", Path: name, Err: fs.ErrPermission}
	}
	return g.MapFS.ReadDir(name)
}

// A directory that cannot be read is named, and all others are read.
func TestDirectoryThatCannotBeRead(t *testing.T) {
	t.Parallel()
	files := guarded{fstest.MapFS{
		"closed/Dockerfile": {Data: []byte("FROM a/b:1.0.0\n")}, "svc/Dockerfile": {Data: []byte("FROM a/b:1.0.0\n")}, "z/Dockerfile": {Data: []byte("FROM a/b:1.0.0\n")},
	}, "closed"}
	for text, want := range map[string]string{
		"":                                 "closed: cannot be read: permission denied",
		"dockerfiles: {exclude: [closed]}": "",
	} {
		s, _, err := snapshot.Read(t.Context(), snapshot.Directory(files, now), snapshot.Options{Config: configure(t, text)})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, e := range s.Unreadable {
			said = append(said, e.Error())
			if !strings.Contains(e.Hint, "permissions") {
				t.Errorf("the hint is %q", e.Hint)
			}
		}
		if got := strings.Join(said, "\n"); got != want || len(s.Files) != 2 || !s.Files[0].Unreadable || s.Files[1].Unreadable {
			t.Errorf("%q: unreadable is %q, the files are %v", text, got, s.Dockerfiles)
		}
		if d := s.Files[0].Diagnostics[0]; d.Pos.String()+": "+d.Message != "svc/Dockerfile: cannot be read: permission denied" {
			t.Errorf("the file says %v %q", d.Pos, d.Message)
		}
	}
	if _, _, err := snapshot.Read(t.Context(), snapshot.Directory(guarded{files.MapFS, "."}, now), snapshot.Options{Config: &config.Config{}}); err == nil {
		t.Error("a root that cannot be read is no error")
	}
}

// What the configuration leaves out is counted.
func TestExcludedAreCounted(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"a/Dockerfile": {Data: []byte("FROM a/b:1\n")}, "b/x.docker": {Data: []byte("FROM a/b:1\n")}, "b/README": {Data: []byte("x")}, "c/Dockerfile.j2": {Data: []byte("x")}}
	s, _, err := snapshot.Read(t.Context(), snapshot.Directory(files, now), snapshot.Options{Config: configure(t, "dockerfiles: {include: ['b/*.docker'], exclude: ['*']}")})
	if err != nil || s.Excluded != 2 || len(s.Files) != 0 {
		t.Errorf("excluded are %d, %v", s.Excluded, err)
	}
}
