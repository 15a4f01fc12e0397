package scanner

import (
	"path"
	"regexp"
	"strings"
)

var dockerfileName = regexp.MustCompile(`^(?:.+[._-])?(?:dockerfile|containerfile)(?:[._-].+)?$`)

// otherEndings are the endings of files that talk about a Dockerfile or happen
// to be called after one. Names of programs that images are called after are none:
// Dockerfile.bash, Dockerfile.lua and Dockerfile.proto build what they say.
var otherEndings = set(`dockerignore containerignore md mdx markdown rst adoc txt html htm pdf
	sh ps1 bat cmd go py pyc ipynb js mjs cjs jsx ts tsx rb rs pl css scss
	json json5 jsonc yaml yml toml ini cfg conf properties xml csv lock sum
	log out diff patch orig rej bak swp tmp old asc sig sha256 sha512
	png jpg jpeg gif svg ico zip tar gz tgz xz`)

var templateEndings = set(`j2 jinja jinja2 tmpl tpl template in erb m4 mustache hbs handlebars ejs gotmpl liquid mako njk`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, word := range strings.Fields(words) {
		m[word] = true
	}
	return m
}

// MayMatter tells most names that neither [IsDockerfile] nor [IsTemplate] holds for
// from the others, at once.
func MayMatter(name string) bool {
	for i := len("dockerfile"); i <= len(name); i++ {
		if name[i-1]|0x20 == 'e' && name[i-4]|0x20 == 'f' && (strings.EqualFold(name[i-10:i], "dockerfile") || i >= 13 && strings.EqualFold(name[i-13:i], "containerfile")) {
			return true
		}
	}
	return false
}

// IsDockerfile reports whether a file of this path is taken for a Dockerfile by
// its name alone, whatever the case: "Dockerfile" or "Containerfile", with
// something before or after it that is set off by a dot, a hyphen or an
// underscore, and without the ending of another kind of file.
func IsDockerfile(p string) bool {
	name, ending := split(p)
	return !otherEndings[ending] && !templateEndings[ending] && dockerfileName.MatchString(name)
}

// IsTemplate reports whether a file of this path is a template of a Dockerfile
// by its name: it would be one but for the ending ("Dockerfile.j2").
func IsTemplate(p string) bool {
	name, ending := split(p)
	return templateEndings[ending] && dockerfileName.MatchString(strings.TrimSuffix(name, "."+ending))
}

func split(p string) (name, ending string) {
	name = strings.ToLower(path.Base(p))
	return name, strings.TrimPrefix(path.Ext(name), ".")
}

// Variant returns what tells a Dockerfile from the others of its directory:
// "worker" for "Dockerfile.worker" and for "worker.Dockerfile", "" for one that
// is called Dockerfile or Containerfile alone. Its case is kept.
func Variant(p string) string {
	name := path.Base(p)
	lower := strings.ToLower(name)
	for _, word := range []string{"dockerfile", "containerfile"} {
		if i := strings.Index(lower, word); i >= 0 {
			return strings.Trim(strings.Trim(name[:i], "._-")+"-"+strings.Trim(name[i+len(word):], "._-"), "-")
		}
	}
	return name
}
