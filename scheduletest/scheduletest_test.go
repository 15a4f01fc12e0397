package scheduletest

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	kubernetes "sigs.k8s.io/yaml"
)

const files = "../docs/schedule"

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wrong returns text with one change, which has to be possible.
func wrong(t *testing.T, text, old, new string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q to change", old)
	}
	return strings.Replace(text, old, new, 1)
}

// Every file there is, is tested by one of the tests below.
func TestFiles(t *testing.T) {
	t.Parallel()
	all, err := filepath.Glob(files + "/*.y*ml")
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i] = filepath.Base(all[i])
	}
	if want := []string{"azure-pipelines.yml", "github.yml", "gitlab-ci.yml", "kubernetes.yaml"}; !slices.Equal(all, want) {
		t.Errorf("there is %q, want %q", all, want)
	}
}

var fenced = regexp.MustCompile("(?ms)^```yaml\n(name:.*?)^```$")

func TestGitHub(t *testing.T) {
	t.Parallel()
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	lint := func(text string) []*actionlint.Error {
		found, err := linter.Lint("workflow.yml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	text := read(t, files+"/github.yml")
	workflows := map[string]string{"github.yml": text}
	for _, m := range fenced.FindAllStringSubmatch(read(t, "../docs/ci.md"), -1) {
		name, _, _ := strings.Cut(m[1], "\n")
		workflows["docs/ci.md, "+name] = m[1]
	}
	for name, text := range recipes(t) {
		if strings.HasPrefix(text, "name: ") {
			workflows[name] = text
		}
	}
	if len(workflows) < 4 {
		t.Errorf("there are %d workflows, too few", len(workflows))
	}
	for _, name := range slices.Sorted(maps.Keys(workflows)) {
		for _, problem := range lint(workflows[name]) {
			t.Errorf("%s: %v", name, problem)
		}
	}
	for old, new := range map[string]string{
		"timeout-minutes": "timeout-minute", "17 * * * *": "77 * * * *", "inputs.base": "inputs.bass", "contents: write": "contents: push",
	} {
		if len(lint(wrong(t, text, old, new))) == 0 {
			t.Errorf("%q in place of %q is not noticed", new, old)
		}
	}
}

func TestGitLab(t *testing.T) {
	t.Parallel()
	testSchema(t, "gitlab-ci.schema.json", files+"/gitlab-ci.yml", map[string]string{
		"resource_group": "resources_group", "allow_failure: true": "allow_failure: sometimes", "when: manual": "when: asked", "interruptible: false": "interruptible: never",
	}, plain)
}

// The child pipeline that propagate writes, as the tests of its command line have it too.
func TestGitLabChildPipeline(t *testing.T) {
	t.Parallel()
	testSchema(t, "gitlab-ci.schema.json", "testdata/child-pipeline.yml", map[string]string{
		"needs:": "wants:", "expand: false": "expand: never", "stage: wave-1": "stages: wave-1", "extends: .propagate-build": "extended: .propagate-build",
	}, plain)
}

func plain(text string) (value any, err error) {
	err = yaml.Unmarshal([]byte(text), &value)
	return value, err
}

// The recipes of docs/pipelines.md are as the schemas say; which they are for is said in their first lines.
func TestRecipes(t *testing.T) {
	t.Parallel()
	all := recipes(t)
	if len(all) != 4 {
		t.Fatalf("there are %d recipes", len(all))
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch text := all[name]; {
		case strings.HasPrefix(text, "# .gitlab"):
			holds(t, "gitlab-ci.schema.json", name, text, plain)
		case strings.HasPrefix(text, "# azure"):
			holds(t, "azure-pipelines.schema.json", name, text, quoted)
		case !strings.HasPrefix(text, "name: "):
			t.Errorf("%s is for nobody", name)
		}
	}
}

// recipes returns the examples of docs/pipelines.md, by a name.
func recipes(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, m := range regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(read(t, "../docs/pipelines.md"), -1) {
		name, _, _ := strings.Cut(m[1], "\n")
		all["docs/pipelines.md, "+name] = m[1]
	}
	return all
}

func TestAzure(t *testing.T) {
	t.Parallel()
	testSchema(t, "azure-pipelines.schema.json", files+"/azure-pipelines.yml", map[string]string{
		"always:": "ever:", "persistCredentials": "persistCredential", "restoreKeys": "restoreKey", "GoTool@0": "GoTools@0", "default: all": "defaults: all",
	}, quoted)
}

// quoted reads a file of Azure Pipelines: to its schema every scalar is a string.
func quoted(text string) (any, error) {
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		return nil, err
	}
	quote(&node)
	var value any
	err := node.Decode(&value)
	return value, err
}

// quote makes strings of all scalars.
func quote(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode {
		node.Tag = "!!str"
	}
	for _, child := range node.Content {
		quote(child)
	}
}

// testSchema holds a file to a schema, and makes sure that the schema would notice mistakes.
func testSchema(t *testing.T, schema, file string, mistakes map[string]string, parse func(string) (any, error)) {
	t.Helper()
	text := read(t, file)
	validate := holds(t, schema, file, text, parse)
	for old, new := range mistakes {
		if validate(wrong(t, text, old, new)) == nil {
			t.Errorf("%s: %q in place of %q is not noticed", file, new, old)
		}
	}
}

// holds holds a text to a schema, and returns what does so with another.
func holds(t *testing.T, schema, name, text string, parse func(string) (any, error)) (validate func(string) error) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiled, err := compiler.Compile("testdata/" + schema)
	if err != nil {
		t.Fatal(err)
	}
	validate = func(text string) error {
		value, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return compiled.Validate(value)
	}
	if err := validate(text); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return validate
}

func TestKubernetes(t *testing.T) {
	t.Parallel()
	text := read(t, files+"/kubernetes.yaml")
	claim, cron, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	for old, new := range map[string]string{
		"concurrencyPolicy": "concurrentPolicy", "readOnlyRootFilesystem: true": "readOnlyRootFilesystem: maybe", "secretKeyRef": "secretRef",
		"storage: 5Gi": "storage: 5 GB",
	} {
		if _, _, err := decode(wrong(t, text, old, new)); err == nil {
			t.Errorf("%q in place of %q is not noticed", new, old)
		}
	}

	for _, name := range []string{claim.Name, cron.Name} {
		if problems := validation.IsDNS1123Subdomain(name); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
	pod := cron.Spec.JobTemplate.Spec.Template.Spec
	if cron.Spec.ConcurrencyPolicy != batch.ForbidConcurrent || pod.RestartPolicy != core.RestartPolicyNever {
		t.Errorf("runs may be %s at a time, and restarted %s", cron.Spec.ConcurrencyPolicy, pod.RestartPolicy)
	}
	volumes := map[string]bool{}
	for _, volume := range pod.Volumes {
		volumes[volume.Name] = true
		if volume.PersistentVolumeClaim != nil && volume.PersistentVolumeClaim.ClaimName != claim.Name {
			t.Errorf("there is no claim %q", volume.PersistentVolumeClaim.ClaimName)
		}
	}
	for _, container := range slices.Concat(pod.InitContainers, pod.Containers) {
		if s := container.SecurityContext; s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
			s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.Capabilities == nil || !slices.Contains(s.Capabilities.Drop, "ALL") {
			t.Errorf("the container %s may do more than it has to", container.Name)
		}
		for _, mount := range container.VolumeMounts {
			if !volumes[mount.Name] {
				t.Errorf("the container %s: there is no volume %q", container.Name, mount.Name)
			}
		}
	}
}

// decode reads the two objects of the file, as the server would: unknown fields are errors.
func decode(text string) (claim core.PersistentVolumeClaim, cron batch.CronJob, err error) {
	documents := bytes.Split([]byte(text), []byte("\n---\n"))
	if len(documents) != 2 {
		return claim, cron, errors.New("these are not two documents")
	}
	return claim, cron, errors.Join(kubernetes.UnmarshalStrict(documents[0], &claim), kubernetes.UnmarshalStrict(documents[1], &cron))
}
