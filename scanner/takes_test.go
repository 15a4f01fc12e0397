package scanner_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// listTakes writes what is taken on lines: line, context, path, patterns, exposure, and what is not known.
func listTakes(takes []scanner.Take) string {
	var lines []string
	for _, t := range takes {
		line := fmt.Sprintf("%d", t.Pos.Line)
		if t.Context != "" {
			line += " " + t.Context + ":"
		}
		line += " " + t.Source
		if t.IsPattern {
			line += " (pattern)"
		}
		if len(t.Include) > 0 {
			line += fmt.Sprintf(" +%v", t.Include)
		}
		if len(t.Exclude) > 0 {
			line += fmt.Sprintf(" -%v", t.Exclude)
		}
		if t.Exposure != scanner.Runtime {
			line += " " + t.Exposure.String()
		}
		if t.Unknown != "" {
			line += " ? " + t.Unknown
		}
		if t.Trigger {
			line += " trigger"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestTakes(t *testing.T) {
	t.Parallel()
	arg := func(name, value string) scanner.BuildConfig {
		return scanner.BuildConfig{Args: []scanner.Arg{{Name: name, Value: trace.Plain(value)}}}
	}
	context := func(name, value string) scanner.BuildConfig {
		return scanner.BuildConfig{Contexts: []scanner.Context{{Name: name, Value: trace.Plain(value)}}}
	}
	for _, test := range []struct {
		name, src string
		build     scanner.BuildConfig
		want      string
	}{
		{"nothing", "FROM alpine\nRUN make", scanner.BuildConfig{}, ""},
		{"all of it, several, a directory", "FROM alpine\nCOPY . /app\nCOPY a b/ /c /d/\nADD x.tar /", scanner.BuildConfig{}, "2 .\n3 a\n3 b\n3 c\n4 x.tar"},
		{"in JSON, and a blank that does not count as one of a path", "FROM alpine\nCOPY [\"a b\", \"c\", \"/d/\"]\nCOPY x\\ y /d/", scanner.BuildConfig{}, "2 a b\n2 c\n3 x\n3 y"},
		{"joined lines and small letters", "from alpine\ncopy a \\\n  # why\n  b /d/", scanner.BuildConfig{}, "2 a\n2 b"},
		{"what leads out of the context stays in it", "FROM alpine\nCOPY ../x /\nCOPY ../../ /", scanner.BuildConfig{}, "2 x\n3 ."},
		{"patterns", "FROM alpine\nCOPY *.go src/*/x? /d/\nCOPY a\\[1] /d/\nCOPY ** /", scanner.BuildConfig{}, "2 *.go (pattern)\n2 src/*/x? (pattern)\n3 a[1] (pattern)\n4 ** (pattern)"},
		{"here documents", "FROM alpine\nCOPY <<EOF /x\nCOPY . /no\nEOF\nCOPY <<A b /d/\nA\nRUN <<EOF\nCOPY c /d\nEOF\nADD d /d", scanner.BuildConfig{}, "5 b\n10 d"},
		{"URLs and repositories", "FROM alpine\nADD https://example.com/x a /d/\nADD git@example.com:o/r.git /d\nADD git://example.com/r /d", scanner.BuildConfig{}, "2 a"},
		{"excluded", "FROM alpine\nCOPY --exclude=*.md --exclude=!a.md src /d", scanner.BuildConfig{}, "2 src -[*.md !a.md]"},
		{"with parents", "FROM alpine\nCOPY --parents a/**/*.go b/./c /d/\nCOPY --parents=false x/*.go /d/\nCOPY --parents . /d/", scanner.BuildConfig{}, "2 . +[a/**/*.go]\n2 b +[c]\n3 x/*.go (pattern)\n4 ."},
		{"from a stage, its number, an image", "FROM golang AS b\nCOPY src /s\nFROM alpine\nCOPY --from=b /x /x\nCOPY --from=0 /x /x\nCOPY --from=nginx /x /x", scanner.BuildConfig{}, "2 src build"},
		{"a stage that is not reached", "FROM golang AS b\nCOPY src /s\nFROM alpine\nCOPY a /a", scanner.BuildConfig{}, "4 a"},
		{"a target", "FROM alpine AS a\nCOPY a /a\nFROM a AS b\nCOPY b /b\nFROM b\nCOPY c /c", scanner.BuildConfig{Target: "B"}, "2 a\n4 b"},
		{"mounts", "FROM alpine\nRUN --mount=target=/src --mount=type=cache,target=/c make\nRUN --mount=type=bind,source=a/b,target=/x make\nRUN --mount=type=secret,id=x,src=s --mount=type=tmpfs,target=/t --mount=type=ssh make\n" +
			"RUN --mount=from=nginx,src=/x,target=/x make\nRUN --mount=\"type=bind,src=../q,dst=/q\" make", scanner.BuildConfig{}, "2 .\n3 a/b\n6 q"},
		{"variables of a stage", "ARG G=g\nARG N\nFROM alpine\nARG A=a\nARG G\nENV E=$A-e F=f\nCOPY $A ${G} $E $F/* /d/", scanner.BuildConfig{}, "7 a\n7 g\n7 a-e\n7 f/* (pattern)"},
		{"variables that a build hands in", "FROM alpine\nARG A=a\nCOPY $A /d/", arg("A", "handed"), "3 handed"},
		{"variables before they are declared, and of the base", "FROM alpine\nCOPY $A/x /d/\nARG A=a", scanner.BuildConfig{}, "2 . ? the value of A is not known"},
		{"a base that may set it", "FROM alpine\nCOPY ${A:-x} /d/", scanner.BuildConfig{}, "2 . ? the value of A is not known"},
		{"from scratch nothing else sets it", "FROM scratch\nCOPY ${A:-x} /d/", scanner.BuildConfig{}, "2 x"},
		{"a value that is not known", "FROM alpine\nARG A=a\nCOPY $A b /d/", arg("A", scanner.Unknown), "3 . ? the value of A is not known\n3 b"},
		{"a default that is not known", "FROM alpine\nARG A=${B}/x\nCOPY $A /d/", scanner.BuildConfig{}, "3 . ? the value of A is not known"},
		{"the variables of the stage below", "FROM scratch AS a\nENV D=dir\nFROM a\nCOPY $D /d/", scanner.BuildConfig{}, "4 dir"},
		{"linux, and no variant, where nothing says another", "FROM alpine\nARG TARGETOS\nARG TARGETVARIANT\nCOPY bin-$TARGETOS$TARGETVARIANT /bin/", scanner.BuildConfig{}, "4 bin-linux"},
		{"variants", "FROM alpine\nARG TARGETARCH\nARG TARGETVARIANT\nCOPY bin/$TARGETARCH$TARGETVARIANT /bin/", scanner.BuildConfig{Platforms: []string{"linux/arm64/9", "linux/arm64/v8", "linux/armel", "linux/arm/7"}}, "4 bin/arm64v9\n4 bin/arm64\n4 bin/armv6\n4 bin/armv7"},
		{"platforms", "FROM alpine\nARG TARGETARCH\nCOPY bin/$TARGETARCH /bin/", scanner.BuildConfig{Platforms: []string{"linux/arm64", "linux/s390x"}}, "3 bin/arm64\n3 bin/s390x"},
		{"platforms that nothing says", "FROM alpine\nARG TARGETARCH\nCOPY bin/$TARGETARCH x /bin/", scanner.BuildConfig{}, "3 bin/amd64\n3 x\n3 bin/arm64"},
		{"a named context", "FROM alpine\nCOPY --from=lib a /a\nRUN --mount=from=lib,src=b,target=/b make", context("lib", "../lib"), "2 lib: a\n3 lib: b"},
		{"a named context that is an image", "FROM alpine\nCOPY --from=lib a /a", context("lib", "docker-image://nginx"), ""},
		{"a named context in the place of a stage", "FROM golang AS src\nCOPY no /\nFROM alpine\nCOPY --from=src a /a", context("src", "../src"), "4 src: a"},
		{"a stage on a named context", "FROM lib\nCOPY a /a", context("lib", "../lib"), "1 lib: .\n2 a"},
		{"a stage on one that takes its place", "FROM golang AS src\nFROM src\nCOPY a /a", context("src", "../src"), "1 src: .\n3 a"},
		{"triggers of a stage below", "FROM alpine AS a\nONBUILD COPY t /t\nCOPY a /a\nFROM a\nCOPY b /b", scanner.BuildConfig{}, "3 a\n5 b\n2 t"},
		{"triggers that the image keeps", "FROM alpine\nONBUILD ADD t /t\nCOPY a /a", scanner.BuildConfig{}, "3 a\n2 t trigger"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := &scanner.File{Path: "Dockerfile"}
			takes, ok := file.Takes([]byte(test.src), test.build)
			if got := listTakes(takes); !ok || got != test.want {
				t.Errorf("got %v\n%s\nwant\n%s", ok, got, test.want)
			}
		})
	}
}

func TestTakesOfWhatIsNoDockerfile(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"\x00", "FROM alpine\nRUN <<EOF\n"} {
		file := &scanner.File{Path: "Dockerfile"}
		if takes, ok := file.Takes([]byte(src), scanner.BuildConfig{}); ok {
			t.Errorf("%q takes %v", src, takes)
		}
	}
}
