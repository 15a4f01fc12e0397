//go:build race

package properties

// The race detector makes it ten times slower.
const defaultMonorepos = 1000
