package github

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"

	"github.com/matihlabs/propagate/internal/forge"
)

// What is sent as text within a tree: a file up to maxInline, as long as all of them stay below maxTree.
// Any other goes as a blob of its own.
const (
	maxInline = 256 << 10
	maxTree   = 4 << 20
)

// An identified is an answer that is known by its id.
type identified struct {
	SHA string `json:"sha"`
}

// MakeTree makes a tree. One that comes to another id than spec.ID is an error: then files would be
// other than those that were meant, in their modes or their bytes.
func (c *Client) MakeTree(ctx context.Context, spec forge.TreeSpec) error {
	const doing = "making tree"
	type entry struct {
		Path    string  `json:"path"`
		Mode    string  `json:"mode"`
		Type    string  `json:"type"`
		SHA     string  `json:"sha,omitempty"`
		Content *string `json:"content,omitempty"`
	}
	in := struct {
		Base string  `json:"base_tree"`
		Tree []entry `json:"tree"`
	}{Base: spec.Base}
	total := 0
	for _, file := range spec.Files {
		e := entry{Path: file.Path, Mode: file.Mode, Type: "blob"}
		text := string(file.Content)
		if utf8.ValidString(text) && !strings.Contains(text, "\x00") && len(text) <= maxInline && total+len(text) <= maxTree {
			e.Content, total = &text, total+len(text)
		} else {
			if err := c.makeBlob(ctx, file); err != nil {
				return err
			}
			e.SHA = file.ID
		}
		in.Tree = append(in.Tree, e)
	}
	var made identified
	if err := c.send(ctx, http.MethodPost, "git/trees", in, &made); err != nil {
		return c.fail(ctx, doing, spec.ID, err)
	}
	return c.same(doing, spec.ID, made.SHA)
}

// makeBlob makes the content of a file.
func (c *Client) makeBlob(ctx context.Context, file forge.TreeFile) error {
	const doing = "making the content of"
	var made identified
	in := map[string]string{"content": base64.StdEncoding.EncodeToString(file.Content), "encoding": "base64"}
	if err := c.send(ctx, http.MethodPost, "git/blobs", in, &made); err != nil {
		return c.fail(ctx, doing, file.Path, err)
	}
	return c.same(doing+" "+file.Path, file.ID, made.SHA)
}

// same refuses an object that is another one than git makes.
func (c *Client) same(doing, want, got string) error {
	if got == want {
		return nil
	}
	return &apiError{
		text: fmt.Sprintf("%s of %s/%s: %s makes %.12s of what git makes %.12s of", doing, c.owner, c.repo, c.host, c.redact.Text(got), want),
		hint: "have git push, with --commit-via git",
		is:   []error{forge.ErrInvalid},
	}
}

// MakeCommit makes a commit that no branch holds yet, and returns what GitHub made of it: it names
// the author and the committer itself, by the token, and signs what an App commits. After
// forge.ErrUnavailable it may be there or not, which does no harm.
func (c *Client) MakeCommit(ctx context.Context, spec forge.CommitSpec) (forge.Commit, forge.Verification, error) {
	const doing = "making a commit on"
	in := map[string]any{"message": spec.Message, "tree": spec.Tree, "parents": []string{spec.Parent}}
	var made github.Commit
	if err := c.send(ctx, http.MethodPost, "git/commits", in, &made); err != nil {
		return forge.Commit{}, forge.Verification{}, c.fail(ctx, doing, spec.Parent, err)
	}
	commit := commitOf(&made)
	if commit.Tree != spec.Tree || !slices.Equal(commit.Parents, []string{spec.Parent}) || commit.Message != strings.TrimRight(spec.Message, "\n") || !validID().MatchString(commit.ID) {
		return forge.Commit{}, forge.Verification{}, &apiError{
			text: fmt.Sprintf("%s %.12s of %s/%s: %s made another commit than it was asked for", doing, spec.Parent, c.owner, c.repo, c.host),
			hint: "have git push, with --commit-via git",
			is:   []error{forge.ErrInvalid},
		}
	}
	v := made.GetVerification()
	return commit, forge.Verification{Verified: v.GetVerified(), Reason: c.redact.Text(v.GetReason())}, nil
}

// MoveBranch moves a branch from one commit to another; old is "" where there is none yet. A branch
// that is anywhere else is forge.ErrMoved, and one that is there already is a success.
//
// To make a branch is safe: GitHub refuses one that exists. To move one takes force, since the new
// commit does not stand on the old one, and GitHub's API has no lease for it: where the branch is
// is read right before, and what somebody pushes within that moment is lost. (The mutation
// updateRefs of GraphQL has a lease, but not on every GitHub Enterprise Server.)
func (c *Client) MoveBranch(ctx context.Context, branch, id, old string) error {
	const doing = "moving branch"
	at, _, err := c.Branch(ctx, branch)
	switch {
	case err != nil:
		return err
	case at == id:
		return nil
	case at != old:
		return c.moved(branch, at, old)
	}
	if old == "" {
		err = c.send(ctx, http.MethodPost, "git/refs", map[string]string{"ref": "refs/heads/" + branch, "sha": id}, nil)
	} else {
		path := (&url.URL{Path: "git/refs/heads/" + branch}).EscapedPath()
		err = c.send(ctx, http.MethodPatch, path, map[string]any{"sha": id, "force": true}, nil)
	}
	if err == nil {
		return nil
	}
	err = c.fail(ctx, doing, branch, err)
	if !errors.Is(err, forge.ErrUnavailable) && !errors.Is(err, forge.ErrInvalid) {
		return err
	}
	// The answer got lost, or somebody was faster.
	at, _, readErr := c.Branch(ctx, branch)
	switch {
	case readErr != nil || at == old:
		return err
	case at == id:
		return nil
	}
	return c.moved(branch, at, old)
}

func (c *Client) moved(branch, at, old string) error {
	e := &apiError{
		text: fmt.Sprintf("branch %s of %s/%s: %s to %.12s, from %.12s", branch, c.owner, c.repo, forge.ErrMoved, at, old),
		hint: "somebody else works on it; run the same command again",
		is:   []error{forge.ErrMoved},
	}
	switch {
	case old == "":
		e.text = fmt.Sprintf("branch %s of %s/%s: it exists already, at %.12s", branch, c.owner, c.repo, at)
	case at == "":
		e.text = fmt.Sprintf("branch %s of %s/%s: it is gone, it was at %.12s", branch, c.owner, c.repo, old)
	}
	return e
}

// MustBeSigned reports whether a branch takes only commits that are verified, as far as the token
// may know: see [Client.MustBeUpToDate].
func (c *Client) MustBeSigned(ctx context.Context, branch string) (bool, error) {
	var signatures struct {
		Enabled bool `json:"enabled"`
	}
	isRuled, err := c.demands(ctx, branch, "required_signatures", &signatures, func(rule) bool { return true })
	return isRuled || signatures.Enabled, err
}
