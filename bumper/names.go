package bumper

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
)

// BranchPrefix begins every branch that propagate makes, where the configuration names no other.
const BranchPrefix = "propagate/"

// A Subject is what a change is about: a line of an image. Subjects, group and base branch are
// what a change is found again by; the versions are not.
type Subject struct {
	Image   string // the repository, canonical
	Line    string // what tells the line from others of the image that the repository knows; "" where there are none
	Version string // the one that the line has now
	From    string // the version that exactly those references are on which move; "" for a patch
}

func (p *Plan) subjects(bumps []Bump) []Subject {
	var all []Subject
	for _, bump := range bumps {
		all = append(all, Subject{bump.Image, p.line(bump), bump.Version(), bump.From})
	}
	return all
}

// line returns what tells the line that a bump is meant for from others of its image, "" where
// there are none. It is a function of what the repository makes and uses, and of the line: all
// versions of one have the same.
//
//   - Of an image that builds of the repository make, the lines are those of the graph: as many
//     leading numbers as tell them apart, and the flavour.
//   - Of any other, the families of the tags in use ([imageref.Family]) that the level does not join.
//
// References that move from one version are meant by that, and may go to any line: so theirs
// counts as well, and the level does not.
func (p *Plan) line(bump Bump) string {
	if bump.Version() == "" {
		return ""
	}
	if lines := p.Graph.Lines(bump.Image); len(lines) > 1 {
		return madeLine(lines, p.Graph.LinesOf(bump.Image, bump.Tag), bump)
	} else if len(lines) == 1 && lines[0].Maker() != nil {
		return ""
	}
	level := p.level
	families := map[string]bool{}
	if bump.From != "" {
		level = imageref.Patch
		families[family(bump.Tag, bump.Digest, level)] = true
	}
	for _, ref := range p.Graph.References(bump.Image) {
		if !ref.Image.IsZero() {
			families[family(ref.Image.Tag, ref.Image.Digest, level)] = true
		}
	}
	if len(families) < 2 {
		return ""
	}
	return family(bump.Tag, bump.Digest, level)
}

func family(tag, digest string, level imageref.Step) string {
	if tag == "" && digest != "" {
		return "digest" // which says no version
	}
	return imageref.Family(tag, level)
}

// madeLine names the line of a bump, for an image that builds of the repository produce. lines are
// all lines of the image, and on are those that the bump is meant for.
func madeLine(lines, on []*graph.Node, bump Bump) string {
	if bump.Tag == "" {
		return "all-lines"
	}
	names := madeLines(lines)
	var all []string
	for _, line := range on {
		if line.Maker() != nil && !slices.Contains(all, names[line]) {
			all = append(all, names[line])
		}
	}
	if len(all) > 0 {
		slices.Sort(all)
		return strings.Join(all, "-")
	}
	name := telling(imageref.LineOf(bump.Tag), madeOf(lines), 1)
	if slices.Contains(slices.Collect(maps.Values(names)), name) {
		name += "-other"
	}
	return name
}

// madeLines names the lines that builds make. Those that get the same tags have one name.
func madeLines(lines []*graph.Node) map[*graph.Node]string {
	names := map[*graph.Node]string{}
	lineOf := map[string]string{} // by name
	twice := map[string]bool{}
	for _, line := range lines {
		maker := line.Maker()
		if maker == nil {
			continue
		}
		name := graph.Name(maker.Key)
		if l, ok := tagLine(line); ok {
			name = telling(l, madeOf(lines), 0)
		}
		if first, known := lineOf[name]; known && first != line.Line {
			twice[name] = true
		}
		names[line], lineOf[name] = name, line.Line
	}
	for line, name := range names {
		if twice[name] {
			names[line] = strings.TrimPrefix(name+"-"+hash(line.Line), "-")
		}
	}
	return names
}

// tagLine returns the line of the tags that a build gives an image; ok is false where none is known.
func tagLine(line *graph.Node) (_ imageref.Line, ok bool) {
	if line.Maker() == nil || line.Line == line.Maker().Key || strings.Contains(line.Line, "/") {
		return imageref.Line{}, false
	}
	return imageref.LineOf(strings.NewReplacer(".*", "", "*", "").Replace(line.Line)), true
}

func madeOf(lines []*graph.Node) (all []imageref.Line) {
	for _, line := range lines {
		if l, ok := tagLine(line); ok {
			all = append(all, l)
		}
	}
	return all
}

// telling returns as many leading numbers of a line as tell it from others of its flavour, least at
// the least, and the flavour.
func telling(l imageref.Line, others []imageref.Line, least int) string {
	needed := least
	for _, other := range others {
		if shared := l.Shared(other); other.Flavour == l.Flavour && shared < max(len(l.Numbers), len(other.Numbers)) {
			needed = max(needed, shared+1)
		}
	}
	numbers := strings.Join(l.Numbers[:min(needed, len(l.Numbers))], ".")
	return strings.Trim(numbers+"-"+l.Flavour, "-")
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

// branch names the branch of a change below the prefix: its subjects, as subjectNames has them, and its
// group, or the name of the group alone where the configuration names one. All is on one level, so that
// no branch is a directory of another.
func (p *Plan) branch(c Change, subjects string) string {
	if c.Name != "" {
		name := slug(c.Name)
		if p.isMistakable(name, "") {
			name += "-" + hash("group "+c.Name)
		}
		return unlocked(name)
	}
	name := subjects
	if c.GroupSlug != "" {
		name += "--" + c.GroupSlug
	}
	return unlocked(name)
}

// subjectNames names subjects in a branch.
func (p *Plan) subjectNames(subjects []Subject) string {
	var names []string
	for _, s := range subjects {
		names = append(names, p.subjectName(s))
	}
	slices.Sort(names)
	name := strings.Join(slices.Compact(names), "+")
	if len(name) > maxBranch {
		name = name[:maxBranch] + "-" + hash(name)
	}
	return name
}

// subjectName names a subject in a branch.
func (p *Plan) subjectName(s Subject) string {
	image := slug(p.shortName(s.Image))
	name := image
	if s.Line != "" {
		name += "-" + slug(s.Line)
	}
	mistakable := strings.Contains(name[len(image):], "-from-")
	if s.From != "" {
		name += "-from-" + slug(shortVersion(s.From))
	}
	if mistakable || name != image && p.isMistakable(name, image) {
		name += "-" + hash(s.Image+" "+s.Line+" "+s.From)
	}
	return name
}

// isMistakable reports whether a name could be that of another image, or of a line of it: the line 17
// of the image base, beside an image base-17. The one with the shorter name gives way.
func (p *Plan) isMistakable(name, image string) bool {
	return slices.ContainsFunc(p.Graph.Images(), func(n *graph.Node) bool {
		other := slug(p.shortName(n.Key))
		return len(other) > len(image) && strings.HasPrefix(name+"-", other+"-")
	})
}

// Onto returns the change with the branch that it has where it is to be merged into another
// branch than the default one.
func (c Change) Onto(base string) Change {
	at := strings.LastIndexByte(c.Branch, '/') + 1
	name := c.Branch[at:]
	whole := name + "--onto-" + slugPath(base)
	if len(whole) > maxName {
		whole = name[:min(len(name), maxName-maxBranch)] + "--onto-" + hash(whole)
	}
	c.Branch = c.Branch[:at] + unlocked(whole)
	return c
}

// unlocked returns a name without an ending that git keeps for itself.
func unlocked(name string) string {
	if strings.HasSuffix(name, ".lock") {
		name += "-" + hash(name)
	}
	return name
}

// CheckBranchPrefix says why a text cannot begin the names of branches, nil if it can.
func CheckBranchPrefix(prefix string) error {
	const most = 60 // bytes, which leaves room for the name itself
	switch last, found := strings.CutSuffix(prefix, "/"); {
	case !found:
		return fmt.Errorf("%q does not end with /", prefix)
	case len(prefix) > most:
		return fmt.Errorf("%.40q… is longer than %d characters", prefix, most)
	case !prefixPattern().MatchString(prefix):
		return fmt.Errorf("%q holds something else than letters, digits, and . _ - inside the names of directories", prefix)
	case strings.Contains(prefix, ".."), slices.ContainsFunc(strings.Split(last, "/"), func(part string) bool { return strings.HasSuffix(part, ".lock") || strings.HasSuffix(part, ".") }):
		return fmt.Errorf("%q is refused by git", prefix)
	case strings.HasPrefix(prefix, "refs/"), strings.HasPrefix(prefix, "gh-readonly-queue/"):
		return fmt.Errorf("%q is taken by git or GitHub", prefix)
	}
	return nil
}

var prefixPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)+$`) })

// maxBranch leaves room for the group and git's own endings in 255 bytes, the
// longest name of a file; maxName for the endings alone.
const (
	maxBranch = 100
	maxName   = 240
)

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
	if name == s && len(name) <= maxBranch && !strings.Contains(name, "--") {
		return name
	}
	for strings.Contains(name, "--") { // which sets the group apart
		name = strings.ReplaceAll(name, "--", "-")
	}
	return strings.Trim(name[:min(len(name), maxBranch)], ".-") + "-" + hash(s)
}

// slugPath is slug for paths: the slashes of a path that is otherwise harmless
// become dots, without a hash.
func slugPath(p string) string {
	if p == "." {
		return "root-" + hash(p) // a directory may be called root
	}
	if len(p) <= maxBranch && !strings.Contains("/"+p+"/", "//") && !strings.Contains(p, "--") && strings.IndexFunc(p, func(r rune) bool { return r != '/' && !isSlug(r) }) < 0 {
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
