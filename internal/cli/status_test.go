package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// A stated is the document of propagate status, as far as tests read it.
type stated struct {
	Bases  []struct{ Published *time.Time }
	Forge  *string
	Builds []struct {
		Path, Exposure, Current, Stage, Why string
		Merged, Patched                     *bool
		Pull                                *struct {
			Number int
			State  string
			Checks *string
			Failed []string
		}
		Published    []struct{ Ref, State, Reason string }
		ExposedSince *time.Time `json:"exposed_since"`
	}
	Totals map[string]int
}

// A rollout is a base at 1.0.1, a service that ships it and one that is only built with it, on servers.
type statusSite struct {
	*site
	registry  *registrytest.Server
	published time.Time // of the base
	bases     map[string]string
}

func newStatusSite(t *testing.T) *statusSite {
	t.Helper()
	s := &statusSite{registry: registrytest.Start(t, registrytest.Memory, registrytest.None), published: now.Add(-3 * time.Hour).Truncate(time.Second), bases: map[string]string{}}
	team := s.registry.Host + "/matih/"
	for _, version := range []string{"1.0.0", "1.0.1"} {
		s.bases[version] = s.registry.Push(t, "matih/base-java", version, registrytest.Image{Content: version, Created: s.published})
	}
	s.site = newSite(t, map[string]string{
		".propagate.yaml":           noLabels,
		"services/ship/Dockerfile":  "FROM " + team + "base-java:1.0.0\n",
		"services/built/Dockerfile": "FROM " + team + "base-java:1.0.0 AS build\nFROM scratch\nCOPY --from=build /a /a\n",
		"compose.yaml":              "services:\n  ship: {image: \"" + team + "ship:1\", build: services/ship}\n  built: {image: \"" + team + "built:1\", build: services/built}\n",
	})
	s.publish(t, "1.0.0")
	return s
}

// publish publishes both services as they are built with a version of the base.
func (s *statusSite) publish(t *testing.T, version string) {
	t.Helper()
	s.ship(t, version)
	s.registry.Push(t, "matih/built", "1", registrytest.Image{Content: "built " + version, Attested: true, Provenance: "v1", Materials: []registrytest.Material{{
		URI: "pkg:docker/" + s.registry.Host + "/matih/base-java@" + version + "?platform=linux%2Famd64", Digest: s.bases[version],
	}}})
}

func (s *statusSite) ship(t *testing.T, version string) {
	t.Helper()
	s.registry.Push(t, "matih/ship", "1", registrytest.Image{On: "matih/base-java:" + version, Content: "again " + version})
}

// status runs propagate status and returns the line that sums up, and the document.
func (s *statusSite) status(t *testing.T, more ...string) (sum string, doc stated) {
	t.Helper()
	args := append([]string{"status", "--base", "base-java@1.0.1"}, more...)
	r := s.program(nil).run(t, args...).want(t, 0)
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	return lines[len(lines)-1], document[stated](t, s.program(nil).run(t, append(args, "-o", "json")...).want(t, 0))
}

// stages are the builds with their stages.
func (s stated) stages() string {
	var all []string
	for _, b := range s.Builds {
		name := strings.TrimSuffix(strings.TrimPrefix(b.Path, "services/"), "/Dockerfile")
		all = append(all, name+" "+b.Stage)
	}
	return strings.Join(all, ", ")
}

// --published is the proof at the end of a pipeline: registries alone are asked, and what is not patched is exit status 3.
func TestStatusPublished(t *testing.T) {
	t.Parallel()
	s := newStatusSite(t)
	p := s.program(nil)
	prove := func(status int, sum string) {
		t.Helper()
		before := len(s.api.Requests())
		r := p.run(t, "status", "--base", "base-java@1.0.1", "--published").want(t, status)
		if !strings.HasSuffix(r.stdout, "\n"+sum+"\n") || (status == 3) != strings.Contains(r.stderr, "propagate: --published: "+sum+"\n") {
			t.Errorf("it prints %s, and says %s", r.stdout, r.stderr)
		}
		if n := len(s.api.Requests()) - before; n > 0 {
			t.Errorf("it asks the forge %d times", n)
		}
	}
	prove(3, "0 of 2 patched, 2 not merged")
	s.ship(t, "1.0.1")
	prove(3, "1 of 2 patched, 1 not merged")
	s.publish(t, "1.0.1")
	prove(0, "2 of 2 patched")
	p.run(t, "status", "--base", "base-java@1.0.1", "--published", "--issue", "3").want(t, 2).says(t, "--published, --issue: they exclude each other")
}

// A rollout is seen at each of its steps, up to the layers and the provenance of what is published.
func TestStatusOfARollout(t *testing.T) {
	t.Parallel()
	s := newStatusSite(t)
	expect := func(step, sum, stages string) stated {
		t.Helper()
		got, doc := s.status(t)
		if got != sum || doc.stages() != stages {
			t.Errorf("%s: it says %q\nof %s\nwant %q\nof %s", step, got, doc.stages(), sum, stages)
		}
		return doc
	}
	doc := expect("at the beginning", "0 of 2 patched, 2 without a pull request", "built no-pull-request, ship no-pull-request")
	for _, b := range doc.Builds {
		if b.Current != "1.0.0" || *b.Merged || *b.Patched || !b.ExposedSince.Equal(s.published) || len(b.Published) != 1 || b.Published[0].State != "stale" {
			t.Errorf("of %s it says %+v", b.Path, b)
		}
	}
	if doc.Builds[0].Exposure != "build" || doc.Builds[1].Exposure != "runtime" || !doc.Bases[0].Published.Equal(s.published) {
		t.Errorf("it says %+v", doc)
	}

	s.program(nil).run(t, "--base", "base-java@1.0.1", "--group", "service", "--publish", "pr").want(t, 0)
	numbers := map[string]int{}
	for _, p := range s.api.Pulls() {
		for _, name := range []string{"ship", "built"} {
			if strings.Contains(p.Branch, name) {
				numbers[name] = p.Number
			}
		}
	}
	ship, built := numbers["ship"], numbers["built"]
	expect("two pull requests", "0 of 2 patched, 2 to be merged", "built unmerged, ship unmerged")
	s.api.Check(ship, "build", "")
	s.api.Status(built, "ci/old", "pending")
	expect("checks are pending", "0 of 2 patched, 2 waiting for checks", "built checks-pending, ship checks-pending")
	s.api.Check(ship, "build", "failure")
	s.api.Status(built, "ci/old", "success")
	doc = expect("one has failed", "0 of 2 patched, 1 with failed checks, 1 to be merged", "built unmerged, ship checks-failed")
	if pull := doc.Builds[1].Pull; pull.Number != ship || *pull.Checks != "failed" || pull.Failed[0] != "build" {
		t.Errorf("the pull request is %+v", pull)
	}
	s.api.Check(ship, "build", "success")
	s.api.ClosePull(built)
	expect("one is closed", "0 of 2 patched, 1 to be merged, 1 closed by a person", "built closed, ship unmerged")

	// Merged counts as the forge says it, before the clone has it.
	s.api.MergePull(ship)
	expect("one is merged", "0 of 2 patched, 1 to be published, 1 closed by a person", "built closed, ship unpublished")
	s.program(nil).run(t, "status", "--base", "base-java@1.0.1").want(t, 0).says(t, "main is at another commit on the forge than here")
	s.pullMain(t)
	doc = expect("the clone has it", "0 of 2 patched, 1 to be published, 1 closed by a person", "built closed, ship unpublished")
	if b := doc.Builds[1]; b.Current != "1.0.1" || !*b.Merged || b.Pull.State != "merged" || b.Pull.Checks != nil {
		t.Errorf("of the merged one it says %+v", b)
	}
	s.registry.Push(t, "matih/ship", "1", registrytest.Image{On: "matih/base-java:1.0.0", Content: "built anew on the old base"})
	expect("published on the old layers", "0 of 2 patched, 1 to be published, 1 closed by a person", "built closed, ship unpublished")
	s.ship(t, "1.0.1")
	expect("published on the patched layers", "1 of 2 patched, 1 closed by a person", "built closed, ship patched")

	s.api.ReopenPull(built)
	s.api.MergePull(built)
	s.pullMain(t)
	s.publish(t, "1.0.1")
	doc = expect("all is done", "2 of 2 patched", "built patched, ship patched")
	if b := doc.Builds[0]; !strings.Contains(b.Why, "its provenance names the digest of the base") || b.ExposedSince != nil {
		t.Errorf("of what is only built with it it says %+v", b)
	}
	s.program(nil).run(t, "status", "--base", "base-java@1.0.1", "--wait-for", "patched").want(t, 0).says(t, "2 of 2 patched")
}

// What cannot be asked is unknown, which is said once.
func TestStatusOfWhatIsUnknown(t *testing.T) {
	t.Parallel()
	s := newStatusSite(t)
	p := s.program(nil).set("GITHUB_TOKEN", "")
	p.run(t, "status", "--base", "base-java@1.0.1").want(t, 0).says(t, "pull requests are unknown: neither GITHUB_TOKEN nor GH_TOKEN is set", "unknown       unknown  no", "0 of 2 patched, 2 not merged")
	if err := s.registry.Close(); err != nil {
		t.Fatal(err)
	}
	r := p.run(t, "status", "--base", "base-java@1.0.1").want(t, 0)
	r.says(t, "0 of 2 patched, 2 not merged")
	if strings.Count(r.stderr, "cannot be asked about") != 1 {
		t.Errorf("it says %s", r.stderr)
	}
	doc := document[stated](t, p.run(t, "status", "--base", "base-java@1.0.1", "-o", "json").want(t, 0))
	if b := doc.Builds[0]; b.Patched != nil || b.ExposedSince != nil || doc.Forge == nil {
		t.Errorf("it says %+v", doc)
	}
	s.program(nil).run(t, "status", "--base", "base-java@1.0.2").want(t, 0)
}

// --wait-for waits until its time is over, and prints one document.
func TestStatusWaits(t *testing.T) {
	t.Parallel()
	s := newStatusSite(t)
	before := s.clock.now()
	s.program(nil).run(t, "status", "--base", "base-java@1.0.1", "--wait-for", "patched", "--timeout", "10m", "-o", "json").want(t, 3).says(t, "--wait-for patched: not within 10 minutes: 0 of 2 patched")
	if waited := s.clock.now().Sub(before); waited != 10*time.Minute {
		t.Errorf("it waited for %s", waited)
	}
}

// --watch prints the table again when something has changed, and ends when all is patched.
func TestStatusWatches(t *testing.T) {
	t.Parallel()
	s := newStatusSite(t)
	looks := 0
	s.clock.onSleep = func() {
		switch looks++; looks {
		case 2:
			s.ship(t, "1.0.1")
		case 4:
			s.publish(t, "1.0.1")
		}
	}
	r := s.program(nil).run(t, "status", "--base", "base-java@1.0.1", "--watch").want(t, 0)
	for sum, times := range map[string]int{"0 of 2 patched": 1, "1 of 2 patched": 1, "2 of 2 patched": 1} {
		if strings.Count(r.stdout, "\n"+sum) != times {
			t.Errorf("it prints %q otherwise than %d times:\n%s", sum, times, r.stdout)
		}
	}
	if looks != 4 {
		t.Errorf("it has waited %d times", looks)
	}
}

// --issue keeps the table in the text of an issue, and leaves what people write.
func TestStatusInAnIssue(t *testing.T) {
	t.Parallel()
	s := newStatusSite(t)
	number := s.api.AddIssue("The patch of November.\r\n\r\nAsk @ada.\r\n")
	text := func() string { return s.api.EditIssue(number, func(body string) string { return body }) }
	run := func(writes int, more ...string) {
		t.Helper()
		before := s.api.Mutations()
		s.program(nil).run(t, append([]string{"status", "--base", "base-java@1.0.1", "--issue", "1001"}, more...)...).want(t, 0)
		if got := s.api.Mutations() - before; got != writes {
			t.Errorf("it writes %d times, want %d", got, writes)
		}
	}
	run(1)
	if got := text(); !strings.HasPrefix(got, "The patch of November.\n\nAsk @ada.\n\n<!-- propagate status of ") || !strings.Contains(got, "**0 of 2 patched, 2 without a pull request**") {
		t.Errorf("the text is\n%s", got)
	}
	run(0)
	s.api.EditIssue(number, func(body string) string { return body + "\nWe are late.\n" })
	run(0, "--markdown")
	s.publish(t, "1.0.1")
	run(1)
	got := text()
	if !strings.HasPrefix(got, "The patch of November.\n\nAsk @ada.\n\n<!--") || !strings.HasSuffix(got, "-->\n\nWe are late.\n") || strings.Count(got, "of 2 patched") != 1 || !strings.Contains(got, "**2 of 2 patched**") {
		t.Errorf("the text is\n%s", got)
	}
	s.program(nil).run(t, "--base", "base-java@1.0.1", "--publish", "pr").want(t, 0)
	if pulls := s.api.Pulls(); len(pulls) != 1 || pulls[0].State != forge.Open {
		t.Fatalf("there are %+v", pulls)
	}
	s.program(nil).run(t, "status", "--base", "base-java@1.0.1", "--issue", "1").want(t, 2).says(t, "it is a pull request")
	s.program(nil).run(t, "status", "--base", "base-java@1.0.1", "--issue", "7").want(t, 1).says(t, "not found")
	s.program(nil).set("GITHUB_TOKEN", "").run(t, "status", "--base", "base-java@1.0.1", "--issue", "1001").want(t, 1).says(t, "--issue 1001: neither GITHUB_TOKEN nor GH_TOKEN is set")
}

// What is wrong with the command line is said before anything is read.
func TestStatusUsage(t *testing.T) {
	t.Parallel()
	s := in(t.TempDir())
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "--base: none is given"},
		{[]string{"--base", "base-java"}, "--base base-java: it has no version"},
		{[]string{"--base", "a@1", "--wait-for", "merged"}, "--wait-for merged: there is no such stage"},
		{[]string{"--base", "a@1", "--timeout", "1h"}, "--timeout: it is for --wait-for"},
		{[]string{"--base", "a@1", "--interval", "1m"}, "--interval: it is for --watch and --wait-for"},
		{[]string{"--base", "a@1", "--watch", "--interval", "1ms"}, "--interval 1ms: it is a second at least"},
		{[]string{"--base", "a@1", "--wait-for", "patched", "--timeout", "0s"}, "--timeout 0s"},
		{[]string{"--base", "a@1", "--issue", "0"}, "--issue 0: it is no number"},
		{[]string{"--base", "a@1", "--markdown", "-o", "json"}, "--markdown, -o json: they exclude each other"},
		{[]string{"--base", "a@1", "--watch", "-o", "json"}, "--watch, -o json: JSON is one document"},
		{[]string{"--base", "a@1", "--level", "huge"}, "--level huge"},
	} {
		s.run(t, append([]string{"status"}, test.args...)...).want(t, 2).says(t, test.want)
	}
}

// What is based on a derived base waits for it, and its pull request is for that one.
func TestStatusOfADerivedBase(t *testing.T) {
	t.Parallel()
	e := newEstate(t, "")
	e.publish(t, "base-python-ml", "1.0.1", "")
	status := func() (string, string) {
		t.Helper()
		doc := document[stated](t, e.program(nil).run(t, "status", "--base", "base-python-ml@1.0.1", "-o", "json").want(t, 0))
		pulls := ""
		for _, b := range doc.Builds {
			pulls += " -"
			if b.Pull != nil {
				pulls = strings.TrimSuffix(pulls, "-") + b.Pull.State
			}
		}
		return strings.ReplaceAll(doc.stages(), "bases/", ""), strings.TrimSpace(pulls)
	}
	expect := func(step, stages, pulls string) {
		t.Helper()
		if got, of := status(); got != stages || of != pulls {
			t.Errorf("%s it says\n%s\nof %s, want\n%s\nof %s", step, got, of, stages, pulls)
		}
	}
	run := func() {
		e.program(nil).run(t, "run", "--publish", "pr", "--only", "base-python-ml", "--only", "base-python-gpu").want(t, 0)
	}
	expect("at the beginning", "base-python-gpu no-pull-request, python-ml-0 no-pull-request, python-ml-1 no-pull-request, train waiting", "- - - -")
	run()
	expect("with a pull request", "base-python-gpu unmerged, python-ml-0 unmerged, python-ml-1 unmerged, train waiting", "open open open -")
	e.merge(t, "propagate/base-python-ml")
	expect("merged", "base-python-gpu unpublished, python-ml-0 unknown, python-ml-1 unknown, train waiting", "merged merged merged -")
	e.publish(t, "base-python-gpu", "2.3.5", "base-python-ml:1.0.1")
	run()
	expect("with the derived base", "base-python-gpu unpublished, python-ml-0 unknown, python-ml-1 unknown, train unmerged", "merged merged merged open")
	e.merge(t, "propagate/base-python-gpu")
	expect("in the end", "base-python-gpu patched, python-ml-0 unknown, python-ml-1 unknown, train unknown", "merged merged merged merged")
}
