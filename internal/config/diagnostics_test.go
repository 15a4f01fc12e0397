package config_test

import (
	"errors"
	"testing"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
)

// A code is ignored everywhere, or in the files of its patterns.
func TestIgnoresProblem(t *testing.T) {
	c, err := config.Parse(".propagate.yaml", []byte(`diagnostics:
  ignore:
  - unset-arg
  - code: unresolved-arg
    files: [legacy, "*.Dockerfile"]
  - {code: unresolved-arg, files: tools/**}
  - {code: template}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		code source.Code
		path string
		want bool
	}{
		{source.CodeUnsetArg, "a/Dockerfile", true},
		{source.CodeTemplate, "a/Dockerfile", true},
		{source.CodeUnresolvedArg, "legacy/a/Dockerfile", true},
		{source.CodeUnresolvedArg, "a.Dockerfile", true},
		{source.CodeUnresolvedArg, "tools/Dockerfile", true},
		{source.CodeUnresolvedArg, "a/Dockerfile", false},
		{source.CodeUnreadable, "legacy/a/Dockerfile", false},
		{"", "legacy/a/Dockerfile", false},
	} {
		if got := c.IgnoresProblem(config.Problem{Code: tc.code, Path: tc.path}); got != tc.want {
			t.Errorf("%s in %s: %v", tc.code, tc.path, got)
		}
	}
}

// No code that stands for something that is not read or not done can be ignored, and
// every other one can.
func TestWhatCanBeIgnored(t *testing.T) {
	for _, code := range source.Codes() {
		_, err := config.Parse(".propagate.yaml", []byte("diagnostics: {ignore: ["+string(code)+"]}\n"))
		var all config.Errors
		switch instead := code.Instead(); {
		case instead == "" && err != nil:
			t.Errorf("%s: %v", code, err)
		case instead != "" && (!errors.As(err, &all) || len(all) != 1 || all[0].Hint != instead):
			t.Errorf("%s: %v", code, err)
		}
	}
}

// An entry that means no problem is noted, and so is a pattern that means no file; not if
// that is ignored itself, or found by a plan.
func TestUnusedIgnored(t *testing.T) {
	const text = `diagnostics:
  ignore:
  - unset-arg
  - no-from
  - {code: template, files: [b, gone]}
  - {code: link-not-followed, files: link/Dockerfile}
  - {code: not-evaluated, files: b}
  - base-record
`
	files := config.Files{
		Dockerfiles: []string{"a/Dockerfile", "b/Dockerfile"},
		Others:      []string{"docker-bake.hcl"},
		Problems: []config.Problem{
			{Code: source.CodeUnsetArg, Path: "a/Dockerfile"}, {Code: source.CodeTemplate, Path: "b/Dockerfile"},
			{Code: source.CodeLinkNotFollowed, Path: "link/Dockerfile"}, {Code: source.CodeNotEvaluated, Path: "docker-bake.hcl"},
		},
	}
	want := `4:5: diagnostics.ignore: there is no problem no-from to ignore
5:33: diagnostics.ignore: gone fits no file that is read
7:12: diagnostics.ignore: there is no problem not-evaluated to ignore
`
	for text, want := range map[string]string{text: want, text + "  - unused-setting\n": ""} {
		c, err := config.Parse(".propagate.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		notes := c.UnusedFiles(files)
		if got := lines(notes); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		for _, n := range notes {
			if n.Code != source.CodeUnusedSetting {
				t.Errorf("%v has the code %q", n, n.Code)
			}
		}
	}
}
