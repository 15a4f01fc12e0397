package report_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/outdated"
	"github.com/matihlabs/propagate/internal/report"
)

// finding is what was found about a version of an image.
func finding(image, tag string, change func(*outdated.Finding)) outdated.Image {
	f := outdated.Finding{Use: outdated.Use{
		Image: image, Tag: tag, Policy: config.Policy{Level: imageref.Patch, Moving: config.Rebuild},
		Places: []outdated.Place{{Path: "a/Dockerfile", Line: 1, Col: 6, Dockerfile: "a/Dockerfile"}, {Path: "b/Dockerfile", Line: 2, Col: 6, Dockerfile: "b/Dockerfile"}},
	}}
	change(&f)
	return outdated.Image{Image: image, Findings: []outdated.Finding{f}}
}

// Forty bases, half of them outdated, fit a screen; --verbose has the rest.
func TestOutdatedFitsAScreen(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	patch := func(f *outdated.Finding) {
		v := &outdated.Version{Tag: "1.0.1", Step: imageref.Patch, Time: now.AddDate(0, 0, -3)}
		f.Newest[0], f.Take, f.Time = v, v, now.AddDate(0, 0, -30)
	}
	found := &monorepo.Outdated{}
	for n := range 40 {
		change := patch
		if n%2 == 1 {
			change = func(*outdated.Finding) {}
		}
		found.Images = append(found.Images, finding(fmt.Sprintf("docker.io/team/base-%02d", n), "1.0.0", change))
	}
	for n := range 10 {
		found.Images = append(found.Images,
			finding(fmt.Sprintf("docker.io/library/moving-%d", n), "latest", func(f *outdated.Finding) { f.Unsure = "no published image is known" }),
			finding(fmt.Sprintf("docker.io/team/old-%d", n), "1.0.0", func(f *outdated.Finding) {
				f.Ignored = "nobody knows it"
				f.Held = []outdated.Held{{Version: outdated.Version{Tag: "1.0.1", Step: imageref.Patch}, Reason: outdated.Ignored}}
			}))
	}
	text := func(whole bool) []string {
		doc := report.NewOutdated("", found, now, false)
		if whole {
			doc.Unfold()
		}
		var b strings.Builder
		if err := doc.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	}
	short := text(false)
	want := []string{
		"left, since these are never edited:",
		"  team/old-0 1.0.0: nobody knows it, 1.0.1 newer", "  team/old-1 1.0.0: nobody knows it, 1.0.1 newer", "  team/old-2 1.0.0: nobody knows it, 1.0.1 newer", "  7 more: nobody knows it",
		"not known:",
		"  moving-0 latest: no published image is known", "  moving-1 latest: no published image is known", "  moving-2 latest: no published image is known", "  7 more: no published image is known",
		"hint: --verbose lists each of them", "60 images in 60 versions: 20 outdated, 20 up to date, 10 not known, 10 never edited",
	}
	if len(short) != 21+len(want) || !slices.Equal(short[21:], want) {
		t.Errorf("it is\n%s", strings.Join(short, "\n"))
	}
	if first := []string{"IMAGE         IN USE  AGE      REFS  PATCH  MINOR  MAJOR  TAKES", "team/base-00  1.0.0   30 days  2     1.0.1  -      -      1.0.1, 3 days old"}; !slices.Equal(short[:2], first) {
		t.Errorf("it begins with\n%s", strings.Join(short[:2], "\n"))
	}
	whole := strings.Join(text(true), "\n")
	for n := range 10 {
		for _, name := range []string{fmt.Sprintf("\nteam/base-%02d ", n), fmt.Sprintf("\nmoving-%d ", n), fmt.Sprintf("\n  team/old-%d ", n)} {
			if !strings.Contains(whole, name) {
				t.Errorf("--verbose does not list %q:\n%s", name, whole)
			}
		}
	}
}

// What is said below a row.
func TestOutdatedText(t *testing.T) {
	t.Parallel()
	old, young := "sha256:"+strings.Repeat("1", 64), "sha256:"+strings.Repeat("2", 64)
	held := func(reason outdated.Reason, detail string) []outdated.Held {
		return []outdated.Held{{Version: outdated.Version{Tag: "1.0.1", Step: imageref.Patch}, Reason: reason, Detail: detail}}
	}
	for _, test := range []struct {
		name   string
		tag    string
		change func(*outdated.Finding)
		want   []string // below the heading
	}{
		{"too young", "1.0.0", func(f *outdated.Finding) { f.Held = held(outdated.TooYoung, "its age is not known") }, []string{"x      1.0.0   -    2     -      -      -      -", "  not 1.0.1: its age is not known"}},
		{"a larger step", "1.0.0", func(f *outdated.Finding) { f.Held = held(outdated.Level, "it is a patch step") }, []string{"x      1.0.0   -    2     -      -      -      -"}},
		{"a pin", "20", func(f *outdated.Finding) {
			f.Digest, f.Moved = old, &outdated.Moved{Digest: young, Was: old, Action: config.Pin}
		}, []string{"x      20@sha256:111111111111  -    2     -      -      -      sha256:222222222222", "  20 has moved: it was sha256:111111111111"}},
		{"a version that was pushed again", "1.0.0", func(f *outdated.Finding) {
			f.Digest, f.Moved = old, &outdated.Moved{Digest: young, Was: old, Action: config.Pin, Repushed: true}
		}, []string{"x      1.0.0@sha256:111111111111  -    2     -      -      -      sha256:222222222222", "  1.0.0 was pushed again: it was sha256:111111111111"}},
		{"a new pin", "latest", func(f *outdated.Finding) { f.Moved = &outdated.Moved{Digest: young, Action: config.Pin} }, []string{"x      latest  -    2     -      -      -      sha256:222222222222", "  latest moves, and is to be pinned to what it names now"}},
		{"a rebuild", "latest", func(f *outdated.Finding) {
			f.Moved = &outdated.Moved{Digest: young, Action: config.Rebuild, Behind: f.Places[:1]}
		}, []string{"x      latest  -    2     -      -      -      rebuild", "  latest names sha256:222222222222 now; to be rebuilt for it: 1 build"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			doc := report.NewOutdated("", &monorepo.Outdated{Images: []outdated.Image{finding("docker.io/library/x", test.tag, test.change)}}, time.Time{}, false)
			var b strings.Builder
			if err := doc.WriteText(&b); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(b.String(), "\n")
			if got := lines[1 : len(lines)-2]; !slices.Equal(got, test.want) {
				t.Errorf("got\n%s", b.String())
			}
		})
	}
}

// A registry that cannot be asked is in the document, and its reason steers no terminal.
func TestOutdatedWithAnError(t *testing.T) {
	t.Parallel()
	image := finding("docker.io/library/x", "1.0.0", func(f *outdated.Finding) { f.Err = errors.New("it says \x1b[31m") })
	image.Err = image.Findings[0].Err
	doc := report.NewOutdated("", &monorepo.Outdated{Images: []outdated.Image{image}}, time.Time{}, true)
	if e := doc.Images[0].Error; e == nil || *e != "it says ?[31m" || doc.Images[0].Versions[0].State != "unknown" {
		t.Errorf("it is %+v", doc.Images[0])
	}
	var b strings.Builder
	if err := doc.WriteText(&b); err != nil || !strings.Contains(b.String(), "x: its registry cannot be asked: it says ?[31m\n") {
		t.Errorf("it says %q, %v", b.String(), err)
	}
}
