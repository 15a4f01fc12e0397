package workflowfile

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// PageSize is how many jobs GitHub Actions runs of one matrix.
const PageSize = 256

// Path is where the workflow lies if nobody says otherwise.
const Path = ".github/workflows/rebuild.yml"

// GoVersion is the version of Go that the workflow installs propagate with, that of go.mod.
const GoVersion = "1.26.8"

// Options say what the repository is like.
type Options struct {
	Branch     string   // whose pushes publish what is built
	Waves      []int    // how many builds there can be in each wave; none is one wave of one page
	Registries []string // that images are pushed to, by host
	Emulate    bool     // whether a build is for another platform than that of the runner
	Version    string   // of propagate that is installed; "" is the latest
}

//go:embed rebuild.yml.tmpl
var text string

var file = template.Must(template.New("rebuild").Delims("[[", "]]").Funcs(template.FuncMap{"quote": quote, "list": list}).Parse(text))

// New returns the text of a workflow. The same options give the same bytes.
func New(o Options) []byte {
	if len(o.Waves) == 0 {
		o.Waves = []int{0}
	}
	if o.Version == "" {
		o.Version = "latest"
	}
	v := view{Options: o, GoVersion: GoVersion}
	for wave, builds := range o.Waves {
		earlier := append([]string{"plan"}, v.names()...)
		pages := max(1, (builds+PageSize-1)/PageSize)
		for page := 1; page <= pages; page++ {
			name := fmt.Sprintf("wave-%d", wave+1)
			if page > 1 {
				name += fmt.Sprintf("-page-%d", page)
			}
			v.Jobs = append(v.Jobs, job{Name: name, Wave: wave + 1, Page: page, Needs: earlier})
		}
		v.Beyond = append(v.Beyond, job{Wave: wave + 1, Page: pages + 1})
		v.Numbers = append(v.Numbers, wave+1)
	}
	v.Beyond = append(v.Beyond, job{Wave: len(o.Waves) + 1, Page: 1})
	v.GitHub, v.Logins = slices.Contains(o.Registries, ownRegistry), Secrets(o.Registries)
	var b bytes.Buffer
	if err := file.Execute(&b, v); err != nil {
		panic("workflowfile: " + err.Error()) // the template and the view are of this package, and fit
	}
	return sealed(b.Bytes())
}

// A view is what the template sees.
type view struct {
	Options
	GoVersion string
	Jobs      []job
	Beyond    []job // what there are no jobs for
	Numbers   []int // of the waves
	GitHub    bool  // whether images are pushed to GitHub's own registry
	Logins    []Login
}

// A job builds one page of one wave.
type job struct {
	Name       string
	Wave, Page int
	Needs      []string // all jobs before it
}

// A Login is the secrets that have to be set for a registry: their names.
type Login struct{ Host, Username, Password string }

// ownRegistry is that of GitHub, which takes the token of the job.
const ownRegistry = "ghcr.io"

// Secrets returns the secrets that a workflow needs for registries.
func Secrets(registries []string) []Login {
	var all []Login
	for _, host := range registries {
		if host != ownRegistry {
			all = append(all, Login{host, variable(host) + "_USERNAME", variable(host) + "_PASSWORD"})
		}
	}
	return all
}

func (v view) names() []string {
	var names []string
	for _, j := range v.Jobs {
		names = append(names, j.Name)
	}
	return names
}

// All returns the jobs that the last one needs.
func (v view) All() []string { return append([]string{"plan"}, v.names()...) }

// variable returns how the secrets of a registry begin: REGISTRY_ACME_IO for registry.acme.io.
func variable(host string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(host))
	if strings.HasPrefix(name, "GITHUB_") || name != "" && name[0] >= '0' && name[0] <= '9' {
		name = "REGISTRY_" + name // GitHub allows no secret of such a name
	}
	return name
}

// quote returns a text as a string of YAML. No expression of GitHub begins in it.
func quote(text string) (string, error) {
	quoted, err := json.Marshal(text) // whose strings are strings of YAML as well
	return strings.ReplaceAll(string(quoted), "${{", `$\u007b\u007b`), err
}

// list returns names of jobs as a list of YAML.
func list(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

// seal is the line that tells whether a person has changed the file: a hash of all the rest.
var seal = regexp.MustCompile(`(?m)^# seal: ([0-9a-f]{16})$`)

// unsealed is the seal of which the hash is taken.
const unsealed = "0000000000000000"

// sealed returns the text with its seal.
func sealed(text []byte) []byte {
	at := seal.FindSubmatchIndex(text)
	return slices.Concat(text[:at[2]], sum(text), text[at[3]:])
}

// sum is the seal of a text that has none.
func sum(text []byte) []byte {
	hash := sha256.Sum256(text)
	return []byte(hex.EncodeToString(hash[:len(unsealed)/2]))
}

// ErrChanged says that a person has changed the file, or written it.
var ErrChanged = errors.New("it is not as propagate has written it")

// Keep returns ErrChanged if a file is not one that New has written, with whatever options and in whatever
// version: replacing it would lose the work of a person. Line ends do not count.
func Keep(content []byte) error {
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	at := seal.FindSubmatchIndex(content)
	if at == nil {
		return ErrChanged
	}
	if text := slices.Concat(content[:at[2]], []byte(unsealed), content[at[3]:]); !bytes.Equal(sum(text), content[at[2]:at[3]]) {
		return ErrChanged
	}
	return nil
}
