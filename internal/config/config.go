package config

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// Name is the file at the root of a repository that is read where no other is
// named.
const Name = ".propagate.yaml"

// LikeNames are files that look like the configuration and are not read.
func LikeNames() []string {
	return []string{".propagate.yml", "propagate.yaml", "propagate.yml", ".github/.propagate.yaml", ".github/.propagate.yml", ".github/propagate.yaml", ".github/propagate.yml"}
}

// A Config is what a repository says of itself. Its zero value says nothing.
type Config struct {
	Dockerfiles struct {
		Include []Pattern // further files that are Dockerfiles
		Exclude []Pattern // files and directories that are not read
		Own     []Pattern // Dockerfiles that are edited though they lie in a vendored tree
	}
	Ignore     []Exemption     // Dockerfiles that are read and never edited
	Images     []Image         // which image a Dockerfile makes
	Stages     []Target        // the stage of a Dockerfile that is shipped
	Versions   []Version       // the versions of images that the repository makes
	Arguments  []Arguments     // files that hold build arguments
	References []Reference     // references in files that are no Dockerfiles
	Group      bumper.Grouping // how changes are grouped where the command line does not say; "" leaves the default
	GroupName  string          // of the one change that all is in, a name of the repository's own; Group is bumper.AllInOne then
	GroupAt    source.Pos      // where that is written
	Labels     []string        // of pull requests; nil leaves the default
	Prefix     string          // of branches; "" leaves the default
	Templates  bumper.Templates
	Pulls      Pulls
	GitHub     struct {
		Hosts  []string // of GitHub Enterprise, besides those of the environment
		Limits Limits   // of writes
	}
	Emergency struct {
		Group bumper.Grouping // of its changes; "" leaves that of others
		Label string          // of its pull requests; "" leaves the default
		Mark  string          // what its titles begin with; "" leaves the default
	}
	Registries  map[string]Registry // by the registry as references name it
	Diagnostics struct {
		Ignore []Ignored // problems that are not reported
	}

	rules        []rule // see Policy
	memo         policyMemo
	registriesAt map[string]source.Pos // the keys of Registries

	registryNames []string      // these, in the order of the file
	templates     templatesForm // the texts of Templates

	foreign, uncommitted bool // the file is not the repository's own, or not as it is committed: nothing in it can be edited
	file                 *trace.File
}

// A Target is the stage that is shipped of the Dockerfiles that a pattern fits.
type Target struct {
	Dockerfiles Pattern
	Stage       string
	At          source.Pos // of the stage
}

func (t Target) pattern() Pattern { return t.Dockerfiles }

// Parse reads a configuration; name is what errors call it. They are [Errors].
func Parse(name string, data []byte) (*Config, error) {
	c := &Config{file: trace.NewFile(name, data)}
	d := &decoder{path: name, src: data, lines: c.file.Lines, places: yamltext.New(c.file)}
	if root := d.document(); root != nil {
		d.mapping("", root, c.keys(d))
	}
	if len(d.errors) > 0 {
		slices.SortStableFunc(d.errors, func(a, b *source.Error) int { return a.Pos.Compare(b.Pos) })
		return nil, d.errors
	}
	return c, nil
}

// keys are the keys of the file. One without a value says nothing.
func (c *Config) keys(d *decoder) []key {
	return []key{
		{"dockerfiles", func(n *yaml.Node) {
			if isNull(n) {
				return
			}
			d.mapping("dockerfiles", n, []key{
				{"include", func(n *yaml.Node) { c.Dockerfiles.Include = d.patterns("dockerfiles.include", n, false) }},
				{"exclude", func(n *yaml.Node) { c.Dockerfiles.Exclude = d.patterns("dockerfiles.exclude", n, false) }},
				{"own", func(n *yaml.Node) { c.Dockerfiles.Own = d.patterns("dockerfiles.own", n, false) }},
			})
		}},
		{"ignore", func(n *yaml.Node) { c.Ignore = d.exemptions(n) }},
		{"images", func(n *yaml.Node) { c.Images = d.images(n) }},
		{"targets", func(n *yaml.Node) { c.Stages = d.targets(n) }},
		{"versions", func(n *yaml.Node) { c.Versions = d.versions(n) }},
		{"arguments", func(n *yaml.Node) { c.Arguments = d.arguments(n) }},
		{"references", func(n *yaml.Node) { c.References = d.references(n) }},
		{"group", func(n *yaml.Node) { c.Group, c.GroupName = d.group(n); c.GroupAt = d.pos(n) }},
		{"labels", func(n *yaml.Node) { c.Labels = d.labels(n) }},
		{"branch-prefix", func(n *yaml.Node) { c.Prefix = d.branchPrefix(n) }},
		{"templates", func(n *yaml.Node) { c.Templates, c.templates = d.templates(n) }},
		{"pulls", func(n *yaml.Node) { c.Pulls = d.pulls(n) }},
		{"policies", func(n *yaml.Node) { c.rules = d.policies(n) }},
		{"emergency", func(n *yaml.Node) { c.emergency(d, n) }},
		{"registries", func(n *yaml.Node) { c.registries(d, n) }},
		{"github", func(n *yaml.Node) {
			if isNull(n) {
				return
			}
			d.mapping("github", n, []key{
				{"hosts", func(n *yaml.Node) { c.GitHub.Hosts = d.hosts(n) }},
				{"limits", func(n *yaml.Node) { c.GitHub.Limits = d.limits(n) }},
			})
		}},
		{"diagnostics", func(n *yaml.Node) {
			if isNull(n) {
				return
			}
			d.mapping("diagnostics", n, []key{
				{"ignore", func(n *yaml.Node) { c.Diagnostics.Ignore = d.ignored(n) }},
			})
		}},
		{"schema", func(n *yaml.Node) { d.oneOf("schema", n, FormName) }},
	}
}

func (d *decoder) targets(node *yaml.Node) (all []Target) {
	for _, p := range d.entries("targets", "from a pattern of Dockerfiles to the stage: services/a/Dockerfile: runtime", node) {
		pattern, ok := d.pattern("targets", p.key)
		stage, known := d.text("targets: "+keyText(p.key), p.value)
		if known && stage == "" {
			d.fail(p.value, "name the stage, or leave the entry out", "targets: %s has no stage", keyText(p.key))
		}
		if ok && known {
			all = append(all, Target{pattern, stage, d.pos(p.value)})
		}
	}
	return all
}

// groupings are the names of the groupings.
func groupings() (names []string) {
	for _, g := range bumper.Groupings() {
		names = append(names, string(g))
	}
	return names
}

// group reads a grouping, or a name of the repository's own for one change that all is in.
func (d *decoder) group(node *yaml.Node) (_ bumper.Grouping, name string) {
	names := groupings()
	text, ok := d.text("group", node)
	if !ok || slices.Contains(names, text) {
		return bumper.Grouping(text), ""
	}
	switch near := nearest(text, names); {
	case near != "":
		d.fail(node, "did you mean "+near+"? A name of your own, for one change that all is in, is less like them", "group %q is none of %s", shorten(text), list(names))
	case !groupName().MatchString(text):
		d.fail(node, "a name of your own, for one change that all is in, has up to 50 letters, digits, and . _ - inside", "group %q is none of %s, and no name either", shorten(text), list(names))
	default:
		return bumper.AllInOne, text
	}
	return "", ""
}

func (d *decoder) labels(node *yaml.Node) (all []string) {
	if isNull(node) {
		return nil
	}
	const most = mostLabel
	all = []string{}
	for _, item := range d.items("labels", node) {
		text, ok := d.text("a label", item)
		switch {
		case !ok:
		case text == "":
			d.fail(item, "take it out", "a label is empty")
		case utf8.RuneCountInString(text) > most:
			d.fail(item, "shorten it", "the label %q is longer than %d characters", shorten(text), most)
		default:
			all = append(all, text)
		}
	}
	return all
}

// Path returns the file that the configuration was read from, "" where there is none.
func (c *Config) Path() string {
	if c.file == nil {
		return ""
	}
	return c.file.Path
}

// Foreign marks the configuration as one that does not come from the repository:
// nothing in it is edited.
func (c *Config) Foreign() { c.foreign = true }

// Uncommitted marks the configuration as the repository's own, but not as the revision has
// it: nothing in it is edited.
func (c *Config) Uncommitted() { c.uncommitted = true }

// Includes reports whether the file is a Dockerfile whatever its name.
func (c *Config) Includes(p string) bool { return match(c.Dockerfiles.Include, p) }

// Excludes reports whether the file is not to be read.
func (c *Config) Excludes(p string) bool { return match(c.Dockerfiles.Exclude, p) }

// Owns reports whether the Dockerfile is the repository's own wherever it lies.
func (c *Config) Owns(p string) bool { return match(c.Dockerfiles.Own, p) }

// FilePatterns returns the patterns of the files that the configuration names besides
// those that are told by their names.
func (c *Config) FilePatterns() []Pattern {
	all := slices.Clone(c.Dockerfiles.Include)
	for _, r := range c.References {
		all = append(all, r.Files...)
	}
	for _, a := range c.Arguments {
		all = append(all, a.Files...)
	}
	return all
}

// note returns that an entry of the configuration fits nothing.
func note(at source.Pos, format string, args ...any) *source.Error {
	return &source.Error{Pos: at, Err: fmt.Errorf(format, args...), Code: source.CodeUnusedSetting}
}
