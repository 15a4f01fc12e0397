package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/proposal"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// newInit returns the command that proposes a configuration, and has what else sets a repository up below it.
func newInit(a *App) *cobra.Command {
	o := &initOptions{App: a}
	cmd := &cobra.Command{
		Use: "init", Short: "Propose a configuration for the repository, and write it", Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return noCommand(cmd, args[0])
		},
		Long: `Read the repository and propose a commented .propagate.yaml: which bases are built here
and what says so, what names alone say, what is not clear and the entry that settles it.
Nothing in it counts before a person takes the "#" away, so that the bot does with it what
it does without it. What that is, is said on standard error. No registry is asked.

On a terminal it asks before it writes; --yes writes at once. Anywhere else it prints the
proposal and writes nothing. To a file that is there it adds what is new since, shows that
as a diff first, and leaves every line of the file as it is.`,
		Example: "  propagate init\n  propagate init --yes\n  propagate init > .propagate.yaml",
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "write the file without asking")
	cmd.AddCommand(newInitWorkflow(a))
	return cmd
}

// initOptions are what propagate init needs.
type initOptions struct {
	*App
	yes bool
}

// A configFile is the file that a proposal is for.
type configFile struct {
	name string // as messages call it
	path string // of the file; "" where none can be written
	old  []byte // what it holds; nil where there is none
}

func (o *initOptions) run(ctx context.Context) error {
	repo, file, err := o.read(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	if err := repo.CheckDockerfiles(); err != nil {
		return err
	}
	if o.yes && file.path == "" {
		return usage(fmt.Errorf("--yes: %s cannot be written: what was read is no work tree", file.name), "without --yes the proposal is printed; --config FILE names a file that it can go to")
	}
	found, err := repo.Findings(ctx)
	if err != nil {
		return err
	}
	proposed, err := propose(found, file)
	if err != nil {
		return err
	}
	for _, note := range proposed.Notes {
		o.notef("note: %s", note)
	}
	if bytes.Equal(proposed.Text, file.old) {
		_, err := fmt.Fprintf(o.Stdout, "unchanged: %s: nothing is new\n", report.Clean(file.name))
		return err
	}
	if err := o.show(file, proposed); err != nil {
		return err
	}
	o.summarize(found)
	switch {
	case file.path == "":
		o.notef("note: %s cannot be written: what was read is no work tree", file.name)
		return nil
	case !o.yes && (!o.asks() || !o.StdoutTerminal):
		if file.old != nil {
			o.notef("note: nothing was written: --yes adds this to %s", report.Clean(file.name))
		}
		return nil
	case !o.yes:
		ok, err := o.askYes(ctx, "Write "+report.Clean(file.name)+"?")
		if err != nil || !ok {
			if err == nil {
				o.notef("note: nothing was written")
			}
			return err
		}
	}
	if err := file.write(proposed.Text); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.Stdout, "written: %s: %s to look at; propagate config check --config %s says what is wrong, then commit it\n", report.Clean(file.name), report.Count(proposed.Entries, "proposal"), report.Clean(shellWord(file.typed())))
	return err
}

// read opens the repository with the configuration of the work tree, committed or not.
func (o *initOptions) read(ctx context.Context) (*monorepo.Repository, configFile, error) {
	options := o.openOptions()
	listen := options.Listen
	options.Listen = func(m monorepo.Message) {
		if m.Kind == monorepo.Doing || m.Kind == monorepo.Detail || m.Kind == monorepo.Incomplete { // the rest is in the proposal
			listen(m)
		}
	}
	file := configFile{name: config.Name}
	if o.config != "" {
		file.name, file.path = o.config, o.config
		if err := file.read(); err != nil {
			return nil, file, err
		}
		if file.old == nil {
			options.Config = ""
		}
		repo, err := monorepo.Open(ctx, options)
		return repo, file, err
	}
	repo, err := monorepo.Open(ctx, options)
	if err != nil || repo.Dir == "" || o.ref != "HEAD" {
		if err == nil {
			file.old = repo.ConfigText()
		}
		return repo, file, err
	}
	file.path = filepath.Join(repo.Dir, config.Name)
	if err := file.read(); err != nil {
		return nil, file, errors.Join(err, repo.Close())
	}
	if file.old == nil || bytes.Equal(file.old, repo.ConfigText()) {
		return repo, file, nil
	}
	if err := repo.Close(); err != nil {
		return nil, file, err
	}
	options.Config = file.path
	repo, err = monorepo.Open(ctx, options)
	return repo, file, err
}

// read reads the file. An empty one is as none: a shell makes it for what is redirected.
func (f *configFile) read() error {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = source.ErrNotRegular
	}
	if err == nil {
		f.old, err = os.ReadFile(f.path)
	}
	if err != nil {
		var failed *fs.PathError
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return usage(fmt.Errorf("%s: %w", f.name, err), "--config names another file")
	}
	if len(bytes.TrimSpace(f.old)) == 0 {
		f.old = nil
	}
	return nil
}

// typed returns how the file is named on a command line.
func (f *configFile) typed() string {
	here, err := os.Stat(f.name)
	there, err2 := os.Stat(f.path)
	if err == nil && err2 == nil && os.SameFile(here, there) {
		return f.name
	}
	return f.path
}

func propose(found *monorepo.Findings, file configFile) (proposal.Proposal, error) {
	if file.old == nil {
		return proposal.New(found)
	}
	return proposal.Update(found, file.old)
}

// show prints a new file as it is, and what is added to one that is there as a diff.
func (o *initOptions) show(file configFile, proposed proposal.Proposal) error {
	if file.old != nil {
		_, err := io.WriteString(o.Stdout, o.paintDiff(bumper.Diff(filepath.ToSlash(filepath.Base(file.name)), file.old, proposed.Text)))
		return err
	}
	if o.yes {
		return nil // the file has it
	}
	_, err := o.Stdout.Write(proposed.Text)
	return err
}

// summarize says what the bot does with the repository as it is.
func (o *initOptions) summarize(f *monorepo.Findings) {
	for _, line := range report.Setup(f) {
		o.notef("%s", line)
	}
}

// write puts a text in the place of what was read, in one step. Who has written there meanwhile is not overwritten.
func (f *configFile) write(text []byte) error {
	wrong := func(err error, hint string) error {
		return &source.Error{Pos: source.Pos{Path: f.name}, Err: err, Hint: hint}
	}
	if info, err := os.Lstat(f.path); err == nil && !info.Mode().IsRegular() {
		return wrong(errors.New("it is a symbolic link, and is left"), "--config names the file that it leads to")
	}
	now, err := os.ReadFile(f.path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case !bytes.Equal(bytes.TrimSpace(now), bytes.TrimSpace(f.old)):
		return wrong(errors.New("it has changed meanwhile, and is left"), "run init again, to see what is new to it as it is now")
	}
	file, placed, err := replacing(f.path)
	if err != nil {
		return wrong(fmt.Errorf("it cannot be written: %w", err), "check the permissions of its directory")
	}
	_, err = file.Write(text)
	return placed(err)
}
