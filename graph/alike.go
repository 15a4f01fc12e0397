package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// genericWords stand in the names of base images, and of the directories in which these are, whatever is in them.
var genericWords = map[string]bool{
	"base": true, "bases": true, "image": true, "images": true, "docker": true, "dockerfile": true, "dockerfiles": true, "container": true, "containers": true,
}

// ownWords returns the words of a name in their order of sorting, without the generic ones; generic says that it had one.
func ownWords(name string) (own []string, generic bool) {
	for _, word := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune("-_.", r) }) {
		if genericWords[word] {
			generic = true
		} else {
			own = append(own, word)
		}
	}
	slices.Sort(own)
	return slices.Compact(own), generic
}

// noteAlike names the Dockerfiles that may make an image which no build is known to make. They are called like it, and nothing
// tells what they make: base/python/Dockerfile for acme/python-base, or the only Dockerfile.base for acme/shop-base. The graph gets
// a note, and no edge.
func (p *paths) noteAlike(r *repository) {
	if len(r.uses) == 0 || len(r.makers) > 0 || r.isNoted || len(r.passed)+len(r.foreign) > 0 || isOfficial(r.name) || isVendor(r.name) || scanner.LacksPlace(r.name) ||
		strings.HasPrefix(r.name, "docker.io/") && !p.known[prefixOf(r.name)] {
		return
	}
	own, generic := ownWords(imageref.Base(r.name))
	if !generic || len(own) == 0 {
		return
	}
	var named, plain []*Node
	for _, all := range p.idle() {
		last, _ := ownWords(all.components[len(all.components)-1])
		inGeneric := slices.ContainsFunc(all.components, func(c string) bool { _, generic := ownWords(c); return generic })
		switch {
		case r.by(all.build) || !inGeneric:
		case slices.Equal(last, own):
			named = append(named, all.build)
		case len(last) == 0 && strings.HasPrefix(all.components[len(all.components)-1], "base"):
			plain = append(plain, all.build)
		}
	}
	if len(named) == 0 && len(plain) == 1 {
		named = plain
	}
	if len(named) == 0 {
		return
	}
	var names []string
	for _, build := range named {
		names = append(names, build.Key)
	}
	ref := r.uses[0].refs[0]
	name := scanner.Readable(r.name)
	if !ref.Image.IsZero() { // of one with an unknown tag only the repository is known
		name = ref.Image.String()
	}
	p.note(source.CodeSimilarName, r.name, "", ref.Pos, fmt.Sprintf("no build is known to make %s%s; called like it, and not known to make anything: %s", name, alsoAt(r, ref), firstCandidates(names)),
		"if it makes it, say so in the configuration: images: {"+names[0]+": "+r.name+"}", named...)
}

// idle returns the Dockerfiles that are not known to make an image, by path, with the components of their paths.
func (p *paths) idle() []place {
	if p.idleOnes != nil {
		return p.idleOnes
	}
	p.idleOnes = []place{}
	makes := map[string]bool{}
	for _, r := range slices.Concat(p.sorted(), p.unplaced()) {
		for _, m := range r.makers {
			makes[m.build.Key] = true
		}
	}
	for i := range p.all {
		n := &p.all[i]
		if makes[n.Key] || !n.File.IsDockerfile() || n.File.IsInline() || rejected(n.File) {
			continue
		}
		makes[n.Key] = true // one of its builds stands for all
		if all := components(n.Key); len(all) > 0 {
			p.idleOnes = append(p.idleOnes, place{n, all, 0})
		}
	}
	return p.idleOnes
}
