package bumper

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
)

// Grouping says how the items of a plan are put into changes.
type Grouping string

// The groupings.
const (
	ByService   Grouping = "service"   // a change for each Dockerfile
	ByDirectory Grouping = "directory" // a change for each directory that holds Dockerfiles
	ByTeam      Grouping = "team"      // a change for each set of owners
	ByWave      Grouping = "wave"      // a change for each wave
	AllInOne    Grouping = "all"       // one change
)

// Groupings returns the groupings by name.
func Groupings() []Grouping { return []Grouping{ByService, ByDirectory, ByTeam, ByWave, AllInOne} }

// BranchPrefix begins every branch that propagate makes.
const BranchPrefix = "propagate/"

// A Change is a set of edits that is reviewed together: one branch, one commit,
// one pull request.
type Change struct {
	Branch string // a function of the bumps and the group alone, so that every run finds it again
	Title  string
	Group  string // which part of the plan this is, for people; "" when it is all of it

	Subjects  []Subject // what it is about, in the order of the branch name
	GroupSlug string    // the group in the branch name; "" when it is all of the plan
	Wave      int       // the first wave that it holds items of
	Items     []*Item   // by path
	Files     []ChangedFile
}

// Onto returns the change for a base branch that is not the default one: its branch has
// another name.
func (c Change) Onto(base string) Change {
	c.Branch += "--onto-" + slugPath(base)
	return c
}

// A ChangedFile is a file that a change edits, before and after.
type ChangedFile struct {
	Path         string
	Src, Content []byte
	Edits        []Edit // by place
}

// ChangeOptions says how changes are made.
type ChangeOptions struct {
	By     Grouping                   // zero is AllInOne
	Owners func(path string) []string // who owns a file, for ByTeam; nobody where nil
}

// A groupKey tells the groups of a grouping apart.
type groupKey struct{ slug, name, title string }

func (o ChangeOptions) key(item *Item) (k groupKey) {
	switch o.By {
	case ByService:
		k = groupKey{"service-" + slugPath(strings.TrimSuffix(item.File.Path, "/Dockerfile")), item.File.Path, " in " + item.File.Path}
	case ByDirectory:
		dir := path.Dir(item.File.Path)
		k = groupKey{"directory-" + slugPath(dir), dir, " in " + dir}
	case ByTeam:
		owners := "nobody"
		if o.Owners != nil {
			owners = cmp.Or(strings.Join(o.Owners(item.File.Path), " "), owners)
		}
		names := strings.TrimPrefix(strings.ReplaceAll(owners, " @", " "), "@") // a title mentions nobody
		k = groupKey{"team-" + slug(owners), "owned by " + owners, " (owned by " + names + ")"}
	case ByWave:
		name := fmt.Sprintf("wave %d", item.Wave)
		k = groupKey{fmt.Sprintf("wave-%d", item.Wave), name, " (" + name + ")"}
	}
	return k
}

// Changes groups the items that are ready to be edited and the records, in the order of
// wave and branch. Items without edits and pending ones are in none. Items whose edits of a
// build file, or of the target of links, belong together are in one group: that of the
// first by path.
func (p *Plan) Changes(opts ChangeOptions) []Change {
	groups := map[groupKey][]*Item{}
	for _, together := range p.sharing() {
		k := opts.key(together[0])
		groups[k] = append(groups[k], together...)
	}
	var changes []Change
	for _, k := range slices.SortedFunc(maps.Keys(groups), func(a, b groupKey) int { return cmp.Compare(a.slug, b.slug) }) {
		c := Change{Branch: p.branch(k.slug), Group: k.name, Items: groups[k], Wave: groups[k][0].Wave, GroupSlug: k.slug}
		for _, bump := range p.Bumps {
			c.Subjects = append(c.Subjects, Subject{Image: bump.Image, Version: bump.Version()})
		}
		slices.SortStableFunc(c.Items, func(a, b *Item) int { return cmp.Compare(a.File.Path, b.File.Path) })
		for _, item := range c.Items {
			c.Wave = min(c.Wave, item.Wave)
		}
		c.Title = p.title(k.title)
		c.Files = Merge(c.Items)
		changes = append(changes, c)
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return cmp.Compare(a.Wave, b.Wave) })
	return changes
}

// near is how many lines apart two edits of a file may be for a merge of both to
// conflict, with something to spare.
const near = 3

// sharing returns the items that are ready, those together whose edits of a file
// are the same or so near that their changes would conflict; both by path.
func (p *Plan) sharing() [][]*Item {
	var sets [][]*Item
	set := map[*Item]int{}
	type place struct {
		line int
		item *Item
	}
	places := map[string][]place{} // of edits, by path
	for _, item := range slices.Concat(p.Items, p.Records) {
		if item.Pending() || len(item.Edits) == 0 {
			continue
		}
		set[item] = len(sets)
		sets = append(sets, []*Item{item})
		for _, e := range item.Edits {
			places[e.Path] = append(places[e.Path], place{e.Line, item})
		}
	}
	join := func(a, b *Item) {
		from, to := max(set[a], set[b]), min(set[a], set[b])
		if from == to {
			return
		}
		for _, moved := range sets[from] {
			set[moved] = to
		}
		sets[to], sets[from] = append(sets[to], sets[from]...), nil
	}
	for _, path := range slices.Sorted(maps.Keys(places)) {
		all := places[path]
		slices.SortStableFunc(all, func(a, b place) int { return cmp.Compare(a.line, b.line) })
		for i := 1; i < len(all); i++ {
			if all[i].line-all[i-1].line <= near {
				join(all[i].item, all[i-1].item)
			}
		}
	}
	sets = slices.DeleteFunc(sets, func(s []*Item) bool { return len(s) == 0 })
	for _, s := range sets {
		slices.SortStableFunc(s, func(a, b *Item) int { return cmp.Compare(a.File.Path, b.File.Path) })
	}
	return sets
}

// Merge applies the edits of items, equal ones once, and returns each file with all of
// them, by path. Nothing overlaps in the items of one plan: see planner.reconcile.
func Merge(items []*Item) []ChangedFile {
	byPath := map[string]*ChangedFile{}
	for _, item := range items {
		for _, e := range item.Edits {
			f := byPath[e.Path]
			if f == nil {
				f = &ChangedFile{Path: e.Path, Src: e.src}
				byPath[e.Path] = f
			}
			if _, known := find(f.Edits, e); !known {
				f.Edits = append(f.Edits, e)
			}
		}
	}
	var files []ChangedFile
	for _, p := range slices.Sorted(maps.Keys(byPath)) {
		f := byPath[p]
		slices.SortFunc(f.Edits, func(a, b Edit) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
		f.Content, _ = Apply(f.Src, f.Edits)
		files = append(files, *f)
	}
	return files
}

// title says what a change does: "Update base-java to 1.0.1 in services/iam". in
// says which part of the plan it is. GitHub takes 256 characters.
func (p *Plan) title(in string) string {
	var bumps []string
	for _, bump := range p.Bumps {
		bumps = append(bumps, fmt.Sprintf("%s to %s", p.shortName(bump.Image), shortVersion(bump.Version())))
	}
	title := "Update " + strings.Join(bumps, " and ")
	if len(title) > 120 {
		title = fmt.Sprintf("Update %d base images", len(p.Bumps))
	}
	if in = titleText(in); len(in) > 100 {
		in = strings.ToValidUTF8(in[:40]+"…"+in[len(in)-50:], "")
	}
	return titleText(title) + in
}

// shortName returns the last component of a repository, or the whole of it where
// another image of the graph has the same last component.
func (p *Plan) shortName(repository string) string {
	name := imageref.Base(repository)
	if p.Graph.Namesakes(repository) > 1 {
		return repository
	}
	return name
}

func shortVersion(version string) string {
	if i := strings.Index(version, "sha256:"); i >= 0 && len(version) > i+19 {
		return version[:i+19]
	}
	return version
}

// branch names the branch of a group: all levels below BranchPrefix are one, so
// that no branch is a directory of another.
func (p *Plan) branch(group string) string {
	var bumps []string
	for _, bump := range p.Subjects() {
		bumps = append(bumps, bump.Slug())
	}
	name := strings.Join(bumps, "+")
	if len(name) > maxBranch {
		name = name[:maxBranch] + "-" + hash(name)
	}
	if group != "" {
		name += "--" + group
	}
	if strings.HasSuffix(name, ".lock") {
		name += "-" + hash(name) // git keeps this ending for itself
	}
	return BranchPrefix + name
}

// maxBranch leaves room for the group and git's own endings in 255 bytes, the
// longest name of a file.
const maxBranch = 100

// slug makes a part of a branch name of s: lower-case letters, digits, '-', '_'
// and '.', inert in every shell and valid for git. What does not come through
// unharmed gets a hash, so that different names stay different.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		if isSlug(r) {
			b.WriteRune(r)
		} else if text := b.String(); text != "" && !strings.HasSuffix(text, ".") {
			b.WriteByte('.')
		}
	}
	name := strings.Trim(b.String(), ".-")
	if name == s && len(name) <= maxBranch {
		return name
	}
	return strings.Trim(name[:min(len(name), maxBranch)], ".-") + "-" + hash(s)
}

// slugPath is slug for paths: the slashes of a path that is otherwise harmless
// become dots, without a hash.
func slugPath(p string) string {
	if p == "." {
		return "root-" + hash(p) // a directory may be called root
	}
	if len(p) <= maxBranch && !strings.Contains("/"+p+"/", "//") && strings.IndexFunc(p, func(r rune) bool { return r != '/' && !isSlug(r) }) < 0 {
		return strings.ReplaceAll(p, "/", ".")
	}
	return slug("./" + p)
}

func isSlug(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-'
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:4])
}
