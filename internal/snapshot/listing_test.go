package snapshot_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/snapshot"
	"github.com/matihlabs/propagate/scanner"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func configure(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Parse(".propagate.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Regular files that are called like Dockerfiles count, and those that the
// configuration names; links, submodules and what is excluded do not.
func TestWhatIsRead(t *testing.T) {
	const from = "FROM registry.example/base:1.0.0\n"
	files := fstest.MapFS{
		"b/Dockerfile":        {Data: []byte(from)},
		"a/Dockerfile.j2":     {Data: []byte("FROM {{ base }}\n")},
		"a/app.Dockerfile":    {Data: []byte(from)},
		"a/build.docker":      {Data: []byte(from)},
		"a/compose.yaml":      {Data: []byte("services: {x: {build: ../b}}\n")},
		"vendor/x/Dockerfile": {Data: []byte(from)},
		".git/x/Dockerfile":   {Data: []byte(from)},
		"link/Dockerfile":     {Data: []byte("../b/Dockerfile"), Mode: fs.ModeSymlink},
		"module/Dockerfile":   {Mode: fs.ModeIrregular},
		"huge/Dockerfile":     {Data: []byte(from + strings.Repeat("#", scanner.MaxFileSize))},
	}
	c := configure(t, "dockerfiles:\n  include: [a/*.docker]\n  exclude: [vendor]\n")
	s, err := snapshot.Read(t.Context(), snapshot.Directory(files, now), snapshot.Options{Config: c})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range s.Files {
		line := file.Path
		if file.Unreadable {
			line += " unreadable"
		}
		got = append(got, line)
	}
	if want := "a/app.Dockerfile, a/build.docker, b/Dockerfile, huge/Dockerfile unreadable"; strings.Join(got, ", ") != want {
		t.Errorf("Dockerfiles: %s\nwant: %s", strings.Join(got, ", "), want)
	}
	if strings.Join(s.Templates, ", ") != "a/Dockerfile.j2" || strings.Join(s.Others, ", ") != "a/compose.yaml" || len(s.Builds.Builds) != 1 {
		t.Errorf("templates %v, others %v, builds %+v", s.Templates, s.Others, s.Builds)
	}
}

// One file that cannot be read loses nothing but itself; a directory that cannot
// be read would lose an unknown number of files, so it is an error.
func TestBrokenFiles(t *testing.T) {
	files := broken{fstest.MapFS{
		"a/Dockerfile": {Data: []byte("FROM a:1\n")},
		"b/Dockerfile": {Data: []byte("FROM b:1\n")},
	}, "b/Dockerfile"}
	c := configure(t, "")
	s, err := snapshot.Read(t.Context(), snapshot.Directory(files, now), snapshot.Options{Config: c})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Files) != 2 || len(s.Files[0].Refs) != 1 || !s.Files[1].Unreadable || !strings.Contains(s.Files[1].Diagnostics[0].Message, "disk on fire") {
		t.Errorf("got %+v", s.Files)
	}
	files.path = "b"
	if _, err := snapshot.Read(t.Context(), snapshot.Directory(files, now), snapshot.Options{Config: c}); err == nil || !strings.Contains(err.Error(), "reading b") {
		t.Errorf("a directory that cannot be read: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := snapshot.Read(ctx, snapshot.Directory(files.FS, now), snapshot.Options{Config: c}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run: %v", err)
	}
}

// broken fails to open one path.
type broken struct {
	fs.FS
	path string
}

func (b broken) Open(name string) (fs.File, error) {
	if name == b.path {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("disk on fire")}
	}
	return b.FS.Open(name)
}
