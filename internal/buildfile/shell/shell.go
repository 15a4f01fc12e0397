package shell

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// Read reads a shell script. It is parsed as bash and followed from top to
// bottom as if it ran without parameters in an empty environment.
//
// Commands: those in programs, which says what the flags of each mean, bake and
// compose; in pipelines, conditionals, loops, functions, subshells and $(…); and
// behind whatever is not known to do something else with its arguments: sudo, time, retry
// 3, $DRY_RUN. What a shell is told with -c, and what eval is, is followed too. A
// program that is a variable counts where its value is such a program or, if that
// is not known, where its name has DOCKER, PODMAN, CONTAINER, ENGINE or BUILDER in
// it, and not FUZZ. What runs elsewhere (ssh host 'docker build') is named, and what is printed is not read. The
// Dockerfile may be what the command reads: a file, << and <<-, <<<, or what cat, echo and printf
// print in front of a pipe, also through a block or a function.
//
// Options: -t, -f, --target, --build-arg, --build-arg-file, --build-context and the context; all
// others are passed over. A build argument without a value has that of the
// variable.
//
// Values: text in and without quotes, all expansions of variables and arrays (${X:-v},
// ${X#p}, ${X/a/b}, ${X:o:l}, ${X,,}, ${#X}, ${!X}, "${X[@]}", "${!X[@]}"), braces,
// arithmetic, and for loops over values that are known, once for each; patterns stand for
// the files and directories of the repository. What simple commands print is known: echo,
// printf, cat, basename, dirname, cut, tr, head, tail, sed with s, p, d and q, grep, awk that
// prints fields, sort, uniq, seq, ls, find, xargs, jq and yq for paths, functions of the
// script, and pipelines of these; while read is followed for each line of a file, a
// here-document or such a pipeline.
//
// Assignments count in the order of the script. Of if, case, && and || the branch counts
// that is taken, where the condition is known for sure: one that depends on a default or on
// the environment is not. Otherwise all count, and a variable that they assign has several
// values, for each of which (see maxWays) a command that uses it is followed. In a branch or
// a while loop what is not known does not replace what is (VERSION=$2 of an option leaves
// the VERSION that the script began with). Functions are followed with the parameters of each
// call, those that nobody calls without any. A file of the repository that the
// script sources is followed for its variables and functions, and a script that it
// runs (scripts/build.sh app 1.0) with the parameters that it gets and the variables
// that are exported. So is a Makefile that make is run for with variables, see
// package makefile. Everything else is not known: what other commands print, what is read
// from elsewhere, and the parameters of the script itself.
//
// Directories: a script is started in the root or in its own directory, whichever
// has the Dockerfile. cd, pushd and popd are followed; behind them only where they
// lead counts, in a branch up to its end. Known are $(cat FILE) and $(<FILE) of a file
// of the repository, $(command -v PROGRAM), $(dirname "$0") and the same of
// BASH_SOURCE, $(cd … && pwd), $(pwd), $PWD, $(git rev-parse --show-toplevel),
// readlink -f and realpath of one of these.
//
// Names: what docker tag, docker manifest create, docker buildx imagetools create, skopeo copy and crane say of
// an image that the same file builds are names of that build.
func Read(t *reading.Tree, f *trace.File, o Others) ([]reading.Build, []reading.Problem) {
	if t.Idle(f.Path) {
		return nil, nil
	}
	run := NewRun(t, o)
	if !t.Names(f.Path) { // it is followed for what it runs
		run.Left /= 128
		run.followed = maxFollowed - maxFollowed/50
	}
	s := New(run, f.Path, reading.Workplace{Starts: reading.Shell.Dirs(f.Path), Cwd: reading.StartDir}, nil)
	err := s.Read(f.Text(0, len(f.Src)))
	if err != nil {
		return nil, broken(f, err)
	}
	return s.Run.Builds, append(s.Run.Problems, s.Run.Unread(f)...)
}

// Reason says why a text does not parse, without where.
func Reason(err error) string {
	var parse syntax.ParseError
	if errors.As(err, &parse) {
		return parse.Text
	}
	return err.Error()
}

// broken is the problem of a script that does not parse; there is none as long as
// no command in it looks as if it built an image.
func broken(f *trace.File, err error) []reading.Problem {
	where := ""
	var parse syntax.ParseError
	if errors.As(err, &parse) {
		where = fmt.Sprintf("line %d: ", parse.Pos.Line())
	}
	n := 0
	for line := range bytes.Lines(f.Src) {
		n++
		if command := CommandIn(string(line)); command != "" {
			return []reading.Problem{{Code: source.CodeBuildFileSyntax, Pos: source.Pos{Path: f.Path, Line: n, Col: 1}, Message: fmt.Sprintf("%s is not read, since the script does not parse: %s%s", command, where, Reason(err))}}
		}
	}
	return nil
}

// A Shell follows shell text. The copies that stand for its subshells share run.
type Shell struct {
	Run     *Run
	Src     trace.Text // what the parser was given
	self    string     // the path of the script from the root, "" for none
	Vars    map[string]Variable
	Export  map[string]bool // variables that other scripts get, too
	exports bool            // set -a: all that are set from here on
	funcs   map[string]*function
	params  params
	locals  map[string]Variable // of the function that is followed, with what to put back
	depth   int                 // of calls and sourced files
	branch  int                 // of conditionals and loops
	Place   reading.Workplace
	Where   source.Pos   // of a command whose place is not known
	Written []trace.Text // the texts that commands are written in, before variables are replaced; none where that is Src
	stack   []string     // of pushd
	before  string       // for cd -
	sink    string       // where what is printed goes, of the files that later steps read

	in          *Stream            // what commands read; nil where nothing is known of it
	descriptors map[string]*Stream // the same of other descriptors (3<, <&3), by number
	Out         *Stream            // what they print, where that is wanted
	// captured says that all of it is a part of one value.
	Captured bool
	stop     jump

	ways         []way    // the branches that are followed
	Want         *choice  // that a value was asked for which depends on it
	Asks         int      // words are evaluated, to find that out
	puts         []string // variables that were assigned in one of them
	blind        int      // there are too many of these values to follow all
	combinations int      // for which the command is followed
	guesses      bool     // the values of a loop are taken from the files
	doubt        bool     // a value was asked for that the environment may replace
}

// Others follow what commands run that is of another format. The zero value follows none of it.
type Others struct {
	Make  MakeRunner
	Steps func(s *Shell, f *trace.File) // follows the steps of a file of Cloud Build
}

// A MakeRunner follows a command that runs make. It reports whether args is one; env are the
// variables that are set for it alone.
type MakeRunner func(s *Shell, args []trace.Text, env map[string]Variable) bool

// NewRun returns one for the builds of a file.
func NewRun(t *reading.Tree, o Others) *Run {
	return &Run{Fuel: reading.Fuel{Left: reading.FuelPerFile}, Tree: t, called: map[*function]bool{}, Others: o}
}

// A Run is what all shells share that one file starts: what they found, and how much they
// may still do.
type Run struct {
	reading.Fuel
	Tree     *reading.Tree
	Builds   []reading.Build
	Quiet    int // sourced files that are followed for their variables alone
	called   map[*function]bool
	seen     map[string]bool // summaries of builds
	renamed  []renamed       // names of images that are not built yet
	met      int             // commands that build, understood or not
	heard    int             // lines that later steps are told
	Makes    int             // Makefiles that were read for make
	followed int             // see maxFollowed
	idle     int             // see maxIdle
	holes    []hole
	cut      bool // a command had more values than are followed
	Nested   int  // of which one is followed in another

	Problems []reading.Problem
	passed   map[string]bool // reasons that are given once

	Others Others
	Hear   func(file string, line trace.Text, certain bool) // for what run steps tell later ones; nil for others
	Chosen bool                                             // what is heard is that of one of several branches
}

// A Variable holds one text, or those of an array. The zero variable is not set.
type Variable struct {
	Words []trace.Text
	array bool
	assoc bool
	keys  []trace.Text // of an associative array
	doubt bool         // the environment may have another value

	choice *choice    // where it has a value in each branch of one
	by     []Variable // these values
	size   int        // how many there are
}

// OneWord returns a variable that holds one text.
func OneWord(t trace.Text) Variable { return Variable{Words: []trace.Text{t}} }

// A function is a declaration with the text that it stands in.
type function struct {
	body *syntax.Stmt
	src  trace.Text
	self string
}

// Params are the positional parameters. Of more than words nothing is known where
// open is set; otherwise there are none.
type params struct {
	words []trace.Text
	open  bool
	doubt bool // see variable
}

// New returns a shell that follows the script at self ("" for commands of another file) in a
// place, with variables that are exported, and parameters of which nothing is known.
func New(run *Run, self string, place reading.Workplace, vars map[string]Variable) *Shell {
	s := &Shell{
		Run:  run,
		self: self,
		Vars: map[string]Variable{}, Export: map[string]bool{},
		funcs: map[string]*function{},
		Place: place, params: params{open: true},
	}
	s.combinations = 1
	for name, v := range vars {
		v.doubt = true
		s.Vars[name] = v
		s.Export[name] = true
	}
	return s
}

// Read follows a text, and then the functions that it declares and does not call.
func (s *Shell) Read(text trace.Text) error {
	file, err := parseShell(text.S)
	if err != nil {
		return err
	}
	s.Src = text
	s.stmts(file.Stmts)
	s.uncalled(file)
	return nil
}

// uncalled follows functions in the order in which they are written.
func (s *Shell) uncalled(file *syntax.File) {
	syntax.Walk(file, func(n syntax.Node) bool {
		decl, ok := n.(*syntax.FuncDecl)
		if !ok || decl.Name == nil {
			return true
		}
		f := s.funcs[decl.Name.Value]
		if f != nil && f.body == decl.Body && !s.Run.called[f] {
			s.fork().enter(f, params{open: true})
		}
		return true
	})
}

// The parser calls itself for each bracket and each word that opens something.
const (
	MaxBrackets = 2000
	maxOpened   = 5000
)

// ErrNesting says that a file is not read, as its parser would call itself too often.
var ErrNesting = errors.New("it nests too deep")

// opened are the words that open a command within a command, and those that end it.
var opened = map[string]int{
	"if": 1, "while": 1, "until": 1, "for": 1, "select": 1, "case": 1, "time": 1, "coproc": 1, "function": 1,
	"fi": -1, "done": -1, "esac": -1,
}

func parseShell(text string) (*syntax.File, error) {
	brackets, words, word := 0, 0, 0
	for i := range len(text) + 1 {
		if i < len(text) && 'a' <= text[i] && text[i] <= 'z' {
			continue
		}
		if i > word {
			words = max(0, words+opened[text[word:i]])
		}
		word = i + 1
		if i == len(text) {
			break
		}
		switch text[i] {
		case '(', '{', '[':
			brackets++
		case ')', '}', ']':
			brackets = max(0, brackets-1)
			if i > 0 && text[i-1] == '(' {
				words++ // of a function, whose body may be another
			}
		case '`':
			words++
		}
		if brackets > MaxBrackets || words > maxOpened {
			return nil, ErrNesting
		}
	}
	return parseBash(text)
}

// fork returns a shell that begins with the state of s and leaves it alone.
func (s *Shell) fork() *Shell {
	s.Run.Use(len(s.Vars) + len(s.funcs))
	child := *s
	child.Vars, child.funcs = maps.Clone(s.Vars), maps.Clone(s.funcs)
	child.Export, child.locals = maps.Clone(s.Export), maps.Clone(s.locals)
	child.stack, child.puts = slices.Clone(s.stack), nil
	return &child
}

// Over reports whether no more is to be read.
func (s *Shell) Over() bool { return s.Run.Left <= 0 || len(s.Run.Builds) >= reading.MaxBuilds }

// set assigns a variable. In a branch, what is not known leaves what is.
func (s *Shell) set(name string, v Variable) {
	if s.branch > 0 && !v.array && len(v.Words) == 1 && v.Words[0].S == reading.Unknown {
		if old := s.get(name); old.isSet() && (len(old.Words) != 1 || old.Words[0].S != reading.Unknown) {
			return
		}
	}
	v.doubt = v.doubt || s.doubt
	s.put(name, v)
	if s.exports {
		s.Export[name] = true
	}
}

// local assigns a variable that ends with the function.
func (s *Shell) local(name string, v Variable) {
	if s.locals != nil {
		if _, ok := s.locals[name]; !ok {
			s.locals[name] = s.Vars[name]
		}
	}
	v.doubt = v.doubt || s.doubt
	s.put(name, v)
}

// enter follows a function.
func (s *Shell) enter(f *function, p params) {
	s.Run.called[f] = true
	if s.depth >= reading.MaxDepth {
		return
	}
	src, self, oldParams, locals, branch := s.Src, s.self, s.params, s.locals, s.branch
	s.Src, s.self, s.params, s.locals, s.branch = f.src, f.self, p, map[string]Variable{}, 0
	quiet := s.Run.Quiet
	s.Run.Quiet = 0
	s.depth++
	s.stmt(f.body)
	s.depth--
	s.Run.Quiet = quiet
	for name, v := range s.locals {
		if v.isSet() {
			s.Vars[name] = v
		} else {
			delete(s.Vars, name)
		}
	}
	s.Src, s.self, s.params, s.locals, s.branch = src, self, oldParams, locals, branch
	if s.stop != endScript {
		s.stop = goOn
	}
}

// file returns a file of the repository as seen from the current directory.
func (s *Shell) file(p string) *trace.File {
	for _, start := range s.Place.Starts {
		if p, ok := reading.Locate(reading.ChangeDir(s.Place.Cwd, p), start); ok {
			if f := s.Run.Tree.Read(p); f != nil {
				return f
			}
		}
	}
	return nil
}

// Say adds a problem once.
func (r *Run) Say(code source.Code, pos source.Pos, message string) {
	for _, p := range r.Problems {
		if p.Pos == pos && p.Code == code {
			return
		}
	}
	if len(r.Problems) < reading.MaxBuilds {
		r.Problems = append(r.Problems, reading.Problem{Code: code, Pos: pos, Message: message})
	}
}
