package shell

import (
	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/buildfile/envfile"
)

// shownFilters pass their input on.
var shownFilters = set("cat", "grep", "egrep", "fgrep", "sed", "sort", "tr", "cut", "column", "head", "tail", "uniq", "tac", "nl", "tee", "envsubst", "fold", "fmt")

// consumers read their input as data or as a script.
var consumers = set("xargs", "parallel", "awk", "gawk", "mawk", "jq", "yq", "bash", "sh", "zsh", "dash", "ksh")

// interpreters run programs of other languages.
var interpreters = set("python", "python3", "perl", "ruby", "node")

// intoVariables read their input into variables.
var intoVariables = set("read", "mapfile", "readarray")

// readNames returns the variables that a command reads into.
func readNames(c *syntax.CallExpr) (names []string) {
	if len(c.Args) == 0 || !intoVariables[c.Args[0].Lit()] {
		return nil
	}
	for _, w := range c.Args[1:] {
		if name := w.Lit(); name != "" && envfile.VariableName(name) == name {
			names = append(names, name)
		}
	}
	return names
}

// printers show what they are told.
var printers = set("echo", "printf", "print")

// deaf are further commands for which a name and a version in their arguments are no data of the
// script: they compare, wait, or hand text to people and servers.
var deaf = set("[", "test", ":", "true", "git", "gh", "hub", "glab", "curl", "wget", "mail", "mailx", "sendmail", "logger", "notify-send",
	"log", "info", "warn", "warning", "error", "err", "die", "fail", "debug", "usage", "help", "say", "note", "notice", "msg", "notify", "announce", "fatal")

func set(names ...string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}

// quiet are commands that do nothing with a row.
var quiet = set("read", "shift", "return", "break", "continue", "exit", "sleep", "set", "local")
