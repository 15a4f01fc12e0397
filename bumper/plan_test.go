package bumper_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

type files map[string]string

func (f files) graph() *graph.Graph {
	var all []*scanner.File
	for _, path := range slices.Sorted(maps.Keys(f)) {
		all = append(all, scanner.ScanFile(path, []byte(f[path]), ""))
	}
	return graph.New(all, nil, nil)
}

func (f files) Prefetch(context.Context, []string) error { return nil }

func (f files) Read(path string) ([]byte, error) {
	if src, ok := f[path]; ok {
		return []byte(src), nil
	}
	return nil, fmt.Errorf("%s: cannot be read: there is no such file", path)
}

func (f files) plan(t *testing.T, opts bumper.Options, bumps ...bumper.Bump) *bumper.Plan {
	t.Helper()
	p, err := bumper.NewPlan(t.Context(), f.graph(), f, bumps, opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// after returns the files with all that is ready edited.
func (f files) after(p *bumper.Plan) files {
	edited := maps.Clone(f)
	for _, change := range p.Changes(bumper.ChangeOptions{}) {
		for _, file := range change.Files {
			edited[file.Path] = string(file.Content)
		}
	}
	return edited
}

func base(version string) bumper.Bump {
	return bumper.Bump{Image: "docker.io/acme/base", Tag: version}
}

// digests answers look-ups.
type digests map[string]string

func (d digests) Digest(_ context.Context, reference string) (string, error) {
	if digest, ok := d[reference]; ok {
		return digest, nil
	}
	return "", errors.New("no such tag: " + reference)
}

var (
	oldDigest = "sha256:" + strings.Repeat("0a", 32)
	newDigest = "sha256:" + strings.Repeat("1b", 32)
)

func TestVerdicts(t *testing.T) {
	known := digests{
		"docker.io/acme/base:1.0.1": newDigest, "docker.io/acme/base:1.0.0": newDigest,
		"docker.io/acme/base:1.0": newDigest, "docker.io/acme/base:1": oldDigest,
		"docker.io/acme/newest:1.0.1": newDigest, "docker.io/acme/newest:latest": newDigest,
	}
	for _, tc := range []struct {
		name, src string
		bump      bumper.Bump
		opts      bumper.Options
		want      string // action, reason and current version
		after     string // the file afterwards; "" for one that stays
	}{
		{name: "patch", src: "FROM acme/base:1.0.0\n", want: "bump 1.0.0", after: "FROM acme/base:1.0.1\n"},
		{name: "up to date", src: "FROM acme/base:1.0.1\n", want: "up-to-date 1.0.1"},
		{name: "newer", src: "FROM acme/base:1.0.2\n", want: "skip newer 1.0.2"},
		{name: "level", src: "FROM acme/base:0.9.4\n", want: "skip level 0.9.4"},
		{name: "level allowed", src: "FROM acme/base:0.9.4\n", opts: bumper.Options{Level: imageref.Major}, want: "bump 0.9.4", after: "FROM acme/base:1.0.1\n"},
		{name: "variant", src: "FROM acme/base:1.0.0-alpine\n", want: "skip variant 1.0.0-alpine"},
		{name: "no version", src: "FROM acme/base:stable\n", want: "skip variant stable"},
		{name: "moving", src: "FROM acme/base:1.0\n", want: "rebuild 1.0"},
		{name: "latest", src: "FROM acme/base\n", want: "rebuild latest"},
		{name: "unresolved", src: "ARG V\nFROM acme/base:$V\n", want: "skip unresolved "},
		{name: "computed", src: "ARG V=1_0_0\nFROM acme/base:${V//_/.}\n", bump: base("1.1.1"), opts: bumper.Options{Level: imageref.Major}, want: "skip unresolved 1.0.0"},
		{name: "ignored", src: "FROM acme/base:1.0.0\n", opts: bumper.Options{Ignored: func(p string) (string, bool) { return "", p == "s/Dockerfile" }}, want: "skip ignored 1.0.0"},
		{name: "vendored", src: "FROM acme/base:1.0.0\n", opts: bumper.Options{Vendored: func(p string) (string, bool) { return "s", p == "s/Dockerfile" }}, want: "skip vendored 1.0.0"},
		{name: "vendored, and of another level", src: "FROM acme/base:0.9.0\n", opts: bumper.Options{Vendored: func(p string) (string, bool) { return "s", p == "s/Dockerfile" }}, want: "skip vendored 0.9.0"},
		{name: "vendored, on a moving tag", src: "FROM acme/base:1.0\n", opts: bumper.Options{Vendored: func(p string) (string, bool) { return "s", p == "s/Dockerfile" }}, want: "skip vendored 1.0"},
		{name: "vendored, and up to date", src: "FROM acme/base:1.0.1\n", opts: bumper.Options{Vendored: func(p string) (string, bool) { return "s", p == "s/Dockerfile" }}, want: "up-to-date 1.0.1"},
		{name: "unreachable", src: "FROM acme/base:1.0.0 AS dead\nFROM x\n", want: "skip unreachable 1.0.0"},
		{name: "dead stage of one that is edited", src: "FROM acme/base:1.0.0 AS dead\nFROM acme/base:1.0.0\n", want: "bump 1.0.0", after: "FROM acme/base:1.0.1 AS dead\nFROM acme/base:1.0.1\n"},
		{name: "one argument, two references to one image", src: "ARG V=1.0.0\nFROM acme/base:$V AS a\nFROM acme/base:$V\nCOPY --from=a / /\n", want: "bump 1.0.0", after: "ARG V=1.0.1\nFROM acme/base:$V AS a\nFROM acme/base:$V\nCOPY --from=a / /\n"},
		{name: "one argument, two images", src: "ARG V=1.0.0\nFROM acme/base:$V AS a\nFROM acme/other:$V\nCOPY --from=a / /\n", want: "skip shared-argument 1.0.0"},
		{name: "one argument, a variant", src: "ARG V=1.0.0\nFROM acme/base:$V AS a\nFROM acme/base:$V-slim\nCOPY --from=a / /\n", want: "skip shared-argument 1.0.0"},
		{name: "shared in one place and free in another", src: "ARG V=1.0.0\nFROM acme/base:$V AS a\nFROM acme/other:$V AS b\nFROM acme/base:1.0.0\nCOPY --from=b / /\n", want: "bump 1.0.0", after: "ARG V=1.0.0\nFROM acme/base:$V AS a\nFROM acme/other:$V AS b\nFROM acme/base:1.0.1\nCOPY --from=b / /\n"},
		{name: "tag and digest move together", src: "FROM acme/base:1.0.0@" + oldDigest + "\n", want: "bump 1.0.0@" + oldDigest, after: "FROM acme/base:1.0.1@" + newDigest + "\n"},
		{name: "digest alone, of whatever version", src: "FROM acme/base@" + oldDigest + "\n", want: "skip unresolved " + oldDigest},
		{name: "digest alone, while latest is the version", src: "FROM acme/newest@" + oldDigest + "\n", bump: bumper.Bump{Image: "docker.io/acme/newest", Tag: "1.0.1"}, want: "skip unresolved " + oldDigest},
		{name: "digest alone that the version has", src: "FROM acme/base@" + newDigest + "\n", bump: bumper.Bump{Image: "docker.io/acme/base", Tag: "1.0.1", Digest: newDigest}, want: "up-to-date " + newDigest},
		{name: "a pin of a moving tag that is the version now", src: "FROM acme/base:1.0@" + oldDigest + "\n", want: "bump 1.0@" + oldDigest, after: "FROM acme/base:1.0@" + newDigest + "\n"},
		{name: "a pin of a moving tag that has gone on", src: "FROM acme/base:1@" + oldDigest + "\n", want: "skip unresolved 1@" + oldDigest},
		{name: "a pin of a moving tag that nobody knows", src: "FROM acme/base:latest@" + oldDigest + "\n", want: "skip unresolved latest@" + oldDigest},
		{name: "a pin that cannot be looked up", src: "FROM acme/base:1.0.0@" + oldDigest + "\n", bump: base("1.0.9"), want: "skip unresolved 1.0.0@" + oldDigest},
		{name: "a pin of the same tag", src: "FROM acme/base:1.0.1@" + oldDigest + "\n", want: "bump 1.0.1@" + oldDigest, after: "FROM acme/base:1.0.1@" + newDigest + "\n"},
		{name: "a pin that is the version's", src: "FROM acme/base:1.0.1@" + newDigest + "\n", want: "up-to-date 1.0.1@" + newDigest},
		{name: "a digest for a pin", src: "FROM acme/base:1.0.0@" + oldDigest + "\n", bump: bumper.Bump{Image: "docker.io/acme/base", Digest: newDigest}, want: "bump 1.0.0@" + oldDigest, after: "FROM acme/base:1.0.0@" + newDigest + "\n"},
		{name: "a digest for a pin of another tag", src: "FROM acme/base:1@" + oldDigest + "\n", bump: bumper.Bump{Image: "docker.io/acme/base", Digest: newDigest}, want: "skip unresolved 1@" + oldDigest},
		{name: "a digest for a tag that nobody knows", src: "FROM acme/base:2.0.0\n", bump: bumper.Bump{Image: "docker.io/acme/base", Digest: newDigest}, want: "skip unresolved 2.0.0"},
		{name: "a digest for a tag", src: "FROM acme/base:1.0.0\n", bump: bumper.Bump{Image: "docker.io/acme/base", Digest: newDigest}, want: "rebuild 1.0.0"},
		{name: "no version asked for", src: "FROM acme/base:0.1.0\n", bump: bumper.Bump{Image: "docker.io/acme/base"}, want: "rebuild 0.1.0"},
		{name: "two versions in one file", src: "FROM acme/base:0.9.0 AS old\nFROM acme/base:1.0.0\nCOPY --from=old / /\n", want: "bump 1.0.0", after: "FROM acme/base:0.9.0 AS old\nFROM acme/base:1.0.1\nCOPY --from=old / /\n"},
		{name: "look-alikes", src: "# acme/base:1.0.0\nFROM acme/base:1.0.0\nENV X=acme/base:1.0.0\n", want: "bump 1.0.0", after: "# acme/base:1.0.0\nFROM acme/base:1.0.1\nENV X=acme/base:1.0.0\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.bump.Image == "" {
				tc.bump = base("1.0.1")
			}
			tc.opts.Digests = known
			repo := files{"s/Dockerfile": tc.src}
			p := repo.plan(t, tc.opts, tc.bump)
			item := p.Items[0]
			got := item.Action.String() + " " + item.Current
			if item.Action == bumper.ActionSkip {
				got = fmt.Sprintf("%s %s %s", item.Action, item.Reason, item.Current)
			}
			if got != tc.want {
				t.Errorf("verdict %q, want %q (%+v)", got, tc.want, item.Skips)
			}
			after := repo.after(p)
			if want := map[bool]string{true: tc.src, false: tc.after}[tc.after == ""]; after["s/Dockerfile"] != want {
				t.Errorf("the file afterwards:\n%s\nwant:\n%s", after["s/Dockerfile"], want)
			}
			if again := after.plan(t, tc.opts, tc.bump).Changes(bumper.ChangeOptions{}); len(again) != 0 {
				t.Errorf("on its own result it would edit again: %+v", again[0].Items[0].Edits)
			}
		})
	}
}

// A digest that cannot be looked up is an error of the Dockerfile, with a code of its own.
func TestUnknownDigest(t *testing.T) {
	p := files{"s/Dockerfile": "FROM acme/base:1.0.0@" + oldDigest + "\n"}.plan(t, bumper.Options{Digests: digests{"docker.io/acme/base:1.0.0": oldDigest}}, base("1.0.1"))
	var unknown *bumper.DigestError
	if err := p.Items[0].Err; !errors.As(err, &unknown) || source.CodeOf(err) != source.CodeUnknownDigest {
		t.Errorf("%v has the code %q", err, source.CodeOf(err))
	}
}

func TestDerivedBases(t *testing.T) {
	repo := files{
		"b/Dockerfile": "FROM acme/base:1.0.0\n", "s/Dockerfile": "FROM acme/b:2.3.9\n", "old/Dockerfile": "FROM acme/b:2.3.8\n",
		"moving/Dockerfile": "FROM acme/b\n", "both/Dockerfile": "FROM acme/b:2.3.9 AS b\nFROM acme/base:1.0.0\nCOPY --from=b / /\n",
	}
	p := repo.plan(t, bumper.Options{}, base("1.0.1"))
	var got []string
	for _, item := range p.Items {
		got = append(got, fmt.Sprintf("%s %s wave %d waits %v", item.File.Path, item.Action, item.Wave, item.WaitsFor))
	}
	want := []string{
		"b/Dockerfile bump wave 1 waits []",
		"both/Dockerfile bump wave 2 waits [docker.io/acme/b:2.3.10]",
		"moving/Dockerfile rebuild wave 2 waits [docker.io/acme/b:2.3.10]",
		"old/Dockerfile bump wave 2 waits [docker.io/acme/b:2.3.10]",
		"s/Dockerfile bump wave 2 waits [docker.io/acme/b:2.3.10]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	changes := p.Changes(bumper.ChangeOptions{})
	if len(changes) != 1 || len(changes[0].Items) != 1 || changes[0].Items[0].File.Path != "b/Dockerfile" {
		t.Errorf("only the derived base is ready: %+v", changes)
	}

	published := bumper.Options{Assumed: []bumper.Bump{{Image: "docker.io/acme/b", Tag: "2.3.10"}}}
	after := repo.after(repo.plan(t, published, base("1.0.1")))
	if after["s/Dockerfile"] != "FROM acme/b:2.3.10\n" || after["old/Dockerfile"] != "FROM acme/b:2.3.10\n" || !strings.Contains(after["both/Dockerfile"], "acme/b:2.3.10 AS b\nFROM acme/base:1.0.1") {
		t.Errorf("once it is published its consumers follow: %v", after)
	}
	// Run again on its own result: the derived base has the patch, its consumers
	// have the derived base.
	if p := after.plan(t, bumper.Options{}, base("1.0.1")); len(p.Changes(bumper.ChangeOptions{})) != 0 || slices.ContainsFunc(p.Items, func(i *bumper.Item) bool { return i.Pending() }) {
		t.Errorf("on its own result: %+v", p.Items)
	}

	// A derived base that is left keeps its consumers where they are.
	repo["b/Dockerfile"] = "FROM acme/base:0.1.0\n"
	p = repo.plan(t, bumper.Options{}, base("1.0.1"))
	for _, item := range p.Items {
		if item.File.Path == "s/Dockerfile" && (item.Action != bumper.ActionSkip || item.Reason != bumper.ReasonLevel) {
			t.Errorf("%s: %s %s", item.File.Path, item.Action, item.Reason)
		}
	}
}

// Two bases in one run meet in one plan: a Dockerfile on both is edited once.
func TestTwoBases(t *testing.T) {
	repo := files{"s/Dockerfile": "ARG V=1.0.0\nFROM acme/base:$V AS a\nFROM acme/other:$V\nCOPY --from=a / /\n"}
	other := bumper.Bump{Image: "docker.io/acme/other", Tag: "1.0.1"}
	after := repo.after(repo.plan(t, bumper.Options{}, base("1.0.1"), other))
	if !strings.HasPrefix(after["s/Dockerfile"], "ARG V=1.0.1\n") {
		t.Errorf("an argument that feeds two bases which move together: %s", after["s/Dockerfile"])
	}
	other.Tag = "1.0.2"
	if after := repo.after(repo.plan(t, bumper.Options{}, base("1.0.1"), other)); after["s/Dockerfile"] != repo["s/Dockerfile"] {
		t.Errorf("they move apart: %s", after["s/Dockerfile"])
	}
}
