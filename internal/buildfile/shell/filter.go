package shell

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// filters are programs of which it is known what they print of what they are given; ok is
// false for what is not.
var filters map[string]func(s *Shell, args []trace.Text) (_ trace.Text, ok bool)

func init() {
	filters = map[string]func(s *Shell, args []trace.Text) (trace.Text, bool){
		"cat": (*Shell).cat, "cut": (*Shell).cut, "tr": (*Shell).tr, "head": (*Shell).head, "tail": (*Shell).tail,
		"sed": (*Shell).sed, "grep": (*Shell).grep, "egrep": (*Shell).grep, "awk": (*Shell).awk, "gawk": (*Shell).awk,
		"basename": (*Shell).basename, "dirname": (*Shell).dirname, "pwd": (*Shell).pwd, "seq": (*Shell).seq,
		"sort": (*Shell).sort, "uniq": (*Shell).uniq, "jq": (*Shell).jq, "yq": (*Shell).yq,
		"ls": (*Shell).ls, "find": (*Shell).find, "xargs": (*Shell).xargsPrints,
	}
}

// A flagged is the arguments of a program, taken apart.
type flagged struct {
	flags map[string]trace.Text // with the values of those that take one
	rest  []trace.Text
}

// filterFlags takes arguments apart. valued are the options of one letter that take a value, known
// all others; ok is false where there is another one.
func filterFlags(args []trace.Text, valued, known string) (f flagged, ok bool) {
	f.flags = map[string]trace.Text{}
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		switch {
		case a.S == "--":
			f.rest = append(f.rest, args...)
			return f, true
		case len(a.S) < 2 || a.S[0] != '-':
			f.rest = append(f.rest, a)
			continue
		case strings.HasPrefix(a.S, "--"):
			name, value, _ := a.Cut("=")
			if !reading.Contains("--delimiter --fields --raw-output --regexp-extended --no-filename --only-matching --exit-status --quiet --silent --unwrapScalar --compact-output", name.S) {
				return f, false
			}
			f.flags[map[string]string{"--delimiter": "d", "--fields": "f", "--regexp-extended": "E", "--no-filename": "h", "--only-matching": "o", "--quiet": "q", "--silent": "q", "--raw-output": "r", "--compact-output": "c"}[name.S]] = value
			continue
		}
		for i := 1; i < len(a.S); i++ {
			letter := a.S[i : i+1]
			if strings.Contains(valued, letter) {
				value := a.Slice(i+1, len(a.S))
				if value.S == "" {
					if len(args) == 0 {
						return f, false
					}
					value, args = args[0], args[1:]
				}
				if old, ok := f.flags[letter]; ok {
					value = trace.Join(old, trace.Plain("\n"), value)
				}
				f.flags[letter] = value
				break
			}
			if !strings.Contains(known, letter) {
				return f, false
			}
			f.flags[letter] = trace.Text{}
		}
	}
	return f, true
}

func (f flagged) has(letter string) bool {
	_, ok := f.flags[letter]
	return ok
}

// given returns the lines that a filter reads: of files, or of what it is sent.
func (s *Shell) given(files []trace.Text) ([]trace.Text, bool) {
	t, ok := s.givenText(files)
	if !ok || t.S == "" {
		return nil, ok
	}
	return reading.LinesOf(t.Slice(0, len(strings.TrimSuffix(t.S, "\n")))), true
}

func (s *Shell) givenText(files []trace.Text) (trace.Text, bool) {
	if len(files) == 0 {
		files = []trace.Text{trace.Plain("-")}
	}
	var all []trace.Text
	for _, f := range files {
		in := s.in
		if f.S != "-" && f.S != "/dev/stdin" {
			in = s.stored(f.S)
		}
		if in == nil || in.Lost || strings.Contains(in.Text.S, reading.Unknown) || !s.Run.Step(len(in.Text.S)) {
			return trace.Text{}, false
		}
		all = append(all, in.Text)
		if f.S == "-" {
			s.in = &Stream{}
		}
	}
	return trace.Join(all...), true
}

// output puts lines together.
func output(lines []trace.Text) trace.Text {
	if len(lines) == 0 {
		return trace.Text{}
	}
	return trace.Join(reading.JoinWith("\n", lines), trace.Plain("\n"))
}

func (s *Shell) cat(args []trace.Text) (trace.Text, bool) {
	f, ok := filterFlags(args, "", "u")
	if !ok {
		return trace.Text{}, false
	}
	if len(f.rest) == 0 && s.in != nil && !s.in.Lost {
		t := s.in.Text // what is not known of it stays so
		s.in = &Stream{}
		return t, true
	}
	return s.givenText(f.rest)
}

func (s *Shell) cut(args []trace.Text) (trace.Text, bool) {
	f, ok := filterFlags(args, "dfc", "s")
	if !ok || f.has("f") == f.has("c") {
		return trace.Text{}, false
	}
	separator := "\t"
	if f.has("d") {
		separator = f.flags["d"].S
	}
	ranges, ok := ranges(f.flags["f"].S + f.flags["c"].S)
	lines, ok2 := s.given(f.rest)
	if !ok || !ok2 || len(separator) != 1 {
		return trace.Text{}, false
	}
	var cut []trace.Text
	for _, line := range lines {
		var parts []trace.Text
		if f.has("c") {
			separator = ""
			for i := range len(line.S) {
				parts = append(parts, line.Slice(i, i+1))
			}
		} else {
			parts = Split(line, separator)
			if len(parts) == 1 {
				if !f.has("s") {
					cut = append(cut, line)
				}
				continue
			}
		}
		var kept []trace.Text
		for i, part := range parts {
			if slices.ContainsFunc(ranges, func(r [2]int) bool { return r[0] <= i+1 && i+1 <= r[1] }) {
				kept = append(kept, part)
			}
		}
		cut = append(cut, reading.JoinWith(separator, kept))
	}
	return output(cut), true
}

// ranges reads a list such as "2", "1,3" and "2-".
func ranges(list string) (all [][2]int, ok bool) {
	for _, part := range strings.Split(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		r := [2]int{1, 1 << 30}
		var err error
		if from != "" {
			if r[0], err = strconv.Atoi(from); err != nil {
				return nil, false
			}
		}
		if !isRange {
			r[1] = r[0]
		} else if to != "" {
			if r[1], err = strconv.Atoi(to); err != nil {
				return nil, false
			}
		}
		all = append(all, r)
	}
	return all, true
}

// Split splits a text at each separator.
func Split(t trace.Text, separator string) []trace.Text {
	var all []trace.Text
	for {
		before, rest, more := t.Cut(separator)
		all = append(all, before)
		if !more {
			return all
		}
		t = rest
	}
}

// head is head, and tail too.
func (s *Shell) head(args []trace.Text) (trace.Text, bool) { return s.ends(args, false) }

func (s *Shell) tail(args []trace.Text) (trace.Text, bool) { return s.ends(args, true) }

func (s *Shell) ends(args []trace.Text, last bool) (trace.Text, bool) {
	if len(args) > 0 && len(args[0].S) > 1 && args[0].S[0] == '-' && strings.Trim(args[0].S[1:], "0123456789") == "" {
		args = append([]trace.Text{trace.Plain("-n"), args[0].Slice(1, len(args[0].S))}, args[1:]...)
	}
	f, ok := filterFlags(args, "n", "")
	lines, ok2 := s.given(f.rest)
	if !ok || !ok2 {
		return trace.Text{}, false
	}
	count := "10"
	if f.has("n") {
		count = f.flags["n"].S
	}
	n, err := strconv.Atoi(strings.TrimPrefix(count, "+"))
	if err != nil {
		return trace.Text{}, false
	}
	switch {
	case last && strings.HasPrefix(count, "+"):
		lines = lines[min(max(n-1, 0), len(lines)):]
	case last:
		lines = lines[max(0, len(lines)-max(n, -n)):]
	case n < 0:
		lines = lines[:max(0, len(lines)+n)]
	default:
		lines = lines[:min(n, len(lines))]
	}
	return output(lines), true
}

func (s *Shell) basename(args []trace.Text) (trace.Text, bool) {
	f, ok := filterFlags(args, "s", "az")
	if !ok || len(f.rest) == 0 || f.has("z") {
		return trace.Text{}, false
	}
	suffix := f.flags["s"].S
	if !f.has("a") && !f.has("s") && len(f.rest) == 2 {
		suffix, f.rest = f.rest[1].S, f.rest[:1]
	}
	for i, t := range f.rest {
		t = t.Slice(0, len(strings.TrimRight(t.S, "/")))
		t = t.Slice(strings.LastIndexByte(t.S, '/')+1, len(t.S))
		if reading.IsDirectory(t) {
			t = trace.Plain(reading.Unknown)
		}
		if suffix != t.S && strings.HasSuffix(t.S, suffix) {
			t = t.Slice(0, len(t.S)-len(suffix))
		}
		f.rest[i] = t
	}
	return output(f.rest), true
}

func (s *Shell) dirname(args []trace.Text) (trace.Text, bool) {
	var all []trace.Text
	for _, t := range args {
		if strings.HasPrefix(t.S, "-") {
			return trace.Text{}, false
		}
		t = t.Slice(0, len(strings.TrimRight(t.S, "/")))
		switch slash := strings.LastIndexByte(t.S, '/'); {
		case strings.Contains(t.S[slash+1:], reading.Unknown), reading.IsDirectory(t) && path.Dir(t.S) == ".":
			t = trace.Plain(reading.Unknown)
		case slash < 0:
			t = trace.Plain(".")
		default:
			t = t.Slice(0, max(slash, 1))
		}
		all = append(all, t)
	}
	return output(all), len(all) > 0
}

func (s *Shell) pwd([]trace.Text) (trace.Text, bool) {
	return trace.Plain(s.Place.Cwd + "\n"), s.Place.Cwd != reading.Unknown
}

func (s *Shell) seq(args []trace.Text) (trace.Text, bool) {
	n := []int{1, 1}
	for i, a := range args {
		m, err := strconv.Atoi(a.S)
		if err != nil || i > 1 {
			return trace.Text{}, false
		}
		n[i] = m
	}
	if len(args) == 1 {
		n = []int{1, n[0]}
	}
	var all []trace.Text
	for i := n[0]; i <= n[1] && len(all) <= reading.MaxBuilds && s.Run.Step(0); i++ {
		all = append(all, trace.Plain(strconv.Itoa(i)))
	}
	return output(all), len(args) > 0
}

// sort is sort, and uniq too.
func (s *Shell) sort(args []trace.Text) (trace.Text, bool) {
	f, ok := filterFlags(args, "", "ur")
	lines, ok2 := s.given(f.rest)
	if !ok || !ok2 || f.has("r") && len(lines) > 1 {
		return trace.Text{}, ok2 && len(lines) == 0
	}
	slices.SortStableFunc(lines, func(a, b trace.Text) int { return strings.Compare(a.S, b.S) })
	if f.has("u") {
		lines = slices.CompactFunc(lines, func(a, b trace.Text) bool { return a.S == b.S })
	}
	return output(lines), true
}

func (s *Shell) uniq(args []trace.Text) (trace.Text, bool) {
	lines, ok := s.given(args)
	return output(slices.CompactFunc(lines, func(a, b trace.Text) bool { return a.S == b.S })), ok
}

// xargsPrints is xargs with echo, basename and dirname.
func (s *Shell) xargsPrints(args []trace.Text) (trace.Text, bool) {
	most := reading.MaxText // words of a line
	for len(args) > 0 && strings.HasPrefix(args[0].S, "-") {
		switch a := args[0].S; {
		case a == "-n" && len(args) > 1:
			most, args = numberOf(args[1].S), args[2:]
		case strings.HasPrefix(a, "-n"):
			most, args = numberOf(a[len("-n"):]), args[1:]
		case a == "-r":
			args = args[1:]
		default:
			return trace.Text{}, false
		}
	}
	t, ok := s.givenText(nil)
	words := reading.FieldsOf(t)
	if !ok || strings.ContainsAny(t.S, "'\"\\") {
		return trace.Text{}, false
	}
	if most == 0 {
		return trace.Text{}, false
	}
	var all []trace.Text
	if len(args) == 0 || args[0].S == "echo" && len(args) == 1 {
		for part := range slices.Chunk(words, most) {
			all = append(all, echoed(part))
		}
		return trace.Join(all...), true
	}
	for _, w := range words {
		var line trace.Text
		switch {
		case args[0].S == "basename" && len(args) == 1:
			line, ok = s.basename([]trace.Text{w})
		case args[0].S == "dirname" && len(args) == 1:
			line, ok = s.dirname([]trace.Text{w})
		default:
			return trace.Text{}, false
		}
		if !ok {
			return trace.Text{}, false
		}
		all = append(all, line)
	}
	return trace.Join(all...), true
}
