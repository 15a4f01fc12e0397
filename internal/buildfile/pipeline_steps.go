package buildfile

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// readSteps reads a file of Cloud Build ("Build configuration file schema"): what its steps run.
//
// A step runs its entrypoint, or else the program that its builder is named after
// (gcr.io/cloud-builders/docker), with its args; bash -c TEXT and script: TEXT are scripts. It
// starts in its dir, from the root of the repository or from the directory of the file.
//
// Substitutions ($_X, ${_X}) have the values that the file gives. Where a file variants.yaml is
// beside it, as the image builder of Kubernetes has it, the file is read once for each variant, whose
// KEY is the substitution _KEY. Those of Cloud Build itself ($PROJECT_ID) are not known. $$ is $.
func (p *pipeline) readSteps() {
	if !p.parse() {
		return
	}
	c := &cloudBuild{yamlFile: p.yamlFile, run: p.run, starts: p.starts}
	if own := path.Dir(p.file.Path); !slices.Contains(c.starts, own) {
		c.starts = append(slices.Clip(c.starts), own)
	}
	variants := c.variants()
	for _, doc := range c.docs {
		for _, values := range variants {
			c.steps(doc, c.substitutions(doc, values))
		}
	}
	if len(c.run.builds) >= maxBuilds || c.run.left <= 0 {
		p.problems = append(p.problems, Problem{source.CodeBuildFileLimit, source.Pos{Path: p.file.Path, Line: 1, Col: 1}, "not all of its builds are read: it stands for more than is read of a file"})
	}
}

// A cloudBuild is read into the builds of run.
type cloudBuild struct {
	*yamlFile
	run    *shellRun
	starts []string // the directories in which steps may start
}

// variants returns the values that the file is read with, by the names of substitutions; once
// without any where it has no variants.
func (c *cloudBuild) variants() []map[string]trace.Text {
	var all []map[string]trace.Text
	if f := c.run.tree.read(path.Join(path.Dir(c.Path), "variants.yaml")); f != nil {
		if y, err := parseYAML(f); err == nil {
			for _, doc := range y.docs {
				for _, variant := range pairs(get(doc, "variants")) {
					values := map[string]trace.Text{}
					for _, p := range pairs(variant.value) {
						if p.value != nil && p.value.Kind == yaml.ScalarNode {
							values["_"+p.key.Value] = y.text(p.value)
						}
					}
					all = append(all, values)
				}
			}
		}
	}
	if len(all) == 0 {
		return []map[string]trace.Text{nil}
	}
	return all
}

// substitutions returns those of a document, with values that go over its own.
func (c *cloudBuild) substitutions(doc *yaml.Node, values map[string]trace.Text) map[string]trace.Text {
	all := map[string]trace.Text{}
	for _, p := range pairs(get(doc, "substitutions")) {
		all[p.key.Value] = c.text(p.value)
	}
	for name, value := range values {
		all[name] = value
	}
	return all
}

// steps reads those of a document.
func (c *cloudBuild) steps(doc *yaml.Node, values map[string]trace.Text) {
	for _, step := range items(get(doc, "steps")) {
		if len(c.run.builds) >= maxBuilds || !c.run.use(100) {
			return
		}
		vars := map[string]variable{}
		for _, list := range []*yaml.Node{get(doc, "options", "env"), get(step, "env")} {
			for _, item := range items(list) {
				if name, value, ok := c.value(item, values).Cut("="); ok && isName(name.S) {
					vars[name.S] = oneWord(value)
				}
			}
		}
		place := workplace{starts: c.starts, cwd: enter(startDir, path.Join(".", c.value(get(step, "dir"), values).S))}
		s := newShell(c.run, "", place, vars)
		s.where = c.pos(step)
		if script := get(step, "script"); script != nil {
			if get(step, "automapSubstitutions") != nil || get(doc, "options", "automapSubstitutions") != nil {
				for name, value := range values {
					s.vars[name], s.export[name] = oneWord(value), true
				}
			}
			_ = s.read(c.text(script)) // what does not parse builds nothing
			continue
		}
		c.follow(s, c.words(step, values))
	}
}

// words returns the command line of a step.
func (c *cloudBuild) words(step *yaml.Node, values map[string]trace.Text) []trace.Text {
	var words []trace.Text
	if n := get(step, "entrypoint"); n != nil {
		words = append(words, c.value(n, values))
	} else {
		builder, _, _ := strings.Cut(path.Base(c.value(get(step, "name"), values).S), ":")
		builder, _, _ = strings.Cut(builder, "@")
		if strings.Contains(c.value(get(step, "name"), values).S, "kaniko") {
			builder = "executor"
		}
		words = append(words, trace.Plain(builder))
	}
	for _, item := range items(get(step, "args")) {
		words = append(words, c.value(item, values))
	}
	return words
}

// follow follows a command line: a text for a shell as a script, and others as they are.
func (c *cloudBuild) follow(s *shell, words []trace.Text) {
	if slices.Contains([]string{"bash", "sh"}, path.Base(words[0].S)) {
		for len(words) > 1 && strings.HasPrefix(words[1].S, "-") {
			isText := !strings.HasPrefix(words[1].S, "--") && strings.HasSuffix(words[1].S, "c")
			words = slices.Delete(slices.Clone(words), 1, 2)
			if isText && len(words) > 1 {
				_ = s.read(words[1]) // what does not parse builds nothing
				return
			}
		}
	}
	s.command(words, command{at: len(s.src.S)}, map[string]variable{})
}

// substitution is what Cloud Build replaces.
var substitution = regexp.MustCompile(`\$\$|\$([A-Z_][A-Z0-9_]*)|\$\{([A-Z_][A-Z0-9_]*)\}`)

// value returns a scalar with its substitutions made.
func (c *cloudBuild) value(n *yaml.Node, values map[string]trace.Text) trace.Text {
	t := c.text(n)
	var all []trace.Text
	done, size := 0, len(t.S)
	for _, m := range substitution.FindAllStringSubmatchIndex(t.S, -1) {
		all = append(all, t.Slice(done, m[0]))
		done = m[1]
		name := t.S[m[0]:m[1]]
		if name == "$$" {
			all = append(all, t.Slice(m[0], m[0]+1))
			continue
		}
		v, ok := values[strings.Trim(name, "${}")]
		if size += len(v.S); !ok || size > maxScript || !c.run.use(len(v.S)) {
			v = trace.Plain(unknown)
		}
		all = append(all, v)
	}
	return joinWith("", append(all, t.Slice(done, len(t.S))))
}

// followSteps follows the steps of a file that a command submits to Cloud Build.
func followSteps(s *shell, f *trace.File) {
	p := &pipeline{file: f, format: stepsFormat, run: s.run, starts: s.place.starts}
	p.readSteps()
}
