package difftest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/scanner"
)

// Scan returns the scanner's answer about a Dockerfile.
func Scan(src []byte) Answer {
	var a Answer
	file := scanner.ScanFile("Dockerfile", src, "")
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
		// The compiler runs triggers only in stages that the target needs, even
		// when it is told to build all.
		if ref.Kind != scanner.Onbuild || ref.Exposure > scanner.Unreachable {
			a.All = append(a.All, image)
		}
	}
	for _, stage := range file.Stages {
		if stage.Reachable {
			a.Reachable = append(a.Reachable, stage.Index)
		}
	}
	slices.Sort(a.Target)
	slices.Sort(a.All)
	a.Target, a.All = slices.Compact(a.Target), slices.Compact(a.All)
	return a
}

// Compare asks both about a Dockerfile. accepted is false when BuildKit does not
// take it; difference is "" when both agree.
func Compare(ctx context.Context, src []byte) (accepted bool, difference string) {
	want, err := Judge(ctx, src)
	if err != nil {
		return false, err.Error()
	}
	got := Scan(src)
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
