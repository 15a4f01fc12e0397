package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// A Registry is what the configuration says of a registry.
type Registry struct {
	Insecure bool   // it speaks plain HTTP
	Mirror   string // what is asked in place of it: a registry, and what stands in front of each repository there; "" for itself
	Optional bool   // that it cannot be asked is a note
}

// hubNames are other names of docker.io, which references do not have.
var hubNames = []string{"index.docker.io", "registry-1.docker.io", "registry.docker.io", "registry.hub.docker.com", "hub.docker.com", "docker.com", "www.docker.com"}

const (
	registriesHint = "from a registry, as references name it, to what is to be known of it: docker.io: {mirror: harbor.example/dockerhub}"
	mirrorHint     = "a registry and what stands in front of each repository there, without https:// and without a tag, such as harbor.example/dockerhub"
)

// registries reads what is said of registries.
func (c *Config) registries(d *decoder, node *yaml.Node) {
	all, at := map[string]Registry{}, map[string]source.Pos{}
	c.Registries, c.registriesAt = all, at
	mirrors := map[string]*yaml.Node{}
	for _, p := range d.entries("registries", registriesHint, node) {
		host := p.key.Value
		name := "registries: " + keyText(p.key)
		ok := d.registryName(p.key)
		var r Registry
		var insecure *yaml.Node
		wrong := len(d.errors)
		d.mapping(name, p.value, []key{
			{"mirror", func(n *yaml.Node) { r.Mirror = d.mirror(name+": mirror", n); mirrors[host] = n }},
			{"insecure", func(n *yaml.Node) { r.Insecure = d.yesOrNo(name+": insecure", n); insecure = n }},
			{"optional", func(n *yaml.Node) { r.Optional = d.yesOrNo(name+": optional", n) }},
		})
		if wrong < len(d.errors) || !ok {
			continue
		}
		if r.Insecure && r.Mirror != "" {
			d.fail(insecure, fmt.Sprintf("say it of the mirror: %s: {insecure: true}", registryOf(r.Mirror)), "%s is not asked itself, but its mirror is", name)
		}
		all[host], at[host] = r, d.pos(p.key)
		c.registryNames = append(c.registryNames, host)
	}
	for host, node := range mirrors {
		if next := registryOf(all[host].Mirror); next != "" && all[next].Mirror != "" {
			d.fail(node, "write what is to be asked in the end", "registries: %s: mirror: %s has a mirror itself", host, next)
		}
	}
}

// registryOf returns the registry of a mirror.
func registryOf(mirror string) string {
	host, _, _ := strings.Cut(mirror, "/")
	return host
}

// isRegistry reports whether a text is a registry, with a path or not, as references begin with it.
func isRegistry(text string) bool {
	ref, err := imageref.Parse(text + "/x")
	return err == nil && ref.Version() == "" && (ref.Repository == text+"/x" || text == "docker.io")
}

// registryName reports whether a key is the name of a registry.
func (d *decoder) registryName(node *yaml.Node) bool {
	switch name := node.Value; {
	case slices.Contains(hubNames, name):
		d.fail(node, "write docker.io, as references name it", "registries: %s is another name of docker.io", name)
	case strings.Contains(name, "://"):
		_, rest, _ := strings.Cut(name, "://")
		d.fail(node, "write "+registryOf(rest)+", as references name it; {insecure: true} is for plain http", "registries: %q is a URL, and no name of a registry", shorten(name))
	case strings.Contains(name, "/"):
		d.fail(node, "write "+registryOf(name)+": what is said holds for all its repositories", "registries: %q has a path, and is no name of a registry", shorten(name))
	case !isRegistry(name):
		d.fail(node, "a host as references name it, with its port: quay.io, registry.example:5000, localhost:5000", "registries: %q is no name of a registry", shorten(name))
	default:
		return true
	}
	return false
}

// mirror reads what is asked in place of a registry.
func (d *decoder) mirror(name string, node *yaml.Node) string {
	text, ok := d.text(name, node)
	switch {
	case !ok:
	case slices.Contains(hubNames, registryOf(text)):
		d.fail(node, "write docker.io", "%s: %s is another name of docker.io", name, registryOf(text))
	case !isRegistry(text):
		d.fail(node, mirrorHint, "%s: %q is no registry", name, shorten(text))
	default:
		return text
	}
	return ""
}
