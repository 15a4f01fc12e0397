// Package enginetest gives tests a real BuildKit: buildkitd, buildctl and buildx, which make engine-tools
// installs under bin.
//
// # Limitations
//
// It needs root, Debian's packages runc and busybox-static, and Linux. Nothing is brought from a network: what
// images are based on is pushed to a registry of the test first.
package enginetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// busybox is where Debian's package busybox-static has its program.
const busybox = "/bin/busybox"

// An Engine is a BuildKit that runs.
type Engine struct {
	bin  string   // the directory of its programs
	dir  string   // its own
	sock string   // the address
	env  []string // of the programs
}

// Start starts an engine that the test's end stops.
func Start(t testing.TB) *Engine {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	e := &Engine{bin: filepath.Join(filepath.Dir(here), "..", "..", "bin"), dir: t.TempDir()}
	e.sock = "unix://" + filepath.Join(e.dir, "s")
	e.env = append(os.Environ(), "BUILDX_CONFIG="+filepath.Join(e.dir, "buildx"), "DOCKER_CONFIG="+filepath.Join(e.dir, "docker"), "SOURCE_DATE_EPOCH=", "BUILDX_METADATA_PROVENANCE=disabled")
	config := fmt.Sprintf("root = %q\n[grpc]\n  address = [%q]\n[otel]\n  socketPath = %q\n[worker.oci]\n  enabled = true\n  snapshotter = \"auto\"\n  networkMode = \"host\"\n  max-parallelism = 2\n  gc = false\n[worker.containerd]\n  enabled = false\n", filepath.Join(e.dir, "root"), e.sock, filepath.Join(e.dir, "traces"))
	file := filepath.Join(e.dir, "buildkitd.toml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	daemon := exec.Command(filepath.Join(e.bin, "buildkitd"), "--config", file)
	daemon.Stdout, daemon.Stderr, daemon.Env = &log, &log, e.env
	if err := daemon.Start(); err != nil {
		t.Fatalf("%v\nmake engine-tools installs it", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	t.Cleanup(func() {
		if err := errors.Join(daemon.Process.Signal(os.Interrupt), <-ended); err != nil && t.Failed() {
			t.Logf("buildkitd ends with %v\n%s", err, log.String())
		}
	})
	for deadline := time.Now().Add(2 * time.Minute); ; {
		if _, err := e.try(t.Context(), "", "buildctl", "--addr", e.sock, "debug", "workers"); err == nil {
			if out, err := e.try(t.Context(), "", "buildx", "create", "--name", "engine", "--driver", "remote", "--use", e.sock); err != nil {
				t.Fatalf("buildx create: %v\n%s", err, out)
			}
			return e
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("buildkitd has ended: %v\n%s", err, log.String())
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("buildkitd does not answer\n%s", log.String())
		}
	}
}

// try runs a program of the engine and returns what it says.
func (e *Engine) try(ctx context.Context, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(e.bin, program), args...)
	cmd.Dir, cmd.Env = dir, e.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Build builds the Dockerfile of a directory, with the directory as its context, and pushes it under a reference.
// It returns the digest of what was pushed: of the index, since the provenance is beside the image.
func (e *Engine) Build(t testing.TB, dir, reference string) (digest string) {
	t.Helper()
	metadata := filepath.Join(t.TempDir(), "metadata.json")
	out, err := e.try(t.Context(), "", "buildctl", "--addr", e.sock, "build", "--progress", "plain", "--frontend", "dockerfile.v0",
		"--local", "context="+dir, "--local", "dockerfile="+dir, "--opt", "attest:provenance=mode=min",
		"--output", "type=image,name="+reference+",push=true", "--metadata-file", metadata)
	if err != nil {
		t.Fatalf("building %s from %s: %v\n%s", reference, dir, err, out)
	}
	var made struct {
		Digest string `json:"containerimage.digest"`
	}
	data, err := os.ReadFile(metadata)
	if err == nil {
		err = json.Unmarshal(data, &made)
	}
	if err != nil || !strings.HasPrefix(made.Digest, "sha256:") {
		t.Fatalf("building %s: the metadata are %s, %v", reference, data, err)
	}
	return made.Digest
}

// Upstream pushes an image with a shell, some commands and a file of the content, which stands on no other.
func (e *Engine) Upstream(t testing.TB, reference, content string) {
	t.Helper()
	dir := t.TempDir()
	program, err := os.ReadFile(busybox)
	if err != nil {
		t.Fatalf("%v\nDebian's package busybox-static has it", err)
	}
	dockerfile := "FROM scratch\nCOPY --chmod=755 busybox /bin/busybox\n"
	for _, name := range []string{"sh", "touch", "cp", "cat"} {
		dockerfile += `RUN ["/bin/busybox", "ln", "-s", "busybox", "/bin/` + name + "\"]\n"
	}
	for name, data := range map[string][]byte{"busybox": program, "content": []byte(content), "Dockerfile": []byte(dockerfile + "COPY content /content\nENV PATH=/bin\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e.Build(t, dir, reference)
}
