// Package oserror words the errors of the operating system for people. The standard
// library begins them with the name of a system call ("openat a/Dockerfile: permission
// denied"), which says nothing to who only wants to know which file it is and why.
//
// # Limitations
//
// The reason itself is the operating system's, as it words it. An error whose text does
// not hold that of the error it wraps stays as it is, and so does one that is a text
// alone, but for errors of connections.
package oserror

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
)

// Text returns the text of err without the names of system calls.
func Text(err error) string {
	text := err.Error()
	walk(err, func(before, path, after string) {
		text = strings.ReplaceAll(text, before, after)
		if path != "" { // who wrapped it has often said which file it is
			text = strings.ReplaceAll(text, path+": "+path+": ", path+": ")
		}
	})
	return connection.ReplaceAllString(text, "$1: ")
}

// connection is how errors of connections name the call that failed. Some libraries pass
// on their texts alone.
var connection = regexp.MustCompile(`\b((?:dial|read|write) (?:tcp|udp|unix)[46]?(?: \S+)?): (?:connect|read|write|socket): `)

// Reword returns err with the text that [Text] gives it. It is nil for nil.
func Reword(err error) error {
	if err == nil {
		return nil
	}
	return &worded{text: Text(err), err: err}
}

type worded struct {
	text string
	err  error
}

func (w *worded) Error() string { return w.text }
func (w *worded) Unwrap() error { return w.err }

// walk calls found for every error of the operating system in the tree of err, with its
// text, the file that it is about ("" for none), and the text that it should have.
func walk(err error, found func(before, path, after string)) {
	switch e := err.(type) { //nolint:errorlint // this walks the tree itself
	case *fs.PathError:
		found(e.Error(), e.Path, e.Path+": "+e.Err.Error())
	case *os.LinkError:
		found(e.Error(), e.New, e.New+": "+e.Err.Error())
	case *os.SyscallError:
		found(e.Error(), "", e.Err.Error())
	}
	switch e := err.(type) { //nolint:errorlint // this walks the tree itself
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			walk(inner, found)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			walk(inner, found)
		}
	}
}
