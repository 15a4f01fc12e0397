package report

import (
	"bytes"
	_ "embed" // of gitlab.yml
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// mostNeeds is how many jobs a job of GitLab may need (GitLab docs, "needs").
const mostNeeds = 50

// gitLabBuild is the job that all others extend.
//
//go:embed gitlab.yml
var gitLabBuild string

// WriteGitLab writes what has to be rebuilt as a child pipeline of GitLab: a stage for each wave, a job for each build.
// A job begins once those are done that it is based on. Without any build there is one job that says so, since
// GitLab refuses a pipeline without jobs.
func (a *Affected) WriteGitLab(w io.Writer) error { return a.Matrix().writeGitLab(w) }

func (m Matrix) writeGitLab(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Written by propagate affected -o gitlab: a child pipeline.\n")
	if len(m.Include) == 0 {
		b.WriteString("\nnothing to rebuild:\n  script:\n    - echo nothing has to be rebuilt\n")
		_, err := io.WriteString(w, b.String())
		return err
	}
	waves := map[int]bool{}
	names := map[string]bool{}
	for _, j := range m.Include {
		waves[j.Wave], names[j.Name] = true, true
	}
	b.WriteString("stages:\n")
	for _, wave := range slices.Sorted(maps.Keys(waves)) {
		fmt.Fprintf(&b, "  - wave-%d\n", wave)
	}
	b.WriteString("\n" + gitLabBuild)
	for _, j := range m.Include {
		fmt.Fprintf(&b, "\n%s:\n  extends: .propagate-build\n  stage: wave-%d\n", yamlText("build:"+j.Name), j.Wave)
		needs := slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(j.needs))), func(name string) bool { return !names[name] })
		if len(needs) > 0 && len(needs) <= mostNeeds {
			b.WriteString("  needs:\n")
			for _, name := range needs {
				fmt.Fprintf(&b, "    - %s\n", yamlText("build:"+name))
			}
		}
		b.WriteString("  variables:\n")
		variables := j.variables()
		for _, name := range slices.Sorted(maps.Keys(variables)) {
			switch value := variables[name]; {
			case value == "" && name != "TARGET" && name != "TAGS" && name != "IMAGE":
			case strings.Contains(value, "$"):
				fmt.Fprintf(&b, "    %s:\n      value: %s\n      expand: false\n", name, yamlText(value))
			default:
				fmt.Fprintf(&b, "    %s: %s\n", name, yamlText(value))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// yamlText returns a text as YAML has it in double quotes: that of JSON is one.
func yamlText(s string) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a text can be
	var b strings.Builder
	for _, r := range strings.TrimSuffix(text.String(), "\n") {
		if r >= 0x7F && r < 0xA0 || r == 0xFEFF || r == 0xFFFE || r == 0xFFFF { // YAML takes these as escapes alone
			fmt.Fprintf(&b, `\u%04X`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
