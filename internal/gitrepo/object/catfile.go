package object

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
)

// A source hands out objects in the order in which it is asked for them.
type source interface {
	// infos calls got with the kind and size of each object, or with ErrMissing.
	infos(ids []ID, got func(i int, kind Kind, size int64, err error)) error
	// contents calls got with the kind, the size and a reader of the content of each
	// object, or with an error. What got does not read is passed over.
	contents(ids []ID, got func(i int, kind Kind, size int64, content io.Reader, err error)) error
	// died ends a source of which a method has returned err, and says why that was.
	died(err error) error
	close() error
}

// A catFile is a `git cat-file` that is kept open.
//
// The pipes between two processes hold little: whoever writes requests without reading
// the answers waits for ever in the end, since the other does the same. So only as many
// are on their way as fit into the smallest pipe there is, 16 KiB.
type catFile struct {
	cmd      *exec.Cmd
	in       *bufio.Writer
	end      io.Closer // of in
	out      *bufio.Reader
	commands bool // it knows commands: an older git answers one kind of question
	said     *LimitedBuffer
}

// onTheWay is the number of requests that are written before the first of their answers is
// read, and half of it the number that is written at once.
const onTheWay = 160

// openCatFile starts a git that answers questions.
func (p *Program) openCatFile(format Format) (source, error) {
	c, err := p.start(format, "--batch-command", "--buffer")
	if err == nil || status(err) != badUsage {
		return c, err
	}
	// git before 2.36.
	check, err := p.start(format, "--batch-check")
	if err != nil {
		return nil, err
	}
	batch, err := p.start(format, "--batch")
	if err != nil {
		return nil, errors.Join(err, check.close())
	}
	return oldCatFile{check, batch}, nil
}

// badUsage is git's exit status for options that it does not know.
const badUsage = 129

// start starts git with the options that make it answer, and waits until it does.
func (p *Program) start(format Format, options ...string) (*catFile, error) {
	c := &catFile{
		cmd:      p.command(context.Background(), append([]string{"cat-file"}, options...)...),
		said:     &LimitedBuffer{},
		commands: options[0] == "--batch-command",
	}
	c.cmd.Stderr = c.said
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, failed("cat-file", "", err)
	}
	c.in, c.end, c.out = bufio.NewWriterSize(in, 16<<10), in, bufio.NewReaderSize(out, 64<<10)
	// No object has this id.
	nothing := []ID{ID(make([]byte, format.Size))}
	if err := c.infos(nothing, func(int, Kind, int64, error) {}); err != nil {
		return nil, c.died(err)
	}
	return c, nil
}

// close ends the process.
func (c *catFile) close() error {
	_ = c.end.Close() // it may be gone
	// It does not end before all that it has written is read.
	_, _ = io.Copy(io.Discard, c.out)
	return c.cmd.Wait()
}

// died returns why the process has ended.
func (c *catFile) died(err error) error {
	if waitErr := c.close(); waitErr != nil {
		err = waitErr
	} else if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return failed("cat-file", c.said.String(), err)
}

// ask writes requests.
func (c *catFile) ask(command string, ids []ID) error {
	var digits [64]byte
	for _, id := range ids {
		if c.commands {
			_, _ = c.in.WriteString(command) // an error stays until Flush
			_ = c.in.WriteByte(' ')
		}
		_, _ = c.in.Write(hex.AppendEncode(digits[:0], []byte(id)))
		_ = c.in.WriteByte('\n')
	}
	if c.commands {
		_, _ = c.in.WriteString("flush\n")
	}
	return c.in.Flush()
}

// answers asks for all of ids and calls got with the header of each answer.
func (c *catFile) answers(command string, ids []ID, got func(i int, kind Kind, size int64, err error) error) error {
	asked := 0
	for i := range ids {
		if asked < len(ids) && asked-i <= onTheWay/2 {
			next := min(len(ids), asked+onTheWay/2)
			if err := c.ask(command, ids[asked:next]); err != nil {
				return err
			}
			asked = next
		}
		line, err := c.out.ReadSlice('\n')
		if err != nil {
			return err
		}
		kind, size, err := header(line, ids[i])
		if err == nil || errors.Is(err, ErrMissing) {
			err = got(i, kind, size, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// header reads the first line of an answer: "<id> <kind> <size>" or "<id> missing".
func header(line []byte, id ID) (Kind, int64, error) {
	var digits [64]byte
	if rest, ok := bytes.CutPrefix(line, hex.AppendEncode(digits[:0], []byte(id))); ok {
		if string(rest) == " missing\n" {
			return "", 0, ErrMissing
		}
		for _, kind := range []Kind{Blob, Tree, Commit, Tag} {
			after, ok := bytes.CutPrefix(rest, []byte(" "+kind+" "))
			if !ok {
				continue
			}
			if size, err := strconv.ParseInt(string(bytes.TrimSuffix(after, []byte("\n"))), 10, 64); err == nil && size >= 0 {
				return kind, size, nil
			}
		}
	}
	return "", 0, fmt.Errorf("an answer cannot be understood: %q", line)
}

// infos implements source.
func (c *catFile) infos(ids []ID, got func(i int, kind Kind, size int64, err error)) error {
	return c.answers("info", ids, func(i int, kind Kind, size int64, err error) error {
		got(i, kind, size, err)
		return nil
	})
}

// contents implements source.
func (c *catFile) contents(ids []ID, got func(i int, kind Kind, size int64, content io.Reader, err error)) error {
	return c.answers("contents", ids, func(i int, kind Kind, size int64, err error) error {
		if err != nil {
			got(i, kind, size, nil, err)
			return nil
		}
		content := &io.LimitedReader{R: c.out, N: size}
		got(i, kind, size, content, nil)
		// The content ends in a newline of cat-file's own.
		for left := content.N + 1; left > 0; {
			n, err := c.out.Discard(int(min(left, 1<<30)))
			if left -= int64(n); err != nil {
				return err
			}
		}
		return nil
	})
}

// An oldCatFile has a process for each kind of question.
type oldCatFile struct{ check, batch *catFile }

func (o oldCatFile) infos(ids []ID, got func(i int, kind Kind, size int64, err error)) error {
	return o.check.infos(ids, got)
}

func (o oldCatFile) contents(ids []ID, got func(i int, kind Kind, size int64, content io.Reader, err error)) error {
	return o.batch.contents(ids, got)
}

func (o oldCatFile) close() error { return errors.Join(o.check.close(), o.batch.close()) }

func (o oldCatFile) died(err error) error {
	return errors.Join(o.check.died(err), o.batch.close())
}
