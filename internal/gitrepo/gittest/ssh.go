package gittest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"
)

// An SSHServer is OpenSSH's own server at a port of this machine, for the user who runs
// the test and one key, until the test ends. Whoever comes in reaches every repository
// that the user can.
type SSHServer struct {
	// Command is what reaches it, for core.sshCommand or GIT_SSH_COMMAND: it knows the key
	// of the host and has that of the user.
	Command string
	// Stranger is Command with a key that the server does not know.
	Stranger string

	address string
	user    string
}

// NewSSHServer starts a server. Where there is no sshd, the test is skipped; in
// continuous integration, which sets CI, it fails.
func NewSSHServer(t testing.TB) *SSHServer {
	t.Helper()
	sshd := findSSHD(t)
	who, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // the server of root shuts itself in there
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	dir := TempDir(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, key := range []string{"host", "user", "stranger"} {
		if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", file(key)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	port := listener.Addr().(*net.TCPAddr).Port
	host, err := os.ReadFile(file("host.pub"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"known_hosts": fmt.Sprintf("[127.0.0.1]:%d %s", port, host),
		"config": fmt.Sprintf("HostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\nLogLevel DEBUG\n",
			file("host"), file("user.pub")),
	} {
		if err := os.WriteFile(file(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if log, err := os.ReadFile(file("log")); err == nil && t.Failed() {
			t.Logf("sshd:\n%s", log)
		}
	})
	go serveSSH(listener, sshd, file("config"), file("log"))
	command := func(key string) string {
		return fmt.Sprintf("ssh -F /dev/null -i '%s' -o IdentitiesOnly=yes -o IdentityAgent=none -o UserKnownHostsFile='%s' -o GlobalKnownHostsFile=/dev/null", file(key), file("known_hosts"))
	}
	return &SSHServer{Command: command("user"), Stranger: command("stranger"), address: listener.Addr().String(), user: who.Username}
}

// URL returns the URL of a repository in a directory.
func (s *SSHServer) URL(dir string) string { return "ssh://" + s.user + "@" + s.address + dir }

// serveSSH starts a server for every connection, as inetd would, so that no other process
// can take the port before it.
func serveSSH(listener net.Listener, sshd, config, log string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			socket, err := conn.(*net.TCPConn).File()
			_ = conn.Close() // the server gets the other descriptor
			if err != nil {
				return
			}
			cmd := exec.Command(sshd, "-i", "-f", config, "-E", log)
			cmd.Stdin, cmd.Stdout = socket, socket
			_ = cmd.Run()
			_ = socket.Close()
		}()
	}
}

// findSSHD returns where OpenSSH's server is. It is not always on PATH, and wants to be
// called by its whole name.
func findSSHD(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("sshd"); err == nil {
		return path
	}
	for _, path := range []string{"/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	const absent = "there is no sshd: install OpenSSH's server (openssh-server)"
	if os.Getenv("CI") != "" {
		t.Fatal(absent)
	}
	t.Skip(absent)
	return ""
}
