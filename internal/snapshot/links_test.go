package snapshot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/snapshot"
)

// A symbolic link that is called like a Dockerfile is one if it leads to a regular file of
// the tree, whatever that is called. The answer is the same for a directory and a commit,
// with nothing remembered and with all of it.
func TestLinks(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{"common/base.docker": "FROM a:1\n", "b/Dockerfile": "FROM b:1\n", "c/sub/Dockerfile": "FROM c:1\n", "build.sh": "#!/bin/sh\n"})
	var want, notes []string
	for _, link := range []struct{ path, text, target, note string }{
		{"01/Dockerfile", "../common/base.docker", "common/base.docker", ""},
		{"02/Dockerfile", "./../b/../b//Dockerfile", "b/Dockerfile", ""},
		{"03/Dockerfile", "../02/Dockerfile", "b/Dockerfile", ""},                                             // a chain
		{"04/linked", "../c/sub", "", ""},                                                                     // a directory
		{"04/Dockerfile", "linked/Dockerfile", "c/sub/Dockerfile", ""},                                        // through it
		{"04/up.Dockerfile", "linked/../sub/Dockerfile", "c/sub/Dockerfile", ""},                              // .. is that of the target
		{"05/Dockerfile", "Dockerfile", "", "leads in a circle"},                                              // itself
		{"06/Dockerfile", "../07/Dockerfile", "", "leads in a circle"},                                        // one the other
		{"07/Dockerfile", "../06/Dockerfile", "", "leads in a circle"},                                        //
		{"08/Dockerfile", "/b/Dockerfile", "", "leads out of the repository"},                                 // absolute
		{"09/Dockerfile", dir + "/b/Dockerfile", "", "leads out of the repository"},                           // though it lies there
		{"10/Dockerfile", "../../b/Dockerfile", "", "leads out of the repository"},                            //
		{"11/Dockerfile", "../../" + filepath.Base(dir) + "/b/Dockerfile", "", "leads out of the repository"}, // and back in
		{"12/Dockerfile", "nowhere", "", "does not exist"},
		{"13/Dockerfile", "../b/Dockerfile/x", "", "does not exist"},
		{"14/Dockerfile", "../c", "", ""}, // a directory is nothing to speak of
		{"15/Dockerfile.j2", "../b/Dockerfile", "", ""},
		{"16/notes.txt", "nowhere", "", ""},
		{"17/compose.yaml", "../build.sh", "", ""},
		{"18/Dockerfile", "../18", "", ""},
		{"vendor/Dockerfile", "nowhere", "", ""}, // excluded
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(link.path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(link.text, filepath.Join(dir, link.path)); err != nil {
			t.Fatal(err)
		}
		if link.target != "" {
			want = append(want, link.path+" -> "+link.target)
		}
		if link.note != "" {
			notes = append(notes, link.path+": it is a symbolic link that "+link.note)
		}
	}
	want = append(want, "b/Dockerfile", "c/sub/Dockerfile")
	gittest.Git(t, dir, "add", "-A")
	gittest.Git(t, dir, "commit", "--quiet", "-m", "links")
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	c := configure(t, "dockerfiles:\n  exclude: [vendor]\n")
	for name, source := range map[string]snapshot.Source{"directory": snapshot.Directory(root.FS(), now.AddDate(10, 0, 0)), "commit": head(t, dir)} {
		store := filepath.Join(t.TempDir(), "store")
		for _, way := range []string{"cold", "warm"} {
			known := cache.Open(store)
			s, files, err := snapshot.Read(t.Context(), source, snapshot.Options{Config: c, Cache: known, Program: "x"})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range s.Files {
				line := f.Path
				if f.Origin.Path != f.Path {
					line += " -> " + f.Origin.Path
				}
				got = append(got, line)
				src, err := files.Read(f.Origin.Path)
				if err != nil || len(f.Refs) != 1 || f.Refs[0].Pos.Path != f.Path || !strings.HasPrefix(string(src), "FROM "+f.Refs[0].Written) {
					t.Errorf("%s, %s: %s has %+v, its target %q, %v", name, way, f.Path, f.Refs, src, err)
				}
				again, err := files.Read(f.Path)
				if err != nil || string(again) != string(src) {
					t.Errorf("%s, %s: %s reads %q, %v", name, way, f.Path, again, err)
				}
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s, %s:\n%s\nwant:\n%s", name, way, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if len(s.Notes) != len(notes) {
				t.Errorf("%s, %s: the notes are %v", name, way, s.Notes)
			}
			for i, n := range s.Notes[:min(len(notes), len(s.Notes))] {
				if path, text, _ := strings.Cut(notes[i], ": it is a symbolic link that "); n.Pos.Path != path || !strings.Contains(n.Error(), text) {
					t.Errorf("%s, %s: it notes %q, want %q", name, way, n.Error(), notes[i])
				}
			}
			if err := known.Save(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What build files read through a symbolic link is that of its target, also where the link comes, changes or goes and the
// result of the commit before is remembered.
func TestLinkedFilesOfBuildFiles(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{
		"app/Dockerfile": "ARG V=0\nFROM a:$V\n", "app/compose.yaml": "services: {app: {build: {context: ., args: {V: \"${V:-none}\"}}}}\n",
		"common/one": "V=1\n", "common/two": "V=2\n", "linked/x": "",
	})
	known := cache.Open(filepath.Join(t.TempDir(), "store"))
	for _, step := range []struct{ link, text, want string }{
		{"", "", "none"},
		{"app/.env", "../common/one", "1"},
		{"app/.env", "../common/two", "2"},
		{"common/two", "one", "1"}, // a chain
		{"app/.env", "../../outside", ""},
		{"app/.env", "../linked/two", ""},
		{"linked", "common", "1"}, // through a directory
	} {
		if step.link != "" {
			link := filepath.Join(dir, step.link)
			if err := os.RemoveAll(link); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(step.text, link); err != nil {
				t.Fatal(err)
			}
			gittest.Git(t, dir, "add", "-A")
			gittest.Git(t, dir, "commit", "--quiet", "-m", step.text)
		}
		s, _, err := snapshot.Read(t.Context(), head(t, dir), snapshot.Options{Config: configure(t, ""), Cache: known, Program: "x"})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(s.Unreadable) == 0 {
			got = s.Files[0].Refs[0].Image.Tag
		}
		if got != step.want {
			t.Errorf("with %s -> %s it is %q, want %q", step.link, step.text, got, step.want)
		}
		if err := known.Save(); err != nil {
			t.Fatal(err)
		}
	}
}

// A link into a submodule leads to nothing of this repository.
func TestLinkIntoSubmodule(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{"Dockerfile": "FROM a:1\n"})
	gittest.Git(t, dir, "update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",module")
	for i, text := range []string{"module/Dockerfile", "module"} {
		name := fmt.Sprintf("%d.Dockerfile", i)
		if err := os.Symlink(text, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		gittest.Git(t, dir, "add", name)
	}
	gittest.Git(t, dir, "commit", "--quiet", "-m", "a submodule")
	s, _, err := snapshot.Read(t.Context(), head(t, dir), snapshot.Options{Config: configure(t, "")})
	if err != nil || strings.Join(s.Dockerfiles, " ") != "Dockerfile" || len(s.Notes) != 2 {
		t.Errorf("%v, %v, %v", s.Dockerfiles, s.Notes, err)
	}
}

// head returns the files of the commit that is checked out.
func head(t *testing.T, dir string) snapshot.Source {
	t.Helper()
	repo, err := gitrepo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = repo.Close() })
	revision, err := repo.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	source, err := snapshot.Commit(repo, revision.Commit)
	if err != nil {
		t.Fatal(err)
	}
	return source
}
