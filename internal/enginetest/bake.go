package enginetest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A Bake is a run of buildx bake.
type Bake struct {
	Dir     string   // the directory that it runs in
	File    string   // the content of the bake file; "" for what the directory has
	Targets []string // none for the group "default"
	Args    []string
	Env     []string
}

// Baked is what BuildKit says of a run, by target.
type Baked struct {
	Digests map[string]string   // of what was made
	Missed  map[string][]string // the steps that no cache had, those of bases that are built along too
}

// A step of a Dockerfile: the target and the instruction. FROM is none: the image that it names is in what follows.
var step = regexp.MustCompile(`^\[(\S+) (?:\S+ )?[0-9]+/[0-9]+\] (.+)$`)

// Bake runs buildx bake.
func (e *Engine) Bake(t testing.TB, run Bake) Baked {
	t.Helper()
	metadata := filepath.Join(t.TempDir(), "metadata.json")
	args := append([]string{"bake", "--progress", "rawjson", "--metadata-file", metadata}, run.Args...)
	if run.File != "" {
		args = append(args, "--file", "-")
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(e.bin, "buildx"), append(args, run.Targets...)...)
	var progress bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stderr = run.Dir, strings.NewReader(run.File), &progress
	cmd.Env = append(slices.Clone(e.env), run.Env...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("buildx %q: %v\n%s", cmd.Args[1:], err, progress.String())
	}
	baked := Baked{Digests: map[string]string{}, Missed: missed(progress.Bytes())}
	var made map[string]struct {
		Digest string `json:"containerimage.digest"`
	}
	data, err := os.ReadFile(metadata)
	if err == nil {
		err = json.Unmarshal(data, &made)
	}
	if err != nil {
		t.Fatalf("the metadata are %s, %v", data, err)
	}
	for target, image := range made {
		baked.Digests[target] = image.Digest
	}
	return baked
}

// missed reads what buildx says as it goes on. Of each step there are several lines; one of them says whether it was cached.
func missed(progress []byte) map[string][]string {
	type vertex struct{ Digest, Name string }
	var order []vertex
	isCached := map[vertex]bool{}
	for line := range bytes.Lines(progress) {
		var said struct {
			Vertexes []struct {
				vertex
				Cached    bool
				Completed string
			}
		}
		if json.Unmarshal(line, &said) != nil {
			continue // for people
		}
		for _, v := range said.Vertexes {
			if v.Completed == "" {
				continue
			}
			if !slices.Contains(order, v.vertex) {
				order = append(order, v.vertex)
			}
			isCached[v.vertex] = isCached[v.vertex] || v.Cached
		}
	}
	all := map[string][]string{}
	for _, v := range order {
		if parts := step.FindStringSubmatch(v.Name); parts != nil && !isCached[v] && !strings.HasPrefix(parts[2], "FROM ") {
			all[parts[1]] = append(all[parts[1]], parts[2])
		}
	}
	return all
}

// Built returns the names of the images that the engine has made so far, one for each build, from its own history.
func (e *Engine) Built(t testing.TB) []string {
	t.Helper()
	out, err := e.try(t.Context(), "", "buildctl", "--addr", e.sock, "debug", "histories", "--format", "{{json .}}")
	if err != nil {
		t.Fatalf("the history of builds: %v\n%s", err, out)
	}
	var all []string
	for line := range strings.Lines(out) {
		var event struct {
			Record struct {
				Exporters []struct {
					Attrs map[string]string
				}
			}
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("the history of builds: %v\n%s", err, line)
		}
		for _, exporter := range event.Record.Exporters {
			all = append(all, exporter.Attrs["name"])
		}
	}
	slices.Sort(all)
	return all
}

// An Image is what a registry has under a reference.
type Image struct {
	Digest   string   // of the index, or of the manifest where there is no index
	Manifest string   // the digest of the manifest of the image for linux/amd64
	Layers   []string // the hashes of its layers, uncompressed
}

// Image asks the registry for an image.
func (e *Engine) Image(t testing.TB, reference string) Image {
	t.Helper()
	out, err := e.try(t.Context(), "", "buildx", "imagetools", "inspect", reference, "--format", "{{json .}}")
	if err != nil {
		t.Fatalf("asking for %s: %v\n%s", reference, err, out)
	}
	var found struct {
		Manifest struct {
			Digest    string
			Manifests []struct {
				Digest   string
				Platform struct{ Architecture string }
			}
		}
		Image struct {
			RootFS struct {
				DiffIDs []string `json:"diff_ids"`
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Fatalf("asking for %s: %v\n%s", reference, err, out)
	}
	image := Image{Digest: found.Manifest.Digest, Manifest: found.Manifest.Digest, Layers: found.Image.RootFS.DiffIDs}
	for _, manifest := range found.Manifest.Manifests {
		if manifest.Platform.Architecture != "unknown" {
			image.Manifest = manifest.Digest
		}
	}
	if image.Digest == "" || len(image.Layers) == 0 {
		t.Fatalf("the registry says of %s: %s", reference, out)
	}
	return image
}
