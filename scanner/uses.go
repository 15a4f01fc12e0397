package scanner

import (
	"encoding/csv"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// A use is one source of a stage other than its FROM.
type use struct {
	stage   int
	kind    Kind // CopyFrom or MountFrom
	onbuild bool
	name    trace.Text // what stands behind from=, "" for a mount without it
	pos     source.Pos
	from    int  // the stage it names, -1 when it names an image
	ref     *Ref // nil when it names a stage or scratch
}

// sources collects what COPY --from and RUN --mount=…,from= name. outer is the
// node that has the lines: for ONBUILD it is not the instruction itself.
func (r *reader) sources(outer, node *parser.Node, keyword string, onbuild bool) {
	prefix, kind := "--from=", CopyFrom
	if keyword == "run" {
		prefix, kind = "--mount=", MountFrom
	}
	var flags []trace.Text
	if slices.ContainsFunc(node.Flags, func(flag string) bool {
		return strings.HasPrefix(flag, prefix) && strings.Contains(strings.ToLower(flag), "from")
	}) {
		// Most instructions name no source, and need not be read again.
		skip := 1
		if onbuild {
			skip = 2
		}
		if l, ok := r.logical(outer); ok {
			flags = l.flags(skip, r.escape)
		}
	}
	for i, text := range node.Flags {
		flag := trace.Plain(text)
		if i < len(flags) && flags[i].S == text {
			flag = flags[i]
		}
		if !strings.HasPrefix(text, prefix) {
			continue
		}
		u := use{stage: len(r.Stages) - 1, kind: kind, onbuild: onbuild, from: -1, name: flag.Slice(len(prefix), len(text))}
		switch {
		case kind == MountFrom:
			u.name = mountSource(u.name)
		case u.name.S == "":
			continue
		}
		u.pos = r.pos(outer, u.name)
		r.uses = append(r.uses, u)
	}
}

// mountSource returns what the last from= of a mount names, "" if it has none.
// The fields of a mount are comma-separated values (RFC 4180).
func mountSource(mount trace.Text) trace.Text {
	var name trace.Text
	if strings.Contains(mount.S, `"`) {
		fields, _ := csv.NewReader(strings.NewReader(mount.S)).Read()
		for _, field := range fields {
			if key, value, ok := strings.Cut(field, "="); ok && strings.EqualFold(key, "from") {
				name = trace.Plain(value)
			}
		}
		return name
	}
	for start := 0; start <= len(mount.S); {
		end := start + len(mount.S[start:])
		if i := strings.IndexByte(mount.S[start:], ','); i >= 0 {
			end = start + i
		}
		if key, _, ok := strings.Cut(mount.S[start:end], "="); ok && strings.EqualFold(key, "from") {
			name = mount.Slice(start+len(key)+1, end)
		}
		start = end + 1
	}
	return name
}
