package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// module is the path of this program's module.
const module = "github.com/matihlabs/propagate"

// command returns the words that call this program again: by its name if that is what the
// name means there, else by its path. A program that go run has built is gone when it
// ends, and is run by go again.
func command() []string {
	path, err := os.Executable()
	if err != nil {
		return []string{"propagate"}
	}
	if isTemporary(path) {
		if dir, err := os.Getwd(); err == nil {
			if run := goRun(dir); run != nil {
				return run
			}
		}
		return []string{"propagate"}
	}
	if found, err := exec.LookPath("propagate"); err == nil && sameFile(found, path) {
		return []string{"propagate"}
	}
	return []string{path}
}

// isTemporary reports whether go run has built the program at path: it is below a
// directory that go makes for builds, or in go's cache of what it has run.
func isTemporary(path string) bool {
	elements := strings.Split(filepath.ToSlash(path), "/")
	for _, element := range elements[:len(elements)-1] {
		if strings.HasPrefix(element, "go-build") || cached.MatchString(element) {
			return true
		}
	}
	return false
}

// cached is a directory of go's cache that holds a program.
var cached = regexp.MustCompile(`^[0-9a-f]{64}-d$`)

// goRun returns the words by which go runs the program from dir, which is in a checkout of the module;
// nil if it is in none.
func goRun(dir string) []string {
	for root := dir; ; root = filepath.Dir(root) {
		text, err := os.ReadFile(filepath.Join(root, "go.mod"))
		switch {
		case err == nil && moduleLine.Match(text) && root == dir:
			return []string{"go", "run", "./cmd/propagate"}
		case err == nil && moduleLine.Match(text):
			return []string{"go", "-C", root, "run", "./cmd/propagate"}
		case root == filepath.Dir(root):
			return nil
		}
	}
}

var moduleLine = regexp.MustCompile(`(?m)^module ` + regexp.QuoteMeta(module) + `\s*$`)

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
