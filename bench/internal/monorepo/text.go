package monorepo

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
)

// pick returns one of the words.
func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// code writes something like a source file, a function every few lines. Its
// revision shows in one line, as a change does.
func code(f *file, r *rand.Rand) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s of %s\n\n", path.Base(f.path), f.unit.name)
	for range 2 + r.IntN(5) {
		subject, object := pick(r, nouns), pick(r, nouns)
		fmt.Fprintf(&b, "func %s_%s(%s, limit) {\n", pick(r, roles), subject, object)
		for range 1 + r.IntN(5) {
			fmt.Fprintf(&b, "\t%s := %s.%s(%s, %d)\n", pick(r, nouns), object, pick(r, roles), pick(r, nouns), r.IntN(1000))
		}
		fmt.Fprintf(&b, "\treturn %s\n}\n\n", subject)
	}
	fmt.Fprintf(&b, "const revision = %d\n", f.revision)
	return b.String()
}

// settings writes something like a configuration.
func settings(f *file, r *rand.Rand) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\nrevision: %d\n", f.unit.name, f.revision)
	for range 5 + r.IntN(20) {
		fmt.Fprintf(&b, "%s_%s: %s-%d\n", pick(r, nouns), pick(r, roles), pick(r, teams), r.IntN(10000))
	}
	return b.String()
}

// prose writes something like a page of documentation, which talks about images
// as such pages do.
func prose(f *file, r *rand.Rand) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nRevision %d. Built `FROM` what its Dockerfile says.\n", f.unit.name, f.revision)
	for range 2 + r.IntN(4) {
		b.WriteByte('\n')
		for range 8 + r.IntN(30) {
			fmt.Fprintf(&b, "%s %s ", pick(r, nouns), pick(r, roles))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// script writes a shell script that builds nothing.
func script(f *file, r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\nset -eu\n")
	fmt.Fprintf(&b, "export REVISION=%d\n", f.revision)
	for range 3 + r.IntN(8) {
		fmt.Fprintf(&b, "./%s --%s \"$1\" --limit %d\n", pick(r, roles), pick(r, nouns), r.IntN(100))
	}
	return b.String()
}

// context returns the directory of the service from that of the file, and the
// Dockerfile from there.
func (f *file) context() (dir, dockerfile string) {
	var s int
	// The number ends the name.
	if _, err := fmt.Sscanf(f.unit.name[strings.LastIndexByte(f.unit.name, '-')+1:], "%d", &s); err != nil {
		panic(err)
	}
	return strings.Repeat("../", strings.Count(strings.TrimPrefix(f.path, f.unit.dir+"/"), "/")) + ".", dockerfileName(s, f.unit)
}

func compose(f *file, r *rand.Rand) string {
	dir, dockerfile := f.context()
	return fmt.Sprintf(`services:
  %[1]s:
    image: %[2]s/%[1]s:1.%[3]d.0
    build:
      context: %[4]s
      dockerfile: %[5]s
    environment:
      LIMIT: "%[6]d"
  cache:
    image: redis:7.4.1
`, f.unit.name, Registry, f.revision, dir, dockerfile, r.IntN(1000))
}

func makefile(f *file, r *rand.Rand) string {
	dir, dockerfile := f.context()
	return fmt.Sprintf(`VERSION ?= 1.%d.0

.PHONY: image test

image:
	docker build -t %s/%s:$(VERSION) -f %s %s

test:
	./scripts/test --limit %d
`, f.revision, Registry, f.unit.name, dockerfile, dir, r.IntN(1000))
}

func buildScript(f *file, r *rand.Rand) string {
	dir, dockerfile := f.context()
	return fmt.Sprintf(`#!/bin/sh
set -eu
cd "$(dirname "$0")/%s"
docker build \
  --build-arg LIMIT=%d \
  --tag %s/%s:1.%d.0 \
  --file %s .
`, dir, r.IntN(1000), Registry, f.unit.name, f.revision, dockerfile)
}
