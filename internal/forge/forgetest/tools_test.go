package forgetest

import (
	"fmt"
	"strings"
	"testing"
)

// A verdict is a test that notes how it was ended.
type verdict struct {
	testing.TB
	kind, text string
}

func (v *verdict) Helper()           {}
func (v *verdict) Skip(args ...any)  { v.end("skipped", args) }
func (v *verdict) Fatal(args ...any) { v.end("failed", args) }

func (v *verdict) end(kind string, args []any) {
	v.kind, v.text = kind, fmt.Sprint(args...)
	panic(v)
}

// Without npm the tests that need one of its programs are skipped, and say how to
// get it; in continuous integration they fail.
func TestMissingTools(t *testing.T) {
	for ci, want := range map[string]string{"": "skipped", "true": "failed", "1": "failed"} {
		t.Setenv("CI", ci)
		v := &verdict{TB: t}
		func() {
			defer func() {
				if ended := recover(); ended != v {
					t.Errorf("CI=%s: it went on, or ended with %v", ci, ended)
				}
			}()
			tool(v, "none")
		}()
		if v.kind != want || !strings.HasSuffix(v.text, `run "make tools"`) || strings.Contains(v.text, "\n") {
			t.Errorf("CI=%s: the test was %s with %q", ci, v.kind, v.text)
		}
	}
}
