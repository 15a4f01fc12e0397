package pipeline

import (
	"bytes"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/buildfile/shell"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// What is no word of a command line in a program that has one as an array.
var brackets = strings.NewReplacer(`'`, " ", `"`, " ", ",", " ", "[", " ", "]", " ", "(", " ", ")", " ")

// Parts of the commands.
var namedCommands = []string{"build", "bud", "bake", "kaniko", "DOCKERFILE", "docker_", "converge"}

// Programs, and what stands for them in formats of their own.
var namedPrograms = []string{"docker", "podman", "buildah", "nerdctl", "kaniko", "depot", "DOCKERFILE", "az acr", "gcloud", "img", "werf", "buildctl", "devcontainer"}

// namedOnly names the first command that builds in a file whose format is not read.
func namedOnly(f *trace.File, format *reading.Format) []reading.Problem {
	if len(format.Says) > 0 {
		return said(f, format)
	}
	isNamed := func(src []byte) bool {
		return slices.ContainsFunc(namedPrograms, func(name string) bool { return bytes.Contains(src, []byte(name)) })
	}
	if !isNamed(f.Src) {
		return nil
	}
	n, rest := 0, f.Src
	for line := range bytes.Lines(f.Src) {
		n, rest = n+1, rest[len(line):]
		if !isNamed(line) {
			continue
		}
		text := strings.TrimLeft(string(line), " \t") + moreOfArray(line, rest)
		if !reading.HasAny(text, namedCommands) || strings.HasPrefix(text, "#") || strings.HasPrefix(text, "//") || len(text) > reading.MaxText {
			continue
		}
		// An array of words, as programs have them, is a command line.
		command := shell.CommandIn(brackets.Replace(text))
		for _, own := range []string{"FROM DOCKERFILE", "docker_build(", "docker_compose(", "docker.build("} {
			if command == "" && calls(text, own) {
				command = strings.TrimSuffix(own, "(")
			}
		}
		if command != "" {
			return notRead(f, format, n, line, command)
		}
	}
	return nil
}

// calls reports whether a line has the words of a format, and not as a part of a longer name, nor as a function that it defines
// (def prepare_docker_compose(…)).
func calls(text, words string) bool {
	before, _, ok := strings.Cut(text, words)
	if !ok || before != "" && reading.IsNameByte(before[len(before)-1]) {
		return false
	}
	return before != "def " && before != "func " // def image = docker.build(…) in Groovy is a call
}

// said names the first line that builds an image in a format that has words of its own for that.
func said(f *trace.File, format *reading.Format) []reading.Problem {
	n := 0
	for line := range bytes.Lines(f.Src) {
		n++
		text := bytes.TrimSpace(line)
		if bytes.HasPrefix(text, []byte("#")) || bytes.HasPrefix(text, []byte("//")) {
			continue
		}
		for _, s := range format.Says {
			if bytes.Contains(text, []byte(s.Words)) {
				return notRead(f, format, n, line, s.Name)
			}
		}
	}
	return nil
}

// notRead says that what a line builds is not read.
func notRead(f *trace.File, format *reading.Format, n int, line []byte, what string) []reading.Problem {
	col := 1 + len(line) - len(bytes.TrimLeft(line, " \t"))
	return []reading.Problem{{Code: source.CodeNotRead, Pos: source.Pos{Path: f.Path, Line: n, Col: col}, Message: what + " is not read: " + format.Name + " is not followed"}}
}

// maxWords is how many words of a command line are looked for that stand on lines of their own.
const maxWords = 8

// moreOfArray returns the lines that follow on one which ends within an array: "docker", above "build",.
func moreOfArray(line, rest []byte) string {
	end := 0
	for range maxWords {
		if line = bytes.TrimSpace(line); len(line) == 0 || line[len(line)-1] != ',' {
			break
		}
		line, _, _ = bytes.Cut(rest[end:], []byte("\n"))
		end = min(end+len(line)+1, len(rest))
	}
	return string(rest[:end])
}
