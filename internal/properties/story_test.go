package properties

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A tree is the files of a moment, as they are read.
type tree struct {
	files map[string]string
	repo  *monorepo.Repository
	graph *graph.Graph
	known int // how many versions were published when it was read
}

// A run is a plan for a tree, and what its changes make of it.
type run struct {
	name          string
	before, after *tree
	plan          *monorepo.Plan
	atomic        bool
	assumed       []bumper.Bump
}

// A failure says which property does not hold, and where.
type failure struct {
	property string // "P3"
	text     string
	run      *run
}

func (f *failure) Error() string { return f.property + ": " + f.text }

// A story is all that is done with one monorepo.
type story struct {
	*repo
	ctx       context.Context
	published map[string]bool // by reference, in the registry
	old       map[string]bool // references that stand for images without the patch
	aliases   map[string]bool // references with tags that move with others
	told      map[string]bool // references that a plan says are made
	waited    map[string]*run // references that something waits for
	letGo     map[string]bool // Dockerfiles; see nothingChanges
	untold    map[string]bool // likewise, that were edited and not released; see staysUntold
	runs      []*run
	failures  []*failure
	count     func(what string)
}

// errUnreadable is for a tree that is no monorepo: the configuration is wrong.
var errUnreadable = errors.New("it is no monorepo")

// tell plans a monorepo to its end: wave after wave and at once, each of them twice. Failures
// are in the story; the error is for what cannot be planned at all.
func tell(ctx context.Context, r *repo, count func(string)) (*story, error) {
	s := &story{repo: r, ctx: ctx, published: map[string]bool{}, old: map[string]bool{}, aliases: map[string]bool{}, told: map[string]bool{}, waited: map[string]*run{}, letGo: map[string]bool{}, untold: map[string]bool{}, count: count}
	first, err := s.read(r.files)
	if err != nil {
		return s, err
	}
	s.knowOld(first)
	whole, err := s.twice(first, true, nil, "at once")
	if err != nil {
		return s, err
	}
	lacksDigest := slices.ContainsFunc(s.runs[0].plan.Items, func(item *bumper.Item) bool {
		var digest *bumper.DigestError
		return errors.As(item.Err, &digest)
	})
	staged, assumed, err := s.waves(first)
	if err != nil {
		return s, err
	}
	if lacksDigest { // what is not published yet has none: once it is, the rest follows
		other := func(image imageref.Ref) bool { return whole.insteadOf(image) != "" } // the waves published it, and here it has another tag
		maps.DeleteFunc(s.published, func(reference string, _ bool) bool {
			image, err := imageref.Parse(reference)
			return err == nil && other(image)
		})
		assumed = slices.DeleteFunc(assumed, func(b bumper.Bump) bool { return other(imageref.Ref{Repository: b.Image, Tag: b.Tag}) })
		for range maxWaves {
			again, err := s.once(whole, true, assumed, "at once, and published")
			if err != nil {
				return s, err
			}
			if again.after == whole {
				break
			}
			whole = again.after
		}
	}
	s.sameEnd(staged, whole)
	s.waitedIsMade(staged)
	return s, nil
}

// maxWaves is more than any chain is long.
const maxWaves = 12

// waves runs until nothing changes any more. What was waited for is published between the runs.
func (s *story) waves(first *tree) (_ *tree, assumed []bumper.Bump, _ error) {
	at := first
	for n := range maxWaves {
		r, err := s.once(at, false, assumed, fmt.Sprintf("wave %d", n+1))
		if err != nil {
			return nil, nil, err
		}
		again, err := s.once(r.after, false, assumed, fmt.Sprintf("wave %d again", n+1))
		if err != nil {
			return nil, nil, err
		}
		s.nothingChanges(again, r)
		fresh := false
		isUnknown := slices.ContainsFunc(again.plan.Notes, func(n *source.Error) bool {
			return n.Code == source.CodeUnknownRelease || n.Code == source.CodeNoNextVersion
		})
		now := s.newReading(again.after)
		for _, reference := range slices.Sorted(maps.Keys(s.waited)) { // also what waited for it in an earlier wave
			ref, err := imageref.Parse(reference)
			bump := bumper.Bump{Image: ref.Repository, Tag: ref.Tag, Digest: ref.Digest}
			if err != nil || !now.made(ref) || s.published[reference] || slices.Contains(assumed, bump) {
				continue
			}
			fresh = true
			if s.answers {
				s.published[reference] = true
			} else {
				assumed = append(assumed, bump)
			}
		}
		if isUnknown { // and a person is asked to say what is published
			for _, reference := range slices.Sorted(maps.Keys(s.published)) {
				ref, _ := imageref.Parse(reference)
				if bump := (bumper.Bump{Image: ref.Repository, Tag: ref.Tag}); !slices.Contains(assumed, bump) {
					assumed, fresh = append(assumed, bump), true
				}
			}
		}
		if r.after == at && !fresh {
			s.count(fmt.Sprintf("waves: %d", n))
			return at, assumed, nil
		}
		at = again.after
	}
	s.fail(nil, "P7", "the waves do not come to an end")
	return at, assumed, nil
}

// twice runs, and then again on what has come of it.
func (s *story) twice(at *tree, atomic bool, assumed []bumper.Bump, name string) (*tree, error) {
	r, err := s.once(at, atomic, assumed, name)
	if err != nil {
		return nil, err
	}
	again, err := s.once(r.after, atomic, assumed, name+" again")
	if err != nil {
		return nil, err
	}
	s.nothingChanges(again, r)
	return r.after, nil
}

// once plans and edits, and checks what has come of it.
func (s *story) once(at *tree, atomic bool, assumed []bumper.Bump, name string) (*run, error) {
	if at.known != len(s.published) { // one process asks a registry once
		again, err := s.read(at.files)
		if err != nil {
			return nil, err
		}
		*at = *again
	}
	plan, err := at.repo.Plan(s.ctx, monorepo.Policy{Bumps: s.bumps, Level: s.level, Atomic: atomic, Assumed: assumed})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	r := &run{name: name, before: at, plan: plan, atomic: atomic, assumed: slices.Clone(assumed), after: at}
	s.runs = append(s.runs, r)
	files := maps.Clone(at.files)
	for _, change := range plan.Changes {
		for _, file := range change.Files {
			content, ok := apply(files[file.Path], file.Edits)
			if !ok || content != string(file.Content) {
				s.fail(r, "P2", "%s: the edits do not come to the content", file.Path)
			}
			files[file.Path] = string(file.Content)
		}
	}
	if !maps.Equal(files, at.files) {
		if r.after, err = s.read(files); err != nil {
			s.fail(r, "P2", "what comes out cannot be read: %v", err)
			return r, err
		}
	}
	s.check(r)
	return r, nil
}

// apply edits a text by what the edits say.
func apply(text string, edits []bumper.Edit) (string, bool) {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b bumper.Edit) int { return b.Span.Start - a.Span.Start })
	for _, e := range edits {
		if e.Span.Start < 0 || e.Span.End > len(text) || text[e.Span.Start:e.Span.End] != e.Old {
			return "", false
		}
		text = text[:e.Span.Start] + e.New + text[e.Span.End:]
	}
	return text, true
}

func (s *story) read(files map[string]string) (*tree, error) {
	fsys := fstest.MapFS{}
	for path, content := range files {
		fsys[path] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	r, err := monorepo.Open(s.ctx, monorepo.Options{
		FS: fsys, Ref: "HEAD", Program: "test", Getenv: func(string) string { return "" },
		Now:      func() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) },
		Registry: registry.Options{Transport: s},
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return &tree{files, r, r.Graph(), len(s.published)}, nil
}

// RoundTrip is the registry: it has what the bumps say, what has been published, and what was
// there before.
func (s *story) RoundTrip(req *http.Request) (*http.Response, error) {
	if !s.answers {
		return nil, errors.New("there is no network")
	}
	answer := &http.Response{StatusCode: http.StatusOK, Request: req, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), ProtoMajor: 1, ProtoMinor: 1}
	name, tag, ok := strings.Cut(strings.TrimPrefix(req.URL.Path, "/v2/"), "/manifests/")
	if !ok {
		return answer, nil
	}
	host := req.URL.Host
	if host == "index.docker.io" {
		host = "docker.io"
	}
	digest := s.digestNow(host + "/" + name + ":" + tag)
	if digest == "" {
		answer.StatusCode = http.StatusNotFound
		return answer, nil
	}
	answer.Header.Set("Content-Type", "application/vnd.oci.image.index.v1+json")
	answer.Header.Set("Docker-Content-Digest", digest)
	answer.Header.Set("Content-Length", "100")
	answer.ContentLength = 100
	return answer, nil
}

// digestNow is what the registry gives for a tag; "" for one that it does not have.
func (s *story) digestNow(reference string) string {
	ref, err := imageref.Parse(reference)
	if err != nil {
		return ""
	}
	for _, bump := range s.bumps {
		if bump.Image == ref.Repository && imageref.Relate(ref.Tag, bump.Tag) == imageref.Moving {
			return digestOf(bump.Image + ":" + bump.Tag)
		}
	}
	if s.old[reference] || s.published[reference] || slices.ContainsFunc(s.bumps, func(b bumper.Bump) bool { return b.Image == ref.Repository }) {
		return digestOf(reference)
	}
	return ""
}

func (s *story) fail(r *run, property, format string, args ...any) {
	s.failures = append(s.failures, &failure{property, fmt.Sprintf(format, args...), r})
}

// nothingChanges holds a second run to doing nothing. Without a history there is an exception: a
// build that waits for a version which is written nowhere, or is left since its digest is not
// known yet, or which waits for an image whose tag moves, is let go for its other references,
// once the base has the patch and nothing tells any more what to wait for; so is one that waits
// with another build of its tag. And one on what got the patch without a new tag may move to the
// tag that was there before.
func (s *story) nothingChanges(r, first *run) {
	mayGo := func(item *bumper.Item) bool {
		return slices.ContainsFunc(item.Skips, func(skip bumper.Skip) bool { return skip.Reason == bumper.ReasonNoNext }) ||
			slices.ContainsFunc(item.File.Refs, func(ref *scanner.Ref) bool { return ref.Image.Digest == "" && s.moves(ref.Image) }) || s.untold[item.Node.Key]
	}
	isLetGo := false
	for _, item := range r.plan.Items {
		if item.Action != bumper.ActionBump {
			continue
		}
		if slices.ContainsFunc(item.File.Refs, func(ref *scanner.Ref) bool { return s.isUntold(r.before, ref) }) || mayGo(item) &&
			slices.ContainsFunc(first.plan.Items, func(was *bumper.Item) bool { return (was.Pending() || was.Err != nil) && was.Node.Key == item.Node.Key }) {
			s.letGo[item.Node.Key], isLetGo = true, true
		}
	}
	if isLetGo {
		s.count("let go without a history")
		return
	}
	for _, change := range r.plan.Changes {
		for _, file := range change.Files {
			for _, e := range file.Edits {
				s.fail(r, "P7", "run again, it changes %s:%d from %s to %s", e.Path, e.Line, e.Old, e.New)
			}
		}
	}
}

// onlyAtomic reports whether an item is left, in waves, for a place that it shares with what moves
// in another wave.
func (s *story) onlyAtomic(item *bumper.Item) bool {
	if item.Err != nil && strings.Contains(item.Err.Error(), "--atomic moves") {
		return true
	}
	return item.Reason == bumper.ReasonShared && slices.ContainsFunc(s.runs[0].plan.Items, func(whole *bumper.Item) bool {
		return whole.Node.Key == item.Node.Key && whole.Node.Label == item.Node.Label && (whole.Action == bumper.ActionBump || whole.Err != nil && strings.Contains(whole.Err.Error(), "in one place"))
	})
}

// lastStaged returns the last run of the waves.
func (s *story) lastStaged() *run { return s.lastRun(false) }

// lastRun returns the last run of the waves, or at once.
func (s *story) lastRun(atomic bool) *run {
	for _, r := range slices.Backward(s.runs) {
		if r.atomic == atomic {
			return r
		}
	}
	return nil
}

// sameEnd compares the waves with what happens at once.
func (s *story) sameEnd(staged, whole *tree) {
	last := s.lastStaged()
	if len(s.letGo) > 0 {
		return
	}
	if slices.ContainsFunc(last.plan.Items, s.onlyAtomic) {
		s.count("end: only --atomic moves it") // one variable is the tag of a base and the argument of its consumers
		return
	}
	// A digest that nobody can look up, of what is not made before this moves, leaves a build at
	// once; in waves, what shares a place with it has moved before that is known.
	for _, item := range slices.Concat(last.plan.Items, s.lastRun(true).plan.Items) {
		var digest *bumper.DigestError
		paths := []string{item.File.Origin.Path}
		for _, ref := range item.File.Refs {
			paths = append(paths, ref.Sources()...)
		}
		if errors.As(item.Err, &digest) && slices.ContainsFunc(paths, func(path string) bool { return staged.files[path] != whole.files[path] }) {
			s.count("end: a digest that nobody can look up")
			return
		}
	}
	for _, path := range slices.Sorted(maps.Keys(staged.files)) {
		if staged.files[path] != whole.files[path] {
			s.fail(last, "P7", "wave after wave it is another: %s:\n%sat once:\n%s", path, staged.files[path], whole.files[path])
		}
	}
}
