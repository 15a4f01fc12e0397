package pipeline

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
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
	c := &cloudBuild{File: p.File, run: p.run, starts: p.starts}
	if own := path.Dir(p.file.Path); !slices.Contains(c.starts, own) {
		c.starts = append(slices.Clip(c.starts), own)
	}
	variants := c.variants()
	for _, doc := range c.Docs {
		for _, values := range variants {
			c.steps(doc, c.substitutions(doc, values))
		}
	}
	if len(c.run.Builds) >= reading.MaxBuilds || c.run.Left <= 0 {
		p.problems = append(p.problems, reading.Problem{Code: source.CodeBuildFileLimit, Pos: source.Pos{Path: p.file.Path, Line: 1, Col: 1}, Message: "not all of its builds are read: it stands for more than is read of a file"})
	}
}

// A cloudBuild is read into the builds of run.
type cloudBuild struct {
	*yamltext.File
	run    *shell.Run
	starts []string // the directories in which steps may start
}

// variants returns the values that the file is read with, by the names of substitutions; once
// without any where it has no variants.
func (c *cloudBuild) variants() []map[string]trace.Text {
	var all []map[string]trace.Text
	if f := c.run.Tree.Read(path.Join(path.Dir(c.Path), "variants.yaml")); f != nil {
		if y, err := yamltext.Parse(f); err == nil {
			for _, doc := range y.Docs {
				for _, variant := range yamltext.Pairs(yamltext.Get(doc, "variants")) {
					values := map[string]trace.Text{}
					for _, p := range yamltext.Pairs(variant.Value) {
						if p.Value != nil && p.Value.Kind == yaml.ScalarNode {
							values["_"+p.Key.Value] = y.Text(p.Value)
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
	for _, p := range yamltext.Pairs(yamltext.Get(doc, "substitutions")) {
		all[p.Key.Value] = c.Text(p.Value)
	}
	for name, value := range values {
		all[name] = value
	}
	return all
}

// steps reads those of a document.
func (c *cloudBuild) steps(doc *yaml.Node, values map[string]trace.Text) {
	for _, step := range yamltext.Items(yamltext.Get(doc, "steps")) {
		if len(c.run.Builds) >= reading.MaxBuilds || !c.run.Use(100) {
			return
		}
		vars := map[string]shell.Variable{}
		for _, list := range []*yaml.Node{yamltext.Get(doc, "options", "env"), yamltext.Get(step, "env")} {
			for _, item := range yamltext.Items(list) {
				if name, value, ok := c.value(item, values).Cut("="); ok && reading.IsName(name.S) {
					vars[name.S] = shell.OneWord(value)
				}
			}
		}
		place := reading.Workplace{Starts: c.starts, Cwd: reading.ChangeDir(reading.StartDir, path.Join(".", c.value(yamltext.Get(step, "dir"), values).S))}
		s := shell.New(c.run, "", place, vars)
		s.Where = c.Pos(step)
		if script := yamltext.Get(step, "script"); script != nil {
			if yamltext.Get(step, "automapSubstitutions") != nil || yamltext.Get(doc, "options", "automapSubstitutions") != nil {
				for name, value := range values {
					s.Vars[name], s.Export[name] = shell.OneWord(value), true
				}
			}
			_ = s.Read(c.Text(script)) // what does not parse builds nothing
			continue
		}
		c.follow(s, c.words(step, values))
	}
}

// words returns the command line of a step.
func (c *cloudBuild) words(step *yaml.Node, values map[string]trace.Text) []trace.Text {
	var words []trace.Text
	if n := yamltext.Get(step, "entrypoint"); n != nil {
		words = append(words, c.value(n, values))
	} else {
		builder, _, _ := strings.Cut(path.Base(c.value(yamltext.Get(step, "name"), values).S), ":")
		builder, _, _ = strings.Cut(builder, "@")
		if strings.Contains(c.value(yamltext.Get(step, "name"), values).S, "kaniko") {
			builder = "executor"
		}
		words = append(words, trace.Plain(builder))
	}
	for _, item := range yamltext.Items(yamltext.Get(step, "args")) {
		words = append(words, c.value(item, values))
	}
	return words
}

// follow follows a command line: a text for a shell as a script, and others as they are.
func (c *cloudBuild) follow(s *shell.Shell, words []trace.Text) {
	if slices.Contains([]string{"bash", "sh"}, path.Base(words[0].S)) {
		for len(words) > 1 && strings.HasPrefix(words[1].S, "-") {
			isText := !strings.HasPrefix(words[1].S, "--") && strings.HasSuffix(words[1].S, "c")
			words = slices.Delete(slices.Clone(words), 1, 2)
			if isText && len(words) > 1 {
				_ = s.Read(words[1]) // what does not parse builds nothing
				return
			}
		}
	}
	s.Command(words, shell.Command{At: len(s.Src.S)}, map[string]shell.Variable{})
}

// substitution is what Cloud Build replaces.
var substitution = regexp.MustCompile(`\$\$|\$([A-Z_][A-Z0-9_]*)|\$\{([A-Z_][A-Z0-9_]*)\}`)

// value returns a scalar with its substitutions made.
func (c *cloudBuild) value(n *yaml.Node, values map[string]trace.Text) trace.Text {
	t := c.Text(n)
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
		if size += len(v.S); !ok || size > reading.MaxScript || !c.run.Use(len(v.S)) {
			v = trace.Plain(reading.Unknown)
		}
		all = append(all, v)
	}
	return reading.JoinWith("", append(all, t.Slice(done, len(t.S))))
}

// FollowSteps follows the steps of a file that a command submits to Cloud Build.
func FollowSteps(s *shell.Shell, f *trace.File) {
	p := &pipeline{file: f, format: reading.StepsFormat, run: s.Run, starts: s.Place.Starts}
	p.readSteps()
}
