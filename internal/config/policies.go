package config

import (
	"time"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// A Moving says what becomes of references to tags that name another image from time to time.
type Moving string

// What becomes of moving tags.
const (
	Pin     Moving = "pin"     // the digest behind the tag is written beside it
	Rebuild Moving = "rebuild" // what is on it is rebuilt when the tag has moved
	Leave   Moving = "ignore"  // nothing
)

// A Policy is what the configuration says of the references to an image in a file: of each key,
// what the most specific entry of "policies" says that has it, or else the default.
type Policy struct {
	Level     imageref.Step // the largest step that is taken
	Skip      []Versions    // that are not taken
	MinAge    time.Duration // of what is taken
	Moving    Moving
	Group     string   // the one change that all of this name are in; "" for one change for each image and line
	Labels    []string // of pull requests; nil is that of the whole file
	Reviewers []string // likewise
	Assignees []string // likewise
	Schedule  []Cron   // when a run with --if-due looks; none is always
	Automerge bool
	MaxOpen   int // how many pull requests may be open at a time; 0 is for as many as there are

	// At says for each key of the file which entry it is from: the pattern of that, and its place. A
	// key with its default is not in it.
	At map[string]Said
}

// A Said is an entry of "policies".
type Said struct {
	Images, Paths string // its patterns as they are written; "" where it has none
	At            source.Pos
}

// Versions is a pattern or a range of tags.
type Versions struct{ Text string }

// Match reports whether a tag is one of v.
func (v Versions) Match(tag string) bool { return false }

// A Cron is a schedule: a cron expression in a time zone.
type Cron struct{ Text, Zone string }

// A Registry is what the configuration says of a registry.
type Registry struct {
	Insecure bool   // it speaks plain HTTP
	Mirror   string // what is asked in place of it; "" for itself
	Optional bool   // that it cannot be asked is a note
}

// Policy returns what holds for references to an image, which is a canonical repository, in a
// file. With "" for the path, entries with paths do not count.
func (c *Config) Policy(image, path string) Policy {
	return Policy{Level: imageref.Patch, Moving: Rebuild}
}
