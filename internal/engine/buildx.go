package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// bakeArgs are the arguments of buildx for a bake file on standard input.
func bakeArgs(targets []Target, push bool, metadata string) []string {
	args := []string{"bake", "--file", "-"}
	if push { // images from outside may have moved since the builder has seen them
		args = append(args, "--push", "--pull")
	}
	if metadata != "" {
		args = append(args, "--metadata-file", metadata)
	}
	// What the build files of the repository say that builds need, bake asks a person for.
	for _, allowed := range entitlements(targets) {
		args = append(args, "--allow", allowed)
	}
	return args
}

// entitlements returns what bake has to be allowed: the agent of ssh, and secrets from outside of the repository.
func entitlements(targets []Target) []string {
	var all []string
	for _, t := range targets {
		if len(t.SSH) > 0 {
			all = append(all, "ssh")
		}
		for _, secret := range t.Secret {
			for field := range strings.SplitSeq(secret, ",") {
				name, file, _ := strings.Cut(field, "=")
				if (name == "src" || name == "source") && (filepath.IsAbs(file) || !filepath.IsLocal(filepath.FromSlash(file))) {
					all = append(all, "fs.read="+file)
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// bake has buildx build targets from a bake file.
func (e *Engine) bake(ctx context.Context, targets []Target, file []byte, push bool) (endings, error) {
	dir, err := os.MkdirTemp("", "propagate-build-")
	if err != nil {
		return endings{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it holds nothing that anybody needs
	metadata := filepath.Join(dir, "metadata.json")
	said, err := e.run(ctx, bytes.NewReader(file), e.Program.Words[1:], bakeArgs(targets, push, metadata))
	if err != nil {
		return bakeFailure(said, err, targets), nil
	}
	data, err := os.ReadFile(metadata)
	if err != nil {
		data = nil // an old buildx may write none
	}
	return bakeSuccess(data, targets), nil
}

// bakeSuccess reads the file of metadata that bake writes where no target has failed.
func bakeSuccess(metadata []byte, targets []Target) endings {
	var made map[string]struct {
		Digest string `json:"containerimage.digest"`
	}
	_ = json.Unmarshal(metadata, &made) // without it the registry alone says which digests there are
	e := endings{of: map[string]ending{}}
	for _, t := range targets {
		e.of[t.Name] = ending{ok: true, digest: made[t.Name].Digest}
	}
	return e
}

// failedTarget finds the last thing that buildx says: which target has failed, and why.
var failedTarget = regexp.MustCompile(`(?m)^ERROR: (?:failed to build: )?(?:target ([A-Za-z0-9_-]+): )?(.*\S)[ \t\r]*$`)

// bakeFailure reads what bake says when it fails. It names one target, though others may have been pushed, and still
// others not begun.
func bakeFailure(said string, err error, targets []Target) endings {
	e := endings{of: map[string]ending{}, general: "the engine has failed: " + err.Error()}
	all := failedTarget.FindAllStringSubmatch(said, -1)
	if len(all) == 0 {
		return e
	}
	name, reason := all[len(all)-1][1], all[len(all)-1][2]
	if slices.ContainsFunc(targets, func(t Target) bool { return t.Name == name }) {
		e.of[name] = ending{reason: reason}
		e.general = "the engine has ended when " + name + " failed"
		return e
	}
	e.general = "the engine has failed: " + reason
	return e
}
