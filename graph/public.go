package graph

import "strings"

// publicHosts are registries that anybody may push to, or that vendors publish on. An
// image there is a stranger's unless something says otherwise.
var publicHosts = words(`docker.io quay.io ghcr.io gcr.io us.gcr.io eu.gcr.io asia.gcr.io mcr.microsoft.com public.ecr.aws
	registry.k8s.io k8s.gcr.io registry.access.redhat.com registry.redhat.io registry.gitlab.com registry.suse.com nvcr.io
	docker.elastic.co cgr.dev lscr.io icr.io container-registry.oracle.com codeberg.org docker.pkg.github.com`)

// isPublic reports whether a repository is of a registry that everybody uses.
func isPublic(repository string) bool {
	host, _, _ := strings.Cut(repository, "/")
	return publicHosts[host]
}

// prefixOf returns the repository without its last component: its registry and namespace.
func prefixOf(repository string) string {
	if i := strings.LastIndexByte(repository, '/'); i >= 0 {
		return repository[:i]
	}
	return ""
}

// vendors are hosts on which one vendor alone publishes.
var vendors = words(`mcr.microsoft.com registry.k8s.io k8s.gcr.io registry.access.redhat.com registry.redhat.io registry.suse.com nvcr.io
	docker.elastic.co cgr.dev container-registry.oracle.com`)

func isVendor(repository string) bool {
	host, _, _ := strings.Cut(repository, "/")
	return vendors[host]
}
