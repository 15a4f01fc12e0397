package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/workflowfile"
)

// initWorkflowOptions are what propagate init workflow needs.
type initWorkflowOptions struct {
	*App
	path, branch string
	write, force bool
}

func newInitWorkflow(a *App) *cobra.Command {
	o := &initWorkflowOptions{App: a}
	cmd := &cobra.Command{
		Use: "workflow", Short: "Print or write a GitHub workflow that rebuilds what a change affects", Args: noArguments,
		Long: `Print a GitHub workflow for the repository, or write it with --write. For each pull
request, merge group and push it rebuilds the builds that the change affects, wave after
wave, and its job "rebuild" says whether all went well: the one check to require. A file
that a person has changed is replaced with --force alone.`,
		Example: "  propagate init workflow\n  propagate init workflow --write",
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.write, "write", false, "write the file into the work tree")
	cmd.Flags().BoolVar(&o.force, "force", false, "with --write, replace a file that a person has changed")
	cmd.Flags().StringVar(&o.path, "path", workflowfile.Path, "`file` that is written, from the root of the repository")
	cmd.Flags().StringVar(&o.branch, "branch", "", "`branch` whose pushes publish images (default the default branch of origin)")
	return cmd
}

func (o *initWorkflowOptions) run(ctx context.Context) error {
	if err := o.check(); err != nil {
		return err
	}
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	if err := repo.CheckDockerfiles(); err != nil {
		return err
	}
	rebuilds := repo.Rebuilds()
	options := workflowfile.Options{
		Branch: rebuilds.Branch, Waves: rebuilds.Waves, Registries: rebuilds.Registries, Version: moduleVersion(o.Version),
		Emulate: slices.ContainsFunc(rebuilds.Platforms, func(platform string) bool { return platform != "linux/amd64" }),
	}
	if o.branch != "" {
		options.Branch = o.branch
	}
	text := workflowfile.New(options)
	if o.write {
		err = o.place(repo, options, text)
	} else {
		_, err = o.Stdout.Write(text)
	}
	if err == nil && path.Dir(o.path) != path.Dir(workflowfile.Path) {
		o.notef("note: %s: GitHub looks for workflows in %s alone", report.Clean(o.path), path.Dir(workflowfile.Path))
	}
	return err
}

// check judges the flags.
func (o *initWorkflowOptions) check() error {
	switch {
	case o.force && !o.write:
		return usage(errors.New("--force: nothing is written without --write"), "add --write, or leave --force out")
	case !fs.ValidPath(o.path) || path.Ext(o.path) != ".yml" && path.Ext(o.path) != ".yaml":
		return usage(fmt.Errorf("--path %s: it is no path of a YAML file below the root of the repository", report.Clean(o.path)), "such as "+workflowfile.Path)
	case strings.ContainsFunc(o.branch, func(r rune) bool { return r <= ' ' || strings.ContainsRune("~^:?*[\\", r) }):
		return usage(fmt.Errorf("--branch %s: it is no name of a branch", report.Clean(o.branch)), "such as main")
	}
	return nil
}

// place writes the file, and says what is left to do.
func (o *initWorkflowOptions) place(repo *monorepo.Repository, options workflowfile.Options, text []byte) error {
	if repo.Dir == "" {
		return usage(errors.New("--write: the repository has no work tree"), "without --write the workflow is printed")
	}
	root, err := os.OpenRoot(repo.Dir)
	if err != nil {
		return err
	}
	defer root.Close()
	written, err := o.replace(root, text)
	if err != nil {
		return fmt.Errorf("%s: %w", report.Clean(o.path), err)
	}
	var b strings.Builder
	state := "written"
	if !written {
		state = "unchanged"
	}
	fmt.Fprintf(&b, "%s: %s: %s, pushes to %s publish\n", state, report.Clean(o.path), report.Count(max(1, len(options.Waves)), "wave"), report.Clean(options.Branch))
	for _, secrets := range workflowfile.Secrets(options.Registries) {
		fmt.Fprintf(&b, "  it needs the secrets %s and %s, for %s\n", secrets.Username, secrets.Password, secrets.Host)
	}
	b.WriteString("  commit it, and require the check rebuild for " + report.Clean(options.Branch) + "\n")
	_, err = io.WriteString(o.Stdout, b.String())
	return err
}

// replace puts the text where the file is to be, in one step. It reports whether that was necessary.
func (o *initWorkflowOptions) replace(root *os.Root, text []byte) (written bool, err error) {
	mode := fs.FileMode(0o644)
	info, err := root.Lstat(o.path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return false, usage(errors.New("it is no regular file"), "--path names another")
	case err == nil:
		mode = info.Mode().Perm()
		content, err := root.ReadFile(o.path)
		if err != nil {
			return false, err
		}
		if bytes.Equal(content, text) {
			return false, nil
		}
		if err := workflowfile.Keep(content); err != nil && !o.force {
			return false, usage(fmt.Errorf("%w, and is left", err), "--force replaces it; without --write the new one is printed, to be compared with it")
		}
	case leadsOut(err):
		return false, usage(errors.New("a directory on its path is a symbolic link that leads out of the work tree"), "--path names another")
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	if err := root.MkdirAll(path.Dir(o.path), 0o777); err != nil {
		return false, err
	}
	temporary := path.Join(path.Dir(o.path), ".propagate-"+path.Base(o.path)+".tmp")
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return false, err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = root.Rename(temporary, o.path)
	}
	if err != nil {
		_ = root.Remove(temporary) // the next run says if it is left
	}
	return err == nil, err
}

// leadsOut reports whether a path is refused since it leads out of the root: os has no name for that.
func leadsOut(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path) && path.Err.Error() == "path escapes from parent"
}

var released = regexp.MustCompile(`^v?([0-9]+\.[0-9]+\.[0-9]+)$`)

// moduleVersion returns the version of a release as go install takes it; "" for any other build.
func moduleVersion(version string) string {
	if m := released.FindStringSubmatch(version); m != nil {
		return "v" + m[1]
	}
	return ""
}
