package cli

import (
	"fmt"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/screen"
)

const (
	// progressDelay is how long a run may take before a terminal says what it is doing.
	progressDelay = 500 * time.Millisecond
	// progressTick is how often it is said anew on a terminal.
	progressTick = time.Second
	// progressSample is how long something has to be counted before its pace says how long the rest takes.
	progressSample = time.Second
)

// eraseLine goes to the beginning of a terminal's line and erases it.
const eraseLine = "\r\x1b[K"

// A progress says what is being done, in a line at the end of a terminal. What is no terminal, such as
// a pipe or a log, gets nothing. A nil progress says nothing.
type progress struct {
	mu    sync.Mutex
	w     io.Writer // the terminal
	now   func() time.Time
	width int    // of the terminal
	on    bool   // whether the flags ask for it
	late  bool   // whether the delay has passed
	shown string // the line that is there; "" is none
	timer *time.Timer

	what  monorepo.Message // what is being done; no text is nothing
	until time.Time        // when all of it is expected to be done; the zero time where nothing tells
	since time.Time        // when what is counted was first counted
	first int              // how many of it were done then
}

// showProgress prepares standard error for progress. What is returned ends it.
func (a *App) showProgress() (end func()) {
	p := &progress{w: a.Stderr, now: a.Now, width: a.width()}
	a.progress = p
	a.Stderr = &besideProgress{w: a.Stderr, p: p}
	a.Stdout = &besideProgress{w: a.Stdout, p: p, result: true}
	return p.end
}

// startProgress shows progress from now on, unless the flags speak against it, or nobody sees it: it
// goes to no terminal, to one that somebody reads later, or to one that cannot erase a line.
func (a *App) startProgress() {
	p := a.progress
	if p == nil || a.quiet || a.noProgress || !a.StderrTerminal || a.Getenv("CI") != "" || a.Getenv("TERM") == "dumb" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on = true
	p.timer = time.AfterFunc(progressDelay, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.on {
			p.late = true
			p.draw()
			p.timer.Reset(progressTick)
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
		p.expect(m)
		p.what = m
		// What is counted may be done thousands of times in a second: the clock shows those.
		if p.shown == "" || p.what.Left > 0 || p.what.Done == 0 || p.what.Done == p.what.All {
			p.draw()
		}
	}
}

// expect finds out when all that m counts is done: m says it, or the pace at which it was counted does.
func (p *progress) expect(m monorepo.Message) {
	now := p.now()
	if m.Text != p.what.Text || m.Of != p.what.Of || m.All != p.what.All || m.Done < p.what.Done {
		p.since, p.first, p.until = now, m.Done, time.Time{}
	}
	if m.Left > 0 {
		p.until = now.Add(m.Left)
	} else if m.Done > p.first {
		p.until = p.atPace(m, now)
	}
}

// atPace is when all that m counts is done, if it goes on as it did until now.
func (p *progress) atPace(m monorepo.Message, now time.Time) time.Time {
	return now.Add(now.Sub(p.since) / time.Duration(m.Done-p.first) * time.Duration(m.All-m.Done))
}

// left is how long all that is counted may still take, 0 where nothing tells. Where it should be done by
// now and is not, its pace is the one that it has had until now.
func (p *progress) left() time.Duration {
	now := p.now()
	until := p.until
	if p.what.Left == 0 && p.what.Done > p.first {
		if now.Sub(p.since) < progressSample {
			return 0
		}
		if !now.Before(until) {
			until = p.atPace(p.what, now)
		}
	}
	return max(until.Sub(now).Round(time.Second), 0)
}

// text is what progress says now.
func (p *progress) text() string {
	if p.what.All == 0 {
		return p.what.Text
	}
	text := fmt.Sprintf("%d of %s", p.what.Done, report.Count(p.what.All, p.what.Of))
	if left := p.left(); left > 0 && p.what.Done < p.what.All {
		text += ", about " + report.Duration(left) + " left"
	}
	if p.what.Text != "" {
		text += ": " + p.what.Text
	}
	return text
}

// draw shows the line if it is time. What takes nothing leaves nowhere to say so.
func (p *progress) draw() {
	if text := p.text(); p.on && p.late && text != "" && text != p.shown {
		_, _ = io.WriteString(p.w, eraseLine+p.fit(text)+" …")
		p.shown = text
	}
}

// fit cuts a text so that it stays in one line of the terminal, which alone can be erased.
func (p *progress) fit(text string) string {
	most := p.width - 3
	for text != "" && screen.Cells(text) > most {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
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
		b.p.what = monorepo.Message{}
	} else {
		b.p.draw()
	}
	return n, err
}
