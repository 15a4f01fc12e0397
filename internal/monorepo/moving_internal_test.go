package monorepo

import (
	"testing"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The bot asks registries what a tag names now, so it guesses nothing of what is on one.
func TestTheBotNotesNoTagThatMoves(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM debian:12\n"})
	for _, isBot := range []bool{false, true} {
		noted := 0
		repo, err := Open(t.Context(), Options{
			Dir: dir, Ref: "HEAD", Program: "test", Getenv: func(string) string { return "" }, Now: time.Now,
			Listen: func(m Message) {
				if m.Code == "moving-tag" {
					noted++
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = repo.Close() })
		policy := Policy{Bumps: []bumper.Bump{{Image: "docker.io/library/debian", Tag: "12"}}}
		if isBot {
			policy.choice = &choice{config: repo.Config}
		}
		if _, err := repo.weigh(t.Context(), policy, bumper.Options{}); err != nil {
			t.Fatal(err)
		}
		if isNoted := noted > 0; isNoted == isBot {
			t.Errorf("the bot: %v; noted: %v", isBot, isNoted)
		}
	}
}
