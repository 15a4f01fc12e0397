package gitrepo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// likeGit makes the same commit with the git program and an index of its own,
// and returns its id and that of its tree.
func likeGit(t *testing.T, dir, parent, message string, files ...gitrepo.File) (commit, tree string) {
	t.Helper()
	clone := filepath.Join(gittest.TempDir(t), "like-git")
	gittest.Git(t, dir, "clone", "--quiet", "--no-checkout", dir, clone)
	gittest.Git(t, clone, "read-tree", parent)
	var lines strings.Builder
	for _, f := range files {
		blob := gittest.GitInput(t, clone, string(f.Content), "hash-object", "-w", "--stdin")
		mode, _, _ := strings.Cut(gittest.Git(t, clone, "ls-tree", parent, "--", f.Path), " ")
		fmt.Fprintf(&lines, "%s %s\t%s\x00", mode, blob, f.Path)
	}
	gittest.GitInput(t, clone, lines.String(), "update-index", "-z", "--index-info")
	tree = gittest.Git(t, clone, "write-tree")
	return gittest.Git(t, clone, "commit-tree", "-p", parent, "-m", message, tree), tree
}

func TestNewCommitIsLikeGits(t *testing.T) {
	t.Parallel()
	dir, parent := zoo(t)
	oddModes := oddModes(t, dir)
	for _, test := range []struct {
		name    string
		parent  string
		message string
		files   []gitrepo.File
	}{
		{"one file", parent, "one", []gitrepo.File{file("a.txt", "new\n")}},
		{"deep, at the root, and executable", parent, "subject\n\nbody\n\nTrailer: x\n", []gitrepo.File{
			file("run.sh", "#!/bin/sh\nexit 0\n"), file("a/b/c/deep", "new"), file("a/x", ""), file("umlaut-ü", "ü")}},
		{"all files", parent, "all", []gitrepo.File{
			file("a-b", "1"), file("a.txt", "2"), file("a/b/c/deep", "3"), file("a/x", "4"), file("big", "5"),
			file("empty", "6"), file("run.sh", "7"), file("umlaut-ü", "8"), file("with space/f", "9")}},
		{"the same content", parent, "nothing", []gitrepo.File{file("a.txt", "a\n")}},
		{"content that another file has", parent, "same", []gitrepo.File{file("a.txt", "x\n")}},
		{"no file", parent, "nothing", nil},
		{"CRLF, a NUL and no last newline", parent, "raw", []gitrepo.File{file("a.txt", "a\r\n\x00\xff\r\nb")}},
		{"message with umlauts", parent, "Grüße ✓", []gitrepo.File{file("a.txt", "ü")}},
		{"beside a mode that git no longer writes", oddModes, "odd", []gitrepo.File{file("a", "new")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantCommit, wantTree := likeGit(t, dir, test.parent, test.message, test.files...)
			repo := open(t, dir)
			status := gittest.Git(t, dir, "status", "--porcelain")
			before := gittest.Git(t, dir, "count-objects")

			p := newCommit(t, repo, test.parent, test.message, test.files...)
			if p.ID != wantCommit || p.Tree != wantTree {
				t.Errorf("commit %s with tree %s, git makes %s with %s", p.ID, p.Tree, wantCommit, wantTree)
			}
			if len(p.Parents) != 1 || p.Parents[0] != test.parent || !strings.HasPrefix(p.Message, test.message) {
				t.Errorf("%+v is not described as asked", p.Commit)
			}
			if after := gittest.Git(t, dir, "count-objects"); after != before {
				t.Errorf("something was written: %s, before %s", after, before)
			}

			if err := repo.Store(p); err != nil {
				t.Fatal(err)
			}
			if got, ok, err := repo.Commit(p.ID); !ok || err != nil || got.Tree != wantTree {
				t.Errorf("Commit = %+v, %v, %v", got, ok, err)
			}
			for _, f := range test.files {
				if got := gittest.Git(t, dir, "rev-parse", p.ID+":"+f.Path); got != gittest.GitInput(t, dir, string(f.Content), "hash-object", "--stdin") {
					t.Errorf("%s is not what was asked for", f.Path)
				}
			}
			if err := repo.Store(p); err != nil {
				t.Errorf("storing it twice: %v", err)
			}
			if got := gittest.Git(t, dir, "status", "--porcelain"); got != status {
				t.Errorf("git status: %q, before %q", got, status)
			}
			fsck(t, dir)
		})
	}
}

// oddModes returns a commit with a file of mode 100664, as git's first versions
// wrote them.
func oddModes(t *testing.T, dir string) string {
	t.Helper()
	id := gittest.GitInput(t, dir, "x", "hash-object", "-w", "--stdin")
	raw := make([]byte, 20)
	if _, err := fmt.Sscanf(id, "%x", &raw); err != nil {
		t.Fatal(err)
	}
	content := fmt.Sprintf("100644 a\x00%s100664 b\x00%s100755 c\x00%s", raw, raw, raw)
	tree := gittest.GitInput(t, dir, content, "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
	commit := gittest.Git(t, dir, "commit-tree", "-m", "x", tree)
	gittest.Git(t, dir, "branch", "odd", commit)
	return commit
}

// TestNewCommitKeepsOtherEntries looks at what git shows as changed.
func TestNewCommitKeepsOtherEntries(t *testing.T) {
	t.Parallel()
	dir, parent := zoo(t)
	repo := open(t, dir)
	p := newCommit(t, repo, parent, "x", file("run.sh", "new\n"), file("a/x", "new\n"))
	if err := repo.Store(p); err != nil {
		t.Fatal(err)
	}
	got := gittest.Git(t, dir, "diff-tree", "-r", "--raw", "--abbrev=4", parent, p.ID)
	var shown []string
	for line := range strings.Lines(got) {
		fields := strings.Fields(line)
		shown = append(shown, fields[0]+" "+fields[1]+" "+strings.Join(fields[4:], " "))
	}
	if want := ":100644 100644 M a/x\n:100755 100755 M run.sh"; strings.Join(shown, "\n") != want {
		t.Errorf("changed:\n%s\nwant:\n%s", strings.Join(shown, "\n"), want)
	}
}

func TestNewCommitFails(t *testing.T) {
	t.Parallel()
	dir, parent := zoo(t)
	repo := open(t, dir)
	who := someone(t)
	spec := func(change func(*gitrepo.CommitSpec)) gitrepo.CommitSpec {
		s := gitrepo.CommitSpec{Parent: parent, Message: "x", Files: []gitrepo.File{file("a.txt", "new")}, Author: who, Committer: who}
		change(&s)
		return s
	}
	files := func(list ...gitrepo.File) gitrepo.CommitSpec {
		return spec(func(s *gitrepo.CommitSpec) { s.Files = list })
	}
	for _, test := range []struct {
		name string
		spec gitrepo.CommitSpec
		want string
	}{
		{"new file", files(file("a/new", "")), "a/new: does not exist"},
		{"new directory", files(file("new/f", "")), "new: does not exist"},
		{"directory", files(file("a/b", "")), "a/b: is no regular file"},
		{"symbolic link", files(file("link", "")), "link: is no regular file"},
		{"submodule", files(file("mod", "")), "mod: is no regular file"},
		{"below a file", files(file("a.txt/x", "")), "a.txt: is no directory"},
		{"below a symbolic link", files(file("dirlink/x", "")), "dirlink: is no directory"},
		{"below a submodule", files(file("mod/inner", "")), "mod: is no directory"},
		{"twice", files(file("a/x", "1"), file("a/x", "2")), "a/x: is to be changed twice"},
		{"file and directory", files(file("a", ""), file("a/x", "")), "a/x: is to be changed twice"},
		{"directory and file", files(file("a/x", ""), file("a", "")), "a: is to be changed twice"},
		{"outside", files(file("../x", "")), "../x"},
		{"absolute", files(file("/a.txt", "")), "/a.txt"},
		{"not normal", files(file("a/./x", "")), "a/./x"},
		{"root", files(file(".", "")), "\".\""},
		{"no path", files(file("", "")), `""`},
		{"no author", spec(func(s *gitrepo.CommitSpec) { s.Author.Name = "" }), "author"},
		{"author of nothing but brackets", spec(func(s *gitrepo.CommitSpec) { s.Author.Name = "<>\n" }), "author"},
		{"no email", spec(func(s *gitrepo.CommitSpec) { s.Committer.Email = "" }), "committer"},
		{"no time", spec(func(s *gitrepo.CommitSpec) { s.Committer = gitrepo.Signature{Name: "a", Email: "b"} }), "committer"},
		{"NUL in the message", spec(func(s *gitrepo.CommitSpec) { s.Message = "a\x00b" }), "NUL"},
		{"no parent", spec(func(s *gitrepo.CommitSpec) { s.Parent = "" }), "parent"},
		{"parent by name", spec(func(s *gitrepo.CommitSpec) { s.Parent = "main" }), "main"},
		{"unknown parent", spec(func(s *gitrepo.CommitSpec) { s.Parent = strings.Repeat("ab", 20) }), "abab"},
		{"parent that is a tree", spec(func(s *gitrepo.CommitSpec) { s.Parent = gittest.Git(t, dir, "rev-parse", parent+":a") }), "tree"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := repo.NewCommit(t.Context(), test.spec)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := repo.NewCommit(ctx, files(file("a.txt", "new"))); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

// TestNewCommitCleansNames: a name that could end its line in the commit must
// not forge another one. git drops the same characters.
func TestNewCommitCleansNames(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	parent := gittest.Git(t, dir, "rev-parse", "HEAD")
	repo := open(t, dir)
	author := gitrepo.Signature{Name: " Ann <x>\ncommitter Eve, ", Email: "<ann@example.com>\n", When: someone(t).When}
	p, err := repo.NewCommit(t.Context(), gitrepo.CommitSpec{Parent: parent, Message: "x", Author: author, Committer: author})
	if err != nil {
		t.Fatal(err)
	}
	if err := repo.Store(p); err != nil {
		t.Fatal(err)
	}
	fsck(t, dir)
	if got := gittest.Git(t, dir, "show", "--no-patch", "--format=%an|%ae|%cn", p.ID); got != "Ann xcommitter Eve|ann@example.com|Ann xcommitter Eve" {
		t.Errorf("git reads %q", got)
	}
}

// TestStoreInASharedClone: only what neither repository has is written, and
// only into the borrower.
func TestStoreInASharedClone(t *testing.T) {
	t.Parallel()
	origin := gittest.Init(t, map[string]string{"a/one": "1\n", "a/two": "2\n"})
	dir := filepath.Join(gittest.TempDir(t), "shared")
	gittest.Git(t, origin, "clone", "--quiet", "--shared", origin, dir)
	parent := gittest.Git(t, dir, "rev-parse", "HEAD")
	before := gittest.Git(t, origin, "count-objects")
	repo := open(t, dir)
	if err := repo.Store(newCommit(t, repo, parent, "x", file("a/one", "2\n"))); err != nil {
		t.Fatal(err)
	}
	// The blob is that of a/two: two trees and a commit are new.
	if got := gittest.Git(t, dir, "count-objects"); !strings.HasPrefix(got, "3 objects") {
		t.Errorf("the clone has %s, want 3 objects", got)
	}
	if got := gittest.Git(t, origin, "count-objects"); got != before {
		t.Errorf("the origin has %s, before %s", got, before)
	}
	fsck(t, dir)
}

func TestStoreWhereItCannotWrite(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	repo := open(t, dir)
	p := newCommit(t, repo, gittest.Git(t, dir, "rev-parse", "HEAD"), "x", file("README", "new"))
	// A file in the place of the directory stops even root.
	objects := filepath.Join(dir, ".git", "objects", p.ID[:2])
	if err := os.RemoveAll(objects); err != nil {
		t.Fatal(err)
	}
	write(t, objects, "")
	err := repo.Store(p)
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, ".git", "objects")) || source.Hint(err) == "" {
		t.Errorf("error %v (hint %q), want one that names the directory", err, source.Hint(err))
	}
}

// TestNewCommitTrailer: the message ends in the id of the tree that git finds.
func TestNewCommitTrailer(t *testing.T) {
	t.Parallel()
	dir, parent := zoo(t)
	repo := open(t, dir)
	p, err := repo.NewCommit(t.Context(), gitrepo.CommitSpec{
		Parent: parent, Files: []gitrepo.File{file("a/x", "new\n")}, Message: "x\n\nOne: 1", Trailers: func(c gitrepo.Commit) string { return "Tree: " + c.Tree + "\n" },
		Author: someone(t), Committer: someone(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := repo.Store(p); err != nil {
		t.Fatal(err)
	}
	tree := gittest.Git(t, dir, "rev-parse", p.ID+"^{tree}")
	if got := gittest.Git(t, dir, "show", "--no-patch", "--format=%B", p.ID); got != "x\n\nOne: 1\nTree: "+tree || tree != p.Tree {
		t.Errorf("git reads %q, and the tree is %s", got, tree)
	}
	fsck(t, dir)
}

// TestStoreModes: objects are written as git writes them, read-only and with
// nothing left beside them, whether or not the disk is waited for.
func TestStoreModes(t *testing.T) {
	t.Parallel()
	for _, fsync := range []string{"", "all", "committed,reference", "none", "-loose-object"} {
		dir := gittest.Init(t, aFile)
		if fsync != "" {
			gittest.Git(t, dir, "config", "core.fsync", fsync)
		}
		repo := open(t, dir)
		p := newCommit(t, repo, gittest.Git(t, dir, "rev-parse", "HEAD"), "x", file("README", "new "+fsync))
		if err := repo.Store(p); err != nil {
			t.Fatal(err)
		}
		if err := repo.SetBranch("b", p.ID, "", entry(t)); err != nil {
			t.Fatal(err)
		}
		root := filepath.Join(dir, ".git", "objects")
		info, err := os.Stat(filepath.Join(root, p.ID[:2], p.ID[2:]))
		if err != nil || info.Mode().Perm()&0o222 != 0 {
			t.Errorf("mode %v, %v; want one that is read-only", info.Mode(), err)
		}
		if left, err := filepath.Glob(filepath.Join(root, "*", "tmp_*")); err != nil || len(left) > 0 {
			t.Errorf("%q are left, %v", left, err)
		}
		fsck(t, dir)
	}
}
