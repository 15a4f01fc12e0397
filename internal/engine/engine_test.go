package engine

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ tags, want string }{
		{"reg/a:1.2.3", "reg/a:1.2.3"},
		{"reg/a:1.2.3 reg/a:1.2 reg/a:1 reg/a:latest", "reg/a:1.2.3"},
		{"reg/a:1.25-alpine", ""},
		{"reg/a:1.0.0 reg/a:1.0.0-20261101", "reg/a:1.0.0-20261101"},
		{"reg/a:latest", ""},
		{"reg/a:stable reg/a:edge", ""},
		{"reg/a:1.2.3 other/a:1.2.3", "reg/a:1.2.3 other/a:1.2.3"}, // two registries
		{"reg/a:1.2.3-alpine reg/a:1.2.3-debian", "reg/a:1.2.3-alpine reg/a:1.2.3-debian"},
		{"", ""},
	} {
		if got := strings.Join(Target{Tags: strings.Fields(test.tags)}.versions(), " "); got != test.want {
			t.Errorf("the versions of %q are %q, want %q", test.tags, got, test.want)
		}
	}
}

// fields returns what is in a text by name: "a=1 b=2".
func fields(text string) map[string]answer {
	answers := map[string]answer{}
	for _, field := range strings.Fields(text) {
		name, value, _ := strings.Cut(field, "=")
		switch value {
		case "none":
			answers[name] = answer{}
		case "error":
			answers[name] = answer{err: errors.New("no route")}
		default:
			answers[name] = answer{digest: value}
		}
	}
	return answers
}

// show writes results as a text.
func show(results []Result) string {
	var b strings.Builder
	for _, r := range results {
		b.WriteString(r.Target + " " + string(r.State))
		if r.Digest != "" {
			b.WriteString(" " + r.Digest)
		}
		if r.Reason != "" {
			b.WriteString(": " + r.Reason)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func osTarget() Target { return Target{Name: "os", Tags: []string{"os:1.0.0"}} }
func javaTarget() Target {
	return Target{Name: "java", Tags: []string{"java:2.0.0"}, Needs: []string{"os"}}
}
func webTarget() Target {
	return Target{Name: "web", Tags: []string{"web:3.0.0"}, Needs: []string{"java", "elsewhere"}}
}

func TestWeigh(t *testing.T) {
	t.Parallel()
	all := []Target{osTarget(), javaTarget(), webTarget()}
	tagged := func(tags ...string) []Target { return []Target{{Name: "a", Tags: tags}} }
	for _, test := range []struct {
		name        string
		targets     []Target
		push        bool
		found, want string
	}{
		{name: "without a push all is built", targets: append(tagged(), Target{Name: "b"}), want: "a \nb \n"},
		{name: "nothing is there", targets: all, push: true, found: "os:1.0.0=none java:2.0.0=none web:3.0.0=none", want: "os \njava \nweb \n"},
		{name: "one is there", targets: all, push: true, found: "os:1.0.0=1 java:2.0.0=none web:3.0.0=none", want: "os present 1\njava \nweb \n"},
		{name: "what is based on a missing one may be there", targets: all, push: true, found: "os:1.0.0=none java:2.0.0=2 web:3.0.0=none", want: "os \njava present 2\nweb \n"},
		{
			name: "a registry does not answer", targets: all, push: true, found: "os:1.0.0=error java:2.0.0=none web:3.0.0=none",
			want: "os not-built: whether its registry has os:1.0.0 is not known: no route\njava not-built: it is based on os, which is not built\nweb not-built: it is based on java, which is not built\n",
		},
		{name: "no tag", targets: tagged(), push: true, want: "a not-built: nothing says which tag it gets\n"},
		{
			name: "one tag of two", targets: []Target{{Name: "a", Tags: []string{"x:1.0.0"}}, {Name: "b", Tags: []string{"x:1.0.0"}}}, push: true, found: "x:1.0.0=none",
			want: "a not-built: b gets the tag x:1.0.0 as well\nb not-built: a gets the tag x:1.0.0 as well\n",
		},
		{name: "a moving tag proves nothing", targets: tagged("a:latest"), push: true, found: "a:latest=1", want: "a \n"},
		{name: "the version proves it", targets: tagged("a:latest", "a:1.0.0"), push: true, found: "a:latest=none a:1.0.0=1", want: "a present 1\n"},
		{name: "one of two registries", targets: tagged("a:1.0.0", "b.io/a:1.0.0"), push: true, found: "a:1.0.0=1 b.io/a:1.0.0=none", want: "a \n"},
		{name: "what it is based on has no tag, and is built along", targets: []Target{{Name: "tools"}, {Name: "a", Tags: []string{"a:1.0.0"}, Needs: []string{"tools"}}}, push: true, found: "a:1.0.0=none", want: "tools not-built: nothing says which tag it gets\na \n"},
	} {
		if got := show(weigh(test.targets, test.push, fields(test.found))); got != test.want {
			t.Errorf("%s:\n%swant\n%s", test.name, got, test.want)
		}
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	all := []Target{osTarget(), javaTarget(), webTarget()}
	tagged := func(tags ...string) []Target { return []Target{{Name: "a", Tags: tags}} }
	ok := func(digests ...string) endings {
		e := endings{of: map[string]ending{}}
		for _, d := range digests {
			name, digest, _ := strings.Cut(d, "=")
			e.of[name] = ending{ok: true, digest: digest}
		}
		return e
	}
	failed := endings{of: map[string]ending{"java": {reason: "exit code: 1"}}, general: "the engine has ended when java failed"}
	const none = "os:1.0.0=none java:2.0.0=none web:3.0.0=none"
	for _, test := range []struct {
		name      string
		targets   []Target
		ended     endings
		push      bool
		then, now string
		want      string
	}{
		{name: "built", targets: all, ended: ok("os=1", "java", "web"), want: "os built 1\njava built\nweb built\n"},
		{name: "built, and one fails", targets: all, ended: failed, want: "os not-built: the engine has ended when java failed\njava failed: exit code: 1\nweb not-built: it is based on java, which is not built\n"},
		{name: "pushed", targets: all, ended: ok("os=1", "java=2", "web=3"), push: true, then: none, now: "os:1.0.0=1 java:2.0.0=2 web:3.0.0=3", want: "os pushed 1\njava pushed 2\nweb pushed 3\n"},
		{name: "the engine says no digest", targets: tagged("a:1.0.0"), ended: ok("a"), push: true, now: "a:1.0.0=7", want: "a pushed 7\n"},
		{name: "the registry has nothing", targets: tagged("a:1.0.0"), ended: ok("a=1"), push: true, now: "a:1.0.0=none", want: "a failed: the engine says that it is pushed, but its registry has no a:1.0.0\n"},
		{name: "the registry has another", targets: tagged("a:1.0.0"), ended: ok("a=1"), push: true, now: "a:1.0.0=2", want: "a failed 2: the engine has pushed 1, but its registry has another image as a:1.0.0\n"},
		{name: "the registry does not answer", targets: tagged("a:1.0.0"), ended: ok("a=1"), push: true, now: "a:1.0.0=error", want: "a pushed 1: the engine says so, but the registry cannot be asked: no route\n"},
		{
			name: "one fails, and the one before was pushed", targets: all, ended: failed, push: true, then: none, now: "os:1.0.0=1 java:2.0.0=none web:3.0.0=none",
			want: "os pushed 1\njava failed: exit code: 1\nweb not-built: it is based on java, which is not built\n",
		},
		{
			name: "one fails, and the one before was cancelled", targets: all, ended: failed, push: true, then: none, now: none,
			want: "os not-built: the engine has ended when java failed\njava failed: exit code: 1\nweb not-built: it is based on java, which is not built\n",
		},
		{name: "a moving tag has moved", targets: tagged("a:latest"), ended: endings{general: "x"}, push: true, then: "a:latest=1", now: "a:latest=2", want: "a pushed 2\n"},
		{name: "a moving tag has not", targets: tagged("a:latest"), ended: endings{general: "x"}, push: true, then: "a:latest=1", now: "a:latest=1", want: "a not-built: x\n"},
		{name: "under one tag of two", targets: tagged("a:1.0.0", "a:latest"), ended: endings{general: "x"}, push: true, then: "a:1.0.0=none a:latest=1", now: "a:1.0.0=2 a:latest=1", want: "a failed 2: it was pushed as a:1.0.0, but not as a:latest\n"},
		{name: "under both", targets: tagged("a:1.0.0", "a:latest"), ended: endings{general: "x"}, push: true, then: "a:1.0.0=none a:latest=2", now: "a:1.0.0=2 a:latest=2", want: "a pushed 2\n"},
		{name: "different images", targets: tagged("a:1.0.0", "a:latest"), ended: endings{general: "x"}, push: true, then: "a:1.0.0=none a:latest=1", now: "a:1.0.0=2 a:latest=3", want: "a failed 2: its registry has different images under its tags\n"},
		{name: "nobody knows", targets: tagged("a:1.0.0"), ended: endings{general: "x"}, push: true, then: "a:1.0.0=none", now: "a:1.0.0=error", want: "a failed: whether it was pushed is not known, the registry cannot be asked: no route\n"},
	} {
		results := make([]Result, len(test.targets))
		for i, target := range test.targets {
			results[i].Target = target.Name
		}
		if got := show(settle(results, test.targets, test.ended, test.push, fields(test.then), fields(test.now))); got != test.want {
			t.Errorf("%s:\n%swant\n%s", test.name, got, test.want)
		}
	}
	present := []Result{{Target: "a", State: Present, Digest: "1"}}
	if got := settle(present, tagged("a:1.0.0"), endings{general: "x"}, true, nil, nil); !slices.Equal(got, present) {
		t.Errorf("what was decided before is %v", got)
	}
}

func TestBakeFailure(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ said, name, reason, general string }{
		{"#9 ERROR: x\n------\nERROR: target java: failed to solve: exit code: 1\n", "java", "failed to solve: exit code: 1", "the engine has ended when java failed"},
		{"ERROR: failed to build: target web: no space\r\n", "web", "no space", "the engine has ended when web failed"},
		{"ERROR: target other: it is none of them\n", "", "", "the engine has failed: it is none of them"},
		{"ERROR: Cannot connect to the Docker daemon\n", "", "", "the engine has failed: Cannot connect to the Docker daemon"},
		{"killed", "", "", "the engine has failed: signal: killed"},
	} {
		got := bakeFailure(test.said, errors.New("signal: killed"), []Target{osTarget(), javaTarget(), webTarget()})
		want := map[string]ending{}
		if test.name != "" {
			want[test.name] = ending{reason: test.reason}
		}
		if !maps.Equal(got.of, want) || got.general != test.general {
			t.Errorf("%q is read as %v, %q", test.said, got.of, got.general)
		}
	}
}

func TestBakeArgs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		target Target
		push   bool
		want   string
	}{
		{Target{}, false, "bake --file -"},
		{Target{}, true, "bake --file - --push --pull"},
		{Target{SSH: []string{"default"}, Secret: []string{"id=npm,src=.npmrc", "id=token,env=TOKEN"}}, false, "bake --file - --allow ssh"},
		{Target{Secret: []string{"id=a,src=../a", "source=/etc/b,id=b"}}, false, "bake --file - --allow fs.read=../a --allow fs.read=/etc/b"},
	} {
		if got := strings.Join(bakeArgs([]Target{test.target}, test.push, ""), " "); got != test.want {
			t.Errorf("the arguments are %q, want %q", got, test.want)
		}
	}
}

func TestBuildctlArgs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		target Target
		push   bool
		want   string
	}{
		{"plain", Target{Context: "a", Dockerfile: "a/Dockerfile"}, false, "--local context=a|--local dockerfile=a|--opt filename=Dockerfile"},
		{"at the root", Target{Context: ".", Dockerfile: "x.Dockerfile"}, false, "--local context=.|--local dockerfile=.|--opt filename=x.Dockerfile"},
		{"inline", Target{Context: ".", Dockerfile: "bake.hcl#a", Inline: "FROM x"}, false, "--local context=.|--local dockerfile=/dir|--opt filename=Dockerfile"},
		{"a context elsewhere", Target{Context: "https://host.example/x.git", Dockerfile: "Dockerfile"}, false, "--opt context=https://host.example/x.git|--local dockerfile=.|--opt filename=Dockerfile"},
		{
			"all", Target{
				Context: "a", Dockerfile: "a/docker/Dockerfile", Stage: "run", Args: map[string]string{"A": "1 2", "B": "", "SHA": "written"}, Open: map[string]string{"SHA": "GIT_SHA"}, Platforms: []string{"linux/amd64", "linux/arm64"},
				Labels: map[string]string{"x": "y"}, Contexts: map[string]string{"src": "lib", "base": "docker-image://reg/b:1", "repo": "github.com/a/b"}, Tags: []string{"reg/a:1", "reg/a:latest"}, Secret: []string{"id=s,env=S"}, SSH: []string{"default"},
			}, true,
			"--local context=a|--local dockerfile=a/docker|--opt filename=Dockerfile|--opt target=run|--opt build-arg:A=1 2|--opt build-arg:B=|--opt build-arg:SHA=abc|--opt platform=linux/amd64,linux/arm64|--opt label:x=y|" +
				"--opt context:base=docker-image://reg/b:1|--opt context:repo=github.com/a/b|--local context-3=lib|--opt context:src=local:context-3|--secret id=s,env=S|--ssh default|" +
				"--opt image-resolve-mode=pull|--opt attest:provenance=mode=min|" +
				`--output type=image,"name=reg/a:1,reg/a:latest",push=true`,
		},
	} {
		args := buildctlArgs(test.target, test.push, []string{"GIT_SHA=first", "GIT_SHA=abc"}, "/dir", "")
		const begin = "build --progress plain --frontend dockerfile.v0"
		got, hasBegin := strings.CutPrefix(strings.Join(args, " "), begin+" ")
		if want := strings.ReplaceAll(test.want, "|", " "); got != want || !hasBegin {
			t.Errorf("%s: the arguments are\n%s\nwant\n%s", test.name, got, want)
		}
	}
}

// What buildctl cannot do is known before anything is built.
func TestCheckBuildctl(t *testing.T) {
	t.Parallel()
	along := Target{Name: "a", Along: []string{"tools"}}
	for _, test := range []struct {
		targets []Target
		push    bool
		want    string
	}{
		{[]Target{osTarget(), javaTarget(), webTarget()}, true, ""},
		{[]Target{osTarget()}, false, ""},
		{[]Target{javaTarget()}, false, ""}, // what it is based on is not among them, so the registry has it
		{[]Target{osTarget(), javaTarget()}, false, "java: it is based on os, which buildctl can give it by way of a registry alone"},
		{[]Target{along}, true, "a: it takes tools from a build whose image has no tag, which buildctl cannot"},
	} {
		got := ""
		err := checkBuildctl(test.targets, test.push)
		if err != nil {
			got = err.Error()
		}
		if got != test.want || err != nil && source.Hint(err) == "" {
			t.Errorf("of %v it says %q, want %q", test.targets, got, test.want)
		}
	}
}
