package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A reader is a Snapshot in the making.
type reader struct {
	opts Options
	*Snapshot
	source     Source
	files      listed
	scans      []*scan      // of the Dockerfiles
	buildFiles []*entry     // of Others
	sources    []trace.File // of the Dockerfiles

	mu   sync.Mutex
	lazy map[string]*trace.File
}

// A scan is what is known of a Dockerfile: what was found in it or, as long as nobody
// asks, the record of that.
type scan struct {
	path     string
	identity string
	builds   []scanner.BuildConfig
	record   []byte        // nil if there is none
	file     *scanner.File // nil if there is a record
	missing  error         // its content is not here
}

// store returns the cache for what is found in a file.
func (r *reader) store(identity string) *cache.Store {
	if identity == "" {
		return nil
	}
	return r.opts.Cache
}

// scan reads one Dockerfile with the target that the configuration gives it.
func (r *reader) scan(e entry, read func(entry) ([]byte, error)) *scan {
	s := &scan{path: e.path, identity: e.identity}
	target := r.Config.Target(e.path)
	if target != "" {
		s.builds = []scanner.BuildConfig{{Target: target}}
	}
	known, key := r.store(e.identity), cache.KeyOf("dockerfile", r.opts.Program, e.identity, target)
	var ok bool
	if s.record, ok = known.Get(key); ok {
		return s
	}
	src, err := read(e)
	if err != nil {
		s.file = scanner.Unreadable(e.path, err, gitrepo.Hint(err))
		if errors.Is(err, gitrepo.ErrMissingObject) {
			s.missing = err
		}
		return s
	}
	s.file = scanner.ScanBuilds(e.path, src, s.builds)
	if known != nil {
		known.Put(key, s.file.Encode())
	}
	return s
}

// File returns the i-th Dockerfile. With a decoder the result holds until that is used
// again; nil makes one that lasts.
func (s *Snapshot) File(i int, d *scanner.Decoder) *scanner.File {
	return s.reader.decode(s.reader.scans[i], d)
}

func (r *reader) decode(s *scan, d *scanner.Decoder) *scanner.File {
	if s.file != nil {
		return s.file
	}
	var file *scanner.File
	var err error
	if d != nil {
		file, err = d.Decode(s.record, s.path, s.builds, r.file)
	} else {
		file, err = scanner.Decode(s.record, r.file(s.path), s.builds, r.file)
	}
	if err == nil {
		return file
	}
	// It was written by another program that calls itself the same.
	src, err := r.files.ReadFile(s.path)
	if err != nil {
		return scanner.Unreadable(s.path, err, gitrepo.Hint(err))
	}
	return scanner.ScanBuilds(s.path, src, s.builds)
}

// file returns a file whose content is read when it is asked for, the same one each
// time.
func (r *reader) file(p string) *trace.File {
	if i, ok := slices.BinarySearch(r.Dockerfiles, p); ok {
		return &r.sources[i]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.lazy[p]
	if f == nil {
		f = trace.LazyFile(p, r.files.ReadFile)
		r.lazy[p] = f
	}
	return f
}

// fetchMissing gets the Dockerfiles that a partial clone has left at its remote, in
// one request. Without them the answer is incomplete, and each says so.
func (r *reader) fetchMissing(ctx context.Context) error {
	var missing []entry
	var at []int
	for i, s := range r.scans {
		if s.missing != nil {
			missing, at = append(missing, entry{path: s.path, identity: s.identity}), append(at, i)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := r.source.prefetch(ctx, missing); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, i := range at {
			r.scans[i].file = scanner.Unreadable(r.scans[i].path, err, gitrepo.Hint(err))
		}
		return nil
	}
	for n, i := range at {
		r.scans[i] = r.scan(missing[n], func(e entry) ([]byte, error) { return r.files.ReadFile(e.path) })
	}
	return nil
}

// maxLooks bounds how many states of what build files look at are told apart, one
// after the other.
const maxLooks = 100

// readBuilds reads the build files. What they say depends on them, on what they look
// at beside, and on which Dockerfiles there are.
func (r *reader) readBuilds(ctx context.Context, in *interest, entries []entry) error {
	parts := append(make([]string, 0, 3+2*len(r.buildFiles)+len(r.Dockerfiles)), "builds", r.opts.Program)
	known := r.opts.Cache
	for _, e := range r.buildFiles {
		if e.class.kind() == 0 {
			continue
		}
		parts = append(parts, e.path, e.identity)
		if e.identity == "" {
			known = nil
		}
	}
	parts = append(append(parts, ""), r.Dockerfiles...)
	key := cache.KeyOf(parts...)
	for range maxLooks {
		data, ok := known.Get(key)
		if !ok || len(data) < len(cache.Key{}) {
			break
		}
		result, err := buildfile.Decode(data[len(cache.Key{}):], r.file)
		if err != nil {
			break
		}
		looks, lasting := r.looks(in, entries, result.Looked)
		if !lasting {
			break
		}
		if looks == cache.Key(data[:len(cache.Key{})]) {
			r.Builds = result
			return nil
		}
		// What stands under a key stays, and what is beside it has changed since: its
		// new state leads to the next key.
		key = cache.KeyOf(string(key[:]), string(looks[:]))
	}
	var paths []string
	var absent []entry
	for _, e := range r.buildFiles {
		if e.class.kind() != 0 {
			paths, absent = append(paths, e.path), append(absent, *e)
		}
	}
	if err := r.source.prefetch(ctx, absent); err != nil && ctx.Err() != nil {
		return ctx.Err() // what is not here is passed over
	}
	var err error
	if r.Builds, err = buildfile.Read(ctx, r.files, paths, r.Dockerfiles); err != nil {
		return err
	}
	if looks, lasting := r.looks(in, entries, r.Builds.Looked); lasting && known != nil {
		known.Put(key, append(looks[:], r.Builds.Encode()...))
	}
	return nil
}

// looks is the identity of all that build files looked at.
func (r *reader) looks(in *interest, entries []entry, paths []string) (key cache.Key, lasting bool) {
	parts := make([]string, 0, 2*len(paths))
	for _, p := range paths {
		identity, lasting := r.source.look(in, entries, p)
		if !lasting {
			return key, false
		}
		parts = append(parts, p, identity)
	}
	return cache.KeyOf(parts...), true
}

// build reads the Dockerfiles again that a build file builds in a way that may make a
// difference.
func (r *reader) build(ctx context.Context) error {
	ways, err := r.ways()
	if err != nil {
		return err
	}
	var affected []int
	for i, s := range r.scans {
		if len(ways[s.path]) > 0 {
			affected = append(affected, i)
		}
	}
	return inParallel(ctx, len(affected), func(n int) {
		i := affected[n]
		r.scans[i] = r.built(r.scans[i], ways[r.scans[i].path])
	})
}

// built reads a Dockerfile as it is built.
func (r *reader) built(s *scan, builds []scanner.BuildConfig) *scan {
	known, key := r.store(s.identity), cache.KeyOf("built", r.opts.Program, s.identity, s.path, string(scanner.EncodeBuilds(builds)))
	b := &scan{path: s.path, identity: s.identity, builds: builds}
	var ok bool
	if b.record, ok = known.Get(key); ok {
		return b
	}
	file := r.decode(s, nil)
	if file.Unreadable {
		return s
	}
	b.file = scanner.ScanBuilds(s.path, file.Src(), builds)
	if known != nil {
		known.Put(key, b.file.Encode())
	}
	return b
}

// ways returns how each Dockerfile is built: as the build files say, and with the
// arguments in the files that the configuration names. The target that the
// configuration gives overrules theirs.
func (r *reader) ways() (map[string][]scanner.BuildConfig, error) {
	ways := map[string][]scanner.BuildConfig{}
	for _, build := range r.Builds.Builds {
		ways[build.Dockerfile] = append(ways[build.Dockerfile], build.BuildConfig)
	}
	for _, p := range r.Others {
		if !r.Config.HoldsArguments(p) {
			continue
		}
		src, err := r.files.ReadFile(p)
		if err != nil {
			return nil, fmt.Errorf("reading build arguments: %w", err)
		}
		args := buildfile.Arguments(trace.NewFile(p, src))
		for _, dockerfile := range r.Dockerfiles {
			if r.Config.Gets(dockerfile, p) {
				ways[dockerfile] = append(ways[dockerfile], scanner.BuildConfig{Where: source.Pos{Path: p, Line: 1, Col: 1}, Args: args})
			}
		}
	}
	for p, builds := range ways {
		if target := r.Config.Target(p); target != "" {
			for i := range builds {
				builds[i].Target = target
			}
		}
	}
	return ways, nil
}

// readTexts reads the files in which the configuration finds references.
func (r *reader) readTexts() error {
	for _, p := range r.Others {
		patterns := r.Config.Patterns(p)
		if _, found := slices.BinarySearch(r.Dockerfiles, p); found || len(patterns) == 0 {
			continue
		}
		src, err := r.files.ReadFile(p)
		if err != nil {
			return fmt.Errorf("looking for references: %w", err)
		}
		r.Texts = append(r.Texts, scanner.ScanText(p, src, patterns))
	}
	return nil
}

// nothing is the identity of what is not there.
const nothing = "none"

// content names the content of what is at a path: a file, the names in a directory,
// or nothing.
func content(fsys fs.FS, p string) string {
	info, err := fs.Stat(fsys, p)
	switch {
	case err != nil:
		return nothing
	case info.IsDir():
		entries, err := fs.ReadDir(fsys, p)
		if err != nil {
			return nothing
		}
		var names strings.Builder
		for _, e := range entries {
			names.WriteString(e.Name() + "\x00")
		}
		return "names\x00" + names.String()
	}
	if id, ok := info.Sys().(gitrepo.ID); ok {
		return string(id[:])
	}
	return stat(info)
}
