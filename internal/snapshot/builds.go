package snapshot

import (
	"context"
	"slices"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/cache"
)

// maxStates bounds how many states of what build files look at are told apart, one
// after the other.
const maxStates = 100

// readBuilds reads the build files. What they say depends on them, on what they look
// at beside, on which Dockerfiles there are, and on what the repository is called.
func (r *reader) readBuilds(ctx context.Context, in *interest, entries []entry) error {
	parts := append(make([]string, 0, 3+2*len(r.buildFiles)+len(r.Dockerfiles)), "builds", r.opts.Program)
	known := r.opts.Cache
	for _, e := range r.buildFiles {
		if !e.class.isBuildFile() {
			continue
		}
		parts = append(parts, e.path, e.identity)
		if e.identity == "" {
			known = nil
		}
	}
	parts = append(append(parts, ""), r.Dockerfiles...)
	parts = append(append(parts, ""), r.opts.Names...)
	key := cache.KeyOf(parts...)
	for range maxStates {
		data, ok := known.Get(key)
		if !ok || len(data) < len(cache.Key{}) {
			break
		}
		result, err := buildfile.Decode(data[len(cache.Key{}):])
		if err != nil {
			break
		}
		state, lasting := r.stateOf(in, entries, result.Looked)
		if !lasting {
			break
		}
		if state == cache.Key(data[:len(cache.Key{})]) {
			r.Builds = result
			return nil
		}
		// What stands under a key stays, and what is beside it has changed since: its
		// new state leads to the next key.
		key = cache.KeyOf(string(key[:]), string(state[:]))
	}
	var paths []string
	var absent []entry
	for _, e := range r.buildFiles {
		if e.class.isBuildFile() {
			paths = append(paths, e.path)
		}
		if e.class.isBuildFile() || r.isNamed(e) {
			absent = append(absent, *e)
		}
	}
	for _, s := range r.scans { // which are read next, and come in the same request
		absent = append(absent, s.entry)
	}
	if err := r.source.prefetch(ctx, absent); err != nil && ctx.Err() != nil {
		return ctx.Err() // what is not here is listed as unreadable
	}
	var err error
	if r.Builds, err = buildfile.Read(ctx, r.files, paths, r.Dockerfiles, r.opts.Names...); err != nil {
		return err
	}
	for _, f := range r.Builds.Unreadable {
		r.Unreadable = append(r.Unreadable, unreadable(f.Path, f.Err))
	}
	if known == nil || r.Builds.Partial || len(r.Builds.Unreadable) > 0 {
		return nil
	}
	if state, lasting := r.stateOf(in, entries, r.Builds.Looked); lasting {
		known.Put(key, append(state[:], r.Builds.Encode()...))
	}
	return nil
}

// stateOf is the identity of all that build files looked at.
func (r *reader) stateOf(in *interest, entries []entry, paths []string) (key cache.Key, lasting bool) {
	parts := make([]string, 0, 2*len(paths))
	if len(r.links) > 0 {
		entries = slices.Concat(entries, r.links)
		slices.SortFunc(entries, byPath)
	}
	for _, p := range paths {
		identity, lasting := r.source.identify(in, entries, p)
		if !lasting {
			return key, false
		}
		parts = append(parts, p, identity)
	}
	return cache.KeyOf(parts...), true
}
