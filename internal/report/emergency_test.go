package report_test

import (
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/report"
)

// What is not known is said before anything that may be taken for all there is.
func TestEmergencyIsOneScreen(t *testing.T) {
	e := report.Emergency{
		Bases: []string{"acme/base@1.0.1"}, Runtime: 5, Build: 1, Unknown: 2, Changes: 4, Waves: 2, Waiting: 1, NotKnown: 1,
		Teams: map[string]int{"@a": 1, "@b": 2, "@c": 1, "@d": 1, "@e": 1, "@f": 1, "@g": 1}, Cost: publish.Cost{Pulls: 4, Time: 18 * time.Second},
	}
	const want = `emergency: acme/base@1.0.1
  not known     whether 1 version in use is exposed: propagate outdated says why
  exposed       runtime 5, build 1, unreachable 0, unknown 2
  teams         @b 2, @a 1, @c 1, @d 1, @e 1, 2 more
  what happens  4 changes, 2 waves; 1 build waits for a derived base
  it takes      at least 18 seconds within the limits of GitHub, for 4 pull requests
`
	if got := e.String(); got != want {
		t.Errorf("it says\n%swant\n%s", got, want)
	}
}
