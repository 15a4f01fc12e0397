package report

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/screen"
)

// A twig is a line of a tree with what is below it.
type twig struct {
	name     string   // the path of a Dockerfile or the title of an image, or what stands for several
	dir      string   // the directory that it is called by, with a slash; "" for that of the repository
	base     string   // the rest of its name up to ending
	ending   string   // what Dockerfiles that are alike have in common at the end, such as "/Dockerfile"
	noun     string   // what it is: "build", "service", "base"
	versions []string // on the edge to it
	how      string   // the exposure, unless it is runtime, and what else there is to say of the edge
	makes    string   // the image that it makes
	below    []*twig

	names []string // of those that it stands for, which are alike but for them; nil for one that has its name

	stands int // for how many it stands; one that is folded with others is none
}

// leaf reports whether a twig may be folded with others: nothing is below it.
func (t *twig) leaf() bool { return len(t.below) == 0 }

// builds counts the builds at a twig and below it.
func (t *twig) builds() int {
	n := t.stands
	for _, b := range t.below {
		n += b.builds()
	}
	return n
}

// A level is how much of a tree is folded. Each folds what the ones before it do, and more.
type level int

// The levels.
const (
	foldNothing level = iota
	foldAlike         // builds next to each other in the tree that have the directory, the versions and the exposure in common
	foldVersion       // those with the versions and the exposure in common
	foldBuilds        // all builds that nothing is based on
	foldRoots         // images from outside with few builds
	foldBelow         // what is below a derived base
	foldAll           // derived bases, and all images but the first
)

const (
	// oneScreen is how many lines of a tree are all shown, twoScreens is up to how many as little is folded as can be.
	oneScreen, twoScreens = 48, 97
	// mostNamed is how many of those that are folded are named.
	mostNamed = 3
	// fewBuilds is up to how many builds an image from outside is folded with others.
	fewBuilds = 2
	// mostRoots is how many images stay where all that can be is folded.
	mostRoots = 40
)

// foldTree folds as little of a tree as it takes to make it fit two screens. What fits one is shown
// as it is, and so is all of it if whole says so.
func foldTree(roots []*twig, whole bool) []*twig {
	if whole || lines(roots) <= oneScreen {
		return roots
	}
	folded := roots
	for at := foldAlike; at <= foldAll; at++ {
		folded = foldTwigs(roots, at, true)
		if lines(folded) <= twoScreens {
			break
		}
	}
	return folded
}

// lines counts the lines of a tree.
func lines(twigs []*twig) int {
	n := len(twigs)
	for _, t := range twigs {
		n += lines(t.below)
	}
	return n
}

// foldTwigs folds the twigs next to each other, and what is below them. Those that are folded
// stand where the first of them stood.
func foldTwigs(all []*twig, at level, roots bool) []*twig {
	groups := map[string][]*twig{}
	keys := make([]string, len(all))
	for i, t := range all {
		keys[i] = key(t, at, roots, i)
		groups[keys[i]] = append(groups[keys[i]], t)
	}
	var folded []*twig
	for i, t := range all {
		group := groups[keys[i]]
		switch {
		case keys[i] != "" && len(group) > mostNamed+1 && group[0] == t:
			folded = append(folded, together(group, at, roots))
		case keys[i] != "" && len(group) > mostNamed+1:
		default:
			copied := *t
			copied.below = foldTwigs(t.below, at, false)
			if at >= foldBelow && !roots && len(t.below) > 0 {
				copied.below = []*twig{{name: Count(t.builds()-t.stands, "build"), stands: t.builds() - t.stands}}
			}
			folded = append(folded, &copied)
		}
	}
	return folded
}

// key is what twigs that are folded into one have in common; "" is for one that stays.
func key(t *twig, at level, roots bool, i int) string {
	edge := strings.Join(t.versions, " ") + "\t" + t.how
	switch {
	case roots && at >= foldAll && i >= mostRoots:
		return "roots"
	case roots:
		few := at >= foldRoots && t.makes == "" && t.stands == 0 && t.builds() <= fewBuilds && !slices.ContainsFunc(t.below, func(b *twig) bool { return !b.leaf() })
		if few {
			return "few"
		}
	case at >= foldAll:
		return "all " + t.noun
	case !t.leaf():
	case at >= foldBuilds:
		return t.noun
	case at == foldVersion:
		return t.noun + "\t" + edge
	default:
		return strings.Join([]string{t.noun, t.dir, t.ending, edge}, "\t")
	}
	return ""
}

// together is the twig that stands for others.
func together(group []*twig, at level, roots bool) *twig {
	all := *group[0]
	all.below, all.makes, all.stands = nil, "", 0
	builds, names := 0, make([]string, len(group))
	for i, t := range group {
		builds += t.builds()
		names[i] = t.base
		all.versions = append(all.versions[:len(all.versions):len(all.versions)], t.versions...)
		if !strings.Contains(all.how, t.how) {
			all.how = strings.TrimLeft(all.how+", "+t.how, ", ")
		}
	}
	all.stands = builds
	slices.SortFunc(all.versions, cmp.Compare)
	all.versions = slices.Compact(all.versions)
	switch {
	case roots:
		for i, t := range group {
			names[i] = t.name
		}
		all.name = fmt.Sprintf("%d images more with %s: %s", len(group), Count(builds, "build"), Names(names))
		all.versions, all.how = nil, ""
	case at == foldAlike:
		all.names = names
	default:
		all.name = Count(len(group), all.noun) + " in " + directories(group)
		if more := builds - len(group); more > 0 {
			all.name += ", with " + Count(more, "build") + " below"
		}
	}
	return &all
}

// directories names the directories of twigs: the first of them, and how many more there are.
func directories(group []*twig) string {
	var all []string
	for _, t := range group {
		top, _, ok := strings.Cut(t.dir+t.base+t.ending, "/")
		if ok {
			top += "/"
		} else {
			top = "the root"
		}
		all = append(all, top)
	}
	slices.Sort(all)
	return Names(slices.Compact(all))
}

// splitPath tells the directory that Dockerfiles may have in common from what tells them apart.
func splitPath(p string) (dir, base, ending string) {
	parent, file := path.Split(p)
	if parent == "" {
		return "", file, ""
	}
	if strings.EqualFold(file, "Dockerfile") || strings.EqualFold(file, "Containerfile") {
		dir, base = path.Split(strings.TrimSuffix(parent, "/"))
		return dir, base, "/" + file
	}
	return parent, file, ""
}

// writeTwigs writes a tree, with what stands before each of its lines.
func (p *page) writeTwigs(all []*twig, before string, roots bool) {
	for i, t := range all {
		glyph, under := "├─ ", "│  "
		switch {
		case roots:
			glyph, under = "", ""
		case i == len(all)-1:
			glyph, under = "└─ ", "   "
		}
		rest := strings.Repeat(" ", 4)
		if !t.leaf() {
			rest = "│   "
		}
		lines := p.on.Lines(t.text(p.on, screen.Cells(before+glyph)), screen.Cells(before+glyph), screen.Cells(before+under+rest))
		for k, line := range lines {
			switch {
			case k > 0:
				line = before + under + rest + line
			case roots:
				line = p.on.Paint(screen.Strong, line)
			default:
				line = before + glyph + line
			}
			p.add(line + "\n")
		}
		p.writeTwigs(t.below, before+under, false)
	}
}

// called is what a twig is called behind so many cells of a screen: as many names of those that it stands
// for as there is room for, one at least.
func (t *twig) called(on *screen.Screen, taken int) string {
	name := t.name
	for n := mostNamed; n > 0 && t.names != nil; n-- { // with blanks at which no line is broken
		name = fmt.Sprintf("%s{%s,…\u00a0%d\u00a0more}%s", t.dir, strings.Join(t.names[:n], ","), len(t.names)-n, t.ending)
		if on.Fits(name, taken) {
			break
		}
	}
	return name
}

// text is the line of a twig behind so many cells of a screen.
func (t *twig) text(on *screen.Screen, taken int) string {
	text := t.called(on, taken)
	if len(t.versions) > 0 {
		text += "  " + Names(t.versions)
	}
	if t.how != "" {
		text += "  (" + t.how + ")"
	}
	if t.makes != "" {
		text += "  → " + t.makes
	}
	return text
}
