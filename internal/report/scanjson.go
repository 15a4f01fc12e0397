package report

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/scanner"
)

// WriteScanJSON writes the document of [NewScan] as [WriteJSON] would, one file
// after the other: the one of a large repository has megabytes, and is the most that
// a scan does when nothing has changed.
func WriteScanJSON(w io.Writer, revision string, files []*scanner.File, templates []string) error {
	out := bufio.NewWriterSize(w, 1<<16)
	var j jsonWriter
	j.open('{')
	j.key("schema").string(scanSchema)
	j.key("revision").string(revision)
	for _, list := range []struct {
		name        string
		dockerfiles bool
	}{{"dockerfiles", true}, {"files", false}} {
		j.key(list.name).open('[')
		for _, file := range files {
			if file.IsDockerfile() == list.dockerfiles {
				j.item()
				scanFile(file).appendTo(&j)
				if len(j.buf) > 1<<15 {
					_, _ = out.Write(j.buf) // bufio keeps the error for Flush
					j.buf = j.buf[:0]
				}
			}
		}
		j.close(']')
	}
	j.key("templates").strings(templates)
	j.close('}')
	j.buf = append(j.buf, '\n')
	_, _ = out.Write(j.buf)
	return out.Flush()
}

func (f ScanFile) appendTo(j *jsonWriter) {
	j.open('{')
	j.key("path").string(f.Path)
	j.key("stages").open('[')
	for _, s := range f.Stages {
		j.item().open('{')
		j.key("index").int(s.Index)
		j.key("name").string(s.Name)
		j.key("line").int(s.Line)
		j.key("base").optional(s.Base)
		j.key("base_stage").optionalInt(s.BaseStage)
		j.key("reachable").bool(s.Reachable)
		j.close('}')
	}
	j.close(']')
	j.key("images").open('[')
	for _, i := range f.Images {
		j.item()
		i.appendTo(j)
	}
	j.close(']')
	j.key("diagnostics").open('[')
	for _, d := range f.Diagnostics {
		j.item().open('{')
		j.key("severity").string(d.Severity)
		j.key("line").int(d.Line)
		j.key("column").int(d.Column)
		j.key("message").string(d.Message)
		j.key("hint").optional(d.Hint)
		j.close('}')
	}
	j.close(']')
	j.close('}')
}

func (i ScanImage) appendTo(j *jsonWriter) {
	j.open('{')
	j.key("ref").optional(i.Ref)
	j.key("written").string(i.Written)
	j.key("kind").string(i.Kind)
	j.key("stage").optionalInt(i.Stage)
	j.key("exposure").string(i.Exposure)
	j.key("line").int(i.Line)
	j.key("column").int(i.Column)
	j.key("version").open('[')
	for _, v := range i.Version {
		j.item().open('{')
		j.key("path").string(v.Path)
		j.key("text").string(v.Text)
		j.key("start").int(v.Start)
		j.key("end").int(v.End)
		j.close('}')
	}
	j.close(']')
	j.key("build").optional(i.Build)
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

func (j *jsonWriter) optional(s *string) {
	if s == nil {
		j.buf = append(j.buf, "null"...)
		return
	}
	j.string(*s)
}

func (j *jsonWriter) int(n int) { j.buf = strconv.AppendInt(j.buf, int64(n), 10) }

func (j *jsonWriter) optionalInt(n *int) {
	if n == nil {
		j.buf = append(j.buf, "null"...)
		return
	}
	j.int(*n)
}

func (j *jsonWriter) bool(b bool) { j.buf = strconv.AppendBool(j.buf, b) }

func (j *jsonWriter) strings(list []string) {
	j.open('[')
	for _, s := range list {
		j.item().string(s)
	}
	j.close(']')
}
