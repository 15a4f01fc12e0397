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

	scripts  []mention // the scripts that it mentions
	patterns []pattern // those whose names it writes in part, or without their ending
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
	out, from := make([]byte, 0, len(src)), 0
	for at := 0; at < len(src); {
		end := len(src)
		if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		start := at
		for start < end && (src[start] == ' ' || src[start] == '\t') {
			start++
		}
		if start < end && src[start] == '#' {
			out, from = append(out, src[from:at]...), end
		}
		at = end
	}
	return append(out, src[from:]...)
}

// A scriptIndex is the scripts of a repository, by path.
type scriptIndex struct {
	words     map[string]*scriptWords
	mentioned map[string][]string // who mentions the name of a script; who runs make
	named     map[string]known    // see finds
	searched  int                 // bytes, by naming
}

const makes = "make" // in mentioned, which has no script of that name

// relevant returns the files that may build images, themselves or through those that
// they run or read.
func relevant(words map[string]*scriptWords) map[string]bool {
	f := &scriptIndex{words: words, mentioned: map[string][]string{}, named: map[string]known{}}
	f.resolve()
	for p, g := range words {
		for _, m := range g.scripts {
			f.mentioned[m.name] = append(f.mentioned[m.name], p)
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
			by = append(slices.Clip(by), f.naming(path.Base(p))...)
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
	if f.words[p].kind != reading.Makefile && !f.words[by].mayMean(p) {
		return false
	}
	if dir == "." || strings.HasPrefix(by, dir+"/") || f.words[p].kind == reading.Shell && !reading.MayBeProgram(path.Base(p), true) {
		return true // a script that is mentioned may be found by way of a value
	}
	name := path.Base(dir)
	k, ok := f.named[name]
	if !ok {
		k = f.knowing(name)
		f.named[name] = k
	}
	return k.files[by] || slices.ContainsFunc(f.words[by].scripts, func(m mention) bool { return k.mentions[m] || m.dir != "" && k.mentions[mention{m.name, "."}] })
}

// known is what may know a directory by its name.
type known struct {
	files    map[string]bool  // those that name it or lie in or below it, and what they run
	mentions map[mention]bool // of those that name it or lie in it, with their own directory and without
}

// knowing finds out what may know a directory.
func (f *scriptIndex) knowing(name string) known {
	k := known{files: map[string]bool{}, mentions: map[mention]bool{}}
	told := map[mention]bool{}
	var queue []string
	byHandle := map[string][]string{}
	for p, g := range f.words {
		handle := f.handle(p)
		byHandle[handle] = append(byHandle[handle], p)
		names, dir := bytes.Contains(g.src, []byte(name)), path.Base(path.Dir(p))
		if names || dir == name {
			k.mentions[mention{handle, ""}], k.mentions[mention{handle, dir}] = true, true
		}
		if names || strings.Contains(p, name) {
			k.files[p] = true
			queue = append(queue, p)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		g := f.words[queue[0]]
		runs := g.scripts
		if g.make {
			runs = append(slices.Clip(runs), mention{name: makes})
		}
		for _, m := range runs {
			if told[m] {
				continue
			}
			told[m] = true
			for _, p := range byHandle[m.name] {
				if !k.files[p] && m.isIn(p) {
					k.files[p] = true
					queue = append(queue, p)
				}
			}
		}
	}
	return k
}

// programNames are those of programs that build images.
var programNames = []string{"docker", "podman", "buildah", "nerdctl", "az", "kaniko", "depot", "gcloud", "img", "earthly", "werf", "buildctl", "devcontainer"}

// What a byte is to hasTool.
const (
	ofWord     = 1 << iota // it makes the name of a program behind it that of another
	ofPrograms             // names of programs begin with it
)

var byteClasses = func() (classes [256]byte) {
	for c := range classes {
		if c != '-' && reading.IsWordByte(byte(c)) { // ${X-docker} is one
			classes[c] |= ofWord
		}
	}
	for _, name := range programNames {
		classes[name[0]] |= ofPrograms
	}
	return classes
}()

// hasTool reports whether the name of a program that builds images stands there, and
// is not a part of another.
func hasTool(src []byte) bool {
	var before byte
	for i, c := range src {
		class := byteClasses[c]
		if class&ofPrograms != 0 && before&ofWord == 0 {
			for _, name := range programNames {
				if rest, ok := bytes.CutPrefix(src[i:], []byte(name)); ok && endsProgram(name, rest) {
					return true
				}
			}
		}
		before = class
	}
	return false
}

// endsProgram reports whether the name of a program ends where rest begins.
func endsProgram(name string, rest []byte) bool {
	if (name == "img" || name == "gcloud" || name == "werf") && !bytes.HasPrefix(rest, []byte(" b")) {
		return false // an image, or a program that does much else
	}
	return len(rest) == 0 || !reading.IsWordByte(rest[0]) || bytes.HasPrefix(rest, []byte("-buildx"))
}

// Words behind which a command begins, and those whose arguments may be one.
var (
	openers  = strings.Fields("if then elif else while until do ! time { coproc")
	wrapping = strings.Fields("for sudo env exec command builtin nice nohup")
)

// firstWord returns the word with which the command begins that src ends in; "" where
// there is none yet, or another may begin here.
func firstWord(src []byte) string {
	const separators, far = "\n;|&()`", 2000
	src = src[max(0, len(src)-far):] // no command is that long
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
