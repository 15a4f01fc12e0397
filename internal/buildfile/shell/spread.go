package shell

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// numberOf returns a number, 0 for anything else.
func numberOf(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// spread returns the commands that xargs, parallel or find -exec run, where it is known for what;
// at is where the command begins.
func (s *Shell) spread(args []trace.Text, at int) (commands [][]trace.Text, ok bool) {
	options, command := args[1:at], args[at:]
	switch path.Base(args[0].S) {
	case "xargs":
		return s.ofXargs(options, command)
	case "parallel":
		end := slices.IndexFunc(command, func(a trace.Text) bool { return a.S == ":::" })
		if end < 0 {
			return nil, false
		}
		items := command[end+1:]
		if slices.ContainsFunc(items, func(a trace.Text) bool { return strings.HasPrefix(a.S, ":::") || a.S == many }) {
			return nil, false
		}
		return forEach(items, command[:end], "{}"), true
	case "find":
		n := len(options) - 1
		if n < 0 || options[n].S != "-exec" {
			return nil, false
		}
		found, ok := s.find(options[:n])
		end := slices.IndexFunc(command, func(a trace.Text) bool { return a.S == ";" || a.S == "+" })
		if !ok || end < 0 || command[end].S == "+" {
			return nil, false
		}
		return forEach(reading.LinesOf(found), command[:end], "{}"), true
	}
	return nil, false
}

// ofXargs returns the commands that xargs runs with what it reads.
func (s *Shell) ofXargs(options, command []trace.Text) (commands [][]trace.Text, ok bool) {
	hole, most := "", 0
	for i := 0; i < len(options); i++ {
		o := options[i].S
		next := ""
		if i+1 < len(options) {
			next = options[i+1].S
		}
		switch {
		case o == "-I":
			hole = next
			i++
		case strings.HasPrefix(o, "-I"):
			hole = o[len("-I"):]
		case o == "-i" || o == "--replace":
			hole = "{}"
		case o == "-n" || o == "-L":
			most = numberOf(next)
			i++
		case strings.HasPrefix(o, "-n") || strings.HasPrefix(o, "-L"):
			most = numberOf(o[len("-n"):])
		case o == "-P":
			i++
		case o == "-r" || o == "-t" || strings.HasPrefix(o, "-P"):
		default:
			return nil, false
		}
	}
	if s.in == nil || s.in.Lost || strings.ContainsAny(s.in.Text.S, reading.Unknown+"'\"\\") {
		return nil, false
	}
	if hole != "" {
		return forEach(reading.LinesOf(s.in.Text), command, hole), true
	}
	words := reading.FieldsOf(s.in.Text)
	if most == 0 {
		most = max(1, len(words))
	}
	for part := range slices.Chunk(words[:min(len(words), reading.MaxBuilds)], most) {
		commands = append(commands, slices.Concat(command, part))
	}
	return commands, true
}

// forEach returns a command for each item, which is put where hole is, or behind it.
func forEach(items, command []trace.Text, hole string) (commands [][]trace.Text) {
	for _, item := range items[:min(len(items), reading.MaxBuilds)] {
		if item.S == "" {
			continue
		}
		var all []trace.Text
		for _, a := range command {
			all = append(all, filled(a, hole, item))
		}
		if hole == "{}" && !slices.ContainsFunc(command, func(a trace.Text) bool { return strings.Contains(a.S, hole) }) {
			all = append(all, item)
		}
		commands = append(commands, all)
	}
	return commands
}

// filled returns a text with another one in its holes.
func filled(t trace.Text, hole string, item trace.Text) trace.Text {
	var parts []trace.Text
	for {
		i := strings.Index(t.S, hole)
		if i < 0 || hole == "" {
			return trace.Join(append(parts, t)...)
		}
		parts = append(parts, t.Slice(0, i), item)
		t = t.Slice(i+len(hole), len(t.S))
	}
}
