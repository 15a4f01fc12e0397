package scanner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// What stands behind ONBUILD in the stage that is shipped is a reference once other builds are said to be FROM the
// image, and is edited and read again as one.
func TestTriggers(t *testing.T) {
	refs := func(all []*scanner.Ref) string {
		var said []string
		for _, ref := range all {
			said = append(said, fmt.Sprintf("%d %s %s", ref.Pos.Line, ref.Exposure, ref.Image.Written))
		}
		return strings.Join(said, ", ")
	}
	for _, tc := range []struct{ name, src, target, kept, then, after string }{
		{
			"the last stage", "FROM a:1\nONBUILD COPY --from=acme/tool:1.0 / /\nONBUILD RUN --mount=from=acme/data:1,target=/d x\n", "",
			"2 unreachable acme/tool:1.0, 3 unreachable acme/data:1",
			"1 runtime a:1, 2 build acme/tool:1.0, 3 build acme/data:1", "1 runtime a:1, 2 build acme/tool:1.1, 3 build acme/data:1",
		},
		{
			"a target", "FROM a:1 AS t\nONBUILD COPY --from=acme/tool:1.0 / /\nFROM b:1\nONBUILD COPY --from=acme/last:1 / /\n", "t",
			"2 unreachable acme/tool:1.0",
			"1 runtime a:1, 2 build acme/tool:1.0, 3 unreachable b:1", "1 runtime a:1, 2 build acme/tool:1.1, 3 unreachable b:1",
		},
		{
			"a stage below, whose triggers run here", "FROM a:1 AS t\nONBUILD COPY --from=acme/tool:1.0 / /\nFROM t\n", "",
			"", "1 runtime a:1, 2 build acme/tool:1.0", "1 runtime a:1, 2 build acme/tool:1.1",
		},
		{"what names no image", "FROM a:1 AS t\nFROM a:1\nONBUILD COPY --from=t / /\nONBUILD COPY --from=${X} / /\n", "", "", "1 unreachable a:1, 2 runtime a:1", "1 unreachable a:1, 2 runtime a:1"},
	} {
		src := []byte(tc.src)
		f := scanner.ScanBuilds("Dockerfile", src, []scanner.BuildConfig{{Target: tc.target, Fixed: true}})[0]
		if got := refs(f.Triggers); got != tc.kept || slices.ContainsFunc(f.Diagnostics, func(d scanner.Diagnostic) bool { return d.Severity == scanner.Error }) {
			t.Errorf("%s: kept %q, want %q; %v", tc.name, got, tc.kept, f.Diagnostics)
		}
		f.Trigger()
		if got := refs(f.Refs); got != tc.then || len(f.Triggers) > 0 {
			t.Errorf("%s: references %q, want %q", tc.name, got, tc.then)
		}
		var edits []trace.Replacement
		for _, ref := range f.Refs {
			if ref.Image.Tag == "1.0" {
				more, err := ref.Rewrite("1.1", "")
				if err != nil {
					t.Fatal(err)
				}
				edits = append(edits, more...)
			}
		}
		after, err := f.After(src, edits)
		if err != nil {
			t.Fatal(err)
		}
		if got := refs(after.Refs); got != tc.after {
			t.Errorf("%s: read again %q, want %q", tc.name, got, tc.after)
		}
	}
}
