//go:build race

package scanner_test

// The race detector makes everything ten times slower, and hostile files more.
const hostileSize = 64 << 10
