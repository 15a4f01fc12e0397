package config

import (
	"encoding/json"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// A Shown is a whole configuration, with the defaults of what it does not say. Reading what it
// writes gives the same configuration.
type Shown struct {
	root *yaml.Node
}

// Show returns the configuration with its defaults filled in.
func (c *Config) Show() *Shown {
	return &Shown{root: nodeOf(reflect.ValueOf(c.form()), reflect.ValueOf(defaults()))}
}

const (
	defaultComment = "# the default"
	// longestFlow is how long a list may be that stands on one line.
	longestFlow = 80
)

// nodeOf returns a value of the form as YAML, nil for what has no value. What is equal to the
// default has a comment; there is none where usual is the zero Value.
func nodeOf(v, usual reflect.Value) *yaml.Node {
	node := plainNode(v, usual)
	if node != nil && usual.IsValid() && (node.Kind == yaml.ScalarNode || len(node.Content) == 0 || v.Kind() == reflect.Slice) && reflect.DeepEqual(orEmpty(v), orEmpty(usual)) {
		node.LineComment = defaultComment
	}
	return node
}

// orEmpty returns what a value is compared by: no list and an empty one are the same.
func orEmpty(v reflect.Value) any {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice && v.Len() == 0 {
		return 0
	}
	return v.Interface()
}

// plainNode is nodeOf without the comment.
func plainNode(v, usual reflect.Value) *yaml.Node {
	switch t := v.Interface().(type) {
	case versionForm:
		if t.tag != "" {
			return scalar("!!str", string(t.tag))
		}
	case ageForm:
		if t == "0" {
			return scalar("!!int", "0")
		}
	case imagesForm:
		if len(t) == 1 {
			return nodeOf(reflect.ValueOf(t[0]), reflect.Value{})
		}
	case []policyForm:
		node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for i, p := range t {
			usual := reflect.Value{}
			if i == 0 { // which is for all images and files
				usual = reflect.ValueOf(defaultPolicyForm())
			}
			node.Content = append(node.Content, plainNode(reflect.ValueOf(p), usual))
		}
		return node
	case interface{ nodes() *yaml.Node }:
		return t.nodes()
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if usual.IsValid() && !usual.IsNil() {
			usual = usual.Elem()
		}
		return plainNode(v.Elem(), usual)
	case reflect.String:
		if v.String() == "" {
			return nil
		}
		return scalar("!!str", v.String())
	case reflect.Bool:
		text, _ := json.Marshal(v.Bool())
		return scalar("!!bool", string(text))
	case reflect.Int:
		text, _ := json.Marshal(v.Int())
		return scalar("!!int", string(text))
	case reflect.Slice:
		node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
		length := 0
		for i := range v.Len() {
			item := nodeOf(v.Index(i), reflect.Value{})
			node.Content = append(node.Content, item)
			if length += len(item.Value); item.Kind != yaml.ScalarNode || length > longestFlow {
				node.Style = 0
			}
		}
		return node
	default:
		return structNode(v, usual)
	}
}

// structNode is plainNode of a struct. A list that is empty is left out where it cannot be written, or
// has no default.
func structNode(v, usual reflect.Value) *yaml.Node {
	node := mappingNode()
	for _, f := range fieldsOf(v.Type()) {
		field := v.FieldByIndex(f.Index)
		usualField := reflect.Value{}
		if usual.IsValid() {
			usualField = usual.FieldByIndex(f.Index)
		}
		if (!usual.IsValid() || f.Tag.Get("null") == "") && field.Kind() == reflect.Slice && field.IsNil() {
			continue
		}
		if value := nodeOf(field, usualField); value != nil {
			add(node, f.Tag.Get("json"), value)
		}
	}
	return node
}

// nodes returns the mapping.
func (p pairs[T]) nodes() *yaml.Node {
	node := mappingNode()
	for _, pair := range p {
		add(node, pair.Key, nodeOf(reflect.ValueOf(pair.Value), reflect.Value{}))
	}
	return node
}

// nodes returns the value as people write it: true and false without quotes.
func (f *autoMergeForm) nodes() *yaml.Node {
	switch {
	case f == nil:
		return nil
	case *f == autoMergeForm(AtOnce):
		return scalar("!!str", string(*f))
	}
	return scalar("!!bool", string(*f))
}

// nodes returns the versions alone where they have no reason.
func (f skippedForm) nodes() *yaml.Node {
	if f.Reason == "" {
		return scalar("!!str", string(f.Versions))
	}
	node := mappingNode()
	add(node, "versions", scalar("!!str", string(f.Versions)))
	add(node, "reason", scalar("!!str", string(f.Reason)))
	return node
}

func mappingNode() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

func add(mapping *yaml.Node, key string, value *yaml.Node) {
	mapping.Content = append(mapping.Content, scalar("!!str", key), value)
}

func scalar(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}
