package snapshot_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
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
// configuration names; submodules and what is excluded do not.
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
		"module/Dockerfile":   {Mode: fs.ModeIrregular},
		"huge/Dockerfile":     {Data: []byte(from + strings.Repeat("#", scanner.MaxFileSize))},
	}
	c := configure(t, "dockerfiles:\n  include: [a/*.docker]\n  exclude: [vendor]\n")
	s, _, err := snapshot.Read(t.Context(), snapshot.Directory(files, now), snapshot.Options{Config: c})
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

// A pattern that names a directory means the files below it, whatever they are called: in
// a directory and in a commit, with nothing remembered and with all of it.
func TestNamedDirectories(t *testing.T) {
	text := map[string]string{"docker/web/build": "FROM a:1\n", "docker/db": "FROM b:1\n", "docker/.github/workflows/x": "FROM c:1\n", "x/docker/y": "FROM d:1\n", "args/ci/all": "A=1\n", "deploy/a/values": "image: e:1\n", "other/docker": "FROM f:1\n"}
	for i := range 40 { // so that there are records of trees below the root
		text[fmt.Sprintf("docker/more/%d/file", i)] = "FROM g:1\n"
	}
	c := configure(t, "dockerfiles:\n  include: [./docker/, '**/other/*']\n  exclude: [docker/more]\narguments:\n- files: /args\nreferences:\n- {files: deploy/*, image: e, pattern: ':(?P<version>.)'}\n")
	files := fstest.MapFS{}
	for name, content := range text {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	repo, err := gitrepo.Open(gittest.Init(t, text))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = repo.Close() }()
	revision, err := repo.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	committed, err := snapshot.Commit(repo, revision.Commit)
	if err != nil {
		t.Fatal(err)
	}
	store := t.TempDir()
	for name, source := range map[string]snapshot.Source{"directory": snapshot.Directory(files, now), "commit": committed} {
		for _, way := range []string{"cold", "warm"} {
			known := cache.Open(filepath.Join(store, name))
			s, _, err := snapshot.Read(t.Context(), source, snapshot.Options{Config: c, Cache: known, Program: "x"})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(s.Dockerfiles, " "); got != "docker/.github/workflows/x docker/db docker/web/build other/docker" {
				t.Errorf("%s, %s: the Dockerfiles are %s", name, way, got)
			}
			if got := strings.Join(s.Others, " "); got != "args/ci/all deploy/a/values" || len(s.Texts) != 1 || len(s.Notes) != 0 {
				t.Errorf("%s, %s: others %s, texts %v, notes %v", name, way, got, s.Texts, s.Notes)
			}
			if err := known.Save(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// One file that cannot be read loses nothing but itself; a directory that cannot
// be read for a failure of the disk would lose an unknown number of files, so it is an error.
func TestBrokenFiles(t *testing.T) {
	files := broken{fstest.MapFS{
		"a/Dockerfile": {Data: []byte("FROM a:1\n")},
		"b/Dockerfile": {Data: []byte("FROM b:1\n")},
	}, "b/Dockerfile"}
	c := configure(t, "")
	s, _, err := snapshot.Read(t.Context(), snapshot.Directory(files, now), snapshot.Options{Config: c})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Files) != 2 || len(s.Files[0].Refs) != 1 || !s.Files[1].Unreadable || !strings.Contains(s.Files[1].Diagnostics[0].Message, "disk on fire") {
		t.Errorf("got %+v", s.Files)
	}
	files.path = "b"
	if _, _, err := snapshot.Read(t.Context(), snapshot.Directory(files, now), snapshot.Options{Config: c}); err == nil || !strings.Contains(err.Error(), "reading b") {
		t.Errorf("a directory that cannot be read: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := snapshot.Read(ctx, snapshot.Directory(files.FS, now), snapshot.Options{Config: c}); !errors.Is(err, context.Canceled) {
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
