// Package graph knows which build depends on which image, and which build makes it.
//
// [New] makes the graph of a repository from its Dockerfiles, each as its builds read it,
// and from claims on who makes what. Its edges run the way a patch runs: from an image to
// the builds that refer to it, from a build to the images that it makes.
// [Graph.Affected] follows them from patched bases and says of every dependent how it
// depends and in which wave it is rebuilt.
//
// An image is a repository of a registry. Where several builds make it, it has a line for
// each: [Graph.MakersOf] says which builds make what a reference names. The rules are in
// fits: the build with the same tag, else the one on whose line the tag is, else the one
// whose tags are not known, else none.
//
// # Limitations
//
// What cannot be told is a note ([Graph.Notes]), and stops nothing. A Dockerfile on an old
// version of an image is a dependent all the same: the plan decides what becomes of it.
package graph
