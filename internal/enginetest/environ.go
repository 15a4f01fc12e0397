package enginetest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Environ returns an environment in which some of the engine's programs, and no others, are on PATH, set up for the
// engine: of buildx and buildctl.
func (e *Engine) Environ(t testing.TB, programs ...string) []string {
	t.Helper()
	dir := t.TempDir()
	for _, program := range programs {
		if err := os.Symlink(filepath.Join(e.bin, program), filepath.Join(dir, program)); err != nil {
			t.Fatal(err)
		}
	}
	env := slices.DeleteFunc(slices.Clone(e.env), func(kv string) bool {
		return strings.HasPrefix(kv, "PATH=") || strings.HasPrefix(kv, "BUILDX_CONFIG=")
	})
	env = append(env, "PATH="+dir, "BUILDKIT_HOST="+e.sock, "BUILDX_CONFIG="+filepath.Join(dir, "buildx.config"))
	run := &Engine{bin: e.bin, env: env}
	if out, err := run.try(t.Context(), "", "buildx", "create", "--name", "tested", "--driver", "remote", "--use", e.sock); err != nil {
		t.Fatalf("buildx create: %v\n%s", err, out)
	}
	return env
}
