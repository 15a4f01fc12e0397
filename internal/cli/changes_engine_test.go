//go:build engine

package cli_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A change is one of the monorepo that is built.
type change struct {
	what string

	// base is the target of the base that is patched, "" for any other change.
	base string

	// edit changes the working tree; n is in what it writes, which is new with that.
	edit func(t *testing.T, w *works, n int)
}

// apply makes and commits the change, and returns what affected names for it, with the reasons. What it names for
// a patched base is known before the edit; it names the same after it.
func (c change) apply(t *testing.T, w *works, n int) (named []string, reasons map[string]string) {
	t.Helper()
	c.edit(t, w, n)
	if c.base == "" {
		w.commit(t, c.what)
		return w.named(t, "--since", "HEAD~1")
	}
	tag := nextTag(t, w.tag(t, c.base))
	named, _ = w.named(t, "--base", tag)
	named = append(named, c.base)
	slices.Sort(named)
	in(w.dir).run(t, "--base", tag, "--unchecked", "--atomic", "--record", "--publish", "files").want(t, 0)
	w.commit(t, c.what)
	after, reasons := w.named(t, "--since", "HEAD~1")
	if !slices.Equal(after, named) {
		t.Errorf("%s: affected names %q before the edit, and %q after it", c.what, named, after)
	}
	return named, reasons
}

// nextTag returns a reference with the next patch in its tag.
func nextTag(t *testing.T, reference string) string {
	t.Helper()
	i := strings.LastIndex(reference, ".") + 1
	var patch int
	if _, err := fmt.Sscan(reference[i:], &patch); err != nil {
		t.Fatalf("%s: %v", reference, err)
	}
	return fmt.Sprintf("%s%d", reference[:i], patch+1)
}

// patchedBase is a base with another content and the next version, which all that is based on it takes.
func patchedBase(target string) change {
	file := map[string]string{
		"os-3_19": "bases/os/3.19/etc/release", "os-3_20": "bases/os/3.20/etc/release", "java": "bases/java/root.pem",
		"python": "bases/python/lib/lib.txt", "ml": "bases/ml/Dockerfile",
	}[target]
	return change{what: "the next version of " + target, base: target, edit: func(t *testing.T, w *works, n int) {
		t.Helper()
		if target == "ml" {
			write(t, w.dir, file, read(t, w.dir, file)+fmt.Sprintf("RUN echo %d >/patch\n", n))
			return
		}
		write(t, w.dir, file, read(t, w.dir, file)+fmt.Sprintf("patch %d\n", n))
	}}
}

// editedFile is a file with another content.
func editedFile(path string) change {
	return change{what: "another content of " + path, edit: func(t *testing.T, w *works, n int) {
		t.Helper()
		if _, err := os.Stat(filepath.Join(w.dir, path)); err == nil { // it may be gone
			write(t, w.dir, path, read(t, w.dir, path)+fmt.Sprintf("edit %d\n", n))
		}
	}}
}

// otherArgument is another value of a build argument in the bake file.
func otherArgument(target, name string) change {
	return change{what: "the argument " + name + " of " + target, edit: func(t *testing.T, w *works, n int) {
		t.Helper()
		w.inBake(t, target, "args", fmt.Sprintf(`{%s = "%d"}`, name, n))
	}}
}

// inBake writes an attribute of a target in the bake file.
func (w *works) inBake(t *testing.T, target, attribute, value string) {
	t.Helper()
	bake := read(t, w.dir, "docker-bake.hcl")
	head := `target "` + target + "\" {\n"
	before, after, ok := strings.Cut(bake, head)
	body, rest, isClosed := strings.Cut(after, "\n}\n")
	if !ok || !isClosed {
		t.Fatalf("there is no target %s in\n%s", target, bake)
	}
	body = regexp.MustCompile(`(?m)^  `+attribute+` *=.*\n?`).ReplaceAllString(body+"\n", "")
	write(t, w.dir, "docker-bake.hcl", before+head+body+fmt.Sprintf("  %-8s = %s", attribute, value)+"\n}\n"+rest)
}

// oneOf returns one of some.
func oneOf[T any](r *rand.Rand, some ...T) T { return some[r.IntN(len(some))] }

// randomChange returns one of the changes that people make.
func randomChange(r *rand.Rand) change {
	targets := slices.Sorted(func(yield func(string) bool) {
		for target := range worksBuilds {
			if !yield(target) {
				return
			}
		}
	})
	target := oneOf(r, targets...)
	switch r.IntN(20) {
	case 0, 1, 2, 3, 4, 5:
		return editedFile(randomFile(r))
	case 6, 7:
		path := randomFile(r)
		return change{what: "another mode of " + path, edit: func(t *testing.T, w *works, _ int) {
			t.Helper()
			if info, err := os.Stat(filepath.Join(w.dir, path)); err == nil {
				if err := os.Chmod(filepath.Join(w.dir, path), info.Mode()^0o111); err != nil {
					t.Fatal(err)
				}
			}
		}}
	case 8, 9:
		path := filepath.Dir(randomFile(r)) + "/" + oneOf(r, "new", "a.conf", "z.conf", "new.md", "z.pem", "index", "new.tmp", "b.txt", ".hidden")
		return change{what: "a new file or content " + path, edit: func(t *testing.T, w *works, n int) {
			t.Helper()
			write(t, w.dir, path, fmt.Sprintf("new %d\n", n))
		}}
	case 10:
		path := oneOf(r, "services/api/src/deep/x", "services/edge/conf/b.conf", "services/train/data/unread", "bases/python/lib/lib.md",
			"services/proxy/site/b/index", "services/jobs/skip/a", "bases/java/certs/c.txt", "lib/shared/doc/a", "services/pair/.dockerignore")
		return change{what: "no more " + path, edit: func(t *testing.T, w *works, _ int) {
			t.Helper()
			if err := os.Remove(filepath.Join(w.dir, path)); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}}
	case 11, 12, 13:
		return randomInstruction(r, worksBuilds[target][0])
	case 14:
		return otherArgument(target, oneOf(r, "MODEL", "VERSION", "UNUSED"))
	case 15:
		return patchedBase(oneOf(r, "os-3_19", "os-3_20", "java", "python", "ml"))
	case 16:
		context := filepath.Dir(worksBuilds[target][0])
		pattern := oneOf(r, "*.md", "a", "**/x", "data/unread", "src/deep", "conf/*.txt", "nothing", "lib")
		if pattern == "a" && (target == "notes" || target == "train") || pattern == "lib" {
			pattern = "nothing" // it would not build
		}
		return change{what: context + " leaves out " + pattern, edit: func(t *testing.T, w *works, _ int) {
			t.Helper()
			text, _ := os.ReadFile(filepath.Join(w.dir, context, ".dockerignore"))
			write(t, w.dir, context+"/.dockerignore", string(text)+pattern+"\n")
		}}
	case 17:
		return change{what: "another target of the link services/edge/current", edit: func(t *testing.T, w *works, _ int) {
			t.Helper()
			path := filepath.Join(w.dir, "services/edge/current")
			was, err := os.Readlink(path)
			if err != nil {
				t.Fatal(err)
			}
			remove(t, w.dir, "services/edge/current")
			link(t, map[string]string{"v1": "v2", "v2": "v1"}[was], path)
		}}
	case 18:
		return change{what: "a label of " + target, edit: func(t *testing.T, w *works, n int) {
			t.Helper()
			w.inBake(t, target, "labels", fmt.Sprintf(`{team = "%d"}`, n))
		}}
	}
	return change{what: "a comment in the bake file, and other tags of api", edit: func(t *testing.T, w *works, n int) {
		t.Helper()
		w.inBake(t, "api", "tags", fmt.Sprintf(`["%sapi:%d"]`, w.team(), n))
		write(t, w.dir, "docker-bake.hcl", fmt.Sprintf("# %d\n", n)+read(t, w.dir, "docker-bake.hcl"))
	}}
}

// randomFile returns one of the files that are no Dockerfile and no build file.
func randomFile(r *rand.Rand) string {
	var paths []string
	for path, content := range worksFiles() {
		name := filepath.Base(path)
		if name != "Dockerfile" && !strings.HasSuffix(name, ".dockerignore") && !strings.HasPrefix(content, "-> ") && name != "docker-bake.hcl" && name != ".propagate.yaml" {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return oneOf(r, paths...)
}

// randomInstruction is a line more at the end of one of the stages of a Dockerfile, or before the first.
func randomInstruction(r *rand.Rand, path string) change {
	place, line := r.IntN(4), oneOf(r, "RUN echo %d >/line\n", "ENV LINE=%d\n", "# %d\n", "LABEL line=%d\n", "ARG LINE=%d\n", "WORKDIR /line/%d\n", "COPY <<EOF /line\nline %d\nEOF\n")
	return change{what: fmt.Sprintf("%s, behind stage %d: %q", path, place, line), edit: func(t *testing.T, w *works, n int) {
		t.Helper()
		text := read(t, w.dir, path)
		stages := regexp.MustCompile(`(?m)^FROM `).FindAllStringIndex(text, -1)
		at := len(text)
		if place < len(stages) && (place > 0 || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "ARG")) {
			at = stages[place][0]
		}
		write(t, w.dir, path, text[:at]+fmt.Sprintf(line, n)+text[at:])
	}}
}
