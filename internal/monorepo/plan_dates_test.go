package monorepo_test

import (
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// A change that is open keeps the day on which it was made, here on 2026-11-01.
func TestDateOfAnOpenChange(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ branch, ref, file, want string }{
		{"the day of the branch", "refs/heads/propagate/java", "FROM=2026-10-30 # of jvm", "2026-10-30"},
		{"the day of the branch of origin", "refs/remotes/origin/propagate/java", "FROM=2026-10-30 # of jvm", "2026-10-30"},
		{"another branch", "refs/heads/propagate/java-1.0.2", "FROM=2026-10-30 # of jvm", "2026-11-01"},
		{"what it was before", "refs/heads/propagate/java", "FROM=2026-09-09 # of jvm", "2026-11-01"},
		{"a day to come", "refs/heads/propagate/java", "FROM=2026-12-24 # of jvm", "2026-11-01"},
		{"no day", "refs/heads/propagate/java", "FROM=unreleased # of jvm", "2026-11-01"},
		{"another line", "refs/heads/propagate/java", "TO=2026-10-30 # of jvm", "2026-11-01"},
	} {
		files := shop()
		files["bases/jvm/Dockerfile"] = "FROM reg.example/shop/java:1.0.0\n"
		files["svc/b/Dockerfile"] = "FROM reg.example/shop/jvm:2026-09-09\n"
		files["versions"] = "FROM=2026-09-09 # of jvm\n"
		files[".propagate.yaml"] = "versions: {jvm: {file: versions, pattern: 'FROM=(?P<version>\\S+)', scheme: date}}\n"
		dir := gittest.Init(t, files)
		gittest.Commit(t, dir, "open", map[string]string{"versions": tc.file + "\n", "more": "\n"})
		gittest.Git(t, dir, "update-ref", tc.ref, "HEAD")
		gittest.Git(t, dir, "reset", "--quiet", "--hard", "HEAD~")
		plan, err := mustOpen(t, dir).Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{java("1.0.1")}})
		if err != nil {
			t.Fatal(err)
		}
		if len(plan.Derived) != 1 || plan.Derived[0].Tag != tc.want {
			t.Errorf("%s: jvm becomes %v, want %s", tc.branch, plan.Derived, tc.want)
		}
	}
}
