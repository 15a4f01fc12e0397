// Package webpage is what the pages have in common that propagate writes: their colours in two themes, the switch between
// these, and the policy by which a browser runs the page's own program and nothing else.
//
// # Limitations
//
// It writes no page: each has a template and a program of its own.
package webpage

import (
	"crypto/sha256"
	_ "embed" // the files of the page
	"encoding/base64"
	"fmt"
)

// Style is the beginning of the style of a page: its colours, and what the browser shows of the focus.
//
//go:embed page/style.css
var Style string

// Theme is the part of the program of a page that has a button switch between the themes: switchTheme(button, changed).
//
//go:embed page/theme.js
var Theme string

// Program returns scripts as the program of a page, whose names nothing else of the page sees.
func Program(scripts string) string {
	return "\"use strict\";\n(() => {\n" + scripts + "})();\n"
}

// Policy returns the Content-Security-Policy of a page with one program and one style, which asks for nothing. base
// says which URLs a base element may name: "'none'" for a page without one.
func Policy(program, style, base string) string {
	return fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; img-src data:; base-uri %s; form-action 'none'", hash(program), hash(style), base)
}

// hash returns the source of a policy that allows this text alone.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
