package imageref_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/imageref"
)

func TestParse(t *testing.T) {
	digest := "sha256:" + strings.Repeat("ab", 32)
	for _, tc := range []struct {
		in, canonical, tag string
	}{
		{"node", "docker.io/library/node:latest", ""},
		{"node:20-alpine", "docker.io/library/node:20-alpine", "20-alpine"},
		{"acme/base", "docker.io/acme/base:latest", ""},
		{"localhost:5000/base:1.0", "localhost:5000/base:1.0", "1.0"},
		{"localhost:5000/base", "localhost:5000/base:latest", ""},
		{"ghcr.io/acme/base:1.0.0@" + digest, "ghcr.io/acme/base:1.0.0@" + digest, "1.0.0"},
		{"ghcr.io/acme/base@" + digest, "ghcr.io/acme/base@" + digest, ""},
	} {
		t.Run(tc.in, func(t *testing.T) {
			r, err := imageref.Parse(tc.in)
			if err != nil {
				t.Fatal(err)
			}
			if r.String() != tc.canonical {
				t.Errorf("canonical form %q, want %q", r.String(), tc.canonical)
			}
			start, end, ok := r.TagAt()
			if ok != (tc.tag != "") || ok && tc.in[start:end] != tc.tag {
				t.Errorf("tag at %d:%d (%v), want %q", start, end, ok, tc.tag)
			}
			start, end, ok = r.DigestAt()
			if ok != strings.Contains(tc.in, "@") || ok && tc.in[start:end] != digest {
				t.Errorf("digest at %d:%d (%v)", start, end, ok)
			}
		})
	}
	for _, bad := range []string{"", ":1.0", "base:", "Base", "a b", "base:1:2", "base@sha256:12"} {
		if r, err := imageref.Parse(bad); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", bad, r)
		}
	}
}

func TestMatches(t *testing.T) {
	const repository = "registry.example/matih/base-java"
	for name, want := range map[string]bool{
		"base-java": true, "matih/base-java": true, repository: true,
		"java": false, "-java": false, "h/base-java": false, "": false, "/base-java": false,
	} {
		if got := imageref.Matches(repository, name); got != want {
			t.Errorf("Matches(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestRelate(t *testing.T) {
	for _, tc := range []struct {
		current, target string
		want            imageref.Step
	}{
		{"1.0.0", "1.0.1", imageref.Patch},
		{"1.0.9", "1.0.10", imageref.Patch},
		{"1.0.0", "1.1.0", imageref.Minor},
		{"0.9.4", "1.0.1", imageref.Major},
		{"1.0.1", "1.0.1", imageref.Same},
		{"1.0.01", "1.0.1", imageref.Same},
		{"1.0.2", "1.0.1", imageref.Older},
		{"v1.0.0", "v1.0.1", imageref.Patch},
		{"v1.0.0", "1.0.1", imageref.Variant},
		{"1.0.0-alpine", "1.0.1-alpine", imageref.Patch},
		{"1.0.0-alpine", "1.0.1", imageref.Variant},
		{"1.0.0", "1.0.1-alpine", imageref.Variant},
		{"1.25-alpine", "1.27-alpine", imageref.Minor},
		{"1.25-alpine", "1.25.3-alpine", imageref.Moving},
		{"1", "1.0.1", imageref.Moving},
		{"1.0", "1.1.1", imageref.Variant},
		{"latest", "1.0.1", imageref.Moving},
		{"", "1.0.1", imageref.Moving},
		{"stable", "1.0.1", imageref.Variant},
		{"1.0.0-dev", "1.0.1", imageref.Variant},
		{"1.0.0-dev1", "1.0.0", imageref.Patch},
		{"1.0", "1.0.1-rc.1", imageref.Variant},
		{"latest", "1.0.1-rc.1", imageref.Variant},
		{"1.0.0-rc.1", "1.0.0-rc.2", imageref.Patch},
		{"1.0.0-rc.2", "1.0.0", imageref.Patch},
		{"1.0.0", "1.0.1-rc.1", imageref.Variant},
		{"1.0.0", "1.0.0-rc.1", imageref.Older},
		{"1.0.0-beta.9", "1.0.0-rc.1", imageref.Patch},
		{"3.8.0", "3.8.0b1", imageref.Older},
		{"17.0.1_12-jre", "17.0.1_13-jre", imageref.Patch},
		{"17.0.1-jre", "17.0.1_13-jre", imageref.Moving},
		{"noble-20240904.1", "noble-20240904.2", imageref.Patch},
		{"jammy-20240904.1", "noble-20240904.2", imageref.Major},
		{"go1.21-1.0.0", "go1.21-1.0.1", imageref.Patch},
		{"2026.10.03", "2026.11.1", imageref.Minor},
		{"2026-07-28", "2026-07-30", imageref.Patch},
		{"2026-07-28", "2026-08-01", imageref.Patch},
		{"1.2.3.4", "1.2.3.5", imageref.Patch},
		{"3f2a9c1", "4f2a9c1", imageref.Variant},
		{"99999999999999999999999.0.0", "99999999999999999999999.0.1", imageref.Patch},
	} {
		if got := imageref.Relate(tc.current, tc.target); got != tc.want {
			t.Errorf("Relate(%q, %q) = %v, want %v", tc.current, tc.target, got, tc.want)
		}
	}
}

func TestNoVersion(t *testing.T) {
	for _, text := range []string{"latest", "stable", "sha-3f2a9c1", "3f2a9c1d", "", "main-0a1b2c3d4e5f"} {
		if tag, ok := imageref.ParseTag(text); ok {
			t.Errorf("ParseTag(%q) = %+v, want no version", text, tag)
		}
	}
	for _, text := range []string{"20240904", "1", "v2", "1234567"} {
		if _, ok := imageref.ParseTag(text); !ok {
			t.Errorf("ParseTag(%q) sees no version", text)
		}
	}
}

func TestNext(t *testing.T) {
	for in, want := range map[string]string{
		"1.0.0": "1.0.1", "1.0.9-alpine": "1.0.10-alpine", "v2.3.4": "v2.3.5", "2026.11.09": "2026.11.10",
		"17.0.1_12-jre": "17.0.1_13-jre", "1.25-alpine": "", "1.0.0-rc.1": "", "3": "",
		"1.4.0-20240101": "", "2026-11-09": "", "1.0.0-alpine3.20": "1.0.1-alpine3.20",
	} {
		tag, _ := imageref.ParseTag(in)
		got, ok := tag.Next()
		if got != want || ok != (want != "") {
			t.Errorf("Next(%q) = %q, %v, want %q", in, got, ok, want)
		}
		if ok && imageref.Relate(in, got) != imageref.Patch {
			t.Errorf("%q to its next %q is no patch", in, got)
		}
	}
}

// Within a scheme Compare is a total order; across schemes Relate compares nothing.
func TestCompareIsATotalOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	draw := func() imageref.Tag {
		text := pick("", "v", "noble-") + pick("0", "1", "9", "10", "010") + "." + pick("0", "2", "11") + "." + pick("0", "3", "20") +
			pick("", "", "-rc.1", "-rc.2", "-beta.1") + pick("", "-alpine")
		tag, ok := imageref.ParseTag(text)
		if !ok || tag.Text != text {
			t.Fatalf("ParseTag(%q) = %+v, %v", text, tag, ok)
		}
		return tag
	}
	sign := func(n int) int { return min(1, max(-1, n)) }
	for range 20000 {
		a, b, c := draw(), draw(), draw()
		if !a.SameScheme(b) {
			if step := imageref.Relate(a.Text, b.Text); step != imageref.Variant {
				t.Fatalf("%q and %q are of two schemes, but Relate says %v", a.Text, b.Text, step)
			}
			continue
		}
		if sign(a.Compare(b)) != -sign(b.Compare(a)) {
			t.Fatalf("%q and %q compare differently from both sides", a.Text, b.Text)
		}
		if b.SameScheme(c) {
			tags := []imageref.Tag{a, b, c}
			slices.SortFunc(tags, imageref.Tag.Compare)
			if tags[0].Compare(tags[2]) > 0 {
				t.Fatalf("order is not transitive: %q, %q, %q", tags[0].Text, tags[1].Text, tags[2].Text)
			}
		}
	}
}
