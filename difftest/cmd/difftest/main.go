// Command difftest compares the scanner with BuildKit over every Dockerfile below
// the directories that are its arguments, and prints where they differ. Its exit
// status is 1 if they do.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/matihlabs/propagate/difftest"
	"github.com/matihlabs/propagate/scanner"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: difftest DIRECTORY …")
		os.Exit(2)
	}
	status := 0
	for _, dir := range os.Args[1:] {
		files, accepted, agreeing := 0, 0, 0
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() || !scanner.IsDockerfile(path) {
				return err
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			ok, difference := difftest.Compare(context.Background(), src)
			switch {
			case !ok:
			case difference == "":
				accepted++
				agreeing++
			default:
				accepted++
				fmt.Printf("%s\n%s", path, difference)
			}
			return nil
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
		fmt.Printf("%s: %d files, %d accepted, %d agreeing\n", dir, files, accepted, agreeing)
		if agreeing < accepted {
			status = 1
		}
	}
	os.Exit(status)
}
