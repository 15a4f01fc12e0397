package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/redact"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/screen"
	"github.com/matihlabs/propagate/internal/source"
)

// App is propagate with its surroundings.
type App struct {
	Stdin          io.Reader // of who sits at the terminal; nil is nobody
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
	Transport      http.RoundTripper // for GitHub and git remotes; nil is the default
	// Sleep is how a run waits between requests, on the clock of Now; nil waits on the real one.
	Sleep          func(context.Context, time.Duration) error
	Environ        []string // of the engine that builds; without a PATH there is none
	Version        string   // "" where the build does not say
	Program        string   // tells this program from all others in the cache
	CacheDir       string   // where what was found out is kept; "" keeps nothing
	StdinTerminal  bool     // whether a person types Stdin
	StdoutTerminal bool     // whether a person sees Stdout at once
	StderrTerminal bool     // whether a person sees Stderr at once
	Width          int      // of the terminal, in cells; 0 if it is not known
	Command        []string // the words that call this program again; none are propagate

	globals
	registries *registry.Options // how registries are asked; nil is the usual way
	left       remainder         // what could not be done: exit status 3
	progress   *progress         // nil where none is shown
	commands   io.Writer         // takes lines that the runner of GitHub Actions is to read as commands; nil for nobody

	failures   []string // that were annotated
	summarized bool     // the page of the job has its summary
	masked     *redact.Redactor
	wrongHelp  error           // help was asked for of a command that there is not
	said       map[string]bool // what notef has said, where it is to say nothing twice; nil where it may
}

// globals are the flags that every command has.
type globals struct {
	repo, ref, config, output string
	quiet, verbose            bool
	noColor, noProgress       bool
	noCache                   bool
}

// Main runs the command line args, without the program's name, and returns the
// exit status.
func (a *App) Main(ctx context.Context, args []string) int {
	a.masked = a.redactor()
	stdout, stderr := &output{w: a.Stdout}, &output{w: a.Stderr}
	if a.inWorkflow() {
		stdout.defuse, stderr.defuse = a.defuse, source.Defuse
	}
	a.Stdout, a.Stderr = stdout, stderr
	defer a.showProgress()()
	a.commands = &besideProgress{w: &commandOutput{stderr}, p: a.progress}
	root := a.newRoot()
	root.SetArgs(append([]string{}, args...)) // nil would stand for those of the process
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = a.wrongHelp
	}
	if writeErr := stdout.finish(); err == nil && writeErr != nil {
		err = fmt.Errorf("standard output: %w", writeErr)
	}
	status := a.exit(err)
	_ = stderr.finish() // there is nowhere to say so
	return status
}

const rootLong = `propagate carries a patched base image through a monorepo: it finds every
Dockerfile that depends on the base, edits the version in exactly those, and
opens the pull requests that rebuild only those services, wave after wave.`

const rootExample = `  propagate --base base-java@1.0.1 --dry-run     what would change, as a diff
  propagate --base base-java@1.0.1               make the change
  propagate affected --base base-java -o paths   what depends on it
  propagate demo                                 a tour, without credentials`

// Commands returns the commands and what they say of themselves, for pages about them. They do not
// run.
func Commands() *cobra.Command {
	return (&App{Getenv: func(string) string { return "" }}).newRoot()
}

func (a *App) newRoot() *cobra.Command {
	o := &bumpOptions{App: a}
	version := false
	root := &cobra.Command{
		Use:           "propagate --base IMAGE@VERSION [--base …]",
		Short:         "Carry a patched base image through a monorepo",
		Long:          rootLong,
		Example:       rootExample,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return noCommand(cmd, args[0])
		},
		SuggestionsMinimumDistance: 2,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.checkGlobals(cmd)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case cmd.Flags().NFlag() == 0:
				return cmd.Help()
			case version:
				return a.runVersion()
			}
			return o.run(cmd.Context())
		},
	}
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.DisableDefaultCmd = true // there is one of our own
	a.setUpHelp(root)
	flags := root.PersistentFlags()
	flags.StringVarP(&a.repo, "repo", "C", ".", "`directory` of the repository, any inside it works, or its URL (https://host/org/repo, ssh://…, user@host:org/repo.git)")
	flags.StringVar(&a.ref, "ref", "HEAD", "`revision` that is read; a directory without git is read as it is")
	flags.StringVar(&a.config, "config", "", "configuration `file` (default .propagate.yaml of the revision)")
	flags.StringVarP(&a.output, "output", "o", "text", "`format` of the output: text or json")
	completeWith(root, "output", formats)
	flags.BoolVar(&a.quiet, "quiet", false, "print results and errors only")
	flags.BoolVar(&a.verbose, "verbose", false, "say what is done, and list what was passed over")
	flags.BoolVar(&a.noCache, "no-cache", false, "neither use nor keep what earlier runs found out")
	flags.BoolVar(&a.noColor, "no-color", false, "print without colours, as with NO_COLOR set")
	flags.BoolVar(&a.noProgress, "no-progress", false, "do not show on a terminal what is being done")
	o.planFlags.addFlags(root)
	o.publishFlags.addFlags(root)
	root.Flags().BoolVar(&version, "version", false, "print version and build, as the command version does")
	root.AddCommand(newRun(a), newOutdated(a), newStatus(a), newPlan(a), newScan(a), newGraph(a), newReport(a), newAffected(a), newBuild(a), newConfig(a), newInit(a), newDemo(a), newVersion(a), newCompletion(a))
	a.completeFromRepository(root)
	return root
}

// noArguments is for commands that take none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage(fmt.Errorf("%s: %q is one argument too many", cmd.CommandPath(), args[0]), cmd.CommandPath()+" --help lists what there is")
}

// checkGlobals checks the flags that every command has, and that flags go together.
func (a *App) checkGlobals(cmd *cobra.Command) error {
	all := formats(cmd)
	if !isOutputFile(cmd, a.output) && !slices.Contains(all, a.output) {
		return usage(fmt.Errorf("--output %s: %s has no such format", a.output, cmd.CommandPath()), "the formats are "+strings.Join(all, ", ")+fileHint(cmd))
	}
	if err := checkEmpty(cmd); err != nil {
		return err
	}
	if err := a.checkPairs(cmd); err != nil {
		return err
	}
	a.startProgress()
	return nil
}

// notef tells a person something that is no result.
func (a *App) notef(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if a.quiet || a.said[text] {
		return
	}
	if a.said != nil {
		a.said[text] = true
	}
	a.warnf("%s", text)
}

// verbosef tells a person who asked for more.
func (a *App) verbosef(format string, args ...any) {
	if a.verbose {
		a.warnf(format, args...)
	}
}

// warnf tells a person what is wrong, --quiet or not. A standard error that takes
// nothing leaves nowhere to say so.
func (a *App) warnf(format string, args ...any) {
	text := a.paintPrefix(a.masked.Text(fmt.Sprintf(format, args...)))
	if a.StderrTerminal {
		_, _ = fmt.Fprintln(screen.New(a.Stderr, a.width(), true), text)
		return
	}
	_, _ = fmt.Fprintln(a.Stderr, text)
}
