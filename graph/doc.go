// Package graph knows which Dockerfile depends on which image and which image
// is made by which Dockerfile.
//
// [Build] makes the graph of a repository from its Dockerfiles. Its edges run
// the way a patch runs: from an image to the Dockerfiles that name it, from a
// Dockerfile to the image it makes. [Graph.Affected] follows them from patched
// bases and says of every dependent how it depends and in which wave it is
// rebuilt.
//
// # Limitations
//
// An image is a repository of a registry, not one version of it: a Dockerfile on
// an old version is a dependent all the same, and the plan decides what becomes
// of it.
package graph
