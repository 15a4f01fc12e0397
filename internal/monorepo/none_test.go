package monorepo_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// Where there are no Dockerfiles, what has left them out is said.
func TestNoDockerfiles(t *testing.T) {
	t.Parallel()
	readme := map[string]string{"README.md": "x\n"}
	excluded := shop()
	excluded[".propagate.yaml"] = "dockerfiles: {exclude: ['*']}\n"
	for _, test := range []struct {
		name       string
		files      map[string]string
		add        string // to the work tree
		stage      bool
		text, hint string
	}{
		{"none", readme, "", false, "there are no Dockerfiles", "-C names the repository"},
		{"all are excluded", excluded, "", false, "there are no Dockerfiles but those that dockerfiles.exclude leaves out: all 4", "exclude less in the configuration"},
		{"not committed", readme, "svc/api.Dockerfile", false, "there are no Dockerfiles", "svc/api.Dockerfile is in the work tree alone: commit it first"},
		{"staged", readme, "Dockerfile", true, "there are no Dockerfiles", "Dockerfile is in the work tree alone: commit it first"},
		{"another file", readme, "svc/api.txt", false, "there are no Dockerfiles", "-C names the repository"},
		{"further down", readme, "a/b/Dockerfile", false, "there are no Dockerfiles", "-C names the repository"},
	} {
		dir := gittest.Init(t, test.files)
		if test.add != "" {
			full := filepath.Join(dir, test.add)
			if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o700), os.WriteFile(full, []byte("FROM x/y:1\n"), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		if test.stage {
			gittest.Git(t, dir, "add", ".")
		}
		err := mustOpen(t, dir).CheckDockerfiles()
		var e *source.Error
		if !errors.As(err, &e) || !strings.HasSuffix(e.Error(), ": "+test.text) || !strings.HasPrefix(e.Hint, test.hint) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
