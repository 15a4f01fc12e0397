package scanner_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// TestSteps changes a Dockerfile of two targets, of which a ships the first stage but one.
func TestSteps(t *testing.T) {
	t.Parallel()
	const src = `# syntax=docker/dockerfile:1
# what this is
ARG VERSION=1
ARG JAVA=reg/java:${VERSION}
ARG NODE=reg/node:1
FROM reg/tools:1 AS tools
RUN make
FROM ${JAVA} AS a
ARG NODE_ENV
COPY --from=tools /x /x
RUN <<EOF
cat /x
EOF
FROM ${NODE} AS b
COPY --from=0 /x /x
COPY b /b
`
	for _, test := range []struct {
		name, old, new string
		differs        string // the targets for which it does
	}{
		{"a comment", "what this is", "that", ""},
		{"an empty line and a comment in the text", "COPY b /b", "\n# here\nCOPY b /b", ""},
		{"lines that are joined", "COPY b /b", "COPY b \\\n# why\n/b", ""},
		{"an instruction of one target", "COPY b /b", "COPY c /b", "b"},
		{"an instruction of the other", "ARG NODE_ENV", "ARG NODE_ENV=1", "a"},
		{"one of a stage that both copy from", "RUN make", "RUN make all", "a b"},
		{"a here document", "cat /x", "cat /y", "a"},
		{"a FROM", "FROM ${NODE}", "FROM reg/other:1", "b"},
		{"the ARG of a FROM", "java:${VERSION}", "jre:${VERSION}", "a"},
		{"the ARG of an ARG", "ARG VERSION=1", "ARG VERSION=2", "a"},
		{"the ARG of a FROM whose name another one begins with", "reg/node:1", "reg/node:2", "a b"}, // it may be NODE_ENV
		{"an ARG that nothing uses", "ARG VERSION=1", "ARG VERSION=1\nARG UNUSED", ""},
		{"an ARG that BuildKit uses", "ARG VERSION=1", "ARG VERSION=1\nARG SOURCE_DATE_EPOCH=0", "a b"},
		{"a stage that nothing reaches", "FROM ${JAVA}", "FROM reg/new:1 AS new\nRUN new\nFROM ${JAVA}", ""},
		{"a stage before one that is known by its number", "FROM reg/tools:1", "FROM reg/new:1 AS new\nRUN new\nFROM reg/tools:1", "b"},
		{"the syntax", "dockerfile:1", "dockerfile:2", "a b"},
		{"the escape", "# what", "# escape=`\n# what", "a b"},
		{"an image that cannot be resolved", "FROM ${NODE}", "FROM ${NONE}", "b"},
		{"what is no Dockerfile", "RUN make", "\x00", "a b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(src, test.old, test.new, 1)
			if changed == src {
				t.Fatal("it is not in the Dockerfile")
			}
			var differs []string
			for _, target := range []string{"a", "b"} {
				file := &scanner.File{Path: "Dockerfile"}
				was, ok := file.Steps([]byte(src), scanner.BuildConfig{Target: target})
				if !ok {
					t.Fatal("its steps are not known")
				}
				if is, ok := file.Steps([]byte(changed), scanner.BuildConfig{Target: target}); !ok || is.Text != was.Text {
					differs = append(differs, target)
				}
			}
			if got := strings.Join(differs, " "); got != test.differs {
				t.Errorf("it differs for %q, want %q", got, test.differs)
			}
		})
	}
}

// Where it is not known what is built, the steps are not known either.
func TestStepsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"FROM ${NONE}\n", "FROM reg/a:1\nCOPY --from=7 / /\n", "ARG A\n", "", "FORM reg/a:1\n"} {
		file := &scanner.File{Path: "Dockerfile"}
		if steps, ok := file.Steps([]byte(src), scanner.BuildConfig{}); ok {
			t.Errorf("of %q they are %q", src, steps.Text)
		}
	}
}

// TestStepsContexts has named contexts in the place of images and stages.
func TestStepsContexts(t *testing.T) {
	t.Parallel()
	const src = `ARG JAVA=reg/java:1
FROM tools AS tools
FROM ${JAVA} AS a
COPY --from=lib / /lib
RUN --mount=from=src,target=/src make
FROM reg/node AS b
COPY --from=tools / /
FROM reg/none AS c
`
	var contexts []scanner.Context
	for _, name := range []string{"reg/java:1", "lib", "src", "tools", "reg/node:latest", "reg/java:2"} {
		contexts = append(contexts, scanner.Context{Name: name, Value: trace.Plain("dir")})
	}
	for target, want := range map[string]string{"a": "lib reg/java:1 src", "b": "reg/node:latest tools", "c": ""} {
		file := &scanner.File{Path: "Dockerfile"}
		steps, ok := file.Steps([]byte(src), scanner.BuildConfig{Target: target, Contexts: contexts})
		if got := strings.Join(steps.Contexts, " "); !ok || got != want || !slices.IsSorted(steps.Contexts) {
			t.Errorf("%s uses %q, %v, want %q", target, got, ok, want)
		}
	}
}
