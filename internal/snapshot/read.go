package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

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
	source Source

	mu    sync.Mutex
	scans map[string]*scan // of Dockerfiles, by path
	lazy  map[string]*trace.File
}

// A scan is what is known of a Dockerfile without its builds.
type scan struct {
	entry
	file    *scanner.File
	key     cache.Key
	missing error // its content is not here
}

// scan reads one Dockerfile with the target that the configuration gives it.
func (r *reader) scan(e entry, read func() ([]byte, error)) {
	s := &scan{entry: e}
	var builds []scanner.BuildConfig
	target := r.Config.Target(e.path)
	if target != "" {
		builds = []scanner.BuildConfig{{Target: target}}
	}
	s.key = cache.KeyOf("dockerfile", r.opts.Program, e.identity, target)
	known := r.opts.Cache
	if e.identity == "" {
		known = nil
	}
	s.file = r.cached(known, s.key, e.path, builds)
	if s.file == nil {
		src, err := read()
		if errors.Is(err, gitrepo.ErrMissingObject) {
			s.missing = err
		}
		if err != nil {
			s.file = scanner.Unreadable(e.path, err)
		} else {
			s.file = scanner.ScanBuilds(e.path, src, builds)
			if known != nil {
				known.Put(s.key, s.file.Encode())
			}
		}
	}
	r.mu.Lock()
	r.scans[e.path] = s
	r.mu.Unlock()
}

// cached returns what is known under a key, nil if nothing is.
func (r *reader) cached(store *cache.Store, key cache.Key, p string, builds []scanner.BuildConfig) *scanner.File {
	data, ok := store.Get(key)
	if !ok {
		return nil
	}
	file, err := scanner.Decode(data, r.file(p), builds, r.file)
	if err != nil {
		return nil // written by another program that calls itself the same
	}
	return file
}

// file returns a file whose content is read when it is asked for, the same one each
// time.
func (r *reader) file(p string) *trace.File {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.lazy[p]
	if f == nil {
		f = trace.LazyFile(p, func() ([]byte, error) { return fs.ReadFile(r.source.FS(), p) })
		r.lazy[p] = f
	}
	return f
}

// fetchMissing gets the Dockerfiles that a partial clone has left at its remote, in
// one request. Without them the answer is incomplete, and each says so.
func (r *reader) fetchMissing(ctx context.Context) error {
	var missing []entry
	for _, p := range r.Dockerfiles {
		if s := r.scans[p]; s.missing != nil {
			missing = append(missing, s.entry)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := r.source.prefetch(ctx, missing); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, e := range missing {
			r.scans[e.path].file = scanner.Unreadable(e.path, err)
		}
		return nil
	}
	for _, e := range missing {
		r.scan(e, func() ([]byte, error) { return fs.ReadFile(r.source.FS(), e.path) })
	}
	return nil
}

// readBuilds reads the build files. What they say depends on them, on what they look
// at beside, and on which Dockerfiles there are.
func (r *reader) readBuilds(ctx context.Context, entries []entry) error {
	parts := []string{"builds", r.opts.Program}
	var paths []string
	var absent []entry
	for _, e := range entries {
		if buildfile.KindOf(e.path) != 0 && slices.Contains(r.Others, e.path) {
			paths = append(paths, e.path)
			parts = append(parts, e.path, e.identity)
			absent = append(absent, e)
		}
	}
	parts = append(append(parts, ""), r.Dockerfiles...)
	key := cache.KeyOf(parts...)
	if data, ok := r.opts.Cache.Get(key); ok && len(data) > len(cache.Key{}) {
		result, err := buildfile.Decode(data[len(cache.Key{}):], r.file)
		if err == nil && r.looks(result.Looked) == cache.Key(data[:len(cache.Key{})]) {
			r.Builds = result
			return nil
		}
	}
	if err := r.source.prefetch(ctx, absent); err != nil && ctx.Err() != nil {
		return ctx.Err() // what is not here is passed over
	}
	var err error
	if r.Builds, err = buildfile.Read(ctx, r.source.FS(), paths, r.Dockerfiles); err != nil {
		return err
	}
	looks := r.looks(r.Builds.Looked)
	r.opts.Cache.Put(key, append(looks[:], r.Builds.Encode()...))
	return nil
}

// looks is the identity of all that build files looked at.
func (r *reader) looks(paths []string) cache.Key {
	var parts []string
	for _, p := range paths {
		parts = append(parts, p, identity(r.source.FS(), p))
	}
	return cache.KeyOf(parts...)
}

// build reads the Dockerfiles again that a build file builds in a way that may make a
// difference.
func (r *reader) build(ctx context.Context) error {
	ways, err := r.ways()
	if err != nil {
		return err
	}
	r.Files, r.keys = make([]*scanner.File, len(r.Dockerfiles)), make([]cache.Key, len(r.Dockerfiles))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, p := range r.Dockerfiles {
		s := r.scans[p]
		r.Files[i], r.keys[i] = s.file, s.key
		builds := ways[p]
		if len(builds) == 0 || s.file.Unreadable {
			continue
		}
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r.keys[i], r.Files[i] = r.built(s, builds)
			return nil
		})
	}
	return group.Wait()
}

// built reads a Dockerfile as it is built.
func (r *reader) built(s *scan, builds []scanner.BuildConfig) (cache.Key, *scanner.File) {
	key := cache.KeyOf("built", r.opts.Program, s.identity, s.path, string(scanner.EncodeBuilds(builds)))
	known := r.opts.Cache
	if s.identity == "" {
		known = nil
	}
	if file := r.cached(known, key, s.path, builds); file != nil {
		return key, file
	}
	file := scanner.ScanBuilds(s.path, s.file.Src(), builds)
	if known != nil {
		known.Put(key, file.Encode())
	}
	return key, file
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
		src, err := fs.ReadFile(r.source.FS(), p)
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
		src, err := fs.ReadFile(r.source.FS(), p)
		if err != nil {
			return fmt.Errorf("looking for references: %w", err)
		}
		r.Files = append(r.Files, scanner.ScanText(p, src, patterns))
	}
	return nil
}

// Key names what was found of the i-th Dockerfile, for results that are made of it.
func (s *Snapshot) Key(i int) cache.Key { return s.keys[i] }

// identity names the content of what is at a path: a file, the names in a directory,
// or nothing.
func identity(fsys fs.FS, p string) string {
	info, err := fs.Stat(fsys, p)
	switch {
	case err != nil:
		return "none"
	case info.IsDir():
		entries, err := fs.ReadDir(fsys, p)
		if err != nil {
			return "none"
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
