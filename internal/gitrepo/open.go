package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
)

// A Repo is an open git repository. Close it to release its files.
type Repo struct {
	gitDir    string // of this work tree: HEAD and the index
	commonDir string // of all work trees: objects, references, configuration
	workTree  string
	start     string // a directory from which git finds the repository, too
	named     string // the same directory by the absolute path that it was opened by
	config    settings
	git       *object.Program // nil where there is none
	objects   *object.Store
	packed    packedRefs
	guard     remote.Guard
	address   string // see SetAddress
	noBlobs   bool   // see SetNoBlobs
	table     bool   // the references are in a reftable, which git reads
	view      string // see View

	fetching sync.Mutex // one git fetches at a time
	lazyMu   sync.Mutex
	lazyErr  error // of fetching a tree that was met
}

// Open opens the repository that dir is in: dir may be any directory of a work
// tree, linked or not, or a bare repository. It returns ErrNotRepository,
// wrapped, when dir is in none, and an *OpenError when there is one that cannot
// be used.
func Open(dir string) (*Repo, error) {
	start, err := physical(dir)
	if err != nil {
		return nil, err
	}
	r := &Repo{start: start, named: start}
	if abs, err := filepath.Abs(dir); err == nil {
		r.named = abs
	}
	var viaFile bool
	if r.gitDir, r.workTree, viaFile, err = locate(start); err != nil {
		return nil, err
	}
	if r.commonDir, err = commonDir(r.gitDir); err != nil {
		return nil, err
	}
	if r.config, err = readSettings(r.commonDir, r.gitDir); err != nil {
		return nil, err
	}
	r.git = object.FindProgram(r.gitDir)
	format, err := r.checkFormat()
	if err != nil {
		return nil, err
	}
	if !viaFile {
		r.workTree = mainWorkTree(r.gitDir, r.config)
	}
	return r, r.openObjects(format)
}

// Close closes the files that are kept open between reads. The Repo and its
// file systems must not be used afterwards.
func (r *Repo) Close() error { return r.objects.Close() }

// WorkTree returns the absolute path of the root of the work tree, "" for a
// bare repository.
func (r *Repo) WorkTree() string { return r.workTree }

// Dir returns the absolute path of the directory that all work trees of the
// repository share.
func (r *Repo) Dir() string { return r.commonDir }

// physical returns dir as an absolute path without symbolic links, so that its
// parents are the directories it really lies in.
func physical(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", openError(dir, err)
	}
	resolved, err := filepath.EvalSymlinks(abs)
	if errors.Is(err, fs.ErrNotExist) {
		return "", &OpenError{Path: dir, Why: "no such directory", Advice: "check the path", Err: err}
	}
	if err != nil {
		return "", openError(dir, err)
	}
	info, err := os.Stat(resolved)
	if err != nil {
		return "", openError(dir, err)
	}
	if !info.IsDir() {
		return "", &OpenError{Path: dir, Why: "is a file", Advice: "name the directory it lies in"}
	}
	return resolved, nil
}

// locate walks up from dir to the repository. viaFile says that a .git file
// pointed to it, which makes the directory of that file the work tree.
func locate(dir string) (gitDir, workTree string, viaFile bool, err error) {
	for d := dir; ; d = filepath.Dir(d) {
		dot := filepath.Join(d, ".git")
		info, err := os.Stat(dot)
		switch {
		case err == nil && info.IsDir():
			if isGitDir(dot) {
				return dot, d, false, nil
			}
		case err == nil && info.Mode().IsRegular():
			gitDir, err := followGitFile(dot)
			return gitDir, d, true, err
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", "", false, openError(dot, err)
		}
		if isGitDir(d) {
			return d, "", false, nil
		}
		if filepath.Dir(d) == d {
			return "", "", false, fmt.Errorf("%s: %w", dir, ErrNotRepository)
		}
	}
}

// isGitDir applies git's own test: a HEAD, and objects and references either
// here or in the directory that a linked work tree shares.
func isGitDir(dir string) bool {
	exists := func(name string) bool {
		_, err := os.Lstat(filepath.Join(dir, name))
		return err == nil
	}
	return exists("HEAD") && (exists("commondir") || exists("objects") && exists("refs"))
}

// followGitFile returns the directory that a .git file points to.
func followGitFile(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", openError(path, err)
	}
	target, ok := strings.CutPrefix(string(data), "gitdir: ")
	target = strings.TrimRight(target, "\r\n")
	if !ok || target == "" {
		return "", &OpenError{Path: path, Why: "does not begin with \"gitdir: \"",
			Advice: "remove the file, or clone the repository again"}
	}
	target = join(filepath.Dir(path), target)
	if !isGitDir(target) {
		return "", &OpenError{Path: path, Why: fmt.Sprintf("points to %s, which is no git repository", target),
			Advice: "for a work tree that was moved run `git worktree repair`, for a submodule `git submodule update --init`"}
	}
	return target, nil
}

// commonDir returns the directory that the work trees of a repository share.
func commonDir(gitDir string) (string, error) {
	path := filepath.Join(gitDir, "commondir")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return gitDir, nil
	}
	if err != nil {
		return "", openError(path, err)
	}
	dir := join(gitDir, strings.TrimSpace(string(data)))
	if !isGitDir(dir) {
		return "", &OpenError{Path: path, Why: fmt.Sprintf("points to %s, which is no git repository", dir),
			Advice: "run `git worktree repair` in the main work tree"}
	}
	return dir, nil
}

// mainWorkTree returns the work tree of a repository that was found without a
// .git file, "" for a bare one.
func mainWorkTree(gitDir string, config settings) string {
	if dir := config.get("core", "worktree"); dir != "" {
		return join(gitDir, dir)
	}
	if config.isTrue("core", "", "bare") || filepath.Base(gitDir) != ".git" {
		return ""
	}
	return filepath.Dir(gitDir)
}

// harmless are the extensions that change nothing for a reader that adds
// objects and branches: how other work trees are configured, where objects that
// are missing here may be had, and that none may be removed.
var harmless = []string{"noop", "noop-v1", "partialclone", "preciousobjects", "relativeworktrees", "worktreeconfig"}

// checkFormat refuses repositories that would be misread, and returns how objects are named.
func (r *Repo) checkFormat() (object.Format, error) {
	refuse := func(why, hint string) (object.Format, error) {
		return object.Format{}, &OpenError{Path: r.commonDir, Why: why, Advice: hint}
	}
	format := object.SHA1
	version := r.config.get("core", "repositoryformatversion")
	if version != "" && version != "0" && version != "1" {
		return refuse("its format version is "+version+", 0 and 1 can be read",
			"use a release of propagate that knows this format, or a fresh `git clone`")
	}
	for _, name := range r.config.keys("extensions") {
		value := r.config.get("extensions", name)
		switch {
		case name == "objectformat" && value == object.SHA256.Name:
			format = object.SHA256
		case name == "objectformat" && value != object.SHA1.Name:
			return refuse("its objects are named by "+value+", which propagate does not know",
				"use a release of propagate that knows this format")
		case name == "refstorage" && value == "reftable":
			if r.table = true; r.git == nil {
				return refuse("its references are stored as a reftable: "+object.ErrNeedsGit.Error(), installGit)
			}
		case name == "refstorage" && value != "files":
			return refuse("its references are stored as "+value+", which propagate does not know",
				"run `git refs migrate --ref-format=files`, or clone it with `git clone --ref-format=files`")
		case name == "objectformat" || name == "refstorage" || slices.Contains(harmless, name):
		case version == "1":
			return refuse("it needs the extension "+name+", which propagate does not know",
				"work in a fresh `git clone`, which has only the extensions it needs")
		}
	}
	return format, nil
}

// installGit is what to do where only git can read a repository.
const installGit = "install git, or put the directory of the git program on PATH"

// join is filepath.Join for a name that may be absolute.
func join(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}
