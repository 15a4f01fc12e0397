//go:build !unix

package cache

import (
	"io"
	"os"
)

// contents reads a file into memory.
func contents(file *os.File, size int) ([]byte, error) {
	data := make([]byte, size)
	_, err := io.ReadFull(file, data)
	return data, err
}
