package shell

import (
	"bytes"
	"strings"
)

// MayRunScripts reports whether a file may run a script or a Makefile.
func MayRunScripts(src []byte) bool {
	return bytes.Contains(src, []byte(".sh")) || bytes.Contains(src, []byte(".bash")) || handsToMake(src)
}

// MayBuild reports whether a file has the words of a command that builds.
func MayBuild(src []byte) bool {
	if bytes.Contains(src, []byte("kaniko")) || bytes.Contains(src, []byte("earthly")) {
		return true
	}
	if !bytes.Contains(src, []byte("build")) && !bytes.Contains(src, []byte("bud")) && !bytes.Contains(src, []byte("bake")) {
		return false
	}
	return names(src)
}

// names reports whether a text has a part of the name of a program that builds, or of a variable
// that may hold one.
func names(src []byte) bool {
	lower := bytes.ToLower(src)
	for _, word := range []string{"docker", "podman", "buildah", "nerdctl", "container", "engine", "builder", "acr", "depot", "img", "gcloud", "werf"} {
		if bytes.Contains(lower, []byte(word)) {
			return true
		}
	}
	return false
}

// MayRun reports whether a text of commands may build, name what is built, or run or tell what does.
func MayRun(text string) bool {
	for _, word := range []string{"build", "bud", "bake", "sh", "make", "kaniko", "earthly", "GITHUB_", "::set-", "bin/", "hack/", "tools/", "./", " tag", "manifest", "imagetools", "skopeo", "crane"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
