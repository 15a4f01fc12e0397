package bumper_test

import (
	"slices"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A default moves in the change that moves the value over it, also where that change has this one edit. A build that follows a
// tag that moves is edited at no later time.
func TestDefaultOfWhatIsMovedByOneEdit(t *testing.T) {
	repo := files{"b/Dockerfile": "ARG V\nFROM acme/base:$V\n", "s/Dockerfile": "ARG V=1.0.0\nFROM acme/base:$V\nCOPY --from=acme/b:1.0 / /\n", "t/Dockerfile": "FROM acme/b:1.0.0\n", "values": "1.0.0"}
	how := []scanner.BuildConfig{{Args: []scanner.Arg{{Name: "V", Value: trace.NewFile("values", []byte("1.0.0")).Text(0, 5)}}}}
	all := slices.Concat(
		scanner.ScanBuilds("b/Dockerfile", []byte(repo["b/Dockerfile"]), how),
		scanner.ScanBuilds("s/Dockerfile", []byte(repo["s/Dockerfile"]), how),
		scanner.ScanBuilds("t/Dockerfile", []byte(repo["t/Dockerfile"]), nil),
	)
	p, err := bumper.NewPlan(t.Context(), graph.New(all, nil, nil), repo, []bumper.Bump{base("1.0.1")}, bumper.Options{})
	if err != nil {
		t.Fatal(err)
	}
	after := repo.after(p)
	if after["values"] != "1.0.1" || after["s/Dockerfile"] != "ARG V=1.0.1\nFROM acme/base:$V\nCOPY --from=acme/b:1.0 / /\n" {
		t.Errorf("%s: the value becomes %s, and s/Dockerfile\n%s", verdicts(p), after["values"], after["s/Dockerfile"])
	}
}
