// Package source says where something stands in a file: spans of bytes, and
// positions of line and column. Every diagnostic of propagate carries one, so
// that an editor can jump to it, and a [Code], so that people can search for it and
// ignore it.
//
// Codes are part of what propagate promises: none changes its meaning, and none is taken
// away. A new kind of problem gets a new one.
package source
