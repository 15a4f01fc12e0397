package reading

import (
	"fmt"
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// NameInline gives the Dockerfiles that are written inside the files of builds, which are sorted by
// place, what they are known by. Builds of the same bytes are of one Dockerfile, which the
// first of them names: by its service or target, or by the image that a command makes.
func (t *Tree) NameInline(builds []Build) {
	known := map[string][]*Build{} // by the place of the first byte
	taken := map[string]bool{}
	for i := range builds {
		b := &builds[i]
		if b.Inline.S == "" {
			continue
		}
		at := b.Inline.Pos()
		if at.Path == "" {
			at = b.Where
		}
		for _, other := range known[at.String()] {
			if other.Inline.S == b.Inline.S && other.Inline.Beside(b.Inline) {
				b.Dockerfile = other.Dockerfile
				break
			}
		}
		if b.Dockerfile != "" {
			continue
		}
		name := scanner.InlineName(at.Path, b.inlineName())
		b.Dockerfile = name
		for n := 2; taken[b.Dockerfile] || t.Dockerfiles[b.Dockerfile]; n++ {
			b.Dockerfile = fmt.Sprintf("%s-%d", name, n)
		}
		taken[b.Dockerfile] = true
		known[at.String()] = append(known[at.String()], b)
	}
}

// inlineName returns what tells the Dockerfile inside a file from others of that file.
func (b *Build) inlineName() string {
	if _, name, ok := strings.Cut(b.Name, "#"); ok {
		return name
	}
	for _, image := range b.Images {
		if ref, err := imageref.Parse(image.S); err == nil {
			return path.Base(ref.Repository)
		}
	}
	return "inline"
}

// MaxInline is the size in bytes up to which a Dockerfile inside a file is followed. What is not
// known of a longer one is all of it.
const MaxInline = 128 << 10

// EachLine returns what f makes of the lines of a text.
func EachLine(t trace.Text, f func(line trace.Text) trace.Text) trace.Text {
	var lines []trace.Text
	for start := 0; start < len(t.S); {
		end := len(t.S)
		if i := strings.IndexByte(t.S[start:], '\n'); i >= 0 {
			end = start + i + 1
		}
		lines = append(lines, f(t.Slice(start, end)))
		start = end
	}
	return trace.Join(lines...)
}
