package difftest

import (
	"context"
	"io/fs"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/gateway/client"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
)

// A gateway is what the compiler asks for the named contexts of a build. It implements
// client.Client as far as that is asked for anything.
type gateway struct {
	client.Client
	*recorder
	contexts map[string]string
}

// ResolveImageConfig writes ref down.
func (g *gateway) ResolveImageConfig(ctx context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return g.recorder.ResolveImageConfig(ctx, ref, opt)
}

// BuildOpts returns the contexts, and that the build context is an input.
func (g *gateway) BuildOpts() client.BuildOpts {
	opts := map[string]string{}
	for name, image := range g.contexts {
		opts["context:"+name] = "docker-image://" + image
	}
	return client.BuildOpts{
		Opts:    opts,
		Caps:    gwpb.Caps.CapSet(gwpb.Caps.All()),
		LLBCaps: pb.Caps.CapSet(pb.Caps.All()),
	}
}

// Inputs returns an empty build context.
func (g *gateway) Inputs(context.Context) (map[string]llb.State, error) {
	return map[string]llb.State{"context": llb.Scratch()}, nil
}

// Solve returns a file system without files.
func (g *gateway) Solve(context.Context, client.SolveRequest) (*client.Result, error) {
	result := client.NewResult()
	result.SetRef(noFiles{})
	return result, nil
}

// noFiles is a client.Reference to nothing.
type noFiles struct{ client.Reference }

// ReadFile says that there is no such file.
func (noFiles) ReadFile(context.Context, client.ReadRequest) ([]byte, error) {
	return nil, fs.ErrNotExist
}
