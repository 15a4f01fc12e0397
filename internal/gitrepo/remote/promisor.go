package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/redact"
)

// A Promisor is the remote that has the objects which a partial clone left out.
type Promisor struct {
	Name     string           // of the remote in the configuration of the clone
	Called   string           // what errors call it
	URL      string           // that git fetches from
	Clone    string           // a directory from which git finds the clone
	Guard    Guard            // what git does not get
	Redactor *redact.Redactor // takes the secrets out of what git says
}

// Fetch runs git to get objects from the promisor. The options are those that
// git itself uses then: no reference is asked for or written, nothing that is
// here is told to the remote, and nothing goes on in the background. Where the
// objects cannot be had the error wraps object.ErrMissing.
func (p Promisor) Fetch(ctx context.Context, ids []object.ID) error {
	git, err := exec.LookPath("git")
	if err != nil {
		return fmt.Errorf("%w, and there is no git program on PATH to fetch it with", object.ErrMissing)
	}
	args := slices.Concat([]string{"-C", p.Clone, "-c", "fetch.negotiationAlgorithm=noop", "-c", "gc.auto=0", "-c", "maintenance.auto=false"},
		p.Guard.settings(p.URL),
		[]string{"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no",
			"--filter=blob:none", "--stdin", "--end-of-options", p.Name})
	cmd := exec.CommandContext(ctx, git, args...) //nolint:gosec // git itself, on what the clone says of its own remote
	cmd.Env = append(p.Guard.environment(cmd.Environ(), p.URL), "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	var stdin bytes.Buffer
	for _, id := range ids {
		fmt.Fprintln(&stdin, id)
	}
	said := &object.LimitedBuffer{}
	cmd.Stdin, cmd.Stderr = &stdin, said
	cmd.WaitDelay = 10 * time.Second // for what git has started and does not end with it
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w, and fetching it was stopped: %w", object.ErrMissing, ctx.Err())
	case err != nil:
		why := p.Redactor.Line(said.String())
		if exit := (*exec.ExitError)(nil); why == "" || !errors.As(err, &exit) {
			why = strings.TrimSuffix(oserror.Text(err)+": "+why, ": ")
		}
		return fmt.Errorf("%w, and git cannot fetch it from %s: %s", object.ErrMissing, redact.URL(p.Called), why)
	}
	return nil
}
