package engine

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// A Kind is a program that has BuildKit build.
type Kind string

// The kinds, as --engine names them.
const (
	Auto     Kind = "auto" // the first of the others that is there
	Buildx   Kind = "buildx"
	Buildctl Kind = "buildctl"
)

// Kinds returns all of them.
func Kinds() []string { return []string{string(Auto), string(Buildx), string(Buildctl)} }

// A Program is what is run: "docker buildx", "buildx" or "buildctl".
type Program struct {
	Kind  Kind     // Buildx or Buildctl
	Words []string // by which a person calls it
	path  string   // of the file
}

// String returns the words by which a person calls it.
func (p Program) String() string { return strings.Join(p.Words, " ") }

// Usual returns the program of a kind as it is mostly called, whether or not it is there.
func Usual(kind Kind) Program {
	if kind == Buildctl {
		return Program{Kind: Buildctl, Words: []string{"buildctl"}}
	}
	return Program{Kind: Buildx, Words: []string{"docker", "buildx"}}
}

// Find finds the program of a kind on the PATH of an environment. buildx is part of docker,
// or a program of its own. The error has a hint.
func Find(ctx context.Context, kind Kind, env []string) (Program, error) {
	if kind != Buildctl {
		if path := look("docker", env); path != "" {
			cmd := exec.CommandContext(ctx, path, "buildx", "version") //nolint:gosec // docker itself, of the user's PATH
			cmd.Env = env
			if cmd.Run() == nil {
				return Program{Kind: Buildx, Words: []string{"docker", "buildx"}, path: path}, nil
			}
			if err := ctx.Err(); err != nil {
				return Program{}, err
			}
		}
		if path := look("buildx", env); path != "" {
			return Program{Kind: Buildx, Words: []string{"buildx"}, path: path}, nil
		}
	}
	if kind != Buildx {
		if path := look("buildctl", env); path != "" {
			return Program{Kind: Buildctl, Words: []string{"buildctl"}, path: path}, nil
		}
	}
	what := map[Kind]string{
		Auto: "there is neither docker buildx nor buildx nor buildctl on PATH", Buildx: "there is neither docker buildx nor buildx on PATH", Buildctl: "there is no buildctl on PATH",
	}[kind]
	return Program{}, &source.Error{Err: fmt.Errorf("%s: nothing can be built", what), Hint: "install Docker with its plugin buildx, or BuildKit, which has buildctl; --dry-run prints the bake file without it"}
}

// look returns the path of a program, "" where it is not on the PATH of an environment.
func look(name string, env []string) string {
	for _, dir := range filepath.SplitList(value(env, "PATH")) {
		if !filepath.IsAbs(dir) { // as exec.LookPath, which takes nothing from the directory at hand
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	return ""
}

// value returns what an environment has for a name.
func value(env []string, name string) string {
	for _, kv := range slices.Backward(env) {
		if n, v, _ := strings.Cut(kv, "="); n == name || runtime.GOOS == "windows" && strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}
