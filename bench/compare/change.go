//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// A changer makes commits on the branch changed, each of other Dockerfiles.
type changer struct {
	dir   string
	paths []string // all Dockerfiles
	next  int
	from  string // the commit that the next one stands on
}

func newChanger(ctx context.Context, dir string) (*changer, error) {
	list, err := output(ctx, dir, "git", "ls-files", "--", "*Dockerfile*")
	if err != nil {
		return nil, err
	}
	return &changer{dir: dir, paths: strings.Split(list, "\n"), from: "refs/heads/main^0"}, nil
}

// commit makes a commit that changes n Dockerfiles, far from each other.
func (c *changer) commit(ctx context.Context, n int) error {
	var in strings.Builder
	fmt.Fprintf(&in, "commit refs/heads/changed\ncommitter bench <bench@example.com> 1760000000 +0000\ndata 7\nChange\n\nfrom %s\n", c.from)
	for range n {
		// A step without a divisor in common with the number of files comes by all.
		path := c.paths[c.next*487%len(c.paths)]
		c.next++
		text, err := output(ctx, c.dir, "git", "cat-file", "blob", "main:"+path)
		if err != nil {
			return err
		}
		text += fmt.Sprintf("\n# change %d\n", c.next)
		fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", path, len(text), text)
	}
	// Beside the one pack, where reset finds the objects again.
	cmd := exec.CommandContext(ctx, "git", "-c", "fastimport.unpackLimit=10000", "fast-import", "--quiet")
	cmd.Dir, cmd.Stdin = c.dir, strings.NewReader(in.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git fast-import: %w: %s", err, out)
	}
	c.from = "refs/heads/changed^0"
	return nil
}

// countDockerfiles runs a scan and counts the files in its JSON, without holding
// the whole of it.
func countDockerfiles(cmd *exec.Cmd) (int, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	n, err := countElements(out, "dockerfiles")
	return n, errors.Join(err, cmd.Wait())
}

// countElements counts the elements of the array called name in a JSON object.
func countElements(r io.Reader, name string) (int, error) {
	n := 0
	decoder := json.NewDecoder(r)
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if token != name {
			continue
		}
		if _, err := decoder.Token(); err != nil {
			return n, err
		}
		for ; decoder.More(); n++ {
			var element struct{}
			if err := decoder.Decode(&element); err != nil {
				return n, err
			}
		}
	}
}
