// Command propagate carries a patched base image through a monorepo. See
// propagate --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/matihlabs/propagate/internal/cli"
)

// version is set by the linker in a release.
var version string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	app := &cli.App{Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now, Version: version}
	status := app.Main(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}
