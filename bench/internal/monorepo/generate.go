package monorepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// A Spec is what a repository is made by.
type Spec struct {
	Files       int  // all files, the Dockerfiles among them
	Dockerfiles int  // at least 100
	Checkout    bool // whether the files are checked out as well
}

// generation is part of what a repository is remembered by. It goes up with every
// change of what Generate makes.
const generation = 1

// commits is the length of the history: enough for the pack to hold deltas, as a
// pack that lives does.
const commits = 20

// Generate makes a repository in dir: on the branch main, with a history, and
// packed into one pack. One that it made there before by the same spec stays as it
// is; one by another spec is replaced. Anything else in dir is an error.
func Generate(ctx context.Context, dir string, spec Spec) error {
	return generate(ctx, dir, spec, fmt.Sprintf("generation %d: %+v\n", generation, spec), write)
}

// GenerateRandom is Generate for a repository of one commit, in which the files that say nothing of
// builds hold bytes that do not compress, each as many as size.
func GenerateRandom(ctx context.Context, dir string, spec Spec, size int) error {
	mark := fmt.Sprintf("generation %d, %d random bytes: %+v\n", generation, size, spec)
	return generate(ctx, dir, spec, mark, func(out *bufio.Writer, files []*file) { writeRandom(out, files, size) })
}

// generate makes a repository that is remembered by want.
func generate(ctx context.Context, dir string, spec Spec, want string, write func(*bufio.Writer, []*file)) error {
	if spec.Dockerfiles < 100 || spec.Files < 2*spec.Dockerfiles {
		return fmt.Errorf("%d files, %d of them Dockerfiles: there must be 100 Dockerfiles, and twice as many files", spec.Files, spec.Dockerfiles)
	}
	mark := filepath.Join(dir, ".git", "propagate-bench")
	switch have, err := os.ReadFile(mark); {
	case err == nil && string(have) == want:
		return nil
	case err == nil:
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	default:
		if list, err := os.ReadDir(dir); err == nil && len(list) > 0 {
			return fmt.Errorf("%s: is not empty, and was not made by this program", dir)
		}
	}
	if err := os.MkdirAll(filepath.Dir(mark), 0o777); err != nil {
		return err
	}
	// Half a repository is to be recognised as one to replace.
	if err := os.WriteFile(mark, []byte("unfinished\n"), 0o666); err != nil {
		return err
	}
	if err := fill(ctx, dir, spec, write); err != nil {
		return err
	}
	return os.WriteFile(mark, []byte(want), 0o666)
}

func fill(ctx context.Context, dir string, spec Spec, write func(*bufio.Writer, []*file)) error {
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"config", "user.name", "bench"},
		{"config", "user.email", "bench@example.com"},
		// Nothing is to be packed behind the back of a run that is measured.
		{"config", "gc.auto", "0"},
		{"config", "maintenance.auto", "false"},
	} {
		if err := git(ctx, dir, nil, args...); err != nil {
			return err
		}
	}
	reader, writer := io.Pipe()
	go func() {
		out := bufio.NewWriterSize(writer, 1<<20)
		write(out, layout(spec))
		writer.CloseWithError(out.Flush())
	}()
	err := git(ctx, dir, reader, "fast-import", "--quiet")
	// A git that has failed reads no more: the writer must not wait for it.
	reader.CloseWithError(errors.New("git fast-import has ended"))
	if err != nil {
		return err
	}
	if err := git(ctx, dir, nil, "repack", "-a", "-d", "-f", "--quiet"); err != nil {
		return err
	}
	if spec.Checkout {
		return git(ctx, dir, nil, "reset", "--quiet", "--hard")
	}
	return nil
}

// git runs git in dir, away from the settings of whoever runs this.
func git(ctx context.Context, dir string, stdin io.Reader, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Stdin = dir, stdin
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// write writes the history as git fast-import reads it: a commit of all files, and
// then others that each change some Dockerfiles and other files. An error of out
// shows when it is flushed.
func write(out *bufio.Writer, files []*file) {
	random := rand.New(rand.NewPCG(1, 1))
	for n := range commits {
		message := fmt.Sprintf("Change %d\n", n)
		fmt.Fprintf(out, "commit refs/heads/main\ncommitter bench <bench@example.com> %d +0000\ndata %d\n%s", 1750000000+n*86400, len(message), message)
		for _, f := range files {
			if n > 0 {
				if random.IntN(100) >= f.churn() {
					continue
				}
				f.revision++
			}
			text := f.text()
			mode := "100644"
			if strings.HasSuffix(f.path, ".sh") {
				mode = "100755"
			}
			fmt.Fprintf(out, "M %s inline %s\ndata %d\n", mode, f.path, len(text))
			// WriteString keeps its error for the flush.
			_, _ = out.WriteString(text)
			_ = out.WriteByte('\n')
		}
		_ = out.WriteByte('\n')
	}
}

// writeRandom writes one commit as git fast-import reads it.
func writeRandom(out *bufio.Writer, files []*file, size int) {
	fmt.Fprint(out, "commit refs/heads/main\ncommitter bench <bench@example.com> 1750000000 +0000\ndata 7\nRandom\n")
	random := rand.NewChaCha8([32]byte{1})
	content := make([]byte, size)
	for _, f := range files {
		text := []byte(f.text())
		switch path.Ext(f.path) {
		case ".go", ".py", ".ts", ".java", ".md", ".json", ".conf":
			_, _ = random.Read(content) // never fails
			text = content
		}
		fmt.Fprintf(out, "M 100644 inline %s\ndata %d\n", f.path, len(text))
		// Write keeps its error for the flush.
		_, _ = out.Write(text)
		_ = out.WriteByte('\n')
	}
	_ = out.WriteByte('\n')
}
