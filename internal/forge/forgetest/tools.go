package forgetest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// tool returns the path of something that npm installs for the tests, relative
// to tools/node_modules of this module. Where it is not installed, the test is
// skipped; in continuous integration, which sets CI, it fails.
func tool(t testing.TB, path string) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	full := filepath.Join(root, "tools", "node_modules", filepath.FromSlash(path))
	_, err = os.Stat(full)
	absent := fmt.Sprintf("tools/node_modules/%s is not installed: run \"make tools\"", path)
	switch {
	case err == nil:
	case !errors.Is(err, fs.ErrNotExist):
		t.Fatal(err)
	case os.Getenv("CI") != "":
		t.Fatal(absent)
	default:
		t.Skip(absent)
	}
	return full
}

// moduleRoot returns the nearest directory with a go.mod, upwards from here.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod in any directory above")
		}
		dir = parent
	}
}
