package buildfile

import "slices"

// xBake is the key under which a compose file says what bake adds to the build of a service: tags,
// platforms and contexts (Docker, "Building with Bake from a Compose file").
const xBake = "x-bake"

// arguments returns the build arguments of a service that have a value.
func (p *composeProject) arguments(builds []layer) []assignment {
	var all []assignment
	for _, a := range p.assignments(builds, "args") {
		if !a.set {
			a.value, a.set = p.vars[a.name]
		}
		if a.set {
			all = append(all, a)
		}
	}
	return all
}

// contexts returns the named contexts of a service, with those that only bake has.
func (p *composeProject) contexts(builds []layer) []assignment {
	all := p.assignments(builds, "additional_contexts")
	for _, a := range p.assignments(fields(builds, xBake), "contexts") {
		if !slices.ContainsFunc(all, func(own assignment) bool { return own.name == a.name }) {
			all = append(all, a)
		}
	}
	return all
}
