// Command generate makes a monorepo to measure on, always the same for the same
// numbers:
//
//	go run ./generate -files 200000 -dockerfiles 5000 -checkout -out DIR
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/matihlabs/propagate/bench/internal/monorepo"
)

func main() {
	var spec monorepo.Spec
	flag.IntVar(&spec.Files, "files", 10000, "`number` of files")
	flag.IntVar(&spec.Dockerfiles, "dockerfiles", 250, "`number` of Dockerfiles among them")
	flag.BoolVar(&spec.Checkout, "checkout", false, "check the files out as well")
	random := flag.Int("random", 0, "make one commit, in which the files that say nothing of builds hold that `number` of bytes that do not compress")
	out := flag.String("out", "", "`directory` of the repository")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	generate := monorepo.Generate
	if *random > 0 {
		generate = func(ctx context.Context, dir string, spec monorepo.Spec) error {
			return monorepo.GenerateRandom(ctx, dir, spec, *random)
		}
	}
	err := generate(ctx, *out, spec)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}
