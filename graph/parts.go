package graph

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// stands reports whether components of a path stand for a tag: all of them are in it, in
// their order, and what else is in the tag are numbers of a version. A number stands for
// itself and for those below it (8.0 for 8.0.11). A processor may be left out of the tag,
// and where it is read loosely the number of a flavour (alpine for alpine3.24).
func stands(parts []string, tag string, loose bool) bool {
	in := tokens(tag)
	at := 0
	for n, part := range parts {
		want := tokens(part)
		if loose && len(want) > 0 && !isNumber(want[0]) {
			want = tokens(flavourNumber().ReplaceAllString(part, "$1"))
		}
		if len(want) == 0 {
			return false
		}
		skip := at
		for skip < len(in) && !slices.EqualFunc(want, in[skip:min(skip+len(want), len(in))], sameToken) && isNumber(in[skip]) && !isNumber(want[0]) {
			skip++
		}
		if skip+len(want) <= len(in) && slices.EqualFunc(want, in[skip:skip+len(want)], sameToken) {
			at = skip + len(want)
			continue
		}
		if !architectures[part] || n == 0 {
			return false
		}
	}
	return !slices.ContainsFunc(in[at:], func(s string) bool { return !isNumber(s) && (!loose || !codenames[s]) })
}

// sameToken compares a token of a path with one of a tag: alpine of a path stands for alpine3
// of alpine3.20 too.
func sameToken(path, tag string) bool {
	return path == tag || len(path) > 2 && path == strings.TrimRight(tag, "0123456789")
}

// codenames are releases of distributions that a tag may name behind a flavour: slim-bookworm.
var codenames = words(`buster bullseye bookworm trixie forky sid focal jammy noble resolute alpine debian ubuntu`)

// flavourNumber is the number of a flavour: 3.24 in alpine3.24 and alpine3.24-extra.
var flavourNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([a-z]+)[0-9]+(?:[._][0-9]+)*`) })

// tokens splits a tag, or a component of a path, at its separators.
func tokens(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune("-._+", r) })
}

// isNumber holds for what is a number of a version or marks one: 11, v3, rc1, preview.
func isNumber(s string) bool {
	s = strings.TrimRight(s, "0123456789")
	switch s {
	case "", "v", "r", "rc", "preview", "alpha", "beta", "pre", "p", "build":
		return true
	}
	return false
}

// forArchitecture keeps of several makers those whose path names the processor that a tag
// names.
func forArchitecture(makers []*maker, tag string) []*maker {
	for _, arch := range tokens(tag) {
		if !architectures[arch] || len(makers) < 2 {
			continue
		}
		if of := filter(makers, func(m *maker) bool { return slices.Contains(pathTokens(m.build.Key), arch) }); len(of) > 0 {
			return of
		}
	}
	return makers
}

// withoutArchitecture returns a path without the words of a processor in it.
func withoutArchitecture(p string) string {
	return strings.Join(slices.DeleteFunc(pathTokens(p), func(s string) bool { return architectures[s] }), "/")
}

// pathTokens splits a path at its separators, in lower case.
func pathTokens(p string) []string {
	return strings.FieldsFunc(strings.ToLower(p), func(r rune) bool { return strings.ContainsRune("/._-", r) })
}
