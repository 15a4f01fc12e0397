//go:build unix && !solaris && !aix

package clone

import (
	"errors"
	"os"
	"syscall"
)

// lockFile locks an open file, or returns errLocked. A file system without locks has
// nothing to wait for.
func lockFile(file *os.File, shared bool) error {
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	for {
		err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS):
			return nil
		default:
			return err
		}
	}
}

// unlockFile ends the lock on an open file and on every copy of it.
func unlockFile(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }
