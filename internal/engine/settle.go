package engine

import (
	"cmp"
	"fmt"
	"slices"
)

// An ending is how the engine has ended one target.
type ending struct {
	ok     bool
	digest string // as the engine says; "" where it does not
	reason string // why it has failed
}

// endings are how the engine has ended. A target that is not among them is one of which the engine says nothing.
type endings struct {
	of      map[string]ending
	general string // why the engine has ended where it does not say of which target; "" where nothing failed
}

// settle says what became of the targets that were the engine's. Of a push, the registry knows: then has the answers
// for the tags before, now those afterwards.
func settle(results []Result, targets []Target, ended endings, push bool, then, now map[string]answer) []Result {
	results = slices.Clone(results)
	at := map[string]int{}
	for i, t := range targets {
		at[t.Name] = i
		if results[i].State != "" {
			continue
		}
		e, isKnown := ended.of[t.Name]
		r := &results[i]
		switch {
		case push && e.ok:
			*r = confirmed(t, e.digest, now)
		case push:
			*r = foundAfterwards(t, then, now)
		case e.ok:
			r.State, r.Digest = Built, e.digest
		}
		if r.State != "" {
			continue
		}
		if isKnown {
			r.State, r.Reason = Failed, e.reason
			continue
		}
		r.State, r.Reason = NotBuilt, cmp.Or(ended.general, "the engine has ended before")
		for _, need := range t.Needs {
			if n, ok := at[need]; ok && !results[n].Done() {
				r.Reason = fmt.Sprintf("it is based on %s, which is not built", need)
			}
		}
	}
	return results
}

// confirmed says what became of a target that the engine says it has pushed with a digest, "" where it does not say which.
func confirmed(t Target, digest string, now map[string]answer) Result {
	r := Result{Target: t.Name, State: Pushed, Digest: digest}
	for _, tag := range t.Tags {
		a := now[tag]
		switch {
		case a.err != nil:
			r.Reason = fmt.Sprintf("the engine says so, but the registry cannot be asked: %v", a.err)
		case a.digest == "":
			return Result{Target: t.Name, State: Failed, Reason: fmt.Sprintf("the engine says that it is pushed, but its registry has no %s", tag)}
		case r.Digest == "":
			r.Digest = a.digest
		case a.digest != r.Digest:
			return Result{Target: t.Name, State: Failed, Digest: a.digest, Reason: fmt.Sprintf("the engine has pushed %s, but its registry has another image as %s", r.Digest, tag)}
		}
	}
	return r
}

// foundAfterwards says what became of a target of which the engine says nothing, or that it has failed: it may have been
// pushed before. The state is "" where the registry has nothing new of it.
func foundAfterwards(t Target, then, now map[string]answer) Result {
	r := Result{Target: t.Name}
	var pushed, missing []string
	for _, tag := range t.Tags {
		a := now[tag]
		switch {
		case a.err != nil:
			return Result{Target: t.Name, State: Failed, Reason: fmt.Sprintf("whether it was pushed is not known, the registry cannot be asked: %v", a.err), Passing: true}
		case a.digest != "" && a.digest != then[tag].digest:
			pushed = append(pushed, tag)
			r.Digest = cmp.Or(r.Digest, a.digest)
		default:
			missing = append(missing, tag)
		}
	}
	// A tag that names the same image as before may be one that did not have to be pushed.
	missing = slices.DeleteFunc(missing, func(tag string) bool { return r.Digest != "" && now[tag].digest == r.Digest })
	switch {
	case len(pushed) == 0:
		r.Digest = ""
	case len(missing) == 0 && !slices.ContainsFunc(pushed, func(tag string) bool { return now[tag].digest != r.Digest }):
		r.State = Pushed
	case len(missing) == 0:
		r.State, r.Reason = Failed, "its registry has different images under its tags"
	default:
		r.State, r.Reason = Failed, fmt.Sprintf("it was pushed as %s, but not as %s", pushed[0], missing[0])
	}
	return r
}
