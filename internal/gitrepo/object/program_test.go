package object_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// What a program says without end is kept up to a limit, however it is copied.
func TestLimitedBuffer(t *testing.T) {
	t.Parallel()
	for name, copyTo := range map[string]func(w io.Writer, data []byte) error{
		"written": func(w io.Writer, data []byte) error { _, err := w.Write(data); return err },
		"copied":  func(w io.Writer, data []byte) error { _, err := io.Copy(w, bytes.NewReader(data)); return err },
	} {
		var b object.LimitedBuffer
		for range 3 {
			if err := copyTo(&b, bytes.Repeat([]byte("remote: x\n"), 1000)); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.String(); len(got) != 16<<10 || !strings.HasPrefix(got, "remote: x\nremote: x\n") {
			t.Errorf("%s: %d bytes are kept", name, len(got))
		}
	}
}
