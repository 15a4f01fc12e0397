package forgetest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// tool returns the path of something that npm installs for the tests, relative
// to tools/node_modules of this module.
func tool(path string) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	full := filepath.Join(root, "tools", "node_modules", path)
	if _, err := os.Stat(full); err != nil {
		return "", fmt.Errorf("%w: run \"make tools\" in %s, which installs it", err, root)
	}
	return full, nil
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
