package bumper_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
)

// A base gets its next version where the tag that it is based on names another image, once, and its consumers wait
// for what is to be published.
func TestRenewedBases(t *testing.T) {
	t.Parallel()
	version := []said{{"base/VERSION", "1.0.0", bumper.Stated}}
	for _, tc := range []struct {
		name      string
		base      string // its Dockerfile; "" is one on the tag that has moved
		version   string // that is written; "" is 1.0.0
		places    []said
		use       string // what the service is on; "" is 1.0.0
		published string // of the base; "" is 1.0.0
		opts      bumper.Options
		fresh     bool   // the published base is based on what the tag names now
		want      string // what becomes of base and service
		after     string // what is written afterwards
	}{
		{name: "published", want: "bump/bump waits for docker.io/acme/base:1.0.1", after: "1.0.1"},
		{name: "fresh", fresh: true, want: "rebuild/skip no-next-version", after: "1.0.0"},
		{name: "written and not published", version: "1.0.1", want: "rebuild/bump waits for docker.io/acme/base:1.0.1", after: "1.0.1"},
		{name: "written and published", version: "1.0.1", published: "1.0.1", want: "bump/bump waits for docker.io/acme/base:1.0.2", after: "1.0.2"},
		{name: "assumed to be published", version: "1.0.1", opts: bumper.Options{Assumed: []bumper.Bump{{Image: "docker.io/acme/base", Tag: "1.0.1"}}}, want: "rebuild/bump", after: "1.0.1"},
		{name: "a registry that does not answer", published: "?", want: "rebuild/skip no-next-version", after: "1.0.0"},
		{name: "the consumer follows", use: "1.0", want: "bump/rebuild waits for docker.io/acme/base:1.0.1", after: "1.0.1"},
		{name: "written nowhere", places: []said{}, want: "rebuild/skip no-next-version", after: "1.0.0"},
		{name: "a tag that moves", version: "1.25-alpine", use: "1.25-alpine", places: []said{{"base/VERSION", "1.25-alpine", bumper.Certain}}, published: "1.25-alpine", want: "rebuild/rebuild", after: "1.25-alpine"},
		{name: "ignored", opts: bumper.Options{Ignored: func(path string) (string, bool) { return "", path == "base/Dockerfile" }}, want: "skip ignored/skip ignored", after: "1.0.0"},
		{name: "only used to build", base: "FROM acme/up:21 AS b\nFROM scratch\nCOPY --from=b / /\n", want: "rebuild/skip no-next-version", after: "1.0.0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			or := func(s, other string) string {
				if s == "" {
					return other
				}
				return s
			}
			is := or(tc.version, "1.0.0")
			places := tc.places
			if places == nil {
				places = slices.Clone(version)
				places[0].version = is
			}
			repo := recorded{files: files{"base/Dockerfile": or(tc.base, "FROM acme/up:21\n"), "base/VERSION": is, "s/Dockerfile": "FROM acme/base:" + or(tc.use, "1.0.0") + "\n"}, places: places}
			opts := tc.opts
			opts.Renew = func(build *graph.Node) bool { return !tc.fresh && build.Key == "base/Dockerfile" }
			opts.Published = func(_ context.Context, reference string) (bool, error) {
				if tc.published == "?" {
					return false, errors.New("it is down")
				}
				return reference == "docker.io/acme/base:1.0.0" || reference == "docker.io/acme/base:"+tc.published, nil
			}
			p := repo.plan(t, opts, bumper.Bump{Image: "docker.io/acme/up", Tag: "21", Digest: newDigest})
			var got []string
			for _, item := range p.Items {
				what := strings.TrimSpace(item.Action.String() + " " + string(item.Reason))
				if len(item.WaitsFor) > 0 {
					what += " waits for " + strings.Join(item.WaitsFor, " ")
				}
				if item.Err != nil {
					t.Error(item.Err)
				}
				got = append(got, what)
			}
			if strings.Join(got, "/") != tc.want {
				t.Errorf("they are %q, want %q", got, tc.want)
			}
			edited := repo.after(p)
			if edited["base/VERSION"] != tc.after {
				t.Errorf("afterwards it says %s, want %s", edited["base/VERSION"], tc.after)
			}
			if edited["base/Dockerfile"] != repo.files["base/Dockerfile"] {
				t.Errorf("the Dockerfile becomes %s", edited["base/Dockerfile"])
			}
		})
	}
}

// What a change says that gives a base its next version, and that a run without the option leaves it alone.
func TestTextsOfARenewedBase(t *testing.T) {
	t.Parallel()
	repo := recorded{files: files{"base/Dockerfile": "FROM acme/up:21\n", "base/VERSION": "1.0.0", "s/Dockerfile": "FROM acme/base:1.0.0\n"}, places: []said{{"base/VERSION", "1.0.0", bumper.Stated}}}
	published := func(context.Context, string) (bool, error) { return true, nil }
	up := bumper.Bump{Image: "docker.io/acme/up", Tag: "21", Digest: newDigest}
	p := repo.plan(t, bumper.Options{Renew: func(*graph.Node) bool { return true }, Published: published}, up)
	changes := p.Changes(bumper.ChangeOptions{})
	if len(changes) != 1 || changes[0].Branch != "propagate/up" || !changes[0].Renews() {
		t.Fatalf("the changes are %+v", changes)
	}
	texts, err := p.Texts(changes[0], bumper.TextOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "Rebuild base as 1.0.1 on the new up:21"; texts.Title != want {
		t.Errorf("the title is %q, want %q", texts.Title, want)
	}
	for _, want := range []string{"names another image than before, `sha256:1b1b1b1b1b1b`, and what is published is built on an older one", "This change edits the version of 1 base (1 place) and nothing else."} {
		if !strings.Contains(texts.Body, want) {
			t.Errorf("the body does not say %q:\n%s", want, texts.Body)
		}
	}
	p = repo.plan(t, bumper.Options{Published: published}, up)
	if changes := p.Changes(bumper.ChangeOptions{}); len(changes) > 0 {
		t.Errorf("without the option the changes are %+v", changes)
	}
	if still := p.Still(); !slices.Contains(still, "base/VERSION") {
		t.Errorf("an open change of base/VERSION is closed, since %q are not up to date", still)
	}
	if len(p.Notes) == 0 || !strings.Contains(p.Notes[0].Hint, "run --rebuild-bases") {
		t.Errorf("the notes are %v", p.Notes)
	}
}

// The version of a renewed base stays where it is also what another build is handed, and the error says where and for what.
func TestRenewedBaseWhoseVersionFeedsAnother(t *testing.T) {
	t.Parallel()
	repo := recorded{
		files:  files{"base/Dockerfile": "FROM acme/up:21\n", "base/VERSION": "1.0.0", "o/Dockerfile": "ARG TAG\nFROM acme/other:$TAG\n", "s/Dockerfile": "FROM acme/base:1.0.0\n"},
		places: []said{{"base/VERSION", "1.0.0", bumper.Stated}}, args: map[string]string{"o/Dockerfile": "base/VERSION"},
	}
	p := repo.plan(t, bumper.Options{
		Renew:     func(*graph.Node) bool { return true },
		Published: func(context.Context, string) (bool, error) { return true, nil },
	}, bumper.Bump{Image: "docker.io/acme/up", Tag: "21", Digest: newDigest})
	want := "base/VERSION:1: 1.0.0 cannot become 1.0.1: it also feeds acme/other:$TAG at o/Dockerfile:2:6, which does not move with it"
	if got := edits(p); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
