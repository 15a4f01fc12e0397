package gitrepo_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/source"
)

// command runs a program of the machine.
func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// sshKey makes a key, allows it to sign as the author of the tests, and returns its file.
func sshKey(t *testing.T, dir string) string {
	t.Helper()
	key := filepath.Join(gittest.TempDir(t), "id")
	command(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	write(t, key+".allowed", gittest.Email+" "+string(public))
	gittest.Git(t, dir, "config", "gpg.format", "ssh")
	gittest.Git(t, dir, "config", "gpg.ssh.allowedSignersFile", key+".allowed")
	return key
}

// gpgKey makes a key of the author of the tests, and has git use it.
func gpgKey(t *testing.T, dir string) {
	t.Helper()
	home, err := os.MkdirTemp("", "gpg") // short, for the names of sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		_ = os.RemoveAll(home)
	})
	command(t, "gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", gittest.Name+" <"+gittest.Email+">", "ed25519", "sign", "never")
	program := filepath.Join(gittest.TempDir(t), "gpg")
	write(t, program, "#!/bin/sh\nexec gpg --homedir "+home+" \"$@\"\n")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	gittest.Git(t, dir, "config", "gpg.program", program)
}

// signed makes a commit as the configuration of a repository asks for, and stores it.
func signed(t *testing.T, dir string, files ...gitrepo.File) (*gitrepo.Pending, error) {
	t.Helper()
	repo := open(t, dir)
	ids, err := repo.Identities(t.Context(), lookUp(map[string]string{"HOME": gittest.TempDir(t)}))
	if err != nil || ids.Signer == nil {
		t.Fatalf("who commits: %+v, %v", ids, err)
	}
	p, err := repo.NewCommit(t.Context(), gitrepo.CommitSpec{
		Parent: gittest.Git(t, dir, "rev-parse", "HEAD"), Files: files, Message: "Sign it\n\nGrüße\n", Author: someone(t), Committer: someone(t), Signer: ids.Signer,
	})
	if err == nil {
		err = repo.Store(p)
	}
	return p, err
}

// Commits are signed as git signs them, and git itself says that the signature is good.
func TestSignedCommits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		format []string // arguments of git init
		setUp  func(t *testing.T, dir string)
		header string
	}{
		{"ssh", nil, func(t *testing.T, dir string) {
			gittest.Git(t, dir, "config", "user.signingkey", sshKey(t, dir))
		}, "\ngpgsig -----BEGIN SSH SIGNATURE-----\n"},
		{"ssh, SHA-256", []string{"--object-format=sha256"}, func(t *testing.T, dir string) {
			gittest.Git(t, dir, "config", "user.signingkey", sshKey(t, dir))
		}, "\ngpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n"},
		{"openpgp, by the name of the committer", nil, gpgKey, "\ngpgsig -----BEGIN PGP SIGNATURE-----\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.TempDir(t)
			gittest.Git(t, dir, append([]string{"init", "--quiet", "--initial-branch=main", "--template="}, test.format...)...)
			parent := gittest.Commit(t, dir, "first", aFile)
			gittest.Git(t, dir, "config", "commit.gpgsign", "true")
			test.setUp(t, dir)
			for name, files := range map[string][]gitrepo.File{"with a new file": {file("README", "new\n")}, "with nothing new": nil} {
				p, err := signed(t, dir, files...)
				if err != nil {
					t.Fatalf("%s: %v (hint: %s)", name, err, source.Hint(err))
				}
				gittest.Git(t, dir, "verify-commit", p.ID)
				raw := gittest.Git(t, dir, "cat-file", "commit", p.ID)
				if !strings.Contains(raw, test.header) || p.Parents[0] != parent || p.Message != "Sign it\n\nGrüße\n" {
					t.Errorf("%s: the commit is\n%s", name, raw)
				}
				again, err := signed(t, dir, files...)
				if err != nil || again.Tree != p.Tree {
					t.Errorf("%s: a second time: %v", name, err)
				}
				read, found, err := open(t, dir).Commit(p.ID)
				if err != nil || !found || read.Message != p.Message || read.Tree != p.Tree {
					t.Errorf("%s: it is read as %+v, %v", name, read, err)
				}
			}
			gittest.Git(t, dir, "fsck", "--strict")
		})
	}
}

// What keeps a commit from being signed is said in the words of the program that signs, and nothing is made.
func TestCommitsThatCannotBeSigned(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, config, says string
	}{
		{"no key", "[gpg]\nformat = ssh\n", "user.signingkey"},
		{"a key that is not there", "[gpg]\nformat = ssh\n[user]\nsigningkey = /nowhere/id\n", "/nowhere/id"},
		{"a program that is not there", "[gpg]\nprogram = /nowhere/gpg\n", "/nowhere/gpg"},
		{"an unknown format", "[gpg]\nformat = stamp\n", "stamp"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, aFile)
			appendTo(t, filepath.Join(dir, ".git", "config"), "[commit]\ngpgsign = true\n"+test.config)
			before := gittest.Git(t, dir, "count-objects")
			_, err := signed(t, dir, file("README", "new\n"))
			if err == nil || !strings.HasPrefix(err.Error(), "signing the commit, as commit.gpgsign asks for: ") || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %q, and does not say %q", err, test.says)
			}
			if !strings.Contains(source.Hint(err), "commit.gpgsign") {
				t.Errorf("the hint is %q", source.Hint(err))
			}
			if after := gittest.Git(t, dir, "count-objects"); after != before {
				t.Errorf("there were %s, and now %s", before, after)
			}
		})
	}
}
