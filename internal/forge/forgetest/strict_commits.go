package forgetest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// A Verification is what is said of the signature of a commit.
type Verification struct {
	Verified bool
	Reason   string // "unsigned" if empty, and "valid" of what is verified
}

func (v Verification) object() object {
	o := object{"verified": v.Verified, "reason": v.Reason, "signature": nil, "payload": nil, "verified_at": nil}
	switch {
	case v.Verified:
		o["reason"], o["signature"], o["payload"], o["verified_at"] = "valid", signature, "", someTime
	case v.Reason == "":
		o["reason"] = "unsigned"
	}
	return o
}

// Verify makes the commits that are made from now on verified or not, whatever the token. By default
// those are that an App makes without naming an author.
func (s *Strict) Verify(v Verification) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verify = &v
}

func (s *Strict) verificationOf(id string) Verification { return s.verified[id] }

// signature looks like one of GitHub.
const signature = "-----BEGIN PGP SIGNATURE-----\n\nVGVzdA==\n-----END PGP SIGNATURE-----"

func refusal(message string) answer { return failure(http.StatusUnprocessableEntity, message, "") }

// input runs git with a standard input.
func (s *Strict) input(stdin string, args ...string) (string, error) {
	return runGit(context.Background(), s.config.GitDir, stdin, args...)
}

func (s *Strict) createBlob(c *call) answer {
	var in struct{ Content, Encoding string }
	if err := json.Unmarshal(c.body, &in); err != nil {
		return refusal(err.Error())
	}
	content := []byte(in.Content)
	if in.Encoding == "base64" {
		var err error
		if content, err = base64.StdEncoding.DecodeString(in.Content); err != nil {
			return refusal("content is not valid Base64")
		}
	}
	id, err := s.input(string(content), "hash-object", "-w", "--stdin")
	if err != nil {
		return refusal(err.Error())
	}
	return answer{status: http.StatusCreated, body: object{"sha": id, "url": s.api("/git/blobs/" + id)}}
}

func (s *Strict) createTree(c *call) answer {
	var in struct {
		Base string `json:"base_tree"`
		Tree []struct {
			Path, Mode, Type string
			SHA, Content     *string
		}
	}
	if err := json.Unmarshal(c.body, &in); err != nil {
		return refusal(err.Error())
	}
	if _, err := s.input("", "read-tree", in.Base); err != nil {
		return refusal("base_tree is not a valid tree oid")
	}
	var lines strings.Builder
	for _, e := range in.Tree {
		id := ""
		switch {
		case (e.SHA == nil) == (e.Content == nil):
			return refusal("Must supply either tree.sha or tree.content.")
		case e.SHA != nil:
			if id = *e.SHA; !s.has(id, "blob") {
				return refusal("tree.sha " + id + " is not a valid blob")
			}
		default:
			var err error
			if id, err = s.input(*e.Content, "hash-object", "-w", "--stdin"); err != nil {
				return refusal(err.Error())
			}
		}
		fmt.Fprintf(&lines, "%s %s\t%s\x00", e.Mode, id, e.Path)
	}
	if _, err := s.input(lines.String(), "update-index", "-z", "--index-info"); err != nil {
		return refusal(err.Error())
	}
	id, err := s.input("", "write-tree")
	if err != nil {
		return refusal(err.Error())
	}
	return answer{status: http.StatusCreated, body: object{"sha": id, "url": s.api("/git/trees/" + id), "tree": []object{}, "truncated": false}}
}

// has reports whether there is an object of that kind.
func (s *Strict) has(id, kind string) bool {
	if !fullID.MatchString(id) {
		return false
	}
	is, err := s.git("cat-file", "-t", id)
	return err == nil && is == kind
}

// createCommit makes a commit as GitHub does that is told no author: it is by the owner of the token,
// and what an App makes is signed, and committed by GitHub. All are made at the same time.
func (s *Strict) createCommit(c *call) answer {
	var in struct {
		Message, Tree     string
		Parents           []string
		Author, Committer *struct{}
	}
	if err := json.Unmarshal(c.body, &in); err != nil {
		return refusal(err.Error())
	}
	if !s.has(in.Tree, "tree") {
		return refusal("Tree SHA does not exist")
	}
	if in.Author != nil || in.Committer != nil {
		s.t.Errorf("the commit names an author or a committer, so that GitHub would not sign it")
	}
	author, committer, v := "bot <bot@example.com>", "bot <bot@example.com>", Verification{}
	_, token, _ := strings.Cut(c.Header.Get("Authorization"), " ")
	if s.appToken(token) != nil {
		author, committer = appSlug+"[bot] <12+"+appSlug+"[bot]@users.noreply.github.com>", "GitHub <noreply@github.com>"
		v.Verified = true
	}
	if s.verify != nil {
		v = *s.verify
	}
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", in.Tree)
	for _, parent := range in.Parents {
		if !s.has(parent, "commit") {
			return refusal("Parent SHA does not exist or is not a commit object")
		}
		fmt.Fprintf(&b, "parent %s\n", parent)
	}
	fmt.Fprintf(&b, "author %s 1767225600 +0000\ncommitter %s 1767225600 +0000\n", author, committer)
	if v.Verified {
		fmt.Fprintf(&b, "gpgsig %s\n", strings.ReplaceAll(signature, "\n", "\n "))
	}
	id, err := s.input(b.String()+"\n"+in.Message, "hash-object", "-t", "commit", "-w", "--stdin")
	if err != nil {
		return refusal(err.Error())
	}
	if s.verified == nil {
		s.verified = map[string]Verification{}
	}
	s.verified[id] = v
	return answer{status: http.StatusCreated, body: s.commitOf(id)}
}

func (s *Strict) createRef(c *call) answer {
	var in struct{ Ref, SHA string }
	if err := json.Unmarshal(c.body, &in); err != nil {
		return refusal(err.Error())
	}
	branch, ok := strings.CutPrefix(in.Ref, "refs/heads/")
	switch {
	case !ok || !s.has(in.SHA, "commit"):
		return refusal("Object does not exist")
	case s.branches()[branch] != "":
		return refusal("Reference already exists")
	}
	return s.setRef(http.StatusCreated, branch, in.SHA)
}

func (s *Strict) updateRef(c *call) answer {
	var in struct {
		SHA   string
		Force bool
	}
	if err := json.Unmarshal(c.body, &in); err != nil {
		return refusal(err.Error())
	}
	branch, ok := strings.CutPrefix(c.params["ref"], "heads/")
	old := s.branches()[branch]
	switch {
	case !ok || old == "":
		return refusal("Reference does not exist")
	case !s.has(in.SHA, "commit"):
		return refusal("Object does not exist")
	}
	if _, err := s.git("merge-base", "--is-ancestor", old, in.SHA); err != nil && !in.Force {
		return refusal("Update is not a fast forward")
	}
	return s.setRef(http.StatusOK, branch, in.SHA)
}

func (s *Strict) setRef(status int, branch, id string) answer {
	if _, err := s.input("", "update-ref", "refs/heads/"+branch, id); err != nil {
		return refusal(err.Error())
	}
	return answer{status: status, body: s.refObject(branch, id)}
}
