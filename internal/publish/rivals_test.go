package publish_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/scanner"
)

// changesOf plans a bump of an image in files that all name it, one change for each.
func changesOf(t *testing.T, image string, paths ...string) []publish.Change {
	t.Helper()
	content := map[string]string{}
	var files []*scanner.File
	for _, path := range paths {
		content[path] = "FROM " + image + ":1.0.0\n"
		files = append(files, scanner.ScanFile(path, []byte(content[path]), ""))
	}
	g := graph.New(files, nil, nil)
	dir := gittest.Init(t, content)
	plan, err := bumper.NewPlan(t.Context(), g, onDisk(dir), []bumper.Bump{{Image: g.Images()[0].Key, Tag: "1.0.1"}}, bumper.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var changes []publish.Change
	for _, change := range plan.Changes(bumper.ChangeOptions{By: bumper.ByService}) {
		changes = append(changes, publish.Change{Change: change})
	}
	return changes
}

// Pull requests of other bots, as they name their branches and write their titles and
// texts, and which of the files they edit that a change edits.
func TestRivals(t *testing.T) {
	t.Parallel()
	team := changesOf(t, "reg.example/team/base", "services/ml/Dockerfile", "services/web/Dockerfile")
	hub := changesOf(t, "node", "Dockerfile", "a_b/Dockerfile")
	const ml, web = "services/ml/Dockerfile", "services/web/Dockerfile"
	for _, test := range []struct {
		name    string
		changes []publish.Change
		pull    forge.Pull
		want    string // "" for none
	}{
		{"Dependabot in a directory", team, forge.Pull{Branch: "dependabot/docker/services/ml/team/base-1.0.1"}, "Dependabot team/base " + ml},
		{"with another separator", team, forge.Pull{Branch: "dependabot-docker-services-ml-team-base-1.0.1", Author: "dependabot[bot]"}, "Dependabot team/base " + ml},
		{"with a target branch", team, forge.Pull{Branch: "dependabot/docker/main/services/web/team/base-1.0.1"}, "Dependabot team/base " + web},
		{"at the root", hub, forge.Pull{Branch: "dependabot/docker/node-1.0.1"}, "Dependabot node Dockerfile"},
		{"in a directory with a line", hub, forge.Pull{Branch: "dependabot/docker/a_b/node-1.0.1"}, "Dependabot node a_b/Dockerfile"},
		{"compose", hub, forge.Pull{Branch: "dependabot/docker_compose/a_b/node-1.0.1"}, "Dependabot node a_b/Dockerfile"},
		{"by its title", team, forge.Pull{Branch: "dependabot/docker/x-deadbeef", Title: "build(deps): bump team/base from 1.0.0 to 1.0.1 in /services/web"}, "Dependabot team/base " + web},
		{"a title without a directory", team, forge.Pull{Branch: "dependabot/docker/x-deadbeef", Title: "Bump team/base from 1.0.0 to 1.0.1"}, "Dependabot team/base " + ml + "; Dependabot team/base " + web},
		{"a group", team, forge.Pull{Branch: "dependabot/docker/docker-0f3a", Title: "Bump the docker group across 2 directories with 2 updates", Body: "Updates `team/base` from 1.0.0 to 1.0.1\n"}, "Dependabot team/base " + ml + "; Dependabot team/base " + web},
		{"another image in its title", team, forge.Pull{Branch: "dependabot/docker/x-deadbeef", Title: "Bump team/base-gpu from 1.0.0 to 1.0.1", Body: "`team/base`"}, ""},
		{"another directory", team, forge.Pull{Branch: "dependabot/docker/services/ml/sub/team/base-1.0.1", Title: "Bump team/base from 1.0.0 to 1.0.1 in /services/ml/sub"}, ""},
		{"a longer name", team, forge.Pull{Branch: "dependabot/docker/services/ml/team/base-gpu-1.0.1", Title: "Bump the docker group"}, ""},
		{"another ecosystem", team, forge.Pull{Branch: "dependabot/npm_and_yarn/services/ml/team/base-1.0.1", Title: "Bump left-pad from 1 to 2"}, ""},
		{"Renovate", team, forge.Pull{Branch: "renovate/reg.example-team-base-1.x", Title: "Update reg.example/team/base Docker tag to v1.0.1"}, "Renovate reg.example/team/base " + ml + "; Renovate reg.example/team/base " + web},
		{"Renovate with another prefix", team, forge.Pull{Branch: "bots/base-1.x", Author: "renovate[bot]", Title: "chore(deps): update team/base docker tag to v1.0.1"}, "Renovate team/base " + ml + "; Renovate team/base " + web},
		{"Renovate by its branch", hub, forge.Pull{Branch: "renovate/node-20.x", Title: "fix(deps): Node"}, "Renovate node Dockerfile; Renovate node a_b/Dockerfile"},
		{"a digest", hub, forge.Pull{Branch: "renovate/node", Author: "renovate-bot", Title: "Update node:20 Docker digest to abc1234"}, "Renovate node Dockerfile; Renovate node a_b/Dockerfile"},
		{"a group of Renovate", hub, forge.Pull{Branch: "renovate/docker-images", Title: "Update docker images", Body: "| Package | Update |\n| [node](https://x) | patch |\n"}, "Renovate node Dockerfile; Renovate node a_b/Dockerfile"},
		{"another image of Renovate", hub, forge.Pull{Branch: "renovate/node-exporter-1.x", Title: "Update prom/node-exporter Docker tag to v1.9.0"}, ""},
		{"a person", hub, forge.Pull{Branch: "feature/node-1.x", Author: "kim", Title: "Update node Docker tag to v2"}, ""},
		{"closed", hub, forge.Pull{Branch: "renovate/node-20.x", State: forge.Closed}, ""},
		{"into another branch", hub, forge.Pull{Branch: "renovate/node-20.x", Base: "release"}, ""},
	} {
		pull := test.pull
		pull.Number = 7
		if pull.State == 0 {
			pull.State = forge.Open
		}
		if pull.Base == "" {
			pull.Base = "main"
		}
		var got []string
		for _, rival := range publish.Rivals([]forge.Pull{{Number: 1, State: forge.Open, Base: "main", Branch: "x"}, pull}, test.changes, "main") {
			if rival.Pull.Number != 7 || !slices.ContainsFunc(test.changes[rival.Change].Files, func(f bumper.ChangedFile) bool { return f.Path == rival.Files[0] }) {
				t.Errorf("%s: %+v", test.name, rival)
			}
			got = append(got, fmt.Sprint(rival.Bot, " ", rival.Image, " ", strings.Join(rival.Files, ",")))
		}
		slices.Sort(got)
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%s:\n got %q\nwant %q", test.name, got, test.want)
		}
	}
}
