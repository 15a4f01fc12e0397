package source_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
)

func TestWorkflowCommands(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, defused, path string }{
		{"svc/Dockerfile", "svc/Dockerfile", "svc/Dockerfile"},
		{":one/Dockerfile", ":one/Dockerfile", ":one/Dockerfile"},
		{"a::b/Dockerfile", "a::b/Dockerfile", "a::b/Dockerfile"},
		{"::add-mask::base/Dockerfile", "./::add-mask::base/Dockerfile", `"::add-mask::base/Dockerfile"`},
		{" \u00a0\t::error::x", " \u00a0\t./::error::x", "\" \u00a0\\t::error::x\""},
		{"##[add-mask]base/Dockerfile", "#?[add-mask]base/Dockerfile", `"\043\043[add-mask]base/Dockerfile"`},
		{`svc/a"/##[group]x`, `svc/a"/#?[group]x`, `"svc/a\"/\043\043[group]x"`},
	} {
		if got := source.Defuse(test.line); got != test.defused || source.IsWorkflowCommand(got) {
			t.Errorf("%q becomes %q, want %q", test.line, got, test.defused)
		}
		if got := source.QuoteWorkflowPath(test.line); got != test.path || source.IsWorkflowCommand(got) {
			t.Errorf("the path %q becomes %s, want %s", test.line, got, test.path)
		}
		text, err := json.Marshal(test.line)
		if err != nil {
			t.Fatal(err)
		}
		var same string
		got := source.DefuseJSON(string(text))
		if err := json.Unmarshal([]byte(got), &same); err != nil || same != test.line || source.IsWorkflowCommand(got) {
			t.Errorf("%s becomes %s: %q, %v", text, got, same, err)
		}
	}
}

// A path that is no UTF-8 is quoted as git quotes it.
func TestQuoteBytes(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"a/Dockerfile": "a/Dockerfile", "caf\xe9/Dockerfile": `"caf\351/Dockerfile"`, "é\xff": `"\303\251\377"`, "é": "é"} {
		if got := source.QuoteBytes(path); got != want {
			t.Errorf("%q becomes %s, want %s", path, got, want)
		}
		if strings.ContainsRune(source.QuoteBytes(path), '\uFFFD') {
			t.Errorf("%q is not printed as it is", path)
		}
	}
}
