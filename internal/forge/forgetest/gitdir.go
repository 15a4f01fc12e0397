package forgetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
)

// A GitDir is a bare git repository for one test.
type GitDir struct {
	t   testing.TB
	Dir string
}

// NewGitDir makes a bare repository with one commit on the branch main.
func NewGitDir(t testing.TB) *GitDir {
	t.Helper()
	g := &GitDir{t: t, Dir: t.TempDir()}
	g.run("", "init", "--quiet", "--bare", "--initial-branch=main", ".")
	g.Commit("main", "", "Begin", map[string]string{"README.md": "# platform\n"})
	return g
}

// Commit adds a commit to a branch and returns it. The branch is created at
// from, another branch, or without a parent when from is empty; where it
// exists already from is not looked at. Files are written over those of the
// parent, by slash-separated path.
func (g *GitDir) Commit(branch, from, message string, files map[string]string) forge.Commit {
	g.t.Helper()
	parent := g.Tip(branch)
	if parent == "" && from != "" {
		if parent = g.Tip(from); parent == "" {
			g.t.Fatalf("there is no branch %q to begin from", from)
		}
	}
	if parent == "" {
		g.run("", "read-tree", "--empty")
	} else {
		g.run("", "read-tree", parent)
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		blob := g.run(files[path], "hash-object", "-w", "--stdin")
		g.run("", "update-index", "--add", "--cacheinfo", "100644,"+blob+","+path)
	}
	c := forge.Commit{
		Tree: g.run("", "write-tree"), Message: message,
		Author:    forge.Person{Name: "Ada Author", Email: "ada@example.com"},
		Committer: forge.Person{Name: "Cora Committer", Email: "cora@example.com"},
	}
	args := []string{"commit-tree", c.Tree}
	if parent != "" {
		args = append(args, "-p", parent)
		c.Parents = []string{parent}
	}
	c.ID = g.run(message+"\n", args...)
	g.run("", "update-ref", "refs/heads/"+branch, c.ID)
	return c
}

// Tip returns the commit id of a branch, "" if there is none.
func (g *GitDir) Tip(branch string) string {
	g.t.Helper()
	all, err := branches(context.Background(), g.Dir)
	if err != nil {
		g.t.Fatal(err)
	}
	return all[branch]
}

// DeleteBranch deletes a branch.
func (g *GitDir) DeleteBranch(branch string) {
	g.t.Helper()
	g.run("", "update-ref", "-d", "refs/heads/"+branch)
}

func (g *GitDir) run(input string, args ...string) string {
	g.t.Helper()
	out, err := runGit(context.Background(), g.Dir, input, args...)
	if err != nil {
		g.t.Fatal(err)
	}
	return out
}

// branches returns the commit ids of all branches by name.
func branches(ctx context.Context, dir string) (map[string]string, error) {
	if all, ok := readBranches(dir); ok {
		return all, nil
	}
	out, err := runGit(ctx, dir, "", "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/")
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for line := range strings.Lines(out) {
		id, ref, _ := strings.Cut(strings.TrimSpace(line), " ")
		all[strings.TrimPrefix(ref, "refs/heads/")] = id
	}
	return all, nil
}

// readBranches reads branches that are files, as git makes them unless they are packed. It is asked
// several times for a request, and a process each time would be most of what a test takes.
func readBranches(dir string) (map[string]string, bool) {
	if _, err := os.Stat(filepath.Join(dir, "packed-refs")); !errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	all, heads := map[string]string{}, filepath.Join(dir, "refs", "heads")
	err := filepath.WalkDir(heads, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".lock") {
			return err
		}
		name, err := filepath.Rel(heads, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		id := strings.TrimSpace(string(data))
		if err == nil && !fullID.MatchString(id) {
			err = errors.New("no id")
		}
		all[filepath.ToSlash(name)] = id
		return err
	})
	return all, err == nil
}

// runGit runs git on a bare repository, with nothing of the machine's
// configuration and with fixed names and dates, and returns its output
// without the newline at its end.
func runGit(ctx context.Context, dir, input string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + dir,
		"LC_ALL=C",
		"GIT_DIR=.",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_AUTHOR_NAME=Ada Author", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=1767225600 +0000",
		"GIT_COMMITTER_NAME=Cora Committer", "GIT_COMMITTER_EMAIL=cora@example.com", "GIT_COMMITTER_DATE=1767225660 +0000",
	}
	cmd.Stdin = strings.NewReader(input)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, problems.String())
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}
