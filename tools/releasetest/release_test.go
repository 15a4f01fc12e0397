//go:build release

package releasetest

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var all = flag.Bool("all", false, "make each file of a release twice, and compare all of them")

// run runs a program in a directory and returns what it prints.
func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// checkout clones what is committed here, as the workflow of a release has it: with the forge's URL.
func checkout(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "propagate")
	run(t, ".", "git", "clone", "--quiet", "../..", dir)
	run(t, dir, "git", "remote", "set-url", "origin", "https://github.com/matihlabs/propagate")
	return dir
}

// setup has the tools found, and programs compiled quickly: nobody runs most of what comes out.
func setup(t *testing.T) {
	t.Helper()
	bin, err := filepath.Abs("../../bin")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("GOFLAGS", "-buildvcs=true '-gcflags=all=-N -l'")
	t.Setenv("GOGC", "400") // of the compiler
}

// snapshot makes the files of a release, and returns the directory that has them.
func snapshot(t *testing.T) string {
	t.Helper()
	dir := checkout(t)
	run(t, dir, "goreleaser", "release", "--snapshot", "--clean", "--skip=publish,ko,sign")
	return filepath.Join(dir, "dist")
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The configuration is right, and nothing in it is about to go.
func TestConfiguration(t *testing.T) {
	setup(t)
	run(t, checkout(t), "goreleaser", "check")
}

// A release has a file for each system, and is the same bytes wherever and whenever it is made.
func TestRelease(t *testing.T) {
	setup(t)
	first := snapshot(t)
	sums := read(t, filepath.Join(first, "checksums.txt"))
	for _, name := range []string{
		`propagate_\S+_linux_amd64\.tar\.gz`, `propagate_\S+_linux_arm64\.tar\.gz`, `propagate_\S+_darwin_amd64\.tar\.gz`, `propagate_\S+_darwin_arm64\.tar\.gz`,
		`propagate_\S+_windows_amd64\.zip`, `propagate_\S+_windows_arm64\.zip`, `propagate_\S+_amd64\.deb`, `propagate_\S+_arm64\.deb`,
		`propagate-\S+\.x86_64\.rpm`, `propagate-\S+\.aarch64\.rpm`, `propagate_\S+_linux_amd64\.sbom\.json`, `propagate_\S+_windows_arm64\.sbom\.json`,
	} {
		if !regexp.MustCompile(`(?m)^[0-9a-f]{64}  ` + name + `$`).MatchString(sums) {
			t.Errorf("no file fits %s:\n%s", name, sums)
		}
	}
	t.Run("parts", func(t *testing.T) { parts(t, first) })
	t.Run("package", func(t *testing.T) { debianPackage(t, first) })
	if *all {
		if again := read(t, filepath.Join(snapshot(t), "checksums.txt")); again != sums {
			t.Errorf("another checkout of the same commit makes\n%s\nand not\n%s", again, sums)
		}
		return
	}
	second := checkout(t)
	run(t, second, "goreleaser", "build", "--snapshot", "--clean", "--single-target")
	if program(t, first) != program(t, filepath.Join(second, "dist")) {
		t.Error("another checkout of the same commit makes another program")
	}
}

// program returns the program for this system among the files of a release.
func program(t *testing.T, dist string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dist, "propagate_"+runtime.GOOS+"_"+runtime.GOARCH+"*", "propagate"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("the programs for this system are %q, %v", paths, err)
	}
	return read(t, paths[0])
}

// The list of parts has the modules that the program is linked from, with versions.
func parts(t *testing.T, dist string) {
	paths, err := filepath.Glob(filepath.Join(dist, "*_linux_amd64.sbom.json"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("there are %q, %v", paths, err)
	}
	var list struct {
		BOMFormat  string
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal([]byte(read(t, paths[0])), &list); err != nil {
		t.Fatal(err)
	}
	mod := read(t, "../../go.mod")
	for _, part := range list.Components {
		if part.Name == "github.com/moby/buildkit" && strings.Contains(mod, "github.com/moby/buildkit "+part.Version) && list.BOMFormat == "CycloneDX" {
			return
		}
	}
	t.Errorf("the version of BuildKit is not among the %d parts", len(list.Components))
}

// The package for Debian has the program, its manual pages and what shells complete. The program says what it is.
func debianPackage(t *testing.T, dist string) {
	paths, err := filepath.Glob(filepath.Join(dist, "*_"+runtime.GOARCH+".deb"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("there are %q, %v", paths, err)
	}
	root := t.TempDir()
	run(t, root, "dpkg-deb", "--extract", paths[0], root)
	for _, path := range []string{
		"usr/bin/propagate", "usr/share/man/man1/propagate-plan.1", "usr/share/bash-completion/completions/propagate",
		"usr/share/zsh/vendor-completions/_propagate", "usr/share/fish/vendor_completions.d/propagate.fish", "usr/share/doc/propagate/copyright",
	} {
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Error(err)
		}
	}
	commit := strings.TrimSpace(run(t, "../..", "git", "rev-parse", "HEAD"))
	says := strings.Fields(run(t, root, filepath.Join(root, "usr/bin/propagate"), "version"))
	if len(says) < 3 || !strings.HasSuffix(says[1], "-next") || !slices.Contains(says, "("+commit[:12]+")") {
		t.Errorf("the program of %s says %q", commit, says)
	}
	run(t, root, "bash", "-n", "usr/share/bash-completion/completions/propagate")
}
