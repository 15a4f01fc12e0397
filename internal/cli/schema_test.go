package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

const schemaDir = "../../docs/schema"

// schemas holds the project's schemas, by the name of their document. The published ones
// are open, since a field may be added at any time; here they are closed, so that a field
// that none of them describes is found.
var schemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	files, err := filepath.Glob(filepath.Join(schemaDir, "*.schema.json"))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiled := map[string]*jsonschema.Schema{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		closeObjects(schema)
		if err := compiler.AddResource(file, schema); err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(file), ".schema.json")
		if compiled[name], err = compiler.Compile(file); err != nil {
			return nil, err
		}
	}
	return compiled, nil
})

// closeObjects closes every object of a schema that has properties. What only adds a
// condition to one (if, then, else) has no type.
func closeObjects(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		_, listed := s["properties"]
		if _, said := s["additionalProperties"]; s["type"] == "object" && listed && !said {
			s["additionalProperties"] = false
		}
		for _, below := range s {
			closeObjects(below)
		}
	case []any:
		for _, below := range s {
			closeObjects(below)
		}
	}
}

// validate fails the test unless text is one JSON object and as the schema of
// its document says, and returns it. The name of a document that has no field
// schema has to be given.
func validate(t testing.TB, name, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	var document map[string]any
	if err := decoder.Decode(&document); err != nil {
		t.Errorf("stdout is no JSON object: %v\n%s", err, text)
		return nil
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		t.Errorf("there is more than one object on stdout:\n%s", text)
	}
	if name == "" {
		id, _ := document["schema"].(string)
		name = strings.TrimSuffix(strings.TrimPrefix(id, "propagate/"), "/v1")
		if id != "propagate/"+name+"/v1" {
			t.Errorf("schema is %q", id)
		}
	}
	compiled, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	if compiled[name] == nil {
		t.Errorf("there is no schema of %q", name)
		return document
	}
	var instance any
	if instance, err = jsonschema.UnmarshalJSON(strings.NewReader(text)); err == nil {
		err = compiled[name].Validate(instance)
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
	}
	return document
}

// document reads what a run printed into out.
func document[T any](t testing.TB, r result) T {
	t.Helper()
	var out T
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil {
		t.Fatalf("%v\nstdout: %s\nstderr: %s", err, r.stdout, r.stderr)
	}
	return out
}

// Every run of every test here is validated as well; these are the ones that are
// about nothing else.
func TestDocumentsAreAsTheirSchemasSay(t *testing.T) {
	t.Parallel()
	sample := gittest.Init(t, matih(t))
	dir := plain(t, matih(t))
	const ml = "base-python-ml@1.0.1"
	for _, test := range []struct {
		name string
		dir  string
		args []string
	}{
		{"scan", sample, []string{"scan"}},
		{"scan of a plain directory", dir, []string{"scan"}},
		{"strict scan", sample, []string{"scan", "--strict"}},
		{"verbose scan", sample, []string{"scan", "--verbose"}},
		{"graph", sample, []string{"graph"}},
		{"graph by its own flag", sample, []string{"graph", "--format", "json"}},
		{"graph of a plain directory", dir, []string{"graph"}},
		{"report", sample, []string{"report"}},
		{"report by its own flag", dir, []string{"report", "--format", "json"}},
		{"report with registries", sample, []string{"report", "--registries"}},
		{"explain", sample, []string{"graph", "--explain", "base-python-gpu"}},
		{"explain an image from outside", dir, []string{"graph", "--explain", "eclipse-temurin"}},
		{"affected", sample, []string{"affected", "--base", ml}},
		{"affected by all versions", sample, []string{"affected", "--base", "base-java"}},
		{"affected by two bases", sample, []string{"affected", "--base", ml, "--base", "base-java@1.0.1"}},
		{"affected by an upstream image", sample, []string{"affected", "--base", "eclipse-temurin@21.1-jre-alpine"}},
		{"affected by a digest", sample, []string{"affected", "--base", "base-java@sha256:" + strings.Repeat("0", 64)}},
		{"affected, large steps", sample, []string{"affected", "--base", ml, "--level", "major"}},
		{"plan", sample, []string{"plan", "--base", ml}},
		{"plan by service", sample, []string{"plan", "--base", ml, "--group", "service"}},
		{"plan by directory", sample, []string{"plan", "--base", ml, "--group", "directory"}},
		{"plan by team", sample, []string{"plan", "--base", ml, "--group", "team"}},
		{"plan by wave", sample, []string{"plan", "--base", ml, "--group", "wave"}},
		{"plan of an emergency", sample, []string{"plan", "--base", ml, "--emergency"}},
		{"plan without a change", sample, []string{"plan", "--base", "base-nginx@1.27-alpine"}},
		{"plan of a plain directory", dir, []string{"plan", "--base", ml}},
		{"dry run", sample, []string{"--base", ml, "--dry-run"}},
		{"main job", sample, []string{"--base", ml}},
		{"main job without a change", sample, []string{"--base", "base-nginx@1.27-alpine"}},
		{"version", sample, []string{"version"}},
		{"config check", sample, []string{"config", "check"}},
		{"config show", dir, []string{"config", "show"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(test.dir).run(t, append(test.args, "-o", "json")...).want(t, 0)
		})
	}
}

// The corpus of the scanner holds Dockerfiles of every odd kind, unreadable ones
// among them.
func TestScanOfOddDockerfiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/dockerfiles/*.Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("the corpus holds %d Dockerfiles only", len(files))
	}
	odd := map[string]string{}
	for _, file := range files {
		odd[filepath.Base(file)] = read(t, "", file)
	}
	for name, dir := range map[string]string{"repository": gittest.Init(t, odd), "directory": plain(t, odd)} {
		t.Run(name, func(t *testing.T) {
			r := in(dir).run(t, "scan", "-o", "json").want(t, 3)
			scan := document[struct {
				Dockerfiles []struct{ Path string }
			}](t, r)
			if len(scan.Dockerfiles) != len(files) {
				t.Errorf("%d Dockerfiles, want %d", len(scan.Dockerfiles), len(files))
			}
			in(dir).run(t, "graph", "-o", "json").want(t, 3)
		})
	}
}

// TestSchemasAreComplete holds the schemas to their own rules: every object has its
// fields described, and none is closed to further ones.
func TestSchemasAreComplete(t *testing.T) {
	t.Parallel()
	compiled, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	for name := range compiled {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(schemaDir, name+".schema.json"))
			if err != nil {
				t.Fatal(err)
			}
			var schema map[string]any
			if err := json.Unmarshal(data, &schema); err != nil {
				t.Fatal(err)
			}
			if id, _ := schema["$id"].(string); !strings.HasSuffix(id, "/docs/schema/"+name+".schema.json") {
				t.Errorf("$id is %q", id)
			}
			checkDescribed(t, "", schema)
			if name != "config" { // which is of what people write
				checkOpen(t, "", schema)
			}
		})
	}
}

// checkOpen reports what a further field would break.
func checkOpen(t *testing.T, at string, schema any) {
	t.Helper()
	switch s := schema.(type) {
	case map[string]any:
		for name, below := range s {
			if below == false {
				t.Errorf("%s/%s: is false: no field can be added", at, name)
			}
			checkOpen(t, at+"/"+name, below)
		}
	case []any:
		for i, below := range s {
			checkOpen(t, fmt.Sprintf("%s/%d", at, i), below)
		}
	}
}

func checkDescribed(t *testing.T, at string, schema map[string]any) {
	t.Helper()
	if schema["type"] == "object" {
		_, listed := schema["properties"]
		_, others := schema["additionalProperties"]
		if !listed && !others {
			t.Errorf("%s: says nothing of what is in it", at)
		}
	}
	for _, under := range []string{"properties", "$defs"} {
		fields, _ := schema[under].(map[string]any)
		for name, field := range fields {
			path := fmt.Sprintf("%s/%s/%s", at, under, name)
			if text, _ := field.(map[string]any)["description"].(string); text == "" {
				t.Errorf("%s: has no description", path)
			}
			checkDescribed(t, path, field.(map[string]any))
		}
	}
}

// A schema that allows everything would prove nothing.
func TestSchemasRefuse(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), "services/c/Dockerfile", from("0.9.0")))
	compiled, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, schema, old, new string }{
		{"a list that is null", "plan", `"pending": []`, `"pending": null`},
		{"an unknown state", "plan", `"state": "planned"`, `"state": "done"`},
		{"a failure without its error", "plan", `"state": "planned"`, `"state": "failed"`},
		{"an unknown field", "plan", `"rebuilt": []`, `"rebuilt": [], "extra": 1`},
		{"an unknown field inside", "affected", `"wave": 1`, `"wave": 1, "level": 1`},
		{"a missing field", "affected", `"role": "service",`, ``},
		{"a skip without its reason", "affected", `"reason": "level"`, `"reason": ""`},
		{"an unknown kind", "scan", `"kind": "from"`, `"kind": "FROM"`},
		{"another version of the document", "graph", `graph/v1`, `graph/v2`},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := []string{test.schema, "-o", "json"}
			if test.schema == "plan" || test.schema == "affected" {
				args = append(args, "--base", "base@1.0.1")
			}
			text := in(dir).run(t, args...).want(t, 0).stdout
			spoilt := strings.Replace(text, test.old, test.new, 1)
			if spoilt == text {
				t.Fatalf("%s is not in %s", test.old, text)
			}
			instance, err := jsonschema.UnmarshalJSON(strings.NewReader(spoilt))
			if err != nil {
				t.Fatal(err)
			}
			if compiled[test.schema].Validate(instance) == nil {
				t.Errorf("the schema takes %s", test.new)
			}
		})
	}
}
