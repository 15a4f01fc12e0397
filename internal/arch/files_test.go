package arch

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// goFile matches the name of a Go file, with or without its directory.
var goFile = regexp.MustCompile(`^[\w./-]+\.go$`)

// Every Go file that the documents name is there. One without a directory is in that of
// the path that was named last.
func TestNamedFilesAreThere(t *testing.T) {
	named := 0
	for _, document := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(root + "/" + document)
		if err != nil {
			t.Fatal(err)
		}
		dir := ""
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			name := m[1]
			if !goFile.MatchString(name) {
				if info, err := os.Stat(root + "/" + name); err == nil && info.IsDir() {
					dir = name
				}
				continue
			}
			named++
			if strings.Contains(name, "/") {
				dir = path.Dir(name)
			} else {
				name = path.Join(dir, name)
			}
			if _, err := os.Stat(root + "/" + name); err != nil {
				t.Errorf("%s names %s, which is not there", document, name)
			}
		}
	}
	if named < 30 {
		t.Errorf("found %d names of files, which cannot be all", named)
	}
}
