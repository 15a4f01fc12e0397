// Package releasetest holds what a release is made of to what it promises: with the tag release it has GoReleaser
// make the files of a release twice, as "make releasetest" does.
package releasetest
