package graph_test

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// sizes are numbers of nodes. What grows with the nodes alone takes the same time
// for each node at every size.
var sizes = []int{1000, 10000, 100000}

// root is an image that nearly all of a forest stands on.
const root = "registry.example/team/image-0"

// forest returns the Dockerfiles of a graph of n nodes and three edges to a node:
// half of the nodes are images, each made by a Dockerfile that needs five images
// of a smaller number. The longest chain grows with the logarithm of n.
func forest(n int) []*scanner.File {
	r := rand.New(rand.NewPCG(1, 1))
	files := make([]*scanner.File, 0, n/2)
	for i := range n / 2 {
		var needs []int
		for range 5 {
			needs = append(needs, r.IntN(i/2+1))
		}
		files = append(files, file(fmt.Sprintf("images/image-%d/Dockerfile", i), needs...))
	}
	// As a scan has them.
	slices.SortFunc(files, func(a, b *scanner.File) int { return cmp.Compare(a.Path, b.Path) })
	return files
}

// chain returns n/2 Dockerfiles, each on the image that the one before it makes.
func chain(n int) []*scanner.File {
	var files []*scanner.File
	for i := 1; i <= n/2; i++ {
		files = append(files, file(fmt.Sprintf("images/image-%d/Dockerfile", i), i-1))
	}
	return files
}

func file(path string, needs ...int) *scanner.File {
	f := &scanner.File{Path: path, Origin: &trace.Origin{Path: path}, Stages: []scanner.Stage{{BaseStage: -1, Reachable: true}}}
	for _, need := range needs {
		image := imageref.Ref{Repository: fmt.Sprintf("registry.example/team/image-%d", need), Tag: "1.0.0"}
		f.Refs = append(f.Refs, &scanner.Ref{Kind: scanner.From, Exposure: scanner.Runtime, Written: image.String(), Image: image})
	}
	return f
}

// perNode runs f on forests of all sizes, and reports what a node takes.
func perNode(b *testing.B, f func(b *testing.B, files []*scanner.File) func()) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			run := f(b, forest(n))
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/node")
		})
	}
}

func BenchmarkBuild(b *testing.B) {
	perNode(b, func(_ *testing.B, files []*scanner.File) func() {
		return func() { graph.New(files, nil, nil) }
	})
}

func BenchmarkAffected(b *testing.B) {
	perNode(b, func(b *testing.B, files []*scanner.File) func() {
		return affected(b, files)
	})
}

// BenchmarkAffectedChain is the worst case: a chain as long as the graph.
func BenchmarkAffectedChain(b *testing.B) {
	for _, n := range sizes[:2] {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			run := affected(b, chain(n))
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/node")
		})
	}
}

// affected returns what asks for the dependents of the root.
func affected(b *testing.B, files []*scanner.File) func() {
	g := graph.New(files, nil, nil)
	return func() {
		if dependents := g.Affected(g.Lines(root)); len(dependents) < len(files)/2 {
			b.Fatalf("%d of %d Dockerfiles", len(dependents), len(files))
		}
	}
}

func BenchmarkWriteGraphText(b *testing.B) {
	for _, n := range sizes[:2] {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			g := graph.New(forest(n), nil, nil)
			for b.Loop() {
				if err := report.WriteGraphText(io.Discard, g.View(), nil, false); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/node")
		})
	}
}
