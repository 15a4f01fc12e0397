package source_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/source"
)

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"0 Dockerfiles": source.Count(0, "Dockerfile"), "1 branch": source.Count(1, "branch"), "2 branches": source.Count(2, "branch"), "12 derived bases": source.Count(12, "derived base"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
