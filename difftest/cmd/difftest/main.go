// Command difftest compares the scanner with BuildKit over every build of every
// Dockerfile below the directories that are its arguments, and prints where they
// differ. Its exit status is 1 if they do.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/matihlabs/propagate/difftest"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/snapshot"
	"github.com/matihlabs/propagate/scanner"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: difftest DIRECTORY …")
		os.Exit(2)
	}
	status := 0
	for _, dir := range os.Args[1:] {
		same, err := compare(context.Background(), dir)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		if err != nil || !same {
			status = 1
		}
	}
	os.Exit(status)
}

// compare compares the builds below a directory, and reports whether all agree.
func compare(ctx context.Context, dir string) (same bool, err error) {
	snap, files, err := snapshot.Read(ctx, snapshot.Directory(os.DirFS(dir), time.Now()), snapshot.Options{Config: &config.Config{}})
	if err != nil {
		return false, err
	}
	accepted, agreeing := 0, 0
	for _, file := range snap.Files {
		src, err := files.Read(file.Path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		ok, difference := difftest.Compare(ctx, src, buildOf(file))
		if !ok {
			continue
		}
		accepted++
		if difference == "" {
			agreeing++
		} else {
			fmt.Printf("%s: %+v\n%s", file.Path, buildOf(file), difference)
		}
	}
	fmt.Printf("%s: %d Dockerfiles, %d builds, %d accepted, %d agreeing\n", dir, len(snap.Dockerfiles), len(snap.Files), accepted, agreeing)
	return agreeing == accepted, nil
}

// buildOf returns how a Dockerfile is built, without the arguments of which not all is
// known. What is no image stands in for the contexts that are none.
func buildOf(file *scanner.File) difftest.Build {
	config := file.Builds[0]
	build := difftest.Build{Target: file.Target, Args: map[string]string{}, Contexts: map[string]string{}, Platforms: config.Platforms}
	for _, a := range config.Args {
		delete(build.Args, a.Name)
		if !strings.Contains(a.Value.S, scanner.Unknown) {
			build.Args[a.Name] = a.Value.S
		}
	}
	for _, c := range config.Contexts {
		image, ok := strings.CutPrefix(c.Value.S, "docker-image://")
		if !ok || strings.Contains(image, scanner.Unknown) {
			image = "propagate.invalid/context"
		}
		build.Contexts[c.Name] = image
	}
	return build
}
