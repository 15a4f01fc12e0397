package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
)

const (
	// progressDelay is how long a run may take before a terminal says what it is doing.
	progressDelay = 500 * time.Millisecond
	// progressTick is how often it is said anew on a terminal.
	progressTick = time.Second
	// progressInLog is how often a log says it, which keeps every line.
	progressInLog = 30 * time.Second
)

// eraseLine goes to the beginning of a terminal's line and erases it.
const eraseLine = "\r\x1b[K"

// A progress says what is being done: in a line at the end of a terminal, or now and then
// in a line of a log. A nil progress says nothing.
type progress struct {
	mu    sync.Mutex
	w     io.Writer // the terminal or the log
	now   func() time.Time
	log   bool   // it is a log
	on    bool   // whether the flags ask for it
	late  bool   // whether the delay has passed
	shown string // the line that is there; "" is none
	timer *time.Timer

	what  monorepo.Message // what is being done; no text is nothing
	until time.Time        // when all of it is expected to be done
}

// showProgress prepares standard error for progress. What is returned ends it.
func (a *App) showProgress() (end func()) {
	p := &progress{w: a.Stderr, now: a.Now, log: !a.StderrTerminal}
	a.progress = p
	a.Stderr = &besideProgress{w: a.Stderr, p: p}
	a.Stdout = &besideProgress{w: a.Stdout, p: p, result: true}
	return p.end
}

// startProgress shows progress from now on, unless the flags speak against it. A terminal
// that cannot erase a line, and one that somebody reads later, is a log.
func (a *App) startProgress() {
	p := a.progress
	if p == nil || a.quiet || a.noProgress {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on = true
	p.log = p.log || a.Getenv("CI") != "" || a.Getenv("TERM") == "dumb"
	first, then := progressDelay, progressTick
	if p.log {
		first, then = progressInLog, progressInLog
	}
	p.timer = time.AfterFunc(first, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.on {
			p.late = true
			p.draw(true)
			p.timer.Reset(then)
		}
	})
}

// pauseProgress shows no progress until what it returns is called.
func (a *App) pauseProgress() (resume func()) {
	p := a.progress
	if p == nil {
		return func() {}
	}
	set := func(on bool) (was bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		was, p.on = p.on, on
		return was
	}
	was := set(false)
	return func() { set(was) }
}

// doing says what is done next.
func (a *App) doing(m monorepo.Message) {
	if p := a.progress; p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		m.Text = a.masked.Text(m.Text)
		p.what = m
		if m.Left > 0 {
			p.until = p.now().Add(m.Left)
		}
		p.draw(false)
	}
}

// text is what progress says now.
func (p *progress) text() string {
	if p.what.All == 0 {
		return p.what.Text
	}
	text := fmt.Sprintf("%d of %d changes", p.what.Done, p.what.All)
	if left := p.until.Sub(p.now()).Round(time.Second); p.what.Left > 0 && left > 0 {
		text += ", about " + report.Duration(left) + " left"
	}
	if p.what.Text != "" {
		text += ": " + p.what.Text
	}
	return text
}

// draw shows the line if it is time. tick says that the clock asks for it: in a log nothing
// else does. What takes nothing leaves nowhere to say so.
func (p *progress) draw(tick bool) {
	switch text := p.text(); {
	case !p.on || !p.late || text == "":
	case !p.log && text != p.shown:
		_, _ = io.WriteString(p.w, eraseLine+text+" …")
		p.shown = text
	case p.log && tick:
		_, _ = io.WriteString(p.w, text+" …\n")
	}
}

func (p *progress) erase() {
	if p.shown != "" {
		_, _ = io.WriteString(p.w, eraseLine)
		p.shown = ""
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

// A besideProgress writes to what may be the same terminal or log.
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
		b.p.what = monorepo.Message{}
	} else {
		b.p.draw(false)
	}
	return n, err
}
