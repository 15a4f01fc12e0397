package gitrepo

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/matihlabs/propagate/internal/gitrepo/object"
)

// A Signer signs commits as git does it by the configuration of the user: gpg.format,
// user.signingkey, and the programs that they name.
//
// It is git that makes the signature. It is not asked to where it does not trust the owner of the
// repository, since the configuration says which program is started.
type Signer struct{ who who }

// sign returns a commit with a signature, given the one without and the other objects that are
// new with it. Nothing is written into the repository.
func (s *Signer) sign(ctx context.Context, r *Repo, c object.CommitData, unsigned object.Object, others []object.Object) (object.Object, error) {
	failed := func(err error) (object.Object, error) {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return object.Object{}, withHint(fmt.Errorf("signing the commit, as commit.gpgsign asks for: %w", err),
			"see that `git commit -S` works in this repository, or turn commit.gpgsign off for it")
	}
	w := s.who
	w.ctx = ctx
	if w.program == "" {
		return failed(errors.New("there is no git program on PATH"))
	}
	dir, err := os.MkdirTemp("", "propagate-sign-")
	if err != nil {
		return failed(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, obj := range others { // git wants the tree to be there, and looks at nothing below it
		if obj.ID == c.Tree {
			if err := object.WriteLoose(dir, obj); err != nil {
				return failed(err)
			}
		}
	}
	args := []string{"-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-S", "-F", "-"}
	for _, parent := range c.Parents {
		args = append(args, "-p", parent.String())
	}
	env := []string{"GIT_OBJECT_DIRECTORY=" + dir, "GIT_ALTERNATE_OBJECT_DIRECTORIES=" + alternate(filepath.Join(r.commonDir, "objects"))}
	for _, role := range []struct {
		name string
		Signature
	}{{"AUTHOR", c.Author}, {"COMMITTER", c.Committer}} {
		env = append(env, fmt.Sprintf("GIT_%s_NAME=%s", role.name, role.Name), fmt.Sprintf("GIT_%s_EMAIL=%s", role.name, role.Email),
			fmt.Sprintf("GIT_%s_DATE=@%d %s", role.name, role.When.Unix(), role.When.Format("-0700")))
	}
	out, said, err := w.run(append(args, c.Tree.String()), c.Message, env)
	if err != nil {
		return failed(errors.New(r.redactor().Line(signingError(said, err))))
	}
	id, ok := object.ParseID(strings.TrimSpace(out))
	if !ok {
		return failed(fmt.Errorf("git says %q in place of an id", r.redactor().Line(out)))
	}
	data, err := readLoose(dir, id)
	if errors.Is(err, fs.ErrNotExist) { // the same commit was made before
		data, err = r.objects.Read(id, object.Commit)
	}
	if err != nil {
		return failed(err)
	}
	if plain, signed := withoutSignature(data); !signed || !bytes.Equal(plain, unsigned.Data) {
		return failed(errors.New("git made another commit than the one that was to be signed"))
	}
	return r.objects.Format.NewObject(object.Commit, data), nil
}

// alternate writes a path as git wants it in a list of directories with objects.
func alternate(path string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(path) + `"`
}

// signingError is what git and the program that signs say of a failure.
func signingError(said string, err error) string {
	var lines []string
	for line := range strings.Lines(said) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "error: ")
		if line == "" || strings.HasPrefix(line, "[GNUPG:]") || strings.HasPrefix(line, "fatal: failed to write commit object") {
			continue
		}
		lines = append(lines, strings.TrimPrefix(line, "fatal: "))
	}
	if len(lines) == 0 {
		return "git: " + err.Error()
	}
	return strings.Join(lines, "; ")
}

// readLoose reads the content of an object that is a file of its own.
func readLoose(dir string, id ID) ([]byte, error) {
	name := id.String()
	file, err := os.Open(filepath.Join(dir, name[:2], name[2:]))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	packed, err := zlib.NewReader(file)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(packed)
	_, data, _ = bytes.Cut(data, []byte{0})
	return data, err
}

// withoutSignature returns a commit without the headers of its signature, and whether it has one.
func withoutSignature(data []byte) (plain []byte, signed bool) {
	within, header := false, true
	for line := range bytes.Lines(data) {
		if header && line[0] != ' ' {
			within = bytes.HasPrefix(line, []byte("gpgsig ")) || bytes.HasPrefix(line, []byte("gpgsig-sha256 "))
			signed = signed || within
			header = len(line) > 1
		}
		if !header || !within {
			plain = append(plain, line...)
		}
	}
	return plain, signed
}
