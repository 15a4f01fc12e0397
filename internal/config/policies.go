package config

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// A Moving says what becomes of references to tags that name another image from time to time.
type Moving string

// What becomes of moving tags.
const (
	Pin     Moving = "pin"     // the digest behind the tag is written beside it
	Rebuild Moving = "rebuild" // what is on it is rebuilt when the tag has moved
	Leave   Moving = "ignore"  // nothing
)

// An AutoMerge says whether pull requests are merged without a person.
type AutoMerge string

// When pull requests are merged without a person.
const (
	MergedByPeople AutoMerge = "false"
	AfterChecks    AutoMerge = "true" // once what the branch requires has passed
	AtOnce         AutoMerge = "now"  // likewise, and at once where nothing is required
)

// A Policy is what the configuration says of the references to an image in a file: of each key,
// what the most specific entry of "policies" says that has it, or else the default. Policies share
// what their lists and At hold: these are not to be changed.
type Policy struct {
	Level     imageref.Step // the largest step that is taken
	Skip      []Versions    // that are not taken
	MinAge    time.Duration // of what is taken
	Moving    Moving
	Group     string   // the one change that all of this name are in; "" for one change for each image and line
	Labels    []string // of pull requests; nil is that of the whole file
	Reviewers []string // likewise
	Assignees []string // likewise
	Schedule  []Cron   // when a run with --if-due looks; none is always
	Automerge AutoMerge
	MaxOpen   int // how many pull requests may be open at a time; 0 is for as many as there are

	// At says for each key of the file which entry it is from: the pattern of that, and its place. A
	// key with its default is not in it.
	At map[string]Said
}

// A Said is an entry of "policies".
type Said struct {
	Images, Paths string // its patterns as they are written; "" where it has none
	At            source.Pos
}

// A Cron is a schedule: a cron expression in a time zone.
type Cron struct {
	Text string
	Zone string // a name of the IANA database; "" is UTC
}

// defaultPolicy is what holds where nothing is said.
func defaultPolicy() Policy {
	return Policy{Level: imageref.Patch, Moving: Rebuild, Automerge: MergedByPeople}
}

// A policyKey is a key of an entry of "policies" that says something, and what takes its value
// over from another policy.
type policyKey struct {
	name string
	take func(to, from *Policy)
}

var policyKeys = [...]policyKey{
	{"level", func(to, from *Policy) { to.Level = from.Level }},
	{"skip-versions", func(to, from *Policy) { to.Skip = from.Skip }},
	{"min-age", func(to, from *Policy) { to.MinAge = from.MinAge }},
	{"moving", func(to, from *Policy) { to.Moving = from.Moving }},
	{"group", func(to, from *Policy) { to.Group = from.Group }},
	{"labels", func(to, from *Policy) { to.Labels = from.Labels }},
	{"reviewers", func(to, from *Policy) { to.Reviewers = from.Reviewers }},
	{"assignees", func(to, from *Policy) { to.Assignees = from.Assignees }},
	{"schedule", func(to, from *Policy) { to.Schedule = from.Schedule }},
	{"automerge", func(to, from *Policy) { to.Automerge = from.Automerge }},
	{"max-open", func(to, from *Policy) { to.MaxOpen = from.MaxOpen }},
}

// PolicyKeys returns the keys that [Policy.At] may have, in the order of the documentation.
func PolicyKeys() []string {
	names := make([]string, len(policyKeys))
	for i, k := range policyKeys {
		names[i] = k.name
	}
	return names
}

// A rule is an entry of "policies".
type rule struct {
	images []imagePattern // nil for all
	paths  []Pattern      // nil for all
	says   Policy         // what At names
	at     source.Pos     // of the entry
}

// said returns how the entry is named.
func (r rule) said(at source.Pos) Said {
	s := Said{At: at}
	var images, paths []string
	for _, p := range r.images {
		images = append(images, p.Text)
	}
	for _, p := range r.paths {
		paths = append(paths, p.Text)
	}
	s.Images, s.Paths = strings.Join(images, ", "), strings.Join(paths, ", ")
	return s
}

// What a rule says of an image or a path: it does not fit, or how specific it is.
const (
	fitsNot = -1
	fitsAll = 0 // it has no patterns
)

// ofImage returns how specific a rule is for a repository.
func (r rule) ofImage(repository string) int {
	if r.images == nil {
		return fitsAll
	}
	best := fitsNot
	for _, p := range r.images {
		best = max(best, p.fits(repository))
	}
	return best
}

// ofPath returns how specific a rule is for a path. A rule with paths does not fit "".
func (r rule) ofPath(path string) int {
	if r.paths == nil {
		return fitsAll
	}
	best := fitsNot
	for _, p := range r.paths {
		if path != "" && p.Match(path) {
			best = max(best, 1+p.rank.text)
		}
	}
	return best
}

// policyMemo has what was found out: a repository has few images, and few kinds of paths.
type policyMemo struct {
	sync.Mutex
	images, paths map[string]int // which of the lists below is that of an image or a path
	lists         map[string]int // by their text
	fits          [][]int        // of each rule
	policies      map[[2]int]Policy
}

// list returns which list of fits is that of a name, and remembers it.
func (m *policyMemo) list(known map[string]int, name string, rules []rule, fits func(rule) int) int {
	if i, ok := known[name]; ok {
		return i
	}
	list := make([]int, len(rules))
	var text strings.Builder
	for i, r := range rules {
		list[i] = fits(r)
		fmt.Fprintf(&text, "%d ", list[i])
	}
	i, ok := m.lists[text.String()]
	if !ok {
		i = len(m.fits)
		m.lists[text.String()], m.fits = i, append(m.fits, list)
	}
	known[strings.Clone(name)] = i
	return i
}

// Policy returns what holds for references to an image, which is a canonical repository, in a
// file. With "" for the path, entries with paths do not count.
func (c *Config) Policy(image, path string) Policy {
	if len(c.rules) == 0 {
		return defaultPolicy()
	}
	m := &c.memo
	m.Lock()
	defer m.Unlock()
	if m.images == nil {
		m.images, m.paths, m.lists, m.policies = map[string]int{}, map[string]int{}, map[string]int{}, map[[2]int]Policy{}
	}
	key := [2]int{
		m.list(m.images, image, c.rules, func(r rule) int { return r.ofImage(image) }),
		m.list(m.paths, path, c.rules, func(r rule) int { return r.ofPath(path) }),
	}
	p, ok := m.policies[key]
	if !ok {
		p = merge(c.rules, m.fits[key[0]], m.fits[key[1]])
		m.policies[key] = p
	}
	return p
}

// merge returns the policy of the rules that fit an image and a path. Paths count before
// images, and of what is equally specific the later entry counts.
func merge(rules []rule, images, paths []int) Policy {
	var fitting []int
	for i := range rules {
		if images[i] != fitsNot && paths[i] != fitsNot {
			fitting = append(fitting, i)
		}
	}
	slices.SortStableFunc(fitting, func(i, j int) int {
		if paths[i] != paths[j] {
			return paths[i] - paths[j]
		}
		return images[i] - images[j]
	})
	p := defaultPolicy()
	p.At = map[string]Said{}
	for _, i := range fitting {
		for _, k := range policyKeys {
			if said, ok := rules[i].says.At[k.name]; ok {
				k.take(&p, &rules[i].says)
				p.At[k.name] = said
			}
		}
	}
	return p
}
