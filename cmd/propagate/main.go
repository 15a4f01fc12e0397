// Command propagate carries a patched base image through a monorepo. See
// propagate --help.
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/matihlabs/propagate/internal/cli"
)

// version is set by the linker in a release.
var version string

func main() {
	tuneMemory()
	ctx, interrupt := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // before anybody says so: a second signal ends the program at once
		interrupt()
	}()
	app := &cli.App{
		Stdin: os.Stdin, StdinTerminal: isTerminal(os.Stdin), Stdout: os.Stdout, Stderr: os.Stderr, StdoutTerminal: isTerminal(os.Stdout), StderrTerminal: isTerminal(os.Stderr), Width: cmp.Or(width(os.Stdout), width(os.Stderr)),
		Getenv: os.Getenv, Environ: os.Environ(), Now: time.Now, Version: version, Program: program(), Command: command(), CacheDir: cacheDir(),
	}
	os.Exit(app.Main(ctx, os.Args[1:]))
}

// isTerminal reports whether a person sees at once what is written to file.
func isTerminal(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }

// width returns the width of a terminal in cells, or 0 if it is not known.
func width(file *os.File) int {
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// tuneMemory lets a short run collect less often, up to a size that any machine has.
// Whoever sets GOGC or GOMEMLIMIT knows better.
func tuneMemory() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(128 << 20)
	}
}

// program tells this build of the program from all others.
func program() string {
	id := version
	if info, ok := debug.ReadBuildInfo(); ok {
		id += info.String()
	}
	if path, err := os.Executable(); err == nil {
		if info, err := os.Stat(path); err == nil {
			id += fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
		}
	}
	return id
}

// cacheDir returns where the cache lies, "" where the user has no directory for
// caches.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "propagate")
}
