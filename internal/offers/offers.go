// Package offers keeps what a shell offers when a command line is completed: the images, versions
// and paths of a repository, as the last run that read it found them.
//
// A shell waits for an answer at each key, and to read a repository of thousands of Dockerfiles
// takes longer than that. So each run leaves a record, and a completion reads it and nothing else.
package offers

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/source"
)

// Offers are the words of a repository.
type Offers struct {
	Images []Image  `json:"images"` // sorted by name
	Paths  []string `json:"paths"`  // of Dockerfiles, sorted
}

// An Image is one that builds depend on.
type Image struct {
	Name     string   `json:"name"`               // as a person types it: base-java where that is one image, else the repository
	Versions []string `json:"versions,omitempty"` // tags in use, the one with most references first
	Made     bool     `json:"made,omitempty"`     // the repository makes it
}

// maxSize is the size in bytes up to which a record is read.
const maxSize = 8 << 20

// Load reads the record at path. ok is false where there is none, or it cannot be read.
func Load(path string) (o Offers, ok bool) {
	data, err := source.ReadUpTo(os.DirFS(filepath.Dir(path)), filepath.Base(path), maxSize)
	return o, err == nil && json.Unmarshal(data, &o) == nil
}

// Save writes the record at path, unless it says the same already.
func (o Offers) Save(path string) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if known, err := os.ReadFile(path); err == nil && bytes.Equal(known, data) {
		return nil
	}
	return cache.ReplaceFile(path, data)
}

// References returns what fits a reference as far as it is typed, with the sign before its version,
// '@' or ':': the images, as IMAGE@ before an '@' and whole before a ':', and once that is typed
// the versions in use.
func (o Offers) References(typed string, sign byte) []string {
	at := strings.LastIndexByte(typed, sign)
	if at < strings.LastIndexByte(typed, '/') {
		at = -1 // it is that of a port
	}
	var all []string
	switch {
	case at >= 0:
		for _, version := range o.Versions(typed[:at]) {
			all = append(all, typed[:at+1]+version)
		}
	case sign == '@':
		for _, image := range o.Images {
			all = append(all, image.Name+"@")
		}
	default:
		all = o.Names()
	}
	return all
}

// Versions returns the tags in use of an image.
func (o Offers) Versions(name string) []string {
	for _, image := range o.Images {
		if image.Name == name || strings.HasSuffix(image.Name, "/"+name) {
			return slices.Clone(image.Versions)
		}
	}
	return nil
}

// Names returns the names of the images.
func (o Offers) Names() []string {
	var all []string
	for _, image := range o.Images {
		all = append(all, image.Name)
	}
	return all
}
