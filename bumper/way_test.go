package bumper_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
)

// Why a reference that shares its argument is left, and with which flag it moves.
func TestWay(t *testing.T) {
	slim, other := bumper.Bump{Image: "docker.io/acme/base", Tag: "1.0.2-slim"}, bumper.Bump{Image: "docker.io/acme/other", Tag: "2.0.0"}
	for _, tc := range []struct {
		name, second string // what else the argument is in
		bumps        []bumper.Bump
		want         string
	}{
		{"of another image", "acme/other:$V", nil, "acme/other:$V --base docker.io/acme/other@1.0.1"},
		{"of another flavour", "acme/base:$V-slim", nil, "acme/base:$V-slim --base docker.io/acme/base@1.0.1-slim"},
		{"of another image, which is given and left", "acme/other:$V", []bumper.Bump{other}, "acme/other:$V"},
		{"of another flavour, which is to be another version", "acme/base:$V-slim", []bumper.Bump{slim}, "acme/base:$V-slim"},
		{"of a name", "acme/v$V:3.0.0", nil, "acme/v$V:3.0.0"},
	} {
		f := files{"s/Dockerfile": "ARG V=1.0.0\nFROM acme/base:$V AS a\nFROM " + tc.second + "\nCOPY --from=a / /\n"}
		p := f.plan(t, bumper.Options{}, append([]bumper.Bump{base("1.0.1")}, tc.bumps...)...)
		got := ""
		for _, item := range p.Items {
			for _, s := range item.Skips {
				if s.Reason == bumper.ReasonShared && s.Pos.Line == 2 {
					got += strings.TrimSuffix(strings.TrimPrefix(s.Detail, "what is written at line 1 also feeds ")+" "+s.Way, " ")
				}
			}
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// The version of a base is the tag of what is made of it, and that of a build of the next wave.
func TestWayOfTag(t *testing.T) {
	chain := tied{
		files: files{"b": "ARG V\nFROM acme/base:$V\n", "c": "FROM acme/b:1.0.0\n", "s": "FROM acme/c:1.0.0\n"},
		args:  "b", tags: map[string]string{"b": "V", "c": "V"}, v: "1.0.0", to: "1.0.1",
	}
	other := chain
	other.files = files{"b": chain.files["b"], "c": "FROM acme/other:1.0.0\n", "s": chain.files["s"]}
	for _, tc := range []struct {
		name string
		repo tied
		want string
	}{
		{"of the next wave", chain, "b skip shared-argument [] --atomic; c skip shared-argument []; s skip shared-argument []"},
		{"of what is not rebuilt", other, "b skip shared-argument []"},
	} {
		if got := tc.repo.plan(t); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}
