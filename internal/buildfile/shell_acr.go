package buildfile

import (
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/trace"
)

// acrOptions are those of az acr build that take a value, beside those that docker build has.
const acrOptions = "-r --registry -g --resource-group --agent-pool --auth-mode --image --log-template --secret-build-arg --subscription --timeout --suffix"

// acr makes a docker build of the words of az acr build, which takes its arguments and tags images
// in a registry of Azure: -r corp -t web:1 is corp.azurecr.io/web:1. ok is false for other words.
func acr(args []trace.Text) (_ []trace.Text, ok bool) {
	if path.Base(args[0].S) != "az" || len(args) < 3 || args[1].S != "acr" || args[2].S != "build" {
		return nil, false
	}
	build := []trace.Text{trace.Plain("docker"), trace.Plain("build")}
	registry := trace.Plain(unknown)
	var tags []trace.Text
	for rest := args[3:]; len(rest) > 0; {
		word := rest[0]
		rest = rest[1:]
		key, value, hasValue := word.Cut("=")
		takes := contains(acrOptions, key.S) || contains(buildOptions, key.S)
		if takes && !hasValue && len(rest) > 0 {
			value, rest = rest[0], rest[1:]
		}
		switch {
		case key.S == "-r" || key.S == "--registry":
			registry = value
		case key.S == "-t" || key.S == "--image":
			tags = append(tags, value)
		case contains(acrOptions, key.S):
		case takes:
			build = append(build, key, value)
		default:
			build = append(build, word)
		}
	}
	suffix := trace.Plain(".azurecr.io/")
	if strings.Contains(registry.S, ".") {
		suffix = trace.Plain("/")
	}
	for _, tag := range tags {
		build = append(build, trace.Plain("-t"), trace.Join(registry, suffix, tag))
	}
	return build, true
}
