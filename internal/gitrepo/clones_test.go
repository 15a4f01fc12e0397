package gitrepo_test

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// sameAsGit compares all files of a commit, and their modes, with what git says.
func sameAsGit(t *testing.T, fsys fs.FS, dir, commit string) {
	t.Helper()
	want := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSuffix(gittest.Git(t, dir, "ls-tree", "-r", "-z", commit), "\x00"), "\x00") {
		fields, name, _ := strings.Cut(line, "\t")
		parts := strings.Fields(fields)
		content := ""
		if parts[1] == "blob" {
			content = gittest.Git(t, dir, "cat-file", "blob", parts[2])
		}
		want[name] = parts[0] + " " + content
	}
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var content []byte
		mode := map[fs.FileMode]string{0o644: "100644", 0o755: "100755", fs.ModeIrregular: "160000", fs.ModeSymlink | 0o777: "120000"}[info.Mode()]
		if d.Type() == fs.ModeSymlink {
			var target string
			target, err = fs.ReadLink(fsys, path)
			content = []byte(target)
		} else {
			content, err = fs.ReadFile(fsys, path)
		}
		if got := mode + " " + strings.TrimSpace(string(content)); got != want[path] || info.Size() != int64(len(content)) {
			t.Errorf("%s is %q of %d bytes, git says %q", path, got, info.Size(), want[path])
		}
		delete(want, path)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for path := range want {
		t.Errorf("%s is not found", path)
	}
}

// gitCommit makes the commit that newCommit makes, by git's own means, and
// returns its id.
func gitCommit(t *testing.T, dir, parent, message string, files ...gitrepo.File) string {
	t.Helper()
	git := func(stdin string, args ...string) string { return gittest.GitInput(t, dir, stdin, args...) }
	tree := parent + "^{tree}"
	for _, f := range files {
		// The trees along the path, from the file up, through mktree.
		id := git(string(f.Content), "hash-object", "-w", "--stdin")
		for name := f.Path; name != "."; name = filepath.Dir(name) {
			up := ""
			if d := filepath.Dir(name); d != "." {
				up = d
			}
			var lines []string
			for line := range strings.SplitSeq(strings.TrimSuffix(git("", "ls-tree", "-z", tree+":"+up), "\x00"), "\x00") {
				fields, entry, _ := strings.Cut(line, "\t")
				if entry == filepath.Base(name) {
					fields = fields[:strings.LastIndex(fields, " ")+1] + id
				}
				lines = append(lines, fields+"\t"+entry)
			}
			id = git(strings.Join(lines, "\x00")+"\x00", "mktree", "-z", "--missing")
		}
		tree = id
	}
	return git("", "commit-tree", "-p", parent, "-m", message, tree)
}

// TestClones reads all files of a commit, makes another on a branch, and looks
// at both with git, in every kind of clone that large repositories are worked on
// in.
func TestClones(t *testing.T) {
	t.Parallel()
	clone := func(t *testing.T, origin, tmp string, args ...string) string {
		dir := filepath.Join(tmp, "clone")
		gittest.Git(t, tmp, slices.Concat([]string{"clone", "--quiet"}, args, []string{origin, dir})...)
		return dir
	}
	for _, test := range []struct {
		name string
		make func(t *testing.T, origin, tmp string) string
	}{
		{"sparse checkout", func(t *testing.T, origin, tmp string) string {
			dir := clone(t, origin, tmp, "--sparse")
			gittest.Git(t, dir, "config", "extensions.worktreeConfig", "true")
			gittest.Git(t, dir, "sparse-checkout", "set", "a/b")
			return dir
		}},
		{"sparse index", func(t *testing.T, origin, tmp string) string {
			dir := clone(t, origin, tmp)
			gittest.Git(t, dir, "sparse-checkout", "set", "--cone", "--sparse-index", "with space")
			if !strings.Contains(gittest.Git(t, dir, "ls-files", "--sparse"), "a/") {
				t.Fatal("the index is not sparse")
			}
			return dir
		}},
		{"shared", func(t *testing.T, origin, tmp string) string { return clone(t, origin, tmp, "--shared") }},
		{"reference", func(t *testing.T, origin, tmp string) string {
			return clone(t, "file://"+origin, tmp, "--reference", origin)
		}},
		{"linked work tree", func(t *testing.T, origin, tmp string) string {
			gittest.Git(t, origin, "worktree", "add", "--quiet", "--detach", filepath.Join(tmp, "linked"))
			return filepath.Join(tmp, "linked")
		}},
		{"shallow", func(t *testing.T, origin, tmp string) string { return clone(t, "file://"+origin, tmp, "--depth=1") }},
		{"split index", func(t *testing.T, origin, tmp string) string {
			dir := clone(t, origin, tmp)
			gittest.Git(t, dir, "update-index", "--split-index")
			return dir
		}},
		{"untracked cache and file system monitor", func(t *testing.T, origin, tmp string) string {
			dir := clone(t, origin, tmp)
			gittest.Git(t, dir, "config", "core.untrackedCache", "true")
			gittest.Git(t, dir, "config", "feature.manyFiles", "true")
			gittest.Git(t, dir, "update-index", "--force-untracked-cache")
			gittest.Git(t, dir, "update-index", "--fsmonitor")
			gittest.Git(t, dir, "config", "core.fsmonitor", "false")
			return dir
		}},
		{"several packs with one index and a commit graph", func(t *testing.T, origin, tmp string) string {
			dir := clone(t, "file://"+origin, tmp)
			gittest.Commit(t, dir, "more", map[string]string{"a/x": "other\n", "a/b/c/more": "more\n"})
			gittest.Git(t, dir, "repack", "--quiet", "-d")
			gittest.Git(t, dir, "multi-pack-index", "write")
			gittest.Git(t, dir, "commit-graph", "write", "--reachable", "--split")
			return dir
		}},
		{"packs with one index and a bitmap", func(t *testing.T, origin, tmp string) string {
			dir := clone(t, "file://"+origin, tmp)
			gittest.Commit(t, dir, "more", map[string]string{"a/x": "other\n"})
			gittest.Git(t, dir, "repack", "--quiet", "-a", "-d", "--write-midx", "--write-bitmap-index")
			return dir
		}},
		{"deltas that name their base", func(t *testing.T, origin, tmp string) string {
			dir := clone(t, origin, tmp)
			for n := range 30 {
				gittest.Commit(t, dir, "more", map[string]string{"big": strings.Repeat("0123456789abcdef", 1<<10) + strings.Repeat("x", n)})
			}
			gittest.Git(t, dir, "-c", "repack.useDeltaBaseOffset=false", "repack", "--quiet", "-a", "-d", "-f")
			return dir
		}},
		{"partial, without blobs", func(t *testing.T, origin, tmp string) string {
			dir := clone(t, "file://"+origin, tmp, "--filter=blob:none", "--no-checkout")
			repo := open(t, dir)
			if err := repo.Prefetch(t.Context(), blobs(t, repo)); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			origin, _ := zoo(t)
			gittest.Git(t, origin, "config", "uploadpack.allowFilter", "true")
			dir := test.make(t, origin, gittest.TempDir(t))
			head := gittest.Git(t, dir, "rev-parse", "HEAD")
			status := gittest.Git(t, dir, "status", "--porcelain")
			repo := open(t, dir)
			fsys, err := repo.FS(head)
			if err != nil {
				t.Fatal(err)
			}
			sameAsGit(t, fsys, dir, head)

			files := []gitrepo.File{file("a/b/c/deep", "changed\n"), file("run.sh", "#!/bin/sh\nexit\n")}
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
			if fsys, err = repo.FS(p.ID); err != nil {
				t.Fatal(err)
			}
			sameAsGit(t, fsys, dir, p.ID)
			if got := gittest.Git(t, dir, "status", "--porcelain"); got != status {
				t.Errorf("git status: %q, before %q", got, status)
			}
			if differing, err := repo.Differing(t.Context(), filesOf(t, dir), 1); err != nil || status == "" && len(differing) > 0 {
				t.Errorf("Differing = %q, %v", differing, err)
			}
			fsck(t, dir)
		})
	}
}
