package cli_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// What the bot does about a tag that moves is for the policy of each path to say.
func TestRunPinsWherePoliciesSayIt(t *testing.T) {
	t.Parallel()
	e := &estate{registry: registrytest.Start(t, registrytest.Memory, registrytest.None)}
	e.publish(t, "base-nginx", "1.25-alpine", "")
	e.publish(t, "shop", "7", "base-nginx:1.25-alpine")
	from := "FROM " + e.team() + "base-nginx:1.25-alpine"
	e.site = newSite(t, map[string]string{
		".propagate.yaml":            "policies:\n  - {paths: 'services/web/**', moving: pin}\n  - {paths: 'services/legacy/**', moving: ignore}\n",
		"compose.yaml":               "services:\n  shop: {image: \"" + e.team() + "shop:7\", build: services/shop}\n",
		"services/web/Dockerfile":    from + "\n",
		"services/legacy/Dockerfile": from + "\n",
		"services/shop/Dockerfile":   from + "\n",
	})
	diff := e.program(nil).run(t, "run", "--dry-run").want(t, 0).stdout
	if !strings.Contains(diff, "+++ b/services/web/Dockerfile\n@@ -1 +1 @@\n-"+from+"\n+"+from+"@sha256:") || strings.Count(diff, "+FROM") != 1 {
		t.Errorf("it changes\n%s", diff)
	}
}
