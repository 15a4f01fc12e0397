package imageref

import (
	_ "crypto/sha256" // reference.Parse accepts only digests whose hash is linked in
	_ "crypto/sha512"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/distribution/reference"
)

// A Ref is an image reference.
type Ref struct {
	Written    string // as given to Parse
	Repository string // canonical, with registry: "docker.io/library/node"
	Tag        string // as written; "" if none is
	Digest     string // "sha256:…"; "" if none is written
}

// Parse reads a reference by the rules that BuildKit applies to a base name
// (github.com/distribution/reference): a missing registry is docker.io, a
// repository of one component on docker.io lies under library/.
func Parse(s string) (Ref, error) {
	if known, ok := parsed.Load(s); ok {
		return known.(Ref), nil //nolint:forcetypeassert // nothing else is stored
	}
	r, err := parse(strings.Clone(s)) // which may be a part of a long line
	if err == nil && parsedCount.Add(1) <= maxParsed {
		parsed.Store(r.Written, r)
	}
	return r, err
}

// parsed are references by what is written. A repository names few images, and each of them
// many times; to parse one takes several regular expressions.
var (
	parsed      sync.Map
	parsedCount atomic.Int32
)

// maxParsed bounds the references that are kept.
const maxParsed = 1 << 14

func parse(s string) (Ref, error) {
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return Ref{}, err
	}
	r := Ref{Written: s, Repository: named.Name()}
	if t, ok := named.(reference.Tagged); ok {
		r.Tag = t.Tag()
	}
	if d, ok := named.(reference.Digested); ok {
		r.Digest = d.Digest().String()
	}
	return r, nil
}

// IsZero reports whether r is no reference at all.
func (r Ref) IsZero() bool { return r.Repository == "" }

// String returns the canonical form: registry and repository, then the tag and
// the digest that are written, or "latest" where neither is.
func (r Ref) String() string {
	if r.IsZero() {
		return ""
	}
	s := r.Repository
	switch {
	case r.Tag != "":
		s += ":" + r.Tag
	case r.Digest == "":
		return s + ":latest"
	}
	if r.Digest != "" {
		s += "@" + r.Digest
	}
	return s
}

// Version returns what is written of tag and digest: "1.0.0", "sha256:…",
// "1.0.0@sha256:…", or "" when neither is written.
func (r Ref) Version() string {
	switch {
	case r.Digest == "":
		return r.Tag
	case r.Tag == "":
		return r.Digest
	}
	return r.Tag + "@" + r.Digest
}

// TagAt returns the half-open range of the tag in Written; ok is false when no
// tag is written.
func (r Ref) TagAt() (start, end int, ok bool) {
	if r.Tag == "" {
		return 0, 0, false
	}
	end = len(r.Written)
	if r.Digest != "" {
		end = strings.LastIndexByte(r.Written, '@')
	}
	return end - len(r.Tag), end, true
}

// DigestAt returns the half-open range of the digest in Written; ok is false
// when no digest is written.
func (r Ref) DigestAt() (start, end int, ok bool) {
	if r.Digest == "" {
		return 0, 0, false
	}
	return len(r.Written) - len(r.Digest), len(r.Written), true
}

// Familiar returns a reference as people write it, without what is filled in by
// default: "alpine" for "docker.io/library/alpine:latest". What is no reference is
// returned as it is.
func Familiar(s string) string {
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return s
	}
	return strings.TrimSuffix(reference.FamiliarString(named), ":latest")
}

// Base returns the last path component of a repository.
func Base(repository string) string {
	return repository[strings.LastIndexByte(repository, '/')+1:]
}

// Matches reports whether name is repository itself or its last path
// components, each of them whole: "base-java" and "matih/base-java" match
// "registry.example/matih/base-java", "java" does not.
func Matches(repository, name string) bool {
	if name == repository {
		return true
	}
	rest, ok := strings.CutSuffix(repository, name)
	return ok && name != "" && strings.HasSuffix(rest, "/")
}
