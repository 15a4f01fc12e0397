//go:build live

package github_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/forge/github"
)

// TestConformanceLive runs the suite against a real repository, by hand: with
// GITHUB_TOKEN and GITHUB_REPOSITORY, and GITHUB_API_URL for a server other
// than the public one. It deletes the branches that it made and leaves closed
// and merged pull requests behind, so take a repository made for it.
func TestConformanceLive(t *testing.T) {
	owner, repo, ok := strings.Cut(os.Getenv("GITHUB_REPOSITORY"), "/")
	a := forgetest.Access{URL: os.Getenv("GITHUB_API_URL"), Token: os.Getenv("GITHUB_TOKEN"), Owner: owner, Repo: repo}
	if !ok || a.Token == "" {
		t.Fatal("set GITHUB_TOKEN, and GITHUB_REPOSITORY to owner/name of a repository to play with")
	}
	if a.URL == "" {
		a.URL = "https://api.github.com"
	}
	a.URL = strings.TrimSuffix(a.URL, "/") + "/"
	patient := func(a forgetest.Access) (forgetest.Client, error) {
		o := options(a)
		o.MaxWait, o.Log = 15*time.Minute, t.Logf
		return github.New(o)
	}
	client, err := patient(a)
	if err != nil {
		t.Fatal(err)
	}
	repository, err := client.Repository(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	forgetest.RunConformance(t, func(t *testing.T) forgetest.Target {
		live := forgetest.NewLive(t, a, true)
		return forgetest.Target{
			Access: a, DefaultBranch: repository.DefaultBranch, Prefix: live.Prefix(), Client: patient,
			Commit: live.Commit, Close: live.Close, Merge: live.Merge, RemoveLabel: live.RemoveLabel,
			Patience: 20, Without: withoutPeople,
		}
	})
}
