package bots

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/yamltext"
)

// renovate reads a configuration of Renovate (its documentation, "Configuration Options").
// That it is not enabled at all, or not for Dockerfiles, leaves nothing alone that is not left to
// propagate.
func (r *reader) renovate(doc *yaml.Node) {
	for _, n := range texts(yamltext.Get(doc, "ignorePaths")) {
		r.add(n, "ignorePaths", n.Value, func(path string) bool { return strings.Contains(path, n.Value) || glob(n.Value, path) }, nil)
	}
	for _, n := range texts(yamltext.Get(doc, "ignoreDeps")) {
		r.add(n, "ignoreDeps", n.Value, nil, func(name string) bool { return name == n.Value })
	}
	for _, rule := range yamltext.Items(yamltext.Get(doc, "packageRules")) {
		r.rule(yamltext.Resolve(rule))
	}
}

// rule reads one of packageRules that is not enabled.
func (r *reader) rule(rule *yaml.Node) {
	if !isFalse(yamltext.Get(rule, "enabled")) {
		return
	}
	var file, image func(string) bool
	at, text := rule, ""
	for _, p := range yamltext.Pairs(rule) {
		list := texts(p.Value)
		switch key := p.Key.Value; key {
		case "matchDatasources", "matchManagers":
			if !slices.ContainsFunc(list, func(n *yaml.Node) bool { return strings.HasPrefix(n.Value, "docker") }) {
				return
			}
		case "matchPackageNames", "matchDepNames", "matchPackagePatterns", "matchPackagePrefixes":
			match := map[string]func(pattern, name string) bool{
				"matchPackagePatterns": expression, "matchPackagePrefixes": func(pattern, name string) bool { return strings.HasPrefix(name, pattern) },
			}[key]
			if match == nil {
				match = named
			}
			if image != nil || len(list) == 0 {
				return
			}
			image, at, text = fits(list, match), list[0], list[0].Value
		case "matchFileNames", "matchPaths":
			if len(list) == 0 {
				return
			}
			file = fits(list, glob)
			if text == "" {
				at, text = list[0], list[0].Value
			}
		default:
			if strings.HasPrefix(key, "match") || strings.HasPrefix(key, "exclude") { // a condition of another kind
				return
			}
		}
	}
	if file != nil || image != nil {
		r.add(at, "packageRules", text, file, image)
	}
}

// fits returns whether one of several patterns fits; those that begin with "!" must not.
func fits(patterns []*yaml.Node, match func(pattern, text string) bool) func(string) bool {
	return func(text string) bool {
		positive, some := false, false
		for _, n := range patterns {
			if not, ok := strings.CutPrefix(n.Value, "!"); ok {
				if match(not, text) {
					return false
				}
				continue
			}
			some = true
			positive = positive || match(n.Value, text)
		}
		return positive || !some
	}
}

func glob(pattern, path string) bool { return doublestar.MatchUnvalidated(pattern, path) }

// named is how Renovate matches names: as they are, by /expression/, or by a glob.
func named(pattern, name string) bool {
	if strings.HasPrefix(pattern, "/") && strings.Count(pattern, "/") > 1 {
		end := strings.LastIndexByte(pattern, '/')
		text := pattern[1:end]
		if strings.Contains(pattern[end:], "i") {
			text = "(?i)" + text
		}
		return expression(text, name)
	}
	return pattern == name || pattern == "*" || glob(pattern, name)
}

func expression(pattern, name string) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && re.MatchString(name)
}
