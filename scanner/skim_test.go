package scanner

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// skimCases are Dockerfiles, and what is left of them.
var skimCases = []struct{ name, src, left string }{
	{"plain ones", "FROM a\nRUN x\nworkdir /a\nUSER b\nEXPOSE 1\nCOPY c d\nADD e f\nCMD g\nENTRYPOINT h\nENV i=j\nARG k\n", "FROM a\n\n\n\n\n\n\n\n\nENV i=j\nARG k\n"},
	{"before the first stage", "RUN x\nARG A=b\nFROM $A\n", "RUN x\nARG A=b\nFROM $A\n"},
	{"comments", "# escape=\\\n# a\nFROM b\n# c\n  # d\nCOPY --from=e f g\n", "# escape=\\\n# a\nFROM b\n\n\nCOPY --from=e f g\n"},
	{"continued, with a comment, an empty line and a double escape", "FROM a\nRUN x \\\n  # c\\\n\n  y \\ \t\n z\\\\\nFROM b\n", "FROM a\n\n\n\n\n\nFROM b\n"},
	{"continued to the end", "FROM a\nRUN x \\\n  FROM b", "FROM a\n\n\n"},
	{"flags", "FROM a\nCOPY --chown=c d e\nADD --link f g\nCMD --x\nRUN --mount=from=b x\nRUN \\\n --mount=from=c x\n", "FROM a\nCOPY --chown=c d e\nADD --link f g\nCMD --x\nRUN --mount=from=b x\nRUN \\\n --mount=from=c x\n"},
	{"JSON", `FROM a
RUN ["x", "y z"]
CMD [ "x" ] 
ENTRYPOINT ["x"]
`, "FROM a\n\n\n\n"},
	{"JSON that is wrong, or may be", "FROM a\nRUN [\"x\", 1]\n", "FROM a\nRUN [\"x\", 1]\n"},
	{"JSON of no strings", "FROM a\nCMD []\n", "FROM a\nCMD []\n"},
	{"JSON with escapes", "FROM a\nCMD [\"\\n\"]\n", "FROM a\nCMD [\"\\n\"]\n"},
	{"JSON over lines", "FROM a\nCMD [\"x\", \\\n1]\n", "FROM a\nCMD [\"x\", \\\n1]\n"},
	{"a keyword on a line of its own", "FROM a\n\\\nRUN --mount=from=b x\nRUNX\n", "FROM a\n\\\nRUN --mount=from=b x\nRUNX\n"},
	{"heredoc", "FROM a\nRUN <<EOF\nFROM b\n EOF\nEOF\r\nENV c=d\nRUN x\n", "FROM a\n\n\n\n\nENV c=d\n\n"},
	{"heredoc without an end", "FROM a\nRUN <<EOF\nRUN x\n", "FROM a\nRUN <<EOF\nRUN x\n"},
	{"another heredoc", "FROM a\nRUN x\nRUN y \\\n <<-EOF\nFROM b\n\tEOF\nRUN z\n", "FROM a\n\nRUN y \\\n <<-EOF\nFROM b\n\tEOF\nRUN z\n"},
	{"heredoc of COPY", "FROM a\nCOPY <<EOF /x\nRUN x\nEOF\n", "FROM a\nCOPY <<EOF /x\nRUN x\nEOF\n"},
	{"another escape character", "# escape=`\nFROM a\nRUN x `\n FROM b\n", "# escape=`\nFROM a\nRUN x `\n FROM b\n"},
	{"a byte order mark", "\uFEFFFROM a\r\nRUN x\r\n", "\uFEFFFROM a\r\n\n"},
	{"two byte order marks", "\uFEFF\uFEFFFROM a\nRUN x\n", "\uFEFF\uFEFFFROM a\nRUN x\n"},
	{"a line that is too long", "FROM a\nRUN x\nRUN " + strings.Repeat("x", 70000) + "\n", "FROM a\n\nRUN " + strings.Repeat("x", 70000) + "\n"},
}

// Most of the text that no image can be in is left out.
func TestSkim(t *testing.T) {
	t.Parallel()
	for _, c := range skimCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := string(skim([]byte(c.src))); got != c.left {
				t.Errorf("left is\n%q, want\n%q", got, c.left)
			}
			sameWithout(t, []byte(c.src))
		})
	}
}

// BuildKit's parser makes the same of a Dockerfile and of what is left of it, but for
// instructions of stages that name no image.
func FuzzSkim(f *testing.F) {
	paths, err := filepath.Glob("../testdata/dockerfiles/*.Dockerfile")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, c := range skimCases {
		f.Add([]byte(c.src))
	}
	f.Fuzz(sameWithout)
}

func sameWithout(t *testing.T, src []byte) {
	t.Helper()
	before := bytes.Clone(src)
	want, wantErr := instructionsOf(src)
	got, err := instructionsOf(skim(src))
	if fmt.Sprint(err, linesOf(err)) != fmt.Sprint(wantErr, linesOf(wantErr)) {
		t.Fatalf("%q: the error is %v, and was %v", src, err, wantErr)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%q: the instructions are\n%q, and were\n%q", src, got, want)
	}
	if !bytes.Equal(src, before) {
		t.Fatal("the source changed")
	}
}

// linesOf returns the places of an error of the parser.
func linesOf(err error) [][]parser.Range {
	if located := (*parser.LocationError)(nil); errors.As(err, &located) {
		return located.Locations
	}
	return nil
}

// instructionsOf returns all that the parser says of the instructions that count.
func instructionsOf(src []byte) (all []string, err error) {
	result, err := parser.Parse(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	counts := func(node *parser.Node) bool {
		return !slices.Contains([]string{"run", "copy", "add", "cmd", "entrypoint", "workdir", "user", "expose", "stopsignal", "maintainer"}, strings.ToLower(node.Value)) || len(node.Flags) > 0
	}
	inStage := false
	for _, node := range result.AST.Children {
		inStage = inStage || strings.EqualFold(node.Value, "from")
		if !inStage || counts(node) {
			all = append(all, fmt.Sprintf("%c %d-%d %s %+v %v", result.EscapeToken, node.StartLine, node.EndLine, node.Original+" "+node.Dump(), node.Heredocs, node.Attributes))
		}
	}
	return all, nil
}
