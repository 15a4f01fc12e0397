package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// An Update asks a remote to move one branch, or to make it.
type Update struct {
	Branch string // without "refs/heads/"
	New    string // the full id of the commit it shall point to
	Old    string // the full id it points to now; "" if it must not exist
}

// A Result is what became of an Update: Err is nil when the branch is at
// New, and a *RejectedError when the remote refused it.
type Result struct {
	Branch string
	Err    error
}

// A Commit is a commit that the remote may lack, with the objects that are new with it.
type Commit struct {
	ID      string // full, as are Parents
	Parents []string
	Objects []object.Object
}

// Push sends those of the commits that the updates need to the remote in one request,
// and asks it to update the branches, each on its own: some may be refused and others
// not. The results are in the order of the updates. All ids are SHA-1.
//
// Old is a lease: a branch that is anywhere else is not touched, and its result
// wraps ErrStale. The server checks it, so nothing that is pushed meanwhile is
// lost. A branch that is at New already is a success, and nothing is sent for
// it. The parents of the commits must be on the remote, else the result wraps
// ErrMissingParent.
//
// An error instead of results means that no branch was updated, except that an
// error while the answer was awaited leaves it open.
func (r Repository) Push(ctx context.Context, updates []Update, commits []Commit) ([]Result, error) {
	commands, err := parseUpdates(updates)
	if err != nil || len(updates) == 0 {
		return nil, err
	}
	s, err := r.connect()
	if err != nil {
		return nil, err
	}
	adv, err := s.advertised(ctx)
	if err != nil {
		return nil, err
	}
	if !adv.Capabilities.Supports(capability.ReportStatus) {
		return nil, fmt.Errorf("remote %s: does not report what becomes of a push", s.url)
	}
	req := packp.NewReferenceUpdateRequestFromCapabilities(adv.Capabilities)
	results := make([]Result, len(updates))
	for i, c := range commands {
		results[i].Branch = updates[i].Branch
		switch at := adv.References[c.Name.String()]; at {
		case c.New:
		case c.Old:
			req.Commands = append(req.Commands, c)
		default:
			results[i].Err = stale(updates[i], at)
		}
	}
	if len(req.Commands) == 0 {
		return results, nil
	}
	pack, err := encodePack(needed(req.Commands, commits))
	if err != nil {
		return nil, fmt.Errorf("packing the new commits: %w", err)
	}
	req.Packfile = io.NopCloser(pack)
	answers, err := s.send(ctx, req, adv)
	if err != nil {
		return nil, err
	}
	for i, c := range commands {
		if answer, sent := answers[c.Name]; sent {
			results[i].Err = answer
		}
	}
	return results, nil
}

// parseUpdates checks the updates and translates them.
func parseUpdates(updates []Update) ([]*packp.Command, error) {
	var commands []*packp.Command
	seen := map[string]bool{}
	for _, u := range updates {
		if err := CheckBranchName(u.Branch); err != nil {
			return nil, err
		}
		if seen[u.Branch] {
			return nil, fmt.Errorf("branch %s: is to be pushed twice", u.Branch)
		}
		seen[u.Branch] = true
		c := &packp.Command{Name: plumbing.ReferenceName(heads + u.Branch)}
		var err error
		if c.New, err = hashOf(u.New); err == nil && u.Old != "" {
			c.Old, err = hashOf(u.Old)
		}
		if err != nil {
			return nil, fmt.Errorf("branch %s: %w", u.Branch, err)
		}
		if c.New.IsZero() {
			return nil, fmt.Errorf("branch %s: a push does not delete branches", u.Branch)
		}
		commands = append(commands, c)
	}
	return commands, nil
}

// CheckBranchName applies git's rules for names of branches.
func CheckBranchName(name string) error {
	full := plumbing.ReferenceName(heads + name)
	if name == "HEAD" || full.Validate() != nil || !full.IsSafe() {
		return withHint(fmt.Errorf("%q is no name for a branch", name), "`git help check-ref-format` has the rules")
	}
	return nil
}

// hashOf reads an id for go-git.
func hashOf(s string) (hash plumbing.Hash, err error) {
	id, ok := object.ParseID(s)
	if !ok || len(id) != len(hash) {
		return hash, fmt.Errorf("%q is no full commit id", s)
	}
	copy(hash[:], id)
	return hash, nil
}

// stale says that the branch is not where the caller believed it.
func stale(u Update, at plumbing.Hash) error {
	reason := fmt.Sprintf("it has moved to %.12s, from %.12s", at, u.Old)
	switch {
	case u.Old == "":
		reason = fmt.Sprintf("it exists already, at %.12s", at)
	case at.IsZero():
		reason = fmt.Sprintf("it is gone, it was at %.12s", u.Old)
	}
	return &RejectedError{Branch: u.Branch, Reason: reason, Err: ErrStale}
}

// needed returns those of the commits that the commands lead to, directly or
// through one another.
func needed(commands []*packp.Command, commits []Commit) []Commit {
	byID := map[string]Commit{}
	for _, c := range commits {
		byID[c.ID] = c
	}
	var list []Commit
	var take func(id string)
	take = func(id string) {
		c, ok := byID[id]
		if !ok {
			return
		}
		delete(byID, id)
		list = append(list, c)
		for _, parent := range c.Parents {
			take(parent)
		}
	}
	for _, c := range commands {
		take(c.New.String())
	}
	return list
}

// deltaWindow is git's own default: the trees of several commits on one parent
// are nearly the same.
const deltaWindow = 10

// encodePack writes the objects of the commits, each once, as a packfile.
func encodePack(commits []Commit) (*bytes.Buffer, error) {
	store := memory.NewStorage()
	var ids []plumbing.Hash
	for _, c := range commits {
		for _, obj := range c.Objects {
			var hash plumbing.Hash
			copy(hash[:], obj.ID)
			if store.HasEncodedObject(hash) == nil {
				continue
			}
			encoded := &plumbing.MemoryObject{}
			kind, err := plumbing.ParseObjectType(string(obj.Kind))
			if err != nil {
				return nil, err
			}
			encoded.SetType(kind)
			if _, err := encoded.Write(obj.Data); err != nil {
				return nil, err
			}
			id, err := store.SetEncodedObject(encoded)
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
	}
	pack := &bytes.Buffer{}
	_, err := packfile.NewEncoder(pack, store, false).Encode(ids, deltaWindow)
	return pack, err
}

// send sends a request and returns the answer for every command in it.
func (s *session) send(ctx context.Context, req *packp.ReferenceUpdateRequest, adv *packp.AdvRefs) (map[plumbing.ReferenceName]error, error) {
	talk := &object.LimitedBuffer{}
	req.Progress = talk
	if adv.Capabilities.Supports(capability.Sideband64k) {
		if err := req.Capabilities.Set(capability.Sideband64k); err != nil {
			return nil, err
		}
	}
	report, err := s.ReceivePack(ctx, req)
	if report == nil {
		if err == nil {
			err = errors.New("it is empty")
		}
		return nil, s.explain(ctx, err)
	}
	if report.UnpackStatus != "ok" {
		return nil, s.unpackError(report.UnpackStatus, s.wire.scrub(talk.String()))
	}
	reject := func(name plumbing.ReferenceName, reason string) error {
		remote := s.wire.scrub(about(name, req.Commands, talk.String()))
		return &RejectedError{
			Branch: strings.TrimPrefix(name.String(), heads), Reason: s.wire.scrub(reason),
			Remote: remote, Err: classify(reason + "\n" + remote),
		}
	}
	answers := map[plumbing.ReferenceName]error{}
	for _, c := range req.Commands {
		answers[c.Name] = reject(c.Name, "the remote does not say what became of it")
	}
	for _, status := range report.CommandStatuses {
		if _, asked := answers[status.ReferenceName]; !asked {
			continue
		}
		answers[status.ReferenceName] = nil
		if status.Status != "ok" {
			answers[status.ReferenceName] = reject(status.ReferenceName, status.Status)
		}
	}
	return answers, nil
}

// about returns the lines of the remote's talk that are not about another
// branch of the same push.
func about(name plumbing.ReferenceName, commands []*packp.Command, talk string) string {
	var lines []string
	for line := range strings.Lines(talk) {
		own := strings.Contains(line, name.String())
		for _, c := range commands {
			if !own && strings.Contains(line, c.Name.String()) {
				line = ""
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "")
}

// unpackError explains a pack that the remote did not accept.
func (s *session) unpackError(status, remote string) error {
	err := fmt.Errorf("remote %s: it did not accept the pack: %s", s.url, s.wire.scrub(status))
	if remote != "" {
		err = fmt.Errorf("%w (remote: %s)", err, remote)
	}
	if cause := classify(status + "\n" + remote); errors.Is(cause, ErrMissingParent) {
		return withHint(fmt.Errorf("%w: %w", err, cause), "push or fetch the branch that this builds on, then run again")
	}
	return err
}

// classify finds what the words of a refusal stand for. git's servers have no
// codes for it; the words are git's own and those of large hosts.
func classify(text string) error {
	for _, known := range []struct {
		words string
		err   error
	}{
		{"missing necessary objects", ErrMissingParent},
		{"did not receive expected object", ErrMissingParent},
		// So says unpack-objects of an object that it does not find.
		{"object of unexpected type", ErrMissingParent},
		{"reference already exists", ErrStale},
		{"but expected", ErrStale},
		{"fetch first", ErrStale},
		{"stale info", ErrStale},
		{"non-fast-forward", ErrStale},
	} {
		if strings.Contains(text, known.words) {
			return known.err
		}
	}
	return nil
}
