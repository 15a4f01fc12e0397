package scanner

import (
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// partly adds a reference of which a build does not let know everything. The
// repository is mostly known all the same: a tag that is the commit is what nobody
// writes down.
func (r *reader) partly(kind Kind, stage int, pos source.Pos, written, text string) *Ref {
	const hint = "write the version into the build file, or give the ARG a default that has one"
	repository, name := knownRepository(text)
	if repository == "" {
		ref := r.unresolved(source.CodeUnknownValue, kind, stage, pos, written, fmt.Sprintf("is %s, of which not all is known at %s", Readable(text), r.build.Where), hint, true)
		ref.Guess, ref.GuessTag = withoutPlace(text)
		return ref
	}
	part := "tag"
	if strings.Contains(text[:strings.Index(text, Unknown)], "@") {
		part = "digest"
	}
	ref := r.unresolved(source.CodeUnknownValue, kind, stage, pos, written, fmt.Sprintf("is %s with a %s that is not known at %s", name, part, r.build.Where), hint, true)
	ref.Guess, ref.GuessTag = repository, tagOf(text, name)
	return ref
}

// Readable returns a text for people, with "…" for what is not known of it.
func Readable(text string) string { return strings.ReplaceAll(text, Unknown, ellipsis) }

const ellipsis = "…"

// LacksPlace reports whether the registry or the namespace of a repository is not known: of "…/base", as [Ref.Repository]
// has it.
func LacksPlace(repository string) bool { return strings.Contains(repository, ellipsis) }

// withoutPlace returns the repository and the tag of a reference of which the registry or the namespace alone is not
// known: "…/base" and "1.0.0" of $CI_REGISTRY_IMAGE/base:1.0.0. They are "" for any other.
func withoutPlace(text string) (repository, tag string) {
	name, tag, ok := strings.Cut(text[strings.LastIndexByte(text, '/')+1:], ":")
	if !ok || !strings.Contains(text, "/") || strings.Contains(name+tag, Unknown) || strings.Contains(tag, "@") {
		return "", ""
	}
	if _, err := imageref.Parse(name + ":" + tag); err != nil {
		return "", ""
	}
	return Readable(text[:len(text)-len(tag)-1]), tag
}

// withoutVersion returns the repository and the tag of a reference in which what has no value leaves nothing of the version, or
// what may stand behind one alone: "python" and "…-slim" of python:${TAG}-slim. They are "" for any other.
func withoutVersion(text string) (repository, tag string) {
	if named, err := imageref.Parse(strings.TrimRight(text, ":@")); err == nil && named.Tag == "" {
		return named.Repository, ""
	}
	at := strings.LastIndexByte(text, ':')
	if at < 0 || at+1 == len(text) || strings.IndexByte("-.", text[at+1]) < 0 {
		return "", ""
	}
	named, err := imageref.Parse(text[:at+1] + "0" + text[at+1:])
	if err != nil {
		return "", ""
	}
	return named.Repository, Unknown + text[at+1:]
}

// isPartly reports whether not all of an argument is known.
func isPartly(a Arg) bool { return strings.Contains(a.Value.S, Unknown) }

// standInFor returns what a word likely is of which not all is known, e as far as that
// goes: with the file's own default for what is not known, if that is of the same
// repository or the repository is not known either. Else it is e.
func (r *reader) standInFor(e expansion, word trace.Text) expansion {
	likely, err := r.likely.expand(word)
	if err != nil || likely.S == "" {
		return e
	}
	repository, _ := knownRepository(e.S)
	if image, err := imageref.Parse(likely.S); err == nil && (repository == "" || repository == image.Repository) {
		likely.outside = hasUnknownVersion(e.S)
		return likely
	}
	return e
}

// hasUnknownVersion reports whether the tag or digest of a reference may hold [Unknown]: in
// …/base:1.0.0 it is the registry alone.
func hasUnknownVersion(text string) bool {
	at := strings.LastIndexAny(text, ":@")
	return at < 0 || at < strings.LastIndexByte(text, '/') || strings.Contains(text[at:], Unknown) || !strings.Contains(text, Unknown)
}

// knownRepository returns the repository of a reference that has [Unknown] in its tag
// or digest alone, and how that is written; "" for any other.
func knownRepository(text string) (repository, name string) {
	name, _, _ = strings.Cut(text, Unknown)
	if i := strings.IndexByte(name, '@'); i >= 0 {
		name = name[:i]
	} else {
		colon := strings.LastIndexByte(name, ':')
		// Behind the colon of a port there is a path.
		if colon < 0 || strings.Contains(text[colon:], "/") {
			return "", ""
		}
		name = name[:colon]
	}
	ref, err := imageref.Parse(name)
	if err != nil {
		return "", ""
	}
	return ref.Repository, name
}

// tagOf returns the tag of a reference behind its name, as far as it is known.
func tagOf(text, name string) string {
	tag, isTag := strings.CutPrefix(text[len(name):], ":")
	tag, _, _ = strings.Cut(tag, "@")
	if !isTag || strings.Trim(tag, Unknown) == "" {
		return ""
	}
	return tag
}

// cutsText reports whether a word has a variable of which it may take a part away
// (${X#a}, ${X%a}, ${X/a/b}).
func cutsText(word string) bool {
	for {
		_, rest, found := strings.Cut(word, "${")
		if !found {
			return false
		}
		word = strings.TrimLeftFunc(rest, func(c rune) bool {
			return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
		})
		if word != "" && strings.IndexByte("#%/", word[0]) >= 0 {
			return true
		}
	}
}

// abbreviate cuts the middle out of a text that is longer than most bytes.
func abbreviate(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most/2]+"…"+s[len(s)-most/2:], "")
}

func unset(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (ARG without a value: " + strings.Join(names, ", ") + ")"
}
