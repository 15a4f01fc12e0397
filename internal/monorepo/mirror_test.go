package monorepo_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// An image that builds get through a registry of their own is the one that the default in the
// Dockerfile names, by any of its names.
func TestImagesThroughMirrors(t *testing.T) {
	const (
		mirror = "docker.mirror.example/node"
		hub    = "docker.io/library/node"
	)
	through := map[string]string{
		"app/Dockerfile": "ARG REGISTRY\nFROM ${REGISTRY}node:20.1.0\n",
		"compose.yaml":   "services:\n  app: {build: {context: app, args: {REGISTRY: docker.mirror.example/}}}\n",
	}
	with := func(more map[string]string) map[string]string {
		all := map[string]string{}
		for _, files := range []map[string]string{through, more} {
			for path, text := range files {
				all[path] = text
			}
		}
		return all
	}
	plain := with(map[string]string{"plain/Dockerfile": "FROM node:20.1.0\n"})
	stranger := with(map[string]string{"other/Dockerfile": "FROM other.example/team/node:20.1.0\n"})
	fork := map[string]string{
		"app/Dockerfile": "ARG OWNER=acme\nFROM reg.example/${OWNER}/base:1.0.0\n",
		"compose.yaml":   "services:\n  app: {build: {context: app, args: {OWNER: other}}}\n",
	}
	program := map[string]string{
		"app/Dockerfile": "ARG IMAGE=golang\nFROM ${IMAGE}:1.0.0\n",
		"compose.yaml":   "services:\n  app: {build: {context: app, args: {IMAGE: reg.example/node}}}\n",
	}
	server := map[string]string{"app/Dockerfile": "FROM node:20.1.0\n", "web/Dockerfile": "FROM registry-1.docker.io/library/node:20.1.0\n"}
	for _, tc := range []struct {
		title string
		files map[string]string
		name  string
		want  string // the repositories; "" for an error
	}{
		{"the default, whole", through, hub, mirror},
		{"the default as Docker calls it", through, "docker.io/node", mirror},
		{"a part of the default", through, "library/node", mirror},
		{"the last component", through, "node", mirror},
		{"the mirror", through, mirror, mirror},
		{"a stranger", through, "team/node", ""},
		{"both are in use, by one of them", plain, hub, hub + " " + mirror},
		{"both are in use, by the other", plain, mirror, hub + " " + mirror},
		{"both are in use, by the name", plain, "node", hub + " " + mirror},
		{"another image of the name", stranger, "node", ""},
		{"the default, beside it", stranger, hub, mirror},
		{"another image, whole", stranger, "other.example/team/node", "other.example/team/node"},
		{"another owner is another image", fork, "reg.example/acme/base", ""},
		{"Docker Hub by the name of its server", server, "node", hub},
		{"the server by its name", server, "registry-1.docker.io/library/node", "registry-1.docker.io/library/node"},
		{"another name is another image", program, "docker.io/library/golang", ""},
	} {
		t.Run(tc.title, func(t *testing.T) {
			found, err := mustOpen(t, gittest.Init(t, tc.files)).FindImage(tc.name)
			if got := strings.Join(found, " "); got != tc.want || (err == nil) != (tc.want != "") {
				t.Errorf("%s is %q, want %q: %v", tc.name, got, tc.want, err)
			}
		})
	}
}

// What is made here is what builds get through a mirror of it: its path is the same, and nothing
// else makes the mirror.
func TestMakersThroughMirrors(t *testing.T) {
	const consumer = "ARG REG=reg.example\nFROM ${REG}/team/engine:1.0.0\n"
	compose := func(registry, more string) string {
		return "services:\n  e: {image: reg.example/team/engine:1.0.0, build: parts}\n  car: {build: {context: car, args: {REG: " + registry + "}}}\n" + more
	}
	for _, tc := range []struct {
		title, compose, dockerfile string
		want                       string // the Dockerfile that makes what car is based on
	}{
		{"another registry", compose("mirror.example", ""), consumer, "parts/Dockerfile"},
		{"a path in front", compose("mirror.example/hub", ""), consumer, "parts/Dockerfile"},
		{"another path", compose("mirror.example/a/team/engine", ""), "ARG REG=reg.example/team/engine\nFROM ${REG}:1.0.0\n", "parts/Dockerfile"},
		{"another owner", compose("mirror.example/other/engine", ""), "ARG REG=reg.example/team/engine\nFROM ${REG}:1.0.0\n", ""},
		{
			"an image of Docker Hub that one of here takes the place of", "services:\n  e: {image: reg.example/engine:1.0.0, build: parts}\n  car: {build: {context: car, args: {REG: reg.example}}}\n",
			"ARG REG=docker.io/library\nFROM engine:1.0.0 AS hub\nFROM ${REG}/engine:1.0.0\nCOPY --from=hub /x /x\n", "",
		},
		{"something else makes it", compose("mirror.example", "  m: {image: mirror.example/team/engine:1.0.0, build: own}\n"), consumer, "own/Dockerfile"},
	} {
		t.Run(tc.title, func(t *testing.T) {
			r := mustOpen(t, gittest.Init(t, map[string]string{
				"compose.yaml": tc.compose, "car/Dockerfile": tc.dockerfile, "parts/Dockerfile": "FROM scratch\n", "own/Dockerfile": "FROM scratch\n",
			}))
			got := ""
			for _, file := range r.Files {
				if file.Path != "car/Dockerfile" {
					continue
				}
				for _, maker := range r.Graph().MakersOf(file.Refs[0]) {
					got += maker.File.Path
				}
			}
			if got != tc.want {
				t.Errorf("%q makes it, want %q", got, tc.want)
			}
		})
	}
}
