package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each message that docs/troubleshooting.md quotes is one that the program can print: one file of it has all the
// pieces around what stands for names.
func TestTroubleshooting(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, dir := range []string{"internal", "bumper", "graph", "scanner"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			sources = append(sources, strings.ReplaceAll(string(text), `\"`, `"`))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	quoted := regexp.MustCompile("(?m)^### `(.+)`$").FindAllStringSubmatch(string(page), -1)
	if len(quoted) < 20 || len(quoted) != strings.Count(string(page), "\n### ") {
		t.Fatalf("the page has %d messages, and %d headings", len(quoted), strings.Count(string(page), "\n### "))
	}
	for _, m := range quoted {
		pieces := slices.DeleteFunc(regexp.MustCompile(`…|"`).Split(m[1], -1), func(piece string) bool { return len(strings.Trim(piece, " :,();")) == 0 })
		isThere := slices.ContainsFunc(sources, func(text string) bool {
			return !slices.ContainsFunc(pieces, func(piece string) bool { return !strings.Contains(text, strings.Trim(piece, ": ,")) })
		})
		if !isThere {
			t.Errorf("no file of the program says %q: %q", m[1], pieces)
		}
	}
}
