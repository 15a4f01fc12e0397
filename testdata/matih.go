// Package testdata holds the sample monorepo, for the tour of propagate demo and
// for tests.
package testdata

import "embed"

// Matih is the sample monorepo, below the directory "matih".
//
//go:embed all:matih
var Matih embed.FS
