package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/matihlabs/propagate/internal/registry"
)

// An Engine is a program in its surroundings.
type Engine struct {
	Program Program
	Dir     string                   // the root of what is built
	Env     []string                 // the environment of the program
	Output  io.Writer                // takes what the program says, line after line
	Redact  func(line string) string // takes secrets out of it; nil for none
	Doing   func(what string)        // is told what is done; nil for nobody
}

// A Registry says what a tag names. The error is a [registry.ErrNoTag] where there is no such tag.
type Registry interface {
	Digest(ctx context.Context, reference string) (string, error)
}

// A Job is what is to be built.
type Job struct {
	Targets []Target
	Push    bool
	Bake    func(names []string) ([]byte, error) // returns the bake file of some of the targets; those that they need and that are not among them come from the registry
	Ask     func() Registry                      // returns a registry that does not know yet what it was asked before
}

// settleTime is how long the registry is asked for what was pushed, after an interruption too.
const settleTime = time.Minute

// Build builds, and pushes if that is asked for. There is a result for each target, in their order. The error is that
// of what the program cannot do, or of ctx: then the results are those of what was done until then.
func (e *Engine) Build(ctx context.Context, job Job) ([]Result, error) {
	var then, now map[string]answer
	if job.Push {
		e.say("asking the registries what they have")
		if then = ask(ctx, job.Ask(), job.Targets); ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	results := weigh(job.Targets, job.Push, then)
	var targets []Target
	var names []string
	for i, t := range job.Targets {
		if results[i].State == "" {
			targets, names = append(targets, t), append(names, t.Name)
		}
	}
	if len(targets) == 0 {
		return results, nil
	}
	ended, err := e.build(ctx, job, targets, names)
	if err != nil {
		return nil, err
	}
	if job.Push {
		e.say("asking the registries what was pushed")
		after, stop := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
		now = ask(after, job.Ask(), targets)
		stop()
	}
	if ctx.Err() != nil {
		ended.general = "it was interrupted"
	}
	return settle(results, job.Targets, ended, job.Push, then, now), ctx.Err()
}

func (e *Engine) build(ctx context.Context, job Job, targets []Target, names []string) (endings, error) {
	if e.Program.Kind == Buildctl {
		if err := checkBuildctl(targets, job.Push); err != nil {
			return endings{}, err
		}
		return e.buildctl(ctx, targets, job.Push)
	}
	file, err := job.Bake(names)
	if err != nil {
		return endings{}, err
	}
	e.say("building %d images", len(targets))
	return e.bake(ctx, targets, file, job.Push)
}

// Judge says what [Engine.Build] would leave out, for whatever reason, of targets that no registry has. A result without a
// state is of a target that would be built.
func Judge(targets []Target, push bool) []Result { return weigh(targets, push, nil) }

// Commands returns the arguments of the program for targets that no registry has: the words of each command.
func Commands(p Program, targets []Target, push bool, env []string) ([][]string, error) {
	if p.Kind != Buildctl {
		return [][]string{slices.Concat(p.Words, bakeArgs(targets, push, ""))}, nil
	}
	if err := checkBuildctl(targets, push); err != nil {
		return nil, err
	}
	var all [][]string
	for _, t := range targets {
		all = append(all, slices.Concat(p.Words, buildctlArgs(t, push, env, "DIR", "")))
	}
	return all, nil
}

func (e *Engine) say(format string, args ...any) {
	if e.Doing != nil {
		e.Doing(fmt.Sprintf(format, args...))
	}
}

// ask asks for the digests of all tags of targets.
func ask(ctx context.Context, r Registry, targets []Target) map[string]answer {
	answers := map[string]answer{}
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(8)
	for _, t := range targets {
		for _, tag := range t.Tags {
			group.Go(func() error {
				digest, err := r.Digest(ctx, tag)
				if errors.Is(err, registry.ErrNoTag) {
					digest, err = "", nil
				}
				mu.Lock()
				defer mu.Unlock()
				answers[tag] = answer{digest, err}
				return nil
			})
		}
	}
	_ = group.Wait() // the errors are among the answers
	return answers
}

// run runs the program and returns the end of what it has said. When ctx ends, the program is interrupted, and ends by
// itself.
func (e *Engine) run(ctx context.Context, stdin io.Reader, words, args []string) (said string, err error) {
	cmd := exec.CommandContext(ctx, e.Program.path, slices.Concat(words, args)...) //nolint:gosec // the engine of the user's PATH
	cmd.Dir, cmd.Env, cmd.Stdin = e.Dir, e.Env, stdin
	out := &lines{w: e.Output, redact: e.Redact}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Cancel = func() error {
		if cmd.Process.Signal(os.Interrupt) == nil {
			return nil
		}
		return cmd.Process.Kill()
	}
	cmd.WaitDelay = 30 * time.Second // for what does not end with it
	err = cmd.Run()
	out.end()
	return string(out.tail), err
}

// mostTail bounds how much is kept of what a program says.
const mostTail = 64 << 10

// lines passes on what a program says line after line, and keeps the end of it.
type lines struct {
	w      io.Writer
	redact func(string) string
	part   []byte // of a line that is not complete
	tail   []byte
}

// Write implements io.Writer. What cannot be passed on stops nothing.
func (l *lines) Write(data []byte) (int, error) {
	l.part = append(l.part, data...)
	if end := bytes.LastIndexByte(l.part, '\n') + 1; end > 0 {
		l.pass(l.part[:end])
		l.part = append(l.part[:0], l.part[end:]...)
	}
	return len(data), nil
}

func (l *lines) pass(text []byte) {
	if l.redact != nil {
		text = []byte(l.redact(string(text)))
	}
	_, _ = l.w.Write(text)
	l.tail = append(l.tail, text...)
	l.tail = l.tail[max(0, len(l.tail)-mostTail):]
}

// end passes on the beginning of a line that is never ended.
func (l *lines) end() {
	if len(l.part) > 0 {
		l.pass(append(l.part, '\n'))
		l.part = nil
	}
}
