package gitrepo_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/source"
)

// asGit reads a commit as git does, resolves names, and makes a commit on a branch that is
// what git makes.
func asGit(t *testing.T, dir string) {
	t.Helper()
	repo := open(t, dir)
	head := gittest.Git(t, dir, "rev-parse", "HEAD")
	for _, rev := range []string{"HEAD", "main", "refs/heads/main", head, head[:9]} {
		if got, err := repo.Resolve(rev); err != nil || got.Commit != head {
			t.Errorf("Resolve(%s) = %v, %v; want %s", rev, got, err, head)
		}
	}
	if got, err := repo.Resolve("HEAD~1"); err != nil || got.Commit != gittest.Git(t, dir, "rev-parse", "HEAD~1") {
		t.Errorf("Resolve(HEAD~1) = %v, %v", got, err)
	}
	fsys, err := repo.FS(head)
	if err != nil {
		t.Fatal(err)
	}
	sameAsGit(t, fsys, dir, head)

	files := []gitrepo.File{file("services/api/Dockerfile", "FROM base:2\n")}
	p := newCommit(t, repo, head, "change", files...)
	if want := gitCommit(t, dir, head, "change", files...); p.ID != want {
		t.Errorf("the commit is %s, git makes %s", p.ID, want)
	}
	if err := repo.Store(p); err != nil {
		t.Fatal(err)
	}
	if err := repo.SetBranch("bump/x", p.ID, "", entry(t)); err != nil {
		t.Fatal(err)
	}
	if got := gittest.Git(t, dir, "rev-parse", "refs/heads/bump/x"); got != p.ID {
		t.Errorf("git finds the branch at %s, want %s", got, p.ID)
	}
	if got, ok, err := repo.Branch("bump/x"); got != p.ID || !ok || err != nil {
		t.Errorf("Branch = %s, %v, %v", got, ok, err)
	}
	conflict := (*gitrepo.RefConflictError)(nil)
	if err := repo.SetBranch("bump/x", p.ID, head, entry(t)); !errors.As(err, &conflict) || conflict.Actual != p.ID {
		t.Errorf("SetBranch with another old commit: %v", err)
	}
	if err := repo.SetBranch("bump", p.ID, "", entry(t)); !errors.As(err, &conflict) || conflict.Blocking != "bump/x" {
		t.Errorf("SetBranch above a branch: %v", err)
	}
	checkedOut := (*gitrepo.CheckedOutError)(nil)
	if err := repo.SetBranch("main", p.ID, head, entry(t)); !errors.As(err, &checkedOut) {
		t.Errorf("SetBranch of the branch that is checked out: %v", err)
	}
	fsck(t, dir)
}

// fill commits twice.
func fill(t *testing.T, dir string) {
	t.Helper()
	gittest.Commit(t, dir, "first", aFile)
	gittest.Commit(t, dir, "second", map[string]string{"README": "ho\n"})
}

// TestSHA256: a repository with long ids is read and written as any other, and not pushed
// from.
func TestSHA256(t *testing.T) {
	t.Parallel()
	dir := gittest.TempDir(t)
	gittest.Git(t, dir, "init", "--quiet", "--initial-branch=main", "--object-format=sha256")
	fill(t, dir)
	gittest.Git(t, dir, "tag", "-a", "-m", "x", "v1")
	asGit(t, dir)
	gittest.Git(t, dir, "gc", "--quiet")
	repo := open(t, dir)
	if got, err := repo.Resolve("v1"); err != nil || got.Commit != gittest.Git(t, dir, "rev-parse", "HEAD") {
		t.Errorf("Resolve(v1) = %v, %v", got, err)
	}

	// Many objects become a pack.
	files := map[string]string{}
	var change []gitrepo.File
	for n := range 60 {
		path := fmt.Sprintf("d%d/Dockerfile", n)
		files[path] = fmt.Sprint("FROM base:1.0.", n, "\n")
		change = append(change, file(path, fmt.Sprint("FROM base:1.1.", n, "\n")))
	}
	head := gittest.Commit(t, dir, "many", files)
	p := newCommit(t, repo, head, "change", change...)
	if err := repo.Store(p); err != nil {
		t.Fatal(err)
	}
	if err := repo.SetBranch("bump/many", p.ID, "", entry(t)); err != nil {
		t.Fatal(err)
	}
	fsck(t, dir)
	fsys, err := repo.FS(p.ID)
	if err != nil {
		t.Fatal(err)
	}
	sameAsGit(t, fsys, dir, p.ID)

	_, err = repo.Push(t.Context(), remote.Repository{URL: "https://example.com/x.git"}, []remote.Update{{Branch: "bump/x", New: p.ID}}, nil)
	if err == nil || !strings.Contains(err.Error(), "SHA256") || !strings.Contains(source.Hint(err), "--publish branch") {
		t.Errorf("Push: %v (hint %q)", err, source.Hint(err))
	}
}

// TestReftable: what git can read and write is read and written. Where git is too old for
// it, that is what is said.
func TestReftable(t *testing.T) {
	t.Parallel()
	dir := gittest.TempDir(t)
	if _, err := gittest.Try(t, dir, "init", "--quiet", "--initial-branch=main", "--ref-format=reftable"); err == nil {
		fill(t, dir)
		gittest.Git(t, dir, "pack-refs")
		asGit(t, dir)
		linked := filepath.Join(gittest.TempDir(t), "linked")
		gittest.Git(t, dir, "worktree", "add", "--quiet", "-b", "other", linked)
		gittest.Git(t, dir, "checkout", "--quiet", "--orphan", "unborn")
		wantError(t, resolve(t, dir, "HEAD"), gitrepo.ErrNoCommit)
		if got, err := open(t, linked).Resolve("HEAD"); err != nil || got.Branch != "other" {
			t.Errorf("Resolve(HEAD) = %v, %v in a linked work tree", got, err)
		}
		return
	}
	gittest.Git(t, dir, "init", "--quiet")
	gittest.Git(t, dir, "config", "core.repositoryformatversion", "1")
	gittest.Git(t, dir, "config", "extensions.refStorage", "reftable")
	_, err := gitrepo.Open(dir)
	if err == nil || !strings.Contains(err.Error(), "refstorage") || !strings.Contains(source.Hint(err), "git 2.45") {
		t.Errorf("error %v, hint %q", err, source.Hint(err))
	}
}

// resolve returns the error of Resolve.
func resolve(t *testing.T, dir, rev string) error {
	t.Helper()
	_, err := open(t, dir).Resolve(rev)
	return err
}

// TestReplaced: what is replaced is read as git reads it, and View tells it from what
// others read.
func TestReplaced(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	head := gittest.Git(t, dir, "rev-parse", "HEAD")
	if view := open(t, dir).View(); view != "" {
		t.Errorf("View = %q without replacements", view)
	}
	other := gittest.GitInput(t, dir, "FROM other:1\n", "hash-object", "-w", "--stdin")
	gittest.Git(t, dir, "replace", gittest.Git(t, dir, "rev-parse", "HEAD:services/api/Dockerfile"), other)
	views := map[string]bool{}
	for range 2 {
		repo := open(t, dir)
		fsys, err := repo.FS(head)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fs.ReadFile(fsys, "services/api/Dockerfile"); err != nil || string(got) != "FROM other:1\n" {
			t.Errorf("ReadFile = %q, %v", got, err)
		}
		sameAsGit(t, fsys, dir, head)
		views[repo.View()] = true
		gittest.Git(t, dir, "pack-refs", "--all")
	}
	if len(views) != 1 || views[""] {
		t.Errorf("%d views of the same replacements", len(views))
	}
}

// TestQuotedAlternate: git quotes paths with characters that are special to it.
func TestQuotedAlternate(t *testing.T) {
	t.Parallel()
	origin := gittest.Init(t, aFile)
	dir := filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, origin, "clone", "--quiet", "--shared", origin, dir)
	write(t, filepath.Join(dir, ".git", "objects", "info", "alternates"), `"`+origin+`/.git/\157bjects"`+"\n")
	commit := gittest.Git(t, dir, "rev-parse", "HEAD")
	fsys, err := open(t, dir).FS(commit)
	if err != nil {
		t.Fatal(err)
	}
	sameAsGit(t, fsys, dir, commit)
}

// TestOtherOwner: a checkout of another user can be read, though git itself refuses it.
// Only root can give one away; for all others it stays their own.
func TestOtherOwner(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	fill(t, dir)
	head := gittest.Git(t, dir, "rev-parse", "HEAD")
	want, err := contents(dir, []string{head})
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Lchown(path, 12345, 12345))
		})
		if err != nil {
			t.Fatal(err)
		}
		if out, err := gittest.Try(t, dir, "log"); err == nil || !strings.Contains(out, "dubious ownership") {
			t.Errorf("git says %q, %v", out, err)
		}
	}
	got, err := contents(dir, []string{head})
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if got, err := open(t, dir).Resolve(head[:7]); err != nil || got.Commit != head {
		t.Errorf("Resolve = %v, %v", got, err)
	}
}

// TestNothingIsStarted: nothing that the configuration of a repository names is started,
// nor are its hooks, whatever is done with it.
func TestNothingIsStarted(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{"services/api/Dockerfile": "FROM base:1\n", "README": "hi\n", ".gitattributes": "* filter=evil diff=evil merge=evil\n"})
	head := gittest.Git(t, dir, "rev-parse", "HEAD")
	tmp := gittest.TempDir(t)
	mark, program := filepath.Join(tmp, "started"), filepath.Join(tmp, "evil")
	write(t, program, "#!/bin/sh\necho \"$0 $*\" >> '"+mark+"'\nexit 1\n")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"core.fsmonitor", "core.pager", "pager.cat-file", "pager.rev-parse", "core.sshCommand", "core.editor", "core.gitProxy", "core.askPass",
		"filter.evil.smudge", "filter.evil.clean", "filter.evil.process", "diff.external", "diff.evil.command", "diff.evil.textconv", "merge.evil.driver",
		"gpg.program", "credential.helper", "core.alternateRefsCommand", "uploadpack.packObjectsHook", "remote.origin.uploadpack", "remote.origin.vcs",
		"sequence.editor", "interactive.diffFilter",
	} {
		gittest.Git(t, dir, "config", key, program)
	}
	for _, name := range []string{"cat-file", "rev-parse", "rev-list", "for-each-ref", "update-ref"} {
		gittest.Git(t, dir, "config", "alias."+name, "!"+program)
	}
	hooks := filepath.Join(tmp, "hooks")
	for _, where := range []string{hooks, filepath.Join(dir, ".git", "hooks")} {
		for _, name := range []string{"reference-transaction", "post-checkout", "post-index-change", "pre-commit", "post-commit", "pre-auto-gc", "fsmonitor-watchman"} {
			path := filepath.Join(where, name)
			_ = os.Remove(path)
			write(t, path, "#!/bin/sh\nexec '"+program+"'\n")
			if err := os.Chmod(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	gittest.Git(t, dir, "config", "core.hooksPath", hooks)

	repo := open(t, dir)
	for _, rev := range []string{"HEAD", "main", head[:7]} {
		if _, err := repo.Resolve(rev); err != nil {
			t.Error(err)
		}
	}
	if _, err := contents(dir, []string{head}); err != nil {
		t.Error(err)
	}
	p := newCommit(t, repo, head, "x", file("README", "ho\n"))
	if err := repo.Store(p); err != nil {
		t.Error(err)
	}
	if err := repo.SetBranch("bump/x", p.ID, "", entry(t)); err != nil {
		t.Error(err)
	}
	if _, _, err := repo.Past(t.Context(), p.ID, "README", func(c []byte) bool { return string(c) == "hi\n" }); err != nil {
		t.Error(err)
	}
	if _, err := repo.IsAncestor(t.Context(), head, p.ID); err != nil {
		t.Error(err)
	}
	// An object that is missing makes git look again, and be asked why.
	if err := repo.Prefetch(t.Context(), []gitrepo.ID{noSuch(7)}); err == nil {
		t.Error("there is an object that is not there")
	}
	if started, err := os.ReadFile(mark); err == nil {
		t.Errorf("started:\n%s", started)
	}
}

// TestOldGit: a git that knows no commands of cat-file answers all the same.
func TestOldGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	dir := gittest.Init(t, aFile)
	fill(t, dir)
	head := gittest.Git(t, dir, "rev-parse", "HEAD")
	want, err := contents(dir, []string{head})
	if err != nil {
		t.Fatal(err)
	}
	tmp := gittest.TempDir(t)
	write(t, filepath.Join(tmp, "git"), "#!/bin/sh\ncase \"$*\" in *--batch-command*) echo 'error: unknown option' >&2; exit 129;; esac\nexec '"+git+"' \"$@\"\n")
	if err := os.Chmod(filepath.Join(tmp, "git"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", tmp+string(os.PathListSeparator)+os.Getenv("PATH"))
	got, err := contents(dir, []string{head})
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

// TestBrokenGit: a git that does not run is an error that says so, and is not asked again
// for each object.
func TestBrokenGit(t *testing.T) {
	dir := gittest.Init(t, aFile)
	tmp := gittest.TempDir(t)
	mark := filepath.Join(tmp, "started")
	write(t, filepath.Join(tmp, "git"), "#!/bin/sh\necho x >> '"+mark+"'\necho 'fatal: no such luck' >&2\nexit 128\n")
	if err := os.Chmod(filepath.Join(tmp, "git"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", tmp)
	repo := open(t, dir)
	for range 3 {
		if _, err := repo.Resolve("HEAD"); err == nil || !strings.Contains(err.Error(), "no such luck") {
			t.Errorf("error %v", err)
		}
	}
	if started, err := os.ReadFile(mark); err != nil || len(started) != 2 {
		t.Errorf("git was started %d times, %v", len(started)/2, err)
	}
}
