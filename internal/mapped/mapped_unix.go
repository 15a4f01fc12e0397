//go:build unix

package mapped

import (
	"os"
	"syscall"
)

// Max is the size in bytes up to which File takes a file.
const Max = 1 << 40

// File returns the first size bytes of a file. They must not be changed, and not be
// used once release was called.
func File(file *os.File, size int) (data []byte, release func(), err error) {
	if data, err = syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_PRIVATE); err != nil {
		return nil, nil, os.NewSyscallError("mmap", err)
	}
	return data, func() { _ = syscall.Munmap(data) }, nil
}
