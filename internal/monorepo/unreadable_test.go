package monorepo_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// A Dockerfile that cannot be parsed has to do with a plan unless its bytes say otherwise.
func TestUnrelated(t *testing.T) {
	t.Parallel()
	const broken = "\nRUN <<E\n"
	want := map[string]bool{
		"FROM reg.example/shop/java:1.0.0" + broken:               false,
		"FROM ubuntu:24.04" + broken:                              true,
		"FROM ubuntu:24.04\nRUN echo $HOME" + broken:              true,
		"ARG BASE\nFROM ${BASE}" + broken:                         false,
		"FROM ubuntu:24.04\n  from --platform=$P alpine" + broken: false,
	}
	files := shop()
	paths := map[string]string{}
	for content := range want {
		path := "broken/" + string(rune('a'+len(paths))) + "/Dockerfile"
		files[path], paths[path] = content, content
	}
	repo := mustOpen(t, gittest.Init(t, files))
	plan, err := repo.Affected(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{java("1.0.1")}})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range repo.Files {
		content, ok := paths[file.Path]
		if !ok {
			continue
		}
		seen++
		if got := repo.Unrelated(file, plan); !file.Unreadable || got != want[content] {
			t.Errorf("%q: unreadable %v, unrelated %v", content, file.Unreadable, got)
		}
	}
	if seen != len(want) {
		t.Errorf("%d files were read", seen)
	}
}

// A failing tree is one in which a Dockerfile cannot be read any more.
type failing struct{ fs.FS }

// Open implements fs.FS.
func (f failing) Open(name string) (fs.File, error) {
	if strings.HasPrefix(name, "lost/Dockerfile") {
		return nil, errors.New("it is lost")
	}
	return f.FS.Open(name)
}

// Nothing is said of what cannot be read.
func TestUnrelatedAndLost(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{"lost/Dockerfile": {Data: []byte("FROM ubuntu:24.04\n")}, "svc/Dockerfile": {Data: []byte("FROM reg.example/shop/java:1.0.0\n")}}
	repo, _, err := open(t, "", func(o *monorepo.Options) { o.FS = failing{tree} })
	if err != nil {
		t.Fatal(err)
	}
	plan, err := repo.Affected(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{java("1.0.1")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range repo.Files {
		if file.Path == "lost/Dockerfile" && (!file.Unreadable || repo.Unrelated(file, plan)) {
			t.Errorf("%s: unreadable %v, and it is said to have nothing to do with the plan", file.Path, file.Unreadable)
		}
	}
	if len(repo.Files) != 2 {
		t.Errorf("%d files were read", len(repo.Files))
	}
}
