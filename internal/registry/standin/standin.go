// Package standin is a registry in memory, on the loopback address of this machine, that stands in for
// registries of other names: [Start] one, [Server.Put] images into it, and ask it with the options that
// [Server.Options] returns. The demo has one, so that it needs no network.
//
// # Limitations
//
// Images have one platform, linux/amd64, and layers that hold nothing of use. Whoever knows its
// port may write to it.
package standin

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	fake "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/matihlabs/propagate/internal/registry"
)

// A Server is a registry that runs.
type Server struct {
	address   string // host:port
	server    *http.Server
	transport *http.Transport     // to it alone
	images    map[string]v1.Image // by reference
	hosts     map[string]registry.Host
}

// Start starts a registry without images in place of those with the names that it gets. Close ends
// it.
func Start(registries ...string) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	quiet := log.New(io.Discard, "", 0)
	s := &Server{
		address: listener.Addr().String(),
		server:  &http.Server{Handler: fake.New(fake.Logger(quiet)), ErrorLog: quiet, ReadHeaderTimeout: time.Minute},
		images:  map[string]v1.Image{}, hosts: map[string]registry.Host{},
		transport: &http.Transport{},
	}
	for _, host := range registries {
		s.hosts[host] = registry.Host{Mirror: s.address + "/" + host}
	}
	go func() { _ = s.server.Serve(listener) }() // until Close
	return s, nil
}

// Close ends the registry; its images are gone.
func (s *Server) Close() {
	s.transport.CloseIdleConnections()
	_ = s.server.Close()
}

// Options say how a client asks it in place of the registries that it stands in for: without
// proxies and credentials.
func (s *Server) Options() registry.Options {
	return registry.Options{Hosts: s.hosts, Transport: s.transport, Getenv: func(string) string { return "" }}
}

// Put puts an image under a canonical reference with a tag, in place of what that named. It is made
// at a time, of the layers of what another reference names now, "" for none, and one of its own.
func (s *Server) Put(reference, base string, made time.Time) error {
	image := empty.Image
	if base != "" {
		known, ok := s.images[base]
		if !ok {
			return fmt.Errorf("%s: it is to be based on %s, which is not there", reference, base)
		}
		image = known
	}
	layer := static.NewLayer([]byte(reference+" of "+made.UTC().Format(time.RFC3339)), types.DockerLayer)
	image, err := mutate.AppendLayers(image, layer)
	if err != nil {
		return err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", "amd64", v1.Time{Time: made}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return err
	}
	tag, err := name.NewTag(s.address + "/" + reference)
	if err != nil {
		return err
	}
	if err := remote.Write(tag, image, remote.WithTransport(s.transport)); err != nil {
		return err
	}
	s.images[reference] = image
	return nil
}
