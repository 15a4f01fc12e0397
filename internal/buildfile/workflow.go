package buildfile

import (
	"bytes"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// readWorkflow reads a GitHub workflow or a composite action: the steps that use
// docker/build-push-action (or those of Depot and Blacksmith, which take the same
// inputs), and the commands of run steps in bash or sh, as readScript reads them.
// They start in their working-directory, or else in the root of the repository.
//
// Expressions: env.X of the workflow, the job and the step, matrix.X and matrix.X.Y
// (a job is read once for each combination, with include and exclude, whose keys are
// twins of the values of the axes, as are texts that they are compared with), inputs.X
// with its default and as it is where an event gives none, 'text', github.workspace, github.action_path, and A || B, where
// B counts if nothing is known to set A. env is also what the variables of run
// steps are. steps.ID.outputs.tags of docker/metadata-action are its images, with
// the tags that are written (type=raw,value=1.0), and without one where it makes
// tags of something else. All other expressions are not known: vars, secrets,
// github, needs, and functions such as fromJSON.
//
// What a run step prints into GITHUB_ENV and GITHUB_OUTPUT (echo, printf, cat with a heredoc)
// is known to later steps, unless it may not run.
//
// Workflows and actions of the repository that a job or a step uses are read with the
// inputs that they get there, and by themselves as what starts them gives none.
//
// Not followed are those of other repositories. docker/bake-action is read where its
// environment or its inputs change what the bake file says by itself. The repository is taken to
// be checked out in the workspace, unless steps that use actions/checkout say where it is, and
// where another one.
func readWorkflow(t *tree, f *trace.File) ([]Build, []Problem) {
	if !mayBuild(f.Src) && !bytes.Contains(f.Src, []byte("build-push-action")) && !bytes.Contains(f.Src, []byte("bake-action")) && !mayCall(f.Src) && t.idle(f.Path) {
		return nil, nil
	}
	y, err := parseYAML(f)
	if err != nil {
		return nil, []Problem{{source.CodeBuildFileSyntax, source.Pos{Path: f.Path, Line: 1, Col: 1}, "the workflow is no YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}}
	}
	w := &workflow{yamlFile: y, run: newShellRun(t, submake)}
	for _, doc := range y.docs {
		w.start(doc)
	}
	for i := range w.run.builds {
		w.run.builds[i].take(w.twins)
	}
	problems := w.run.problems
	if len(w.run.builds) >= maxBuilds || w.run.left <= 0 {
		problems = append(problems, Problem{source.CodeBuildFileLimit, source.Pos{Path: f.Path, Line: 1, Col: 1}, "not all of its builds are read: it stands for more than is read of a file"})
	}
	return w.run.builds, problems
}

// A workflow is read into the builds of run.
type workflow struct {
	*yamlFile
	run   *shellRun
	twins [][]trace.Text
	calls int // of which one is followed in another
}

// document reads a workflow or an action in a scope with its inputs.
func (w *workflow) document(top *scope, doc *yaml.Node) {
	top.enter(doc)
	if top.job == nil {
		top.begin()
	}
	top.given(doc)
	if steps := get(doc, "runs", "steps"); steps != nil {
		w.steps(top, steps)
	}
	for _, job := range pairs(get(doc, "jobs")) {
		steps, uses := get(job.value, "steps"), get(job.value, "uses")
		if steps == nil && uses == nil {
			continue
		}
		w.pair(get(job.value, "strategy", "matrix"))
		w.conditions(job.value)
		for _, combination := range w.combinations(get(job.value, "strategy", "matrix")) {
			s := top.inner()
			s.begin()
			s.matrix = combination
			s.windows = strings.Contains(strings.ToLower(s.value(get(job.value, "runs-on")).S), "windows")
			s.enter(job.value)
			if uses != nil {
				s.call(uses.Value, get(job.value, "with"))
				continue
			}
			w.steps(s, steps)
		}
	}
}

// steps reads those of one job, for one combination of its matrix.
func (w *workflow) steps(outer *scope, steps *yaml.Node) {
	outer.ids = map[string]*yaml.Node{}
	for _, step := range items(steps) {
		if id := get(step, "id"); id != nil {
			outer.ids[id.Value] = step
		}
	}
	for _, step := range items(steps) {
		if len(w.run.builds) >= maxBuilds || !w.run.use(100) {
			return
		}
		s := outer.inner()
		s.enter(step)
		if run := get(step, "run"); run != nil {
			id := ""
			if n := get(step, "id"); n != nil {
				id = n.Value
			}
			w.run.hear = s.hear(outer, id, get(step, "if") == nil)
			w.script(s, step, run)
			w.run.hear = nil
			continue
		}
		if uses := get(step, "uses"); uses != nil {
			switch action, _, _ := strings.Cut(uses.Value, "@"); action {
			case "docker/build-push-action", "depot/build-push-action", "useblacksmith/build-push-action":
				w.action(s, step)
			case "docker/bake-action", "depot/bake-action":
				w.bakeAction(s, step)
			case "actions/checkout":
				s.check(get(step, "with"))
			default:
				s.call(uses.Value, get(step, "with"))
			}
		}
	}
}

// script reads a run step.
func (w *workflow) script(s *scope, step, run *yaml.Node) {
	interpreter := s.shell
	if n := get(step, "shell"); n != nil {
		interpreter = n.Value
	}
	name, _, _ := strings.Cut(interpreter, " ")
	if name = path.Base(name); interpreter != "" && name != "bash" && name != "sh" || interpreter == "" && s.windows {
		s.forget(run.Value)
		return
	}
	dir := s.directory
	if n := get(step, "working-directory"); n != nil {
		dir = n
	}
	in := "."
	if dir != nil {
		in = s.value(dir).S
	}
	place := workplace{starts: s.mounts()}
	if len(place.starts) > 0 && path.Clean(in) == "." {
		place.cwd = startDir
	} else {
		var ok bool
		if in, ok = s.inRepository(in); !ok {
			return
		}
		place = workplace{starts: []string{"."}, cwd: enter(rootDir, in)}
	}
	text := s.value(run)
	if !mayRun(text.S) {
		return
	}
	sh := newShell(w.run, "", place, tellers(s.variables()))
	sh.where = w.pos(step)
	_ = sh.read(text) // what does not parse is a mistake of the expressions that are not known
}

// action reads a step that uses docker/build-push-action.
func (w *workflow) action(s *scope, step *yaml.Node) {
	with := get(step, "with")
	context, file := s.value(get(with, "context")).TrimSpace().S, s.value(get(with, "file")).TrimSpace().S
	// The repository as git has it, where the Dockerfile is in the directory.
	sub, isDefault := strings.CutPrefix(context, "{{defaultContext}}")
	if isDefault {
		context = strings.TrimPrefix(sub, ":")
	}
	if strings.Contains(context, "://") || strings.HasPrefix(context, "git@") {
		return // another repository, with its Dockerfile
	}
	if context == "" {
		context, isDefault = ".", true
	}
	if !isDefault {
		var ok, okFile bool
		context, ok = s.inRepository(context)
		if file, okFile = s.inRepository(file); !ok || !okFile {
			return
		}
	}
	place := workplace{starts: []string{"."}, cwd: rootDir}
	dockerfile, dir, ok := place.find(w.run.tree, context, file, isDefault)
	if !ok {
		return
	}
	b := Build{Dockerfile: dockerfile, Context: dir}
	b.Where = w.pos(step)
	if target := s.value(get(with, "target")); !hidden(target) {
		b.Target = strings.TrimSpace(target.S)
	}
	for _, t := range entries(s.value(get(with, "platforms")), "\n,") {
		b.Platforms = addPlatform(b.Platforms, t.S)
	}
	for _, t := range entries(s.value(get(with, "tags")), "\n,") {
		b.addImage(t)
	}
	for _, t := range entries(s.value(get(with, "build-args")), "\n") {
		b.addArg(t)
	}
	for _, t := range entries(s.value(get(with, "build-contexts")), "\n") {
		b.addContext(t)
	}
	w.run.add(b)
}

// entries splits an input that is a list, at any of the separators.
func entries(t trace.Text, separators string) []trace.Text {
	var all []trace.Text
	for len(t.S) > 0 {
		i := strings.IndexAny(t.S, separators)
		if i < 0 {
			i = len(t.S)
		}
		entry := t.Slice(0, i).TrimSpace()
		t = t.Slice(min(i+1, len(t.S)), len(t.S))
		if n := len(entry.S); n > 1 && entry.S[0] == '"' && entry.S[n-1] == '"' {
			entry = entry.Slice(1, n-1)
		}
		if entry.S != "" && entry.S[0] != '#' {
			all = append(all, entry)
		}
	}
	return all
}

// metadata returns the images of a docker/metadata-action step, one a line.
func (s *scope) metadata(step *yaml.Node, depth int) trace.Text {
	with := get(step, "with")
	var tags []trace.Text
	some := false // tags are not known
	lines := entries(s.expand(get(with, "tags"), depth), "\n")
	for _, line := range lines {
		value, raw := line, true
		if strings.Contains(line.S, "=") {
			value, raw = trace.Plain(unknown), false
			for _, attribute := range entries(line, ",") {
				raw = raw || attribute.S == "type=raw"
				if key, v, _ := attribute.Cut("="); key.S == "value" {
					value = v
				}
				if strings.HasPrefix(attribute.S, "prefix=") || strings.HasPrefix(attribute.S, "suffix=") {
					value = trace.Plain(unknown)
				}
			}
		}
		if !raw || hidden(value) || strings.Contains(value.S, "{{") || get(with, "flavor") != nil {
			some = true
			continue
		}
		tags = append(tags, value)
	}
	var all []trace.Text
	for _, name := range entries(s.expand(get(with, "images"), depth), "\n,") {
		if key, v, ok := name.Cut("="); ok {
			if key.S != "name" {
				continue // enable=…
			}
			name = v
		}
		for _, tag := range tags {
			all = append(all, trace.Join(name, trace.Plain(":"), tag))
		}
		if some || len(tags) == 0 {
			all = append(all, name)
		}
	}
	return joinWith("\n", all)
}
