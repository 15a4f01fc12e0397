package difftest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// Scan returns the scanner's answer about a build of a Dockerfile.
func Scan(src []byte, build Build) Answer {
	var a Answer
	config := scanner.BuildConfig{Target: build.Target, Platforms: build.platforms(), Fixed: true}
	for name, value := range build.Args {
		config.Args = append(config.Args, scanner.Arg{Name: name, Value: trace.Plain(value)})
	}
	for name, image := range build.Contexts {
		config.Contexts = append(config.Contexts, scanner.Context{Name: name, Value: trace.Plain("docker-image://" + image)})
	}
	file := scanner.ScanBuilds("Dockerfile", src, []scanner.BuildConfig{config})[0]
	for _, ref := range file.Refs {
		if ref.Kind == scanner.Syntax {
			continue
		}
		image := ref.Image.String()
		if image == "" {
			image = "unresolved " + ref.Written
		}
		if ref.Exposure > scanner.Unreachable {
			a.Target = append(a.Target, image)
		}
		a.All = append(a.All, image)
	}
	for _, stage := range file.Stages {
		if _, replaced := build.Contexts[stage.Name]; stage.Reachable && !replaced {
			a.Reachable = append(a.Reachable, stage.Index)
		}
	}
	slices.Sort(a.Target)
	slices.Sort(a.All)
	a.Target, a.All = slices.Compact(a.Target), slices.Compact(a.All)
	return a
}

// Compare asks both about a build of a Dockerfile. accepted is false when BuildKit does not
// take it; difference is "" when both agree.
func Compare(ctx context.Context, src []byte, build Build) (accepted bool, difference string) {
	want, err := Judge(ctx, src, build)
	if err != nil {
		return false, err.Error()
	}
	got := Scan(src, build)
	if want.Reachable == nil {
		got.Reachable = nil
	}
	var b strings.Builder
	for _, part := range []struct{ name, want, got string }{
		{"images of the target", fmt.Sprint(want.Target), fmt.Sprint(got.Target)},
		{"images of all stages", fmt.Sprint(want.All), fmt.Sprint(got.All)},
		{"stages that are built", fmt.Sprint(want.Reachable), fmt.Sprint(got.Reachable)},
	} {
		if part.want != part.got {
			fmt.Fprintf(&b, "%s:\n  BuildKit %s\n  scanner  %s\n", part.name, part.want, part.got)
		}
	}
	return true, b.String()
}
