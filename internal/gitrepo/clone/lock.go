package clone

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/matihlabs/propagate/internal/oserror"
	"github.com/matihlabs/propagate/internal/source"
)

// A lock is a lock on a file, for this process or shared with others. The system ends it with
// the process. The file stays.
type lock struct{ file *os.File }

// errLocked says that another process holds the lock.
var errLocked = errors.New("it is locked")

// take takes the lock on the file at path; errLocked says that it cannot be had now.
func take(path string, shared bool) (*lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(file, shared); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &lock{file}, nil
}

// release ends the lock. A nil lock has none. Closing alone would not do: a child that is being
// started has a copy of the file until it runs its program, and the lock lives as long as a copy.
func (l *lock) release() {
	if l != nil {
		_ = unlockFile(l.file) // closing ends it as well, only later
		_ = l.file.Close()     // nothing was written
	}
}

// lockPause is how long it takes until a lock is asked for again.
const lockPause = 50 * time.Millisecond

// await takes a lock, and waits for it as long as most. waiting is called once if it waits.
func await(ctx context.Context, path string, shared bool, most time.Duration, waiting func()) (*lock, error) {
	until := time.NewTimer(most)
	defer until.Stop()
	for first := true; ; first = false {
		l, err := take(path, shared)
		if err == nil {
			return l, nil
		}
		if !errors.Is(err, errLocked) {
			return nil, fmt.Errorf("%s: it cannot be locked: %s", path, oserror.Text(err))
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-until.C:
			return nil, &source.Error{
				Err:  fmt.Errorf("%s: %w by another run, which has not let go of it within %s", path, errLocked, most),
				Hint: "wait until that run has ended, or read without the cache, with --no-cache",
			}
		case <-time.After(lockPause):
		}
	}
}
