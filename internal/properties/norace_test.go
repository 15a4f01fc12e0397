//go:build !race

package properties

const defaultMonorepos = 20000
