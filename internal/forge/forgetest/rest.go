package forgetest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A person works on a repository through the REST API, as people and their
// tools do, without the client that is under test.
type person struct {
	t      testing.TB
	base   string // of the API, with a slash at its end
	repo   string // "repos/owner/name/"
	token  string
	client *http.Client
	pause  time.Duration // after each change
}

func newPerson(t testing.TB, base, owner, repo, token string) *person {
	return &person{
		t: t, base: base, repo: "repos/" + owner + "/" + repo + "/", token: token,
		client: &http.Client{Timeout: 10 * time.Minute},
	}
}

// try sends a request and returns the status of its answer.
func (p *person) try(method, path string, in, out any) (int, error) {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, p.base+p.repo+path, body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	if method != http.MethodGet {
		time.Sleep(p.pause)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode >= 300 {
		return resp.StatusCode, fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, data)
	}
	if out != nil {
		err = json.Unmarshal(data, out)
	}
	return resp.StatusCode, err
}

func (p *person) must(method, path string, in, out any) {
	p.t.Helper()
	if _, err := p.try(method, path, in, out); err != nil {
		p.t.Fatal(err)
	}
}

func (p *person) closePull(number int) {
	p.t.Helper()
	p.must("PATCH", fmt.Sprintf("pulls/%d", number), object{"state": "closed"}, nil)
}

func (p *person) mergePull(number int) {
	p.t.Helper()
	p.must("PUT", fmt.Sprintf("pulls/%d/merge", number), object{"merge_method": "merge"}, nil)
}

func (p *person) removeLabel(number int, label string) {
	p.t.Helper()
	p.must("DELETE", fmt.Sprintf("issues/%d/labels/%s", number, url.PathEscape(label)), nil, nil)
}

// requireUpToDate protects a branch. The token has to be one that may administer.
func (p *person) requireUpToDate(branch string) {
	p.t.Helper()
	p.must("PUT", "branches/"+url.PathEscape(branch)+"/protection", object{
		"required_status_checks": object{"strict": true, "contexts": []string{"test"}},
		"enforce_admins":         nil, "required_pull_request_reviews": nil, "restrictions": nil,
	}, nil)
}

// sha is the answer of most requests of the Git Data API.
type sha struct {
	SHA string `json:"sha"`
}

func (p *person) blob(content []byte) string {
	p.t.Helper()
	var made sha
	p.must("POST", "git/blobs", object{"content": base64.StdEncoding.EncodeToString(content), "encoding": "base64"}, &made)
	return made.SHA
}

// tree makes a tree of entries on top of base, another tree or "".
func (p *person) tree(base string, entries []object) string {
	p.t.Helper()
	in := object{"tree": entries}
	if base != "" {
		in["base_tree"] = base
	}
	var made sha
	p.must("POST", "git/trees", in, &made)
	return made.SHA
}

// moveBranch creates a branch, or points it elsewhere.
func (p *person) moveBranch(name, id string) {
	p.t.Helper()
	status, err := p.try("POST", "git/refs", object{"ref": "refs/heads/" + name, "sha": id}, nil)
	if status == http.StatusUnprocessableEntity {
		_, err = p.try("PATCH", "git/refs/heads/"+escapeRef(name), object{"sha": id, "force": true}, nil)
	}
	if err != nil {
		p.t.Fatalf("moving branch %s to %s: %v", name, id, err)
	}
}

func (p *person) tip(branch string) string {
	p.t.Helper()
	var ref struct{ Object sha }
	p.must("GET", "git/ref/heads/"+escapeRef(branch), nil, &ref)
	return ref.Object.SHA
}

// escapeRef escapes what has a meaning in a URL, but not slashes.
func escapeRef(name string) string {
	return strings.NewReplacer("%", "%25", "#", "%23", "?", "%3F").Replace(name)
}
