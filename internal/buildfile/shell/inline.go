package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// A feed is what a command reads: a text, or a file by its path from the current directory. The
// zero feed is not known.
type feed struct {
	text trace.Text
	file string
}

// feedOf returns what a command reads, given its redirections.
func (s *Shell) feedOf(redirs []*syntax.Redirect) feed {
	for _, r := range redirs {
		if r.Op == syntax.RdrIn && (r.N == nil || r.N.Value == "0") && r.Word != nil && len(r.Word.Parts) > 0 {
			if _, isProcess := r.Word.Parts[0].(*syntax.ProcSubst); !isProcess {
				return feed{file: s.text(r.Word).S}
			}
		}
	}
	if s.in == nil || s.in.Lost {
		return feed{}
	}
	if pieces := s.in.Text.Pieces(); len(pieces) == 1 && pieces[0].File != nil && s.Run.Tree.Dockerfiles[pieces[0].File.Path] {
		return feed{file: reading.RootDir + "/" + pieces[0].File.Path} // printed as it is
	}
	text := s.in.Text
	if line := strings.TrimRight(text.S, "\n"); !strings.Contains(line, "\n") && strings.Contains(line, `\n`) {
		text = withEscapes(text) // as the echo of some shells does without -e
	}
	return feed{text: s.whole([]trace.Text{text})}
}

// inline adds the build of a command that reads its Dockerfile as a text, and reports whether it does.
// Where it reads that of a file, in front of a pipe, it sets which. The build context is a directory
// from where the program is started, the likeliest that is there.
func (s *Shell) inline(o BuildOptions, file, context *string, c Command) bool {
	if *file != "-" && *file != "/dev/stdin" && (*context != "-" || *file != "") {
		return false
	}
	in := s.feedOf(c.redirs)
	if *context == "-" {
		*context = reading.Unknown
	}
	if strings.Trim(in.text.S, reading.Unknown+" \t\r\n") == "" {
		if *file = "-"; in.file != "" {
			*file = in.file
		}
		return false
	}
	b := o.Build
	b.Inline, b.Where = in.text, s.placeOf(c)
	for _, start := range s.Place.Starts {
		dir, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, *context), start)
		if !ok || strings.Contains(*context, reading.Unknown) {
			continue
		}
		if b.Context == "" {
			b.Context = dir
		}
		if _, err := s.Run.Tree.ReadDir(dir); err == nil {
			b.Context = dir
			break
		}
	}
	s.Run.Add(b)
	return true
}

// whole joins the texts of an input, which may be longer than a value; unknown where it is longer
// than is followed.
func (s *Shell) whole(texts []trace.Text) trace.Text {
	t := trace.Join(texts...)
	if len(t.S) > reading.MaxInline || !s.Run.Step(len(t.S)) {
		s.Run.cut = true
		return trace.Plain(reading.Unknown)
	}
	return t
}

// heredocText returns the text behind << or <<-. Where the word is not quoted, the shell replaces
// variables in it, and takes the backslash off $, ` and itself.
func (s *Shell) heredocText(r *syntax.Redirect) trace.Text {
	quoted := r.Word != nil && (len(r.Word.Parts) != 1 || strings.Contains(r.Word.Lit(), `\`) || r.Word.Lit() == "")
	newLine := true
	var all []trace.Text
	for _, part := range r.Hdoc.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			e := expansion{Shell: s}
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
func (s *Shell) rawText(lit *syntax.Lit) trace.Text {
	start := offset(lit.ValuePos)
	if start < 0 || start > len(s.Src.S) {
		return trace.Plain(lit.Value)
	}
	var all []trace.Text
	at := start
	for i := 0; i < len(lit.Value); {
		rest, skipped := s.Src.S[at:], 0
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
		all = append(all, s.Src.Slice(start, at))
		at += skipped
		start = at
	}
	return trace.Join(append(all, s.Src.Slice(start, at))...)
}

// withoutTabs takes the tabs off the beginnings of lines, as <<- does. newLine says whether the
// text begins one, and is returned of what stands behind it.
func withoutTabs(t trace.Text, newLine bool) (_ trace.Text, after bool) {
	stripped := reading.EachLine(t, func(line trace.Text) trace.Text {
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
