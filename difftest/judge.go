package difftest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// A Build is how a Dockerfile is built.
type Build struct {
	Target    string
	Args      map[string]string
	Contexts  map[string]string // named contexts: images
	Platforms []string          // linux/amd64 where there is none
}

// An Answer is what a build of a Dockerfile depends on, on any of its platforms.
// References are canonical; all lists are sorted and hold each entry once.
type Answer struct {
	Target    []string // the images that a build of the target needs
	All       []string // the images that a build of every stage needs
	Reachable []int    // the stages that a build of the target builds, but for those that a context replaces; nil where that cannot be told
}

// marker is the repository of the images that are put into a copy of the file to
// see which stages are built.
const marker = "propagate.invalid/stage"

// Judge asks BuildKit's compiler about a build of a Dockerfile. The error is the
// compiler's: it does not accept the file.
func Judge(ctx context.Context, src []byte, build Build) (Answer, error) {
	var all Answer
	for i, platform := range build.platforms() {
		a, err := judge(ctx, src, build, platform)
		if err != nil {
			return a, err
		}
		unknown := i > 0 && all.Reachable == nil || a.Reachable == nil
		all.Target, all.All, all.Reachable = union(all.Target, a.Target), union(all.All, a.All), union(all.Reachable, a.Reachable)
		if unknown {
			all.Reachable = nil
		}
	}
	return all, nil
}

func (b Build) platforms() []string {
	if len(b.Platforms) == 0 {
		return []string{"linux/amd64"}
	}
	return b.Platforms
}

func union[T cmp.Ordered](a, b []T) []T {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func judge(ctx context.Context, src []byte, build Build, platform string) (Answer, error) {
	var a Answer
	var err error
	if a.Target, err = compile(ctx, src, build, platform, false); err != nil {
		return a, err
	}
	if a.All, err = compile(ctx, src, build, platform, true); err != nil {
		return a, err
	}
	marked, err := mark(src)
	if err != nil || marked == nil {
		return a, err
	}
	a.Reachable = []int{}
	seen, err := compile(ctx, marked, build, platform, false)
	if err != nil {
		return a, fmt.Errorf("the marked copy: %w", err)
	}
	for _, image := range seen {
		var stage int
		if _, err := fmt.Sscanf(image, marker+":%d", &stage); err == nil {
			a.Reachable = append(a.Reachable, stage)
		}
	}
	slices.Sort(a.Reachable)
	return a, nil
}

// compile returns the references that the compiler resolves, and those that its
// result pulls: it does not ask the resolver about images of a stage that only a
// trigger (ONBUILD) brings in, but it builds with them.
func compile(ctx context.Context, src []byte, build Build, platform string, allStages bool) (refs []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the compiler panics: %v", r)
		}
	}()
	resolver := &recorder{seen: map[string]bool{}}
	target, err := platforms.Parse(platform)
	if err != nil {
		return nil, err
	}
	target = platforms.Normalize(target)
	opt := dockerfile2llb.ConvertOpt{
		Config:         dockerui.Config{Target: build.Target, BuildArgs: build.Args, BuildPlatforms: []ocispecs.Platform{{OS: "linux", Architecture: "amd64"}}},
		MetaResolver:   resolver,
		TargetPlatform: &target,
		AllStages:      allStages,
	}
	if len(build.Contexts) > 0 {
		if opt.Client, err = dockerui.NewClient(&gateway{recorder: resolver, contexts: build.Contexts}); err != nil {
			return nil, err
		}
	}
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, src, opt)
	if err != nil {
		return nil, err
	}
	if len(build.Contexts) > 0 && !allStages {
		// It also asks for what a stage needs that a context replaces, and builds nothing
		// with it.
		clear(resolver.seen)
	}
	definition, err := result.State.Marshal(ctx)
	if err != nil {
		return nil, err
	}
	for _, data := range definition.Def {
		var op pb.Op
		if err := op.UnmarshalVT(data); err != nil {
			return nil, err
		}
		if image, ok := strings.CutPrefix(op.GetSource().GetIdentifier(), "docker-image://"); ok {
			resolver.seen[image] = true
		}
	}
	return slices.Sorted(maps.Keys(resolver.seen)), nil
}

// recorder implements llb.ImageMetaResolver: every image exists, with one layer.
type recorder struct {
	mu   sync.Mutex
	seen map[string]bool
}

// ResolveImageConfig writes ref down.
func (r *recorder) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	r.mu.Lock()
	r.seen[ref] = true
	r.mu.Unlock()
	config, err := json.Marshal(dockerspec.DockerOCIImage{Image: ocispecs.Image{
		Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"},
		RootFS:   ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString("a layer")}},
	}})
	return ref, "", config, err
}

// mark returns a copy of the file in which every stage copies from an image of
// its own; nil for a file of which the copy would say nothing: one in which a COPY
// --from=N means an image by its index, since it would mean another one there, and
// one with a stage called scratch, which a mount without a source needs but does
// not use.
func mark(src []byte) ([]byte, error) {
	result, err := parser.Parse(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	after := map[int]int{} // line -> stage
	stage := 0
	for _, node := range result.AST.Children {
		if strings.EqualFold(node.Value, "from") {
			after[node.EndLine] = stage
			stage++
			if strings.HasSuffix(strings.ToLower(strings.TrimSpace(node.Original)), " scratch") && node.Next != nil && node.Next.Next != nil {
				return nil, nil
			}
		}
	}
	for _, node := range result.AST.Children {
		flags := node.Flags
		if node.Next != nil && len(node.Next.Children) > 0 { // behind ONBUILD
			flags = node.Next.Children[0].Flags
		}
		for _, flag := range flags {
			var index int
			if _, err := fmt.Sscanf(flag, "--from=%d", &index); err == nil && index >= stage {
				return nil, nil
			}
		}
	}
	var out bytes.Buffer
	for i, line := range bytes.SplitAfter(src, []byte("\n")) {
		out.Write(line)
		if stage, ok := after[i+1]; ok {
			if !bytes.HasSuffix(line, []byte("\n")) {
				out.WriteByte('\n')
			}
			fmt.Fprintf(&out, "COPY --from=%s:%d / /\n", marker, stage)
		}
	}
	return out.Bytes(), nil
}
