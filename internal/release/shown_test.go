package release_test

import (
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/release"
)

// A line with the name of the image and a version is a place where the script reads it as data,
// and none where the script shows it. The image is registry.example/team/python.
func TestShown(t *testing.T) {
	const row = "python 3.11.0 the first with TLS 1.3"
	for _, tc := range []struct {
		name, path, src string
		want            bool
	}{
		{"a heredoc that is shown", "n.sh", "cat <<TXT\nReleases\n  " + row + "\nTXT\n", false},
		{"a heredoc for a file of notes", "n.sh", "cat > CHANGELOG.md <<'EOF'\n" + row + "\nEOF\n", false},
		{"a heredoc for the notes of git", "n.sh", "git tag -a v1 -F - <<EOF\n" + row + "\nEOF\n", false},
		{"a heredoc that is thrown away", "n.sh", ": <<'COMMENT'\n# Markdown\n\n" + row + "\nCOMMENT\nbuild\n", false},
		{"a heredoc in a substitution for a message", "n.sh", "git commit -m \"$(cat <<'EOF'\n" + row + "\nEOF\n)\"\n", false},
		{"a heredoc through tee", "n.sh", "tee -a NOTES <<EOF | head -n 3\n" + row + "\nEOF\n", false},
		{"a heredoc that a loop only prints", "n.sh", "while read -r line; do echo \"* $line\"; done <<EOF\n" + row + "\nEOF\n", false},
		{"a usage", "n.sh", "usage() {\n  cat <<EOF\nUsage: build NAME\nPYTHON_VERSION=3.11.0\nEOF\n}\nusage\n", false},
		{"a here-string", "n.sh", "cat <<< \"Releases\n" + row + "\"\n", false},
		{"an echo of several lines", "n.sh", "echo \"Released:\npython:3.11.0 released\"\n", false},
		{"a printf that goes on", "n.sh", "printf '%s\\n' \\\n  'python 3.11.0' \\\n  'done'\n", false},
		{"a comment", "n.sh", "# python 3.11.0\n#python:3.11.0\nbuild\n", false},
		{"a text for a server", "n.sh", "NOTES=\"Released\n" + row + "\"\ncurl -d \"$NOTES\" https://chat.example\n", false},
		{"a text in a text", "n.sh", "NOTES=\"\n" + row + "\"\nBODY=\"$NOTES\"\ngh release create v1 --notes \"$BODY\"\n", false},
		{"notes that are read into a variable", "n.sh", "read -r -d '' NOTES <<'EOF'\n# Release\n" + row + "\nEOF\ngh release create v1 -n \"$NOTES\"\n", false},
		{"a program of another language", "n.sh", "python3 - <<'PY'\nprint(\"\"\"\npython 3.11.0 released\n\"\"\")\nPY\n", false},
		{"a file that is mailed", "n.sh", "tee /tmp/x.md >/dev/null <<EOF\n" + row + "\nEOF\nmail team < /tmp/x.md\n", false},
		{"a list that is printed", "n.sh", "R=(\n  \"python 3.11.0 first\"\n)\nprintf '%s\\n' \"${R[@]}\"\n", false},
		{"a loop that writes a changelog", "n.sh", "while read -r l; do\n  printf -- '- %s\\n' \"$l\" >> CHANGELOG.md\ndone <<EOF\n" + row + "\nEOF\n", false},
		{"a text that sed inserts", "n.sh", "sed -i '1i\\\n" + row + "\n' CHANGELOG.md\n", false},
		{"a message of a function that prints", "n.sh", "shout() { printf '%s\\n' \"$*\" >&2; }\nshout \"history:\n" + row + "\"\n", false},
		{"what a test expects", "n.sh", "want='python 3.10.0\npython 3.11.0'\n[ \"$(show)\" = \"$want\" ] || exit 1\n", false},
		{"what a test is given", "testdata/n.sh", "python 3.11.0\n", false},
		{"an excerpt of a log behind the end", "n.sh", "build\nexit 0\n\npython 3.11.0 (tag: v3.11.0)\n", false},
		{"a recipe that shows it", "Makefile", "notes:\n\t@echo \"Released: \\\npython:3.11.0 \\\n\"\n", false},
		{"a define that is printed", "Makefile", "define NOTES\npython 3.11.0 first\nendef\nexport NOTES\nnotes:\n\t@echo \"$$NOTES\"\n", false},

		{"a table for a loop", "n.sh", "while read -r n v; do docker build -t $n:$v $n; done <<T\npython 3.11.0\nT\n", true},
		{"a table through cat", "n.sh", "cat <<T | while read -r n v; do\npython 3.11.0\nT\n  ./build \"$n\" \"$v\"\ndone\n", true},
		{"a table of a function", "n.sh", "table() {\n  cat <<T\npython 3.11.0\nT\n}\ntable | while read -r n v; do build $n $v; done\n", true},
		{"a table in a variable", "n.sh", "T='\npython 3.11.0\n'\necho \"$T\" | while read -r n v; do build $n $v; done\n", true},
		{"a table in a variable of another script", "n.sh", "BASES='\npython 3.11.0\n'\n", true},
		{"a table in a variable for a loop", "n.sh", "BASES='\npython:3.11.0\n'\nfor b in $BASES; do build \"$b\"; done\n", true},
		{"an array", "n.sh", "BASES=(\n  python:3.11.0\n  \"node:20\"\n)\nfor b in \"${BASES[@]}\"; do build \"$b\"; done\n", true},
		{"a table in a file that is read", "n.sh", "cat > t.txt <<T\npython 3.11.0\nT\nwhile read -r n v; do build $n $v; done < t.txt\n", true},
		{"a table for a function that builds", "n.sh", "all() { while read -r n v; do docker build -t $n:$v .; done; }\nall <<T\npython 3.11.0\nT\n", true},
		{"a table that a lookup reads", "n.sh", "v=$(awk -v n=\"$1\" '$1 == n {print $2}' <<T\npython 3.11.0\nT\n)\n", true},
		{"a table for a map", "n.sh", "declare -A V\nwhile read -r n v; do V[$n]=$v; done <<T\npython 3.11.0\nT\n", true},
		{"a table in a file that another script reads", "n.sh", "cat > t.txt <<T\npython 3.11.0\nT\n./build-all.sh t.txt\n", true},
		{"a table that a program reads", "n.sh", "python3 build.py <<T\npython 3.11.0\nT\n", true},
		{"a table in an array", "n.sh", "mapfile -t T <<T\npython 3.11.0\nT\nfor row in \"${T[@]}\"; do build $row; done\n", true},
		{"an argument that goes on", "n.sh", "build \\\n  python:3.11.0 \\\n  node:20\n", true},
		{"a variable", "n.sh", "echo start\nPYTHON_VERSION=3.11.0\necho \"$PYTHON_VERSION\"\n", true},
		{"a default of a variable", "n.sh", "PYTHON_VERSION=${PYTHON_VERSION:-3.11.0}\n", true},
		{"a script that does not parse", "n.sh", "python 3.11.0\nif then\n", true},
		{"a variable of make", "Makefile", "BASES = \\\n  python:3.11.0 \\\n  node:20\n", true},
		{"a define that make goes through", "Makefile", "define T\npython 3.11.0\nendef\nall: $(foreach t,$(T),x)\n", true},
	} {
		fsys := fstest.MapFS{tc.path: {Data: []byte(tc.src)}}
		f := &release.Finder{FS: fsys, Read: fsys.ReadFile, Builds: func(string) []*buildfile.Build { return nil }, Scripts: []string{tc.path}}
		places, err := f.Of(python(t, 0))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(places) > 0; got != tc.want {
			t.Errorf("%s: found %v, want %v: %+v", tc.name, got, tc.want, places)
		}
	}
}
