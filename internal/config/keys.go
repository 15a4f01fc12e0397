package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// KeysPage returns a page in Markdown with each key of the configuration, in the order in which
// [Schema] has them: what it is for, an example, and what holds without it.
func KeysPage() string {
	r := keysPage{}
	fmt.Fprintf(&r.page, "# Each key of %s\n\nThis page is made of the same types as [the JSON Schema](schema/config.schema.json). [Configuration](configuration.md) explains what the keys do together. Of a key that ends in `[]` there\n"+
		"are several, and `NAME`, in capitals, is a word of your own.\n", Name)
	top := reflect.TypeFor[form]()
	held := reflect.ValueOf(defaults())
	for _, f := range fieldsOf(top) {
		key := f.Tag.Get("json")
		if f.Type == reflect.TypeFor[marker]() {
			continue // nobody writes it
		}
		fmt.Fprintf(&r.page, "\n## %s\n\n%s\n", key, escapeCell(f.Tag.Get("about")))
		r.rows = nil
		r.key(key, f, held.FieldByIndex(f.Index))
		if rows := slices.DeleteFunc(r.rows, func(row keyRow) bool {
			return row.about == f.Tag.Get("about") && row.values == "" && row.otherwise == ""
		}); len(rows) > 0 {
			r.page.WriteString("\n| key | what it is | such as | without it |\n| --- | --- | --- | --- |\n")
			for _, row := range rows {
				about := row.about
				if about == f.Tag.Get("about") {
					about = "" // it stands above
				}
				fmt.Fprintf(&r.page, "| `%s` | %s | %s | %s |\n", row.key, escapeCell(about), row.values, row.otherwise)
			}
		}
	}
	return r.page.String()
}

// A keysPage is such a page while it is made.
type keysPage struct {
	page strings.Builder
	rows []keyRow
}

type keyRow struct{ key, about, values, otherwise string }

// capitals are what stands for a key of which a mapping has several.
var capitals = map[string]string{"images": "DOCKERFILES", "targets": "DOCKERFILES", "versions": "IMAGE", "registries": "HOST"}

// key adds the row of a key, and those of the keys below it.
func (r *keysPage) key(path string, f reflect.StructField, held reflect.Value) {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
		if held.IsValid() && !held.IsNil() {
			held = held.Elem()
		} else {
			held = reflect.Value{}
		}
	}
	if mapping, ok := reflect.Zero(t).Interface().(interface{ values() reflect.Type }); ok {
		path, t, held = path+"."+capitals[f.Tag.Get("json")], mapping.values(), reflect.Value{}
	}
	row := keyRow{key: path, about: f.Tag.Get("about"), values: examplesOf(t, f.Tag.Get("eg")), otherwise: heldText(held)}
	for t.Kind() == reflect.Slice {
		if path = path + "[]"; held.IsValid() && held.Len() > 0 {
			held = held.Index(0)
		} else {
			held = reflect.Value{}
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		r.rows = append(r.rows, row)
		return
	}
	r.rows = append(r.rows, keyRow{key: path, about: row.about})
	for _, below := range fieldsOf(t) {
		var value reflect.Value
		if held.IsValid() {
			value = held.FieldByIndex(below.Index)
		}
		r.key(path+"."+below.Tag.Get("json"), below, value)
	}
}

// examplesOf returns the words that a key may have, or an example.
func examplesOf(t reflect.Type, example string) string {
	for t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	leaf, ok := reflect.Zero(t).Interface().(interface{ schema() object })
	if !ok {
		return codeCell(example)
	}
	for _, m := range leaf.schema() {
		switch {
		case m.name == "enum":
			return wordsCell(m.value)
		case m.name == "examples" && example == "":
			if all := reflect.ValueOf(m.value); all.Len() > 0 {
				return codeCell(fmt.Sprint(all.Index(0).Interface()))
			}
		}
	}
	return codeCell(example)
}

// wordsCell shows each word of an enumeration once: true stands there as a text, too.
func wordsCell(words any) string {
	var all []string
	for list, i := reflect.ValueOf(words), 0; i < list.Len(); i++ {
		if word := codeCell(fmt.Sprint(list.Index(i).Interface())); !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return strings.Join(all, ", ")
}

// heldText returns what holds without a key; "" for nothing.
func heldText(held reflect.Value) string {
	if !held.IsValid() || held.IsZero() || held.Kind() == reflect.Struct {
		return ""
	}
	if held.Kind() != reflect.Slice {
		return codeCell(fmt.Sprint(held.Interface()))
	}
	if held.Len() == 0 || held.Index(0).Kind() == reflect.Struct {
		return ""
	}
	return wordsCell(held.Interface())
}

// codeCell quotes a text in a cell of a table.
func codeCell(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "|", `\|`) + "`"
}

func escapeCell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`).Replace(text)
}
