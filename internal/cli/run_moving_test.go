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

// A build is up to date if all that it is published as is known to be: what nothing tells of one name, or of one build of
// the Dockerfile, is not known. A name that its registry does not have is of no account.
func TestOutdatedKnowsAllThatIsPublished(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Memory, registrytest.None)
	gone := registrytest.Start(t, registrytest.Memory, registrytest.None)
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	r.Push(t, "hub/java", "21-jre", registrytest.Image{})
	r.Push(t, "matih/svc", "1", registrytest.Image{On: "hub/java:21-jre"})
	r.Push(t, "matih/empty", "1", registrytest.Image{Layers: -1})
	r.Push(t, "matih/old", "1", registrytest.Image{Content: "all in one"})
	target := func(name, arg string, images ...string) string {
		return "target \"" + name + "\" {\n  context = \"svc\"\n  args = {X = \"" + arg + "\"}\n  tags = [\"" + strings.Join(images, "\", \"") + "\"]\n}\n"
	}
	svc := r.Host + "/matih/svc:1"
	for name, tc := range map[string]struct{ bake, says string }{
		"one name":                           {target("a", "1", svc), "1 image in 1 version: 0 outdated, 1 up to date"},
		"a name that is not there":           {target("a", "1", svc, r.Host+"/matih/svc:latest"), "1 image in 1 version: 0 outdated, 1 up to date"},
		"a name of which nothing tells":      {target("a", "1", svc, r.Host+"/matih/empty:1"), "21-jre: " + r.Host + "/matih/empty:1: it has no layers to compare"},
		"a name in a registry that is down":  {target("a", "1", svc, gone.Host+"/matih/svc:1"), "1 image in 1 version: 0 outdated, 1 not known"},
		"a build in a registry that is down": {target("a", "1", svc) + target("b", "2", gone.Host+"/matih/svc:2"), "1 image in 1 version: 0 outdated, 1 not known"},
		"a name that is behind":              {target("a", "1", gone.Host+"/matih/svc:1", svc, r.Host+"/matih/old:1"), "1 image in 1 version: 1 outdated"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := plain(t, map[string]string{"svc/Dockerfile": "ARG X\nFROM " + r.Host + "/hub/java:21-jre\nRUN echo $X\n", "docker-bake.hcl": tc.bake})
			in(dir).run(t, "outdated").want(t, 0).says(t, tc.says)
		})
	}
}
