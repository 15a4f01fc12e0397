package bumper_test

import (
	"fmt"
	"testing"

	"github.com/matihlabs/propagate/bumper"
)

// consumers returns n services on one base; every tenth is left, since it is
// newer than the bump.
func consumers(n int) files {
	f := files{}
	for i := range n {
		tag := "1.0.0"
		if i%10 == 9 {
			tag = "1.0.2"
		}
		f[fmt.Sprintf("services/service-%d/Dockerfile", i)] = fmt.Sprintf("FROM golang:1.24 AS build\nRUN make %d\n\nFROM acme/base:%s\nCOPY --from=build /out /app\nENTRYPOINT [\"/app\"]\n", i, tag)
	}
	return f
}

// perDependent runs f on graphs of two sizes, and reports what a dependent takes:
// the same at both, as long as it grows with the dependents alone.
func perDependent(b *testing.B, f func(b *testing.B, repo files) func()) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			run := f(b, consumers(n))
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/dependent")
		})
	}
}

func BenchmarkNewPlan(b *testing.B) {
	perDependent(b, func(b *testing.B, repo files) func() {
		g := repo.graph()
		return func() {
			if _, err := bumper.NewPlan(b.Context(), g, repo, []bumper.Bump{base("1.0.1")}, bumper.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkBodies makes a change for each service, with its text.
func BenchmarkBodies(b *testing.B) {
	perDependent(b, func(b *testing.B, repo files) func() {
		p, err := bumper.NewPlan(b.Context(), repo.graph(), repo, []bumper.Bump{base("1.0.1")}, bumper.Options{})
		if err != nil {
			b.Fatal(err)
		}
		return func() {
			changes := p.Changes(bumper.ChangeOptions{By: bumper.ByService})
			if len(changes) != len(repo)*9/10 {
				b.Fatalf("%d changes of %d services", len(changes), len(repo))
			}
			for _, change := range changes {
				bodyOf(b, p, change, "propagate")
			}
		}
	})
}
