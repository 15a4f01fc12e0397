package cli_test

import (
	"path/filepath"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// A clone without the contents of files gives the same answers as a whole one, also
// where the configuration names the files that are to be read.
func TestPartialCloneAnswersTheSame(t *testing.T) {
	t.Parallel()
	const image = "registry.example/team"
	files := with(chain(image),
		".propagate.yaml", noLabels+"arguments:\n- files: ci/arguments.env\n  for: services/e/**\n",
		"ci/arguments.env", "VARIANT=base\n",
		"services/e/Dockerfile", "ARG VARIANT\nFROM "+image+"/${VARIANT}:1.0.0\n")
	server := newGit(t)
	origin := gittest.Init(t, files)
	gittest.Git(t, origin, "push", "--quiet", server.AuthURL(), "HEAD:refs/heads/main")
	partial := filepath.Join(gittest.TempDir(t), "partial")
	gittest.Git(t, origin, "clone", "--quiet", "--filter=blob:none", "--no-checkout", server.AuthURL(), partial)
	for _, args := range [][]string{
		{"scan", "-o", "json"},
		{"graph", "-o", "json"},
		{"affected", "--base", "base@1.0.1", "-o", "json"},
		{"plan", "--base", "base@1.0.1", "-o", "json"},
	} {
		whole := in(origin).run(t, args...).want(t, 0)
		if got := in(partial).run(t, args...).want(t, 0); got.stdout != whole.stdout {
			t.Errorf("%q of the partial clone:\n%s\nof the whole one:\n%s", args, got.stdout, whole.stdout)
		}
	}
}
