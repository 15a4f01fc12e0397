package buildfile

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
)

// scriptWords are what is seen of a script or Makefile without parsing it. Most scripts of
// a repository build no images, and to follow them all would take most of the time of
// a scan. It errs on the side of following; see the limitations of the package for what
// it does not see.
type scriptWords struct {
	kind  reading.Kind
	src   []byte // without comments
	tool  bool   // it names a program that builds images, or a variable that may be one
	open  bool   // it runs or reads a file whose name is not written in it
	make  bool   // it may run make, or include what another would read
	moves bool   // it runs a script in a directory that is a value

	scripts []string // the names of the scripts that it mentions, without directories
}

func wordsOf(kind reading.Kind, src []byte) *scriptWords {
	g := &scriptWords{kind: kind, src: withoutComments(src)}
	g.tool = hasTool(g.src) || hasToolVariable(g.src)
	g.make = bytes.Contains(g.src, []byte(makes)) || bytes.Contains(g.src, []byte("(MAKE)")) || bytes.Contains(g.src, []byte("{MAKE}"))
	g.mentions()
	g.sources()
	g.make = g.make || kind == reading.Makefile && includes(g.src) // what is included is another
	g.open = g.open || g.moves && (bytes.Contains(g.src, []byte("$(cat ")) || bytes.Contains(g.src, []byte("$(<")))
	return g
}

// includes reports whether a Makefile includes another.
func includes(src []byte) bool {
	for line := range bytes.Lines(src) {
		if word, _, ok := strings.Cut(string(line), " "); ok && (word == "include" || word == "-include" || word == "sinclude") {
			return true
		}
	}
	return false
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

// A scriptIndex is the scripts of a repository, by path.
type scriptIndex struct {
	words     map[string]*scriptWords
	mentioned map[string][]string        // who mentions the name of a script; who runs make
	named     map[string]map[string]bool // see finds
	searched  int                        // bytes, by naming
}

const makes = "make" // in mentioned, which has no script of that name

// relevant returns the files that may build images, themselves or through those that
// they run or read.
func relevant(words map[string]*scriptWords) map[string]bool {
	f := &scriptIndex{words: words, mentioned: map[string][]string{}, named: map[string]map[string]bool{}}
	for p, g := range words {
		for _, name := range g.scripts {
			f.mentioned[name] = append(f.mentioned[name], p)
		}
		if g.make {
			f.mentioned[makes] = append(f.mentioned[makes], p)
		}
	}
	building := map[string]bool{}
	var queue []string
	for p, g := range words {
		if g.open || g.tool {
			building[p] = true
			queue = append(queue, p)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		by := f.mentioned[f.handle(p)]
		if f.words[p].kind == reading.Shell && reading.MayBeProgram(path.Base(p), true) {
			by = f.naming(path.Base(p))
		}
		for _, q := range by {
			if !building[q] && f.finds(q, p) {
				building[q] = true
				queue = append(queue, q)
			}
		}
	}
	return building
}

// handle is what a file is mentioned by.
func (f *scriptIndex) handle(p string) string {
	if f.words[p].kind == reading.Makefile {
		return makes
	}
	return path.Base(p)
}

// finds reports whether by may find a file by its name. A program begins in the root or
// in its own directory, and goes on from there to directories that are named in it, in
// what runs it, or in what it reads; where those lie themselves counts as well.
func (f *scriptIndex) finds(by, p string) bool {
	dir := path.Dir(p)
	if dir == "." || strings.HasPrefix(by, dir+"/") {
		return true
	}
	name := path.Base(dir)
	known, ok := f.named[name]
	if !ok {
		known = f.knowing(name)
		f.named[name] = known
	}
	if known[by] {
		return true
	}
	return slices.ContainsFunc(f.words[by].scripts, func(script string) bool { return known[script] })
}

// knowing returns the files that name a directory, or are run by one that does; by
// their paths, and those that name it by their handles, too.
func (f *scriptIndex) knowing(name string) map[string]bool {
	known, told := map[string]bool{}, map[string]bool{}
	var queue []string
	for p, g := range f.words {
		if strings.Contains(p, name) || bytes.Contains(g.src, []byte(name)) {
			known[p], known[f.handle(p)] = true, true
			queue = append(queue, p)
		}
	}
	byHandle := map[string][]string{}
	for p := range f.words {
		byHandle[f.handle(p)] = append(byHandle[f.handle(p)], p)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		g := f.words[queue[0]]
		runs := g.scripts
		if g.make {
			runs = append(slices.Clip(runs), makes)
		}
		for _, script := range runs {
			if told[script] {
				continue
			}
			told[script] = true
			for _, p := range byHandle[script] {
				if !known[p] {
					known[p] = true
					queue = append(queue, p)
				}
			}
		}
	}
	return known
}

// hasTool reports whether the name of a program that builds images stands there, and
// is not a part of another.
func hasTool(src []byte) bool {
	for _, program := range []string{"docker", "podman", "buildah", "nerdctl", "az", "kaniko", "depot", "gcloud", "img", "earthly", "werf", "buildctl", "devcontainer"} {
		for at := 0; ; {
			i := bytes.Index(src[at:], []byte(program))
			if i < 0 {
				break
			}
			start, end := at+i, at+i+len(program)
			at = end
			if start > 0 && src[start-1] != '-' && reading.IsWordByte(src[start-1]) { // ${X-docker} is one
				continue
			}
			if rare := program == "img" || program == "gcloud" || program == "werf"; rare && !bytes.HasPrefix(src[end:], []byte(" b")) {
				continue // an image, or a program that does much else
			}
			if end == len(src) || !reading.IsWordByte(src[end]) || bytes.HasPrefix(src[end:], []byte("-buildx")) {
				return true
			}
		}
	}
	return false
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
		case reading.Contains("build buildx image builder bud build-using-dockerfile", word):
			return true
		case strings.HasPrefix(word, "$"):
			return variable && reading.IsName(strings.Trim(word, "${}"))
		case !strings.HasPrefix(word, "-"):
			return false
		default:
			value = reading.Contains(shell.ProgramOptions, word)
		}
	}
	return false
}

// isLast reports whether nothing of a command follows.
func isLast(src []byte) bool {
	src = bytes.TrimLeft(src, " \t")
	return len(src) == 0 || strings.IndexByte("\n;|&)`", src[0]) >= 0
}

// handsOn reports whether parameters are used: of a function, or of set.
func handsOn(src []byte) bool {
	return slices.ContainsFunc([]string{"$1", "${1", "$@", "${@", "$*", "${*"}, func(s string) bool { return bytes.Contains(src, []byte(s)) })
}

// mentions finds the names of scripts.
func (g *scriptWords) mentions() {
	for _, extension := range []string{".sh", ".bash"} {
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
			for start > 0 && (reading.IsWordByte(g.src[start-1]) || strings.IndexByte("+@,%", g.src[start-1]) >= 0) {
				start--
			}
			name := string(g.src[start:end])
			if name == extension || start > 0 && isCut(g.src[:start]) {
				g.open = true
				return
			}
			word := g.src[bytes.LastIndexAny(g.src[:start], " \t\n\"'=(")+1 : start]
			g.moves = g.moves || bytes.IndexByte(word, '$') >= 0
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
func (g *scriptWords) sources() {
	for _, command := range []string{". ", "source "} {
		for at := 0; ; {
			i := bytes.Index(g.src[at:], []byte(command))
			if i < 0 {
				break
			}
			start := at + i
			at = start + len(command)
			if start > 0 && strings.IndexByte(" \t\n;|&({`", g.src[start-1]) < 0 || firstWord(g.src[:start]) != "" {
				continue
			}
			line, _, _ := bytes.Cut(g.src[at:], []byte("\n"))
			fields := strings.Fields(string(line))
			if len(fields) == 0 {
				continue
			}
			name := strings.Trim(fields[0], "\"';)")
			switch {
			case name == "" || strings.IndexByte("/~-&|<>()\\", name[0]) >= 0 || strings.HasPrefix(name, "$HOME"):
			case !strings.HasSuffix(name, ".sh") && !strings.HasSuffix(name, ".bash"):
				g.open = true
			}
		}
	}
}

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
		for end < len(src) && reading.IsNameByte(src[end]) {
			end++
		}
		at = max(end, start+1)
		if !shell.IsToolName(string(src[name:end])) {
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
		first := firstWord(src[:start])
		if first == "" || subcommandFollows(src[end:], first[0] != '$') || first[0] != '$' && isLast(src[end:]) && handsOn(src) {
			return true
		}
	}
}
