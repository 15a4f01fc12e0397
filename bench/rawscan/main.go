// Command rawscan is the least that can be done to read the Dockerfiles of a
// commit: git lists the files and hands out those that are called Dockerfile, and
// BuildKit's parser reads them on all cores, all at the same time. It prints how
// many it read and decides nothing about them: what propagate's scan takes beyond
// this is the price of its answer.
//
//	rawscan DIR
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"runtime"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"golang.org/x/sync/errgroup"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: rawscan DIR")
		os.Exit(2)
	}
	n, err := scan(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "rawscan:", err)
		os.Exit(1)
	}
	fmt.Println(n)
}

// scan parses the Dockerfiles at HEAD of the repository in dir, each as soon as
// git has named it, and returns their number.
func scan(dir string) (int, error) {
	list := exec.Command("git", "-C", dir, "ls-tree", "-r", "-z", "HEAD")
	names, err := list.StdoutPipe()
	if err != nil {
		return 0, err
	}
	batch := exec.Command("git", "-C", dir, "cat-file", "--batch", "--buffer")
	ids, err := batch.StdinPipe()
	if err != nil {
		return 0, err
	}
	blobs, err := batch.StdoutPipe()
	if err != nil {
		return 0, err
	}
	for _, cmd := range []*exec.Cmd{list, batch} {
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			return 0, err
		}
	}
	n := 0
	sources := make(chan []byte, 64)
	var group errgroup.Group
	group.Go(func() error { return ask(names, ids) })
	group.Go(func() error {
		defer close(sources)
		var err error
		n, err = read(blobs, sources)
		return err
	})
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for src := range sources {
				// A file that does not parse has been read as well.
				_, _ = parser.Parse(bytes.NewReader(src))
			}
			return nil
		})
	}
	err = group.Wait()
	for _, cmd := range []*exec.Cmd{list, batch} {
		if waitErr := cmd.Wait(); err == nil && waitErr != nil {
			err = fmt.Errorf("git %s: %w", cmd.Args[3], waitErr)
		}
	}
	return n, err
}

// ask writes the ids of the Dockerfiles among names, as git ls-tree gives them.
func ask(names io.Reader, ids io.WriteCloser) error {
	defer ids.Close()
	lines := bufio.NewReaderSize(names, 1<<18)
	out := bufio.NewWriter(ids)
	for {
		// "100644 blob <id>\t<path>"
		line, err := lines.ReadSlice(0)
		if err == io.EOF {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		entry, name, _ := bytes.Cut(line[:len(line)-1], []byte("\t"))
		if !bytes.HasPrefix(entry, []byte("100")) || !isDockerfile(string(name)) {
			continue
		}
		if _, err := fmt.Fprintf(out, "%s\n", entry[len("100644 blob "):]); err != nil {
			return err
		}
	}
}

func isDockerfile(p string) bool {
	name := path.Base(p)
	return name == "Dockerfile" || strings.HasPrefix(name, "Dockerfile.") || strings.HasSuffix(name, ".Dockerfile")
}

// read hands on the blobs that git cat-file --batch writes, and returns their
// number.
func read(blobs io.Reader, sources chan<- []byte) (n int, err error) {
	in := bufio.NewReaderSize(blobs, 1<<18)
	for {
		// "<id> blob <size>", the content, and a newline.
		header, err := in.ReadString('\n')
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		fields := strings.Fields(header)
		if len(fields) != 3 {
			return n, fmt.Errorf("git cat-file: %s", strings.TrimSpace(header))
		}
		size, err := strconv.Atoi(fields[2])
		if err != nil {
			return n, err
		}
		src := make([]byte, size)
		if _, err := io.ReadFull(in, src); err != nil {
			return n, err
		}
		if _, err := in.Discard(1); err != nil {
			return n, err
		}
		sources <- src
		n++
	}
}
