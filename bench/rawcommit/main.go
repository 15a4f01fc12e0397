// Command rawcommit makes commits as a script would that has git and no work tree
// to spare: an index of its own, and git's plumbing. It is told which files to
// edit and does not look for them.
//
//	rawcommit -old TEXT -new TEXT DIR <PATHS
//
// PATHS, one a line, are files at HEAD of the repository in DIR, in which it
// replaces TEXT. Each becomes a commit on a branch raw/N of its own.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	before := flag.String("old", "", "`text` that is replaced")
	after := flag.String("new", "", "`text` that replaces it")
	flag.Parse()
	if flag.NArg() != 1 || *before == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *before, *after); err != nil {
		fmt.Fprintln(os.Stderr, "rawcommit:", err)
		os.Exit(1)
	}
}

func run(dir string, before, after string) error {
	paths, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "rawcommit")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	c := committer{dir: dir, env: append(os.Environ(), "GIT_INDEX_FILE="+filepath.Join(temp, "index")), before: before, after: after}
	for n, path := range strings.Fields(string(paths)) {
		if err := c.commit(fmt.Sprintf("refs/heads/raw/%d", n), path); err != nil {
			return err
		}
	}
	return nil
}

// A committer makes commits in one repository through one index.
type committer struct {
	dir           string
	env           []string
	before, after string
}

// commit makes branch a commit that edits a file.
func (c *committer) commit(branch, file string) error {
	if _, err := c.git(nil, "read-tree", "HEAD"); err != nil {
		return err
	}
	text, err := c.git(nil, "cat-file", "blob", "HEAD:"+file)
	if err != nil {
		return err
	}
	edited := bytes.ReplaceAll(text, []byte(c.before), []byte(c.after))
	blob, err := c.id(edited, "hash-object", "-w", "--stdin")
	if err != nil {
		return err
	}
	if _, err := c.git(nil, "update-index", "--cacheinfo", "100644,"+blob+","+file); err != nil {
		return err
	}
	tree, err := c.id(nil, "write-tree")
	if err != nil {
		return err
	}
	commit, err := c.id(nil, "commit-tree", "-p", "HEAD", "-m", "Update "+branch, tree)
	if err != nil {
		return err
	}
	_, err = c.git(nil, "update-ref", branch, commit)
	return err
}

// id runs git for the one id that it prints.
func (c *committer) id(stdin []byte, args ...string) (string, error) {
	out, err := c.git(stdin, args...)
	return strings.TrimSpace(string(out)), err
}

func (c *committer) git(stdin []byte, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stderr = c.dir, c.env, bytes.NewReader(stdin), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	return out, nil
}
