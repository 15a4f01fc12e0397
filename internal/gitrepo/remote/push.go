package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// An Update asks a remote to move one branch, to make it, or to delete it.
type Update struct {
	Branch string // without "refs/heads/"
	New    string // the full id of the commit it shall point to; "" deletes it
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
// lost. A branch that is at New already, or is gone already where it is to be
// deleted, is a success, and nothing is sent for it. The parents of the commits must be
// on the remote, else the result wraps ErrMissingParent.
//
// Where the answer is lost the branches are read once more: those that are at New now
// are a success, and the result of every other says how the answer was lost.
//
// An error instead of results means that no branch was updated, except that it is open
// where the answer was lost and the branches could not be read, or ctx was done.
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
			if !moves(c) && !adv.Capabilities.Supports(capability.DeleteRefs) {
				results[i].Err = &RejectedError{Branch: updates[i].Branch, Reason: "the remote does not delete branches"}
				break
			}
			req.Commands = append(req.Commands, c)
		default:
			results[i].Err = stale(updates[i], at)
		}
	}
	if len(req.Commands) == 0 {
		return results, nil
	}
	if slices.ContainsFunc(req.Commands, moves) { // a deletion needs no pack, and git takes none with it
		pack, err := encodePack(needed(req.Commands, commits))
		if err != nil {
			return nil, fmt.Errorf("packing the new commits: %w", err)
		}
		req.Packfile = io.NopCloser(pack)
	}
	answers, open, err := s.send(ctx, req, adv)
	if len(open) > 0 && ctx.Err() == nil {
		err = r.settle(ctx, open, answers, err)
	}
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
		if u.New != "" {
			c.New, err = hashOf(u.New)
		}
		if err == nil && u.Old != "" {
			c.Old, err = hashOf(u.Old)
		}
		if u.New == "" && u.Old == "" {
			err = errors.New("there is no commit to push to it, and none to delete it from")
		}
		if err != nil {
			return nil, fmt.Errorf("branch %s: %w", u.Branch, err)
		}
		commands = append(commands, c)
	}
	return commands, nil
}

// moves reports whether a command makes or moves a branch, and does not delete it.
func moves(c *packp.Command) bool { return !c.New.IsZero() }

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
	if copy(hash[:], id); hash.IsZero() {
		return hash, fmt.Errorf("%q is the id of no commit", s)
	}
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

// send sends a request and returns the answer for every command in it. The commands
// that are open are those of which nobody knows what became: the answer does not name
// them, or was lost, which the error then says.
func (s *session) send(ctx context.Context, req *packp.ReferenceUpdateRequest, adv *packp.AdvRefs) (answers map[plumbing.ReferenceName]error, open []*packp.Command, err error) {
	talk := &object.LimitedBuffer{}
	req.Progress = talk
	if adv.Capabilities.Supports(capability.Sideband64k) {
		if err := req.Capabilities.Set(capability.Sideband64k); err != nil {
			return nil, nil, err
		}
	}
	report, err := s.ReceivePack(ctx, req)
	answers = map[plumbing.ReferenceName]error{}
	if report == nil {
		if err == nil {
			err = errors.New("it is empty")
		}
		if s.refused() {
			return nil, nil, s.explain(ctx, err)
		}
		return answers, req.Commands, s.explain(ctx, err)
	}
	if report.UnpackStatus != "ok" {
		return nil, nil, s.unpackError(report.UnpackStatus, s.wire.scrub(talk.String()))
	}
	reject := func(name plumbing.ReferenceName, reason string) error {
		remote := s.wire.scrub(about(name, req.Commands, talk.String()))
		return &RejectedError{
			Branch: strings.TrimPrefix(name.String(), heads), Reason: s.wire.scrub(reason),
			Remote: remote, Err: classify(reason + "\n" + remote),
		}
	}
	for _, status := range report.CommandStatuses {
		answers[status.ReferenceName] = nil
		if status.Status != "ok" {
			answers[status.ReferenceName] = reject(status.ReferenceName, status.Status)
		}
	}
	for _, c := range req.Commands {
		if _, answered := answers[c.Name]; !answered {
			answers[c.Name] = reject(c.Name, "the remote does not say what became of it")
			open = append(open, c)
		}
	}
	return answers, open, nil
}

// refused reports whether the server answered a push without taking it.
func (s *session) refused() bool {
	return s.wire.redirect != nil || s.wire.failed == nil && s.wire.status >= 300 && s.wire.status < 500
}

// settle reads the branches of the remote again and answers by what is there for the
// commands that are open. It returns lost, how the whole answer was lost, if the
// branches cannot be read.
func (r Repository) settle(ctx context.Context, open []*packp.Command, answers map[plumbing.ReferenceName]error, lost error) error {
	s, err := r.connect()
	if err != nil {
		return lost
	}
	adv, err := s.advertised(ctx)
	if err != nil {
		return lost
	}
	for _, c := range open {
		if adv.References[c.Name.String()] == c.New {
			answers[c.Name] = nil
		} else if lost != nil {
			answers[c.Name] = lost
		}
	}
	return nil
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
