package forgetest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is cut from the descriptions of the npm package to openapi")

// TestDescriptionsAreCurrent cuts the descriptions of the npm package anew and compares
// them with the committed ones. A new route needs a new cut: "make descriptions" writes it.
func TestDescriptionsAreCurrent(t *testing.T) {
	t.Parallel()
	for _, name := range []Description{GitHub, EnterpriseServer} {
		want, err := cutDown(tool(t, "@octokit/openapi/generated/"+string(name)+".json"), routes)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		path := filepath.FromSlash(name.file())
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the routes need of the npm package's description (%v): run \"make descriptions\"", path, err)
		}
	}
}

// A rawMap is a JSON object whose values are not decoded yet: the tests need one
// hundredth of the 13 MB of a description.
type rawMap map[string]json.RawMessage

// cutDown returns the description in file with the operations of the routes,
// and the components that these need, alone. It is indented, for whoever
// reviews a change of it.
func cutDown(file string, routes []route) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all struct {
		OpenAPI    string            `json:"openapi"`
		Info       json.RawMessage   `json:"info"`
		Paths      map[string]rawMap `json:"paths"`
		Components map[string]rawMap `json:"components"`
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, err
	}
	cut := &cutter{from: all.Components, to: map[string]map[string]any{}}
	// Always needed: see operation.basic.
	cut.follow("#/components/schemas/basic-error")
	paths := map[string]map[string]any{}
	for _, rt := range routes {
		raw, ok := all.Paths[rt.path][strings.ToLower(rt.method)]
		if !ok {
			return nil, fmt.Errorf("%s %s is not described", rt.method, rt.path)
		}
		if paths[rt.path] == nil {
			paths[rt.path] = map[string]any{}
		}
		paths[rt.path][strings.ToLower(rt.method)] = cut.decode(raw)
	}
	if cut.err != nil {
		return nil, cut.err
	}
	small, err := json.MarshalIndent(map[string]any{
		"openapi": all.OpenAPI, "info": all.Info, "paths": paths, "components": cut.to,
	}, "", "  ")
	return append(small, '\n'), err
}

// A cutter copies components, and those that they refer to.
type cutter struct {
	from map[string]rawMap
	to   map[string]map[string]any
	err  error // the first
}

func (c *cutter) decode(raw json.RawMessage) any {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil && c.err == nil {
		c.err = err
	}
	return c.walk(value, false)
}

// walk drops examples, which are most of what a description refers to, and what
// others than OpenAPI have added. Names directly in "properties" are those of
// fields, not of OpenAPI.
func (c *cutter) walk(value any, fields bool) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = c.walk(v[i], false)
		}
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok && !fields {
			c.follow(ref)
			return v
		}
		if !fields {
			delete(v, "example")
			delete(v, "examples")
		}
		for name := range v {
			if strings.HasPrefix(name, "x-") && !fields {
				delete(v, name)
				continue
			}
			v[name] = c.walk(v[name], name == "properties" && !fields)
		}
	}
	return value
}

func (c *cutter) follow(ref string) {
	kind, name, ok := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
	raw, found := c.from[kind][name]
	if !ok || !found {
		if c.err == nil {
			c.err = fmt.Errorf("%s leads nowhere", ref)
		}
		return
	}
	if c.to[kind] == nil {
		c.to[kind] = map[string]any{}
	}
	if _, done := c.to[kind][name]; done {
		return
	}
	// Before the walk, because schemas refer to each other in circles.
	c.to[kind][name] = nil
	c.to[kind][name] = c.decode(raw)
}
