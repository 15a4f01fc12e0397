package bumper

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
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

// A Change is a set of edits that is reviewed together: one branch, one commit,
// one pull request.
type Change struct {
	Branch string // a function of its identity alone: Subjects without their versions, GroupSlug, the base branch
	Title  string
	Group  string  // which part of the plan this is, for people; "" when it is all of it
	Wave   int     // the first wave that it holds items of
	Items  []*Item // by path
	Files  []ChangedFile

	Subjects  []Subject // by image and version
	GroupSlug string    // the group in the name of the branch; "" when it is all of the plan
	Name      string    // of a group that the configuration names: with the base branch it is all of the identity; "" for any other

	part, parts int     // which of the groups of its bases it is, from 1, and of how many
	bumps       []Bump  // the bases that its title names
	waves       int     // of its bases
	rest        []*Item // of the group, what is not edited here: what is rebuilt, waits or is left
	after       []*Item // what waits for what the change makes
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
	Name   string                     // of the one change, for AllInOne; "" for none
	Prefix string                     // of the branches; zero is BranchPrefix
	Owners func(path string) []string // who owns a file, for ByTeam; nobody where nil

	// Apart puts what is for each line of an image into changes of its own. It returns the name of the
	// one change that a Dockerfile on the line shares with others, "" for changes of the line alone; with "" for
	// the Dockerfile, that of most. Nil keeps all bases together.
	Apart func(bump Bump, dockerfile string) string
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
		names := strings.TrimPrefix(strings.ReplaceAll(owners, " @", " "), "@") // a text mentions nobody
		k = groupKey{"team-" + slug(owners), "owned by " + names, " (owned by " + names + ")"}
	case ByWave:
		name := fmt.Sprintf("wave %d", item.Wave)
		k = groupKey{fmt.Sprintf("wave-%d", item.Wave), name, " (" + name + ")"}
	default:
		if o.Name != "" {
			k = groupKey{slug: slug(o.Name), title: " (" + o.Name + ")"}
		}
	}
	return k
}

// Changes groups the items that are ready to be edited and the records, in the order of
// wave and branch. Items without edits and pending ones are in none. Items whose edits of a
// build file, or of the target of links, belong together are in one group: that of the
// first by path. With [ChangeOptions.Apart], they are in that of the first base by its name.
func (p *Plan) Changes(opts ChangeOptions) []Change {
	groups := map[partKey][]*Item{}
	s := p.sets(opts)
	for _, together := range p.sharing() {
		k := s.key(together...)
		groups[k] = append(groups[k], together...)
	}
	all, rests := p.groups(s, groups)
	parts := map[int]int{}
	for _, k := range all {
		parts[k.set]++
	}
	waiting := p.waiting()
	waves := map[int]int{}
	for _, item := range p.Items {
		if set := s.key(item).set; item.follows() {
			waves[set] = max(waves[set], item.Wave)
		}
	}
	var changes []Change
	part := map[int]int{}
	for _, k := range all {
		part[k.set]++
		if groups[k] == nil {
			continue // nothing of it is edited now
		}
		set := s.all[k.set]
		c := Change{Group: k.name, Items: groups[k], Wave: groups[k][0].Wave, GroupSlug: k.slug, part: part[k.set], parts: parts[k.set], rest: rests[k], Subjects: set.subjects, Name: set.name}
		c.bumps, c.waves = s.bumps(k.set, c.Items), waves[k.set]
		c.Branch = cmp.Or(opts.Prefix, BranchPrefix) + p.branch(c, set.names)
		slices.SortStableFunc(c.Items, func(a, b *Item) int { return cmp.Compare(a.File.Path, b.File.Path) })
		for _, item := range c.Items {
			c.Wave = min(c.Wave, item.Wave)
			c.after = append(c.after, waiting.of(item)...)
		}
		if c.Title = p.title(c.bumps, k.title); c.isRenewal() {
			c.Title = p.renewalTitle(c, k.title)
		}
		c.Files = Merge(c.Items)
		changes = append(changes, c)
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return cmp.Compare(a.Wave, b.Wave) })
	return changes
}

// groups returns all groups of a plan, by name. A group of which nothing is edited now is among
// them, so that the number of groups stays the same while their changes are merged. rests holds
// the items of each group that are not edited.
func (p *Plan) groups(s *sets, edited map[partKey][]*Item) (all []partKey, rests map[partKey][]*Item) {
	rests = map[partKey][]*Item{}
	known := map[partKey]bool{}
	for k := range edited {
		known[k] = true
	}
	ready := map[*Item]bool{}
	for _, items := range edited {
		for _, item := range items {
			ready[item] = true
		}
	}
	for _, item := range p.Items {
		if ready[item] {
			continue
		}
		k := s.key(item)
		rests[k] = append(rests[k], item)
		known[k] = known[k] || item.follows()
	}
	for k, counts := range known {
		if counts {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b partKey) int { return cmp.Or(cmp.Compare(a.set, b.set), cmp.Compare(a.slug, b.slug)) })
	return all, rests
}

// follows reports whether an item has the version, or is to have it: one that is left for good, or that
// somebody has to mend first, is no part of the plan.
func (i *Item) follows() bool { return i.Action != ActionSkip || i.Reason == ReasonNoNext }

// A waitingFor holds the items that wait, by the reference that they wait for.
type waitingFor map[string][]*Item

func (p *Plan) waiting() waitingFor {
	w := waitingFor{}
	for _, item := range p.Items {
		if item.Pending() {
			for _, reference := range item.WaitsFor {
				w[reference] = append(w[reference], item)
			}
		}
	}
	return w
}

// of returns what waits for what an item makes.
func (w waitingFor) of(item *Item) (all []*Item) {
	for _, made := range item.Releases {
		all = append(all, w[made.String()]...)
	}
	return all
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
