// Package estate sums up the base images of a repository: which are in use in which versions, who lags
// behind and by how much, and what cannot be told. [New] makes it of a graph. It asks nothing and nobody, and its lists
// are sorted, so that the same repository gives the same estate.
//
// # Rules
//
// The newest version is the newest that the repository itself uses or builds of an image or of its line, not the
// newest that there is. A build is behind if one of its references is; it is on the newest versions if each of
// its references can be compared and none is behind. A digest alone, a tag without a number and a version that
// is not known cannot be compared: such a build is neither.
//
// A curated base is an image that a build of the repository makes, or that the configuration names, and that
// other builds are based on. A service whose shipped image comes from no such image is on no curated base. Where the
// repository has no curated base at all, that question has no answer. A Dockerfile that builds a base in one way, as
// with the arguments of a release, is asked for in none of its ways.
//
// # Limitations
//
// Stages that a target does not reach are listed and counted nowhere. The frontend of BuildKit ("# syntax=") is
// listed as an image, and no build is behind for it. Dockerfiles in vendored trees are counted as such alone.
package estate
