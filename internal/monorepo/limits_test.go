package monorepo_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/forge/github"
)

// The limits that the configuration is shown with are those that hold.
func TestLimitsAreShownAsTheyAre(t *testing.T) {
	if config.DefaultMinute != github.DefaultMinute || config.DefaultHour != github.DefaultHour {
		t.Errorf("%d and %d are shown, %d and %d hold", config.DefaultMinute, config.DefaultHour, github.DefaultMinute, github.DefaultHour)
	}
}
