//go:build !unix

package mapped

import (
	"io"
	"os"
)

// Max is the size in bytes up to which File takes a file.
const Max = 64 << 20

// File returns the first size bytes of a file. They must not be changed, and not be
// used once release was called.
func File(file *os.File, size int) (data []byte, release func(), err error) {
	data = make([]byte, size)
	_, err = io.ReadFull(io.NewSectionReader(file, 0, int64(size)), data)
	return data, func() {}, err
}
