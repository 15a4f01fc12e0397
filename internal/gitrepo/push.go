package gitrepo

import (
	"context"
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/redact"
)

// Push sends the new objects of the pending commits that the updates need to another
// repository, as [remote.Repository.Push] does it. The parents of the commits need not
// be in r.
func (r *Repo) Push(ctx context.Context, to remote.Repository, updates []remote.Update, pending []*Pending) ([]remote.Result, error) {
	if r.objects.Format.Name != object.SHA1.Name {
		return nil, withHint(fmt.Errorf("remote %s: a repository with %s object ids cannot be pushed from", redact.URL(to.URL), strings.ToUpper(r.objects.Format.Name)),
			"make local branches with --publish branch, and push them with git")
	}
	commits := make([]remote.Commit, len(pending))
	for i, p := range pending {
		commits[i] = remote.Commit{ID: p.ID, Parents: p.Parents, Objects: p.objects}
	}
	return to.Push(ctx, updates, commits)
}
