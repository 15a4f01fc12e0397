package publish

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo"
)

// The trailers of a commit message. Content is the identity of what the change makes of its
// files; it stays the same when the rest of the repository moves on. Tree is the tree that
// the commit was made with. Version names a base and what it moves to, one trailer for each.
// Seal is over all of the commit but its parent and its times: a commit that a person
// amended has another, also if its tree is the same.
//
// Commits of earlier versions of the program have the first two alone, and are known by them.
const (
	contentTrailer = "Propagate-Content"
	treeTrailer    = "Propagate-Tree"
	versionTrailer = "Propagate-Version"
	sealTrailer    = "Propagate-Seal"
)

var sealed = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^` + contentTrailer + `: ([0-9a-f]{64})\n` + treeTrailer + `: ([0-9a-f]{40,64})` +
		`((?:\n` + versionTrailer + `: \S+)*)(?:\n` + sealTrailer + `: ([0-9a-f]{64}))?\n*\z`)
})

// trailers returns what the message of the commit of a change ends with.
func trailers(c Change, commit gitrepo.Commit) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n%s: %s\n", contentTrailer, content(c), treeTrailer, commit.Tree)
	for _, s := range c.Subjects {
		fmt.Fprintf(&b, "%s: %s@%s\n", versionTrailer, s.Image, s.Version)
	}
	seal := sealOf(forge.Commit{
		Tree: commit.Tree, Message: commit.Message + b.String(),
		Author:    forge.Person{Name: commit.Author.Name, Email: commit.Author.Email},
		Committer: forge.Person{Name: commit.Committer.Name, Email: commit.Committer.Email},
	})
	fmt.Fprintf(&b, "%s: %s\n", sealTrailer, seal)
	return b.String()
}

// sealOf returns the seal of a commit whose message is without it.
func sealOf(c forge.Commit) string {
	h := sha256.New()
	for _, part := range []string{c.Tree, c.Author.Name, c.Author.Email, c.Committer.Name, c.Committer.Email, strings.TrimRight(c.Message, "\n")} {
		h.Write(fmt.Appendf(nil, "%d %s\n", len(part), part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A made is what a commit of propagate says of itself.
type made struct {
	content  string           // the identity of what it makes of its files
	parent   string           // the commit that it was made from; "" if that is not known
	subjects []bumper.Subject // without their lines; nil in a commit of an earlier version of the program
}

// readMade reads a commit that propagate made and nobody touched; ok is false for every
// other.
func readMade(c forge.Commit) (m made, ok bool) {
	at := sealed().FindStringSubmatchIndex(c.Message)
	if at == nil || c.Message[at[4]:at[5]] != c.Tree || len(c.Parents) > 1 {
		return made{}, false
	}
	if at[8] >= 0 {
		unsealed := c
		unsealed.Message = c.Message[:at[8]-len("\n"+sealTrailer+": ")]
		if sealOf(unsealed) != c.Message[at[8]:at[9]] {
			return made{}, false
		}
	}
	m.content = c.Message[at[2]:at[3]]
	if len(c.Parents) == 1 {
		m.parent = c.Parents[0]
	}
	for line := range strings.Lines(strings.TrimSpace(c.Message[at[6]:at[7]])) {
		value := strings.TrimSpace(strings.TrimPrefix(line, versionTrailer+":"))
		image, version, _ := strings.Cut(value, "@")
		m.subjects = append(m.subjects, bumper.Subject{Image: image, Version: version})
	}
	return m, true
}

// described translates a commit that is here.
func described(c gitrepo.Commit) forge.Commit {
	return forge.Commit{
		ID: c.ID, Tree: c.Tree, Parents: c.Parents, Message: c.Message,
		Author:    forge.Person{Name: c.Author.Name, Email: c.Author.Email},
		Committer: forge.Person{Name: c.Committer.Name, Email: c.Committer.Email},
	}
}

// content is the identity of what a change makes of its files.
func content(c Change) string {
	h := sha256.New()
	for _, file := range c.Files {
		addContent(h, file.Path, file.Content)
	}
	return hex.EncodeToString(h.Sum(nil))
}
