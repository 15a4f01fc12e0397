package imageref_test

import (
	"math/rand/v2"
	"testing"

	"github.com/matihlabs/propagate/internal/imageref"
)

func TestInFlavour(t *testing.T) {
	for _, tc := range []struct{ release, of, want string }{
		{"20.1.1", "20.1.0", "20.1.1"},
		{"20.1.1", "20.1.0-slim", "20.1.1-slim"},
		{"20.1.1-slim", "20.1.0-alpine", "20.1.1-alpine"}, // the release of any flavour
		{"20.1.1", "20-slim", "20.1.1-slim"},
		{"20.1.1", "20", "20.1.1"},
		{"20.1.1", "slim", "20.1.1-slim"},
		{"20.1.1", "20.1.0-alpine3.20", "20.1.1-alpine3.20"},
		{"20.1.1", "20.1.0-bookworm-slim", "20.1.1-bookworm-slim"},
		{"20.1.1", "bookworm-slim", "20.1.1-bookworm-slim"},
		{"20.1.1", "alpine3.20", "20.1.1-alpine3.20"},
		{"20.1.1", "latest", "20.1.1"},
		{"20.1.1", "", "20.1.1"},
		{"20.1.1", "18.2.0-slim", "20.1.1-slim"}, // how large a step that is others say
		{"v1.0.1", "latest", "v1.0.1"},
		{"v1.0.1", "alpine", "v1.0.1-alpine"},
		{"v1.0.1", "v1.0.0-alpine", "v1.0.1-alpine"},
		{"1.0.1", "fpm-1.0.0", "fpm-1.0.1"},
		{"1.0.1", "1.0.0-jdk17", "1.0.1-jdk17"},
		{"17-1.0.1", "17-1.0.0-jre", "17-1.0.1-jre"},
		{"17-1.0.1", "17-jre", "17-1.0.1-jre"},
		{"1.4.0-13", "1.4.0-12-minimal", "1.4.0-13-minimal"},
		{"1.4.0-13", "1.4-minimal", "1.4.0-13-minimal"},
		{"3.4.6-debian-9-r25", "3.4.6-debian-10-r24", "3.4.6-debian-10-r25"},
		{"trixie-20260801", "trixie-20260701-slim", "trixie-20260801-slim"},
		{"17.0.10_7-jre", "17.0.9_9-jdk", "17.0.10_7-jdk"},
		{"1.0.1-rc.1", "1.0.0-slim", "1.0.1-rc.1-slim"},
		{"1.0.1", "1.0.1-rc.1-slim", "1.0.1-slim"},
		{"RELEASE.2026-03-25T00-00-00Z", "latest", "RELEASE.2026-03-25T00-00-00Z"},
		{"1.0.1", "stable", "1.0.1-stable"}, // its registry knows whether there is one
		// It cannot be told.
		{"1.0.1", "sha-3f2a9c1", ""},
		{"1.0.1", "1.0.0-3f2a9c1", ""},
		{"0.6.6-b688c22", "0.6.5-slim", ""},
		{"trixie", "bookworm-slim", ""},
		{"trixie-20260801", "slim", ""},
		{"1.4.0", "1.3.0-12-minimal", ""}, // which build it has is not known
		{"3.4.6-debian-9-r25", "latest", ""},
		{"3.4.6-debian-9-r25", "3.4-slim", ""},
	} {
		got, ok := imageref.InFlavour(tc.release, tc.of)
		if ok != (tc.want != "") || ok && got != tc.want {
			t.Errorf("InFlavour(%q, %q) = %q, %v, want %q", tc.release, tc.of, got, ok, tc.want)
		}
	}
}

// For tags of every form: a release in the flavour of a tag is of that flavour and on the
// release, once as twice; within a flavour it is the release itself.
func TestInFlavourHolds(t *testing.T) {
	random := tags{rand.New(rand.NewPCG(13, 7))}
	told := 0
	for range 30000 {
		release, of := random.draw(), random.draw()
		if random.IntN(2) == 0 {
			of = mutate(random, release)
		}
		to, ok := imageref.ParseTag(release)
		got, known := imageref.InFlavour(release, of)
		if !known {
			continue
		}
		told++
		if !ok && got != release {
			t.Fatalf("%q is no release, and is %q in the flavour of %q", release, got, of)
		}
		if again, ok := imageref.InFlavour(release, got); !ok || again != got {
			t.Fatalf("%q in the flavour of %q is %q, and of that %q, %v", release, of, got, again, ok)
		}
		if is, was := imageref.LineOf(got), imageref.LineOf(of); is.Flavour != was.Flavour && (was.Flavour != "" || is.Flavour != "RELEASE") {
			t.Fatalf("%q in the flavour of %q is %q, of the flavour %q and not %q", release, of, got, is.Flavour, was.Flavour)
		}
		if from, ok := imageref.ParseTag(of); ok && from.SameFlavour(to) && from.Compare(to) != 0 && got != release && imageref.Relate(got, release) != imageref.Same {
			t.Fatalf("%q and %q are of one flavour, and the first is %q in it", release, of, got)
		}
	}
	if told < 5000 {
		t.Errorf("only %d of the pairs have an answer", told)
	}
}
