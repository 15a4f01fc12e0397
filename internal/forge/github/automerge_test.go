package github_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/forgetest"
)

func mergeOf(p forge.Pull, method forge.Method) forge.Merge {
	return forge.Merge{Head: p.Head, Method: method, Title: "Change a (#1)", Message: "Because."}
}

// Auto-merge goes to GraphQL, beside the REST API of GitHub and below /api of GitHub Enterprise.
func TestAutoMerge(t *testing.T) {
	for d, path := range map[forgetest.Description]string{forgetest.GitHub: "/graphql", forgetest.EnterpriseServer: "/api/graphql"} {
		for _, method := range []forge.Method{forge.Squash, forge.MergeCommit, forge.Rebase} {
			t.Run(string(d)+" "+string(method), func(t *testing.T) {
				b := benchFor(t, forgetest.Config{Description: d})
				p := b.open(t, b.change("a"))
				want := mergeOf(p, method)
				if err := b.client.EnableAutoMerge(t.Context(), p, want); err != nil {
					t.Fatal(err)
				}
				if method == forge.Rebase {
					want.Title, want.Message = "", ""
				}
				if got, ok := b.AutoMerge(1); !ok || got != want {
					t.Errorf("auto-merge is %+v, %v; want %+v", got, ok, want)
				}
				requests := b.Requests()
				if got := requests[len(requests)-1].Path; got != path {
					t.Errorf("it was sent to %s, want %s", got, path)
				}
				stopped := func() bool {
					is, err := b.client.AutoMergeStopped(t.Context(), 1)
					if err != nil {
						t.Fatal(err)
					}
					return is
				}
				if all, err := b.client.Pulls(t.Context(), "a"); err != nil || !all[0].AutoMerge || stopped() {
					t.Errorf("the pull request is %+v, %v", all, err)
				}
				b.DisableAutoMerge(1)
				if !stopped() {
					t.Error("that a person disabled it is not known")
				}
				if err := b.client.EnableAutoMerge(t.Context(), p, want); err != nil || stopped() {
					t.Errorf("it cannot be enabled again: %v", err)
				}
				b.PassChecks(1)
				if all, err := b.client.Pulls(t.Context(), "a"); err != nil || all[0].State != forge.Merged {
					t.Errorf("the pull request is %+v, %v", all, err)
				}
			})
		}
	}
}

func TestAutoMergeRefused(t *testing.T) {
	fault := func(message, kind string) func(*bench, *forge.Pull) {
		return func(b *bench, _ *forge.Pull) {
			b.Fail(forgetest.On(http.MethodPost, "/graphql"), 1, forgetest.Fault{Status: 200, Body: `{"data": null, "errors": [{"type": "` + kind + `", "message": "` + message + `"}]}`})
		}
	}
	for _, test := range []struct {
		name   string
		config forgetest.Config
		before func(*bench, *forge.Pull)
		want   error
		text   string
	}{
		{"nothing is required", forgetest.Config{}, func(b *bench, _ *forge.Pull) { b.SetChecks(forgetest.ChecksNone) }, forge.ErrClean, "nothing has to pass before it is merged (Pull request Pull request is in clean status)"},
		{"no protection", forgetest.Config{}, fault("Pull request Protected branch rules not configured for this branch", "UNPROCESSABLE"), forge.ErrClean, "nothing has to pass before it is merged (Pull request Protected branch rules not configured for this branch)"},
		{"something else goes on", forgetest.Config{}, func(b *bench, _ *forge.Pull) { b.SetChecks(forgetest.ChecksUnstable) }, forge.ErrUnstable, "a check that nothing requires has failed or goes on (Pull request Pull request is in unstable status)"},
		{"not allowed", forgetest.Config{NoAutoMerge: true}, nil, forge.ErrForbidden, "the token may not do this (Pull request Auto merge is not allowed for this repository)"},
		{"the method is not allowed", forgetest.Config{Methods: []forge.Method{forge.Rebase}}, nil, forge.ErrInvalid, "refused as invalid (Pull request Merge method squash merging is not allowed on this repository)"},
		{"enabled already", forgetest.Config{}, func(b *bench, p *forge.Pull) {
			_ = b.client.EnableAutoMerge(context.Background(), *p, mergeOf(*p, forge.Squash))
		}, forge.ErrInvalid, "refused as invalid (Pull request Auto merge is already enabled)"},
		{"another head", forgetest.Config{}, func(_ *bench, p *forge.Pull) { p.Head = strings.Repeat("1", 40) }, forge.ErrInvalid, "refused as invalid (Pull request Head sha was modified)"},
		{"no such pull request", forgetest.Config{}, func(_ *bench, p *forge.Pull) { p.ID = "PR_0" }, forge.ErrNotFound, "not found (Could not resolve to a node with the global id of 'PR_0')"},
		{"the token may not", forgetest.Config{}, fault("Resource not accessible by integration", "FORBIDDEN"), forge.ErrForbidden, "the token may not do this (Resource not accessible by integration)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := benchFor(t, test.config)
			p := b.open(t, b.change("a"))
			if test.before != nil {
				test.before(b, &p)
			}
			err := b.client.EnableAutoMerge(t.Context(), p, mergeOf(p, forge.Squash))
			if want := "enabling auto-merge of pull request 1 of acme/platform: " + b.host() + ": " + test.text; err == nil || err.Error() != want {
				t.Errorf("the error is\n%v, want\n%s", err, want)
			}
			expectIs(t, err, test.want)
		})
	}
}

// A merge is made at once only where the branch is at the commit that was meant, and its rules allow it.
func TestMergePull(t *testing.T) {
	b := newBench(t)
	p := b.open(t, b.change("a"))
	how := mergeOf(p, forge.Squash)
	expectIs(t, b.client.MergePull(t.Context(), 1, how), forge.ErrInvalid)
	b.SetChecks(forgetest.ChecksNone)
	other := how
	other.Head = strings.Repeat("1", 40)
	expectIs(t, b.client.MergePull(t.Context(), 1, other), forge.ErrInvalid)
	if b.Pulls()[0].State != forge.Open {
		t.Fatal("it is merged")
	}
	if err := b.client.MergePull(t.Context(), 1, how); err != nil || b.Pulls()[0].State != forge.Merged {
		t.Errorf("it is not merged: %v", err)
	}
	commit, err := b.client.Commit(t.Context(), b.git.Tip("main"))
	if err != nil || commit.Message != "Change a (#1)\n\nBecause." {
		t.Errorf("the commit is %+v, %v", commit, err)
	}
}
