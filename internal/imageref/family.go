package imageref

import "strings"

// Family returns what a tag has in common with all tags that are reached from it by steps up
// to level, as a text; "" where that is nothing. It does not change along such a step, but for zeros in front.
//
//	           patch            minor           major
//	3.12.4     3.12             3               ""
//	20-alpine  20-alpine        20-alpine       alpine
//	17-1.0.0   17-1.0           17-1            ""
//	8.8-860    8.8-n            8-n             n
//	latest     latest           latest          latest
func Family(tag string, level Step) string {
	if tag == "" {
		tag = "latest"
	}
	keep := map[Step]int{Patch: 2, Minor: 1, Major: 0}[max(level, Patch)]
	var b strings.Builder
	for _, p := range parseTag(tag).released() {
		switch p.kind {
		case version:
			b.WriteString(strings.Join(p.numbers[:min(keep, len(p.numbers))], "."))
		case distribution:
			b.WriteString(p.family(level))
		case revision:
			b.WriteString(p.shape + "n")
		case stamp:
			b.WriteString("date")
		case unordered:
			b.WriteString("hash")
		default:
			b.WriteString(p.text)
		}
	}
	return strings.Trim(b.String(), ends)
}

// family is what stays of the release of a distribution.
func (p part) family(level Step) string {
	name := strings.Trim(p.shape, ends+"<>")
	switch {
	case level >= Major:
		return name
	case len(p.numbers) <= p.release:
		return strings.ToLower(p.text)
	}
	return name + strings.Join(p.numbers[:p.release], ".")
}
