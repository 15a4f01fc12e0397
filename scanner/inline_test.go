package scanner_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// indented returns the Dockerfile in a file whose lines begin with four spaces, as YAML has it.
func indented(file *trace.File) trace.Text {
	var lines []trace.Text
	for n := 2; n <= file.Lines.Count(); n++ {
		end := len(file.Src)
		if n < file.Lines.Count() {
			end = file.Lines.Start(n + 1)
		}
		lines = append(lines, file.Text(min(file.Lines.Start(n)+4, end), end))
	}
	return trace.Join(lines...)
}

// A Dockerfile inside another file is read like one of its own, at the places of the other file: its
// stages, references, problems, labels and ARGs; and the places hold what they are said to.
func TestInline(t *testing.T) {
	t.Parallel()
	const content = "dockerfile_inline: |\n    ARG V=1.0.0\n    FROM reg.example/base:${V} AS build\n    RUN <<EOF\n      FROM nowhere:1\n    EOF\n\n" +
		"    COPY --from=7 / /\n    FROM reg.example/base:1.0.0-slim\n    LABEL version=2.0.0\n"
	holder := trace.NewFile("compose.yaml", []byte(content))
	builds := []scanner.BuildConfig{{Where: source.Pos{Path: "compose.yaml", Line: 1, Col: 1}}}
	files := scanner.ScanInline("compose.yaml#web", indented(holder), builds)
	if len(files) != 1 {
		t.Fatalf("%d files", len(files))
	}
	f := files[0]
	var got strings.Builder
	for _, s := range f.Stages {
		fmt.Fprintf(&got, "stage %d at %d\n", s.Index, s.Line)
	}
	for _, ref := range f.Refs {
		fmt.Fprintf(&got, "%s %s %v:", ref.Pos, ref.Image, ref.Sources())
		for _, p := range ref.Version() {
			fmt.Fprintf(&got, " %q at %d", p.Span.Of(holder.Src), p.File.Line(p.Span.Start))
		}
		got.WriteByte('\n')
	}
	for _, d := range f.Diagnostics {
		fmt.Fprintf(&got, "%s %s\n", d.Pos, d.Code)
	}
	label, _ := f.Label(holder.Src, "version", builds[0])
	args := f.ArgDefaults(holder.Src)
	fmt.Fprintf(&got, "label %s at %s, %s=%s at %s\n", label.S, label.Pos(), args[0].Name, args[0].Value.S, args[0].Value.Pos())
	const want = `stage 0 at 3
stage 1 at 9
compose.yaml:3:10 reg.example/base:1.0.0 [compose.yaml]: "1.0.0" at 2
compose.yaml:8:17  []:
compose.yaml:9:10 reg.example/base:1.0.0-slim [compose.yaml]: "1.0.0-slim" at 9
compose.yaml:8:17 no-such-stage
label 2.0.0 at compose.yaml:10:19, V=1.0.0 at compose.yaml:2:11
`
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
	if !f.IsInline() || f.Origin.Path != "compose.yaml" || f.Path != "compose.yaml#web" {
		t.Errorf("%s in %s, inline: %v", f.Path, f.Origin.Path, f.IsInline())
	}
	// The edit of the other file reads back as that of the Dockerfile.
	edits, err := f.Refs[0].Rewrite("1.0.1", "")
	if err != nil {
		t.Fatal(err)
	}
	after, err := f.After(holder.Src, edits)
	if err != nil || after.Refs[0].Image.Tag != "1.0.1" || after.Refs[2].Image.Tag != "1.0.0-slim" {
		t.Errorf("%v %v", after, err)
	}
	if _, err := f.After([]byte("another file"), edits); err == nil {
		t.Error("an edit of a file that has changed is not refused")
	}
}

// What has no place of its own is listed at the place of what is before it, or of the build, and is
// not edited; what is not known of it reads as such.
func TestInlineWithoutPlaces(t *testing.T) {
	t.Parallel()
	holder := trace.NewFile("build.sh", []byte("docker build - <<EOF\nFROM reg.example/a:1.0.0\nEOF\n"))
	build := scanner.BuildConfig{Where: source.Pos{Path: "build.sh", Line: 1, Col: 1}}
	text := trace.Join(holder.Text(21, 40), trace.Plain("1.0.0\nCOPY --from=reg.example/b:2 / /\nFROM reg.example/c:"+scanner.Unknown))
	f := scanner.ScanInline("build.sh#x", text, []scanner.BuildConfig{build})[0]
	var got strings.Builder
	for _, ref := range f.Refs {
		_, err := ref.Rewrite("9", "")
		fmt.Fprintf(&got, "%s %s %s %v\n", ref.Pos, ref.Written, ref.Image, err)
	}
	const want = `build.sh:2:6 reg.example/a:1.0.0 reg.example/a:1.0.0 reg.example/a:1.0.0: the version is computed by a substitution
build.sh:2:19 reg.example/b:2 reg.example/b:2 reg.example/b:2: the version is computed by a substitution
build.sh:2:19 reg.example/c:…  reg.example/c:… has no tag
`
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
	f = scanner.ScanInline("build.sh#x", trace.Plain("FROM reg.example/a:1.0.0"), []scanner.BuildConfig{build})[0]
	if pos := f.Refs[0].Pos; pos != build.Where {
		t.Errorf("without any place it is at %s", pos)
	}
}

// What is no Dockerfile is refused at the line of the other file that is wrong.
func TestInlineThatIsNoDockerfile(t *testing.T) {
	t.Parallel()
	holder := trace.NewFile("compose.yaml", []byte("dockerfile_inline: |\n    FROM reg.example/base:1.0.0\n    RUN <<EOF\n"))
	f := scanner.ScanInline("compose.yaml#web", indented(holder), []scanner.BuildConfig{{Where: source.Pos{Path: "compose.yaml", Line: 1, Col: 1}}})[0]
	if len(f.Diagnostics) != 1 || f.Diagnostics[0].Pos != (source.Pos{Path: "compose.yaml", Line: 3, Col: 5}) {
		t.Errorf("%v", f.Diagnostics)
	}
}

func TestSplitInline(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"compose.yaml#web": "compose.yaml web", "a/b/docker-bake.hcl#x-y": "a/b/docker-bake.hcl x-y", "Makefile#x": "Makefile x",
		"app/Dockerfile#labelled": "app/Dockerfile labelled", "c#/Dockerfile": "", "Dockerfile.c#": "", "#x": "", "Dockerfile": "",
	} {
		file, name, ok := scanner.SplitInline(path)
		if got := strings.TrimSpace(file + " " + name); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q %q %v", path, file, name, ok)
		}
	}
}
