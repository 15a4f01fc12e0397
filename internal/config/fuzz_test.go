package config_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/matihlabs/propagate/internal/config"
)

var captures = regexp.MustCompile(`\{\w+\}`)

// A pattern with captures fits at least what it fits with "?*" instead of them, and what they
// stand for makes a pattern that fits as well.
func FuzzCaptures(f *testing.F) {
	f.Add("bases/{name}/{line}/Dockerfile", "bases/java/17/Dockerfile")
	f.Add("**/{a}-{b}/?[0-9]*", "x/y/base-java-17/v1/Dockerfile")
	f.Add("{x,{y,z}/v}/{a}.{d,D}ockerfile", "z/v/java.Dockerfile")
	f.Add(`\{x}/{a}{b}*`, "{x}/é/Dockerfile")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		names := captures.FindAllString(pattern, -1)
		sorted := slices.Sorted(slices.Values(names))
		if len(slices.Compact(sorted)) < len(names) || strings.ContainsAny(pattern, "\\[") || len(path) > 100 || len(pattern) > 100 {
			return // which "?*" says nothing of, or which a replacement would change
		}
		quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
		text := fmt.Sprintf("images: {%s: {image: x/y, target: %s}}\n", quote(pattern), quote(strings.Join(names, "/")))
		c, err := config.Parse(".propagate.yaml", []byte(text))
		if err != nil {
			return
		}
		without, err := config.Parse(".propagate.yaml", fmt.Appendf(nil, "ignore: [%s]\n", quote(captures.ReplaceAllString(pattern, "?*"))))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		claims := c.Claims([]string{path})
		if len(claims) == 0 && ignores(without, path) {
			t.Fatalf("%q does not fit %q, and with ?* it does", pattern, path)
		}
		if len(claims) == 0 || len(names) == 0 {
			return
		}
		texts := strings.Split(claims[0].Target, "/")
		if len(texts) != len(names) {
			t.Fatalf("%q fits %q with %q", pattern, path, texts)
		}
		for i, name := range names {
			if texts[i] == "" {
				t.Fatalf("%s of %q is empty in %q", name, pattern, path)
			}
		}
		if strings.ContainsAny(path, "*?[]{}\\") || strings.ContainsFunc(path, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }) {
			return // which a pattern or YAML would take for something else
		}
		i := -1
		filled := captures.ReplaceAllStringFunc(pattern, func(string) string { i++; return texts[i] })
		if back, err := config.Parse(".propagate.yaml", fmt.Appendf(nil, "ignore: [%s]\n", quote(filled))); err == nil && !ignores(back, path) {
			t.Fatalf("%q fits %q with %q, and %q does not", pattern, path, texts, filled)
		}
	})
}

// Whatever a file says, reading it and asking it ends, no image and no tag is empty, and what it is
// shown as says the same.
func FuzzParse(f *testing.F) {
	for _, tc := range claimCases {
		f.Add(tc.text)
	}
	f.Add("images: {'{a}{b}{a}*': [{<<: &x {image: 'x/{a}', tags: ['*-{b}', '{b}']}}, *x]}\ntargets: {'**': y}\nversions: {x: 1.0.0}\n")
	f.Add("policies:\n- {images: ['base-*', docker.io/python], paths: x/**, level: minor, skip-versions: ['>=4 <5', 1.x, '*-rc*'], min-age: 1w2d, moving: pin, group: a}\n- {labels: [], schedule: [0 6 * * *, {cron: '@daily', timezone: UTC}], max-open: 3, automerge: true}\n" +
		"registries: {docker.io: {mirror: harbor.example/hub}, 'localhost:5000': {insecure: true, optional: true}}\n")
	_, compiled := schema(f)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Parse(".propagate.yaml", []byte(text))
		if err != nil {
			return
		}
		checkShown(t, text, c, compiled)
		for _, path := range []string{"Dockerfile", "bases/java/17/Dockerfile", "a.Dockerfile", "x/*/{y}"} {
			for _, claim := range c.Claims([]string{path}) {
				if claim.Image == "" || slices.Contains(slices.Concat(claim.Tags, claim.Patterns), "") {
					t.Errorf("%s makes %+v", path, claim)
				}
			}
			c.Target(path)
			for _, v := range c.Policy("ghcr.io/team/base-java", path).Skip {
				v.Match("3.13.1-slim")
			}
		}
	})
}
