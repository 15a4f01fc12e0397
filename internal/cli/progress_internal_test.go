package cli

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
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
			a.doing("reading")
			wait(progressDelay - 1)
		}, ""},
		{"a long run shows what it does, and takes it away", nil, App{}, func(a *App) {
			a.doing("reading %d files", 3)
			wait(progressDelay)
			a.doing("planning")
		}, line + "reading 3 files …" + line + "planning …" + line},
		{"what is said goes above it", nil, App{}, func(a *App) {
			a.doing("reading")
			wait(progressDelay)
			a.notef("note: it is large")
		}, line + "reading …" + line + "\x1b[33mnote:\x1b[m it is large\n" + line + "reading …" + line},
		{"a result ends it", nil, App{}, func(a *App) {
			a.doing("reading")
			wait(progressDelay)
			_, _ = a.Stdout.Write([]byte("done\n"))
			a.verbosef("not said")
			wait(progressDelay)
		}, line + "reading …" + line + "done\n"},
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

func long(a *App) {
	a.doing("reading")
	wait(2 * progressDelay)
}

// wait lets the time of the test's bubble go on.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
