package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/yamltext"
)

var update = flag.Bool("update", false, "write the schema of the configuration")

const (
	schemaFile = "../../docs/schema/config.schema.json"
	schemaID   = "https://raw.githubusercontent.com/matihlabs/propagate/main/docs/schema/config.schema.json"
)

// The schema in docs/schema is the one that the types make.
func TestSchemaIsCurrent(t *testing.T) {
	want, err := config.Schema(schemaID)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the types make (%v): run go test -timeout 10m ./internal/config -run TestSchemaIsCurrent -update", schemaFile, err)
	}
}

// schema returns the schema, as it is and compiled.
func schema(t testing.TB) (map[string]any, *jsonschema.Schema) {
	t.Helper()
	text, err := config.Schema(schemaID)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaID, document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(schemaID)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	return tree, compiled
}

// A sampler makes documents of a schema.
type sampler struct {
	t     *testing.T
	count int
	check func(what string, document any)
}

// sample returns a value that a schema takes, with as little in it as it may have.
func (s *sampler) sample(schema map[string]any) any {
	if examples, ok := schema["examples"].([]any); ok {
		return examples[0]
	}
	if words, ok := schema["enum"].([]any); ok {
		return words[0]
	}
	if value, ok := schema["const"]; ok {
		return value
	}
	if items, ok := schema["items"].(map[string]any); ok {
		return []any{s.sample(items)}
	}
	if values, ok := schema["additionalProperties"].(map[string]any); ok {
		return map[string]any{s.key(schema): s.sample(values)}
	}
	if fields, ok := schema["properties"].(map[string]any); ok {
		value := map[string]any{}
		for _, name := range s.least(schema) {
			value[name] = s.sample(fields[name].(map[string]any))
		}
		return value
	}
	for _, either := range []string{"anyOf", "oneOf"} {
		if all, ok := schema[either].([]any); ok {
			return s.sample(all[0].(map[string]any))
		}
	}
	if schema["type"] == "null" {
		return nil
	}
	s.t.Fatalf("nothing is a sample of %v", schema)
	return nil
}

// key is one of a mapping whose keys are anything.
func (s *sampler) key(schema map[string]any) string {
	description, _ := schema["description"].(string)
	if strings.Contains(description, "registries") {
		return "quay.io"
	}
	return "a/b"
}

// least returns the keys that an object needs.
func (s *sampler) least(schema map[string]any) (names []string) {
	if all, ok := schema["required"].([]any); ok {
		for _, name := range all {
			names = append(names, name.(string))
		}
	}
	for _, either := range []string{"anyOf", "oneOf"} {
		if all, ok := schema[either].([]any); ok {
			names = append(names, s.least(all[0].(map[string]any))...)
		}
	}
	return names
}

// values are of all types.
var values = []any{"", "a", "no-such-word", 0, 7, true, false, nil, []any{}, map[string]any{}, []any{"a"}, []any{[]any{}}, []any{map[string]any{}}, []any{nil}, map[string]any{"no-such-key": "x"}}

// vary checks documents in which the value of a schema is another: within makes one.
func (s *sampler) vary(at string, schema map[string]any, within func(any) any) {
	s.count++
	s.check(at+": the sample", within(s.sample(schema)))
	for _, value := range values {
		text, _ := json.Marshal(value)
		s.check(at+": "+string(text), within(value))
	}
	if examples, ok := schema["examples"].([]any); ok {
		for _, e := range examples {
			s.check(fmt.Sprintf("%s: %v", at, e), within(e))
		}
	}
	if words, ok := schema["enum"].([]any); ok {
		for _, word := range words {
			s.check(fmt.Sprintf("%s: %v", at, word), within(word))
			s.check(fmt.Sprintf("%s: %v and more", at, word), within(fmt.Sprint(word, "-or-something-else")))
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		s.vary(at+"[]", items, func(v any) any { return within([]any{v}) })
		s.check(at+": one and one", within([]any{s.sample(items), s.sample(items)}))
		s.check(at+": one and none", within([]any{s.sample(items), nil}))
	}
	if below, ok := schema["additionalProperties"].(map[string]any); ok {
		key := s.key(schema)
		s.vary(at+"."+key, below, func(v any) any { return within(map[string]any{key: v}) })
	}
	fields, _ := schema["properties"].(map[string]any)
	if fields != nil {
		base := func() map[string]any {
			return s.sample(map[string]any{"properties": fields, "required": schema["required"], "anyOf": schema["anyOf"], "oneOf": schema["oneOf"]}).(map[string]any)
		}
		for _, name := range slices.Sorted(mapKeys(fields)) {
			with := func(v any) any { m := base(); m[name] = v; return within(m) }
			s.vary(at+"."+name, fields[name].(map[string]any), with)
			less := base()
			delete(less, name)
			s.check(at+": without "+name, within(less))
			more := base()
			more[name+"s"] = more[name]
			s.check(at+": an unknown key "+name+"s", within(more))
			for _, other := range slices.Sorted(mapKeys(fields)) { // which may not go together, or do not without others
				two := map[string]any{name: s.sample(fields[name].(map[string]any)), other: s.sample(fields[other].(map[string]any))}
				s.check(at+": "+name+" and "+other+" alone", within(two))
				m := base()
				m[name], m[other] = two[name], two[other]
				s.check(at+": "+name+" and "+other, within(m))
			}
		}
	}
	if fields == nil {
		for _, either := range []string{"anyOf", "oneOf"} {
			all, _ := schema[either].([]any)
			for i, one := range all {
				s.vary(fmt.Sprintf("%s|%d", at, i), one.(map[string]any), within)
			}
		}
	}
}

func mapKeys(m map[string]any) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// The schema and the decoder take and refuse the same keys, types and words: of every key values of
// all types, with what goes along with it and without.
func TestSchemaAndDecoderAgree(t *testing.T) {
	tree, compiled := schema(t)
	documents, taken := 0, 0
	s := &sampler{t: t}
	s.check = func(what string, document any) {
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		bySchema := compiled.Validate(instance)
		c, byDecoder := config.Parse(".propagate.yaml", text)
		if (bySchema == nil) != (byDecoder == nil) {
			t.Errorf("%s\n%s\nthe schema says %v\nthe decoder says %v", what, text, bySchema, byDecoder)
		}
		if documents++; byDecoder == nil {
			if taken++; taken%10 != 0 {
				return // showing takes longer
			}
			checkShown(t, string(text), c, compiled)
		}
	}
	s.vary("", tree, func(v any) any { return v })
	t.Logf("%d places, %d documents, of which %d are right", s.count, documents, taken)
	if s.count < 150 || documents < 3000 || taken < 500 {
		t.Errorf("%d places, %d documents, %d of them right: too few to say something", s.count, documents, taken)
	}
}

// instanceOf returns a YAML document as a schema sees it: numbers as they are, and times as texts.
func instanceOf(n *yaml.Node) any {
	switch n = yamltext.Resolve(n); n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for _, p := range yamltext.Pairs(n) {
			m[p.Key.Value] = instanceOf(p.Value)
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, instanceOf(item))
		}
		return list
	}
	var value any
	if tag := n.ShortTag(); tag == "!!str" || tag == "!!timestamp" || n.Decode(&value) != nil {
		return n.Value
	}
	return value
}

// What the decoder takes of documentation and tests, the schema takes as well.
func TestSchemaTakesWhatIsRight(t *testing.T) {
	_, compiled := schema(t)
	right := 0
	check := func(where, text string) bool {
		c, err := config.Parse(".propagate.yaml", []byte(text))
		var node yaml.Node
		if err != nil || c == nil || yaml.Unmarshal([]byte(text), &node) != nil || len(node.Content) == 0 || node.Content[0].Kind != yaml.MappingNode {
			return false
		}
		right++
		instance := instanceOf(node.Content[0])
		if encoded, err := json.Marshal(instance); err == nil {
			instance, _ = jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
		}
		if err := compiled.Validate(instance); err != nil {
			t.Errorf("%s: %v\n%s", where, err, text)
		}
		checkShown(t, text, c, compiled)
		return true
	}
	fenced := regexp.MustCompile("(?s)```yaml\n(# .propagate.yaml.*?)```")
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && (entry.Name() == "node_modules" || entry.Name() == ".git" || entry.Name() == "bin") {
				return filepath.SkipDir
			}
			return err
		}
		data := func() string {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
		switch {
		case entry.Name() == config.Name:
			if !check(path, data()) {
				t.Errorf("%s is refused", path)
			}
		case filepath.Ext(path) == ".md":
			for _, m := range fenced.FindAllStringSubmatch(data(), -1) {
				if !check(path, m[1]) {
					t.Errorf("%s: an example is refused:\n%s", path, m[1])
				}
			}
		case strings.HasSuffix(path, "_test.go"):
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					if text, err := strconv.Unquote(literal.Value); err == nil {
						check(path, text)
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d right configurations", right)
	if right < 150 {
		t.Errorf("there are %d right configurations only", right)
	}
}

// The page with each key is what the types make.
func TestKeysPageIsCurrent(t *testing.T) {
	const page = "../../docs/configuration-reference.md"
	want := config.KeysPage()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(page); err != nil || string(got) != want {
		t.Errorf("%s is not what the types make (%v): run go test -timeout 10m ./internal/config -run TestKeysPageIsCurrent -update", page, err)
	}
}
