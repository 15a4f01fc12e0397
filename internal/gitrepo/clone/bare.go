package clone

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // see inspect
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/oserror"
)

// sha256Format is how git calls the other kind of ids.
const sha256Format = "sha256"

// settings returns the configuration of a repository: a partial clone of one remote, where
// git collects nothing.
func settings(url, format string) string {
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(url) + `"`
	extension := ""
	if format != "" {
		extension = "\tobjectFormat = " + format + "\n"
	}
	return "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tpartialClone = origin\n" + extension +
		"[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n" +
		"[remote \"origin\"]\n\turl = " + quoted + "\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n\tpromisor = true\n\tpartialclonefilter = blob:none\n"
}

// create makes an empty repository at dir, where nothing is. It is there as a whole, or not at all.
func create(dir, url, format string) (err error) {
	made, err := os.MkdirTemp(filepath.Dir(dir), unfinished)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(made))
		}
	}()
	for _, name := range []string{"objects/pack", "objects/info", "refs/heads", "refs/tags", "info"} {
		if err := os.MkdirAll(filepath.Join(made, filepath.FromSlash(name)), 0o700); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{"HEAD": "ref: refs/heads/main\n", "config": settings(url, format)} {
		if err := os.WriteFile(filepath.Join(made, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return os.Rename(made, dir)
}

// unfinished is what the names of directories begin with that a run may have left behind.
const unfinished = "unfinished-"

// removeUnfinished removes what runs that were killed have left beside a repository.
func removeUnfinished(home string) {
	left, _ := filepath.Glob(filepath.Join(home, unfinished+"*")) // the pattern is a good one
	for _, dir := range left {
		_ = os.RemoveAll(dir) // it is in nobody's way
	}
}

// abandoned is how old the beginning of a pack is that nobody writes any more: others may fetch
// the content of files meanwhile.
const abandoned = time.Hour

// inspect looks at a repository before it is used, and removes what a git that was killed has
// left: its locks, and the beginnings of packs. packs is the number of packs. The error says what
// is damaged; it is fs.ErrNotExist where there is no repository.
func inspect(dir, url string, now time.Time) (packs int, err error) {
	config, err := os.ReadFile(filepath.Join(dir, "config"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, statErr := os.Stat(dir); statErr == nil {
			return 0, errors.New("it has no configuration")
		}
		return 0, err
	}
	if err != nil {
		return 0, errors.New(oserror.Text(err))
	}
	sum := sha1.New
	switch string(config) {
	case settings(url, ""):
	case settings(url, sha256Format):
		sum = sha256.New
	default:
		return 0, errors.New("its configuration was changed")
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch name := entry.Name(); {
		case strings.HasSuffix(name, ".lock"):
			_ = os.Remove(path) //nolint:gosec // of the own cache; git says so where it cannot be removed
		case strings.HasPrefix(name, "tmp_"):
			if info, err := entry.Info(); err == nil && now.Sub(info.ModTime()) > abandoned {
				_ = os.Remove(path) //nolint:gosec // of the own cache; where it stays it is in nobody's way
			}
		case strings.HasSuffix(name, ".pack"):
			packs++
			return checkPack(path, sum)
		}
		return nil
	})
	if err != nil {
		err = errors.New(oserror.Text(err))
	}
	return packs, err
}

// maxChecked is the size in bytes up to which all of a pack is looked at each time, which takes
// a millisecond for each megabyte. Of a larger one it is the end.
const maxChecked = 64 << 20

// checkPack compares a pack and its index with the checksums at their ends, and these with each
// other.
func checkPack(path string, sum func() hash.Hash) error {
	_, has, err := checkSum(path, sum)
	if err != nil {
		return err
	}
	before, _, err := checkSum(strings.TrimSuffix(path, ".pack")+".idx", sum)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another run is just about to put it there
	}
	if err == nil && !bytes.Equal(has, before) {
		err = fmt.Errorf("%s is not the pack that its index is of", filepath.Base(path))
	}
	return err
}

// checkSum compares a file with the checksum at its end, and returns that and what stands before it.
func checkSum(path string, sum func() hash.Hash) (before, at []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	content := sum()
	n := int64(content.Size())
	if info.Size() < 2*n {
		return nil, nil, fmt.Errorf("%s is cut", filepath.Base(path))
	}
	end := make([]byte, 2*n)
	if _, err := file.ReadAt(end, info.Size()-2*n); err != nil {
		return nil, nil, err
	}
	if info.Size() <= maxChecked {
		if _, err := io.Copy(content, io.LimitReader(file, info.Size()-n)); err != nil {
			return nil, nil, err
		}
		if !bytes.Equal(content.Sum(nil), end[n:]) {
			return nil, nil, fmt.Errorf("%s has another checksum than stands in it", filepath.Base(path))
		}
	}
	return end[:n], end[n:], nil
}

// makeRoom removes the references that cannot be beside another one: where the remote has
// renamed branch a to a/b, one of them is a file and the other one a directory.
func makeRoom(dir, name string) error {
	for at := name; strings.Count(at, "/") > 2; {
		at = at[:strings.LastIndexByte(at, '/')]
		path := filepath.Join(dir, filepath.FromSlash(at))
		if info, err := os.Lstat(path); err == nil && !info.IsDir() {
			return os.Remove(path)
		}
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return os.RemoveAll(path)
	}
	return nil
}

// setDefault notes which branch is the default one of the remote, as git clone does it.
func setDefault(dir, branch string) error {
	path := filepath.Join(dir, "refs", "remotes", "origin", "HEAD")
	text := []byte("ref: " + branch + "\n")
	if data, err := os.ReadFile(path); err == nil && bytes.Equal(data, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	made := path + ".lock"
	if err := os.WriteFile(made, text, 0o600); err != nil {
		return err
	}
	return os.Rename(made, path)
}
