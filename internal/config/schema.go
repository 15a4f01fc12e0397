package config

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// FormName is the name and version of the form of the configuration.
const FormName = "propagate/config/v1"

// An object is one of JSON whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := plainJSON(m.name)
		if err != nil {
			return nil, err
		}
		value, err := plainJSON(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// plainJSON encodes a value, with < and > as they are.
func plainJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return bytes.TrimSpace(b.Bytes()), err
}

func required(names ...string) object { return object{{"required", names}} }

// Schema returns the JSON Schema of the configuration, with an id. It takes the same keys, types and
// words as [Parse], and leaves it to that what else a text has to be.
func Schema(id string) ([]byte, error) {
	all := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"$id", id}, {"title", Name},
		{"description", "What a repository says of itself to propagate."},
	}
	text, err := plainJSON(append(all, schemaOf(reflect.TypeFor[form](), true)...))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = json.Indent(&b, text, "", "  ")
	b.WriteByte('\n')
	return b.Bytes(), err
}

// schemaOf returns the schema of a type of the form.
func schemaOf(t reflect.Type, orNull bool) object {
	if t.Kind() == reflect.Pointer {
		return schemaOf(t.Elem(), orNull)
	}
	zero := reflect.Zero(t).Interface()
	if leaf, ok := zero.(interface{ schema() object }); ok {
		return leaf.schema()
	}
	var s object
	if mapping, ok := zero.(interface{ values() reflect.Type }); ok {
		s = object{{"type", "object"}, {"propertyNames", object{notEmpty}}, {"additionalProperties", schemaOf(mapping.values(), false)}}
	} else if t.Kind() == reflect.Slice {
		s = object{{"type", "array"}, {"items", schemaOf(t.Elem(), false)}}
	} else {
		s = object{{"type", "object"}, {"properties", properties(t)}, {"additionalProperties", false}}
	}
	if rules, ok := zero.(interface{ rules() object }); ok {
		s = append(s, rules.rules()...)
	}
	var others []any
	if spelled, ok := zero.(interface{ also() []any }); ok {
		for _, other := range spelled.also() {
			others = append(others, schemaOf(reflect.TypeOf(other), false))
		}
	}
	switch {
	case others != nil:
		if orNull {
			others = append(others, nothing{}.schema())
		}
		return object{{"anyOf", append([]any{s}, others...)}}
	case orNull:
		s[0].value = []any{s[0].value, "null"}
	}
	return s
}

// values returns the type of the values.
func (pairs[T]) values() reflect.Type { return reflect.TypeFor[T]() }

// properties returns the schemas of the fields of a struct.
func properties(t reflect.Type) (all object) {
	for _, f := range fieldsOf(t) {
		s := object{{"description", f.Tag.Get("about")}}
		eg := f.Tag.Get("eg")
		if eg != "" {
			s = append(s, example(valueOf(eg)))
		}
		for _, m := range schemaOf(f.Type, f.Tag.Get("null") == "yes") {
			if m.name != "examples" || eg == "" {
				s = append(s, m)
			}
		}
		all = append(all, member{f.Tag.Get("json"), s})
	}
	return all
}

// fieldsOf returns the fields of a struct that are keys, with those of what is embedded.
func fieldsOf(t reflect.Type) (all []reflect.StructField) {
	for _, f := range reflect.VisibleFields(t) {
		if f.Tag.Get("json") != "" {
			all = append(all, f)
		}
	}
	return all
}

// valueOf reads an example: JSON, or else a text.
func valueOf(text string) any {
	var value any
	if strings.Trim(text, "0123456789") != "" && !strings.ContainsAny(text[:1], "[{\"") || json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	return value
}
