package imageref_test

import (
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
		{"1", "1.4.0.20261101", imageref.Moving},
		{"1.4.0", "1.4.0.20261101", imageref.Moving},
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
		{"8.8-860", "8.8-1014", imageref.Patch},
		{"8.8-1014", "8.8-860", imageref.Older},
		{"8.8-860", "8.9-12", imageref.Minor},
		{"9.8-1781496985", "9.8-1785906690", imageref.Patch},
		{"9.8", "9.8-1785906690", imageref.Moving},
		{"8.9-1160", "8.9-1160.1715068735", imageref.Patch}, // of UBI, where a build without an epoch does not move
		{"2.13.4-ls118", "2.13.4-ls119", imageref.Patch},
		{"1.29.5-r0", "1.29.5-r1", imageref.Patch},
		{"v3.26.0", "v3.26.0-3", imageref.Moving},
		{"v3.26.0-2", "v3.26.0", imageref.Variant},
		{"17-1.0.0", "17-1.0.1", imageref.Patch},
		{"17-1.0.5", "21-1.0.0", imageref.Major},
		{"17", "17-1.0.1", imageref.Moving},
		{"8u392-b08-jre", "8u402-b06-jre", imageref.Patch},
		{"8-jre", "8u402-b06-jre", imageref.Moving},
		{"3.3.2-nginx-202209230509", "3.3.4-nginx-202211050911", imageref.Patch},
		{"v2.4.0-go1.26.4-bookworm.0", "v2.4.0-go1.26.5-bookworm.0", imageref.Patch},
		{"v2.4.0-go1.26.5-bookworm.0", "v2.4.0-go1.27.0-trixie.0", imageref.Major},
		{"3.4.6-debian-9-r24", "3.4.6-debian-9-r25", imageref.Patch},
		{"3.4.6-debian-9-r24", "3.4.7-debian-10-r1", imageref.Major},
		{"9.7_p1-r3", "9.7_p1-r4", imageref.Patch},
		{"RELEASE.2026-01-02T03-04-05Z", "RELEASE.2026-03-25T00-00-00Z", imageref.Patch},
		{"latest", "RELEASE.2026-03-25T00-00-00Z", imageref.Moving},
		{"2.137.0-pactbroker2.118.0", "2.138.0-pactbroker2.119.0", imageref.Minor},
		{"1.0.7-runtime-nanoserver-10.0.14393.1770", "1.0.7-runtime-nanoserver-10.0.14393.1884", imageref.Patch},
		{"1.0.7-nanoserver-1809", "1.0.7-nanoserver-1909", imageref.Major},
		{"8.0.301-alpine3.18-amd64", "8.0.302-alpine3.19-amd64", imageref.Major},
		{"8.0.301-alpine3.19", "8.0.302-alpine3.18", imageref.Variant}, // neither is newer in all
		{"8.0.302-alpine3.18", "8.0.301-alpine3.19", imageref.Variant},
		{"trixie-slim", "trixie-20260801-slim", imageref.Moving},
		{"bookworm-slim", "trixie-20260801-slim", imageref.Variant},
		{"bookworm", "trixie", imageref.Major},
		{"latest", "20.11.1-alpine", imageref.Variant},
		{"", "20.11.1-bookworm", imageref.Variant},
		{"alpine", "20.11.1-alpine", imageref.Moving},
		{"fpm", "fpm-1.2.3", imageref.Moving},
		{"fpm-1.2", "fpm-1.2.3", imageref.Moving},
		{"alpine", "20.11.1-alpine3.20", imageref.Variant}, // it may be on another release by now
		{"alpine", "20.11.1", imageref.Variant},
		{"gzserver", "gzserver8", imageref.Variant},
		{"latest-prod", "3.7-prod", imageref.Moving},
		{"0.6.5-aabbccdd", "0.6.6-b688c22", imageref.Patch},
		{"0.6.5-aabbccdd", "0.6.5-b688c22", imageref.Variant},
		{"33acdda4-ls73", "33acdda4-ls74", imageref.Patch},
		{"33acdda4-ls73", "44acdda4-ls74", imageref.Variant},
		{"v20200904-gc2884a3da", "v20200930-gc82ce472a", imageref.Patch},
		{"v12302020-3f0df1c35", "v01262021-44fb2a873", imageref.Variant}, // month first
		{"3.12.1-jdk17", "3.12.1-jdk21", imageref.Major},
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
		"1.0.0": "1.0.1", "1.0.9-alpine": "1.0.10-alpine", "v2.3.4": "v2.3.5", "2026.11.09": "", "2026.11.10-slim": "", "2026.11.3": "2026.11.4", "2026.13.09": "2026.13.10", "2026.11.09.1": "2026.11.09.2", "1.0.005": "1.0.006",
		"17.0.1_12-jre": "17.0.1_13-jre", "1.25-alpine": "", "1.0.0-rc.1": "", "3": "",
		"17-1.0.0": "17-1.0.1", "3.11-1.2.0": "3.11-1.2.1", "go1.21.3-1.0.0": "go1.21.3-1.0.1", "1.4.0-12": "1.4.0-13", "3.4.6-debian-9-r24": "3.4.6-debian-9-r25",
		"1.4.0-99998": "1.4.0-99999", "1.4.0-99999": "", "9.8-1785906690": "", "8.9-1160.1715068735": "", "1.4.0-nginx-202209230509": "", "0.6.5-aabbccd1": "", "1.4.0.20261101": "",
		"v2.4.0-go1.26.5-bookworm.0": "v2.4.0-go1.26.5-bookworm.1", "3.9.0-temurin-17": "3.9.1-temurin-17", "1.4-alpine-3.20.1": "", "bookworm": "", "debian-12": "",
		"1.0.0-alpine-3": "1.0.0-alpine-4", "1.0.0-ubuntu-22-04": "1.0.1-ubuntu-22-04", "1.0.0-ubuntu-22.04-3": "1.0.0-ubuntu-22.04-4",
		"RELEASE.2026-03-25T00-00-00Z": "", "noble-20240904.1": "",
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

func TestWhyVariant(t *testing.T) {
	for _, tc := range [][3]string{
		{"1.0.0-alpine", "1.0.1", "1.0.0-alpine and 1.0.1 are tags of two schemes"},
		{"", "1.0.1-alpine", "latest does not follow 1.0.1-alpine"},
		{"3f2a9c1", "4f2a9c1", "3f2a9c1 and 4f2a9c1 are tags of two schemes"},
		{"1.0.0", "1.0.1-rc.1", "1.0.1-rc.1 is a pre-release, and 1.0.0 is none"},
		{"0.6.5-aabbccd1", "0.6.5-b688c22e", "0.6.5-aabbccd1 and 0.6.5-b688c22e have hashes, which have no order"},
		{"1.0.0-alpine3.19", "1.0.1-alpine3.18", "of 1.0.0-alpine3.19 and 1.0.1-alpine3.18 neither is newer in all its numbers"},
	} {
		if got := imageref.WhyVariant(tc[0], tc[1]); got != tc[2] || imageref.Relate(tc[0], tc[1]) != imageref.Variant {
			t.Errorf("%q and %q: %s, want %s", tc[0], tc[1], got, tc[2])
		}
	}
}

func TestCountsBuilds(t *testing.T) {
	for in, want := range map[string]bool{"1.4": false, "17-1.0.0": false, "1.25-alpine3.20": false, "1.4-12": true, "9.8-1781496985": true, "1.4-r3": true, "1.4-aabbccd1": true, "1.4-20261101": true} {
		if tag, _ := imageref.ParseTag(in); tag.CountsBuilds() != want {
			t.Errorf("CountsBuilds(%q) = %v", in, !want)
		}
	}
}

func TestLineOf(t *testing.T) {
	for in, want := range map[string]string{
		"": " ", "latest": " ", "stable": " stable", "17.0.3": "17.0.3 ", "v1.2.3": "1.2.3 ", "17-1.0.0": "17.1.0.0 ", "v17-1.0.0-slim": "17.1.0.0 slim", "fpm-1.0.0": "1.0.0 fpm",
		"1.0.0-alpine3.20": "1.0.0 alpine3.20", "1.0.0-rc.1-alpine": "1.0.0 alpine", "go1.21-1.0.0": "1.0.0 go1.21", "8u392-b08-jre": "8.392.08 jre",
		"3.4.6-debian-9-r24": "3.4.6.24 debian-9", "0.6.5-aabbccd1": "0.6.5 ", "sha-3f2a9c1": " sha-3f2a9c1", "noble-20240904.1": "20240904.1 noble",
	} {
		if l := imageref.LineOf(in); strings.Join(l.Numbers, ".")+" "+l.Flavour != want {
			t.Errorf("LineOf(%q) = %q %q, want %q", in, l.Numbers, l.Flavour, want)
		}
	}
}

func TestSameFlavour(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"1.0.0-alpine3.19", "1.2.3-alpine3.19", true},
		{"1.0.0-alpine3.19", "1.0.0-alpine3.20", false},
		{"1.0.0-bookworm", "1.0.0-trixie", false},
		{"17-1.0.0", "17-1.0.1", true},
		{"17-1.0.0", "21-1.0.0", false},
		{"1.0.0-jdk17", "1.0.0-jdk21", false},
		{"1.4.0-12", "1.5.0-1", true},
		{"1.4.0-12", "1.5.0", false},
	} {
		a, _ := imageref.ParseTag(tc.a)
		b, _ := imageref.ParseTag(tc.b)
		if got := a.SameFlavour(b); got != tc.want {
			t.Errorf("%q and %q are of one flavour: %v", tc.a, tc.b, got)
		}
	}
}

func TestSameLine(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"1.4.0", "1.4.9", true},
		{"1.4.0", "1.5.0", false},
		{"1.4.0", "2.4.0", false},
		{"1.04.0", "1.4.9", true},
		{"1.4", "1.4.9", true},
		{"1", "1.4.9", true},
		{"17-1.4.0", "21-1.4.0", true},     // the version is 1.4.0
		{"2026-07-28", "2025-07-28", true}, // a date is no version
		{"2026-07-28", "1.4.0", true},
	} {
		a, _ := imageref.ParseTag(tc.a)
		b, _ := imageref.ParseTag(tc.b)
		for _, pair := range [][2]imageref.Tag{{a, b}, {b, a}} {
			if got := pair[0].SameLine(pair[1]); got != tc.want {
				t.Errorf("%q and %q are of one line: %v", pair[0].Text, pair[1].Text, got)
			}
		}
	}
}

func TestNextOwn(t *testing.T) {
	for _, tt := range []struct{ tag, foreign, want string }{
		{"1.4.0-py3.12.1", "3.12.1", "1.4.1-py3.12.1"},
		{"20.1.3-1.0.9", "20.1.3", "20.1.3-1.0.10"},
		{"20.1.3-r3", "20.1.3", "20.1.3-r4"},
		{"17-1.0.9", "17", "17-1.0.10"},
		{"20.1.3", "20.1.3", ""},
		{"20.1.3-alpine3.20", "20.1.3", ""},
		{"20.1.3-go1.26.5", "20.1.3", ""},
		{"20.1.3-20261101", "20.1.3", ""},
		{"1.0.0-r3", "0", "1.0.0-r4"},
		{"1.0.0", "1", "1.0.1"},
	} {
		tag, _ := imageref.ParseTag(tt.tag)
		at := strings.Index(tt.tag, tt.foreign)
		isOwn := func(start, end int) bool { return end <= at || start >= at+len(tt.foreign) }
		got := ""
		if start, end, next, ok := tag.NextOwn(isOwn); ok {
			got = tt.tag[:start] + next + tt.tag[end:]
		}
		if got != tt.want {
			t.Errorf("NextOwn(%q) without %s makes %q, want %q", tt.tag, tt.foreign, got, tt.want)
		}
	}
}

func TestParseLevel(t *testing.T) {
	for text, want := range map[string]imageref.Step{"patch": imageref.Patch, "minor": imageref.Minor, "major": imageref.Major, "same": 0, "older": 0, "": 0, "Patch": 0} {
		if got, ok := imageref.ParseLevel(text); got != want || ok != (want > 0) {
			t.Errorf("ParseLevel(%q) = %v, %v", text, got, ok)
		}
	}
}

func TestCompareVersion(t *testing.T) {
	for _, tc := range []struct{ tag, bound, want string }{
		{"3.12.4", "3.12", "="}, {"3.12.4-slim-bookworm", "3.12", "="}, {"3.13.1-slim", "3.12", ">"}, {"v3.9", "3.12", "<"}, {"3.12", "3.12.0", "?"}, {"3", "3.12", "?"}, {"4", "3.12", ">"},
		{"5.0.0-rc.1", "5", "="}, {"5.0.0-rc.1", "5.0.0", "<"}, {"5.0.0-rc.1", "5.0.0-rc.2", "<"}, {"5.0.0", "5.0.0-rc.2", ">"}, {"17-1.0.0", "1", "="},
		{"trixie-20260801", "4", "?"}, {"trixie-20260801-slim", "20260101", ">"}, {"2026.01.05", "20260101", "?"}, {"alpine3.20", "3.20", "?"}, {"010.2", "10", "="},
	} {
		tag, _ := imageref.ParseTag(tc.tag)
		bound, _ := imageref.ParseTag(tc.bound)
		got := "?"
		if sign, ok := tag.CompareVersion(bound); ok {
			got = map[int]string{-1: "<", 0: "=", 1: ">"}[sign]
		}
		if got != tc.want {
			t.Errorf("%s %s %s, want %s", tc.tag, got, tc.bound, tc.want)
		}
	}
}
