// Fillregistry shows what propagate finds in a repository whose registries cannot be asked. It
// starts a registry on the loopback address and fills it with what the graph of the
// repository names: the versions in use, newer ones of each, and tags that have moved.
//
//	propagate graph --format json >graph.json
//	go run ./tools/fillregistry -config asked.yaml graph.json
//	propagate outdated --config asked.yaml
//
// The configuration that it writes has each registry asked there. It runs until it is
// interrupted.
//
// # Limitations
//
// The images are small, and made up. A digest that the repository pins is that of no image
// here: each pin looks as if its tag had been pushed again.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, time.Now())
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "fillregistry: %v\n", err)
		os.Exit(1)
	}
}

// run fills a registry and waits until ctx ends.
func run(ctx context.Context, args []string, stdout io.Writer, now time.Time) error {
	flags := flag.NewFlagSet("fillregistry", flag.ContinueOnError)
	config := flags.String("config", "asked.yaml", "the `file` to write a configuration to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("it wants one file with the output of propagate graph --format json")
	}
	text, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	var g estate
	if err := json.Unmarshal(text, &g); err != nil {
		return fmt.Errorf("%s: %w", flags.Arg(0), err)
	}
	s, err := registrytest.New("", registrytest.Memory, registrytest.None)
	if err != nil {
		return err
	}
	images, err := fill(ctx, s, g, now)
	if err == nil {
		err = os.WriteFile(*config, []byte(mirrors(s, g)), 0o600)
	}
	if err == nil {
		_, err = fmt.Fprintf(stdout, "%d images are on %s: propagate outdated --config %s\n", images, s.Host, *config)
	}
	if err == nil {
		<-ctx.Done()
		err = tell(stdout, s)
	}
	if failed := s.Close(); err == nil {
		err = failed
	}
	return err
}

// mirrors is a configuration that has each registry asked on the server.
func mirrors(s *registrytest.Server, g estate) string {
	var hosts []string
	for _, image := range g.repositories() {
		host, _, _ := strings.Cut(image, "/")
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	var text strings.Builder
	text.WriteString("registries:\n")
	for _, host := range hosts {
		fmt.Fprintf(&text, "  %s: {mirror: %s}\n", host, s.Reference(directory(host)))
	}
	return text.String()
}

// tell prints what the registry was asked.
func tell(stdout io.Writer, s *registrytest.Server) error {
	count := s.Count()
	_, err := fmt.Fprintf(stdout, "\nit was asked for %d listings of tags, %d digests, %d manifests and %d configurations\n",
		count[registrytest.Tags], count[registrytest.Head], count[registrytest.Manifest], count[registrytest.Blob])
	return err
}
