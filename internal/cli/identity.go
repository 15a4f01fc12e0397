package cli

import (
	"context"
	"errors"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/publish"
)

// origin returns the commit that the changes are made from, and who makes them: as
// for git, the environment comes before the configuration.
func (a *App) origin(ctx context.Context, s *checkout) (publish.Source, error) {
	ids, err := s.repo.Identities(ctx, a.Getenv)
	if errors.Is(err, context.Canceled) {
		return publish.Source{}, err
	}
	if err != nil {
		return publish.Source{}, usage(err, gitrepo.Hint(err))
	}
	for _, note := range ids.Notes {
		a.notef("note: %s", oneLine(note))
	}
	return publish.Source{Commit: s.revision.Commit, Author: ids.Author, Committer: ids.Committer, Now: a.Now}, nil
}
