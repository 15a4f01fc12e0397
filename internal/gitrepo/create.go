package gitrepo

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Create makes a repository in the empty directory dir, on branch main, with one
// commit of all files. Shell scripts (.sh) become executable, since an embedded
// file system keeps no modes. It returns the id of the commit.
func Create(dir string, files fs.FS, message string, author Signature) (id string, err error) {
	repo, err := git.PlainInitWithOptions(dir, &git.PlainInitOptions{
		InitOptions: git.InitOptions{DefaultBranch: plumbing.NewBranchReferenceName("main")},
	})
	if err != nil {
		return "", fmt.Errorf("making a repository in %s: %w", dir, err)
	}
	tree, err := repo.Worktree()
	if err != nil {
		return "", err
	}
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return copyFile(files, name, filepath.Join(dir, filepath.FromSlash(name)))
	})
	if err != nil {
		return "", err
	}
	if err := tree.AddWithOptions(&git.AddOptions{All: true}); err != nil {
		return "", fmt.Errorf("adding the files of %s: %w", dir, err)
	}
	who := &object.Signature{Name: author.Name, Email: author.Email, When: author.When}
	commit, err := tree.Commit(message, &git.CommitOptions{Author: who, Committer: who})
	if err != nil {
		return "", fmt.Errorf("committing in %s: %w", dir, err)
	}
	return commit.String(), nil
}

func copyFile(files fs.FS, name, to string) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if path.Ext(name) == ".sh" {
		mode = 0o755
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, mode)
}
