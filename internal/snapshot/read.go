package snapshot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// maxDockerfile is the size in bytes up to which a Dockerfile is read.
const maxDockerfile = scanner.MaxFileSize

// A reader makes a Snapshot.
type reader struct {
	opts Options
	*Snapshot
	source     Source
	files      *Files
	scans      []*scan  // of the Dockerfiles, by path
	buildFiles []*entry // of Others
	links      []entry  // symbolic links that are no Dockerfiles, which build files may be read through
}

// read fills the Snapshot.
func (r *reader) read(ctx context.Context) error {
	in := newInterest(r.Config, r.opts.Program)
	entries, closed, err := r.source.list(ctx, in, r.opts.Cache)
	if err != nil {
		return err
	}
	r.Unreadable = slices.DeleteFunc(closed, func(e *source.Error) bool { return r.Config.Excludes(e.Pos.Path) })
	slices.SortFunc(entries, byPath)
	for i := range entries {
		if e := &entries[i]; e.class&isLink == 0 && r.isDockerfile(e) {
			e.scan = &scan{entry: *e}
		}
	}
	if entries, err = r.follow(ctx, entries); err != nil {
		return err
	}
	r.files = &Files{FS: r.source.FS(), contents: r.source, entries: entries}
	r.sortOut(entries)
	for _, step := range []func() error{
		func() error { return r.readBuilds(ctx, in, entries) },
		r.addInline,
		r.setBuilds, // so that each Dockerfile is parsed once, as it is built
		func() error { return r.scanAll(ctx) },
		r.readTexts,
		func() error { return r.decode(ctx) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	r.noteUnused(entries, r.ignore())
	return nil
}

func byPath(a, b entry) int { return cmp.Compare(a.path, b.path) }

func (r *reader) isDockerfile(e *entry) bool {
	return (e.class&isDockerfile != 0 || e.class&isNamed != 0 && r.Config.Includes(e.path)) && !r.Config.Excludes(e.path)
}

// follow gives each symbolic link that is a Dockerfile its target, and drops all others.
// What is not followed is noted. The error is that of ctx.
func (r *reader) follow(ctx context.Context, entries []entry) ([]entry, error) {
	isDropped := func(e entry) bool { return e.class&isLink != 0 && !r.isDockerfile(&e) }
	for _, e := range entries {
		if isDropped(e) {
			r.links = append(r.links, e)
		}
	}
	entries = slices.DeleteFunc(entries, isDropped)
	var links []*entry
	for i := range entries {
		if entries[i].class&isLink != 0 {
			links = append(links, &entries[i])
		}
	}
	if len(links) == 0 {
		return entries, nil
	}
	absent := make([]entry, len(links))
	for i, e := range links {
		absent[i] = *e
	}
	if err := r.source.prefetch(ctx, absent); err != nil && ctx.Err() != nil {
		return nil, ctx.Err() // what is not here is an error of its link
	}
	var targets []entry
	for _, e := range links {
		target, identity, err := resolve(r.source, e.path, e.identity)
		switch {
		case err == nil:
			e.target, e.identity = target, identity
			e.scan = &scan{entry: *e}
			if _, listed := search(entries, target); !listed {
				targets = append(targets, entry{path: target, identity: identity})
			}
		case slices.Contains([]error{errOutside, errLoop, errNowhere, errSpecial}, err):
			r.Notes = append(r.Notes, &source.Error{Pos: source.Pos{Path: e.path}, Err: fmt.Errorf("%w, and not followed", err), Code: source.CodeLinkNotFollowed})
		case !errors.Is(err, errToDir):
			e.scan = &scan{entry: *e}
			e.scan.unreadable(err)
		}
	}
	entries = slices.DeleteFunc(entries, func(e entry) bool { return e.class&isLink != 0 && e.scan == nil })
	if len(targets) > 0 {
		entries = append(entries, targets...)
		slices.SortFunc(entries, byPath)
		entries = slices.CompactFunc(entries, func(a, b entry) bool { return a.path == b.path })
	}
	return entries, nil
}

// sortOut finds out which of the entries matter.
func (r *reader) sortOut(entries []entry) {
	for i := range entries {
		e := &entries[i]
		if r.Config.Excludes(e.path) {
			if e.class&(isDockerfile|isLink) == isDockerfile || e.class&isNamed != 0 && r.Config.Includes(e.path) {
				r.Excluded++
			}
			continue
		}
		switch {
		case e.scan != nil:
			r.Dockerfiles, r.scans = append(r.Dockerfiles, e.path), append(r.scans, e.scan)
		case e.class&isTemplate != 0:
			r.Templates = append(r.Templates, e.path)
		}
		if e.class.kind() != 0 || r.isNamed(e) && e.class&isLink == 0 {
			r.Others = append(r.Others, e.path)
			r.buildFiles = append(r.buildFiles, e)
		} else if e.class&(isProgram|isLink) == isProgram && e.scan == nil {
			r.buildFiles = append(r.buildFiles, e)
		}
	}
}

// isNamed reports whether the configuration wants to know what is in a file.
func (r *reader) isNamed(e *entry) bool {
	return e.class&isNamed != 0 && (r.Config.HoldsArguments(e.path) || len(r.Config.Patterns(e.path)) > 0)
}

// noteUnused notes what of the configuration fits nothing.
func (r *reader) noteUnused(entries []entry, problems []config.Problem) {
	files := config.Files{FS: r.files.FS, All: make([]string, len(entries)), Dockerfiles: r.Dockerfiles, Others: r.Others, Problems: problems}
	for i, e := range entries {
		files.All[i] = e.path
	}
	r.noteInline(&files)
	r.Notes = append(r.Notes, r.Config.UnusedFiles(files)...)
}

// store returns the cache for what is found in a file.
func (r *reader) store(identity string) *cache.Store {
	if identity == "" {
		return nil
	}
	return r.opts.Cache
}

// readTexts reads the files in which the configuration finds references.
func (r *reader) readTexts() error {
	for _, p := range r.Others {
		patterns := r.Config.Patterns(p)
		if _, found := slices.BinarySearch(r.Dockerfiles, p); found || len(patterns) == 0 {
			continue
		}
		src, err := source.ReadUpTo(r.files, p, scanner.MaxFileSize)
		switch {
		case errors.Is(err, source.ErrTooLarge):
			r.Texts = append(r.Texts, scanner.TextTooLarge(p, patterns))
		case err != nil:
			return fmt.Errorf("looking for references: %w", err)
		default:
			r.Texts = append(r.Texts, scanner.ScanText(p, src, patterns))
		}
	}
	return nil
}

// nothing is the identity of what is not there.
const nothing = "none"

// content names the content of what is at a path: a file, the names in a directory,
// or nothing. known is false where that cannot be found out.
func content(fsys fs.FS, p string) (identity string, known bool) {
	info, err := fs.Stat(fsys, p)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
		return nothing, true
	case err != nil:
		return "", false
	case info.IsDir():
		entries, err := fs.ReadDir(fsys, p)
		if err != nil {
			return "", false
		}
		var names strings.Builder
		for _, e := range entries {
			names.WriteString(e.Name() + "\x00")
		}
		return "names\x00" + names.String(), true
	}
	if id, ok := info.Sys().(gitrepo.ID); ok {
		return string(id), true
	}
	return stat(info), true
}
