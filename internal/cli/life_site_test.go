package cli_test

import (
	"fmt"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
)

// comments returns what is commented on a pull request.
func (s *site) comments(number int) []forge.Comment { return s.api.Comments(number) }

// protect keeps everybody from pushing to a branch, with the words of GitHub.
func (s *site) protect(t *testing.T, branch string) {
	t.Helper()
	s.git.Hook(t, "update", fmt.Sprintf(`[ "$1" != refs/heads/%s ] || { echo "error: GH006: Protected branch update failed for $1." >&2; echo "error: Cannot update this protected branch." >&2; exit 1; }`, branch))
}
