package bake

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// inline returns the Dockerfile that a target has in dockerfile-inline. none says that it has one of
// which nothing is known.
func (s *definition) inline(name string, layers []*bakeInstance) (text trace.Text, none bool) {
	text, ok := s.scalar(layers, "dockerfile-inline")
	s.steps += len(text.S) // it is read for each target
	if !ok || text.S == "" || strings.Trim(text.S, reading.Unknown) != "" {
		return text, false
	}
	own := s.instances[name][0].block
	said := func(p reading.Problem) bool {
		return slices.ContainsFunc(layers, func(in *bakeInstance) bool { return p.Pos == in.block.at["dockerfile-inline"] })
	}
	if !slices.ContainsFunc(s.problems, said) {
		s.problem(source.CodeNotEvaluated, own.pos, fmt.Sprintf("target %q: its Dockerfile, dockerfile-inline, is not known", own.label))
	}
	return text, true
}

// contextDir returns the build context of a target whose Dockerfile is in the bake file.
func (s *definition) contextDir(context trace.Text) string {
	return reading.Within(path.Dir(s.leader), strings.TrimPrefix(context.S, "cwd://"))
}

// withoutEscapes returns the text that a literal of HCL stands for: $${ is ${ and %%{ is %{; in quotes,
// there are \n and its like as well. What an escape stands for has no place. ok is false for an
// escape that there is not.
func withoutEscapes(src trace.Text, quoted bool) (_ trace.Text, ok bool) {
	var all []trace.Text
	from := 0
	for i := 0; i < len(src.S); {
		rest := src.S[i:]
		text, n := "", 0
		switch {
		case strings.HasPrefix(rest, "$${"), strings.HasPrefix(rest, "%%{"):
			n = 1
		case !quoted || rest[0] != '\\':
		case len(rest) > 1 && strings.IndexByte(`nrt"\`, rest[1]) >= 0:
			text, n = "\n\r\t\"\\"[strings.IndexByte(`nrt"\`, rest[1]):][:1], 2
		case len(rest) > 1 && (rest[1] == 'u' || rest[1] == 'U'):
			n = map[byte]int{'u': 6, 'U': 10}[rest[1]]
			r, err := strconv.ParseUint(rest[2:min(n, len(rest))], 16, 31)
			if err != nil || len(rest) < n {
				return src, false
			}
			text = string(utf8.AppendRune(nil, rune(r)))
		default:
			return src, false
		}
		if n == 0 {
			i++
			continue
		}
		all = append(all, src.Slice(from, i), trace.Plain(text))
		i += n
		from = i
		if text == "" { // of $${, what is left of it is no escape again
			i += 2
		}
	}
	return trace.Join(append(all, src.Slice(from, len(src.S)))...), true
}
