package monorepo_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// versioned is shop with the version of a derived base in the configuration.
func versioned() (files map[string]string, configuration string) {
	files = shop()
	files["bases/jvm/Dockerfile"] = "FROM reg.example/shop/java:1.0.0\n"
	return files, "versions: {jvm: 2.0.0}\n"
}

// The configuration of the work tree, named as it is, is the repository's own where it is
// what the revision has. Otherwise it decides, and only an edit in it is refused.
func TestConfigurationOfTheWorkTree(t *testing.T) {
	t.Parallel()
	files, text := versioned()
	plan := func(t *testing.T, dir string, bump bumper.Bump) error {
		t.Helper()
		repo, _, err := open(t, dir, func(o *monorepo.Options) { o.Config = filepath.Join(dir, ".propagate.yaml") })
		if err != nil {
			return err
		}
		p, err := repo.Plan(t.Context(), monorepo.Policy{Bumps: []bumper.Bump{bump}, Assumed: []bumper.Bump{}})
		if err == nil && len(p.Derived) == 1 && p.Derived[0].Tag != "2.0.1" {
			t.Errorf("derived is %v", p.Derived)
		}
		return err
	}
	write := func(t *testing.T, dir string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, ".propagate.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	uncommitted := gittest.Init(t, files)
	write(t, uncommitted)
	err := plan(t, uncommitted, java("1.0.1"))
	var input *monorepo.InputError
	if !errors.As(err, &input) || !strings.Contains(err.Error(), ".propagate.yaml:1:12: versions: jvm cannot be edited here: this configuration is not what is committed") {
		t.Errorf("uncommitted: %v", err)
	}
	if err := plan(t, uncommitted, bumper.Bump{Image: "eclipse-temurin", Tag: "21.0.1"}); err != nil {
		t.Errorf("uncommitted, and not edited: %v", err)
	}
	files[".propagate.yaml"] = text
	if err := plan(t, gittest.Init(t, files), java("1.0.1")); err != nil {
		t.Errorf("committed: %v", err)
	}
	directory := t.TempDir()
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(directory, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := plan(t, directory, java("1.0.1")); err != nil {
		t.Errorf("a plain directory: %v", err)
	}
}

// What no configuration can be read from is refused, and what is silent holds up nobody.
func TestKindsOfConfigurationFiles(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, shop())
	configured := func(name string) error {
		_, _, err := open(t, dir, func(o *monorepo.Options) { o.Config = name })
		return err
	}
	kinds := map[string]string{
		dir: "it is a directory", "/dev/zero": "the file is too large", filepath.Join(dir, "none"): "there is no such file",
	}
	places := []string{t.TempDir()}
	if memory, err := os.MkdirTemp("/dev/shm", "propagate-test-"); err == nil { // below /dev, and no descriptor of a shell
		t.Cleanup(func() { _ = os.RemoveAll(memory) })
		places = append(places, memory)
	}
	for _, place := range places {
		pipe := filepath.Join(place, "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		kinds[pipe] = "it is a named pipe"
	}
	for name, want := range kinds {
		var input *monorepo.InputError
		if err := configured(name); !errors.As(err, &input) || !strings.HasPrefix(err.Error(), "--config "+name+": "+want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := configured("/dev/null"); err != nil {
		t.Errorf("nothing: %v", err)
	}
	// A shell's <(…) is the end of a pipe, by its descriptor.
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(read.Close(), write.Close()) })
	silent := "/dev/fd/" + strconv.Itoa(int(read.Fd()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := monorepo.Open(ctx, monorepo.Options{Dir: dir, Ref: "HEAD", Config: silent, Getenv: func(string) string { return "" }}); !errors.Is(err, context.Canceled) {
		t.Errorf("a pipe that is silent, interrupted: %v", err)
	}
	read2, write2, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = read2.Close() })
	if _, err := write2.WriteString("labels: []\n"); errors.Join(err, write2.Close()) != nil {
		t.Fatal(err)
	}
	if err := configured("/dev/fd/" + strconv.Itoa(int(read2.Fd()))); err != nil {
		t.Errorf("a pipe of a shell: %v", err)
	}
}

// A link that leads nowhere is named, and what it leads to.
func TestConfigurationThatIsALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Symlink("ci/propagate.yaml", filepath.Join(dir, ".propagate.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := open(t, dir); err == nil || err.Error() != ".propagate.yaml: it is a symbolic link to ci/propagate.yaml: there is no such file" {
		t.Errorf("the error is %v", err)
	}
}
