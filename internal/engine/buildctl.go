package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// checkBuildctl says what buildctl cannot do, before anything is built.
func checkBuildctl(targets []Target, push bool) error {
	names := map[string]bool{}
	for _, t := range targets {
		names[t.Name] = true
	}
	for _, t := range targets {
		if len(t.Along) > 0 {
			return &source.Error{
				Err:  fmt.Errorf("%s: it takes %s from a build whose image has no tag, which buildctl cannot", t.Name, t.Along[0]),
				Hint: "buildx can, with --engine buildx; or give that image a tag in the build file",
			}
		}
		if i := slices.IndexFunc(t.Needs, func(need string) bool { return names[need] }); i >= 0 && !push {
			return &source.Error{
				Err:  fmt.Errorf("%s: it is based on %s, which buildctl can give it by way of a registry alone", t.Name, t.Needs[i]),
				Hint: "build with --push, or with --engine buildx",
			}
		}
	}
	return nil
}

// buildctlArgs are the arguments of buildctl for one target. dockerfile is the directory of a Dockerfile that is no file
// of the repository, "" for any other.
func buildctlArgs(t Target, push bool, env []string, dockerfile, metadata string) []string {
	args := []string{"build", "--progress", "plain", "--frontend", "dockerfile.v0"}
	opt := func(name, value string) { args = append(args, "--opt", name+"="+value) }
	if strings.Contains(t.Context, "://") || strings.HasPrefix(t.Context, "git@") {
		opt("context", t.Context)
	} else {
		args = append(args, "--local", "context="+t.Context)
	}
	dir, file := path.Split(t.Dockerfile)
	if t.Inline != "" {
		dir, file = dockerfile, "Dockerfile"
	}
	args = append(args, "--local", "dockerfile="+filepath.FromSlash(path.Clean("./"+dir)))
	if t.Inline != "" {
		args[len(args)-1] = "dockerfile=" + dir
	}
	opt("filename", file)
	if t.Stage != "" {
		opt("target", t.Stage)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Args)) {
		if _, isOpen := t.Open[name]; !isOpen {
			opt("build-arg:"+name, t.Args[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Open)) {
		opt("build-arg:"+name, value(env, t.Open[name]))
	}
	if len(t.Platforms) > 0 {
		opt("platform", strings.Join(t.Platforms, ","))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Labels)) {
		opt("label:"+name, t.Labels[name])
	}
	for i, name := range slices.Sorted(maps.Keys(t.Contexts)) {
		if from := t.Contexts[name]; isAddress.MatchString(from) {
			opt("context:"+name, from)
			continue
		}
		local := fmt.Sprintf("context-%d", i+1)
		args = append(args, "--local", local+"="+t.Contexts[name])
		opt("context:"+name, "local:"+local)
	}
	for _, secret := range t.Secret {
		args = append(args, "--secret", secret)
	}
	for _, ssh := range t.SSH {
		args = append(args, "--ssh", ssh)
	}
	if push { // as buildx has it: images from outside are looked at anew, and the provenance is beside the image
		opt("image-resolve-mode", "pull")
		opt("attest:provenance", "mode=min")
		args = append(args, "--output", fmt.Sprintf(`type=image,"name=%s",push=true`, strings.Join(t.Tags, ",")))
	}
	if metadata != "" {
		args = append(args, "--metadata-file", metadata)
	}
	return args
}

// isAddress holds for named contexts that are no directory.
var isAddress = regexp.MustCompile(`^(?:[a-z][a-z0-9+.-]*://|git@|github\.com/)`)

// buildctl has buildctl build targets, one after the other. One that is based on a failed one is not begun.
func (e *Engine) buildctl(ctx context.Context, targets []Target, push bool) (endings, error) {
	ended := endings{of: map[string]ending{}}
	lost := map[string]bool{} // has failed, or is not begun since something that it needs is lost
	for _, t := range targets {
		if slices.ContainsFunc(t.Needs, func(need string) bool { return lost[need] }) {
			lost[t.Name] = true
			continue
		}
		if ctx.Err() != nil {
			return ended, nil
		}
		e.say("building %s", t.Name)
		end, err := e.buildOne(ctx, t, push)
		if err != nil {
			return ended, err
		}
		if ctx.Err() == nil || end.ok {
			ended.of[t.Name], lost[t.Name] = end, !end.ok
		}
	}
	return ended, nil
}

// buildOne has buildctl build one target. The error is that of the surroundings.
func (e *Engine) buildOne(ctx context.Context, t Target, push bool) (ending, error) {
	dir, err := os.MkdirTemp("", "propagate-build-")
	if err != nil {
		return ending{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it holds nothing that anybody needs
	if t.Inline != "" {
		if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(t.Inline), 0o600); err != nil {
			return ending{}, err
		}
	}
	metadata := filepath.Join(dir, "metadata.json")
	said, err := e.run(ctx, nil, nil, buildctlArgs(t, push, e.Env, dir, metadata))
	if err != nil {
		return ending{reason: buildctlFailure(said, err)}, nil
	}
	var made struct {
		Digest string `json:"containerimage.digest"`
	}
	if data, err := os.ReadFile(metadata); err == nil {
		_ = json.Unmarshal(data, &made) // without it the registry alone says which digest there is
	}
	return ending{ok: true, digest: made.Digest}, nil
}

var buildctlError = regexp.MustCompile(`(?m)^error: (.*\S)[ \t\r]*$`)

// buildctlFailure reads why buildctl has failed.
func buildctlFailure(said string, err error) string {
	if all := buildctlError.FindAllStringSubmatch(said, -1); len(all) > 0 {
		return all[len(all)-1][1]
	}
	return "the engine has failed: " + err.Error()
}
