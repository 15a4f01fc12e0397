package monorepo

import (
	"maps"
	"slices"

	"github.com/matihlabs/propagate/scanner"
)

// readsTheSame reports whether a Dockerfile that differs says the same to a build: it may differ in a comment, or in
// a stage that the target does not reach.
func (c *comparison) readsTheSame(file *scanner.File, ways []way) bool {
	return c.then != nil && !slices.ContainsFunc(ways, func(w way) bool {
		now, isKnown := c.stepsOf(file, w)
		then, wasKnown := c.then.stepsOf(file, w)
		return !isKnown || !wasKnown || now.Text != then.Text
	})
}

// stepsOf returns what a build reads of a Dockerfile, as it is in this revision.
func (r *Repository) stepsOf(file *scanner.File, w way) (scanner.Steps, bool) {
	var src []byte
	if !file.IsInline() {
		var err error
		if src, err = r.files.Read(file.Path); err != nil {
			return scanner.Steps{}, false
		}
	}
	config := w.config
	config.Target = file.Target
	return file.Steps(src, config)
}

// differences names what two ways in which a Dockerfile is built differ in, as they are now and as they were. A named
// context counts if an instruction uses it.
func (c *comparison) differences(file *scanner.File, now, then way) []string {
	all := now.differences(then)
	if !slices.Contains(all, namedContexts) {
		return all
	}
	return c.withUsed(file, now).differences(c.then.withUsed(file, then))
}

// withUsed returns a way without the named contexts that nothing which the build reads of its Dockerfile names.
func (r *Repository) withUsed(file *scanner.File, w way) way {
	if len(w.Contexts) == 0 && len(w.Links) == 0 {
		return w
	}
	steps, ok := r.stepsOf(file, w)
	if !ok {
		return w
	}
	isUnused := func(name, _ string) bool { return !slices.Contains(steps.Contexts, name) }
	w.Contexts, w.Links = maps.Clone(w.Contexts), maps.Clone(w.Links)
	maps.DeleteFunc(w.Contexts, isUnused)
	maps.DeleteFunc(w.Links, isUnused)
	return w
}
