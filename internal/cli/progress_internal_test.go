package cli

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matihlabs/propagate/internal/monorepo"
)

// The line of progress on a terminal, in a time that does not pass by itself.
func TestProgress(t *testing.T) {
	t.Parallel()
	const line = eraseLine
	for _, test := range []struct {
		name string
		env  map[string]string
		app  App
		run  func(a *App)
		want string
	}{
		{"a short run shows nothing", nil, App{}, func(a *App) {
			a.doing(doing("reading"))
			wait(progressDelay - 1)
		}, ""},
		{"a long run shows what it does, and takes it away", nil, App{}, func(a *App) {
			a.doing(doing("reading 3 files"))
			wait(progressDelay)
			a.doing(doing("planning"))
		}, line + "reading 3 files …" + line + "planning …" + line},
		{"what is said goes above it", nil, App{}, func(a *App) {
			a.doing(doing("reading"))
			wait(progressDelay)
			a.notef("note: it is large")
		}, line + "reading …" + line + "\x1b[33mnote:\x1b[0m it is large\n" + line + "reading …" + line},
		{"a result ends it", nil, App{}, func(a *App) {
			a.doing(doing("reading"))
			wait(progressDelay)
			_, _ = a.Stdout.Write([]byte("done\n"))
			a.verbosef("not said")
			wait(progressDelay)
		}, line + "reading …" + line + "done\n"},
		{"what is counted says how long it takes, every second", nil, App{}, func(a *App) {
			a.doing(counted(0, 3700*time.Second))
			wait(progressDelay + progressTick)
			a.doing(counted(299, 3*time.Second))
			wait(2 * progressTick)
			a.doing(counted(300, 0))
		}, line + "0 of 300 changes, about 1 hour 2 minutes left: pull requests …" +
			line + "299 of 300 changes, about 3 seconds left: pull requests …" +
			line + "299 of 300 changes, about 2 seconds left: pull requests …" +
			line + "299 of 300 changes, about 1 second left: pull requests …" +
			line + "300 of 300 changes: pull requests …" + line},
		{"the pace says how long the rest takes, once it is known", nil, App{}, func(a *App) {
			for n := range 5 {
				a.doing(monorepo.Message{Kind: monorepo.Doing, Text: "asking 2 registries", Done: n, All: 5, Of: "image"})
				wait(2 * time.Second)
			}
			a.doing(monorepo.Message{Kind: monorepo.Doing, Text: "planning"})
		}, line + "0 of 5 images: asking 2 registries …" +
			line + "1 of 5 images, about 8 seconds left: asking 2 registries …" + line + "1 of 5 images, about 7 seconds left: asking 2 registries …" +
			line + "2 of 5 images, about 6 seconds left: asking 2 registries …" + line + "2 of 5 images, about 5 seconds left: asking 2 registries …" +
			line + "3 of 5 images, about 4 seconds left: asking 2 registries …" + line + "3 of 5 images, about 3 seconds left: asking 2 registries …" +
			line + "4 of 5 images, about 2 seconds left: asking 2 registries …" + line + "4 of 5 images, about 1 second left: asking 2 registries …" +
			line + "planning …" + line},
		{"it stays in one line", nil, App{Width: 20}, func(a *App) {
			a.doing(doing("asking the registry registry.example"))
			wait(progressDelay)
		}, line + "asking the regist …" + line},
		{"COLUMNS says how long one is", map[string]string{"COLUMNS": "16"}, App{Width: 20}, func(a *App) {
			a.doing(doing("asking the registry registry.example"))
			wait(progressDelay)
		}, line + "asking the re …" + line},
		{"a pipe", nil, App{Command: []string{"pipe"}}, long, ""},
		{"--no-progress", nil, App{globals: globals{noProgress: true}}, long, ""},
		{"--quiet", nil, App{globals: globals{quiet: true}}, long, ""},
		{"continuous integration", map[string]string{"CI": "true"}, App{}, long, ""},
		{"a terminal that cannot erase", map[string]string{"TERM": "dumb"}, App{}, long, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var terminal bytes.Buffer
				a := test.app
				a.Stdout, a.Stderr, a.StderrTerminal = &terminal, &terminal, len(a.Command) == 0
				a.Now = time.Now
				a.Getenv = func(name string) string { return test.env[name] }
				end := a.showProgress()
				a.startProgress()
				test.run(&a)
				end()
				wait(progressDelay)
				if got := terminal.String(); got != test.want {
					t.Errorf("the terminal got %q, want %q", got, test.want)
				}
			})
		})
	}
}

// counted is a message of a run with 300 changes.
func counted(done int, left time.Duration) monorepo.Message {
	return monorepo.Message{Kind: monorepo.Doing, Text: "pull requests", Done: done, All: 300, Of: "change", Left: left}
}

func doing(text string) monorepo.Message {
	return monorepo.Message{Kind: monorepo.Doing, Text: text}
}

func long(a *App) {
	a.doing(doing("reading"))
	wait(2 * progressDelay)
}

// wait lets the time of the test's bubble go on.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
