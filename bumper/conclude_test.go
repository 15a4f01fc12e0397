package bumper_test

import (
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// What is based on a derived base that also moves from one version to another, and is not chosen for that, is
// concerned by nothing and has nothing to do.
func TestWhatIsNotChosen(t *testing.T) {
	repo := files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "s/Dockerfile": "FROM acme/b:1.0.0\n"}
	chosen := func(ref *scanner.Ref) (bumper.Bump, bool) {
		return base("1.0.1"), ref.Image.Repository == "docker.io/acme/base"
	}
	p := repo.plan(t, bumper.Options{Chosen: chosen, Level: imageref.Major}, base("1.0.1"), bumper.Bump{Image: "docker.io/acme/b", Tag: "2.0.0", From: "1.0.0"})
	if got, want := verdicts(p), "b bump  []; s up-to-date  []"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
