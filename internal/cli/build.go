package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/engine"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
)

// buildOptions are what propagate build needs.
type buildOptions struct {
	*App
	images    []string
	allBases  bool
	push, dry bool
	engine    string
}

func newBuild(a *App) *cobra.Command {
	o := &buildOptions{App: a}
	cmd := &cobra.Command{
		Use: "build (IMAGE… | --all-bases)", Short: "Build bases with BuildKit, in the order of the graph",
		Long: `Build images of the repository, and those of its bases that they name, with buildx or with
BuildKit's buildctl: bases first, with the tags that the repository says. With --push they
go to their registries, and what a registry has already in that version is not built. What
is built is what is on disk.`,
		Example: `  propagate build base-java --push
  propagate build --all-bases --push
  propagate build --all-bases --dry-run     the bake file, and the command`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.images = args
			if err := o.check(); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.allBases, "all-bases", false, "build all images that other builds of the repository are based on")
	flags.BoolVar(&o.push, "push", false, "push what is built, and leave out what the registry has already in that version")
	flags.BoolVar(&o.dry, "dry-run", false, "print the bake file and the command, and run nothing")
	flags.StringVar(&o.engine, "engine", string(engine.Auto), "`program` that has BuildKit build: buildx, buildctl, or auto for the one that is there")
	complete(cmd, "engine", engine.Kinds()...)
	cmd.ValidArgsFunction = a.offering(offerNames)
	return cmd
}

// check judges the flags before anything is read.
func (o *buildOptions) check() error {
	switch {
	case len(o.images) == 0 && !o.allBases:
		return usage(errors.New("propagate build: it names no image"), "propagate build IMAGE for one with what it is based on, propagate build --all-bases for all bases")
	case len(o.images) > 0 && o.allBases:
		return usage(fmt.Errorf("--all-bases, %s: they exclude each other", shellWord(o.images[0])), "--all-bases is all of them")
	case !slices.Contains(engine.Kinds(), o.engine):
		return usage(fmt.Errorf("--engine %s: there is no such engine", o.engine), strings.Join(engine.Kinds(), ", "))
	case o.dry && o.output == "json":
		return usage(errors.New("--dry-run, -o json: they exclude each other"), "the bake file that --dry-run prints is JSON")
	}
	for _, image := range o.images {
		if _, _, err := parseWanted(image); err != nil {
			return err
		}
	}
	return nil
}

// parseWanted reads IMAGE or IMAGE@TAG.
func parseWanted(s string) (name, tag string, err error) {
	name, bump, err := parseImage("propagate build", s, false)
	if err == nil && bump.Digest != "" {
		err = usage(fmt.Errorf("propagate build %s: a digest names what was built before", s), "IMAGE, or IMAGE@VERSION for one line of it")
	}
	return name, bump.Tag, err
}

func (o *buildOptions) run(ctx context.Context) error {
	repo, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer repo.Close()
	if err := repo.CheckBuildable(); err != nil {
		return err
	}
	if err := repo.CheckDockerfiles(); err != nil {
		return err
	}
	repo.LookForChanges(ctx)
	doc, err := o.plan(repo)
	if err != nil || o.allBases { // one of them may be a base, or the one that is asked for
		o.diagnoseUnreadable(repo)
	}
	if err != nil {
		return err
	}
	targets := doc.Targets()
	if o.dry {
		return o.show(doc.Bake(), targets)
	}
	e := engine.Engine{Dir: repo.Dir, Env: o.Environ, Output: o.Stderr, Redact: o.masked.Text}
	if o.quiet {
		e.Output = io.Discard
	}
	if len(targets) > 0 {
		if e.Program, err = engine.Find(ctx, engine.Kind(o.engine), o.Environ); err != nil {
			return err
		}
	}
	resume := o.pauseProgress()
	results, err := e.Build(ctx, engine.Job{
		Targets: targets, Push: o.push,
		Bake: func(names []string) ([]byte, error) {
			var file bytes.Buffer
			err := report.WriteJSON(&file, doc.Bake().Of(names))
			return file.Bytes(), err
		},
		Ask: func() engine.Registry { return repo.AskAnew() },
	})
	resume()
	if results == nil && err != nil {
		return err
	}
	return errors.Join(o.tell(doc.Built(repo.Revision.Commit, e.Program.String(), o.push, results), results), err)
}

// plan finds out what is to be built.
func (o *buildOptions) plan(repo *monorepo.Repository) (*report.Affected, error) {
	var wanted []monorepo.Wanted
	for _, typed := range o.images {
		name, tag, err := parseWanted(typed)
		if err != nil {
			return nil, err
		}
		images, err := findImages(repo, "propagate build "+typed, name)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, monorepo.Wanted{Images: images, Tag: tag})
	}
	p, err := repo.ToBuild(wanted)
	if err != nil {
		return nil, err
	}
	o.checkPlanPaths(p)
	from, err := o.buildSource(repo, p)
	if err != nil {
		return nil, err
	}
	if repo.NoteChanges() {
		from.Revision = "" // that would not be true
	}
	doc := report.NewAffected(p, repo.BuildsOf)
	doc.SetSource(from)
	return doc, nil
}

// show prints what would be done if no registry had anything.
func (o *buildOptions) show(file report.Bake, all []engine.Target) error {
	var targets []engine.Target
	var names []string
	for i, r := range engine.Judge(all, o.push) {
		if r.State == "" {
			targets, names = append(targets, all[i]), append(names, all[i].Name)
			continue
		}
		o.leave(r.Passing)
		o.warnf("propagate: %s: it would not be built: %s", r.Target, r.Reason)
	}
	if len(names) < len(all) {
		file = file.Of(names)
	}
	commands, err := engine.Commands(engine.Usual(engine.Kind(o.engine)), targets, o.push, o.Environ)
	if err != nil {
		return err
	}
	if err := report.WriteJSON(o.Stdout, file); err != nil {
		return err
	}
	for _, words := range commands {
		for i, word := range words {
			words[i] = shellWord(word)
		}
		o.notef("%s", report.Clean(strings.Join(words, " ")))
	}
	if o.push {
		o.notef("note: without --dry-run, what the registry has already in its version is left out")
	}
	return nil
}

// tell prints what became of each build.
func (o *buildOptions) tell(doc *report.Build, results []engine.Result) error {
	for _, r := range results {
		if !r.Done() {
			o.leave(r.Passing)
		}
	}
	if err := o.report(doc); err != nil {
		return err
	}
	if doc.Totals.Built > 0 {
		o.notef("note: nothing is pushed without --push; the builder has what was built")
	}
	return nil
}
