package workflowfile_test

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/workflowfile"
)

var update = flag.Bool("update", false, "write the files of testdata anew")

// shapes are repositories, by the file of testdata that has their workflow.
var shapes = map[string]workflowfile.Options{
	"none":  {Branch: "main"},
	"one":   {Branch: "main", Waves: []int{12}, Registries: []string{"ghcr.io"}, Version: "v1.2.3"},
	"three": {Branch: "release/$x", Waves: []int{20, 12, 3}, Registries: []string{"acme.azurecr.io", "docker.io", "ghcr.io", "localhost:5000"}, Emulate: true},
	"pages": {Branch: "main", Waves: []int{601, 600}},
}

// A workflow is what of one is looked at.
type workflow struct {
	On          map[string]any
	Permissions map[string]string
	Jobs        map[string]struct {
		If          string
		Needs       yaml.Node
		Permissions map[string]string
		Outputs     map[string]string
		Timeout     int `yaml:"timeout-minutes"`
		Steps       []struct {
			Uses, Run string
			With      map[string]string
		}
	}
}

func parse(t *testing.T, text []byte) (w workflow) {
	t.Helper()
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// Each workflow is as testdata has it, where actionlint looks at it too.
func TestNew(t *testing.T) {
	for name, options := range shapes {
		path := "testdata/" + name + ".yml"
		got := workflowfile.New(options)
		if *update {
			if err := os.WriteFile(path, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("the workflow is not that of %s (%v): go test -timeout 20m ./internal/workflowfile -update writes it, and git shows what has changed", path, err)
		}
		if !bytes.Equal(got, workflowfile.New(options)) {
			t.Errorf("%s is another each time", name)
		}
	}
}

// There is a job for each page of each wave, which needs those of all waves before, and the last needs all.
func TestJobs(t *testing.T) {
	for name, want := range map[string]string{
		"none":  "plan: ; rebuild: plan wave-1; wave-1: plan",
		"one":   "plan: ; rebuild: plan wave-1; wave-1: plan",
		"three": "plan: ; rebuild: plan wave-1 wave-2 wave-3; wave-1: plan; wave-2: plan wave-1; wave-3: plan wave-1 wave-2",
		"pages": "plan: ; rebuild: plan wave-1 wave-1-page-2 wave-1-page-3 wave-2 wave-2-page-2 wave-2-page-3; wave-1: plan; wave-1-page-2: plan; wave-1-page-3: plan; " +
			"wave-2: plan wave-1 wave-1-page-2 wave-1-page-3; wave-2-page-2: plan wave-1 wave-1-page-2 wave-1-page-3; wave-2-page-3: plan wave-1 wave-1-page-2 wave-1-page-3",
	} {
		w := parse(t, workflowfile.New(shapes[name]))
		var jobs []string
		for _, job := range slices.Sorted(maps.Keys(w.Jobs)) {
			is := w.Jobs[job]
			var needs []string
			if err := is.Needs.Decode(&needs); len(is.Needs.Content) > 0 && err != nil {
				t.Fatal(err)
			}
			jobs = append(jobs, job+": "+strings.Join(needs, " "))
			if is.Timeout == 0 {
				t.Errorf("%s: %s may run for ever", name, job)
			}
			if output := w.Jobs["plan"].Outputs[job]; strings.HasPrefix(job, "wave-") && (output == "" || !strings.Contains(is.If, "needs.plan.outputs."+job+" != ''")) {
				t.Errorf("%s: %s has the output %q and the condition %q", name, job, output, is.If)
			}
		}
		if got := strings.Join(jobs, "; "); got != want {
			t.Errorf("%s has the jobs\n%s, want\n%s", name, got, want)
		}
	}
}

var (
	pinned     = regexp.MustCompile(`^[a-z]+/[a-z-]+@[0-9a-f]{40}$`)
	expression = regexp.MustCompile(`\$\{\{`)
)

// Nothing that somebody may have chosen stands in a script, actions are pinned by commit, and tokens may do
// what they have to alone.
func TestSafety(t *testing.T) {
	for name, options := range shapes {
		w := parse(t, workflowfile.New(options))
		if len(w.Permissions) > 0 {
			t.Errorf("%s: every job may do %v", name, w.Permissions)
		}
		for _, event := range []string{"pull_request", "push", "merge_group"} {
			if filters, ok := w.On[event]; !ok || event != "push" && filters != nil {
				t.Errorf("%s: on %s there is %v: the check has to report always", name, event, filters)
			}
		}
		for job, is := range w.Jobs {
			for _, step := range is.Steps {
				if expression.MatchString(step.Run) {
					t.Errorf("%s: an expression stands in a script of %s: %s", name, job, step.Run)
				}
				if step.Uses != "" && !pinned.MatchString(step.Uses) {
					t.Errorf("%s: %s is not pinned", name, step.Uses)
				}
				if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != "false" {
					t.Errorf("%s: %s leaves the token in the work tree", name, job)
				}
			}
			for what, access := range is.Permissions {
				isPush := what == "packages" && strings.HasPrefix(job, "wave-") && slices.Contains(options.Registries, "ghcr.io")
				if access != "read" && !isPush {
					t.Errorf("%s: %s may %s %s", name, job, access, what)
				}
			}
		}
	}
	hostile := workflowfile.New(workflowfile.Options{Branch: "a\"\n- '${{ secrets.X }}'"})
	if text := string(hostile); strings.Contains(text, "${{ secrets.X }}") {
		t.Errorf("a branch is an expression: %s", text)
	}
	w := parse(t, hostile)
	if push := w.On["push"].(map[string]any)["branches"].([]any); len(push) != 1 || push[0] != "a\"\n- '${{ secrets.X }}'" {
		t.Errorf("the branch has become %q", push)
	}
}

// Go and the actions that the documents name are those of the workflow.
func TestSameAsElsewhere(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(mod), "\ngo "+workflowfile.GoVersion+"\n") {
		t.Errorf("go.mod is not for Go %s", workflowfile.GoVersion)
	}
	readme, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(workflowfile.New(shapes["three"]))
	for _, m := range regexp.MustCompile(`(\S+)@([0-9a-f]{40}) # (\S+)`).FindAllString(string(readme), -1) {
		name, _, _ := strings.Cut(m, "@")
		if strings.Contains(text, name+"@") && !strings.Contains(text, m) {
			t.Errorf("docs/ci.md has %s, the workflow another", m)
		}
	}
}

// What holds for the workflow holds for the action of this repository: inputs do not stand in scripts.
func TestAction(t *testing.T) {
	content, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs, Outputs map[string]struct{ Description, Value string }
		Runs            struct {
			Steps []struct {
				Uses, Run, Shell string
				With, Env        map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(content, &action); err != nil {
		t.Fatal(err)
	}
	var used strings.Builder
	for _, step := range action.Runs.Steps {
		if expression.MatchString(step.Run) {
			t.Errorf("an expression stands in a script: %s", step.Run)
		}
		if step.Uses != "" && !pinned.MatchString(step.Uses) || step.Run != "" && step.Shell != "bash" {
			t.Errorf("%s is not pinned, or %q is run by the shell %q", step.Uses, step.Run, step.Shell)
		}
		if version, ok := step.With["go-version"]; ok && version != workflowfile.GoVersion {
			t.Errorf("it takes Go %s, not %s", version, workflowfile.GoVersion)
		}
		for _, value := range step.Env {
			used.WriteString(value)
		}
	}
	for name, input := range action.Inputs {
		if input.Description == "" || !strings.Contains(used.String(), "inputs."+name+" ") {
			t.Errorf("the input %s is not described, or not used", name)
		}
	}
	for _, name := range []string{"matrix", "paths", "count"} {
		if action.Outputs[name].Value != "${{ steps.run.outputs."+name+" }}" {
			t.Errorf("the output %s is %q", name, action.Outputs[name].Value)
		}
	}
}

// Secrets are called after their registry, as GitHub takes names.
func TestSecrets(t *testing.T) {
	for host, want := range map[string]string{
		"acme.azurecr.io": "ACME_AZURECR_IO_USERNAME", "registry.acme.io:5000": "REGISTRY_ACME_IO_5000_USERNAME", "docker.io": "DOCKER_IO_USERNAME",
		"123456789012.dkr.ecr.eu-west-1.amazonaws.com": "REGISTRY_123456789012_DKR_ECR_EU_WEST_1_AMAZONAWS_COM_USERNAME", "github.acme.io": "REGISTRY_GITHUB_ACME_IO_USERNAME",
	} {
		if all := workflowfile.Secrets([]string{host}); len(all) != 1 || all[0].Username != want || all[0].Host != host {
			t.Errorf("the secrets of %s are %v, want %s", host, all, want)
		}
	}
	if all := workflowfile.Secrets([]string{"ghcr.io"}); len(all) != 0 {
		t.Errorf("ghcr.io takes the token, and is said to need %v", all)
	}
}

// What propagate has written may be replaced, and nothing else.
func TestKeep(t *testing.T) {
	text := workflowfile.New(shapes["three"])
	for name, tc := range map[string]struct {
		content []byte
		err     error
	}{
		"as written":            {text, nil},
		"of another repository": {workflowfile.New(shapes["one"]), nil},
		"with other line ends":  {bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), nil},
		"edited":                {bytes.Replace(text, []byte("timeout-minutes: 120"), []byte("timeout-minutes: 60"), 1), workflowfile.ErrChanged},
		"with a line more":      {append(slices.Clone(text), "# mine\n"...), workflowfile.ErrChanged},
		"without its seal":      {bytes.Replace(text, []byte("# seal: "), []byte("# was: "), 1), workflowfile.ErrChanged},
		"a person's own":        {[]byte("on: push\njobs: {}\n"), workflowfile.ErrChanged},
		"empty":                 {nil, workflowfile.ErrChanged},
	} {
		if err := workflowfile.Keep(tc.content); !errors.Is(err, tc.err) {
			t.Errorf("%s: %v, want %v", name, err, tc.err)
		}
	}
}
