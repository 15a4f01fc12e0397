//go:build !unix

package snapshot

import (
	"fmt"
	"io/fs"
)

// stat names the content of a file as far as the file system tells: another content
// comes with another time or size. It holds for one file, so its path is for the
// caller to add.
func stat(info fs.FileInfo) string {
	return fmt.Sprintf("stat %d %d", info.Size(), info.ModTime().UnixNano())
}
