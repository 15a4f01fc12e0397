package bumper_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
)

// pinOf is a bump that pins a tag of acme/base.
func pinOf(tag string) bumper.Bump {
	return bumper.Bump{Image: "docker.io/acme/base", Tag: tag, Digest: newDigest, Pin: true}
}

// A pin writes the digest behind the tag: where the tag is written, or behind the reference where that place is
// for something else as well. Nothing else changes, and a second run changes nothing.
func TestPins(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, src string // "+" stands where "@" and the new digest are wanted, "=" for "@" and the old one
		bump      bumper.Bump
		opts      bumper.Options
		want      string // as the table of moved tags has it
		detail    string // of the skip
	}{
		{name: "in the FROM", src: "FROM acme/base:1.25-alpine+ AS x # alpine\n", want: "bump"},
		{name: "of a platform", src: "FROM --platform=$BUILDPLATFORM acme/base:1.25-alpine+\n", want: "bump"},
		{name: "in lower case, with CRLF", src: "from acme/base:1.25-alpine+\r\nRUN x\r\n", want: "bump"},
		{name: "without a last line end", src: "FROM acme/base:1.25-alpine+", want: "bump"},
		{name: "in quotes", src: "FROM \"acme/base:1.25-alpine+\"\n", want: "bump"},
		{name: "over two lines", src: "FROM acme/base:1.25\\\n-alpine+\n", want: "bump"},
		{name: "of a tag that is no version", src: "FROM acme/base:stable+\n", bump: pinOf("stable"), want: "bump"},
		{name: "of latest", src: "FROM acme/base:latest+\n", bump: pinOf("latest"), want: "bump"},
		{name: "of latest without its name", src: "FROM acme/base:latest+ AS a\n", bump: pinOf("latest"), want: "bump"},
		{name: "of latest without its name, from an ARG", src: "ARG I=acme/base:latest+\nFROM $I\n", bump: pinOf("latest"), want: "bump"},
		{name: "of another registry", src: "ARG R=docker.io\nFROM ${R}/acme/base:1.25-alpine+\n", want: "bump"},
		{name: "of a copy and a mount", src: "FROM x\nCOPY --from=acme/base:1.25-alpine+ / /\nRUN --mount=type=bind,from=acme/base:1.25-alpine+,target=/x x\n", want: "bump"},
		{name: "of a copy without a tag", src: "FROM x\nCOPY --from=acme/base:latest+ / /\n", bump: pinOf("latest"), want: "bump"},
		{name: "of a trigger", src: "FROM x AS y\nONBUILD COPY --from=acme/base:1.25-alpine+ / /\nFROM y\n", want: "bump"},
		{name: "of the syntax", src: "# syntax=acme/base:1.25-alpine+\nFROM x\n", want: "bump"},

		{name: "in the default that is the tag", src: "ARG V=1.25-alpine+\nFROM acme/base:${V}\n", want: "bump"},
		{name: "in a default in quotes", src: "ARG V=\"1.25-alpine+\"\nFROM acme/base:$V\n", want: "bump"},
		{name: "in the default in the reference", src: "FROM acme/base:${V:-1.25-alpine+}\n", want: "bump"},
		{name: "in the default that is the reference", src: "ARG I=acme/base:1.25-alpine+\nFROM $I\n", want: "bump"},
		{name: "in the default that is the reference, and that a stage sees", src: "ARG I=acme/base:1.25-alpine+\nFROM $I\nARG I\nLABEL base=$I\n", want: "bump"},
		{name: "in the default that two references have", src: "ARG V=1.25-alpine+\nFROM acme/base:$V AS a\nFROM acme/base:$V\nCOPY --from=a / /\n", want: "bump"},
		{name: "behind what follows the variable", src: "ARG V=1.25\nFROM acme/base:$V-alpine+\n", want: "bump"},
		{name: "in the second of two variables", src: "ARG V=1.25\nARG F=alpine+\nFROM acme/base:$V-$F\n", want: "bump"},
		{name: "in a default that is a part of another", src: "ARG V=1.25-alpine+\nARG I=acme/base:$V\nFROM $I\n", want: "bump"},

		{name: "behind the reference, where a stage sees the tag", src: "ARG V=1.25-alpine\nFROM acme/base:${V}+\nARG V\nLABEL version=$V\n", want: "bump"},
		{name: "behind the reference, where a stage sees another ARG that is the tag", src: "ARG V=1.25-alpine\nARG W=$V\nFROM acme/base:${V}+\nARG W\nRUN x $W\n", want: "bump"},
		{name: "in the default, where a stage sees another one", src: "ARG VV=9\nARG V=1.25-alpine+\nFROM acme/base:$V\nARG VV\n", want: "bump"},
		{name: "behind the reference, where the tag is that of another image", src: "ARG V=1.25-alpine\nFROM acme/other:$V AS o\nFROM acme/base:$V+\nCOPY --from=o / /\n", want: "bump"},
		{name: "behind the reference, where the default is a part of another image", src: "ARG I=acme/base:1.25\nFROM $I-slim AS o\nFROM $I+\nCOPY --from=o / /\n", bump: pinOf("1.25"), want: "bump"},
		{name: "behind one reference and in the other", src: "ARG V=1.25-alpine\nFROM acme/other:$V AS o\nFROM acme/base:$V+ AS p\nFROM acme/base:1.25-alpine+\nCOPY --from=o / /\nCOPY --from=p / /\n", want: "bump"},
		{name: "a tag that is computed, behind which no digest could move", src: "ARG V=1_25_alpine\nFROM acme/base:${V//_/-}\n", bump: pinOf("1-25-alpine"), want: "skip unresolved", detail: "no digest can be written behind acme/base:${V//_/-}, or not so that it could move with the tag later"},
		{name: "behind the reference, that a line end continues", src: "ARG V=1.25-alpine\nFROM acme/base:\\\n$V+\nARG V\n", want: "bump"},

		{name: "a pin of the tag", src: "FROM acme/base:1.25-alpine=\n", want: "bump"},
		{name: "a pin that has it", src: "FROM acme/base:1.25-alpine@" + newDigest + "\n", want: "up-to-date"},
		{name: "a digest alone", src: "FROM acme/base@" + oldDigest + "\n"},
		{name: "another tag", src: "FROM acme/base:1.25\n"},
		{name: "an older version of the same flavour", src: "FROM acme/base:1.24-alpine\n"},
		{name: "no tag, where another is pinned", src: "FROM acme/base\n"},
		{name: "a tag that is not known", src: "ARG V\nFROM acme/base:$V\n"},
		{name: "a stage that is not built", src: "FROM acme/base:1.25-alpine AS dead\nFROM x\n", want: "skip unreachable"},
		{name: "a stage that is not built beside one that is", src: "FROM acme/base:1.25-alpine+ AS dead\nFROM acme/base:1.25-alpine+\n", want: "bump"},
		{name: "ignored", src: "FROM acme/base:1.25-alpine\n", opts: bumper.Options{Ignored: func(string) (string, bool) { return "", true }}, want: "skip ignored"},
		{name: "what the registry gives", src: "FROM acme/base:1.25-alpine+\n", bump: bumper.Bump{Image: "docker.io/acme/base", Tag: "1.25-alpine", Pin: true}, opts: bumper.Options{Digests: digests{"docker.io/acme/base:1.25-alpine": newDigest}}, want: "bump"},
		{name: "a pin, and what the registry gives", src: "FROM acme/base:1.25-alpine=\n", bump: bumper.Bump{Image: "docker.io/acme/base", Tag: "1.25-alpine", Pin: true}, opts: bumper.Options{Digests: digests{"docker.io/acme/base:1.25-alpine": newDigest}}, want: "bump"},
		{name: "no registry", src: "FROM acme/base:1.25-alpine\n", bump: bumper.Bump{Image: "docker.io/acme/base", Tag: "1.25-alpine", Pin: true}, want: "skip unresolved", detail: "s/Dockerfile:1:6: acme/base:1.25-alpine is to be pinned to a digest, and no registry is asked for that of docker.io/acme/base:1.25-alpine"},
		{name: "a registry that does not know it", src: "FROM acme/base:1.25-alpine\n", bump: bumper.Bump{Image: "docker.io/acme/base", Tag: "1.25-alpine", Pin: true}, opts: bumper.Options{Digests: digests{}}, want: "skip unresolved", detail: "s/Dockerfile:1:6: acme/base:1.25-alpine is to be pinned to a digest: no such tag: docker.io/acme/base:1.25-alpine"},
		{name: "as the name of a stage", src: "ARG V=1.25-alpine\nFROM x AS s1.25-alpine\nFROM acme/base:$V+ AS b\nFROM s$V\nCOPY --from=b / /\n", want: "bump"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			src := strings.NewReplacer(":latest+ AS", " AS", ":latest+\nFROM $I", "\nFROM $I", "--from=acme/base:latest+", "--from=acme/base", "+", "", "=\n", "@"+oldDigest+"\n").Replace(tc.src)
			want := strings.NewReplacer("+", "@"+newDigest, "=\n", "@"+newDigest+"\n").Replace(tc.src)
			if tc.bump.Image == "" {
				tc.bump = pinOf("1.25-alpine")
			}
			repo := files{"s/Dockerfile": src}
			p := repo.plan(t, tc.opts, tc.bump)
			got, detail := "", ""
			for _, item := range p.Items {
				got += strings.TrimSpace(item.Action.String() + " " + string(item.Reason))
				for _, skip := range item.Skips {
					detail = skip.Detail
				}
			}
			if got != tc.want || tc.detail != "" && detail != tc.detail {
				t.Errorf("verdict %q (%s), want %q (%s)", got, detail, tc.want, tc.detail)
			}
			edited := repo.after(p)
			if edited["s/Dockerfile"] != want {
				t.Errorf("afterwards it is\n%s\nwant\n%s", edited["s/Dockerfile"], want)
			}
			if again := edited.plan(t, tc.opts, tc.bump); len(again.Changes(bumper.ChangeOptions{})) > 0 {
				t.Errorf("run again it changes something")
			}
			moved := tc.bump
			moved.Digest = "sha256:" + strings.Repeat("2c", 32)
			if later := edited.after(edited.plan(t, tc.opts, moved)); tc.want == "bump" && tc.opts.Digests == nil && later["s/Dockerfile"] != strings.ReplaceAll(want, newDigest, moved.Digest) {
				t.Errorf("when the tag has moved again it is\n%s", later["s/Dockerfile"])
			}
		})
	}
}

// A version and the pin of a tag that moves go into one plan: each reference gets its own.
func TestPinsBesideAVersion(t *testing.T) {
	t.Parallel()
	repo := files{
		"a/Dockerfile": "FROM acme/base:1.25.3-alpine\n", "b/Dockerfile": "FROM acme/base:1.25-alpine\n", "c/Dockerfile": "FROM acme/base:1.25-alpine@" + oldDigest + "\n",
		"d/Dockerfile": "FROM acme/base:1.25.3-alpine AS x\nFROM acme/base:1.25-alpine\nCOPY --from=x / /\n", "e/Dockerfile": "FROM acme/base:1.24-alpine\n",
	}
	want := files{
		"a/Dockerfile": "FROM acme/base:1.25.4-alpine\n", "b/Dockerfile": "FROM acme/base:1.25-alpine@" + newDigest + "\n", "c/Dockerfile": "FROM acme/base:1.25-alpine@" + newDigest + "\n",
		"d/Dockerfile": "FROM acme/base:1.25.4-alpine AS x\nFROM acme/base:1.25-alpine@" + newDigest + "\nCOPY --from=x / /\n", "e/Dockerfile": "FROM acme/base:1.24-alpine\n",
	}
	for _, bumps := range [][]bumper.Bump{{base("1.25.4-alpine"), pinOf("1.25-alpine")}, {pinOf("1.25-alpine"), base("1.25.4-alpine")}} {
		edited := repo.after(repo.plan(t, bumper.Options{}, bumps...))
		for path := range want {
			if edited[path] != want[path] {
				t.Errorf("%s is afterwards\n%swant\n%s", path, edited[path], want[path])
			}
		}
		if again := edited.plan(t, bumper.Options{}, bumps...); len(again.Changes(bumper.ChangeOptions{})) > 0 {
			t.Errorf("run again it changes something: %s", edits(again))
		}
	}
}

// What build files hand in decides where a digest may stand: in a value that is a whole reference, or behind a
// reference that all builds have the same tag for.
func TestPinsOfWhatBuildsHandIn(t *testing.T) {
	t.Parallel()
	const at = "@" + "D"
	for _, tc := range []struct {
		name, dockerfile string
		handed           handed
		want             string // the edits; D is the new digest
		why              string // of the skips
	}{
		{"a whole reference", "ARG V=acme/base:1.25\nFROM $V\n", handed{"b": "acme/base:1.25\n"}, "b:1: 1.25 -> 1.25" + at, ""},
		{"whole references, of which one is another", "ARG V\nFROM $V\n", handed{"b": "acme/base:1.25\nacme/base:1.26\nacme/other:1.25\n"}, "b:1: 1.25 -> 1.25" + at, ""},
		{"a tag, and a default that is the same", "ARG V=1.25\nFROM acme/base:$V\n", handed{"b": "1.25\n"}, "Dockerfile:2: acme/base:$V -> acme/base:$V" + at, ""},
		{"a tag, and no default", "ARG V\nFROM acme/base:$V\n", handed{"b": "1.25\n"}, "Dockerfile:2: acme/base:$V -> acme/base:$V" + at, ""},
		{"a tag, and a default that is another", "ARG V=1.24\nFROM acme/base:$V\n", handed{"b": "1.25\n"}, "", "a digest behind acme/base:$V would also be for docker.io/acme/base:1.24, the default that a build without arguments has"},
		{"two tags", "ARG V\nFROM acme/base:$V\n", handed{"b": "1.25\n1.26\n"}, "", "a digest behind it would also be for docker.io/acme/base:1.26, which the build at b:2:1 has there"},
		{"a tag and another one that ends alike", "ARG V\nFROM acme/base:$V-alpine\n", handed{"b": "1.25\n1.26\n"}, "", ""},
		{"a tag of another image", "ARG V=base\nFROM acme/$V:1.25\n", handed{"b": "base\nother\n"}, "", "a digest behind it would also be for docker.io/acme/other:1.25, which the build at b:2:1 has there"},
		{"a tag beside a reference with the same one", "ARG V\nFROM acme/base:$V AS a\nFROM acme/base:1.25\nCOPY --from=a / /\n", handed{"b": "1.25\n"}, "Dockerfile:2: acme/base:$V -> acme/base:$V" + at + "; Dockerfile:3: 1.25 -> 1.25" + at, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bump := pinOf("1.25")
			if strings.Contains(tc.dockerfile, "-alpine") {
				bump, tc.why = pinOf("1.25-alpine"), "a digest behind it would also be for docker.io/acme/base:1.26-alpine, which the build at b:2:1 has there"
			}
			p := tc.handed.plan(t, bumper.Options{}, bump, tc.dockerfile)
			var got, why []string
			for _, item := range p.Items {
				for _, e := range item.Edits {
					got = append(got, strings.ReplaceAll(e.MessageLine()[:strings.Index(e.MessageLine(), ":")+3]+" "+e.Old+" -> "+e.New, newDigest, "D"))
				}
				for _, skip := range item.Skips {
					why = append(why, skip.Detail)
					if skip.Way != "" {
						t.Errorf("the way out is %q", skip.Way)
					}
				}
				if item.Err != nil {
					t.Errorf("%s: %v", item.Node.Label, item.Err)
				}
			}
			if text := strings.Join(slices.Compact(got), "; "); text != tc.want {
				t.Errorf("the edits are %q, want %q", text, tc.want)
			}
			if text := strings.Join(slices.Compact(why), "; "); text != tc.why {
				t.Errorf("the skips say %q, want %q", text, tc.why)
			}
		})
	}
}

// The texts of a change that pins say what it writes, and where; what they say does nothing.
func TestTextsOfPins(t *testing.T) {
	t.Parallel()
	p := files{"a/Dockerfile": "FROM acme/base:1.25-alpine\n", "b/Dockerfile": "ARG V=1.25-alpine\nFROM acme/base:$V\nARG V\n"}.plan(t, bumper.Options{}, pinOf("1.25-alpine"))
	changes := p.Changes(bumper.ChangeOptions{})
	if len(changes) != 1 || changes[0].Title != "Update base to 1.25-alpine@sha256:1b1b1b1b1b1b" || changes[0].Branch != "propagate/base" {
		t.Fatalf("the changes are %+v", changes)
	}
	says, err := p.Texts(changes[0], bumper.TextOptions{Command: "propagate run"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"`docker.io/acme/base` goes from `1.25-alpine` to `1.25-alpine@" + newDigest + "`: what the tag names now.\n",
		"| `a/Dockerfile` | runtime | `1.25-alpine` → `1.25-alpine@sha256:1b1b1b1b1b1b` (line 1) |",
		"| `b/Dockerfile` | runtime | `acme/base:$V` → `acme/base:$V@sha256:1b1b1b1b1b1b` (line 2) |",
	} {
		if !strings.Contains(says.Body, want) {
			t.Errorf("the body holds no %q:\n%s", want, says.Body)
		}
	}
	want := changes[0].Title + "\n\na/Dockerfile:1: 1.25-alpine -> 1.25-alpine@" + newDigest + "\nb/Dockerfile:2: acme/base:$V -> acme/base:$V@" + newDigest + "\n"
	if says.Message != want {
		t.Errorf("the message is\n%s\nwant\n%s", says.Message, want)
	}
	for _, file := range changes[0].Files {
		applied, err := bumper.Apply(file.Src, file.Edits)
		if err != nil || string(applied) != string(file.Content) {
			t.Errorf("%s: the edits make %q (%v)", file.Path, applied, err)
		}
	}
}

// A derived base that is pinned is edited, and gets its next version: what is based on it waits for that.
func TestPinsOfADerivedBase(t *testing.T) {
	t.Parallel()
	repo := files{"base/Dockerfile": "FROM acme/os:trixie\n", "s/Dockerfile": "FROM acme/base:2.0.0\n"}
	bump := bumper.Bump{Image: "docker.io/acme/os", Tag: "trixie", Digest: newDigest, Pin: true}
	p := repo.plan(t, bumper.Options{}, bump)
	if got, want := verdicts(p), "base bump  []; s bump  [base:2.0.1]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A tag that names another image is no version that the places of an own base could lag behind.
func TestPinsRecordNothing(t *testing.T) {
	t.Parallel()
	repo := recorded{files: files{"base/Dockerfile": "FROM acme/os:1.0.0\n", "s/Dockerfile": "FROM acme/base:1.25\n", "tag": "1.24"}, places: []said{{"tag", "1.24", bumper.Certain}}}
	p := repo.plan(t, bumper.Options{Record: bumper.RecordMoved}, pinOf("1.25"))
	if len(p.Records) > 0 || len(p.Notes) > 0 || edits(p) != "s/Dockerfile:1 1.25@"+newDigest {
		t.Errorf("the records are %v, the notes %v, the edits %s", p.Records, p.Notes, edits(p))
	}
}

// The digest of a version that is not published yet is not known, so a pin that waits for it is not edited: another tag beside
// the digest that it has would name the old image.
func TestPinThatWaitsIsNotEdited(t *testing.T) {
	t.Parallel()
	pin := "FROM acme/b:1.0.0@" + oldDigest + "\n"
	p := files{"b/Dockerfile": "FROM acme/base:1.0.0\n", "s/Dockerfile": pin}.plan(t, bumper.Options{Digests: digests{}}, base("1.0.1"))
	if got, want := verdicts(p)+"; "+edits(p), "b bump  []; s bump  [b:1.0.1]; b/Dockerfile:1 1.0.1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A version with its digest is written in a place that two builds read: both should have it.
func TestPinInOnePlaceOfTwoBuilds(t *testing.T) {
	t.Parallel()
	repo := recorded{files: files{"a/Dockerfile": "ARG TAG\nFROM acme/base:$TAG\n", "s/Dockerfile": "ARG TAG\nFROM acme/base:$TAG\n", "tag": "1.0.0@" + oldDigest}, args: map[string]string{"a/Dockerfile": "tag", "s/Dockerfile": "tag"}}
	p := repo.plan(t, bumper.Options{}, bumper.Bump{Image: "docker.io/acme/base", Tag: "1.0.1", Digest: newDigest})
	if got, want := verdicts(p)+"; "+repo.after(p)["tag"], "a bump  []; s bump  []; 1.0.1@"+newDigest; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
