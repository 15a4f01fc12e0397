package proposal

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// plain is what YAML takes for a text without quotes, wherever it stands.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*/[A-Za-z0-9_./-]*[A-Za-z0-9_]$`)

// quoted returns a text as a value or a key of YAML, on one line.
func quoted(text string) string {
	if plain.MatchString(text) {
		return text
	}
	var b strings.Builder
	e := json.NewEncoder(&b) // a text of JSON is one of YAML
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a text always can be
	return strings.TrimSuffix(b.String(), "\n")
}

// pattern returns a path as a pattern that fits it alone; ok is false for one that no pattern can name.
func pattern(path string) (text string, ok bool) {
	if !utf8.ValidString(path) || source.Clean(path) != path || strings.TrimSpace(path) != path || path == "" {
		return "", false
	}
	var b strings.Builder
	for i, r := range path {
		if strings.ContainsRune(`*?[]{}\`, r) || r == '!' && i == 0 {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String(), true
}

// isRepository reports whether an image can stand in the configuration.
func isRepository(image string) bool {
	ref, err := imageref.Parse(image)
	return err == nil && ref.Version() == "" && !strings.Contains(image, scanner.Unknown)
}

// imageValue returns what an entry of images: says of an image.
func imageValue(image, target string, tags []string) string {
	if target == "" && len(tags) == 0 {
		return quoted(image)
	}
	value := "{image: " + quoted(image)
	if len(tags) > 0 {
		var all []string
		for _, tag := range tags {
			all = append(all, quoted(tag))
		}
		value += ", tags: [" + strings.Join(all, ", ") + "]"
	}
	if target != "" {
		value += ", target: " + quoted(target)
	}
	return value + "}"
}

// longest is how many characters a line of prose has that is made of a message.
const longest = 240

// line returns a text as one line of a comment.
func line(text string) string {
	runes := []rune(source.Clean(scanner.Readable(text)))
	if len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return string(runes)
}
