package workflow

import (
	"maps"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/trace"
)

// said are the values that steps have written, by name.
type said struct {
	env     map[string]trace.Text
	outputs map[string]trace.Text // by ID.NAME
}

// tellers returns the variables of a run step with the files that it may write to.
func tellers(vars map[string]shell.Variable) map[string]shell.Variable {
	vars["GITHUB_ENV"], vars["GITHUB_OUTPUT"] = shell.OneWord(trace.Plain(shell.EnvFile)), shell.OneWord(trace.Plain(shell.OutputFile))
	return vars
}

// A listener takes in the lines that a run step writes to the files that later steps read.
type listener struct {
	s, host *scope
	id      string // of the step
	script  string // of the step
	sure    bool   // it runs
	open    map[string]*longValue
	several map[told][]trace.Text // that a script tells in one branch each
}

// A told is a name that a step gives a value, in one of the files.
type told struct{ file, name string }

// A longValue is one of several lines, NAME<<END up to END, that has not ended yet.
type longValue struct {
	name, end string
	lines     []trace.Text
	certain   bool
}

// listen returns what takes in the lines that a run step writes to the files. What may not be
// written is not known.
func (s *scope) listen(host *scope, id, script string, sure bool) *listener {
	return &listener{s: s, host: host, id: id, script: script, sure: sure, open: map[string]*longValue{}, several: map[told][]trace.Text{}}
}

func (l *listener) hear(file string, line trace.Text, certain bool) {
	if long := l.open[file]; long != nil {
		if strings.TrimSpace(line.S) == long.end {
			delete(l.open, file)
			l.set(file, long.name, reading.JoinWith("\n", long.lines), long.certain && certain)
		} else if len(long.lines) < reading.MaxBuilds {
			long.lines = append(long.lines, line)
			long.certain = long.certain && certain
		}
		return
	}
	name, value, ok := line.Cut("=")
	if before, end, found := strings.Cut(line.S, "<<"); found && !strings.Contains(before, "=") {
		l.set(file, strings.TrimSpace(before), trace.Plain(reading.Unknown), false) // until it ends
		if end = strings.TrimSpace(end); !reading.Hidden(trace.Plain(end)) {
			l.open[file] = &longValue{name: strings.TrimSpace(before), end: end, certain: certain}
		}
		return
	}
	switch {
	case file == shell.EnvFile && reading.Hidden(line) && (!ok || reading.Hidden(name)):
		l.lose(line.S)
	case ok:
		l.set(file, strings.TrimSpace(name.S), value, certain)
	}
}

// lose makes the variables unknown that a command, or a file which it names, has the names of: what writes to
// GITHUB_ENV is a program that is not followed. Where nothing of the command is known it may be any of the script.
func (l *listener) lose(command string) {
	names := command
	if strings.Trim(command, reading.Unknown) == "" {
		command = l.script
	}
	words := strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune(" \t\n\"'`;|&<>()$={}", r) })
	const most = 50 // of them
	for i, word := range words[:min(len(words), most)] {
		if strings.ContainsAny(word, "./") && !slices.Contains(words[:i], word) {
			if p := reading.Within(".", word); p != "" && p != "." && l.s.run.Use(reading.CostOfStep) {
				if f := l.s.run.Tree.Read(p); f != nil && l.s.run.Use(len(f.Src)) {
					names += "\n" + string(f.Src)
				}
			}
		}
	}
	l.s.forgetNames(names)
}

// set notes a value that a step has written.
func (l *listener) set(file, name string, value trace.Text, certain bool) {
	if !l.sure || !certain {
		value = trace.Plain(reading.Unknown)
	}
	at := told{file, name}
	if l.s.run.Chosen {
		l.several[at] = append(l.several[at], value)
	} else {
		delete(l.several, at)
	}
	l.put(at, value)
}

func (l *listener) put(at told, value trace.Text) {
	switch {
	case at.file == shell.EnvFile && reading.IsName(at.name):
		l.s.job.said.env[at.name] = value
	case at.file == shell.OutputFile && l.id != "":
		l.host.said.outputs[l.id+"."+at.name] = value
	}
}

// mostWays bounds how many values of what steps tell the steps behind them are read for.
const mostWays = 8

// ways returns the values that a script tells in one branch each, those of one branch together; nil where all tell the same.
func (l *listener) ways() []map[told]trace.Text {
	var all []map[told]trace.Text
	for i := range mostWays {
		way, more := map[told]trace.Text{}, false
		for at, values := range l.several {
			way[at] = values[min(i, len(values)-1)]
			more = more || i < len(values)
		}
		if !more {
			break
		}
		if !slices.ContainsFunc(all, func(o map[told]trace.Text) bool {
			return maps.EqualFunc(o, way, func(a, b trace.Text) bool { return a.S == b.S })
		}) {
			all = append(all, way)
		}
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

// forget makes the variables unknown that a text names which writes to GITHUB_ENV in a way that is
// not followed.
func (s *scope) forget(script string) {
	if !strings.Contains(script, "GITHUB_ENV") {
		return
	}
	s.forgetNames(script)
}

func (s *scope) forgetNames(text string) {
	for name := range s.variables() {
		if hasWord(text, name) {
			s.job.said.env[name] = trace.Plain(reading.Unknown)
		}
	}
}

// hasWord reports whether a name stands in a text, and is no part of another.
func hasWord(text, name string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(name)
		if (start == 0 || !reading.IsNameByte(text[start-1])) && (end == len(text) || !reading.IsNameByte(text[end])) {
			return true
		}
		at = end
	}
}
