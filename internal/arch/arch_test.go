package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/matihlabs/propagate"
	// maxLines is the length in lines up to which a file is read in one sitting.
	maxLines = 400
)

// A row is a package in the table of ARCHITECTURE.md.
type row struct {
	name string
	may  []string // what it may import; "all" stands for everything
}

var (
	tableRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|[^|\n]*\\|([^|\n]*)\\|$")
	quoted   = regexp.MustCompile("`([^`]+)`")
)

func table(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile(root + "/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, m := range tableRow.FindAllStringSubmatch(string(text), -1) {
		r := row{name: m[1]}
		for _, q := range quoted.FindAllStringSubmatch(m[2], -1) {
			r.may = append(r.may, q[1])
		}
		if strings.TrimSpace(m[2]) == "all" {
			r.may = []string{"all"}
		}
		rows = append(rows, r)
	}
	if len(rows) < 10 {
		t.Fatalf("ARCHITECTURE.md has a table of %d packages, which cannot be all", len(rows))
	}
	return rows
}

// A pkg is what go list says of a package.
type pkg struct {
	ImportPath, Doc        string
	GoFiles, Imports, Deps []string
}

func packages(t *testing.T) map[string]pkg {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return all
}

// listed asks the go command once.
var listed = sync.OnceValues(func() (map[string]pkg, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Doc,GoFiles,Imports,Deps", "./...", "./testdata")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, stderr.String())
	}
	all := map[string]pkg{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all[strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")] = p
	}
})

// The table names every package, allows every import, and allows none upward.
func TestImportsGoTheWayTheTableSays(t *testing.T) {
	rows, found := table(t), packages(t)
	rank := map[string]int{}
	for i, r := range rows {
		rank[r.name] = i
		if _, ok := found[r.name]; !ok {
			t.Errorf("ARCHITECTURE.md has a row for %s, which is no package", r.name)
		}
		for _, name := range r.may {
			if _, above := rank[name]; !above && name != "all" {
				t.Errorf("ARCHITECTURE.md lets %s import %s, which is no row above it", r.name, name)
			}
		}
	}
	for name, p := range found {
		i, ok := rank[name]
		if !ok {
			t.Errorf("ARCHITECTURE.md has no row for %s", name)
			continue
		}
		for _, path := range p.Imports {
			imported, ours := strings.CutPrefix(path, module+"/")
			if ours && !slices.Contains(rows[i].may, imported) && !slices.Contains(rows[i].may, "all") {
				t.Errorf("%s imports %s, which its row in ARCHITECTURE.md does not allow", name, imported)
			}
		}
	}
}

// What decides is apart from what acts: files come as an fs.FS, the time and the
// network not at all.
func TestTheCoreIsPure(t *testing.T) {
	found := packages(t)
	for _, name := range []string{"scanner", "graph", "bumper", "internal/imageref", "internal/source", "internal/mermaid", "internal/picture", "internal/webgraph"} {
		for _, path := range found[name].Imports {
			if path == "os" || strings.HasPrefix(path, "os/") || path == "net" || strings.HasPrefix(path, "net/") || path == "time" || path == "syscall" {
				t.Errorf("%s imports %s", name, path)
			}
		}
		for _, path := range found[name].Deps {
			if path == "net/http" {
				t.Errorf("%s depends on net/http", name)
			}
		}
	}
}

func TestLibrariesAreKnownToOnePackage(t *testing.T) {
	owners := map[string][]string{
		"github.com/go-git/":                     {"internal/gitrepo", "internal/gitrepo/object", "internal/gitrepo/remote"},
		"github.com/moby/buildkit/":              {"scanner"},
		"gonum.org/v1/gonum/":                    {"graph"},
		"github.com/google/go-github/":           {"internal/forge/github"},
		"github.com/google/go-containerregistry": {"internal/registry", "internal/registry/registrytest", "internal/registry/standin"},
		"golang.org/x/net/publicsuffix":          {"internal/registry"},
		"github.com/distribution/distribution/":  {"internal/registry/registrytest"},
		"golang.org/x/image/":                    {"internal/picture"},
		"github.com/spf13/cobra":                 {"internal/cli", "cmd/propagate", "tools/commandpages"},
		"github.com/hashicorp/hcl/":              {"internal/buildfile/bake"},
		"mvdan.cc/sh/":                           {"internal/buildfile/shell"},
		"github.com/compose-spec/compose-go/":    {"internal/buildfile/envfile"},
		"github.com/tailscale/hujson":            {"internal/buildfile/devcontainer"},
	}
	for name, p := range packages(t) {
		for _, path := range p.Imports {
			for library, by := range owners {
				if strings.HasPrefix(path, library) && !slices.Contains(by, name) {
					t.Errorf("%s imports %s, which is for %s alone", name, path, strings.Join(by, " and "))
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for name, p := range packages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", name)
		}
	}
}

// The go command ends a package's tests after ten minutes, which a machine with a
// lot else to do needs: every command says how long they may take.
func TestEveryTestRunHasATimeout(t *testing.T) {
	commands := 0
	documents, err := filepath.Glob(root + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(documents, root+"/Makefile", root+"/.ci/run", root+"/docs/performance.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			runs := strings.Count(line, "go test ")
			commands += runs
			if runs != strings.Count(line, "go test -timeout ")+strings.Count(line, "go test -count=1 -timeout ") {
				t.Errorf("%s:%d: a go test without -timeout: %s", strings.TrimPrefix(path, root+"/"), i+1, line)
			}
		}
	}
	if commands < 10 {
		t.Errorf("found %d commands, which cannot be all", commands)
	}
}

func TestNoFileIsLong(t *testing.T) {
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if name := entry.Name(); name == ".git" || name == "node_modules" || name == "bin" || name == "testdata" {
				return fs.SkipDir
			}
			return nil
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if n := bytes.Count(text, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines, which is more than %d", strings.TrimPrefix(path, root+"/"), n, maxLines)
		}
		return nil
	})
	if err != nil || files < 20 {
		t.Fatalf("read %d files: %v", files, err)
	}
}
