package bumper_test

import (
	"slices"
	"testing"

	"github.com/matihlabs/propagate/bumper"
)

// A run is about the bases of the plan and about those that have no newer version: their changes are found again, also
// where nothing is left to do for them.
func TestSubjects(t *testing.T) {
	p := files{"s/Dockerfile": "FROM acme/base:1.0.1\n"}.plan(t, bumper.Options{}, base("1.0.1"))
	more := bumper.Bump{Image: "docker.io/acme/other", Tag: "2.0.0"}
	want := []bumper.Subject{{Image: "docker.io/acme/base", Version: "1.0.1"}, {Image: "docker.io/acme/other", Version: "2.0.0"}}
	if got := p.Subjects(bumper.ChangeOptions{}, more); !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
