package publish_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/scanner"
)

// A run that is interrupted says of every change whether its branch was made.
func TestBranchesInterrupted(t *testing.T) {
	t.Parallel()
	const before = "FROM example/base:1.0.0\n"
	paths := []string{"a/Dockerfile", "b/Dockerfile", "c/Dockerfile"}
	content := map[string]string{}
	var files []*scanner.File
	for _, path := range paths {
		content[path] = before
		files = append(files, scanner.ScanFile(path, []byte(before), ""))
	}
	dir := gittest.Init(t, content)
	plan, err := bumper.NewPlan(t.Context(), graph.New(files, nil, nil), onDisk(dir), []bumper.Bump{{Image: "docker.io/example/base", Tag: "1.0.1"}}, bumper.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var changes []publish.Change
	for _, change := range plan.Changes(bumper.ChangeOptions{By: bumper.ByService}) {
		changes = append(changes, publish.Change{Change: change})
	}
	repo, err := gitrepo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = repo.Close() })
	head, err := repo.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	who := gitrepo.Signature{Name: "A", Email: "a@example.com", When: time.Unix(1, 0)}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	outcomes, err := publish.Branches(ctx, repo, publish.Source{Commit: head.Commit, Author: who, Committer: who, Now: time.Now}, changes)
	if !errors.Is(err, context.Canceled) || len(outcomes) != len(paths) {
		t.Fatalf("%d outcomes, %v", len(outcomes), err)
	}
	for i, outcome := range outcomes {
		if outcome.State != publish.Failed || !errors.Is(outcome.Err, publish.ErrInterrupted) || outcome.Change.Branch != changes[i].Branch {
			t.Errorf("%s: %+v", outcome.Change.Branch, outcome)
		}
	}
}
