package proposal

import (
	"regexp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/config"
)

// A file is the configuration that there is, as far as it says what is known.
type file struct {
	lines  []string      // of the file; none where there is none
	claims []graph.Claim // of its entries of images:, those in comments too
}

// newFile reads a configuration. Dockerfiles are the paths that its patterns may fit.
func newFile(text []byte, dockerfiles []string) file {
	f := file{lines: strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")}
	for _, text := range [][]byte{uncommented(text), text} { // comments of a person may be no configuration
		if c, err := config.Parse(config.Name, text); err == nil {
			f.claims = c.Claims(dockerfiles)
			break
		}
	}
	return f
}

// uncommented returns a configuration whose commented entries count.
func uncommented(text []byte) []byte {
	lines := strings.SplitAfter(string(text), "\n")
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, "#"); ok && isEntry(rest) {
			lines[i] = rest
		}
	}
	return []byte(strings.Join(lines, ""))
}

// isEntry reports whether what stands behind a "#" is configuration: a key, or an indented entry.
func isEntry(rest string) bool {
	if strings.HasPrefix(rest, "  ") {
		return strings.TrimSpace(rest) != ""
	}
	return entryKey.MatchString(rest)
}

var entryKey = regexp.MustCompile(`^[a-z-]+:(\s|$)`)

// names reports whether one line of the file names all of these.
func (f file) names(ids ...string) bool {
	return slices.ContainsFunc(f.lines, func(line string) bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return !mentions(line, id) })
	})
}

// mentions reports whether a line holds a text that is no part of a longer path or image.
func mentions(line, text string) bool {
	for from := 0; ; {
		i := strings.Index(line[from:], text)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(text)
		if (start == 0 || !continues(line[start-1])) && (end == len(line) || !continues(line[end])) {
			return true
		}
		from = start + 1
	}
}

func continues(c byte) bool {
	return c == '.' || c == '_' || c == '-' || c == '/' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// claimed reports whether an entry says that a Dockerfile builds an image.
func (f file) claimed(path, image string) bool {
	return slices.ContainsFunc(f.claims, func(c graph.Claim) bool { return c.Path == path && c.Image == image })
}

// hasKey reports whether a key of the file stands at the beginning of a line, and at is the line behind
// it and the comments that follow, -1 where its value begins on its own line.
func (f file) hasKey(key string) (at int, ok bool) {
	for i, line := range f.lines {
		rest, found := strings.CutPrefix(line, key+":")
		if !found {
			if rest, found = strings.CutPrefix(line, `"`+key+`":`); !found {
				continue
			}
		}
		if rest = strings.TrimSpace(rest); rest != "" && !strings.HasPrefix(rest, "#") {
			return -1, true
		}
		return f.comments(i + 1), true
	}
	return 0, false
}

// comments returns the first line from a place on that is no comment.
func (f file) comments(at int) int {
	for at < len(f.lines) && strings.HasPrefix(f.lines[at], "#") {
		at++
	}
	return at
}
