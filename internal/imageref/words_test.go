package imageref_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/imageref"
)

// next returns the tag after a tag, "" where nothing can be said.
func next(text string) string {
	tag, _ := imageref.ParseTag(text)
	up, _ := tag.Next()
	return up
}

// The number behind these words counts the builds of a version.
func TestRevisionWords(t *testing.T) {
	for _, word := range strings.Fields("r rev revision ls build bld p pl patch u cu post hotfix R CU") {
		if got := next("1.4.0-" + word + "12"); got != "1.4.0-"+word+"13" {
			t.Errorf("%s: 1.4.0-%s12 is followed by %q", word, word, got)
		}
	}
}

// A word of more than one letter may be apart from its number.
func TestRevisionsApart(t *testing.T) {
	for tag, want := range map[string]string{
		"1.4.0-ls-118": "1.4.0-ls-119", "1.4.0-cu-5": "1.4.0-cu-6", "1.4.0-rev-12": "1.4.0-rev-13", "1.4.0-r-12": "1.4.1-r-12",
		"1.4.0.1781496985": "", "1.4.0.123456": "1.4.0.123457", "1.4.0.20261101": "",
		"v1.2-python3.11.4": "", "1.25-jdk17.0.1": "", "v1.2.0-python3.11.4": "v1.2.1-python3.11.4",
	} {
		if got := next(tag); got != want {
			t.Errorf("%s is followed by %q, want %q", tag, got, want)
		}
	}
}

// A lone number behind these words, and behind an architecture, counts builds.
func TestFlavours(t *testing.T) {
	for _, word := range strings.Fields("alpine apache base ce cli debug dind ee fpm full jre minimal nginx nonroot prod rootless runtime slim amd64 Slim") {
		if got := next("1.4.0-" + word + "-3"); got != "1.4.0-"+word+"-4" {
			t.Errorf("%s: 1.4.0-%s-3 is followed by %q", word, word, got)
		}
	}
	if got := next("1.4.0-alpine-dev-3"); got != "1.4.0-alpine-dev-4" { // right behind the version it is a pre-release
		t.Errorf("1.4.0-alpine-dev-3 is followed by %q", got)
	}
	// Behind others it is a version.
	for _, word := range strings.Fields("temurin jdk python debian") {
		if got := next("1.4.0-" + word + "-3"); got != "1.4.1-"+word+"-3" {
			t.Errorf("%s: 1.4.0-%s-3 is followed by %q", word, word, got)
		}
	}
}

// The digits of these words are no number: with other digits it is another word.
func TestNamesWithNumbers(t *testing.T) {
	digits := regexp.MustCompile("[0-9]+")
	for _, word := range strings.Fields("386 aarch64 amd64 arm32 arm32v5 arm32v6 arm32v7 arm64 arm64v8 armv5 armv6 armv6l armv7 armv7hf armv7l armv8 " +
		"e2e i18n i386 i586 i686 k3s k8s loong64 mips64 mips64le p2p ppc64 ppc64le riscv64 s2i s390x win32 win64 x64 x86 AMD64") {
		other := digits.ReplaceAllStringFunc(word, func(s string) string { n, _ := strconv.Atoi(s); return strconv.Itoa(n + 1) })
		if got := imageref.Relate("1.4.0-"+word, "1.4.0-"+other); got != imageref.Variant {
			t.Errorf("from %s to %s it is a %s step", word, other, got)
		}
		if got := imageref.Relate("1.4.0-"+word, "1.4.1-"+word); got != imageref.Patch {
			t.Errorf("%s: it is a %s step", word, got)
		}
	}
	for tag, want := range map[string]string{"1.4.0-x86_64": "1.4.1-x86_64", "1.4.0-x86-64": "1.4.1-x86-64", "1.4.0-x86_6": "1.4.0-x86_7", "1.4.0-x86": "1.4.1-x86", "1.4.0-x86_": "1.4.1-x86_"} {
		if got := next(tag); got != want {
			t.Errorf("%s is followed by %q, want %q", tag, got, want)
		}
	}
}

// The first two numbers behind these words, or three, are the release of a distribution.
func TestDistributions(t *testing.T) {
	two := strings.Fields("al alma almalinux alpine amazonlinux amzn azurelinux bci centos debian el fc fedora leap ltsc mariner ol opensuse oraclelinux photon " +
		"rhel rocky rockylinux sle sles stream ubi ubuntu Alpine")
	three := strings.Fields("nanoserver servercore windows windowsservercore")
	for _, word := range slices.Concat(two, three) {
		step := func(from, to string) imageref.Step { return imageref.Relate("1.4.0-"+word+from, "1.4.0-"+word+to) }
		third := imageref.Patch
		if slices.Contains(three, word) {
			third = imageref.Major
		}
		if got := step("8.1", "8.2"); got != imageref.Major {
			t.Errorf("%s8.1 to %s8.2 is a %s step", word, word, got)
		}
		if got := step("8.1.1", "8.1.2"); got != third {
			t.Errorf("%s8.1.1 to %s8.1.2 is a %s step, want %s", word, word, got, third)
		}
		if got := step("8.1.1.1", "8.1.1.2"); got != imageref.Patch {
			t.Errorf("%s8.1.1.1 to %s8.1.1.2 is a %s step", word, word, got)
		}
		if got := step("-9.1", "-9.2"); got != imageref.Major {
			t.Errorf("%s-9.1 to %s-9.2 is a %s step", word, word, got)
		}
	}
}

// Releases that have names are in their order, and those of two distributions in none.
func TestCodenames(t *testing.T) {
	debian := strings.Fields("sarge etch lenny squeeze wheezy jessie stretch buster bullseye bookworm trixie forky duke")
	ubuntu := strings.Fields("hardy intrepid jaunty karmic lucid maverick natty oneiric precise quantal raring saucy trusty utopic vivid wily xenial " +
		"yakkety zesty artful bionic cosmic disco eoan focal groovy hirsute impish jammy kinetic lunar mantic noble oracular plucky questing")
	for _, names := range [][]string{debian, ubuntu} {
		for i := range names[1:] {
			from, to := "1.4.0-"+names[i]+"-slim", "1.4.0-"+names[i+1]+"-slim"
			if there, back := imageref.Relate(from, to), imageref.Relate(to, from); there != imageref.Major || back != imageref.Older {
				t.Errorf("%s to %s is a %s step, and back %s", from, to, there, back)
			}
		}
	}
	if got := imageref.Relate("1.4.0-bookworm", "1.4.0-noble"); got != imageref.Variant {
		t.Errorf("from Debian to Ubuntu it is a %s step", got)
	}
}

// What is the id of a commit. Nothing is known of what comes after such a tag.
func TestHashes(t *testing.T) {
	for word, want := range map[string]bool{
		"3f2a9c1": true, "3f2a9c": false, "defaced": false, "effaced1": true, "deadbeef": true, "3f2a9cg": false,
		"g3f2a9c1": true, "gdefaced": true, "g3f2a9c": false, "g1234567": true, "f3f2a9c1": true,
		strings.Repeat("3f2a9c1e", 8): true, strings.Repeat("3f2a9c1e", 8) + "0": false,
	} {
		if got := next("1.4.0-"+word) == ""; got != want {
			t.Errorf("%s: that nothing can be said of the next is %v", word, got)
		}
	}
	if got := imageref.Relate("1.4.0-12345678", "1.4.0-12345679"); got != imageref.Patch {
		t.Errorf("from one number to the next it is a %s step", got)
	}
}

// What is a date, in tags that have a number of as many digits otherwise: the two do not
// compare.
func TestDates(t *testing.T) {
	for digits, want := range map[string]bool{
		"20261109": true, "2026110923": true, "202611092359": true, "20261109235959": true, "2026110923595": false,
		"19900101": true, "19891231": false, "20991231": true, "21000101": false, "20260001": false, "20261301": false, "20261200": false, "20261232": false, "20261231": true, "20260131": true,
	} {
		other := strings.Repeat("9", len(digits)) // is none
		if got := imageref.Relate("1.4.0-"+digits, "1.4.0-"+other) == imageref.Variant; got != want {
			t.Errorf("%s: a date is %v, want %v", digits, got, want)
		}
	}
}

// The flavour without its numbers, and the numbers that two lines have in common.
func TestLines(t *testing.T) {
	for tag, want := range map[string]string{"1.4.0-alpine3.20": "alpine", "1.4.0-slim": "slim", "fpm-1.4.0": "fpm", "1.4.0": "", "3.12-slim-bookworm": "slim-bookworm"} {
		if got := imageref.LineOf(tag).Literals(); got != want {
			t.Errorf("the literals of %s are %q, want %q", tag, got, want)
		}
	}
	for _, tc := range []struct {
		a, b   string
		shared int
		sign   int
	}{
		{"1.4.0", "1.4.0", 3, 0}, {"1.4.0", "1.4.1", 2, -1}, {"1.4.1", "1.4.0", 2, 1}, {"1.4", "1.4.0", 2, -1}, {"1.4.0", "1.4", 2, 1},
		{"2.4.0", "1.4.0", 0, 1}, {"1.10.0", "1.9.0", 1, 1}, {"1.04", "1.4", 2, 0}, {"slim", "1.4", 0, -1}, {"slim", "alpine", 0, 0},
	} {
		a, b := imageref.LineOf(tc.a), imageref.LineOf(tc.b)
		sign := max(-1, min(1, a.Compare(b)))
		if shared := a.Shared(b); shared != tc.shared || sign != tc.sign {
			t.Errorf("%s and %s share %d numbers, and compare as %d; want %d, %d", tc.a, tc.b, shared, sign, tc.shared, tc.sign)
		}
	}
}

// A tag says itself whether it moves with its image.
func TestFollows(t *testing.T) {
	for tag, want := range map[string]bool{
		"": true, "latest": true, "stable": true, "1.4": true, "v3": true, "20-alpine": true,
		"ubi9-latest": true, "latest-ubi9": true, "latest-22": true, "1.4.2-latest": true,
		"1.4.2": false, "ubi9": false, "ubi9-1.4.2": false, "2026-11-09": false, "latest9": false, "1.0.0-rc.1": false,
	} {
		if got := imageref.Follows(tag); got != want {
			t.Errorf("%q follows its image: %v", tag, got)
		}
	}
}
