package object

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// A goGit reads with go-git, for one goroutine: with kept descriptors its storage mixes up
// what two of them read.
type goGit struct {
	stores []*filesystem.ObjectStorage // of the repository, then of those it borrows from
	all    []*filesystem.Storage
}

// openGoGit opens an object directory and those that it borrows from.
func openGoGit(dir string) (*goGit, error) {
	dirs, _, err := Alternates(dir)
	if err != nil {
		return nil, err
	}
	g := &goGit{}
	for _, dir := range append([]string{dir}, dirs...) {
		if filepath.Base(dir) != "objects" {
			return nil, fmt.Errorf("it borrows from %s: %w", dir, ErrNeedsGit)
		}
		s := filesystem.NewStorageWithOptions(osfs.New(filepath.Dir(dir), osfs.WithBoundOS()), cache.NewObjectLRU(32*cache.MiByte),
			filesystem.Options{KeepDescriptors: true, LargeObjectThreshold: maxAtOnce})
		g.all, g.stores = append(g.all, s), append(g.stores, &s.ObjectStorage)
	}
	return g, nil
}

// find calls use with each of the directories until one of them has the object.
func (g *goGit) find(id ID, use func(s *filesystem.ObjectStorage, hash plumbing.Hash) error) error {
	var hash plumbing.Hash
	if len(id) != len(hash) {
		return ErrMissing
	}
	copy(hash[:], id)
	for _, s := range g.stores {
		err := use(s, hash)
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			s.Reindex() // git may have packed it meanwhile
			err = use(s, hash)
		}
		if !errors.Is(err, plumbing.ErrObjectNotFound) {
			return err
		}
	}
	return ErrMissing
}

// get returns an object, whose content is not read yet if it is large.
func (g *goGit) get(id ID) (obj plumbing.EncodedObject, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("it is corrupt: %v", e) // go-git believes what packs say
		}
	}()
	err = g.find(id, func(s *filesystem.ObjectStorage, hash plumbing.Hash) error {
		obj, err = s.EncodedObject(plumbing.AnyObject, hash)
		return err
	})
	if err != nil && !errors.Is(err, ErrMissing) {
		err = corrupt(err)
	}
	return obj, err
}

// infos implements source.
func (g *goGit) infos(ids []ID, got func(i int, kind Kind, size int64, err error)) error {
	for i, id := range ids {
		obj, err := g.get(id)
		if err != nil {
			got(i, "", 0, err)
			continue
		}
		got(i, Kind(obj.Type().String()), obj.Size(), nil)
	}
	return nil
}

// contents implements source.
func (g *goGit) contents(ids []ID, got func(i int, kind Kind, size int64, content io.Reader, err error)) error {
	for i, id := range ids {
		obj, err := g.get(id)
		if err != nil {
			got(i, "", 0, nil, err)
			continue
		}
		content, err := obj.Reader()
		if err != nil {
			got(i, "", 0, nil, corrupt(err))
			continue
		}
		got(i, Kind(obj.Type().String()), obj.Size(), content, nil)
		_ = content.Close() // it was only read
	}
	return nil
}

func (g *goGit) died(err error) error { return errors.Join(err, g.close()) }

func (g *goGit) close() error {
	var errs []error
	for _, s := range g.all {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

func (g *goGit) withPrefix(digits string) (found []ID, err error) {
	prefix, ok := ParseID(digits + strings.Repeat("0", max(0, 2*SHA1.Size-len(digits))))
	if !ok {
		return nil, nil
	}
	for _, s := range g.stores {
		hashes, err := s.HashesWithPrefix([]byte(prefix[:len(digits)/2]))
		if err != nil {
			return nil, err
		}
		for _, hash := range hashes {
			if id := ID(hash[:]); strings.HasPrefix(id.String(), digits) {
				found = append(found, id)
			}
		}
	}
	return found, nil
}

// Alternates returns the object directories that one borrows from, directly or through one
// another, and those of them that do not exist. A list in which a path stands in quotes is
// an error that wraps ErrNeedsGit.
func Alternates(dir string) (dirs, gone []string, err error) {
	var add func(dir string, depth int) error
	add = func(dir string, depth int) error {
		path := filepath.Join(dir, "info", "alternates")
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || depth == 5 {
			return nil // git stops there, too
		}
		if err != nil {
			return err
		}
		for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
			line := strings.TrimSpace(lines.Text())
			if line == "" || line[0] == '#' {
				continue
			}
			if line[0] == '"' {
				return fmt.Errorf("%s: a path in it stands in quotes: %w", path, ErrNeedsGit)
			}
			alternate := filepath.FromSlash(line)
			if !filepath.IsAbs(alternate) {
				alternate = filepath.Join(dir, alternate)
			}
			switch info, err := os.Stat(alternate); {
			case slices.Contains(dirs, alternate):
			case err != nil || !info.IsDir():
				gone = append(gone, alternate)
			default:
				dirs = append(dirs, alternate)
				if err := add(alternate, depth+1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err = add(dir, 0)
	return dirs, gone, err
}
