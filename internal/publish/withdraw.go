package publish

import (
	"context"
	"fmt"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/imageref"
)

// Kept is an open pull request for a version that is withdrawn, which is for a person to close.
type Kept struct {
	Pull  forge.Pull
	Why   string // why the version is withdrawn: "base:1.0.1 is withdrawn: breaks TLS"
	Holds string // what keeps it open: "the branch holds commit 0123456789ab, which is not propagate's"
}

// withdrawn says why a pull request is for a version that is withdrawn, and what the tip of its branch is; why is "" for
// one that is for none. A person may have written the description anew: then the commits tell the version.
func (r *run) withdrawn(ctx context.Context, pull ourPull) (why string, tip lookedUp, err error) {
	base := pull.Base
	if pull.was.marked {
		base = pull.was.mark.Base
	}
	if r.plan.Withdrawn == nil || base != r.Base {
		return "", lookedUp{}, nil
	}
	versions := pull.was.mark.Of
	if pull.was.marked && r.withdrawal(versions) == "" {
		return "", lookedUp{}, nil
	}
	if tip, err = r.look(ctx, r.survey, pull.Head, pull.was); err != nil {
		return "", tip, err
	}
	if !pull.was.marked {
		if versions = tip.made.subjects; versions == nil && !tip.ours {
			if versions, err = r.versionsBelow(ctx, tip); err != nil {
				return "", tip, err
			}
		}
	}
	return r.withdrawal(versions), tip, nil
}

// withdrawal says why one of some versions is withdrawn; "" where none is.
func (r *run) withdrawal(versions []bumper.Subject) string {
	if r.plan.Withdrawn == nil {
		return ""
	}
	for _, s := range versions {
		if reason, ok := r.plan.Withdrawn(s); ok {
			return fmt.Sprintf("%s:%s is withdrawn: %s", imageref.Base(s.Image), s.Version, reason)
		}
	}
	return ""
}

// holds says what keeps a pull request open whose version is withdrawn; "" where nothing does.
func (r *run) holds(pull ourPull, tip lookedUp) (holds string) {
	switch {
	case r.queued(pull.Pull):
		holds = "it is in the merge queue"
	case !tip.ours:
		holds = fmt.Sprintf("the branch holds commit %.12s, which is not propagate's", pull.Head)
	case pull.Base != r.Base:
		holds = "somebody changed its base branch to " + pull.Base
	case pull.was.mark.Closed != "":
		holds = "somebody opened it again"
	}
	if holds != "" && pull.AutoMerge {
		holds += ", and auto-merge is on"
	}
	return holds
}

// movesOn reports whether a change of this run brings a pull request to another version, or has tried to.
func (r *run) movesOn(pull ourPull) bool {
	for _, w := range r.works {
		if w.pull != nil && w.pull.Number == pull.Number && w.out.State != LeftAlone {
			return true
		}
	}
	return false
}
