package buildfile

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// A glance is what is seen of a script or Makefile without parsing it. Most scripts of
// a repository build no images, and to follow them all would take most of the time of
// a scan. What a glance does not see, readShell would not find either.
type glance struct {
	src  []byte // without comments
	tool bool   // it names a program that builds images, or a variable that may be one
	open bool   // it runs or reads a file whose name is not written in it
	make bool   // it hands variables to make

	scripts []string // the names of the scripts that it mentions, without directories
}

func glanceAt(src []byte) *glance {
	g := &glance{src: withoutComments(src)}
	g.tool = hasTool(g.src) || hasToolVariable(g.src)
	g.make = handsToMake(g.src) || bytes.Contains(g.src, []byte("(MAKE)")) || bytes.Contains(g.src, []byte("{MAKE}"))
	g.mentions()
	g.sources()
	return g
}

// withoutComments returns the lines that are not comments as a whole.
func withoutComments(src []byte) []byte {
	out := make([]byte, 0, len(src))
	for line := range bytes.Lines(src) {
		if text := bytes.TrimLeft(line, " \t"); len(text) == 0 || text[0] != '#' {
			out = append(out, line...)
		}
	}
	return out
}

// relevant returns the files that may build images, themselves or through those that
// they run or read.
func relevant(glances map[string]*glance) map[string]bool {
	const makes = "make"
	mentioned := map[string][]string{} // who mentions the name of a script, or hands variables to make
	for p, g := range glances {
		for _, name := range g.scripts {
			mentioned[name] = append(mentioned[name], p)
		}
		if g.make {
			mentioned[makes] = append(mentioned[makes], p)
		}
	}
	// found reports whether by may find a file by its name: it begins in its own
	// directory or the root, and goes on from there to directories that are named in
	// it, or in what runs it.
	found := func(by, p string) bool {
		dir := path.Dir(p)
		if dir == "." || strings.HasPrefix(by, dir+"/") {
			return true
		}
		name := []byte(path.Base(dir))
		return bytes.Contains(glances[by].src, name) || slices.ContainsFunc(mentioned[path.Base(by)], func(caller string) bool {
			return bytes.Contains(glances[caller].src, name)
		})
	}
	building := map[string]bool{}
	var queue []string
	for p, g := range glances {
		if g.open || g.tool {
			building[p] = true
			queue = append(queue, p)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		by := mentioned[path.Base(p)]
		if KindOf(p) == Makefile {
			by = mentioned[makes]
		}
		for _, q := range by {
			if !building[q] && found(q, p) {
				building[q] = true
				queue = append(queue, q)
			}
		}
	}
	return building
}

// hasTool reports whether the name of a program that builds images stands there, and
// is not a part of another.
func hasTool(src []byte) bool {
	for _, program := range []string{"docker", "podman", "buildah", "nerdctl"} {
		for at := 0; ; {
			i := bytes.Index(src[at:], []byte(program))
			if i < 0 {
				break
			}
			start, end := at+i, at+i+len(program)
			at = end
			if start > 0 && isWordByte(src[start-1]) {
				continue
			}
			if end == len(src) || !isWordByte(src[end]) || bytes.HasPrefix(src[end:], []byte("-buildx")) {
				return true
			}
		}
	}
	return false
}

func isNameByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isWordByte reports whether c, beside the name of a program, makes it that of another.
func isWordByte(c byte) bool { return isNameByte(c) || c == '-' || c == '.' || c >= 0x80 }

// hasToolVariable reports whether a word is a variable with the name of such a program
// (see isToolName) and may stand for one.
func hasToolVariable(src []byte) bool {
	for at := 0; ; {
		i := bytes.IndexByte(src[at:], '$')
		if i < 0 {
			return false
		}
		start := at + i
		end := start + 1
		braced := end < len(src) && src[end] == '{'
		if braced {
			end++
		}
		name := end
		for end < len(src) && isNameByte(src[end]) {
			end++
		}
		at = max(end, start+1)
		if !isToolName(string(src[name:end])) {
			continue
		}
		if braced {
			closing := bytes.IndexByte(src[end:], '}')
			if closing < 0 {
				return true
			}
			end += closing + 1
		}
		// The word is nothing else.
		if start > 0 && src[start-1] == '"' && end < len(src) && src[end] == '"' {
			start--
			end++
		}
		const around = " \t\n;|&()`"
		if start > 0 && strings.IndexByte(around, src[start-1]) < 0 || end < len(src) && strings.IndexByte(around, src[end]) < 0 {
			continue
		}
		if first := firstWord(src[:start]); first == "" || subcommandFollows(src[end:], first[0] != '$') {
			return true
		}
	}
}

// Words behind which a command begins, and those whose arguments may be one.
var (
	openers  = strings.Fields("if then elif else while until do ! time { coproc")
	wrapping = strings.Fields("for sudo env exec command builtin nice nohup")
)

// firstWord returns the word with which the command begins that src ends in; "" where
// there is none yet, or another may begin here.
func firstWord(src []byte) string {
	const separators = "\n;|&()`"
	from := bytes.LastIndexAny(src, separators) + 1
	for from > 1 && src[from-1] == '\n' && src[from-2] == '\\' { // the line goes on
		from = bytes.LastIndexAny(src[:from-2], separators) + 1
	}
	for _, word := range strings.Fields(string(src[from:])) {
		word = strings.Trim(word, `"'\`)
		switch {
		case slices.Contains(wrapping, path.Base(word)):
			return ""
		case word != "" && !strings.Contains(word, "=") && !slices.Contains(openers, word):
			return word
		}
	}
	return ""
}

// subcommandFollows reports whether the word at which src begins, or the one behind the
// options there, may be the subcommand that builds: be it, where variable is set, a
// variable.
func subcommandFollows(src []byte, variable bool) bool {
	const far = 400 // bytes of options
	value := false
	for _, word := range strings.Fields(string(src[:min(len(src), far)])) {
		word = strings.Trim(word, `"'`)
		switch {
		case value || word == `\`:
			value = false
		case contains("build buildx image builder bud build-using-dockerfile", word):
			return true
		case strings.HasPrefix(word, "$"):
			return variable && isName(strings.Trim(word, "${}"))
		case !strings.HasPrefix(word, "-"):
			return false
		default:
			value = contains(programOptions, word)
		}
	}
	return false
}

// mentions finds the names of scripts.
func (g *glance) mentions() {
	for _, extension := range []string{".sh", ".bash"} {
		for at := 0; ; {
			i := bytes.Index(g.src[at:], []byte(extension))
			if i < 0 {
				break
			}
			start, end := at+i, at+i+len(extension)
			at = end
			if end < len(g.src) && isNameByte(g.src[end]) {
				continue // of another word
			}
			for start > 0 && (isWordByte(g.src[start-1]) || strings.IndexByte("+@,%", g.src[start-1]) >= 0) {
				start--
			}
			name := string(g.src[start:end])
			if name == extension || start > 0 && isCut(g.src[:start]) {
				g.open = true
				return
			}
			if !slices.Contains(g.scripts, name) {
				g.scripts = append(g.scripts, name)
			}
		}
	}
}

// isCut reports whether a name that begins behind src may be a part of a longer one:
// $name.sh, ${name}-x.sh, "$name"-x.sh.
func isCut(src []byte) bool {
	last := src[len(src)-1]
	if last == '"' || last == '\'' {
		return len(src) > 1 && strings.IndexByte(" \t\n=(:,[", src[len(src)-2]) < 0
	}
	return strings.IndexByte("$})`*?]\\", last) >= 0
}

// sources looks for files of the repository without the extension of a script that are
// read as one.
func (g *glance) sources() {
	for line := range bytes.Lines(g.src) {
		line = bytes.TrimSpace(line)
		name, found := bytes.CutPrefix(line, []byte(". "))
		if !found {
			name, found = bytes.CutPrefix(line, []byte("source "))
		}
		name = bytes.TrimLeft(name, " \t\"'")
		if !found || len(name) == 0 || name[0] == '/' || name[0] == '~' || bytes.HasPrefix(name, []byte("$HOME")) {
			continue
		}
		g.open = g.open || !bytes.Contains(name, []byte(".sh")) && !bytes.Contains(name, []byte(".bash"))
	}
}
