package report_test

import (
	"encoding/json"
	"testing"

	"github.com/matihlabs/propagate/internal/report"
)

// A wave by itself takes from the registry what the waves before have pushed, and builds along what has no tag.
func TestBakeOfWave(t *testing.T) {
	var whole report.Bake
	if err := json.Unmarshal([]byte(`{
		"variable": {"TOKEN": {"default": ""}},
		"group": {"default": {"targets": ["base", "api", "web"]}, "wave-1": {"targets": ["base"]}, "wave-2": {"targets": ["api", "web"]}},
		"target": {
			"base": {"context": "base", "tags": ["ghcr.io/acme/base:1.0.1", "acme/base:latest"]},
			"api": {"context": "api", "tags": ["ghcr.io/acme/api:1"], "contexts": {"ghcr.io/acme/base:1.0.1": "target:base", "assets": "web/assets"}},
			"web": {"context": "web", "contexts": {"ghcr.io/acme/base:1.0.0": "target:base", "acme/base": "target:base", "gen": "target:gen"}},
			"gen": {"context": "gen", "contexts": {"tool": "target:base"}},
			"other": {"context": "other"}
		}}`), &whole); err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(whole)
	for wave, want := range map[int]string{
		1: `{"variable":{"TOKEN":{"default":""}},"group":{"default":{"targets":["base"]},"wave-1":{"targets":["base"]}},` +
			`"target":{"base":{"context":"base","tags":["ghcr.io/acme/base:1.0.1","acme/base:latest"]}}}`,
		2: `{"variable":{"TOKEN":{"default":""}},"group":{"default":{"targets":["api","web"]},"wave-2":{"targets":["api","web"]}},` +
			`"target":{"api":{"context":"api","tags":["ghcr.io/acme/api:1"],"contexts":{"assets":"web/assets"}},` +
			`"gen":{"context":"gen","contexts":{"tool":"docker-image://ghcr.io/acme/base:1.0.1"}},` +
			`"web":{"context":"web","contexts":{"gen":"target:gen","ghcr.io/acme/base:1.0.0":"docker-image://ghcr.io/acme/base:1.0.1"}}}}`,
		3: `{"variable":{"TOKEN":{"default":""}},"group":{"default":{"targets":[]}}}`,
	} {
		if got, err := json.Marshal(whole.OfWave(wave)); err != nil || string(got) != want {
			t.Errorf("wave %d is %s (%v), want %s", wave, got, err, want)
		}
	}
	if after, _ := json.Marshal(whole); string(after) != string(before) {
		t.Errorf("the whole file has become %s", after)
	}
}
