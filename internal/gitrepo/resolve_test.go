package gitrepo_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	origin := gittest.Init(t, map[string]string{"a": "1"})
	gittest.Git(t, origin, "branch", "feature/x")
	dir := filepath.Join(gittest.TempDir(t), "clone")
	gittest.Git(t, origin, "clone", "--quiet", origin, dir)
	gittest.Git(t, dir, "remote", "add", "team/fork", origin)
	gittest.Git(t, dir, "fetch", "--quiet", "team/fork")
	first := gittest.Git(t, dir, "rev-parse", "HEAD")
	gittest.Git(t, dir, "tag", "light")
	gittest.Git(t, dir, "tag", "--annotate", "--message=x", "heavy")
	gittest.Git(t, dir, "tag", "--annotate", "--message=x", "heavier", "heavy")
	gittest.Git(t, dir, "branch", "both") // first
	second := gittest.Commit(t, dir, "second", map[string]string{"a": "2"})
	gittest.Git(t, dir, "tag", "both") // second: a tag comes before a branch
	gittest.Git(t, dir, "checkout", "--quiet", "-b", "side", first)
	gittest.Commit(t, dir, "side", map[string]string{"b": "1"})
	gittest.Git(t, dir, "checkout", "--quiet", "main")
	gittest.Git(t, dir, "merge", "--quiet", "--no-ff", "--message=merge", "side")
	merge := gittest.Git(t, dir, "rev-parse", "HEAD")
	gittest.Git(t, dir, "branch", second[:7]+"0", first) // looks like an id, but is a branch
	side := gittest.Git(t, dir, "rev-parse", "side")

	for _, packed := range []bool{false, true} {
		if packed {
			gittest.Git(t, dir, "gc", "--quiet")
			gittest.Git(t, dir, "pack-refs", "--all")
		}
		for _, test := range []struct{ rev, commit, branch string }{
			{"HEAD", merge, "main"},
			{"@", merge, "main"},
			{"main", merge, "main"},
			{"heads/main", merge, "main"},
			{"refs/heads/main", merge, "main"},
			{"origin/main", first, "main"},
			{"origin/feature/x", first, "feature/x"},
			{"team/fork/feature/x", first, "feature/x"},
			{"refs/remotes/origin/main", first, "main"},
			{"origin", first, "main"},
			{"origin/HEAD", first, "main"},
			{"light", first, ""},
			{"heavy", first, ""},
			{"heavier", first, ""},
			{"refs/tags/heavy", first, ""},
			{"both", second, ""},
			{"side", side, "side"},
			{merge, merge, ""},
			{strings.ToUpper(merge), merge, ""},
			{merge[:12], merge, ""},
			{merge[:7], merge, ""},
			{second[:7] + "0", first, second[:7] + "0"},
			{"light-1-g" + second[:9], second, ""},
			{"HEAD~1", second, ""},
			{"HEAD^", second, ""},
			{"HEAD^2", side, ""},
			{"HEAD~2", first, ""},
			{"@^^", first, ""},
			{"HEAD^2~1", first, ""},
			{"HEAD^0", merge, "main"},
			{"heavy^{commit}", first, ""},
			{"heavier^{}~0", first, ""},
		} {
			name := test.rev
			if packed {
				name += " packed"
			}
			t.Run(name, func(t *testing.T) {
				if want := gittest.Git(t, dir, "rev-parse", test.rev+"^{commit}"); want != test.commit {
					t.Fatalf("the test is wrong: git says %s", want)
				}
				got, err := open(t, dir).Resolve(test.rev)
				if err != nil {
					t.Fatal(err)
				}
				want := gitrepo.Revision{Commit: test.commit, Branch: test.branch, Tree: gittest.Git(t, dir, "rev-parse", test.commit+"^{tree}")}
				if got != want {
					t.Errorf("Resolve(%s) = %+v, want %+v", test.rev, got, want)
				}
			})
		}
	}
}

func TestResolveDetached(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	gittest.Git(t, dir, "checkout", "--quiet", "--detach")
	got, err := open(t, dir).Resolve("HEAD")
	if err != nil || got.Branch != "" || got.Commit != gittest.Git(t, dir, "rev-parse", "main") {
		t.Errorf("Resolve(HEAD) = %+v, %v; want the commit of main and no branch", got, err)
	}
}

// TestResolveInALinkedWorkTree: its HEAD is its own, the branches are shared.
func TestResolveInALinkedWorkTree(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	linked := filepath.Join(gittest.TempDir(t), "linked")
	gittest.Git(t, dir, "worktree", "add", "--quiet", "-b", "other", linked)
	want := gittest.Commit(t, linked, "in the linked one", map[string]string{"README": "changed"})
	repo := open(t, linked)
	for rev, branch := range map[string]string{"HEAD": "other", "other": "other"} {
		if got, err := repo.Resolve(rev); err != nil || got.Commit != want || got.Branch != branch {
			t.Errorf("Resolve(%s) = %+v, %v; want %s on %s", rev, got, err, want, branch)
		}
	}
	if got, err := repo.Resolve("main"); err != nil || got.Commit == want || got.Branch != "main" {
		t.Errorf("Resolve(main) = %+v, %v", got, err)
	}
}

func TestResolveFails(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	empty := gittest.TempDir(t)
	gittest.Git(t, empty, "init", "--quiet", "--initial-branch=trunk")
	second := gittest.Commit(t, dir, "second", nil)
	blob, tree := gittest.Git(t, dir, "rev-parse", "HEAD:README"), gittest.Git(t, dir, "rev-parse", "HEAD^{tree}")
	gittest.Git(t, dir, "tag", "-a", "-m", "a file", "file", blob)
	gittest.Git(t, dir, "tag", "-a", "-m", "a tree", "tree", tree)
	gittest.Git(t, dir, "tag", "-a", "-m", "a tag", "again", "tree")
	shallow := filepath.Join(gittest.TempDir(t), "shallow")
	gittest.Git(t, dir, "clone", "--quiet", "--depth=1", "file://"+dir, shallow)
	broken := gittest.Init(t, aFile)
	write(t, filepath.Join(broken, ".git", "refs", "heads", "empty"), "")

	for _, test := range []struct {
		name, dir, rev string
		want           error
		text           string
	}{
		{"no commit yet", empty, "HEAD", gitrepo.ErrNoCommit, "trunk"},
		{"the branch without a commit by name", empty, "trunk", gitrepo.ErrNoCommit, "trunk"},
		{"another name without a commit", empty, "main", gitrepo.ErrUnknownRevision, "main"},
		{"unknown name", dir, "nope", gitrepo.ErrUnknownRevision, "nope"},
		{"unknown id", dir, strings.Repeat("12", 20), gitrepo.ErrUnknownRevision, "1212"},
		{"unknown short id", dir, "12121212", gitrepo.ErrUnknownRevision, "1212"},
		{"too short an id", dir, second[:3], gitrepo.ErrUnknownRevision, second[:3]},
		{"short id of a file", dir, blob[:10], gitrepo.ErrNotCommit, blob[:10] + ": it is a blob, not a commit"},
		{"tag of a file", dir, "file", gitrepo.ErrNotCommit, "file: it is a blob, not a commit"},
		{"tree", dir, tree, gitrepo.ErrNotCommit, tree + ": it is a tree, not a commit"},
		{"tag of a tag of a tree", dir, "again", gitrepo.ErrNotCommit, "again: it is a tree, not a commit"},
		{"before the first commit", dir, "HEAD~2", gitrepo.ErrUnknownRevision, "HEAD~2"},
		{"no second parent", dir, "HEAD^2", gitrepo.ErrUnknownRevision, "HEAD^2"},
		{"a range", dir, "main..HEAD", gitrepo.ErrUnknownRevision, "main..HEAD"},
		{"a reflog entry", dir, "main@{1}", gitrepo.ErrUnknownRevision, "main@{1}"},
		{"a path", dir, "HEAD:README", gitrepo.ErrUnknownRevision, "HEAD:README"},
		{"out of the repository", dir, "../../etc/passwd", gitrepo.ErrUnknownRevision, "etc"},
		{"a file of git", dir, "config", gitrepo.ErrUnknownRevision, "config"},
		{"nothing", dir, "", gitrepo.ErrUnknownRevision, ""},
		{"two lines", dir, "main\nHEAD", gitrepo.ErrUnknownRevision, ""},
		{"beyond a shallow clone", shallow, "HEAD~1", gitrepo.ErrShallow, "HEAD~1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := open(t, test.dir).Resolve(test.rev)
			wantError(t, err, test.want)
			if !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %q, want it to name %q", err, test.text)
			}
			if source.Hint(err) == "" && !strings.ContainsAny(test.rev, "~^") {
				t.Errorf("no hint for %q", err)
			}
		})
	}

	t.Run("object of another type", func(t *testing.T) {
		_, err := open(t, dir).Resolve(blob)
		if err == nil || !strings.Contains(err.Error(), "it is a blob, not a commit") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("reference without content", func(t *testing.T) {
		_, err := open(t, broken).Resolve("empty")
		if err == nil || !strings.Contains(err.Error(), "holds no commit id") || source.Hint(err) == "" {
			t.Errorf("error %v", err)
		}
	})
}

func TestResolveAmbiguous(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	// Among so many commits two begin with the same four digits.
	var script strings.Builder
	for range 2000 {
		script.WriteString("commit refs/heads/many\ncommitter A <a@b> 1 +0000\ndata 0\n")
	}
	gittest.GitInput(t, dir, script.String(), "fast-import", "--quiet")
	seen := map[string]int{}
	prefix := ""
	for _, id := range strings.Fields(gittest.Git(t, dir, "rev-list", "many")) {
		if seen[id[:4]]++; seen[id[:4]] > 1 {
			prefix = id[:4]
		}
	}
	if prefix == "" {
		t.Fatal("no two commits begin alike")
	}
	_, err := open(t, dir).Resolve(prefix)
	wantError(t, err, gitrepo.ErrUnknownRevision)
	if !strings.Contains(err.Error(), "commits begin so") || !strings.Contains(source.Hint(err), prefix) {
		t.Errorf("error %q, hint %q", err, source.Hint(err))
	}
}

func TestCommitByID(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, aFile)
	first := gittest.Git(t, dir, "rev-parse", "HEAD")
	second := gittest.Commit(t, dir, "subject\n\nbody", map[string]string{"README": "2"})
	repo := open(t, dir)
	got, ok, err := repo.Commit(second)
	if err != nil || !ok {
		t.Fatalf("Commit = %v, %v", ok, err)
	}
	if got.ID != second || got.Tree != gittest.Git(t, dir, "rev-parse", "HEAD^{tree}") ||
		len(got.Parents) != 1 || got.Parents[0] != first || got.Message != "subject\n\nbody\n" {
		t.Errorf("Commit = %+v", got)
	}
	who := someone(t)
	for _, s := range []gitrepo.Signature{got.Author, got.Committer} {
		if s.Name != who.Name || s.Email != who.Email || !s.When.Equal(who.When) {
			t.Errorf("signature %+v, want %+v", s, who)
		}
	}
	if _, ok, err := repo.Commit(strings.Repeat("ab", 20)); ok || err != nil {
		t.Errorf("Commit of an unknown id = %v, %v", ok, err)
	}
	if _, _, err := repo.Commit("main"); err == nil {
		t.Error("Commit took a name")
	}
	// What git adds while the repository is open is seen, packed or not.
	third := gittest.Commit(t, dir, "third", nil)
	if _, ok, err := repo.Commit(third); !ok || err != nil {
		t.Errorf("Commit of a new loose commit = %v, %v", ok, err)
	}
	fourth := gittest.Commit(t, dir, "fourth", nil)
	gittest.Git(t, dir, "gc", "--quiet", "--prune=now")
	if _, ok, err := repo.Commit(fourth); !ok || err != nil {
		t.Errorf("Commit of a newly packed commit = %v, %v", ok, err)
	}
}
