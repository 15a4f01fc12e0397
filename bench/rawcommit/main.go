// Command rawcommit makes commits as a script would that has git and no work tree
// to spare: an index of its own, and git's plumbing. It is told which files to
// edit and does not look for them.
//
//	rawcommit [-together] -old TEXT -new TEXT DIR <PATHS
//
// PATHS, one a line, are files at HEAD of the repository in DIR, in which it
// replaces TEXT. Each becomes a commit on a branch raw/N of its own; with
// -together all of them are one commit on raw/0.
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
	together := flag.Bool("together", false, "make one commit of all files")
	before := flag.String("old", "", "`text` that is replaced")
	after := flag.String("new", "", "`text` that replaces it")
	flag.Parse()
	if flag.NArg() != 1 || *before == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *together, *before, *after); err != nil {
		fmt.Fprintln(os.Stderr, "rawcommit:", err)
		os.Exit(1)
	}
}

func run(dir string, together bool, before, after string) error {
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
	commits := [][]string{}
	for _, path := range strings.Fields(string(paths)) {
		if together && len(commits) > 0 {
			commits[0] = append(commits[0], path)
			continue
		}
		commits = append(commits, []string{path})
	}
	for n, files := range commits {
		if err := c.commit(fmt.Sprintf("refs/heads/raw/%d", n), files); err != nil {
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

// commit makes branch a commit that edits files.
func (c *committer) commit(branch string, files []string) error {
	if _, err := c.git(nil, "read-tree", "HEAD"); err != nil {
		return err
	}
	for _, file := range files {
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
