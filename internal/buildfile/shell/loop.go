package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// round follows the body of a loop once; goes is false where the loop ends.
func (s *Shell) round(body []*syntax.Stmt) (goes bool) {
	s.stmts(body)
	stop := s.stop
	if stop == nextRound || stop == endLoop {
		s.stop = goOn
	}
	return stop == goOn || stop == nextRound
}

// loop follows the body once for each value. What a value is not known of gets
// the body once all the same.
func (s *Shell) loop(c *syntax.ForClause) {
	iter, ok := c.Loop.(*syntax.WordIter)
	if !ok || iter.Name == nil {
		s.counting(c)
		return
	}
	var values []trace.Text
	doubt := false
	s.each(func() {
		s.doubt = false
		if iter.InPos.IsValid() {
			values = s.words(iter.Items)
		} else {
			values = s.params.words
			if s.params.open {
				values = append(values[:len(values):len(values)], trace.Plain(reading.Unknown))
			}
		}
		doubt = s.doubt
	}, func() {
		for _, v := range values[:min(len(values), reading.MaxBuilds)] {
			if s.Over() {
				return
			}
			round := s.round
			if strings.Contains(v.S, reading.Unknown) {
				v = trace.Plain(reading.Unknown)
				round = func(body []*syntax.Stmt) bool { return s.guess(iter.Name.Value, body) }
			}
			s.put(iter.Name.Value, Variable{Words: []trace.Text{v}, doubt: doubt})
			if !round(c.Do) {
				return
			}
		}
	})
}

// counting follows a loop as C has it.
func (s *Shell) counting(c *syntax.ForClause) {
	loop, ok := c.Loop.(*syntax.CStyleLoop)
	if !ok {
		s.choose(func() { s.round(c.Do) }, func() {})
		return
	}
	if loop.Init != nil {
		s.arithmetic(loop.Init)
	}
	for range reading.MaxBuilds {
		n, ok := 0, false
		if loop.Cond != nil {
			n, ok = s.arithmetic(loop.Cond)
		}
		if !ok {
			s.computed(loop)
			s.choose(func() { s.round(c.Do) }, func() {})
			return
		}
		if n == 0 || s.Over() || !s.round(c.Do) {
			return
		}
		if loop.Post != nil {
			if _, ok := s.arithmetic(loop.Post); !ok {
				return
			}
		}
	}
}

// repeat follows while and until. One that reads lines that are known is followed for each
// of them, any other once.
func (s *Shell) repeat(c *syntax.WhileClause) {
	call, redirs := readCall(c.Cond)
	if in := s.inputOf(call, redirs); in != nil && !in.Lost && !c.Until {
		for range reading.MaxBuilds {
			if s.Over() || !s.Run.Step(len(in.Text.S)/8) {
				return
			}
			s.stmts(c.Cond[:len(c.Cond)-1])
			before := s.in
			s.in = in
			more := s.readLine(call)
			s.in = before
			if !more || !s.round(c.Do) {
				return
			}
		}
		return
	}
	s.stmts(c.Cond)
	name := ""
	if call != nil {
		name = call.Args[len(call.Args)-1].Lit()
	}
	s.choose(func() { s.guess(name, c.Do) }, func() {})
}

// readCall returns the command of a condition if that is read, be it with another for a last
// line without an end, and its redirections; nil if it is not.
func readCall(cond []*syntax.Stmt) (*syntax.CallExpr, []*syntax.Redirect) {
	if len(cond) == 0 || cond[len(cond)-1].Negated {
		return nil, nil
	}
	st := cond[len(cond)-1]
	for {
		b, ok := st.Cmd.(*syntax.BinaryCmd)
		if !ok || b.Op != syntax.OrStmt {
			break
		}
		st = b.X
	}
	call, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 || call.Args[0].Lit() != "read" {
		return nil, nil
	}
	return call, st.Redirs
}

// inputOf returns what read reads: its own redirections (read x <&3) and -u 3 say so, or else it is
// that of the loop. It is nil where nothing is known of it.
func (s *Shell) inputOf(call *syntax.CallExpr, redirs []*syntax.Redirect) *Stream {
	if call == nil {
		return nil
	}
	for i, a := range call.Args[:len(call.Args)-1] {
		if a.Lit() == "-u" {
			return s.descriptors[call.Args[i+1].Lit()]
		}
	}
	defer s.redirect(redirs)()
	return s.in
}

// readLine follows read for the next line of the input; more is false at its end.
func (s *Shell) readLine(call *syntax.CallExpr) (more bool) {
	separators, isSet := " \t\n", false
	for _, a := range call.Assigns {
		if a.Name != nil && a.Name.Value == "IFS" {
			isSet = true
			separators = ""
			if a.Value != nil {
				separators = separatorsOf(a.Value, s)
			}
		}
	}
	if v := s.get("IFS"); !isSet && len(v.Words) == 1 {
		separators = v.Words[0].S
	}
	var names []string
	raw, array := false, false
	args := s.words(call.Args[1:])
	for i := 0; i < len(args); i++ {
		switch a := args[i].S; {
		case a == "-p" || a == "-d" || a == "-t" || a == "-u":
			i++
		case strings.HasPrefix(a, "-"):
			raw = raw || strings.Contains(a, "r")
			array = array || strings.Contains(a, "a")
			if strings.HasSuffix(a, "d") {
				i++
			}
		default:
			names = append(names, a)
		}
	}
	if names == nil {
		names = []string{"REPLY"}
	}
	line, more := s.in.next()
	vague := strings.Contains(line.S, reading.Unknown) || !raw && strings.Contains(line.S, `\`) || strings.Contains(separators, reading.Unknown)
	if array {
		v := Variable{array: true, Words: readFields(line, separators, reading.MaxText)}
		if vague {
			v.Words = []trace.Text{trace.Plain(many)}
		}
		s.put(names[0], v)
		return more
	}
	fields := readFields(line, separators, len(names))
	for i, name := range names {
		var t trace.Text
		switch {
		case vague:
			t = trace.Plain(reading.Unknown)
		case i < len(fields):
			t = fields[i]
		}
		s.put(name, OneWord(t))
	}
	return more
}

// separatorsOf returns the value of IFS, be it $'\t'.
func separatorsOf(w *syntax.Word, s *Shell) string {
	if len(w.Parts) == 1 {
		if q, ok := w.Parts[0].(*syntax.SglQuoted); ok && q.Dollar {
			if text, err := strconv.Unquote(`"` + q.Value + `"`); err == nil {
				return text
			}
		}
	}
	return s.text(w).S
}

// readFields splits a line as read does: into n fields, of which the last is the rest.
func readFields(line trace.Text, separators string, n int) []trace.Text {
	isBlank := func(c byte) bool { return (c == ' ' || c == '\t') && strings.IndexByte(separators, c) >= 0 }
	trim := func(t trace.Text) trace.Text {
		for t.S != "" && isBlank(t.S[0]) {
			t = t.Slice(1, len(t.S))
		}
		return t
	}
	line = trim(line)
	for line.S != "" && isBlank(line.S[len(line.S)-1]) {
		line = line.Slice(0, len(line.S)-1)
	}
	var all []trace.Text
	for line.S != "" {
		i := strings.IndexAny(line.S, separators)
		if len(all) == n-1 || i < 0 || separators == "" {
			return append(all, line)
		}
		all = append(all, line.Slice(0, i))
		rest := line.Slice(i, len(line.S))
		blank := trim(rest)
		if blank.S != "" && strings.IndexByte(separators, blank.S[0]) >= 0 && !isBlank(blank.S[0]) {
			blank = blank.Slice(1, len(blank.S))
		}
		line = trim(blank)
	}
	return all
}

// readLines follows mapfile: it reads all lines into an array.
func (s *Shell) readLines(args []trace.Text) {
	name, trims := "MAPFILE", false
	for i := 0; i < len(args); i++ {
		switch a := args[i].S; {
		case reading.Contains("-d -n -O -s -u -C -c", a):
			i++
		case strings.HasPrefix(a, "-"):
			trims = trims || strings.Contains(a, "t")
		default:
			name = a
		}
	}
	v := Variable{array: true}
	if s.in == nil || s.in.Lost || strings.Contains(s.in.Text.S, reading.Unknown) {
		v.Words = []trace.Text{trace.Plain(many)}
	} else {
		for line, ok := s.in.next(); ok && len(v.Words) < reading.MaxText; line, ok = s.in.next() {
			if !trims {
				line = trace.Join(line, trace.Plain("\n"))
			}
			v.Words = append(v.Words, line)
		}
	}
	s.put(name, v)
}
