package monorepo_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/monorepo"
)

// What is counted is said before the first of it is done.
func TestCountingBeginsWithNothing(t *testing.T) {
	t.Parallel()
	_, said, err := open(t, gittest.Init(t, shop()))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range *said {
		if m.Kind == monorepo.Doing && m.All > 0 {
			got = append(got, fmt.Sprintf("%d of %d", m.Done, m.All))
		}
	}
	if text := strings.Join(got, ", "); text != "0 of 4, 1 of 4, 2 of 4, 3 of 4, 4 of 4" {
		t.Errorf("it counts %s", text)
	}
}
