package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// The tour ends with commands that can be typed as they stand, however it was started.
func TestDemoEndsWithCommands(t *testing.T) {
	t.Parallel()
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	built := filepath.Join(bin, "other name")
	shell(t, checkout, nil, "go build -buildvcs=false -o '"+built+"' ./cmd/propagate")
	named := t.TempDir()
	shell(t, checkout, nil, "cp '"+built+"' '"+named+"/propagate'")
	elsewhere := t.TempDir()
	for _, test := range []struct {
		name, dir, program, prints string
		path                       string // before those in PATH
	}{
		{"go run", checkout, "go run ./cmd/propagate", "go run ./cmd/propagate -C ", ""},
		{"go run from below", filepath.Join(checkout, "cmd"), "go run ./propagate", "go -C " + checkout + " run ./cmd/propagate -C ", ""},
		{"path", elsewhere, "'" + built + "'", "'" + built + "' -C ", ""},
		{"name", elsewhere, "propagate", "propagate -C ", named},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := []string{"PATH=" + test.path + string(filepath.ListSeparator) + os.Getenv("PATH")}
			repository := filepath.Join(t.TempDir(), "it's the demo")
			out := shell(t, test.dir, env, test.program+` demo --dir "`+repository+`"`)
			_, last, _ := strings.Cut(out, ". Your turn")
			commands := 0
			for line := range strings.Lines(last) {
				command, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "  ")
				if !ok {
					continue
				}
				commands++
				if !strings.HasPrefix(command, test.prints) {
					t.Errorf("it prints %q, which does not begin with %q", command, test.prints)
				}
				if out := shell(t, test.dir, env, command); out == "" {
					t.Errorf("%s prints nothing", command)
				}
			}
			if commands != 5 {
				t.Errorf("it ends with %d commands: %s", commands, last)
			}
		})
	}
}

// shell runs a command in a directory and returns its standard output.
func shell(t *testing.T, dir string, env []string, command string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "GITHUB_") || strings.HasPrefix(variable, "GH_")
	})
	cmd.Env = append(cmd.Env, environ...)
	cmd.Env = append(cmd.Env, env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", command, err, out, stderr.String())
	}
	return string(out)
}

func TestIsTemporary(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/tmp/go-build123/b001/exe/propagate":                                     true,
		"/home/a/.cache/go-build/a7/" + strings.Repeat("0a", 32) + "-d/propagate": true,
		"/cache/a7/" + strings.Repeat("0a", 32) + "-d/propagate":                  true,
		"/home/a/go/bin/propagate":                                                false,
		"/opt/go-builder":                                                         false,
	} {
		if got := isTemporary(path); got != want {
			t.Errorf("isTemporary(%s) is %v", path, got)
		}
	}
}
