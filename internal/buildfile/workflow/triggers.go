package workflow

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// Dir is where GitHub looks for workflows.
const Dir = ".github/workflows"

// A PullRequest is what the triggers of a workflow look at in one that is opened.
type PullRequest struct {
	Branch, Base                 string   // "" for a base that is not known: it fits every filter
	Paths                        []string // that it changes
	Labels, Reviewers, Assignees int      // that it gets
}

// Runs are how many runs of workflows something starts, at most.
type Runs struct {
	Push   int // by the push of the branch
	Pull   int // by the pull request
	Update int // by a push of the branch later on, where the pull request is open
}

// Add adds up.
func (r *Runs) Add(more Runs) {
	r.Push += more.Push
	r.Pull += more.Pull
	r.Update += more.Update
}

// RunsOf returns how often a workflow runs for a pull request: the filters of its events by
// branch and path count, as GitHub has them, and so do the activities (types) that it
// lists. What its jobs look at themselves is not known, and not what runs after another workflow.
func RunsOf(f *trace.File, pull PullRequest) (runs Runs) {
	y, err := yamltext.Parse(f)
	if err != nil || len(y.Docs) == 0 {
		return runs
	}
	for name, filters := range events(yamltext.Get(y.Docs[0], "on")) {
		switch name {
		case "push":
			tagsOnly := has(filters, "tags", "tags-ignore") && !has(filters, "branches", "branches-ignore")
			if !tagsOnly && fits(filters, "branches", pull.Branch) && fits(filters, "paths", pull.Paths...) {
				runs.Push++
				runs.Update++
			}
		case "create":
			runs.Push++
		case "pull_request", "pull_request_target":
			if fits(filters, "branches", pull.Base) && fits(filters, "paths", pull.Paths...) {
				types := typesOf(filters)
				for activity, n := range map[string]int{"opened": 1, "labeled": pull.Labels, "review_requested": pull.Reviewers, "assigned": pull.Assignees} {
					if slices.Contains(types, activity) {
						runs.Pull += n
					}
				}
				if slices.Contains(types, "synchronize") {
					runs.Update++
				}
			}
		}
	}
	return runs
}

// IsWorkflow reports whether GitHub takes the file at a path for a workflow.
func IsWorkflow(p string) bool {
	name, ok := strings.CutPrefix(p, Dir+"/")
	return ok && !strings.Contains(name, "/") && (strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml"))
}

// events returns what starts a workflow, with the filters of each event; nil for one without.
func events(on *yaml.Node) map[string]*yaml.Node {
	all := map[string]*yaml.Node{}
	switch on = yamltext.Resolve(on); {
	case on == nil:
	case on.Kind == yaml.ScalarNode:
		all[on.Value] = nil
	case on.Kind == yaml.MappingNode:
		for _, event := range yamltext.Pairs(on) {
			all[event.Key.Value] = event.Value
		}
	default:
		for _, event := range yamltext.Items(on) {
			all[event.Value] = nil
		}
	}
	return all
}

// typesOf returns the activities that an event of pull requests is for.
func typesOf(filters *yaml.Node) []string {
	node := yamltext.Resolve(yamltext.Get(filters, "types"))
	if node == nil {
		return []string{"opened", "synchronize", "reopened"}
	}
	return texts(node)
}

// texts are those of a list, or the one that stands for a list of it alone.
func texts(node *yaml.Node) (all []string) {
	if node.Kind == yaml.ScalarNode {
		return []string{node.Value}
	}
	for _, item := range yamltext.Items(node) {
		all = append(all, item.Value)
	}
	return all
}

func has(filters *yaml.Node, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return yamltext.Get(filters, key) != nil })
}

// fits reports whether one of the names passes a filter: branches and branches-ignore,
// paths and paths-ignore. No filter, and an unknown name, pass.
func fits(filters *yaml.Node, key string, names ...string) bool {
	for _, name := range names {
		if name == "" {
			return true
		}
	}
	passes := func(patterns []string, want bool) bool {
		return slices.ContainsFunc(names, func(name string) bool { return takes(patterns, name) == want })
	}
	if node := yamltext.Resolve(yamltext.Get(filters, key)); node != nil {
		return passes(texts(node), true)
	}
	if node := yamltext.Resolve(yamltext.Get(filters, key+"-ignore")); node != nil {
		return passes(texts(node), false)
	}
	return true
}

// takes reports whether patterns take a name: the last one that fits it decides, and
// one with "!" takes it away.
func takes(patterns []string, name string) bool {
	taken := false
	for _, pattern := range patterns {
		pattern, not := strings.CutPrefix(pattern, "!")
		if expression(pattern).MatchString(name) {
			taken = !not
		}
	}
	return taken
}

// expression returns a pattern as a regular expression (GitHub docs, "Filter pattern cheat sheet"):
// * and ** stand for any text, the first without a slash, and ? + [] are those of regular expressions.
// One that is none fits everything.
func expression(pattern string) *regexp.Regexp {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			if !strings.HasPrefix(pattern[i:], "**") {
				b.WriteString("[^/]*")
				break
			}
			i++
			if strings.HasPrefix(pattern[i+1:], "/") { // no directory at all is one, too
				i++
				b.WriteString("(?:.*/)?")
				break
			}
			b.WriteString(".*")
		case '?', '+', '[', ']', '-':
			b.WriteByte(c)
		case '\\':
			if i++; i < len(pattern) {
				b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
			}
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	e, err := regexp.Compile(`(?s)\A(?:` + b.String() + `)\z`)
	if err != nil {
		return regexp.MustCompile("")
	}
	return e
}
