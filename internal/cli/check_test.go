package cli_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	counter "sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// publishFor pushes an index of images for platforms, with an attestation as BuildKit adds
// it; of one platform alone a single image.
func publishFor(t *testing.T, reference string, platforms ...string) {
	t.Helper()
	tag, err := name.NewTag(reference)
	if err != nil {
		t.Fatal(err)
	}
	index := mutate.IndexMediaType(empty.Index, "application/vnd.oci.image.index.v1+json")
	for _, text := range append(platforms, "unknown/unknown") {
		image, err := random.Image(64, 1)
		if err != nil {
			t.Fatal(err)
		}
		platform, err := v1.ParsePlatform(text)
		if err != nil {
			t.Fatal(err)
		}
		if image, err = mutate.ConfigFile(image, &v1.ConfigFile{OS: platform.OS, Architecture: platform.Architecture, Variant: platform.Variant}); err != nil {
			t.Fatal(err)
		}
		if len(platforms) == 1 {
			if err := remote.Write(tag, image, remote.WithContext(t.Context())); err != nil {
				t.Fatal(err)
			}
			return
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}})
	}
	if err := remote.WriteIndex(tag, index, remote.WithContext(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// many returns n services on an image.
func many(image string, n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		files["services/"+string(rune('a'+i))+"/Dockerfile"] = "FROM " + image + ":1.0.0\n"
	}
	return files
}

// A version that is not there is one error, and nothing is written; it may be overruled.
func TestMistypedVersion(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/team/base"
	for _, tag := range []string{":1.0.0", ":1.0.1", ":1.0.10", ":2.5.0"} {
		publish(t, image+tag)
	}
	dir := gittest.Init(t, many(image, 5))
	before := everything(t, dir)
	for _, args := range [][]string{{"plan"}, {"--dry-run"}, {"--publish", "branch"}, {"--publish", "files"}, {"plan", "--atomic"}, {"plan", "--record"}} {
		r := in(dir).run(t, append(args, "--base", "base@1.0.11", "--group", "all")...).want(t, 2)
		if want := "propagate: --base: the registry has no " + image + ":1.0.11\nhint: the nearest tags are 1.0.10, 1.0.1, 1.0.0; --unchecked goes on without asking the registry\n"; r.stderr != want || r.stdout != "" {
			t.Errorf("%q: it says %q, want %q", args, r.stderr, want)
		}
	}
	if changed := differences(before, everything(t, dir)); len(changed) > 0 {
		t.Errorf("it changes %v", changed)
	}
	in(dir).run(t, "plan", "--base", "base@1.0.11", "--unchecked").want(t, 0).says(t, "1 change: 5 builds, 5 places")
	in(dir).run(t, "plan", "--base", "base@1.0.11", "--from", "1.0.0").want(t, 2)
	in(dir).run(t, "plan", "--base", "base@sha256:"+strings.Repeat("1", 64)).want(t, 2).says(t, "the registry has no "+image+"@sha256:11")
	in(dir).run(t, "plan", "--base", "base@17.20.30").want(t, 2).says(t, "hint: look for a typing error; --unchecked goes on without asking the registry")
	in(dir).run(t, "affected", "--base", "base@1.0.11").want(t, 0)
	other := strings.TrimSuffix(image, "base") + "other"
	publish(t, other+":1.0.0")
	two := gittest.Init(t, with(many(image, 1), "other/Dockerfile", "FROM "+other+":1.0.0\n"))
	in(two).run(t, "plan", "--base", "base@1.0.11", "--base", "other@1.0.7").want(t, 2).says(t, "the registry has none of "+image+":1.0.11, "+other+":1.0.7\n")
}

// What the change itself makes can be published after it alone.
func TestVersionThatIsMadeHere(t *testing.T) {
	t.Parallel()
	registry := newRegistry(t)
	publish(t, registry+"/team/base:1.0.0")
	dir := gittest.Init(t, map[string]string{
		"base/Dockerfile": "FROM scratch\nCOPY a /a\n", "base/VERSION": "1.0.0\n", "svc/Dockerfile": "FROM " + registry + "/team/base:1.0.0\n",
		"compose.yaml": "services:\n  base: {image: \"" + registry + "/team/base:1.0.0\", build: base}\n",
	})
	in(dir).run(t, "plan", "--base", "base@1.0.1").want(t, 2)
	in(dir).run(t, "plan", "--base", "base@1.0.1", "--record").want(t, 0)
	in(dir).run(t, "plan", "--base", "base@1.0.1", "--atomic").want(t, 0)
}

// A base has to be there for the platforms of the builds that it is for, but for those that it
// has not had before.
func TestMissingPlatform(t *testing.T) {
	t.Parallel()
	image := newRegistry(t) + "/team/base"
	publishFor(t, image+":1.0.0", "linux/amd64", "linux/arm64/v8", "linux/arm/v6")
	publishFor(t, image+":1.0.1", "linux/amd64", "linux/arm/v6")
	publishFor(t, image+":1.0.2", "linux/amd64")
	publishFor(t, image+":1.0.3", "linux/amd64", "linux/arm64", "linux/arm/v6")
	publishFor(t, image+":1.0.4", "windows/amd64")
	publish(t, image+":1.0.5") // which says nothing
	publishFor(t, image+":1.0.6", "linux/amd64", "linux/arm/v7")
	of := func(platform string) map[string]string {
		return map[string]string{
			"amd/Dockerfile":   "FROM " + image + ":1.0.0\n",
			"other/Dockerfile": "FROM " + image + ":1.0.0\n",
			"third/Dockerfile": "FROM " + image + ":1.0.0\n",
			"compose.yaml": "services:\n  a: {image: a, build: {context: other, platforms: [" + platform + "]}}\n" +
				"  b: {image: b, build: {context: third, platforms: [" + platform + ", linux/amd64]}}\n",
		}
	}
	for _, tc := range []struct{ platform, version, missing string }{
		{"linux/arm64", "1.0.1", "linux/arm64, for which it is needed by other/Dockerfile, third/Dockerfile"},
		{"linux/aarch64", "1.0.2", "linux/arm64, for which it is needed by other/Dockerfile, third/Dockerfile"},
		{"linux/arm64/v8", "1.0.3", ""},
		{"linux/arm/v7", "1.0.1", ""}, // which runs what is for arm/v6
		{"linux/arm/v7", "1.0.2", "linux/arm/v7, for which it is needed by other/Dockerfile, third/Dockerfile"},
		{"linux/arm/v6", "1.0.6", "linux/arm/v6, for which it is needed by other/Dockerfile, third/Dockerfile"},
		{"linux/s390x", "1.0.1", ""}, // for which there has been none before
		{"linux/arm64", "1.0.4", "linux/amd64, linux/arm64, for which it is needed by amd/Dockerfile, other/Dockerfile, third/Dockerfile"},
		{"linux/arm64", "1.0.5", ""},
	} {
		t.Run(tc.platform+" "+tc.version, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, of(tc.platform))
			r := in(dir).run(t, "--dry-run", "--base", "base@"+tc.version)
			if tc.missing == "" {
				r.want(t, 0)
				return
			}
			r.want(t, 2).says(t, "propagate: --base: "+image+":"+tc.version+" is not there for "+tc.missing+"\n", "hint: it is there for ", "--unchecked goes on all the same")
			in(dir).run(t, "--dry-run", "--unchecked", "--base", "base@"+tc.version).want(t, 0)
		})
	}
	files := of("linux/arm64")
	files["other/Dockerfile"] = "FROM --platform=$BUILDPLATFORM " + image + ":1.0.0\n"
	files["third/Dockerfile"] = "FROM " + image + ":0.9.0\n" // which stays where it is
	in(gittest.Init(t, files)).run(t, "plan", "--base", "base@1.0.1").want(t, 0)
	// A file may end without a line break.
	files["other/Dockerfile"] = "FROM --platform=$BUILDPLATFORM " + image + ":1.0.0"
	in(gittest.Init(t, files)).run(t, "plan", "--base", "base@1.0.1").want(t, 0)
	// What is not built is for no platform.
	files["other/Dockerfile"] = "FROM " + image + ":1.0.0 AS dead\nFROM scratch\n"
	in(gittest.Init(t, files)).run(t, "plan", "--base", "base@1.0.1").want(t, 0)
	// A digest without a tag says nothing of where it goes.
	tag, err := name.NewTag(image + ":1.0.2")
	if err != nil {
		t.Fatal(err)
	}
	amd64, err := remote.Head(tag, remote.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	in(gittest.Init(t, of("linux/arm64"))).run(t, "plan", "--base", "base@"+amd64.Digest.String()).want(t, 0)
	// Of many builds three are named.
	files = map[string]string{"compose.yaml": "services:\n"}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		files[name+"/Dockerfile"] = "FROM " + image + ":1.0.0\n"
		files["compose.yaml"] += "  " + name + ": {image: " + name + ", build: {context: " + name + ", platforms: [linux/arm64]}}\n"
	}
	in(gittest.Init(t, files)).run(t, "plan", "--base", "base@1.0.1").want(t, 2).says(t, "for which it is needed by a/Dockerfile, b/Dockerfile, c/Dockerfile and 2 builds more\n")
	ignored := with(of("linux/arm64"), ".propagate.yaml", "ignore: [other/**, third/**]\n")
	in(gittest.Init(t, ignored)).run(t, "plan", "--base", "base@1.0.1").want(t, 0)
}

// A registry that cannot be asked is a note, and the plan goes on.
func TestRegistryThatCannotBeChecked(t *testing.T) {
	t.Parallel()
	answering := func(status int, header ...string) func(t *testing.T) string {
		return func(t *testing.T) string {
			var requests counter.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1) > 2 {
					t.Error("it asks again and again")
				}
				if len(header) == 2 && r.URL.Path == "/v2/" {
					w.Header().Set(header[0], header[1])
				}
				w.WriteHeader(status)
			}))
			t.Cleanup(server.Close)
			return strings.TrimPrefix(server.URL, "http://")
		}
	}
	for _, tc := range []struct {
		name     string
		registry func(t *testing.T) string
		why      string
	}{
		{"nobody is there", closedPort, "connection refused"},
		{"too many requests", answering(http.StatusTooManyRequests), "it answers 429 Too Many Requests"},
		{"a password is needed", answering(http.StatusUnauthorized, "WWW-Authenticate", `Basic realm="x"`), "the registry refuses access (401): docker login "},
		{"it is no registry", answering(http.StatusNotFound), "it answers 404 Not Found"},
		{"it is broken", answering(http.StatusBadGateway), "it answers 502 Bad Gateway"},
		{"a name that nobody knows", func(*testing.T) string { return "registry.corp.internal" }, "its name is not known here"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			image := tc.registry(t) + "/team/base"
			dir := gittest.Init(t, many(image, 1))
			host, _, _ := strings.Cut(image, "/")
			r := in(dir).run(t, "plan", "--base", "base@1.0.1").want(t, 0)
			r.says(t, "1.0.0 -> 1.0.1", "note: "+host+" cannot be asked, "+tc.why, ": whether there is "+image+":1.0.1 is not known [unchecked-base]")
			if r := in(dir).run(t, "plan", "--base", "base@1.0.1", "--unchecked").want(t, 0); strings.Contains(r.stderr, "cannot be asked") {
				t.Errorf("it is asked all the same: %s", r.stderr)
			}
		})
	}
	r := in(gittest.Init(t, many("registry.example/team/base", 1))).run(t, "plan", "--base", "base@1.0.1").want(t, 0)
	if strings.Contains(r.stderr, "note:") {
		t.Errorf("a name that is reserved for examples is asked: %s", r.stderr)
	}
}

// Registries that hang are left after the time for all of them.
func TestRegistriesThatHang(t *testing.T) {
	t.Parallel()
	released := make(chan struct{})
	var waiting counter.Int32
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/" {
			return // one question finds out for all that there is a registry
		}
		waiting.Add(1)
		select {
		case <-released:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() {
		close(released)
		server.Close()
	})
	host := strings.TrimPrefix(server.URL, "http://")
	t.Run("not even when the time is over", func(t *testing.T) {
		t.Parallel()
		p := program{dir: gittest.Init(t, many(host+"/one", 1)), transport: hook{func(*http.Request) { <-released }}}
		p.run(t, "plan", "--base", "one@1.0.1").want(t, 0).says(t, "note: "+host+" cannot be asked, it does not answer in time")
	})
	dir := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM " + host + "/one:1.0.0\n", "b/Dockerfile": "FROM " + host + "/two:1.0.0\nCOPY --from=" + host + "/two:1.0.0-slim / /\n"})
	r := in(dir).run(t, "plan", "--base", "one@1.0.1", "--base", "two@1.0.1", "--flavours").want(t, 0)
	r.says(t, "note: "+host+" cannot be asked, it does not answer in time: whether there is "+host+"/one:1.0.1, "+host+"/two:1.0.1 is not known, and of other flavours these are not taken: "+host+"/two@1.0.1-slim [unchecked-base]",
		"1 change: 2 builds, 2 places")
	if n := waiting.Load(); n < 3 {
		t.Errorf("of three questions %d were asked at once", n)
	}
}
