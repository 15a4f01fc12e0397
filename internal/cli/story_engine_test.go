//go:build engine

package cli_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/enginetest"
)

// engine makes images with BuildKit, from the Dockerfiles as they are in the clone.
type engine struct{ *enginetest.Engine }

func (g engine) upstream(t *testing.T, e *estate, reference, month string) {
	t.Helper()
	g.Upstream(t, e.registry.Host+"/hub/"+reference, month)
}

func (g engine) base(t *testing.T, e *estate, base string) string {
	t.Helper()
	name, _, _ := strings.Cut(base, ":")
	return g.Build(t, filepath.Join(e.clone, "docker", name), e.team()+base)
}

func (g engine) service(t *testing.T, e *estate, name string) {
	t.Helper()
	g.Build(t, filepath.Join(e.clone, "services", name), e.team()+name+":1")
}

// The story of an emergency with images that BuildKit builds.
func TestEngineStoryOfAnEmergency(t *testing.T) {
	t.Parallel()
	tellStory(t, engine{enginetest.Start(t)})
}
