//go:build !race

package scanner_test

import "github.com/matihlabs/propagate/scanner"

// hostileSize is the size of the files that are made to be slow.
const hostileSize = scanner.MaxFileSize
