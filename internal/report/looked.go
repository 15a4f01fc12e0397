package report

import (
	"fmt"
	"time"

	"github.com/matihlabs/propagate/internal/monorepo"
)

// AddLook adds what registries were asked about before the plan was made; nil for nothing.
func (p *Plan) AddLook(found *monorepo.Outdated) {
	if found != nil {
		totals := NewOutdated("", found, time.Time{}, false).Totals
		p.Looked = &totals
	}
}

func was(versions int) string {
	if versions == 1 {
		return "1 version in use is"
	}
	return fmt.Sprintf("%d versions in use are", versions)
}
