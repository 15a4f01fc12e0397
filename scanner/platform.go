package scanner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// A view is the platform for which a build reads a file.
type view struct{ os, arch, variant string }

// defaultPlatform is that of a build of which nothing says another.
var defaultPlatform = view{"linux", "amd64", ""}

// assumedPlatform is what such a build is taken to be for as well.
var assumedPlatform = view{"linux", "arm64", ""}

// String returns "linux/arm/v7".
func (p view) String() string {
	s := p.os + "/" + p.arch
	if p.variant != "" {
		s += "/" + p.variant
	}
	return s
}

// parsePlatform reads a platform with the names that people give to architectures, as
// containerd/platforms does; ok is false for one that is not known whole.
func parsePlatform(s string) (p view, ok bool) {
	parts := strings.Split(strings.ToLower(strings.TrimSpace(s)), "/")
	if len(parts) == 1 && strings.HasPrefix(parts[0], "a") { // amd64, arm64, armhf, aarch64
		parts = []string{"linux", parts[0]}
	}
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") || strings.ContainsAny(s, "()*"+Unknown) {
		return p, false
	}
	p = view{os: parts[0], arch: parts[1]}
	if len(parts) == 3 {
		p.variant = parts[2]
	}
	if p.os == "macos" {
		p.os = "darwin"
	}
	switch p.arch {
	case "i386":
		p.arch, p.variant = "386", ""
	case "x86_64", "x86-64", "amd64":
		p.arch = "amd64"
		if p.variant == "v1" {
			p.variant = ""
		}
	case "aarch64", "arm64":
		p.arch = "arm64"
		switch p.variant {
		case "8", "v8", "v8.0":
			p.variant = ""
		case "9", "9.0", "v9.0":
			p.variant = "v9"
		}
	case "armhf":
		p.arch, p.variant = "arm", "v7"
	case "armel":
		p.arch, p.variant = "arm", "v6"
	case "arm":
		p.variant = cmp.Or(p.variant, "v7")
		if len(p.variant) == 1 {
			p.variant = "v" + p.variant
		}
	}
	return p, true
}

// NormalPlatform returns a platform with the usual names of its architecture and variant:
// "linux/arm64" for "linux/aarch64/v8". ok is false for one that is not known whole.
func NormalPlatform(s string) (platform string, ok bool) {
	p, ok := parsePlatform(s)
	return p.String(), ok
}

// maxPlatforms bounds the views of one build. BuildKit itself knows fewer.
const maxPlatforms = 20

// views returns the platforms that the build is for; none where nothing says so.
func (b BuildConfig) views() []view {
	var all []view
	for _, s := range b.Platforms {
		if p, ok := parsePlatform(s); ok && !slices.Contains(all, p) && len(all) < maxPlatforms {
			all = append(all, p)
		}
	}
	return all
}

// buildKitArgs are the ARGs that BuildKit sets, unless a build does.
var buildKitArgs = set(`BUILDPLATFORM BUILDOS BUILDOSVERSION BUILDARCH BUILDVARIANT
	TARGETPLATFORM TARGETOS TARGETOSVERSION TARGETARCH TARGETVARIANT TARGETSTAGE`)

// isOfTarget reports whether an ARG has another value on another platform.
func isOfTarget(name string) bool {
	switch name {
	case "TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT":
		return true
	}
	return false
}

// add takes in what the build is on another of its platforms.
func (f *File) add(view *File) {
	f.reachToo(view)
	for _, ref := range view.Refs {
		if known := f.same(ref); known != nil {
			known.Exposure = max(known.Exposure, ref.Exposure)
		} else {
			f.Refs = append(f.Refs, ref)
		}
	}
	for _, d := range view.Diagnostics {
		if !slices.Contains(f.Diagnostics, d) {
			f.Diagnostics = append(f.Diagnostics, d)
		}
	}
}

// assume takes in what the build would be on [assumedPlatform]. What does not resolve
// there is no matter, and a name that is a stage here and none there is a mistake of the
// assumption.
func (f *File) assume(view *File) {
	for _, ref := range view.Refs {
		switch known := f.same(ref); {
		case known != nil && known.Exposure == Unreachable:
			known.Exposure, known.Assumed = ref.Exposure, ref.Exposure > Unreachable
		case known != nil:
			known.Exposure = max(known.Exposure, ref.Exposure)
		case ref.Kind == From && ref.Stage < len(f.Stages) && f.Stages[ref.Stage].BaseStage >= 0:
			f.diagnose(source.CodeAssumedPlatform, Warning, ref.Pos, fmt.Sprintf(
				"%s is no stage on %s, for which nothing says that it is built: that platform is left out here", abbreviate(ref.Written, 100), assumedPlatform),
				"say in the build file what it is built for, or name a stage so")
		case !ref.Image.IsZero():
			ref.Assumed = true
			f.Refs = append(f.Refs, ref)
		}
	}
	f.reachToo(view)
}

func (f *File) reachToo(view *File) {
	for i := range min(len(f.Stages), len(view.Stages)) {
		f.Stages[i].Reachable = f.Stages[i].Reachable || view.Stages[i].Reachable
	}
}

// same finds the reference that ref is on another platform.
func (f *File) same(ref *Ref) *Ref {
	for _, known := range f.Refs {
		if known.beside(ref) && known.Image.String() == ref.Image.String() && known.Guess == ref.Guess && known.GuessTag == ref.GuessTag && known.Link == ref.Link {
			return known
		}
	}
	return nil
}

// beside reports whether both are what one build or another makes of the same words.
func (r *Ref) beside(other *Ref) bool {
	return r.Kind == other.Kind && r.Stage == other.Stage && r.Pos == other.Pos
}
