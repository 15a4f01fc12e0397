package object

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	gogit "github.com/go-git/go-git/v5/plumbing/object"
)

// A Signature says who did something, and when. git keeps seconds and the
// offset from UTC.
type Signature struct {
	Name, Email string
	When        time.Time
}

// A CommitData is what a commit says.
type CommitData struct {
	ID                ID
	Tree              ID
	Parents           []ID
	Author, Committer Signature
	Message           string // with its last newline
}

// Commit reads a commit.
func (s *Store) Commit(id ID) (CommitData, error) {
	data, err := s.Read(id, Commit)
	if err != nil {
		return CommitData{}, err
	}
	c := CommitData{ID: id}
	err = headers(data, func(key, value string) (ok bool) {
		ok = true
		switch key {
		case "tree":
			c.Tree, ok = ParseID(value)
		case "parent":
			var parent ID
			parent, ok = ParseID(value)
			c.Parents = append(c.Parents, parent)
		case "author":
			c.Author = parseSignature(value)
		case "committer":
			c.Committer = parseSignature(value)
		}
		return ok
	}, &c.Message)
	if err == nil && c.Tree == "" {
		err = errors.New("it is corrupt: it names no tree")
	}
	return c, err
}

// TagTarget reads an annotated tag and returns what it names.
func (s *Store) TagTarget(id ID) (target ID, err error) {
	data, err := s.Read(id, Tag)
	if err != nil {
		return "", err
	}
	err = headers(data, func(key, value string) (ok bool) {
		if key != "object" {
			return true
		}
		target, ok = ParseID(value)
		return ok
	}, new(string))
	if err == nil && target == "" {
		err = errors.New("it is corrupt: it names no object")
	}
	return target, err
}

// headers calls each with the headers of a commit or tag, up to the message. A header of
// several lines, such as a signature, is passed over but for the first of them.
func headers(data []byte, each func(key, value string) (ok bool), message *string) error {
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' {
			continue
		}
		key, value, _ := strings.Cut(string(line), " ")
		if !each(key, value) {
			return fmt.Errorf("it is corrupt: its line %q names no object", line)
		}
	}
	*message = string(data)
	return nil
}

// parseSignature reads "name <email> seconds zone".
func parseSignature(text string) Signature {
	var s gogit.Signature
	s.Decode([]byte(text))
	return Signature(s)
}

// NewCommit makes the object of a commit, whose ID is not looked at.
func (f Format) NewCommit(c CommitData) Object {
	var b bytes.Buffer
	fmt.Fprintf(&b, "tree %s\n", c.Tree)
	for _, parent := range c.Parents {
		fmt.Fprintf(&b, "parent %s\n", parent)
	}
	for _, role := range []struct {
		name string
		Signature
	}{{"author", c.Author}, {"committer", c.Committer}} {
		fmt.Fprintf(&b, "%s %s <%s> %d %s\n", role.name, role.Name, role.Email, role.When.Unix(), role.When.Format("-0700"))
	}
	b.WriteString("\n" + c.Message)
	return f.NewObject(Commit, b.Bytes())
}
