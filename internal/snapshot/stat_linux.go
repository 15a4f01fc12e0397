package snapshot

import (
	"fmt"
	"io/fs"
	"syscall"
)

// stat names the content of a file as far as the file system tells: another content
// comes with another time, size or inode. The time of the last change of status can
// be set by nobody, unlike that of the content. It holds for one file, so its path is
// for the caller to add; "" says that nothing is told.
func stat(info fs.FileInfo) string {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("stat %d %d %v %d %d", info.Size(), info.ModTime().UnixNano(), s.Ctim, s.Ino, s.Dev)
}
