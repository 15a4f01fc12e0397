//go:build unix

package cache

import (
	"os"
	"syscall"
)

// contents maps a file into memory. A page of it is there when it is first used,
// which for a run that needs little is the least that can be done.
func contents(file *os.File, size int) ([]byte, error) {
	return syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_PRIVATE)
}
