package buildfile

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/trace"
)

// A feed is what a command reads: a text, or a file by its path from the current directory. The
// zero feed is not known.
type feed struct {
	text  trace.Text
	file  string
	later func() feed // finds out, where that is needed
}

// feedOf returns what a command reads, given its redirections.
func (s *shell) feedOf(redirs []*syntax.Redirect) feed {
	in := s.stdin
	for _, r := range redirs {
		if r.N != nil && r.N.Value != "0" {
			continue
		}
		switch {
		case r.Op == syntax.RdrIn && r.Word != nil:
			in = feed{file: s.text(r.Word).S}
		case r.Op == syntax.WordHdoc && r.Word != nil:
			in = feed{text: s.whole([]trace.Text{s.text(r.Word), trace.Plain("\n")})}
		case r.Hdoc != nil:
			in = feed{text: s.heredocText(r)}
		}
	}
	if in.later != nil {
		return in.later()
	}
	return in
}

// feeding runs f with the input that redirections of a block or of a call give what runs in it.
func (s *shell) feeding(redirs []*syntax.Redirect, f func()) {
	before := s.stdin
	if len(redirs) > 0 {
		s.stdin = s.feedOf(redirs)
	}
	f()
	s.stdin = before
}

// inline adds the build of a command that reads its Dockerfile as a text, and reports whether it does.
// Where it reads that of a file, in front of a pipe, it sets which. The build context is a directory
// from where the program is started, the likeliest that is there.
func (s *shell) inline(o options, file, context *string, c command) bool {
	if *file != "-" && *file != "/dev/stdin" && (*context != "-" || *file != "") {
		return false
	}
	in := s.feedOf(c.redirs)
	if *context == "-" {
		*context = unknown
	}
	if strings.Trim(in.text.S, unknown+" \t\r\n") == "" {
		if *file = "-"; in.file != "" {
			*file = in.file
		}
		return false
	}
	b := o.build
	b.Inline, b.Where = in.text, s.placeOf(c)
	for _, start := range s.place.starts {
		dir, ok := settle(enter(s.place.cwd, *context), start)
		if !ok || strings.Contains(*context, unknown) {
			continue
		}
		if b.Context == "" {
			b.Context = dir
		}
		if _, err := s.run.tree.readDir(dir); err == nil {
			b.Context = dir
			break
		}
	}
	s.run.add(b)
	return true
}

// whole joins the texts of an input, which may be longer than a value; unknown where it is longer
// than is followed.
func (s *shell) whole(texts []trace.Text) trace.Text {
	t := trace.Join(texts...)
	if len(t.S) > maxInline || !s.run.step(len(t.S)) {
		return trace.Plain(unknown)
	}
	return t
}

// heredocText returns the text behind << or <<-. Where the word is not quoted, the shell replaces
// variables in it, and takes the backslash off $, ` and itself.
func (s *shell) heredocText(r *syntax.Redirect) trace.Text {
	quoted := r.Word != nil && (len(r.Word.Parts) != 1 || strings.Contains(r.Word.Lit(), `\`) || r.Word.Lit() == "")
	newLine := true
	var all []trace.Text
	for _, part := range r.Hdoc.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			e := expansion{shell: s}
			e.parts([]syntax.WordPart{part}, true)
			all, newLine = append(all, e.current), false
			continue
		}
		t := s.rawText(lit)
		if r.Op == syntax.DashHdoc {
			t, newLine = withoutTabs(t, newLine)
		}
		if !quoted {
			t = withoutBackslashes(t, "$`\\")
		}
		all = append(all, t)
	}
	return s.whole(all)
}

// rawText returns the value of a literal of a heredoc with its places. The parser leaves out carriage
// returns and, where the shell does, continued line ends.
func (s *shell) rawText(lit *syntax.Lit) trace.Text {
	start := offset(lit.ValuePos)
	if start < 0 || start > len(s.src.S) {
		return trace.Plain(lit.Value)
	}
	var all []trace.Text
	at := start
	for i := 0; i < len(lit.Value); {
		rest, skipped := s.src.S[at:], 0
		switch {
		case rest != "" && rest[0] == lit.Value[i]:
			i, at = i+1, at+1
			continue
		case strings.HasPrefix(rest, "\r"):
			skipped = 1
		case strings.HasPrefix(rest, "\\\n"):
			skipped = 2
		default:
			return trace.Plain(lit.Value)
		}
		all = append(all, s.src.Slice(start, at))
		at += skipped
		start = at
	}
	return trace.Join(append(all, s.src.Slice(start, at))...)
}

// withoutTabs takes the tabs off the beginnings of lines, as <<- does. newLine says whether the
// text begins one, and is returned of what stands behind it.
func withoutTabs(t trace.Text, newLine bool) (_ trace.Text, after bool) {
	stripped := eachLine(t, func(line trace.Text) trace.Text {
		if newLine {
			line = line.Slice(len(line.S)-len(strings.TrimLeft(line.S, "\t")), len(line.S))
		}
		newLine = true
		return line
	})
	return stripped, strings.HasSuffix(t.S, "\n")
}

// withoutBackslashes takes the backslash off those characters.
func withoutBackslashes(t trace.Text, of string) trace.Text {
	if !strings.Contains(t.S, `\`) {
		return t
	}
	var all []trace.Text
	from := 0
	for i := 0; i+1 < len(t.S); i++ {
		if t.S[i] == '\\' && strings.IndexByte(of, t.S[i+1]) >= 0 {
			all = append(all, t.Slice(from, i))
			from = i + 1
			i++
		}
	}
	return trace.Join(append(all, t.Slice(from, len(t.S)))...)
}

// feedFrom returns what a statement of a pipeline prints for the one behind it: cat, echo and printf,
// and blocks of these. What another prints is not known.
func (s *shell) feedFrom(st *syntax.Stmt) (printed feed) {
	if st == nil || st.Negated || st.Background || !s.run.step(0) {
		return feed{}
	}
	switch c := st.Cmd.(type) {
	case *syntax.Block:
		s.feeding(st.Redirs, func() { printed = s.feedFromAll(c.Stmts) })
		return printed
	case *syntax.Subshell:
		s.feeding(st.Redirs, func() { printed = s.feedFromAll(c.Stmts) })
		return printed
	case *syntax.CallExpr:
		if len(c.Args) == 0 || len(c.Assigns) > 0 {
			break
		}
		switch c.Args[0].Lit() {
		case "cat":
			return s.concatenated(s.words(c.Args[1:]), st.Redirs)
		case "echo":
			return feed{text: s.whole(echoedTexts(s.words(c.Args[1:])))}
		case "printf":
			if printed, ok := printedTexts(s.words(c.Args[1:])); ok {
				return feed{text: s.whole(printed)}
			}
		}
	}
	return feed{}
}

// feedFromAll is feedFrom for several statements; nothing is known of it where one is not known.
func (s *shell) feedFromAll(list []*syntax.Stmt) feed {
	var all []trace.Text
	for _, st := range list {
		in := s.feedFrom(st)
		if in.file != "" {
			in.text = s.wholeFile(in.file)
		}
		if in.text.S == "" {
			return feed{}
		}
		all = append(all, in.text)
	}
	return feed{text: s.whole(all)}
}

// wholeFile returns the text of a file of the repository, "" where there is none.
func (s *shell) wholeFile(p string) trace.Text {
	f := s.file(p)
	if f == nil || len(f.Src) > maxInline {
		return trace.Text{}
	}
	return f.Text(0, len(f.Src))
}

// concatenated returns what cat prints: what it reads, or files of the repository.
func (s *shell) concatenated(files []trace.Text, redirs []*syntax.Redirect) feed {
	in := s.feedOf(redirs)
	if len(files) == 0 {
		return in
	}
	if len(files) == 1 && files[0].S != "-" {
		return feed{file: files[0].S}
	}
	var all []trace.Text
	for _, f := range files {
		text := in.text
		if f.S != "-" {
			text = s.wholeFile(f.S)
		}
		if text.S == "" {
			return feed{}
		}
		all = append(all, text)
	}
	return feed{text: s.whole(all)}
}

// echoedTexts returns the texts that echo prints. Some shells replace \n in them without -e, and no
// Dockerfile holds it.
func echoedTexts(words []trace.Text) []trace.Text {
	for len(words) > 0 && (words[0].S == "-n" || words[0].S == "-e" || words[0].S == "-ne" || words[0].S == "-en") {
		words = words[1:]
	}
	return []trace.Text{withEscapes(joinWith(" ", words)), trace.Plain("\n")}
}

// withEscapes replaces the escapes of echo and printf that a Dockerfile is written with.
func withEscapes(t trace.Text) trace.Text {
	if !strings.Contains(t.S, `\`) {
		return t
	}
	var all []trace.Text
	from := 0
	for i := 0; i+1 < len(t.S); i++ {
		if t.S[i] != '\\' {
			continue
		}
		if at := strings.IndexByte(`nt\"'`, t.S[i+1]); at >= 0 {
			all = append(all, t.Slice(from, i), trace.Plain("\n\t\\\"'"[at:at+1]))
			from = i + 2
		}
		i++
	}
	return trace.Join(append(all, t.Slice(from, len(t.S)))...)
}

// printedTexts returns the texts that printf prints: its format with %s, %b and %%, again for
// each of the arguments that it does not use up. ok is false for another format.
func printedTexts(words []trace.Text) (printed []trace.Text, ok bool) {
	if len(words) > 1 && words[0].S == "--" {
		words = words[1:]
	}
	if len(words) == 0 || strings.Contains(words[0].S, unknown) {
		return nil, false
	}
	format, args := words[0], words[1:]
	for first := true; first || len(args) > 0; first = false {
		used, from := 0, 0
		for i := 0; i+1 < len(format.S); i++ {
			if format.S[i] == '\\' {
				i++
				continue
			}
			if format.S[i] != '%' {
				continue
			}
			printed = append(printed, withEscapes(format.Slice(from, i)))
			switch verb := format.S[i+1]; {
			case verb == '%':
				printed = append(printed, format.Slice(i, i+1))
			case (verb == 's' || verb == 'b') && used < len(args):
				arg := args[used]
				if verb == 'b' {
					arg = withEscapes(arg)
				}
				printed = append(printed, arg)
				used++
			case verb != 's' && verb != 'b':
				return nil, false
			}
			from = i + 2
			i++
		}
		printed = append(printed, withEscapes(format.Slice(from, len(format.S))))
		if used == 0 {
			break // the other arguments are not printed
		}
		args = args[used:]
	}
	return printed, true
}
