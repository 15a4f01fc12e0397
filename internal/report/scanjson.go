package report

import (
	"encoding/json"
	"io"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// ScanFiles are the files of a revision, for [WriteScanJSON].
type ScanFiles struct {
	Count int // of the Dockerfiles

	// Dockerfile returns the i-th one, which may hold until the decoder is used again.
	// Several goroutines call it.
	Dockerfile func(i int, d *scanner.Decoder) *scanner.File

	Texts     []*scanner.File // that are no Dockerfiles
	Templates []string
}

// atOnce is the number of files that are written by one goroutine before all that
// have come so far are handed on.
const atOnce = 32

// WriteScanJSON writes the document of [NewScan] as [WriteJSON] would, without
// holding it: the one of a large repository has megabytes, and is the most that a scan
// does when nothing has changed.
func WriteScanJSON(w io.Writer, revision string, files ScanFiles) error {
	var j jsonWriter
	j.open('{')
	j.key("schema").string(scanSchema)
	j.key("revision").string(revision)
	j.key("dockerfiles").open('[')
	if _, err := w.Write(j.buf); err != nil {
		return err
	}
	writers := make([]jsonWriter, runtime.GOMAXPROCS(0))
	decoders := make([]scanner.Decoder, len(writers))
	for from := 0; from < files.Count; {
		var group errgroup.Group
		for i := range writers {
			part := &writers[i]
			part.buf, part.depth, part.first = part.buf[:0], j.depth, from == 0
			begin, end := from, min(from+atOnce, files.Count)
			from = end
			group.Go(func() error {
				for n := begin; n < end; n++ {
					part.item().file(files.Dockerfile(n, &decoders[i]))
				}
				return nil
			})
		}
		_ = group.Wait() // there are no errors
		for i := range writers {
			if _, err := w.Write(writers[i].buf); err != nil {
				return err
			}
		}
	}
	j.buf, j.first = j.buf[:0], files.Count == 0
	j.close(']')
	j.key("files").open('[')
	for _, file := range files.Texts {
		j.item().file(file)
	}
	j.close(']')
	j.key("templates").strings(files.Templates)
	j.close('}')
	_, err := w.Write(append(j.buf, '\n'))
	return err
}

// file writes what [scanFile] returns, without making it.
func (j *jsonWriter) file(f *scanner.File) {
	j.open('{')
	j.key("path").string(f.Path)
	j.key("stages").open('[')
	for i := range f.Stages {
		s := &f.Stages[i]
		j.item().open('{')
		j.key("index").int(s.Index)
		j.key("name").string(s.Name)
		j.key("line").int(s.Line)
		j.key("base").image(s.Base)
		j.key("base_stage").optionalInt(s.BaseStage)
		j.key("reachable").bool(s.Reachable)
		j.close('}')
	}
	j.close(']')
	j.key("images").open('[')
	for _, r := range f.Refs {
		j.item().ref(r)
	}
	j.close(']')
	j.key("diagnostics").open('[')
	for _, d := range f.Diagnostics {
		j.item().open('{')
		j.key("severity").string(d.Severity.String())
		j.key("line").int(d.Pos.Line)
		j.key("column").int(d.Pos.Col)
		j.key("message").string(d.Message)
		j.key("hint").optional(d.Hint)
		j.close('}')
	}
	j.close(']')
	j.close('}')
}

func (j *jsonWriter) ref(r *scanner.Ref) {
	j.open('{')
	j.key("ref").image(r.Image)
	j.key("written").string(r.Written)
	j.key("kind").string(r.Kind.String())
	j.key("stage").optionalInt(r.Stage)
	j.key("exposure").string(r.Exposure.String())
	j.key("line").int(r.Pos.Line)
	j.key("column").int(r.Pos.Col)
	j.key("version").open('[')
	for _, p := range r.Version() {
		j.item().open('{')
		j.key("path").string(p.File.Path)
		j.key("text").string(p.S)
		j.key("start").int(p.Span.Start)
		j.key("end").int(p.Span.End)
		j.close('}')
	}
	j.close(']')
	build := ""
	if r.Build.Path != "" {
		build = r.Build.String()
	}
	j.key("build").optional(build)
	j.close('}')
}

// A jsonWriter writes JSON as json.Encoder does with an indent of two blanks.
type jsonWriter struct {
	buf   []byte
	depth int
	first bool // nothing stands in the innermost object or array yet
}

func (j *jsonWriter) open(bracket byte) {
	j.buf = append(j.buf, bracket)
	j.depth++
	j.first = true
}

func (j *jsonWriter) close(bracket byte) {
	j.depth--
	if !j.first {
		j.newline()
	}
	j.buf = append(j.buf, bracket)
	j.first = false
}

func (j *jsonWriter) newline() {
	const blanks = "\n                                "
	j.buf = append(j.buf, blanks[:1+2*j.depth]...)
}

// item begins an entry of an array.
func (j *jsonWriter) item() *jsonWriter {
	if !j.first {
		j.buf = append(j.buf, ',')
	}
	j.first = false
	j.newline()
	return j
}

// key begins an entry of an object.
func (j *jsonWriter) key(name string) *jsonWriter {
	j.item()
	j.buf = append(append(append(j.buf, '"'), name...), `": `...)
	return j
}

func (j *jsonWriter) string(s string) {
	if plain(s) {
		j.buf = append(append(append(j.buf, '"'), s...), '"')
		return
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string can always be encoded
	j.buf = append(j.buf, strings.TrimSuffix(b.String(), "\n")...)
}

// plain reports whether a string stands in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7F || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// optional writes null for "".
func (j *jsonWriter) optional(s string) {
	if s == "" {
		j.buf = append(j.buf, "null"...)
		return
	}
	j.string(s)
}

// image writes the canonical form of a reference, null for one that does not resolve.
func (j *jsonWriter) image(r imageref.Ref) {
	if !plain(r.Repository) || !plain(r.Tag) || !plain(r.Digest) || r.IsZero() {
		j.optional(r.String())
		return
	}
	j.buf = append(append(j.buf, '"'), r.Repository...)
	switch {
	case r.Tag != "":
		j.buf = append(append(j.buf, ':'), r.Tag...)
	case r.Digest == "":
		j.buf = append(j.buf, ":latest"...)
	}
	if r.Digest != "" {
		j.buf = append(append(j.buf, '@'), r.Digest...)
	}
	j.buf = append(j.buf, '"')
}

func (j *jsonWriter) int(n int) { j.buf = strconv.AppendInt(j.buf, int64(n), 10) }

// optionalInt writes null for what is less than 0.
func (j *jsonWriter) optionalInt(n int) {
	if n < 0 {
		j.buf = append(j.buf, "null"...)
		return
	}
	j.int(n)
}

func (j *jsonWriter) bool(b bool) { j.buf = strconv.AppendBool(j.buf, b) }

func (j *jsonWriter) strings(list []string) {
	j.open('[')
	for _, s := range list {
		j.item().string(s)
	}
	j.close(']')
}
