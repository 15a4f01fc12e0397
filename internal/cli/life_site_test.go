package cli_test

import (
	"fmt"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
)

// comments returns what is commented on a pull request.
func (s *site) comments(int) []forge.Comment { return nil }

// reopen opens a closed pull request again, as a person does.
func (s *site) reopen(t *testing.T, _ int) { t.Fatal("not yet") }

// unlabel takes a label away, as a person does.
func (s *site) unlabel(t *testing.T, _ int, _ string) { t.Fatal("not yet") }

// mustBeUpToDate has the protection of main ask for branches that are up to date.
func (s *site) mustBeUpToDate(t *testing.T) { t.Fatal("not yet") }

// mayNotPush has the forge say that the token may not write contents.
func (s *site) mayNotPush(t *testing.T) { t.Fatal("not yet") }

// protect keeps everybody from pushing to a branch, with the words of GitHub.
func (s *site) protect(t *testing.T, branch string) {
	t.Helper()
	s.git.Hook(t, "update", fmt.Sprintf(`[ "$1" != refs/heads/%s ] || { echo "error: GH006: Protected branch update failed for $1." >&2; echo "error: Cannot update this protected branch." >&2; exit 1; }`, branch))
}
