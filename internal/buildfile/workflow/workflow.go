package workflow

import (
	"maps"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// Read reads a GitHub workflow or a composite action: the steps that use one of the
// buildActions or docker/bake-action, and the commands of run steps and of commandActions in bash or sh, as
// shell.Read reads them. They start in their working-directory, or else in the root of the repository.
//
// Expressions are evaluated as GitHub does it: || && ! == !=, brackets, indexes, format, join,
// contains, startsWith, endsWith, fromJSON and toJSON, on env (of the workflow, the job and the
// step), matrix, inputs (with their defaults, and as they are where an event gives none), outputs of steps,
// of jobs that a job needs, of workflows and of actions that are called, and github.workspace,
// github.action_path and, where its name is known, github.repository. A variable of the repository
// (vars.X || 'text') counts as not set, and it is said that it may be. Everything else is not known.
//
// A job is read once for each combination of its matrix, with include and exclude, whose keys are
// twins of the values of the axes, as are texts that they are compared with. A step that
// does not run for a combination is left out. Of a matrix that is not known, its values are not.
//
// What a run step prints into GITHUB_ENV and GITHUB_OUTPUT (echo, printf, cat with a heredoc, a function, a
// script) is known to later steps, unless it may not run; what another program may print there makes the
// variables unknown that it or a file which it is given names. Where it prints another value in each branch, the
// steps behind it are read once for each of these.
//
// docker/metadata-action makes the tags that are written, or computed of a value that is; others are
// not known.
//
// Workflows and actions of the repository that a job or a step uses are read with the
// inputs that they get there, and by themselves as what starts them gives none: also those that are
// used by the full name of the repository. A default that may be a version, and that a caller gives another
// value, is one of the defaults of the build. Not followed are those of other repositories; of what seems to
// build an image of this one it is said.
//
// docker/bake-action is read where its environment or its inputs change what the bake file says by
// itself. The repository is taken to be checked out in the workspace, unless steps that use
// actions/checkout say where it is, and where another one.
func Read(t *reading.Tree, f *trace.File, o shell.Others) ([]reading.Build, []reading.Problem) {
	if !shell.MayBuild(f.Src) && !usesBuilder(string(f.Src)) && !mayCall(t, f.Src) && t.Idle(f.Path) {
		return nil, nil
	}
	y, err := yamltext.Parse(f)
	if err != nil {
		return nil, []reading.Problem{{Code: source.CodeBuildFileSyntax, Pos: source.Pos{Path: f.Path, Line: 1, Col: 1}, Message: "the workflow is no YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}}
	}
	w := &workflow{File: y, assumed: new([]assumption), spare: &reading.Fuel{Left: maySpare}, run: shell.NewRun(t, o)}
	for _, doc := range y.Docs {
		w.start(doc)
	}
	for i := range w.run.Builds {
		w.run.Builds[i].TakeTwins(w.twins, w.choices)
	}
	problems := append(w.run.Problems, w.assumptions()...)
	if len(w.run.Builds) >= reading.MaxBuilds || w.run.Left <= 0 {
		problems = append(problems, reading.Problem{Code: source.CodeBuildFileLimit, Pos: source.Pos{Path: f.Path, Line: 1, Col: 1}, Message: "not all of its builds are read: it stands for more than is read of a file"})
	}
	return w.run.Builds, problems
}

// A workflow is read into the builds of run.
type workflow struct {
	*yamltext.File
	run   *shell.Run
	twins [][]trace.Text
	// choices are defaults of inputs with their options: see [reading.Build]
	choices [][]trace.Text
	calls   int // of which one is followed in another

	texts   map[*yaml.Node]trace.Text // of values that were made
	likely  *[]string                 // names of the repository; nil until they are needed
	assumed *[]assumption             // that expressions were read with, here and in what it calls
	spare   *reading.Fuel             // for what is not built; nil where that is what is read
}

// document reads a workflow or an action in a scope with its inputs.
func (w *workflow) document(top *scope, doc *yaml.Node) {
	top.enter(doc)
	if top.job == nil {
		top.begin()
	}
	top.given(doc)
	if steps := yamltext.Get(doc, "runs", "steps"); steps != nil {
		w.steps(top, steps)
	}
	top.results = jobsOf{}
	for _, job := range jobsInOrder(doc) {
		w.job(top, job)
	}
}

// job reads a job once for each combination of its matrix.
func (w *workflow) job(top *scope, job yamltext.Pair) {
	steps, uses := yamltext.Get(job.Value, "steps"), yamltext.Get(job.Value, "uses")
	if steps == nil && uses == nil {
		return
	}
	matrix, isOpen := top.matrixOf(yamltext.Get(job.Value, "strategy", "matrix"))
	w.pair(matrix)
	w.conditions(job.Value, matrix)
	for _, combination := range w.combinations(matrix) {
		s := top.inner()
		s.begin()
		s.matrix, s.isOpen = combination, isOpen
		s.windows = strings.Contains(strings.ToLower(s.value(yamltext.Get(job.Value, "runs-on")).S), "windows")
		s.enter(job.Value)
		if uses != nil {
			top.results.add(job.Key.Value, s.call(job.Value, uses, yamltext.Get(job.Value, "with")))
			continue
		}
		w.steps(s, steps)
		top.results.add(job.Key.Value, s.valuesOf(yamltext.Get(job.Value, "outputs"), ""))
	}
}

// steps reads those of one job, for one combination of its matrix.
func (w *workflow) steps(outer *scope, steps *yaml.Node) {
	outer.ids = map[string]*yaml.Node{}
	for _, step := range yamltext.Items(steps) {
		if id := yamltext.Get(step, "id"); id != nil {
			outer.ids[id.Value] = step
		}
	}
	w.following(outer, yamltext.Items(steps), 1)
}

// following reads steps one after the other. Where the script of one tells those behind it one of several values,
// they are read once for each of these. ways is how often they are read already.
func (w *workflow) following(outer *scope, steps []*yaml.Node, ways int) {
	for i, step := range steps {
		if len(w.run.Builds) >= reading.MaxBuilds || !w.run.Use(100) {
			return
		}
		s := outer.inner()
		s.enter(step)
		if s.never(yamltext.Get(step, "if")) {
			continue
		}
		if run, in := commandsOf(step); run != nil {
			id := ""
			if n := yamltext.Get(step, "id"); n != nil {
				id = n.Value
			}
			l := s.listen(outer, id, run.Value, yamltext.Get(step, "if") == nil)
			w.run.Hear, w.run.Chosen = l.hear, false
			w.script(s, step, run, in)
			w.run.Hear = nil
			if all := l.ways(); ways*len(all) > 1 && ways*len(all) <= mostWays {
				w.each(outer, all, l, func() { w.following(outer, steps[i+1:], ways*len(all)) })
				return
			}
			continue
		}
		if uses := yamltext.Get(step, "uses"); uses != nil {
			action, _, _ := strings.Cut(uses.Value, "@")
			builder, isBuilder := actionOf(uses.Value, yamltext.Get(step, "with"))
			switch {
			case isBuilder:
				w.action(s, step, builder)
			case action == "docker/bake-action" || action == "depot/bake-action":
				w.bakeAction(s, step)
			case action == "actions/checkout":
				s.check(yamltext.Get(step, "with"))
			default:
				outputs := s.call(step, uses, yamltext.Get(step, "with"))
				if id := yamltext.Get(step, "id"); id != nil {
					for name, v := range outputs {
						outer.said.outputs[id.Value+"."+name] = v
					}
				}
			}
		}
	}
}

// each does something once for each of the values that a step tells. What is told behind it stays as it is with the last.
func (w *workflow) each(outer *scope, all []map[told]trace.Text, l *listener, do func()) {
	env, outputs := outer.job.said.env, outer.said.outputs
	for _, way := range all {
		outer.job.said.env, outer.said.outputs = maps.Clone(env), maps.Clone(outputs)
		for at, value := range way {
			l.put(at, value)
		}
		do()
	}
}

// commandActions are the actions that run the commands which an input holds, and the input with the directory where these start.
// The defaults of run steps are none of theirs.
var commandActions = map[string]struct{ commands, directory string }{
	"nick-fields/retry":      {commands: "command"},
	"nick-invision/retry":    {commands: "command"},
	"Wandalen/wretry.action": {commands: "command", directory: "current_path"},
}

// commandsOf returns the commands that a step runs, and the mapping in which their shell stands: that of a run step,
// or the inputs of an action that runs commands.
func commandsOf(step *yaml.Node) (run, in *yaml.Node) {
	if run = yamltext.Get(step, "run"); run != nil {
		return run, step
	}
	if uses := yamltext.Get(step, "uses"); uses != nil {
		action, _, _ := strings.Cut(uses.Value, "@")
		in = yamltext.Get(step, "with")
		return input(in, commandActions[action].commands), in
	}
	return nil, nil
}

// script reads the commands of a step.
func (w *workflow) script(s *scope, step, run, in *yaml.Node) {
	interpreter, directory := s.shell, "working-directory"
	if in != step {
		action, _, _ := strings.Cut(yamltext.Get(step, "uses").Value, "@")
		interpreter, directory, s.directory = "", commandActions[action].directory, nil
	}
	if n := yamltext.Get(in, "shell"); n != nil {
		interpreter = n.Value
	}
	name, _, _ := strings.Cut(interpreter, " ")
	if name = path.Base(name); interpreter != "" && name != "bash" && name != "sh" || interpreter == "" && s.windows {
		s.forget(run.Value)
		return
	}
	start := "."
	if n := yamltext.Get(in, directory); n != nil {
		start = s.value(n).S
	} else if s.directory != nil {
		start = s.value(s.directory).S
	}
	place := reading.Workplace{Starts: s.mounts()}
	if len(place.Starts) > 0 && path.Clean(start) == "." {
		place.Cwd = reading.StartDir
	} else {
		var ok bool
		if start, ok = s.inRepository(start); !ok {
			return
		}
		place = reading.Workplace{Starts: []string{"."}, Cwd: reading.ChangeDir(reading.RootDir, start)}
	}
	place = s.apart(place)
	text := s.value(run)
	if !shell.MayRun(text.S) {
		return
	}
	sh := shell.New(w.run, "", place, tellers(s.variables()))
	sh.Where = w.Pos(step)
	_ = sh.Read(text) // what does not parse is a mistake of the expressions that are not known
}
