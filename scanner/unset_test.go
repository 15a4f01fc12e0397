package scanner_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/scanner"
)

// Of a reference whose version is an ARG without a value the repository is known, and what stands behind the version: it is a
// dependent of that image all the same.
func TestReferencesWithoutAVersion(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"python:${V}":                       "docker.io/library/python",
		"python:${V}-slim":                  "docker.io/library/python:?-slim",
		"python:$V.1-slim":                  "docker.io/library/python:?.1-slim",
		"localhost:5000/team/python:${V}-3": "localhost:5000/team/python:?-3",
		"registry.example/team/python@${V}": "registry.example/team/python",
		"${V}:-slim":                        "",
		"python:${V}/x":                     "",
		"python:${V}-sl!m":                  "",
	} {
		f := scanner.ScanBuilds("Dockerfile", []byte("ARG V\nFROM "+from+"\n"), nil)[0]
		if len(f.Refs) != 1 || !f.Refs[0].Image.IsZero() {
			t.Errorf("%s: the references are %v", from, f.Refs)
			continue
		}
		ref := f.Refs[0]
		if got := strings.TrimSuffix(ref.Guess+":"+strings.ReplaceAll(ref.GuessTag, scanner.Unknown, "?"), ":"); got != want {
			t.Errorf("%s is one of %q, want %q", from, got, want)
		}
	}
}
