package bumper_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// Any image of any Dockerfile is bumped: editing nothing gives the same bytes; an
// edit changes its spans and no other byte; read again the file has the new
// version and all else as it was; and BuildKit's parser sees a difference in the
// edited instructions alone.
func FuzzPlan(f *testing.F) {
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
	f.Fuzz(func(t *testing.T, src []byte) {
		file := scanner.ScanFile("s/Dockerfile", src, "")
		if same, err := bumper.Apply(src, nil); err != nil || !bytes.Equal(same, src) {
			t.Fatalf("editing nothing: %q, %v", same, err)
		}
		for _, ref := range file.Refs {
			tag, ok := imageref.ParseTag(ref.Image.Tag)
			if !ok || ref.Image.Digest != "" {
				continue
			}
			next, ok := tag.Next()
			if !ok {
				continue
			}
			bump := bumper.Bump{Image: ref.Image.Repository, Tag: next}
			p, err := bumper.NewPlan(t.Context(), graph.New([]*scanner.File{file}, nil, nil), files{file.Path: string(src)}, []bumper.Bump{bump}, bumper.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range p.Items {
				checkEdit(t, file, src, p.Items[i], bump)
			}
		}
	})
}

func checkEdit(t *testing.T, before *scanner.File, src []byte, item *bumper.Item, bump bumper.Bump) {
	t.Helper()
	if len(item.Edits) == 0 {
		return
	}
	content, err := bumper.Apply(src, item.Edits)
	if err != nil {
		t.Fatal(err)
	}
	var rest, restAfter []byte
	at, shift := 0, 0
	edited := map[int]bool{}
	for _, e := range item.Edits {
		rest = append(rest, src[at:e.Span.Start]...)
		restAfter = append(restAfter, content[at+shift:e.Span.Start+shift]...)
		if got := content[e.Span.Start+shift : e.Span.Start+shift+len(e.New)]; string(got) != e.New {
			t.Fatalf("%q stands where %q was to be written", got, e.New)
		}
		at = e.Span.End
		shift += len(e.New) - len(e.Old)
		edited[e.Line] = true
	}
	if !bytes.Equal(append(rest, src[at:]...), append(restAfter, content[at+shift:]...)) {
		t.Fatalf("other bytes changed:\n%q\n%q", src, content)
	}
	after := scanner.ScanFile(before.Path, content, "")
	if len(after.Refs) != len(before.Refs) {
		t.Fatalf("%d references became %d:\n%q\n%q", len(before.Refs), len(after.Refs), src, content)
	}
	changed := 0
	for i, ref := range after.Refs {
		old := before.Refs[i]
		if ref.Image.String() == old.Image.String() {
			continue
		}
		changed++
		if ref.Image.Repository != bump.Image || ref.Image.Tag != bump.Tag || old.Image.Repository != bump.Image {
			t.Fatalf("%s became %s, %s was meant:\n%q\n%q", old.Image, ref.Image, bump, src, content)
		}
	}
	if changed == 0 {
		t.Fatalf("edits without effect: %+v", item.Edits)
	}
	sameParse(t, src, content, edited)
}

// sameParse compares what BuildKit's parser makes of both texts, instruction by
// instruction; only those on edited lines may differ, and only in their words.
func sameParse(t *testing.T, before, after []byte, edited map[int]bool) {
	t.Helper()
	was, err := parser.Parse(bytes.NewReader(before))
	if err != nil {
		t.Fatal(err)
	}
	is, err := parser.Parse(bytes.NewReader(after))
	if err != nil {
		t.Fatalf("the edited file does not parse: %v\n%q", err, after)
	}
	if len(was.AST.Children) != len(is.AST.Children) || was.EscapeToken != is.EscapeToken {
		t.Fatalf("the instructions differ:\n%q\n%q", before, after)
	}
	for i, a := range was.AST.Children {
		b := is.AST.Children[i]
		touched := false
		for line := a.StartLine; line <= a.EndLine; line++ {
			touched = touched || edited[line]
		}
		if a.StartLine != b.StartLine || a.EndLine != b.EndLine || !strings.EqualFold(a.Value, b.Value) || len(a.Flags) != len(b.Flags) ||
			!touched && a.Dump() != b.Dump() {
			t.Fatalf("line %d differs:\n%s\n%s", a.StartLine, a.Dump(), b.Dump())
		}
	}
}
