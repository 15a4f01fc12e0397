package config_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/imageref"
)

// For each key the most specific entry counts that has it: by paths first, then by images, then
// the later one. The group of each says which entry it is.
func TestMostSpecificPolicy(t *testing.T) {
	const java, python, node = "ghcr.io/team/base-java", "docker.io/library/python", "docker.io/library/node"
	for name, tc := range map[string]struct {
		entries     []string // of an entry, without its group, which is its place
		image, path string
		want        string // "" for the default
	}{
		"none":                                  {nil, java, "a/Dockerfile", ""},
		"one for all":                           {[]string{""}, java, "a/Dockerfile", "g0"},
		"an image before all":                   {[]string{"images: base-java", ""}, java, "a/Dockerfile", "g0"},
		"the longer image":                      {[]string{"images: base-ja*", "images: base-*"}, java, "a/Dockerfile", "g0"},
		"a plain name before a shorter pattern": {[]string{"images: base-java", "images: 'base-jav?'"}, java, "a/Dockerfile", "g0"},
		"the whole repository before a long glob": {[]string{"images: " + java, "images: 'ghcr.io/team/{base-java,b}'"}, java, "a/Dockerfile", "g0"},
		"a path before the whole repository":      {[]string{"paths: a", "images: " + java}, java, "a/Dockerfile", "g0"},
		"the longer path":                         {[]string{"paths: a/b/**", "paths: a, images: " + java}, java, "a/b/Dockerfile", "g0"},
		"of equal paths the image":                {[]string{"paths: a, images: base-java", "paths: a"}, java, "a/Dockerfile", "g0"},
		"of equals the later one":                 {[]string{"images: base-java", "images: base-java"}, java, "a/Dockerfile", "g1"},
		"the best of a list":                      {[]string{"images: ['*', " + java + "]", "images: base-java"}, java, "a/Dockerfile", "g0"},
		"another image":                           {[]string{"images: base-java"}, python, "a/Dockerfile", ""},
		"another path":                            {[]string{"paths: b"}, java, "a/Dockerfile", ""},
		"a path that only begins alike":           {[]string{"paths: a"}, java, "ab/Dockerfile", ""},
		"no path":                                 {[]string{"paths: '**'"}, java, "", ""},
		"no path, an entry without paths":         {[]string{"images: base-java", "paths: '**'"}, java, "", "g0"},
		"components match whole":                  {[]string{"images: java"}, java, "a/Dockerfile", ""},
		"last components":                         {[]string{"images: team/base-*"}, java, "a/Dockerfile", "g0"},
		"all of a registry":                       {[]string{"images: ghcr.io/**"}, java, "a/Dockerfile", "g0"},
		"a star is one component":                 {[]string{"images: ghcr.io/*"}, java, "a/Dockerfile", ""},
		"a short name from Docker Hub":            {[]string{"images: python"}, python, "a/Dockerfile", "g0"},
		"a repository as people write it":         {[]string{"images: docker.io/python", "images: library/python"}, python, "a/Dockerfile", "g0"},
		"alternatives":                            {[]string{"images: '{python,node}'"}, node, "a/Dockerfile", "g0"},
		"a slash in front and behind":             {[]string{"images: team/base-java/"}, java, "a/Dockerfile", "g0"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "labels: []\n"
			if tc.entries != nil {
				text += "policies:\n"
			}
			for i, e := range tc.entries {
				if e != "" {
					e += ", "
				}
				text += fmt.Sprintf("- {%sgroup: g%d}\n", e, i)
			}
			c := parse(t, text)
			for range 2 { // the second time from memory
				p := c.Policy(tc.image, tc.path)
				said, ok := p.At["group"]
				if p.Group != tc.want || ok != (tc.want != "") || p.Level != imageref.Patch || p.Moving != config.Rebuild {
					t.Errorf("the policy is %+v, want the group %q", p, tc.want)
				}
				if ok && said.At.Line != 3+int(tc.want[1]-'0') {
					t.Errorf("it is said at %s", said.At)
				}
			}
		})
	}
}

// Each key has its value from an entry of its own, and says which.
func TestPolicyValues(t *testing.T) {
	c := parse(t, `policies:
- {level: minor, skip-versions: ["3.13.*", ">=4 <5"], min-age: 1w2d, labels: [all], reviewers: [octocat, acme/web], automerge: true, max-open: 5}
- images: ["base-*", docker.io/library/python]
  moving: pin
  group: jvm
  labels: []
  assignees: ["@octocat"]
  schedule: ["0 6 * * 1-5", {cron: "0 7 * * *", timezone: Europe/Berlin}]
- paths: legacy/**
  level: patch
  reviewers: []
  skip-versions: []
  moving: ignore
`)
	p := c.Policy("ghcr.io/team/base-java", "services/a/Dockerfile")
	if p.Level != imageref.Minor || len(p.Skip) != 2 || !p.Skip[0].Match("3.13.1") || p.MinAge != 9*24*time.Hour || p.Moving != config.Pin || p.Group != "jvm" ||
		p.Labels == nil || len(p.Labels) != 0 || !reflect.DeepEqual(p.Reviewers, []string{"octocat", "acme/web"}) || !reflect.DeepEqual(p.Assignees, []string{"octocat"}) ||
		!reflect.DeepEqual(p.Schedule, []config.Cron{{Text: "0 6 * * 1-5"}, {Text: "0 7 * * *", Zone: "Europe/Berlin"}}) || p.Automerge != config.AfterChecks || p.MaxOpen != 5 {
		t.Errorf("the policy is %+v", p)
	}
	var at []string
	for _, key := range config.PolicyKeys() {
		if said, ok := p.At[key]; ok {
			at = append(at, fmt.Sprintf("%s %d:%d %s", key, said.At.Line, said.At.Col, said.Images))
		}
	}
	const want = "level 2:11 |skip-versions 2:33 |min-age 2:64 |moving 4:11 base-*, docker.io/library/python|group 5:10 base-*, docker.io/library/python|labels 6:11 base-*, docker.io/library/python|" +
		"reviewers 2:96 |assignees 7:14 base-*, docker.io/library/python|schedule 8:13 base-*, docker.io/library/python|automerge 2:128 |max-open 2:144 "
	if got := strings.Join(at, "|"); got != want {
		t.Errorf("the keys are from\n%s, want\n%s", got, want)
	}
	p = c.Policy("docker.io/library/node", "legacy/a/Dockerfile")
	if p.Level != imageref.Patch || p.Reviewers == nil || len(p.Reviewers) != 0 || p.Skip == nil || len(p.Skip) != 0 || p.Moving != config.Leave || p.At["moving"].Paths != "legacy/**" || p.Labels[0] != "all" {
		t.Errorf("the policy of a path is %+v", p)
	}
}

// Policies of many images and files are found quickly: what is known of an image or a path is
// not found out again.
func BenchmarkPolicies(b *testing.B) {
	text := "policies:\n"
	for i := range 50 {
		text += fmt.Sprintf("- {images: ['base-%d*', 'x/**/y{1,2}-%d'], paths: ['services/%d*/**', '**/x%d'], level: minor}\n", i, i, i, i)
	}
	c := parse(b, text)
	for b.Loop() {
		for service := range 5000 {
			path := fmt.Sprintf("services/%d/Dockerfile", service)
			for image := range 40 {
				c.Policy(fmt.Sprintf("ghcr.io/team/base-%d", image), path)
			}
		}
	}
}

func TestSkippedVersions(t *testing.T) {
	for text, tags := range map[string]string{ // those with - in front are not skipped
		"3.13.*":      "3.13.1 3.13.1-slim 3.13. -3.13 -3.130 -v3.13.1",
		"*-rc*":       "1.0.0-rc1 1.0.0-rc.2-slim -1.0.0",
		"1.?":         "1.2 1.x -1.23 -1. -11",
		"1.2.3":       "1.2.3 -1.2.3-slim -1.2.30 -1x2x3",
		"latest":      "latest -latest-slim",
		"*":           "1 latest",
		">=4 <5":      "4 4.0.0 4.9.9-slim v4.1 4.99 -3.9 -5.0.0 -5 -latest",
		">=3.13":      "3.13 3.13.1-slim 3.13.0-rc.1 4 4.0.1 -3.12.99 -3 -alpine3.20 -trixie-20260801",
		"<3.12":       "3.11 3.11.9 2 2.7.18 -3.12.0 -3 -latest",
		"<=3.12":      "3.12.9 3.12 3.11 -3.13",
		">3.12":       "3.13.0 4 -3.12.9 -3.12 -3",
		"1.2.x":       "1.2.0 1.2 1.2.3-alpine -1.20.0 -1 -2.1.2",
		"1.x.x":       "1.2.3 1.0 1 -2.0.0",
		"=1.2":        "1.2.9 -1.3",
		">= 1.2.0":    "1.2.0 1.2.1 -1.2.0-rc.1 -1.1",
		"<=20260301":  "20260101 trixie-20260301-slim -20260302 -1.2.3",
		">1 <3 =2.5":  "2.5.1 -2.6 -1.5",
		"bookworm-?*": "bookworm-1 -bookworm-",
	} {
		v, err := config.ParseVersions(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for _, tag := range strings.Fields(tags) {
			tag, not := strings.CutPrefix(tag, "-")
			if v.Match(tag) == not {
				t.Errorf("%s: %s is skipped: %t", text, tag, !not)
			}
		}
	}
	if (config.Versions{}).Match("") || (config.Versions{}).Match("1") {
		t.Error("no versions match something")
	}
}

func TestAges(t *testing.T) {
	for text, want := range map[string]string{"0": "0", "0s": "0", "36h": "36h", "7d": "7d", "2w": "14d", "1w12h": "180h", "90m": "1h30m", "1.5d": "36h", "48h": "2d", "61s": "1m1s"} {
		if got := config.FormatAge(parse(t, "policies: [{min-age: "+text+"}]\n").Policy("a/b", "").MinAge); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestRegistries(t *testing.T) {
	c := parse(t, "registries:\n  docker.io: {mirror: harbor.example:8443/dockerhub}\n  localhost:5000: {insecure: true}\n  quay.io: {optional: true}\n  '[::1]:5000': {}\n")
	want := map[string]config.Registry{"docker.io": {Mirror: "harbor.example:8443/dockerhub"}, "localhost:5000": {Insecure: true}, "quay.io": {Optional: true}, "[::1]:5000": {}}
	if !reflect.DeepEqual(c.Registries, want) {
		t.Errorf("got %+v", c.Registries)
	}
}
