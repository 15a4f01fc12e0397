package engine

import (
	"fmt"
	"slices"
)

// An answer is what a registry says of one reference.
type answer struct {
	digest string // "" where it has no such tag
	err    error  // why it could not be asked
}

// weigh says of each target, before anything is built, what becomes of it without the engine; a result without a state
// is for the engine. found has the answers for all tags, and is used for a push alone.
func weigh(targets []Target, push bool, found map[string]answer) []Result {
	results := make([]Result, len(targets))
	at := map[string]int{}
	for i, t := range targets {
		at[t.Name] = i
		results[i] = Result{Target: t.Name}
		if push {
			results[i] = before(t, targets, found)
		}
	}
	for i, t := range targets { // those that it needs come first
		for _, need := range t.Needs {
			n, ok := at[need]
			if ok && results[i].State == "" && results[n].State == NotBuilt && len(targets[n].Tags) > 0 {
				results[i].State, results[i].Passing = NotBuilt, results[n].Passing
				results[i].Reason = fmt.Sprintf("it is based on %s, which is not built", need)
			}
		}
	}
	return results
}

// before says what becomes of one target that is to be pushed.
func before(t Target, all []Target, found map[string]answer) Result {
	r := Result{Target: t.Name}
	if len(t.Tags) == 0 {
		r.State, r.Reason = NotBuilt, "nothing says which tag it gets"
		return r
	}
	for _, tag := range t.Tags {
		for _, other := range all {
			if other.Name != t.Name && slices.Contains(other.Tags, tag) {
				r.State, r.Reason = NotBuilt, fmt.Sprintf("%s gets the tag %s as well", other.Name, tag)
				return r
			}
		}
	}
	for _, tag := range t.Tags {
		if err := found[tag].err; err != nil {
			r.State, r.Reason, r.Passing = NotBuilt, fmt.Sprintf("whether its registry has %s is not known: %v", tag, err), true
			return r
		}
	}
	versions := t.versions()
	isMissing := func(tag string) bool { return found[tag].digest == "" }
	if len(versions) > 0 && !slices.ContainsFunc(versions, isMissing) {
		r.State, r.Digest = Present, found[versions[0]].digest
	}
	return r
}
