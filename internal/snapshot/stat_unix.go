//go:build unix

package snapshot

import (
	"fmt"
	"io/fs"
	"syscall"
)

// stat names the content of a file as far as the file system tells: another content
// comes with another time, size or inode. It holds for one file, so its path is for
// the caller to add.
func stat(info fs.FileInfo) string {
	inode, device := uint64(0), uint64(0)
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		inode, device = s.Ino, uint64(s.Dev) //nolint:unconvert // its type differs between systems
	}
	return fmt.Sprintf("stat %d %d %d %d", info.Size(), info.ModTime().UnixNano(), inode, device)
}
