package forgetest

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// An Emulator is a GitHub in another process, with one repository that is
// empty until [Emulator.Mirror] fills it.
//
// Where it is more lenient than GitHub: it accepts any token, a second pull
// request for a branch and one for a branch that does not exist, and the head
// of an open pull request stays where it was when its branch moves.
type Emulator struct {
	config Config
	url    string
	person *person
	known  map[string]bool // commits and blobs that it has
}

// NewEmulator starts an emulator that is stopped when the test ends.
func NewEmulator(t testing.TB, c Config) *Emulator {
	t.Helper()
	c = c.withDefaults()
	node, program := tool(t, "node/bin/node"), tool(t, "emulate/dist/index.js")
	seed := filepath.Join(t.TempDir(), "seed.json")
	if err := writeSeed(seed, c); err != nil {
		t.Fatal(err)
	}
	// Another process may take the port between its choice and its use.
	for try := 1; ; try++ {
		url, err := start(t, c, node, program, seed)
		if err == nil {
			return &Emulator{
				config: c, url: url, known: map[string]bool{},
				person: newPerson(t, url, c.Owner, c.Repo, c.Token),
			}
		}
		if try == 3 {
			t.Fatal(err)
		}
		t.Log(err)
	}
}

// URL returns the root of the API, with a slash at its end.
func (e *Emulator) URL() string { return e.url }

// ClosePull closes a pull request without merging it, as a person does.
func (e *Emulator) ClosePull(number int) { e.person.t.Helper(); e.person.closePull(number) }

// MergePull merges a pull request with a merge commit, as a person does. The
// commit is made in the emulator, not in a repository that was mirrored.
func (e *Emulator) MergePull(number int) { e.person.t.Helper(); e.person.mergePull(number) }

// RemoveLabel takes a label away from a pull request, as a person does.
func (e *Emulator) RemoveLabel(number int, label string) {
	e.person.t.Helper()
	e.person.removeLabel(number, label)
}

// RequireUpToDate protects a branch.
func (e *Emulator) RequireUpToDate(branch string) {
	e.person.t.Helper()
	e.person.requireUpToDate(branch)
}

func writeSeed(file string, c Config) error {
	var apps []object
	if a := c.App; a != nil {
		key, err := x509.MarshalPKIXPublicKey(a.Key)
		if err != nil {
			return err
		}
		apps = append(apps, object{
			"app_id": a.ID, "slug": appSlug, "name": "Base bumper", "permissions": a.Permissions,
			"private_key":   string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: key})), // of which it uses no more
			"installations": []object{{"installation_id": a.Installation, "account": c.Owner, "repository_selection": "selected", "repositories": []string{c.fullName()}}},
		})
	}
	data, err := json.Marshal(object{
		"tokens": object{c.Token: object{"login": "bot", "scopes": []string{"repo", "workflow"}}},
		"github": object{
			"users": []object{{"login": "bot", "name": "Bot", "email": "bot@example.com"}, {"login": "ada", "name": "Ada", "email": "ada@example.com"}},
			"orgs":  []object{{"login": c.Owner, "name": c.Owner, "members": []object{{"login": "bot", "role": "admin"}}}},
			"repos": []object{{"owner": c.Owner, "name": c.Repo, "auto_init": false, "default_branch": c.DefaultBranch}},
			"apps":  apps,
		},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}

// start runs the emulator on a free port and returns once it answers.
func start(t testing.TB, c Config, node, program, seed string) (string, error) {
	t.Helper()
	port, err := freePort()
	if err != nil {
		return "", err
	}
	// The token comes with the seed; the environment of this test has no
	// business in the emulator.
	cmd := exec.Command(node, program, "--service", "github", "--port", strconv.Itoa(port), "--seed", seed)
	cmd.Dir = filepath.Dir(seed)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "NO_COLOR=1"}
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("starting the emulator: %w", err)
	}
	ended := make(chan struct{})
	var end error // to be read once ended is closed
	go func() {
		end = cmd.Wait()
		close(ended)
	}()
	url := fmt.Sprintf("http://127.0.0.1:%d/", port)
	if err := ready(url+"repos/"+c.fullName(), c.Token, ended); err != nil {
		_ = cmd.Process.Kill()
		<-ended
		return "", fmt.Errorf("the emulator does not answer: %w (%w): %s", err, end, output.String())
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("the emulator says: %s", output.String())
		}
	})
	return url, nil
}

// ready asks for url until it is there, the process ended or so much time has gone
// by that it hangs, even on a machine with a lot else to do.
func ready(url, token string, ended <-chan struct{}) error {
	deadline := time.After(10 * time.Minute)
	client := &http.Client{Timeout: time.Minute}
	for {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(req)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("%s answers %s", url, resp.Status)
		}
		select {
		case <-ended:
			return errors.New("it ended")
		case <-deadline:
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
