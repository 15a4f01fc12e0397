package shell

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

func (s *Shell) grep(args []trace.Text) (trace.Text, bool) {
	f, ok := filterFlags(args, "me", "EFPovihwxq")
	if !ok || !f.has("e") && len(f.rest) == 0 {
		return trace.Text{}, false
	}
	expr := f.flags["e"].S
	if !f.has("e") {
		expr, f.rest = f.rest[0].S, f.rest[1:]
	}
	if len(f.rest) > 1 && !f.has("h") {
		return trace.Text{}, false
	}
	lines, ok := s.given(f.rest)
	kept := ""
	if before, rest, found := strings.Cut(expr, `\K`); found && f.has("P") {
		expr, kept = "(?:"+before+")("+rest+")", "1"
	}
	re := s.expression(expr, f.has("E") || f.has("P"), f.has("F"), f.has("i"))
	if !ok || re == nil {
		return trace.Text{}, false
	}
	most := reading.MaxText
	if f.has("m") {
		n, err := strconv.Atoi(f.flags["m"].S)
		if err != nil {
			return trace.Text{}, false
		}
		most = n
	}
	var found []trace.Text
	count := 0
	for _, line := range lines {
		if !s.Run.Step(len(line.S)) {
			return trace.Text{}, false
		}
		at := re.FindStringSubmatchIndex(line.S)
		isMatch := at != nil && (!f.has("x") || at[0] == 0 && at[1] == len(line.S)) && (!f.has("w") || isWord(line.S, at[0], at[1]))
		if isMatch == f.has("v") || count == most {
			continue
		}
		count++
		if !f.has("o") {
			found = append(found, line)
			continue
		}
		for _, at := range re.FindAllStringSubmatchIndex(line.S, -1) {
			if kept != "" {
				at = at[2:]
			}
			if at[0] < at[1] {
				found = append(found, line.Slice(at[0], at[1]))
			}
		}
	}
	return output(found), !f.has("q")
}

func isWord(line string, start, end int) bool {
	return (start == 0 || !reading.IsNameByte(line[start-1])) && (end == len(line) || !reading.IsNameByte(line[end]))
}

// expression compiles a regular expression as grep and sed write it: basic, extended or a
// fixed text. nil is for one that is not understood.
func (s *Shell) expression(expr string, extended, fixed, fold bool) *regexp.Regexp {
	if strings.Contains(expr, reading.Unknown) || reading.IsDirectory(trace.Plain(expr)) || len(expr) > 500 || !s.Run.Step(8*len(expr)) {
		return nil
	}
	switch {
	case fixed:
		expr = regexp.QuoteMeta(expr)
	case !extended:
		expr = fromBasic(expr)
	}
	if fold {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil
	}
	re.Longest()
	return re
}

// fromBasic returns an extended regular expression for a basic one.
func fromBasic(expr string) string {
	var b strings.Builder
	for i := 0; i < len(expr); i++ {
		c := expr[i]
		switch {
		case c == '\\' && i+1 < len(expr):
			i++
			if strings.IndexByte("(){}|+?", expr[i]) < 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(expr[i])
		case c == '[':
			end := i + 1
			for end < len(expr) && (expr[end] == '^' || expr[end] == ']') && end <= i+2 {
				end++
			}
			for end < len(expr) && expr[end] != ']' {
				if strings.HasPrefix(expr[end:], "[:") {
					if n := strings.Index(expr[end:], ":]"); n > 0 {
						end += n + 1
					}
				}
				end++
			}
			b.WriteString(expr[i:min(end+1, len(expr))])
			i = end
		case strings.IndexByte("(){}|+?", c) >= 0, c == '*' && (i == 0 || expr[i-1] == '(' && i > 1 && expr[i-2] == '\\'):
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func (s *Shell) tr(args []trace.Text) (trace.Text, bool) {
	f, ok := filterFlags(args, "", "ds")
	t, ok2 := s.givenText(nil)
	if !ok || !ok2 || len(f.rest) == 0 {
		return trace.Text{}, false
	}
	from, ok := characters(f.rest[0].S)
	to := ""
	if len(f.rest) == 2 && ok {
		to, ok = characters(f.rest[1].S)
	}
	if !ok || f.has("d") == (to != "") && !f.has("s") {
		return trace.Text{}, false
	}
	squeezed := from
	if to != "" {
		squeezed = to
	}
	var all []trace.Text
	last := byte(0)
	start := 0
	add := func(i int, replacement string) {
		all = append(all, t.Slice(start, i), trace.Plain(replacement))
		start = i + 1
	}
	for i := range len(t.S) {
		c := t.S[i]
		at := strings.IndexByte(from, c)
		switch {
		case at >= 0 && f.has("d"):
			add(i, "")
			continue
		case at >= 0 && to != "":
			c = to[min(at, len(to)-1)]
			if f.has("s") && c == last {
				add(i, "")
				continue
			}
			if c != t.S[i] {
				add(i, string(c))
			}
		case f.has("s") && to == "" && c == last && strings.IndexByte(squeezed, c) >= 0:
			add(i, "")
			continue
		}
		last = c
	}
	return trace.Join(append(all, t.Slice(start, len(t.S)))...), true
}

const (
	lower = "abcdefghijklmnopqrstuvwxyz"
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// characters returns those of a set of tr.
func characters(set string) (string, bool) {
	for _, class := range [][2]string{{"[:lower:]", lower}, {"[:upper:]", upper}, {"[:digit:]", "0123456789"}, {"[:space:]", " \t\n\r\v\f"}, {"[:blank:]", " \t"}, {`\n`, "\n"}, {`\t`, "\t"}, {`\r`, "\r"}, {`\\`, `\`}} {
		set = strings.ReplaceAll(set, class[0], class[1])
	}
	var all strings.Builder
	for i := 0; i < len(set); i++ {
		if set[i] >= 0x80 || set[i] == '[' && strings.HasPrefix(set[i:], "[:") {
			return "", false
		}
		if i+2 < len(set) && set[i+1] == '-' && set[i] <= set[i+2] {
			for c := int(set[i]); c <= int(set[i+2]); c++ {
				all.WriteByte(byte(c)) //nolint:gosec // between two bytes
			}
			i += 2
			continue
		}
		all.WriteByte(set[i])
	}
	return all.String(), all.Len() > 0
}
