package cli_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/forgetest"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Paths, diffs and documents are the same whatever the token is called: a directory
// that is written as it is no secret.
func TestTokenThatIsWrittenAsADirectory(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"svc", "a", "services", token} {
		dir := gittest.Init(t, with(small(), "svc/a/Dockerfile", from("1.0.0"), "svc/"+token+"/Dockerfile", from("1.0.0"), "svc/bad/Dockerfile", "ARG T=svc\nFROM $T/base:$T\n"))
		for _, args := range [][]string{
			{"scan"}, {"scan", "-o", "json"}, {"graph"}, {"graph", "--format", "dot"}, {"affected", "--base", "base", "-o", "paths"},
			{"affected", "--base", "base@1.0.1", "-o", "bake"}, {"plan", "--base", "base@1.0.1", "--group", "service", "-o", "json"},
			{"--base", "base@1.0.1", "--dry-run"}, {"--base", "base@1.0.1", "--group", "service", "--publish", "branch"},
		} {
			want := program{dir: dir, namesake: true}.run(t, args...)
			if slices.Contains(args, "branch") {
				want = program{dir: dir, namesake: true}.run(t, args...) // the first made them
			}
			for _, name := range []string{"GITHUB_TOKEN", "GH_TOKEN"} {
				p := program{dir: dir, env: map[string]string{name: secret}, namesake: true}
				if got := p.run(t, args...); got.stdout != want.stdout || got.status != want.status {
					t.Errorf("with the token %q, propagate %v ends with %d and prints\n%s\nwant %d and\n%s", secret, args, got.status, got.stdout, want.status, want.stdout)
				}
			}
		}
	}
}

// The last defence: no message shows the token, though it was an argument.
func TestTokenInAnArgument(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	p := program{dir: dir, env: map[string]string{"GH_TOKEN": token}}
	for _, args := range [][]string{{"--base", token + "@1"}, {"--ref", token, "scan"}, {"-C", token, "scan"}, {token}} {
		if r := p.run(t, args...); !strings.Contains(r.stderr, "***") {
			t.Errorf("propagate %v has no place for it: %s%s", args, r.stdout, r.stderr)
		}
	}
}

// A server that echoes the token, in whatever form, has it in no error, no note and no
// document; a short one is masked where it is a credential by its place.
func TestTokenThatAServerEchoes(t *testing.T) {
	t.Parallel()
	pair := base64.StdEncoding.EncodeToString([]byte("some-user:" + token))
	for _, test := range []struct{ name, said string }{
		{"plain", token},
		{"percent", url.QueryEscape("x:" + token)},
		{"base64", base64.StdEncoding.EncodeToString([]byte(token))},
		{"base64 with a user", pair},
		{"base64 for URLs", base64.RawURLEncoding.EncodeToString([]byte("ab:" + token))},
		{"hex", strings.ToUpper(hex.EncodeToString([]byte(token)))},
		{"split", token[:9] + "\n  " + token[9:]},
		{"a header", "Authorization: Basic " + pair},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := smallHub(t)
			h.api.Fail(forgetest.On("POST", "/pulls"), 1, forgetest.Fault{Status: 422, Body: forgetest.Message("it was <" + test.said + ">")})
			api := h.program().run(t, prArgs...).want(t, 3)
			h.git.Hook(t, "pre-receive", "cat <<'END' >&2\nit was <"+test.said+">\nEND\nexit 1")
			gittest.Git(t, h.git.Dir, "update-ref", "-d", "refs/heads/"+baseBranch)
			git := h.program().run(t, prArgs...).want(t, 1)
			for name, r := range map[string]result{"the API": api, "git": git} {
				failure := document[planDocument](t, r).Changes[0].Error
				for _, text := range []string{failure, r.stderr} {
					if !strings.Contains(text, "***") || strings.Contains(text, test.said) || strings.Contains(text, token[9:]) || strings.Contains(text, pair[20:40]) {
						t.Errorf("%s: %s", name, text)
					}
				}
			}
		})
	}
}
