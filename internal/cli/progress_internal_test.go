package cli

import (
	"bytes"
	"io"
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
		}, line + "reading …" + line + "\x1b[33mnote:\x1b[m it is large\n" + line + "reading …" + line},
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
		{"--no-progress", nil, App{globals: globals{noProgress: true}}, long, ""},
		{"--quiet", nil, App{globals: globals{quiet: true}}, long, ""},
		{"continuous integration", map[string]string{"CI": "true"}, App{}, long, ""},
		{"a terminal that cannot erase", map[string]string{"TERM": "dumb"}, App{}, long, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var terminal bytes.Buffer
				a := test.app
				a.Stdout, a.Stderr, a.StderrTerminal = &terminal, &terminal, true
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

// A log gets a line every half minute, and keeps it.
func TestProgressInALog(t *testing.T) {
	t.Parallel()
	const half = "0 of 300 changes, about 1 hour 1 minute left: pull requests …\n"
	for _, test := range []struct {
		name     string
		env      map[string]string
		globals  globals
		terminal bool
		want     string
	}{
		{"a file or a pipe", nil, globals{}, false, half + "100 of 300 changes, about 58 minutes left: pull requests …\n"},
		{"continuous integration", map[string]string{"CI": "true"}, globals{}, true, half + "100 of 300 changes, about 58 minutes left: pull requests …\n"},
		{"a terminal that cannot erase", map[string]string{"TERM": "dumb"}, globals{}, true, half + "100 of 300 changes, about 58 minutes left: pull requests …\n"},
		{"--quiet", nil, globals{quiet: true}, false, ""},
		{"--no-progress", nil, globals{noProgress: true}, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				a := App{globals: test.globals, Stdout: io.Discard, Stderr: &log, StderrTerminal: test.terminal, Now: time.Now}
				a.Getenv = func(name string) string { return test.env[name] }
				end := a.showProgress()
				a.startProgress()
				a.doing(doing("reading"))
				wait(time.Second)
				a.doing(counted(0, 3700*time.Second))
				wait(29 * time.Second)
				a.doing(counted(100, 3500*time.Second))
				wait(30 * time.Second)
				end()
				wait(time.Hour)
				if got := log.String(); got != test.want {
					t.Errorf("the log got %q, want %q", got, test.want)
				}
			})
		})
	}
}

// counted is a message of a run with 300 changes.
func counted(done int, left time.Duration) monorepo.Message {
	return monorepo.Message{Kind: monorepo.Doing, Text: "pull requests", Done: done, All: 300, Left: left}
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
