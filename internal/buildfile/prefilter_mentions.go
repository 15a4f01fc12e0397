package buildfile

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
)

// A mention is a place that names a script.
type mention struct {
	name string // without directories
	dir  string // the name of the directory that it is in, "" where that is not written
}

// A pattern is what is written of the name of a script: build-$APP.sh, or common without an ending.
type pattern struct {
	prefix, suffix string
	whole          bool // no value is in it, and prefix is all
	sourced        bool // it is read as a script, and may be another file
}

func (p pattern) fits(name string) bool {
	if p.whole {
		return name == p.prefix
	}
	return len(name) > len(p.prefix)+len(p.suffix) && strings.HasPrefix(name, p.prefix) && strings.HasSuffix(name, p.suffix)
}

// scriptEndings are those of the scripts that are looked for by name.
var scriptEndings = []string{".sh", ".bash"}

const (
	maxName      = 255  // bytes of the name of a file
	maxWord      = 1000 // bytes of a word that names one
	maxMentions  = 2000 // of a file: one with more may run anything
	maxVariables = 20   // whose values are looked for
)

// mentions finds the names of scripts.
func (g *scriptWords) mentions() {
	for _, extension := range scriptEndings {
		for at := 0; ; {
			i := bytes.Index(g.src[at:], []byte(extension))
			if i < 0 {
				break
			}
			start, end := at+i, at+i+len(extension)
			at = end
			if end < len(g.src) && reading.IsNameByte(g.src[end]) {
				continue // of another word
			}
			for start > 0 && end-start <= maxName && isOfName(g.src[start-1]) {
				start--
			}
			if len(g.scripts)+len(g.patterns) > maxMentions {
				g.open = true
				return
			}
			name := string(g.src[start:end])
			if name == extension || start > 0 && isCut(g.src[:start]) {
				if isLeftOut(g.src[:start]) || isWritten(g.src[:start]) {
					continue
				}
				p, ok := patternOf(g.src[:start], name)
				if !ok || p.prefix == "" && p.suffix == extension {
					g.open = true
					return
				}
				g.patterns = append(g.patterns, p)
				continue
			}
			word := g.src[bytes.LastIndexAny(g.src[:start], " \t\n\"'=(")+1 : start]
			g.moves = g.moves || bytes.IndexByte(word, '$') >= 0
			g.mention(mention{name, directoryIn(g.src[:start])})
		}
	}
}

// isLeftOut reports whether a pattern begins behind src that find leaves out: ! -name '*.sh'.
func isLeftOut(src []byte) bool {
	src, ok := bytes.CutSuffix(bytes.TrimRight(src, "*\\\"'"), []byte(" -name "))
	return ok && (bytes.HasSuffix(bytes.TrimRight(src, "'\""), []byte("!")) || bytes.HasSuffix(src, []byte("-not")))
}

// isWritten reports whether the word that src ends in is a file that is written, or made a program:
// > $OUT/$(basename $X .c).sh.
func isWritten(src []byte) bool {
	src = src[max(0, len(src)-maxWord):]
	depth, start := 0, len(src)
	for ; start > 0; start-- {
		c := src[start-1]
		switch c {
		case ')':
			depth++
		case '(':
			depth--
		}
		if c == '\n' || depth < 0 || depth == 0 && (c == ' ' || c == '\t' || c == '>') {
			break
		}
	}
	before := bytes.TrimRight(src[:start], " \t")
	if bytes.HasSuffix(before, []byte(">")) {
		return true
	}
	command := firstWord(before)
	return command == "chmod" || command == "rm"
}

// mention adds a script that is mentioned.
func (g *scriptWords) mention(m mention) {
	if !slices.Contains(g.scripts, m) {
		g.scripts = append(g.scripts, m)
	}
}

// isOfName reports whether c can be in the name of a script.
func isOfName(c byte) bool { return reading.IsWordByte(c) || strings.IndexByte("+@,%", c) >= 0 }

// isCut reports whether a name that begins behind src may be a part of a longer one:
// $name.sh, ${name}-x.sh, "$name"-x.sh.
func isCut(src []byte) bool {
	last := src[len(src)-1]
	if last == '"' || last == '\'' {
		return len(src) > 1 && strings.IndexByte(" \t\n=(:,[", src[len(src)-2]) < 0
	}
	return strings.IndexByte(cuts, last) >= 0
}

const cuts = "$})`*?]\\"

// patternOf returns what is known of a name of which rest is written behind a variable. src ends
// in the brace behind it, or in the dollar sign before it; ok is false for all else.
func patternOf(src []byte, rest string) (p pattern, ok bool) {
	p.suffix = rest
	if len(src) == 0 {
		return p, false
	}
	switch src[len(src)-1] {
	case '$':
		p.suffix = strings.TrimLeft(rest, nameBytes)
		src = src[:len(src)-1]
	case '}':
		from := bytes.LastIndexAny(src[:len(src)-1], "{}\n")
		if from < 0 || src[from] != '{' {
			return p, false
		}
		src = bytes.TrimSuffix(src[:from], []byte("$"))
	default:
		return p, false
	}
	start := len(src)
	for start > 0 && isOfName(src[start-1]) {
		start--
	}
	if start == 0 || strings.IndexByte(cuts+"\"'", src[start-1]) < 0 {
		p.prefix = string(src[start:])
	}
	return p, true
}

const nameBytes = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// directoryIn returns the name of the directory in which src ends: ci of "$ROOT/ci/".
func directoryIn(src []byte) string {
	end := len(src) - 1
	if end < 0 || src[end] != '/' {
		return ""
	}
	start := end
	for start > 0 && reading.IsWordByte(src[start-1]) {
		start--
	}
	if start > 0 && strings.IndexByte(" \t\n/\"'=(", src[start-1]) < 0 {
		return ""
	}
	if dir := string(src[start:end]); strings.Trim(dir, ".") != "" {
		return dir
	}
	return ""
}

// isIn reports whether the directory of a mention, if it is written, may be that of p. The root has any name.
func (m mention) isIn(p string) bool {
	dir := path.Base(path.Dir(p))
	return m.dir == "" || m.dir == dir || dir == "."
}

// mayMean reports whether one of the mentions of a script may be of p.
func (g *scriptWords) mayMean(p string) bool {
	named := false
	for _, m := range g.scripts {
		if m.name == path.Base(p) {
			if m.isIn(p) {
				return true
			}
			named = true
		}
	}
	return !named
}

// sources looks for files of the repository without the extension of a script that are
// read as one.
func (g *scriptWords) sources() {
	variables := map[string]bool{} // whether what each is set to are names of scripts
	namesScripts := func(variable string) bool {
		known, ok := variables[variable]
		if !ok {
			known = len(variables) < maxVariables && g.namesScripts(variable)
			variables[variable] = known
		}
		return known
	}
	for _, command := range []string{". ", "source "} {
		for at := 0; ; {
			i := bytes.Index(g.src[at:], []byte(command))
			if i < 0 {
				break
			}
			start := at + i
			at = start + len(command)
			if g.open || len(g.patterns) > maxMentions {
				g.open = true
				return
			}
			if start > 0 && strings.IndexByte(" \t\n;|&({`", g.src[start-1]) < 0 || firstWord(g.src[:start]) != "" || isLoopVariable(g.src[:start]) {
				continue
			}
			name := strings.Trim(wordAt(g.src[at:]), "\"'")
			switch {
			case name == "" || strings.IndexByte("/~-&|<>()\\", name[0]) >= 0 || strings.HasPrefix(name, "$HOME"):
			case path.Base(name) == "activate": // of a virtual environment
			case endsAsScript(name), namesScripts(strings.Trim(name, "${}")):
			default:
				prefix, value, isCut := strings.Cut(path.Base(name), "$")
				if strings.ContainsAny(prefix, cuts+"\"'") || isCut && (len(prefix) < 2 || !reading.IsName(strings.Trim(value, "{}"))) {
					g.open = true
					continue
				}
				g.patterns = append(g.patterns, pattern{prefix: prefix, whole: !isCut, sourced: true})
			}
		}
	}
}

func endsAsScript(name string) bool {
	return slices.ContainsFunc(scriptEndings, func(ending string) bool { return strings.HasSuffix(name, ending) })
}

// isLoopVariable reports whether the word behind src is the variable of a loop.
func isLoopVariable(src []byte) bool {
	return bytes.HasSuffix(bytes.TrimRight(src, " \t"), []byte("for"))
}

// wordAt returns the word that src begins with, with the commands whose output is a part of it.
func wordAt(src []byte) string {
	src = src[:min(len(src), maxWord)]
	depth := 0
	for i, c := range src {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case '\n':
			depth = -1
		case ' ', '\t', ';', '&', '|':
			if i == 0 || depth > 0 {
				continue
			}
			depth = -1
		}
		if depth < 0 {
			return string(bytes.TrimLeft(src[:i], " \t"))
		}
	}
	return string(src)
}

// namesScripts reports whether all that a variable is set to are names of scripts, as they are
// written: X=ci/a.sh, X="${X:-ci/a.sh}".
func (g *scriptWords) namesScripts(variable string) bool {
	if !reading.IsName(variable) {
		return false
	}
	set := false
	for at := 0; ; {
		i := bytes.Index(g.src[at:], []byte(variable))
		if i < 0 {
			return set
		}
		start, end := at+i, at+i+len(variable)
		at = end
		switch {
		case start > 0 && reading.IsNameByte(g.src[start-1]), end < len(g.src) && reading.IsNameByte(g.src[end]):
		case start > 0 && g.src[start-1] == '$', start > 1 && g.src[start-1] == '{' && g.src[start-2] == '$':
		case end < len(g.src) && g.src[end] == '=' && endsAsScript(strings.TrimRight(wordAt(g.src[end+1:]), "\"'}")):
			set = true
		default:
			return false
		}
	}
}

// resolve finds the scripts that are mentioned by a part of their name or without an ending. A script
// that reads another file may read anything.
func (f *scriptIndex) resolve() {
	var names map[string]bool
	for _, g := range f.words {
		for _, p := range g.patterns {
			if names == nil {
				names = map[string]bool{}
				for p := range f.words {
					names[path.Base(p)] = true
				}
			}
			if f.searched += len(names); f.searched > maxSearched {
				g.open = true
				break
			}
			found := false
			for name := range names {
				if p.fits(name) {
					g.mention(mention{name: name})
					found = true
				}
			}
			g.open = g.open || p.sourced && !found
		}
	}
}
