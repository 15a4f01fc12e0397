// Command editcommit makes one commit with propagate's own means, without finding out
// what goes into it: what is left of a run when the plan is known.
//
//	editcommit -old TEXT -new TEXT -branch NAME DIR <PATHS
//
// PATHS, one a line, are files at HEAD of the repository in DIR, in which it replaces
// TEXT. The commit becomes the branch.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo"
)

func main() {
	before := flag.String("old", "", "`text` that is replaced")
	after := flag.String("new", "", "`text` that replaces it")
	branch := flag.String("branch", "", "`name` of the branch")
	flag.Parse()
	if flag.NArg() != 1 || *before == "" || *branch == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *branch, *before, *after); err != nil {
		fmt.Fprintln(os.Stderr, "editcommit:", err)
		os.Exit(1)
	}
}

func run(dir, branch, before, after string) error {
	paths, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	repo, err := gitrepo.Open(dir)
	if err != nil {
		return err
	}
	err = commit(repo, branch, strings.Fields(string(paths)), []byte(before), []byte(after))
	return errors.Join(err, repo.Close())
}

func commit(repo *gitrepo.Repo, branch string, paths []string, before, after []byte) error {
	head, err := repo.Resolve("HEAD")
	if err != nil {
		return err
	}
	files, err := repo.FS(head.Commit)
	if err != nil {
		return err
	}
	author := gitrepo.Signature{Name: "bench", Email: "bench@example.com", When: time.Unix(1760000000, 0)}
	spec := gitrepo.CommitSpec{Parent: head.Commit, Message: "Change", Author: author, Committer: author}
	for _, path := range paths {
		src, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		spec.Files = append(spec.Files, gitrepo.File{Path: path, Content: bytes.ReplaceAll(src, before, after)})
	}
	pending, err := repo.NewCommit(context.Background(), spec)
	if err != nil {
		return err
	}
	if err := repo.Store(pending); err != nil {
		return err
	}
	return repo.SetBranch(branch, pending.ID, "", gitrepo.LogEntry{Who: author, Message: "bench"})
}
