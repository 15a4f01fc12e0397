package outdated_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/outdated"
	"github.com/matihlabs/propagate/internal/registry"
)

const day = 24 * time.Hour

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// A fake is a registry with one image, which counts what it is asked.
type fake struct {
	tags    []string
	err     error                    // of listings
	digests map[string]string        // by tag
	fails   map[string]error         // digests that are not to be had
	ages    map[string]time.Duration // by tag; others have none
	mu      sync.Mutex
	asked   []string
}

func (f *fake) ask(question string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, question)
}

func (f *fake) Tags(_ context.Context, repository string) ([]string, error) {
	f.ask("tags of " + repository)
	return f.tags, f.err
}

func (f *fake) Digest(_ context.Context, reference string) (string, error) {
	f.ask("digest of " + reference)
	_, tag, _ := strings.Cut(reference, ":")
	if err := f.fails[tag]; err != nil {
		return "", err
	}
	if d := f.digests[tag]; d != "" {
		return d, nil
	}
	return "", registry.ErrNoTag
}

func (f *fake) Image(_ context.Context, reference string) (registry.Image, error) {
	f.ask("age of " + reference)
	_, tag, _ := strings.Cut(reference, ":")
	if age, ok := f.ages[tag]; ok {
		return registry.Image{Time: now.Add(-age)}, nil
	}
	return registry.Image{}, nil
}

// use is a use of an image under a policy of patches.
func use(tag string, change ...func(*outdated.Use)) outdated.Use {
	u := outdated.Use{Image: "r/x", Tag: tag, Policy: config.Policy{Level: imageref.Patch, Moving: config.Rebuild}}
	for _, f := range change {
		f(&u)
	}
	return u
}

func level(s imageref.Step) func(*outdated.Use) {
	return func(u *outdated.Use) { u.Policy.Level = s }
}
func minAge(d time.Duration) func(*outdated.Use) {
	return func(u *outdated.Use) { u.Policy.MinAge = d }
}
func moving(m config.Moving) func(*outdated.Use) {
	return func(u *outdated.Use) { u.Policy.Moving = m }
}
func pinned(digest string) func(*outdated.Use) { return func(u *outdated.Use) { u.Digest = digest } }
func made(u *outdated.Use)                     { u.Made = true }

// says puts a finding into words.
func says(f outdated.Finding) string {
	var all []string
	for i, name := range []string{"patch", "minor", "major"} {
		if v := f.Newest[i]; v != nil {
			all = append(all, name+" "+v.Tag)
		}
	}
	if f.Take != nil {
		all = append(all, "takes "+f.Take.Tag)
	}
	for _, h := range f.Held {
		all = append(all, fmt.Sprintf("not %s (%s: %s)", h.Tag, h.Reason, h.Detail))
	}
	if m := f.Moved; m != nil {
		word := "moved"
		if m.Repushed {
			word = "pushed again"
		}
		all = append(all, fmt.Sprintf("%s to %s (%s)", word, m.Digest, m.Action))
	}
	if f.Unsure != "" {
		all = append(all, "unsure: "+f.Unsure)
	}
	if f.Why != "" {
		all = append(all, "why: "+f.Why)
	}
	if f.Err != nil {
		all = append(all, "error: "+f.Err.Error())
	}
	return string(f.Result()) + "; " + strings.Join(all, ", ")
}

func TestFind(t *testing.T) {
	t.Parallel()
	node := []string{"20.1.0", "20.1.1", "20.1.2", "20.1.10", "20.2.0", "20.2.0-rc.1", "21.0.0", "22.0.0-rc.1", "20.1.3-alpine", "20", "20.1", "latest", "19.9.9"}
	for _, test := range []struct {
		name string
		fake *fake
		use  outdated.Use
		want string
	}{
		{"a patch", &fake{tags: node}, use("20.1.0"), "outdated; patch 20.1.10, minor 20.2.0, major 21.0.0, takes 20.1.10, not 21.0.0 (level: it is a major step), not 20.2.0 (level: it is a minor step)"},
		{"a minor step", &fake{tags: node}, use("20.1.0", level(imageref.Minor)), "outdated; patch 20.1.10, minor 20.2.0, major 21.0.0, takes 20.2.0, not 21.0.0 (level: it is a major step)"},
		{"a major step", &fake{tags: node}, use("20.1.0", level(imageref.Major)), "outdated; patch 20.1.10, minor 20.2.0, major 21.0.0, takes 21.0.0"},
		{"never down", &fake{tags: node}, use("21.0.0"), "up-to-date; "},
		{"larger steps alone", &fake{tags: node}, use("20.2.0"), "newer; major 21.0.0, not 21.0.0 (level: it is a major step)"},
		{"a pre-release to its release", &fake{tags: node}, use("20.2.0-rc.1"), "outdated; patch 20.2.0, major 22.0.0-rc.1, takes 20.2.0, not 22.0.0-rc.1 (level: it is a major step)"},
		{"no pre-release", &fake{tags: []string{"1.0.0", "1.0.1-rc.1"}}, use("1.0.0"), "up-to-date; "},
		{"another scheme", &fake{tags: node}, use("20.1.2-slim"), "newer; not 21.0.0 (variant: 20.1.2-slim and 21.0.0 are tags of two schemes)"},
		{"the nearest of other schemes", &fake{tags: []string{"3.1.0-cli", "3.1.0-fpm", "3.1.0-zts"}}, use("3.0.0-fpm-slim"), "newer; not 3.1.0-fpm (variant: 3.0.0-fpm-slim and 3.1.0-fpm are tags of two schemes)"},
		{"another scheme is no news beside a version", &fake{tags: []string{"1.0.1", "1.0.2-alpine"}}, use("1.0.0"), "outdated; patch 1.0.1, takes 1.0.1"},
		{"a date is no version", &fake{tags: []string{"3.19", "20260801"}, digests: map[string]string{"3.19": "sha256:1"}}, use("3.19"), "unknown; unsure: no published image is known"},
		{"a month is no version", &fake{tags: []string{"3.19.0-slim", "2026.08.01"}}, use("3.19.0-slim"), "up-to-date; "},
		{"the same version of another scheme", &fake{tags: []string{"1.0.0-slim", "1.0.0"}}, use("1.0.0-slim"), "up-to-date; "},
		{"a line of two numbers", &fake{tags: []string{"1.25-alpine", "1.27-alpine", "1.27.1-alpine"}, digests: map[string]string{"1.25-alpine": "sha256:1"}}, use("1.25-alpine"), "newer; minor 1.27-alpine, not 1.27-alpine (level: it is a minor step), unsure: no published image is known"},
		{"no tag at all", &fake{}, use("1.0.0"), "up-to-date; "},
		{"another line", &fake{tags: []string{"17.0.4", "21.0.5"}}, use("17.0.3", level(imageref.Major), func(u *outdated.Use) { u.OnLine = func(tag string) bool { return strings.HasPrefix(tag, "17") } }), "outdated; patch 17.0.4, takes 17.0.4"},
		{"never edited", &fake{tags: []string{"1.0.1"}}, use("1.0.0", func(u *outdated.Use) { u.Ignored = "by team a" }), "ignored; patch 1.0.1, not 1.0.1 (ignored: by team a)"},

		{"a pin that is never edited", &fake{tags: []string{"1.0.0"}}, use("1.0.0", pinned("sha256:1"), func(u *outdated.Use) { u.Ignored = "by team a" }), "ignored; "},

		{"old enough", &fake{tags: []string{"1.0.1", "1.0.2", "1.0.3"}, ages: map[string]time.Duration{"1.0.3": day, "1.0.2": 8 * day, "1.0.1": 9 * day}}, use("1.0.0", minAge(7*day)), "outdated; patch 1.0.3, takes 1.0.2, not 1.0.3 (too-young: it is 24 hours old, and min-age is 7 days)"},
		{"none is old enough", &fake{tags: []string{"1.0.1"}, ages: map[string]time.Duration{"1.0.1": 2 * day}}, use("1.0.0", minAge(7*day)), "newer; patch 1.0.1, not 1.0.1 (too-young: it is 2 days old, and min-age is 7 days)"},
		{"an age that is not known", &fake{tags: []string{"1.0.1"}}, use("1.0.0", minAge(time.Hour)), "newer; patch 1.0.1, not 1.0.1 (too-young: its age is not known)"},
		{"in the future", &fake{tags: []string{"1.0.1"}, ages: map[string]time.Duration{"1.0.1": -day}}, use("1.0.0", minAge(time.Hour)), "newer; patch 1.0.1, not 1.0.1 (too-young: its age is not known)"},
		{"what is made here has no age", &fake{tags: []string{"1.0.1"}}, use("1.0.0", minAge(time.Hour), made), "outdated; patch 1.0.1, takes 1.0.1"},
		{"not published", &fake{err: registry.ErrNoTag}, use("1.0.0", made), "unknown; why: it is not published"},

		{"a pin of a version", &fake{tags: []string{"1.0.0"}, digests: map[string]string{"1.0.0": "sha256:1"}}, use("1.0.0", pinned("sha256:1")), "up-to-date; "},
		{"a version that was pushed again", &fake{tags: []string{"1.0.0"}, digests: map[string]string{"1.0.0": "sha256:2"}}, use("1.0.0", pinned("sha256:1")), "outdated; pushed again to sha256:2 (pin)"},
		{"a pin of a tag that moves", &fake{tags: []string{"20-alpine"}, digests: map[string]string{"20-alpine": "sha256:2"}}, use("20-alpine", pinned("sha256:1")), "outdated; moved to sha256:2 (pin)"},
		{"a tag that is to be pinned", &fake{tags: []string{"20-alpine"}, digests: map[string]string{"20-alpine": "sha256:2"}}, use("20-alpine", moving(config.Pin)), "outdated; moved to sha256:2 (pin)"},
		{"a version is not to be pinned", &fake{tags: []string{"1.0.0"}}, use("1.0.0", moving(config.Pin)), "up-to-date; "},
		{"a tag that follows what there is", &fake{tags: []string{"1.0.0", "1.0.0-12"}, digests: map[string]string{"1.0.0": "sha256:2"}}, use("1.0.0", moving(config.Pin)), "outdated; moved to sha256:2 (pin)"},
		{"a tag that is left", &fake{tags: []string{"latest"}}, use("latest", pinned("sha256:1"), moving(config.Leave)), "up-to-date; "},
		{"a tag that is gone", &fake{tags: []string{"2.0.0"}}, use("1.0.0", pinned("sha256:1")), "unknown; major 2.0.0, not 2.0.0 (level: it is a major step), why: the registry has no 1.0.0"},
		{"a digest that is not to be had", &fake{tags: []string{"1.0.0"}, fails: map[string]error{"1.0.0": errors.New("it answers 500")}}, use("1.0.0", pinned("sha256:1")), "unknown; error: it answers 500"},
		{"a digest alone", &fake{}, use("", pinned("sha256:1")), "unknown; why: a digest alone says no version: write the tag beside it"},
		{"a tag that nobody knows", &fake{}, use("", func(u *outdated.Use) { u.Unresolved = true }), "unknown; why: its tag is not known"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			images, err := outdated.Find(t.Context(), test.fake, []outdated.Use{test.use}, outdated.Options{Now: now})
			if err != nil || len(images) != 1 || len(images[0].Findings) != 1 {
				t.Fatalf("%+v, %v", images, err)
			}
			if got := says(images[0].Findings[0]); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			slices.Sort(test.fake.asked)
			if once := slices.Compact(slices.Clone(test.fake.asked)); len(once) != len(test.fake.asked) {
				t.Errorf("asked twice: %q", test.fake.asked)
			}
		})
	}
}

// Whatever the uses are, a listing is asked for once an image, a digest once a tag, an age once a
// version, and nothing that is not needed.
func TestFindAsksOnce(t *testing.T) {
	t.Parallel()
	registry := &fake{tags: []string{"1.0.0", "1.0.1", "2.0.0", "1"}, digests: map[string]string{"1.0.0": "sha256:1", "1": "sha256:1"}}
	uses := []outdated.Use{
		use("1.0.0"), use("1.0.0", pinned("sha256:1")), use("1.0.0", pinned("sha256:2")), use("1", moving(config.Pin)), use("1"),
		use("1.0.0", minAge(day)), use("1.0.0", minAge(2*day)), use("", pinned("sha256:1")),
	}
	if _, err := outdated.Find(t.Context(), registry, uses, outdated.Options{Now: now}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(registry.asked)
	want := []string{"age of r/x:1.0.1", "digest of r/x:1", "digest of r/x:1.0.0", "tags of r/x"}
	if !slices.Equal(registry.asked, want) {
		t.Errorf("asked %q, want %q", registry.asked, want)
	}
	registry.asked = nil
	if _, err := outdated.Find(t.Context(), registry, uses[:1], outdated.Options{Now: now, Ages: true}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(registry.asked)
	want = []string{"age of r/x:1.0.0", "age of r/x:1.0.1", "age of r/x:2.0.0", "tags of r/x"}
	if !slices.Equal(registry.asked, want) {
		t.Errorf("with ages it asked %q, want %q", registry.asked, want)
	}
	registry.asked = nil
	if _, err := outdated.Find(t.Context(), registry, []outdated.Use{use("2.0.0")}, outdated.Options{Now: now, Ages: true}); err != nil || len(registry.asked) != 1 {
		t.Errorf("of what is up to date it asked %q, %v", registry.asked, err)
	}
}

// A registry that nothing can be said about is asked nothing.
func TestFindAsksNothingForNothing(t *testing.T) {
	t.Parallel()
	registry := &fake{}
	uses := []outdated.Use{use("", pinned("sha256:1")), use("", func(u *outdated.Use) { u.Unresolved = true })}
	if _, err := outdated.Find(t.Context(), registry, uses, outdated.Options{Now: now, Ages: true}); err != nil || len(registry.asked) > 0 {
		t.Errorf("asked %q, %v", registry.asked, err)
	}
}

// What the configuration leaves out is not taken, and its age is not asked for.
func TestFindSkips(t *testing.T) {
	t.Parallel()
	configuration, err := config.Parse(".propagate.yaml", []byte("policies:\n  - {skip-versions: [1.0.3, '>=1.0.5'], min-age: 1d}\n"))
	if err != nil {
		t.Fatal(err)
	}
	registry := &fake{tags: []string{"1.0.2", "1.0.3", "1.0.4", "1.0.5"}, ages: map[string]time.Duration{"1.0.2": 3 * day, "1.0.4": time.Hour}}
	u := use("1.0.0")
	u.Policy = configuration.Policy(u.Image, "Dockerfile")
	images, err := outdated.Find(t.Context(), registry, []outdated.Use{u}, outdated.Options{Now: now, Ages: true, All: true})
	if err != nil {
		t.Fatal(err)
	}
	finding := images[0].Findings[0]
	if got := says(finding); got != "outdated; patch 1.0.5, takes 1.0.2, not 1.0.5 (ignored: skip-versions has >=1.0.5), not 1.0.4 (too-young: it is 1 hour old, and min-age is 24 hours)" {
		t.Error(got)
	}
	if c := finding.Candidates[1]; c.Tag != "1.0.4" || !c.Time.Equal(now.Add(-time.Hour)) || !finding.Take.Time.Equal(now.Add(-3*day)) {
		t.Errorf("%+v", finding)
	}
	for _, question := range registry.asked {
		if question == "age of r/x:1.0.3" {
			t.Errorf("it asks for the %s", question)
		}
	}
}

func TestUse(t *testing.T) {
	t.Parallel()
	place := outdated.Place{Path: "a", Line: 1, Col: 6, Dockerfile: "a"}
	other, below := place, place
	other.Target, below.Line = "x", 2
	u := outdated.Use{Image: "r/x", Places: []outdated.Place{place, other, below}}
	if n := u.References(); n != 2 {
		t.Errorf("%d references", n)
	}
	for _, test := range [][3]string{{"", "", "latest"}, {"1.0.0", "", "1.0.0"}, {"", "sha256:1", "sha256:1"}, {"1.0.0", "sha256:1", "1.0.0@sha256:1"}} {
		if u.Tag, u.Digest = test[0], test[1]; u.Version() != test[2] {
			t.Errorf("the version is %s, want %s", u.Version(), test[2])
		}
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]string{0: "0 minutes", 90 * time.Second: "1 minute", time.Hour: "1 hour", 47 * time.Hour: "47 hours", 48 * time.Hour: "2 days", 400 * day: "400 days"} {
		if got := outdated.Days(age); got != want {
			t.Errorf("%s is %s, want %s", age, got, want)
		}
	}
}

// Of a version a day, the newest that is old enough is found with few questions.
func TestFindAsksFewAges(t *testing.T) {
	t.Parallel()
	registry := &fake{ages: map[string]time.Duration{}}
	for n := range 1000 {
		tag := fmt.Sprintf("1.0.%d", n)
		registry.tags, registry.ages[tag] = append(registry.tags, tag), time.Duration(1000-n)*day
	}
	images, err := outdated.Find(t.Context(), registry, []outdated.Use{use("1.0.0", minAge(30*day))}, outdated.Options{Now: now, All: true})
	if err != nil {
		t.Fatal(err)
	}
	finding := images[0].Findings[0]
	if finding.Take == nil || finding.Take.Tag != "1.0.970" || len(registry.asked) > 17 {
		t.Errorf("takes %+v after %d questions", finding.Take, len(registry.asked))
	}
	if len(finding.Candidates) != 999 || finding.Candidates[10].Reason != outdated.TooYoung || finding.Candidates[30].Reason != "" {
		t.Errorf("%d candidates, the 11th %+v", len(finding.Candidates), finding.Candidates[10])
	}
}

// What a build has published is asked for of tags that move alone.
func TestFindComparesWithWhatIsPublished(t *testing.T) {
	t.Parallel()
	behind := outdated.Place{Path: "a/Dockerfile", Line: 1}
	for _, test := range []struct {
		tag  string
		says outdated.Published
		err  error
		want string
	}{
		{"latest", outdated.Published{Behind: []outdated.Place{behind}}, nil, "outdated; moved to sha256:2 (rebuild)"},
		{"latest", outdated.Published{}, nil, "up-to-date; "},
		{"latest", outdated.Published{Unknown: []outdated.Place{behind}, Why: "it is not published"}, nil, "unknown; unsure: it is not published"},
		{"latest", outdated.Published{}, errors.New("it answers 500"), "unknown; error: it answers 500"},
		{"1.0.0", outdated.Published{Behind: []outdated.Place{behind}}, nil, "up-to-date; "},
	} {
		registry := &fake{tags: []string{"latest", "1.0.0"}, digests: map[string]string{"latest": "sha256:2"}}
		published := func(_ context.Context, _ outdated.Use, digest string) (outdated.Published, error) {
			if digest != "sha256:2" {
				t.Errorf("digest %s", digest)
			}
			return test.says, test.err
		}
		images, err := outdated.Find(t.Context(), registry, []outdated.Use{use(test.tag)}, outdated.Options{Now: now, Published: published})
		if err != nil {
			t.Fatal(err)
		}
		finding := images[0].Findings[0]
		if got := says(finding); got != test.want {
			t.Errorf("%s, %+v: got %s, want %s", test.tag, test.says, got, test.want)
		}
		if m := finding.Moved; m != nil && !reflect.DeepEqual(m.Behind, test.says.Behind) {
			t.Errorf("behind are %v", m.Behind)
		}
	}
}

// A registry that cannot be asked fails what is in use and may be edited, and nothing else.
func TestFailed(t *testing.T) {
	t.Parallel()
	refused := &fake{err: registry.ErrRefused}
	for _, test := range []struct {
		name string
		fake *fake
		uses []outdated.Use
		opt  bool
		want bool
	}{
		{"refused", refused, []outdated.Use{use("1.0.0")}, false, true},
		{"optional", refused, []outdated.Use{use("1.0.0")}, true, false},
		{"ignored", refused, []outdated.Use{use("1.0.0", func(u *outdated.Use) { u.Ignored = "old" })}, false, false},
		{"one of two", refused, []outdated.Use{use("1.0.0", func(u *outdated.Use) { u.Ignored = "old" }), use("1.0.0")}, false, true},
		{"made and refused", refused, []outdated.Use{use("1.0.0", made)}, false, true},
		{"made and not there", &fake{err: registry.ErrNoTag}, []outdated.Use{use("1.0.0", made)}, false, false},
		{"not there", &fake{err: registry.ErrNoTag}, []outdated.Use{use("1.0.0")}, false, true},
		{"a digest", &fake{fails: map[string]error{"1.0.0": registry.ErrRefused}}, []outdated.Use{use("1.0.0", pinned("sha256:1"))}, false, true},
		{"a tag that is gone", &fake{}, []outdated.Use{use("1.0.0", pinned("sha256:1"))}, false, false},
	} {
		images, err := outdated.Find(t.Context(), test.fake, test.uses, outdated.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		images[0].Optional = test.opt
		if got := images[0].Failed(); got != test.want {
			t.Errorf("%s: failed is %t", test.name, got)
		}
	}
}

func TestFindEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := outdated.Find(ctx, &fake{}, []outdated.Use{use("1.0.0")}, outdated.Options{Now: now}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
