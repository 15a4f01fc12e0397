//go:build unix

// Command compare measures propagate against the plain means of doing the same,
// and prints a table of what is asked of it and whether it is met:
//
//	go run ./compare
//	go run ./compare -rows cold,warm -runs 11
//	go run ./compare -renovate-repo DIR -write
//
// Both sides of a row run alternately, and the ratio is that of pairs, so that what
// else the machine does meets both. It works on generated repositories, which it
// keeps (-cache) for the next time; they take about 1.5 GB.
//
// # Limitations
//
// All runs find the files of the repository in the memory of the operating system:
// cold means that propagate's own cache is empty. The peak memory of a process that
// starts others is that of the largest among them.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// enough is the number of counted runs that figures which are published rest on.
const enough = 7

func run(ctx context.Context) error {
	b := &bench{}
	flag.StringVar(&b.cache, "cache", "", "`directory` for the generated repositories (default below the user's cache directory)")
	flag.StringVar(&b.renovateRepo, "renovate-repo", "", "`directory` of a checkout with more than 700 Dockerfiles, for the comparison with Renovate")
	flag.IntVar(&b.runs, "runs", enough, "`number` of counted runs of each side")
	chosen := flag.String("rows", "", "`names` of the rows to run, separated by commas (default all: "+strings.Join(rowNames(), ",")+")")
	publish := flag.Bool("write", false, "write docs/performance.md and its plot, if all rows have run")
	check := flag.Bool("check", false, "fail if a bar is missed")
	flag.Parse()
	names := rowNames()
	if *chosen != "" {
		names = strings.Split(*chosen, ",")
	}
	for _, name := range names {
		if !slices.Contains(rowNames(), name) {
			return fmt.Errorf("-rows %s: there is no such row; the rows are %s", name, strings.Join(rowNames(), ", "))
		}
	}
	if flag.NArg() > 0 || b.runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	defer func() { _ = os.RemoveAll(b.temp) }()
	if err := b.prepare(ctx); err != nil {
		return err
	}

	p := page{machine: machine(ctx), runs: b.runs, command: command()}
	for _, r := range rows {
		if !slices.Contains(names, r.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s: %s\n", r.name, r.work)
		done, err := r.run(ctx, b)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			done = outcome{missing: err.Error()}
		}
		p.add(r, done)
		fmt.Fprintf(os.Stderr, "  %s\n", done)
	}
	fmt.Print(p.table())
	if *publish {
		points, err := b.points(ctx)
		if err != nil {
			return err
		}
		if err := p.write(filepath.Join(b.root, "docs"), points); err != nil {
			return err
		}
	}
	if missed := p.missed(); *check && len(missed) > 0 {
		return fmt.Errorf("missed or not run: %s", strings.Join(missed, ", "))
	}
	return nil
}

// command is the command line that makes the same figures. Where directories lie
// is nobody's business.
func command() string {
	words := []string{"go run ./compare"}
	flag.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "write", "check":
			words = append(words, "-"+f.Name)
		case "cache", "renovate-repo":
			words = append(words, "-"+f.Name+" DIR")
		default:
			words = append(words, "-"+f.Name+" "+f.Value.String())
		}
	})
	return strings.Join(words, " ")
}
