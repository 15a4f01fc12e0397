package compose

import "slices"

// xBake is the key under which a compose file says what bake adds to the build of a service: tags,
// platforms and contexts (Docker, "Building with Bake from a Compose file").
const xBake = "x-bake"

// Arguments returns the build arguments of a service that have a value.
func (p *Project) Arguments(builds []Layer) []Assignment {
	var all []Assignment
	for _, a := range p.assignments(builds, "args") {
		if !a.set {
			a.Value, a.set = p.Vars[a.Name]
		}
		if a.set {
			all = append(all, a)
		}
	}
	return all
}

// Contexts returns the named contexts of a service, with those that only bake has.
func (p *Project) Contexts(builds []Layer) []Assignment {
	all := p.assignments(builds, "additional_contexts")
	for _, a := range p.assignments(Fields(builds, xBake), "contexts") {
		if !slices.ContainsFunc(all, func(own Assignment) bool { return own.Name == a.Name }) {
			all = append(all, a)
		}
	}
	return all
}
