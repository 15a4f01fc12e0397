package snapshot_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/snapshot"
	"github.com/matihlabs/propagate/scanner"
)

// What build files say is the same of a commit and of its files in a directory, for every form of
// them: below directories with a dot, in programs without an ending, through symbolic links.
func TestCommitsAndDirectoriesAreAlike(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("../../testdata/buildfiles/*/in")
	if err != nil || len(cases) < 50 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	files, names := map[string]string{}, []string{}
	for _, dir := range cases {
		name := filepath.Base(filepath.Dir(dir))
		names = append(names, name)
		err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			src, err := os.ReadFile(filepath.Join(dir, p))
			files[name+"/"+p] = string(src)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	all := gittest.Init(t, files)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			commit := gittest.Git(t, all, "commit-tree", "-m", name, "HEAD:"+name)
			if alike(t, all, commit, name) == "" {
				t.Error("there are neither builds nor problems")
			}
		})
	}
}

// alike reads a commit of a repository and the files of a directory of its work tree, and
// returns what the build files of both say.
func alike(t *testing.T, dir, commit, below string) string {
	t.Helper()
	repo, err := gitrepo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = repo.Close() })
	committed, err := snapshot.Commit(repo, commit)
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(filepath.Join(dir, below))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	var said []string
	for _, source := range []snapshot.Source{committed, snapshot.Directory(root.FS(), now)} {
		s, _, err := snapshot.Read(t.Context(), source, snapshot.Options{Config: configure(t, "")})
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, saidBy(s))
	}
	if said[0] != said[1] {
		t.Errorf("of the commit:\n%s\nof the directory:\n%s", said[0], said[1])
	}
	return said[0]
}

// saidBy prints what build files say.
func saidBy(s *snapshot.Snapshot) string {
	var lines []string
	for _, b := range s.Builds.Builds {
		line := b.Where.String() + " " + b.Dockerfile + " in " + b.Context
		for _, text := range append(b.Texts(), b.Inline) {
			for _, p := range text.Pieces() {
				if p.File != nil {
					line += fmt.Sprintf(" %s:%d", p.File.Path, p.Span.Start)
				}
				line += " " + strings.ReplaceAll(p.S, scanner.Unknown, "?")
			}
		}
		lines = append(lines, line)
	}
	for _, p := range s.Builds.Problems {
		lines = append(lines, p.Pos.String()+" "+p.Message)
	}
	return strings.Join(slices.Concat(lines, s.Builds.Called, s.Builds.Scripts), "\n")
}

// Of programs without an ending the mode counts, and a link to a build file is none.
func TestModesAndLinksAreAlike(t *testing.T) {
	t.Parallel()
	const build = "docker build -t example.com/%s:1.0.0 app\n"
	script := func(image string) string { return strings.Replace(build, "%s", image, 1) }
	dir := gittest.Init(t, map[string]string{
		"app/Dockerfile": "FROM a:1\n", "images/one/Dockerfile": "FROM a:1\n",
		"hack/run":     "#!/usr/bin/env bash\n" + script("run"),
		"hack/release": "#!/bin/sh\n" + script("released"),
		"hack/notrun":  "#!/bin/sh\n" + script("notrun"),
		"hack/python":  "#!/usr/bin/env python\n" + script("python"),
		"lib/common":   "VERSION=1.2.3\n",
		".env":         "V=4.5.6\n",
		"conf/ci.yml":  "script: [docker build -t example.com/linked:1 app]\n",
		"compose.yaml": "services: {a: {image: 'example.com/composed:${V}', build: app}}\n",
		"build.sh": ". lib/common\ndocker build -t example.com/sourced:$VERSION app\n" +
			"for d in images/*/; do docker build -t example.com/$(basename $d) $d; done\n" +
			"for d in [a-z]*/Dockerfile; do docker build -t example.com/globbed $(dirname $d); done\n" +
			"if [ -f lib/common ]; then docker build -t example.com/tested app; fi\n" +
			"./hack/notrun\n",
		".gitlab/ci/build.yml":            "script: [" + strings.TrimSpace(script("gitlab")) + "]\n",
		".circleci/more/config.yml":       "run: " + script("circle"),
		"eng/pipelines/b/all.yaml":        "steps:\n- script: " + script("azure"),
		".pipelines/all.yaml":             "steps:\n- script: " + script("hidden"),
		".ado/all.yaml":                   "steps:\n- script: " + script("ado"),
		".vsts/all.yaml":                  "steps:\n- script: " + script("vsts"),
		"pipelines/.circleci/config.yml":  "run: " + script("nested"),
		".dagger/pipelines/main.go":       "x.DockerBuild()\n",
		".devcontainer/devcontainer.json": `{"build": {"dockerfile": "../app/Dockerfile", "args": {"V": "7.8.9"}}}`,
	})
	for _, name := range []string{"hack/run", "hack/python"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for path, target := range map[string]string{".gitlab-ci.yml": "conf/ci.yml", "hack/linked": "run"} {
		if err := os.Symlink(target, filepath.Join(dir, path)); err != nil {
			t.Fatal(err)
		}
	}
	said := alike(t, dir, gittest.Commit(t, dir, "modes and links", nil), ".")
	for _, image := range []string{"example.com/run", "released", "notrun", "globbed", "1.2.3", "4.5.6", "gitlab", "circle", "sourced", "composed", "tested", "7.8.9", "azure", "hidden", "ado", "vsts", "nested", ".dagger/pipelines/main.go"} {
		if !strings.Contains(said, image) {
			t.Errorf("there is no %s", image)
		}
	}
	for _, image := range []string{"python", "linked"} {
		if strings.Contains(said, image) {
			t.Errorf("%s is read", image)
		}
	}
}
