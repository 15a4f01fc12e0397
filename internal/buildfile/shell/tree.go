package shell

import (
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// glob returns the files and directories of the repository that match a pattern, as the
// expander finds them, with a tree that is shown to it at a directory of its own.
func (s *Shell) glob(p string) []trace.Text { return GlobIn(&s.Run.Fuel, s.Run.Tree, s.Place, p) }

// costOfGlob is what a pattern takes at least: the expander is started for it.
const costOfGlob = 400

// GlobIn returns the files and directories that match a pattern from a place.
func GlobIn(f *reading.Fuel, t *reading.Tree, place reading.Workplace, p string) []trace.Text {
	cwd, prefix := place.Cwd, ""
	if anchor, rest, ok := reading.CutAnchor(p); ok {
		cwd, p, prefix = anchor+"/", rest, anchor+"/"
	}
	if cwd == reading.Unknown {
		cwd = reading.StartDir
	}
	if strings.Contains(p, reading.Unknown) || path.IsAbs(p) || strings.ContainsAny(p, reading.RootDir+reading.StartDir) || !f.Step(costOfGlob+len(p)) {
		return nil
	}
	const shown = "/tree"
	for _, start := range place.Starts {
		config := &expand.Config{
			Env: expand.ListEnviron("PWD=" + shown),
			ReadDir2: func(dir string) ([]fs.DirEntry, error) {
				rest, ok := strings.CutPrefix(filepath.ToSlash(dir), shown)
				if !ok {
					return nil, fs.ErrNotExist
				}
				below, ok := reading.Locate(reading.ChangeDir(cwd, path.Clean("./"+strings.TrimPrefix(rest, "/"))), start)
				if !ok || !f.Step(0) {
					return nil, fs.ErrNotExist
				}
				entries, err := t.ReadDir(below)
				if isDir, found := t.Stat(below); err != nil && found && !isDir {
					return nil, syscall.ENOTDIR // to the expander it is there, whatever the files of a commit say of it
				}
				if !f.Step(8 * len(entries)) {
					return nil, fs.ErrNotExist
				}
				return entries, err
			},
			GlobStar: true, NullGlob: true,
		}
		words, err := guarded(func() ([]string, error) {
			return expand.Fields(config, &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{Value: p}}})
		})
		if err != nil || len(words) == 0 {
			continue
		}
		var all []trace.Text
		for _, w := range words[:min(len(words), reading.MaxBuilds)] {
			all = append(all, trace.Plain(prefix+filepath.ToSlash(w)))
		}
		return all
	}
	return nil
}

// quotePattern returns a text as a pattern that matches it alone.
func quotePattern(t string) string { return pattern.QuoteMeta(t, 0) }

// hasPattern reports whether a pattern has what matches more than one text.
func hasPattern(p string) bool {
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '*', '?':
			return true
		case '[':
			if strings.IndexByte(p[i:], ']') > 1 {
				return true
			}
		}
	}
	return false
}

// ls lists directories without options that add something to the names.
func (s *Shell) ls(args []trace.Text) (trace.Text, bool) {
	f, ok := filterFlags(args, "", "1dA")
	if !ok {
		return trace.Text{}, false
	}
	if f.has("d") {
		for i, t := range f.rest {
			if isVague(t) && !reading.IsDirectory(t) {
				return trace.Text{}, false
			}
			f.rest[i] = t
		}
		return output(f.rest), len(f.rest) > 0
	}
	if len(f.rest) == 0 {
		f.rest = []trace.Text{trace.Plain(".")}
	}
	if len(f.rest) > 1 || strings.Contains(f.rest[0].S, reading.Unknown) {
		return trace.Text{}, false
	}
	for _, start := range s.Place.Starts {
		p, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, f.rest[0].S), start)
		if !ok {
			continue
		}
		entries, err := s.Run.Tree.ReadDir(p)
		if err != nil || !s.Run.Step(8*len(entries)) {
			continue
		}
		var all []trace.Text
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") || f.has("A") {
				all = append(all, trace.Plain(e.Name()))
			}
		}
		return output(all), len(all) <= reading.MaxText
	}
	return trace.Text{}, false
}

// find lists what find finds by name, kind and depth.
func (s *Shell) find(args []trace.Text) (trace.Text, bool) {
	var dirs []string
	for len(args) > 0 && !strings.HasPrefix(args[0].S, "-") && args[0].S != "(" && args[0].S != "!" {
		if strings.Contains(args[0].S, reading.Unknown) {
			return trace.Text{}, false
		}
		dirs, args = append(dirs, args[0].S), args[1:]
	}
	if dirs == nil {
		dirs = []string{"."}
	}
	search := found{most: 1 << 20}
	for len(args) > 0 {
		test := args[0].S
		args = args[1:]
		value := ""
		if !reading.Contains("-print -print0", test) {
			if len(args) == 0 {
				return trace.Text{}, false
			}
			value, args = args[0].S, args[1:]
		}
		var err error
		switch test {
		case "-print", "-print0":
		case "-name", "-iname", "-path", "-wholename":
			expr, err := pattern.Regexp(value, pattern.EntireString)
			if err != nil || strings.Contains(value, reading.Unknown) {
				return trace.Text{}, false
			}
			re, err := regexp.Compile(map[bool]string{true: "(?i)"}[test == "-iname"] + expr)
			if err != nil {
				return trace.Text{}, false
			}
			if test == "-path" || test == "-wholename" {
				search.path = re
			} else {
				search.name = re
			}
		case "-type":
			search.kind = value
		case "-maxdepth":
			search.most, err = strconv.Atoi(value)
		case "-mindepth":
			search.least, err = strconv.Atoi(value)
		case "-printf":
			search.format = value
		case "-exec":
			if value != "dirname" && value != "basename" || len(args) < 2 || args[0].S != "{}" || args[1].S != ";" && args[1].S != "+" {
				return trace.Text{}, false
			}
			search.format = map[string]string{"dirname": `%h\n`, "basename": `%f\n`}[value]
			args = args[2:]
		default:
			return trace.Text{}, false
		}
		if err != nil || !reading.Contains(`%h\n %f\n %p\n`, search.format) && search.format != "" {
			return trace.Text{}, false
		}
	}
	for _, dir := range dirs {
		if !s.search(&search, dir) {
			return trace.Text{}, false
		}
	}
	slices.Sort(search.names)
	var all []trace.Text
	for _, name := range search.names {
		all = append(all, trace.Plain(name))
	}
	return output(all), true
}

// A found is what find looks for, and what it has found.
type found struct {
	name, path  *regexp.Regexp
	kind        string
	least, most int
	format      string
	names       []string
}

// search looks below a directory; ok is false where there is none.
func (s *Shell) search(f *found, dir string) (ok bool) {
	for _, start := range s.Place.Starts {
		p, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, dir), start)
		if !ok {
			continue
		}
		if isDir, found := s.Run.Tree.Stat(p); !found || !isDir {
			continue
		}
		return s.searchIn(f, p, dir, 0)
	}
	return false
}

func (s *Shell) searchIn(f *found, p, shown string, depth int) bool {
	if depth == 0 && f.least == 0 && (f.kind == "" || f.kind == "d") {
		f.add(shown)
	}
	if depth >= f.most || depth > 40 {
		return true
	}
	entries, err := s.Run.Tree.ReadDir(p)
	if err != nil {
		return false
	}
	if !s.Run.Step(8*len(entries)) || len(f.names) > reading.MaxText {
		return false
	}
	for _, e := range entries {
		name := strings.TrimSuffix(shown, "/") + "/" + e.Name()
		if depth+1 >= f.least && (f.kind == "" || f.kind == "d" && e.IsDir() || f.kind == "f" && e.Type().IsRegular()) {
			f.add(name)
		}
		if e.IsDir() && !s.searchIn(f, path.Join(p, e.Name()), name, depth+1) {
			return false
		}
	}
	return true
}

func (f *found) add(name string) {
	if f.name != nil && !f.name.MatchString(path.Base(name)) || f.path != nil && !f.path.MatchString(name) {
		return
	}
	switch f.format {
	case `%h\n`:
		name = name[:max(strings.LastIndexByte(name, '/'), 0)]
	case `%f\n`:
		name = path.Base(name)
	}
	f.names = append(f.names, name)
}

// alternatives returns the words that one with braces stands for: {a,b}, {1..3}.
func (s *Shell) alternatives(w *syntax.Word) []*syntax.Word {
	has := func(text string) bool {
		return slices.ContainsFunc(w.Parts, func(p syntax.WordPart) bool {
			lit, ok := p.(*syntax.Lit)
			return ok && strings.Contains(lit.Value, text)
		})
	}
	if !has("{") || !has(",") && !has("..") || len(w.Parts) > 100 {
		return []*syntax.Word{w}
	}
	word := &syntax.Word{Parts: slices.Clone(w.Parts)}
	if !syntax.SplitBraces(word) {
		return []*syntax.Word{w}
	}
	var all []*syntax.Word
	for word, err := range expand.BracesSeq(nil, word) {
		if err != nil {
			return []*syntax.Word{w}
		}
		if len(all) == reading.MaxBuilds || !s.Run.Step(0) {
			s.Run.cut = true
			return []*syntax.Word{{Parts: []syntax.WordPart{&syntax.Lit{Value: many}}}}
		}
		all = append(all, word)
	}
	return all
}
