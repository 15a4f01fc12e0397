package buildfile

import (
	"github.com/matihlabs/propagate/internal/buildfile/compose"
	"github.com/matihlabs/propagate/internal/buildfile/reading"
)

// What the readers of all formats say, under the names that callers of [Read] know.
type (
	// A Build is one image that a build file builds.
	Build = reading.Build
	// Settings are what a build is run with besides.
	Settings = reading.Settings
	// A Problem is what could not be understood of a build file.
	Problem = reading.Problem
	// Kind is the format of a build file.
	Kind = reading.Kind
	// A Use is an image that a compose service runs, and nothing in its file builds, or that a job runs in.
	Use = compose.Use
	// An Unreadable is a file that is there, and whose content cannot be had.
	Unreadable = reading.Unreadable
)

// The kinds, the one that is believed most first.
const (
	Compose      = reading.Compose
	Bake         = reading.Bake
	Skaffold     = reading.Skaffold
	Workflow     = reading.Workflow
	Devcontainer = reading.Devcontainer
	Pipeline     = reading.Pipeline
	Shell        = reading.Shell
	Makefile     = reading.Makefile
	Tasks        = reading.Tasks
)

// MaxFileSize is the size in bytes up to which a build file is read.
const MaxFileSize = reading.MaxFileSize

// MaxProgramSize is the size in bytes up to which a file without an ending is read, which may
// be a shell script.
const MaxProgramSize = reading.MaxProgramSize

// KindOf returns the kind of build file that a path names, 0 for none.
func KindOf(p string) Kind { return reading.KindOf(p) }

// MayBeProgram reports whether a file without an ending may be a shell script, as its first
// line tells: it may be run, or is called like one that builds images.
func MayBeProgram(name string, runs bool) bool { return reading.MayBeProgram(name, runs) }
