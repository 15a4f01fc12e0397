package graph

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/scanner"
)

// A relation says how the registry and namespace of an image that is made resemble those of one that is referred to.
type relation uint8

const (
	unrelated relation = iota
	standIn            // the image is made for a registry that stands for another, or that is not known
	related            // the namespaces are one, but for the word of a stage: k8s-staging-build-image and build-image
)

// relationOf compares registry and namespace of two images. What one registry has below another directory is another image.
func relationOf(made, used string) relation {
	m, u := namespace(made), namespace(used)
	host, _, _ := strings.Cut(made, "/")
	isRelated := len(m) > 0 && len(u) > 0 && (len(m) == len(u) || !strings.HasPrefix(used, host+"/"))
	for i := 1; i <= min(len(m), len(u)); i++ {
		isRelated = isRelated && sameNamespace(m[len(m)-i], u[len(u)-i])
	}
	switch {
	case isRelated:
		return related
	case isStandIn(host) && (len(m) == 0 || isPlaceholder(host)):
		return standIn
	case strings.Contains(strings.Join(m, "/"), scanner.Unknown) && strings.HasPrefix(used, host+"/"):
		return standIn
	}
	return unrelated
}

// namespace returns the components between the registry and the last one.
func namespace(repository string) []string {
	all := strings.Split(repository, "/")
	if len(all) < 3 {
		return nil
	}
	return all[1 : len(all)-1]
}

// stages are words for what an image is published for before it is published for all.
var stages = words("staging stage stg dev devel development test testing ci snapshot snapshots nightly preview candidate rc internal private prod production release releases")

// sameNamespace reports whether two components are one, or one but for words of which one is for a stage. The namespace
// of Docker's official images is nobody else's.
func sameNamespace(a, b string) bool {
	if a == "library" || b == "library" || strings.Contains(a+b, scanner.Unknown) {
		return false
	}
	if a == b {
		return true
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	for _, more := range []func() (string, bool){
		func() (string, bool) { return strings.CutSuffix(a, "-"+b) },
		func() (string, bool) { return strings.CutPrefix(a, b+"-") },
	} {
		if rest, ok := more(); ok && slices.ContainsFunc(strings.Split(rest, "-"), func(word string) bool { return stages[word] }) {
			return true
		}
	}
	return false
}

// isStandIn reports whether a registry is one of the own machine, or a name that stands for another.
func isStandIn(host string) bool {
	name, _, _ := strings.Cut(host, ":")
	return name == "localhost" || name == "127.0.0.1" || isPlaceholder(host)
}

// isPlaceholder reports whether a registry is a name that nobody has, so that the namespace behind it is none either.
func isPlaceholder(host string) bool {
	name, _, _ := strings.Cut(host, ":")
	first, _, _ := strings.Cut(name, ".")
	switch {
	case strings.Contains(host, scanner.Unknown), first == "fake", first == "dummy", first == "placeholder", strings.HasPrefix(first, "your-"), strings.HasPrefix(first, "my-"):
		return true
	}
	for _, domain := range []string{"example.com", "example.org", "example.net"} {
		if name == domain || strings.HasSuffix(name, "."+domain) {
			return true
		}
	}
	return strings.HasSuffix(name, ".invalid")
}

// withoutProcessor returns the last component of a repository without a processor at its end: go-runner for go-runner-arm64.
func withoutProcessor(repository string) string {
	base := imageref.Base(repository)
	for i, c := range base {
		if (c == '-' || c == '_') && i > 0 && architectures[base[i+1:]] {
			return base[:i]
		}
	}
	return base
}
