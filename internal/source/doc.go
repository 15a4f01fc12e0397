// Package source says where something stands in a file: spans of bytes, and
// positions of line and column. Every diagnostic of propagate carries one, so
// that an editor can jump to it.
package source
