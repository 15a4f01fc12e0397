package monorepo_test

import (
	"testing"

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
