package oserror_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/matihlabs/propagate/internal/oserror"
)

func TestText(t *testing.T) {
	t.Parallel()
	denied := &fs.PathError{Op: "openat", Path: "a/Dockerfile", Err: syscall.EACCES}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"file", denied, "a/Dockerfile: permission denied"},
		{"file that was named already", fmt.Errorf("a/Dockerfile: %w", denied), "a/Dockerfile: permission denied"},
		{"what was done to which file", fmt.Errorf("reading the configuration: %w", denied), "reading the configuration: a/Dockerfile: permission denied"},
		{"rename", &os.LinkError{Op: "renameat", Old: "a/x.tmp", New: "a/x", Err: syscall.EROFS}, "a/x: read-only file system"},
		{"call of its own", fmt.Errorf("the lock: %w", os.NewSyscallError("fsync", syscall.ENOSPC)), "the lock: no space left on device"},
		{"connection", &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "dial tcp: connection refused"},
		{"connection as a text", errors.New("Get \"https://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused"), "Get \"https://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connection refused"},
		{"several", errors.Join(denied, fmt.Errorf("b: %w", &fs.PathError{Op: "lstat", Path: "b", Err: syscall.ENOENT})), "a/Dockerfile: permission denied\nb: no such file or directory"},
		{"none", errors.New("open question"), "open question"},
	} {
		if got := oserror.Text(test.err); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		reworded := oserror.Reword(test.err)
		if reworded.Error() != test.want || !errors.Is(reworded, test.err) {
			t.Errorf("%s: reworded it is %q, or another error", test.name, reworded)
		}
	}
	if oserror.Reword(nil) != nil {
		t.Error("no error became one")
	}
}

// The errors that the operating system really gives.
func TestTextOfRealErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	_, openErr := root.Open("none")
	_, statErr := root.Lstat("none")
	_, escaped := root.Open("../none")
	_, absent := os.ReadFile(filepath.Join(dir, "none"))
	_, _, refused := dial(t)
	for _, err := range []error{openErr, statErr, escaped, absent, root.Rename("none", "other"), os.Mkdir(dir, 0o700), refused} {
		if err == nil {
			t.Fatal("there is no error")
		}
		text := oserror.Text(err)
		for _, call := range []string{"open", "openat", "lstat", "statat", "rename", "renameat", "mkdir", "connect"} {
			if strings.HasPrefix(text, call+" ") || strings.Contains(text, " "+call+" ") || strings.Contains(text, call+": ") {
				t.Errorf("%q names the call %s: %q", err, call, text)
			}
		}
	}
}

// dial connects to a port that nobody listens on.
func dial(t *testing.T) (net.Listener, net.Conn, error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", address)
	return listener, conn, err
}
