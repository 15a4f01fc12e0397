package proposal

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/source"
)

// A section is a part of the file: a heading, and below it maybe a key with entries.
type section struct {
	key     string
	heading []string
	groups  []group
}

// A group is what is folded into one line where it is much.
type group struct {
	most  int    // items that are written one by one
	more  string // what the others are called, which tells the line of a fold in the file
	where string // what lists the others
	all   bool   // either all are written or none
	items []item
}

// An item is something that a person should know, or may make count.
type item struct {
	ids     []string // one line names them all where the item is known
	path    string   // of the Dockerfile of bases
	images  []string // that these are
	name    string   // in a fold
	fold    string   // the other group that it may be folded in; "" for none
	prose   []string
	entries []entry
}

// An entry is a line of configuration. Of each key, there can be one alone.
type entry struct {
	key, value, remark string
	paths              []string // the Dockerfiles that an entry of images: is for
}

// How many items of a kind are written one by one.
const (
	mostKnown  = 8
	mostOthers = 10
	mostInAll  = 20 // of what is sure, before it is one group
)

func sections(f *monorepo.Findings) []section {
	return []section{
		{heading: []string{"# Bases that are built here, and what says so:"}, groups: known(f)},
		{key: "images", heading: []string{"# Which Dockerfile builds which image, where names alone say it or where it is not clear:"}, groups: []group{
			{most: mostOthers, more: "that names alone say", where: "propagate graph lists them", items: guessed(f)},
			{most: mostOthers, more: "that are not clear", where: "propagate graph says which", items: unclear(f)},
		}},
		{key: "arguments", heading: []string{"# References whose value is not known. Files of NAME=value lines give build arguments their values:"}, groups: []group{
			{most: mostOthers, more: "whose value is not known", where: "propagate scan says which", items: unresolved(f)},
		}},
		{key: "versions", heading: []string{"# Bases whose next version nothing tells. How do their tags count up: date, build-number, or {base}-{n}?"}, groups: []group{
			{most: mostOthers, more: "without a next version", where: "propagate plan says which", items: withoutNext(f)},
		}},
	}
}

// known returns what is sure and not contested, by the file that says it; where that is much, in one group.
func known(f *monorepo.Findings) (groups []group) {
	sure := slices.DeleteFunc(slices.Clone(f.Bases), func(b monorepo.Base) bool { return b.Rule.IsGuess() || b.Rule == graph.Configured })
	for _, base := range sure {
		isContested := slices.ContainsFunc(f.Unclear, func(u monorepo.Unclear) bool {
			return u.Image == base.Image && u.Problem.Code == source.CodeTwoMakers && slices.ContainsFunc(u.Candidates, func(c monorepo.Candidate) bool { return c.Path == base.Path })
		})
		if isContested {
			continue // it stands where it is asked
		}
		says, _, _ := strings.Cut(base.Where, ":")
		g := group{most: mostKnown, more: "that " + line(says) + " builds", where: "propagate graph lists them", all: true}
		own := g.more
		if len(sure) > mostInAll {
			g.more = "that build files and commands build"
		}
		i := slices.IndexFunc(groups, func(other group) bool { return other.more == g.more })
		if i < 0 {
			i, groups = len(groups), append(groups, g)
		}
		how := "by "
		if base.Rule == graph.Command {
			how = "by the command at "
		}
		lines := ""
		if len(base.Lines) > 0 {
			lines = "the line of " + shortList(base.Lines) + ", "
		}
		text := fmt.Sprintf("%s: %s, %s%s (%s%s)", line(base.Image), line(base.Path), how, line(base.Where), lines, source.Count(base.Dependents, "dependent build"))
		groups[i].items = append(groups[i].items, item{ids: []string{base.Image, line(base.Path)}, name: imageref.Base(base.Image), prose: []string{text}, fold: own})
	}
	return groups
}

// guessed returns what names alone say, with one pattern for what is alike.
func guessed(f *monorepo.Findings) (items []item) {
	bases := slices.DeleteFunc(slices.Clone(f.Bases), func(b monorepo.Base) bool { return !b.Rule.IsGuess() || !isRepository(b.Image) })
	folded := map[int]bool{}
	for i := range bases {
		if folded[i] {
			continue
		}
		alike, it := alikeOf(f, bases, i)
		for _, k := range alike {
			folded[k] = true
		}
		if it.entries == nil {
			var own []monorepo.Base
			for k := i; k < len(bases); k++ {
				if bases[k].Path == bases[i].Path && !folded[k] {
					folded[k], own = true, append(own, bases[k])
				}
			}
			it = guess(own)
		}
		items = append(items, it)
	}
	return items
}

// guess returns the entry of the bases of one Dockerfile.
func guess(bases []monorepo.Base) item {
	it := item{path: bases[0].Path, name: imageref.Base(bases[0].Image)}
	it.ids = append(it.ids, line(it.path))
	var values, remarks []string
	builds := 0
	for _, base := range bases {
		it.ids, it.images = append(it.ids, base.Image), append(it.images, base.Image) // all of them have to be named
		target := ""
		if len(base.Targets) == 1 {
			target = base.Targets[0]
		}
		values = append(values, imageValue(base.Image, targetText(target), base.Lines))
		builds += base.Dependents
		if base.Like != "" {
			remarks = append(remarks, line(base.Like))
		}
	}
	key, ok := pattern(it.path)
	if !ok {
		it.prose = []string{line(fmt.Sprintf("%s: its path cannot be written here, as that of %s", it.path, strings.Join(it.images, ", ")))}
		return it
	}
	remark := source.Count(builds, "dependent build")
	if len(remarks) > 0 {
		remark += ", taken for " + shortList(remarks)
	}
	value := values[0]
	if len(values) > 1 {
		value = "[" + strings.Join(values, ", ") + "]"
	}
	it.entries = []entry{{quoted(key), value, remark, []string{it.path}}}
	return it
}

// targetText returns a target as it can stand in an entry, "" for none.
func targetText(target string) string {
	if strings.ContainsAny(target, "{}") || source.Clean(target) != target {
		return ""
	}
	return target
}

// fewAlike is how many Dockerfiles in directories beside each other become one pattern.
const fewAlike = 3

// alikeOf returns the places of the bases that one pattern with {dir} says together with the one at a place, and the item of
// the pattern. There are none where the pattern would fit any other Dockerfile.
func alikeOf(f *monorepo.Findings, bases []monorepo.Base, at int) (alike []int, it item) {
	parent, prefix, ok := shape(bases[at])
	if !ok {
		return nil, it
	}
	file := path.Base(bases[at].Path)
	fits := func(p string) bool {
		return path.Base(p) == file && path.Dir(path.Dir(p)) == parent && path.Dir(p) != "."
	}
	builds := 0
	var paths []string
	for i, base := range bases {
		if otherParent, otherPrefix, ok := shape(base); ok && fits(base.Path) && otherParent == parent && otherPrefix == prefix {
			alike, paths = append(alike, i), append(paths, base.Path)
			builds += base.Dependents
		}
	}
	others := 0
	for _, p := range f.AllPaths {
		if fits(p) {
			others++
		}
	}
	above, isAbove := pattern(parent)
	name, isName := pattern(file)
	if len(alike) < fewAlike || others != len(alike) || !isAbove || !isName {
		return nil, it
	}
	key := path.Join(above, "*", name)
	remark := fmt.Sprintf("%s, %s", source.Count(len(alike), "Dockerfile"), source.Count(builds, "dependent build"))
	it = item{ids: []string{key}, name: prefix + "*", entries: []entry{{quoted(key), quoted(prefix + "{dir}"), remark, paths}}}
	return alike, it
}

// shape returns the directory above that of a base's Dockerfile, and what its image has in front of the name of the latter.
func shape(base monorepo.Base) (parent, prefix string, ok bool) {
	dir := path.Dir(base.Path)
	name := path.Base(dir)
	prefix, ok = strings.CutSuffix(base.Image, name)
	isOne := len(base.Lines) == 0 && (len(base.Targets) == 0 || len(base.Targets) == 1 && base.Targets[0] == "")
	return path.Dir(dir), prefix, ok && isOne && dir != "." && strings.HasSuffix(prefix, "/") && name == strings.ToLower(name) && base.Like == ""
}

// unclear returns what cannot be told, with the entries that would settle it.
func unclear(f *monorepo.Findings) (items []item) {
	for _, u := range f.Unclear {
		text := line(fmt.Sprintf("%s: %v", u.Problem.Pos, u.Problem.Err))
		ids := []string{text} // where the line is too short for the image
		for _, name := range []string{u.Image + ":" + u.Tag, u.Image, imageref.Base(u.Image)} {
			if mentions(text, name) {
				ids = []string{line(u.Problem.Pos.Path), name}
				break
			}
		}
		it := item{ids: ids, name: imageref.Base(u.Image), prose: []string{text}}
		var tags []string
		if u.Problem.Code == source.CodeNoLine {
			tags = []string{u.Tag}
		}
		const few = 3
		for _, c := range u.Candidates[:min(few, len(u.Candidates))] {
			if key, ok := pattern(c.Path); ok && isRepository(u.Image) {
				it.entries = append(it.entries, entry{quoted(key), imageValue(u.Image, targetText(c.Target), tags), line(c.Where), []string{c.Path}})
			}
		}
		switch {
		case len(it.entries) > 1:
			it.prose = append(it.prose, "Keep the one that builds it:")
		case len(it.entries) == 0 && u.Problem.Hint != "" && len(u.Candidates) == 0:
			it.prose = append(it.prose, line("What settles it: "+u.Problem.Hint))
		}
		items = append(items, it)
	}
	return items
}

// unresolved returns the references whose value is not known, and an entry for each Dockerfile that lacks arguments.
func unresolved(f *monorepo.Findings) (items []item) {
	for i, u := range f.Unknown {
		in := ""
		if u.Partly {
			in = "in one of its builds, "
		}
		text := line(fmt.Sprintf("%s: %s: %s%s", u.Pos, u.Written, in, strings.TrimPrefix(u.Why, u.Written+" ")))
		it := item{ids: []string{line(u.Pos.Path), line(u.Written)}, name: u.Pos.String(), prose: []string{text}}
		key, ok := pattern(u.Dockerfile)
		isLast := !slices.ContainsFunc(f.Unknown[i+1:], func(other monorepo.Unresolved) bool { return other.Dockerfile == u.Dockerfile && !other.Partly })
		if (u.Code == source.CodeUnresolvedArg || u.Code == source.CodeUnknownValue) && ok && isLast && !u.Partly {
			it.entries = []entry{{value: "- {files: versions.env, for: " + quoted(key) + "}"}}
		}
		items = append(items, it)
	}
	return items
}

// withoutNext returns the bases whose next version nothing tells.
func withoutNext(f *monorepo.Findings) (items []item) {
	for _, n := range f.NoNext {
		it := item{ids: []string{n.Image, "scheme"}, name: imageref.Base(n.Image), prose: []string{line(n.Why)}}
		scheme := "build-number"
		if dated.MatchString(n.Why) {
			scheme = "date"
		}
		if isRepository(n.Image) {
			it.entries = []entry{{key: quoted(n.Image), value: "{scheme: " + scheme + "}"}}
		}
		items = append(items, it)
	}
	return items
}

// dated is a tag with a day in it.
var dated = regexp.MustCompile(`\b20\d\d[-.]?[01]\d[-.]?[0-3]\d\b`)

// settingsOf returns the part of the file on how the bot works, which is about no image.
func settingsOf(f *monorepo.Findings) []string {
	group := "#group: all  # the default: what one base changes is one pull request; or service, directory, wave, or team with a CODEOWNERS file"
	if len(f.Teams) > 0 {
		group = fmt.Sprintf("#group: team  # CODEOWNERS gives Dockerfiles to %s; without it, what one base changes is one pull request", shortList(f.Teams))
	}
	return []string{
		"# How the bot works:",
		group,
		"#labels: [dependencies, propagate]  # of pull requests: the default",
		"#policies:",
		"#  - level: patch  # the largest step that is taken: patch, the default, or minor or major",
		"#    min-age: 7d  # how old a version has to be; the default is 0",
		`#    schedule: "0 6 * * 1-5"  # when propagate run --if-due looks, in UTC; the default is always`,
	}
}

// shortList names a few of some, cleaned.
func shortList(all []string) string {
	const few = 3
	text := line(strings.Join(all[:min(few, len(all))], ", "))
	if n := len(all) - few; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return cmp.Or(text, "nobody")
}
