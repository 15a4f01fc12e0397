package cli

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progressDelay is how long a run may take before it says what it is doing.
const progressDelay = 500 * time.Millisecond

// eraseLine goes to the beginning of a terminal's line and erases it.
const eraseLine = "\r\x1b[K"

// A progress is a line at the end of a terminal that says what is being done. A nil
// progress shows nothing.
type progress struct {
	mu    sync.Mutex
	w     io.Writer // the terminal
	on    bool      // whether the flags ask for it
	late  bool      // whether the delay has passed
	text  string    // what is being done; "" is nothing
	shown bool      // whether the line is there
	timer *time.Timer
}

// showProgress prepares standard error, if it is a terminal, for a line of progress.
// What is returned ends it.
func (a *App) showProgress() (end func()) {
	if !a.StderrTerminal {
		return func() {}
	}
	p := &progress{w: a.Stderr}
	a.progress = p
	a.Stderr = &besideProgress{w: a.Stderr, p: p}
	a.Stdout = &besideProgress{w: a.Stdout, p: p, result: true}
	return p.end
}

// startProgress shows progress from now on, unless the flags or the surroundings speak
// against it.
func (a *App) startProgress() {
	p := a.progress
	if p == nil || a.quiet || a.noProgress || a.Getenv("CI") != "" || a.Getenv("TERM") == "dumb" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on = true
	p.timer = time.AfterFunc(progressDelay, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.late = true
		p.draw()
	})
}

// doing says what is done next.
func (a *App) doing(format string, args ...any) {
	if p := a.progress; p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.text = fmt.Sprintf(format, args...)
		p.draw()
	}
}

// draw shows the line if it is time. A terminal that takes nothing leaves nowhere to
// say so.
func (p *progress) draw() {
	if p.on && p.late && p.text != "" {
		_, _ = io.WriteString(p.w, eraseLine+p.text+" …")
		p.shown = true
	}
}

func (p *progress) erase() {
	if p.shown {
		_, _ = io.WriteString(p.w, eraseLine)
		p.shown = false
	}
}

// end takes the line away for good.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.on = false
	if p.timer != nil {
		p.timer.Stop()
	}
}

// A besideProgress writes to what may be the same terminal.
type besideProgress struct {
	w      io.Writer
	p      *progress
	result bool // what is written is the result: nothing is being done any more
}

// Write implements io.Writer. It takes the line of progress away, and puts it below
// what it writes.
func (b *besideProgress) Write(data []byte) (int, error) {
	b.p.mu.Lock()
	defer b.p.mu.Unlock()
	b.p.erase()
	n, err := b.w.Write(data)
	if b.result {
		b.p.text = ""
	} else {
		b.p.draw()
	}
	return n, err
}
