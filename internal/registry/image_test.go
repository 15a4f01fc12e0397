package registry_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	fake "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/matihlabs/propagate/internal/registry"
)

// filled is a world with a registry in which the test can push.
func filled() *world {
	return &world{hosts: map[string]http.Handler{corp: fake.New(fake.Logger(log.New(io.Discard, "", 0)))}}
}

// image returns one of a platform that was made at a time, on the layers of another one.
func image(t *testing.T, platform v1.Platform, made time.Time, on v1.Image) v1.Image {
	t.Helper()
	layer, err := random.Layer(64, "application/vnd.docker.image.rootfs.diff.tar.gzip")
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.AppendLayers(on, layer)
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Variant, file.Created = platform.OS, platform.Architecture, platform.Variant, v1.Time{Time: made}
	if image, err = mutate.ConfigFile(image, file); err != nil {
		t.Fatal(err)
	}
	return image
}

func (w *world) push(t *testing.T, reference string, what remote.Taggable) v1.Hash {
	t.Helper()
	tag, err := name.NewTag(reference)
	if err == nil {
		err = remote.Push(tag, what, remote.WithTransport(w))
	}
	if err != nil {
		t.Fatal(err)
	}
	digest, err := partialDigest(what)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got = nil
	return digest
}

func partialDigest(what remote.Taggable) (v1.Hash, error) {
	if image, ok := what.(v1.Image); ok {
		return image.Digest()
	}
	return what.(v1.ImageIndex).Digest()
}

func layers(t *testing.T, image v1.Image) []string {
	t.Helper()
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, layer := range file.RootFS.DiffIDs {
		all = append(all, layer.String())
	}
	return all
}

var made = time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)

// An image is its digest, its platforms and its age, for one request each for what is not known
// yet, and none for what an earlier run has kept but whether the tag is still there.
func TestImage(t *testing.T) {
	w := filled()
	amd, arm := v1.Platform{OS: "linux", Architecture: "amd64"}, v1.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}
	attestation := v1.Platform{OS: "unknown", Architecture: "unknown"}
	below := image(t, amd, made, empty.Image)
	onARM, onAMD := image(t, arm, made.Add(time.Hour), empty.Image), image(t, amd, made, below)
	var index v1.ImageIndex = empty.Index
	for _, child := range []struct {
		image    v1.Image
		platform v1.Platform
	}{{image(t, attestation, made, empty.Image), attestation}, {onARM, arm}, {onAMD, amd}} {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: child.image, Descriptor: v1.Descriptor{Platform: &child.platform}})
	}
	digest := w.push(t, base+":1.0.0", index)
	child, err := onAMD.Digest()
	if err != nil {
		t.Fatal(err)
	}
	config, err := onAMD.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := w.client(func(o *registry.Options) { o.CacheDir = dir })
	for range 2 {
		got, err := c.Image(t.Context(), base+":1.0.0")
		if err != nil || got.Digest != digest.String() || !slices.Equal(got.Platforms, []string{"linux/amd64", "linux/arm64/v8"}) || !got.Time.Equal(made) {
			t.Errorf("the image is %+v: %v", got, err)
		}
		if len(got.Layers) != 1 || !slices.Equal(got.Layers["linux/amd64"], layers(t, onAMD)) || !slices.Equal(got.Layers["linux/amd64"][:1], layers(t, below)) {
			t.Errorf("its layers are %q", got.Layers)
		}
	}
	w.wants(t, corp, "HEAD "+manifests+"1.0.0", "GET "+manifests+digest.String(), "GET "+manifests+child.String(), "GET /v2/team/base/blobs/"+config.String())

	all, err := c.Layers(t.Context(), base+"@"+digest.String(), []string{"linux/amd64", "linux/arm64/v8", "linux/s390x"})
	if want := map[string][]string{"linux/amd64": layers(t, onAMD), "linux/arm64/v8": layers(t, onARM)}; err != nil || !maps.EqualFunc(all, want, slices.Equal) {
		t.Errorf("the layers are %q: %v", all, err)
	}
	if n := len(w.requests(corp)); n != 6 {
		t.Errorf("for the layers it makes %d requests more", n-4)
	}

	w.got = nil
	again := w.client(func(o *registry.Options) { o.CacheDir = dir })
	if got, err := again.Image(t.Context(), base+":1.0.0"); err != nil || !got.Time.Equal(made) {
		t.Errorf("then it is %+v: %v", got, err)
	}
	w.wants(t, corp, "HEAD "+manifests+"1.0.0")

	// What is damaged is asked for again.
	files, err := filepath.Glob(filepath.Join(dir, "registry", "*"))
	if err != nil || len(files) != 5 {
		t.Fatalf("there are %d files: %v", len(files), err)
	}
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err == nil {
			damaged := [][]byte{nil, text[:len(text)/2], []byte(strings.ToUpper(string(text))), append(slices.Clone(text), ' '), []byte("{}")}
			err = os.WriteFile(file, damaged[i], 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.got = nil
	damaged := w.client(func(o *registry.Options) { o.CacheDir = dir })
	if got, err := damaged.Image(t.Context(), base+":1.0.0"); err != nil || !got.Time.Equal(made) {
		t.Errorf("with a damaged cache it is %+v: %v", got, err)
	}
	w.wants(t, corp, "HEAD "+manifests+"1.0.0", "GET "+manifests+digest.String(), "GET "+manifests+child.String(), "GET /v2/team/base/blobs/"+config.String())
}

// The age is that of the push where the registry says it, and unknown where it cannot be true.
func TestAge(t *testing.T) {
	for _, tc := range []struct {
		name, modified string
		made, want     time.Time
	}{
		{"made", "", made, made},
		{"pushed", made.Add(time.Hour).Format(http.TimeFormat), made, made.Add(time.Hour)},
		{"pushed, no date", "yesterday", made, made},
		{"pushed in 1970", time.Unix(0, 0).UTC().Format(http.TimeFormat), made, made},
		{"reproducible", "", time.Unix(0, 0), time.Time{}},
		{"just before 2013", "", time.Date(2012, 12, 31, 23, 59, 59, 0, time.UTC), time.Time{}},
		{"in 2013", "", time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"just now", "", now, now},
		{"in the future", "", now.Add(time.Second), time.Time{}},
		{"pushed in the future", now.Add(time.Hour).Format(http.TimeFormat), made, made},
		{"not said", "", time.Time{}, time.Time{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := filled()
			w.push(t, base+":1", image(t, v1.Platform{OS: "linux", Architecture: "s390x"}, tc.made, empty.Image))
			inner := w.hosts[corp]
			w.hosts[corp] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tc.modified != "" {
					w.Header().Set("Last-Modified", tc.modified)
				}
				inner.ServeHTTP(w, r)
			})
			got, err := w.client(nil).Image(t.Context(), base+":1")
			if err != nil || !got.Time.Equal(tc.want) || !slices.Equal(got.Platforms, []string{"linux/s390x"}) || len(got.Layers["linux/s390x"]) != 1 {
				t.Errorf("it is %+v, want %s: %v", got, tc.want, err)
			}
		})
	}
}

// What is no image has a digest, and nothing that is not there is made up.
func TestWhatIsNoImage(t *testing.T) {
	for name, body := range map[string]string{
		"an empty index": `{"manifests":[]}`, "an artifact": `{"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"` + aDigest + `"}}`, "the first schema": `{"schemaVersion":1}`,
	} {
		w := &world{hosts: map[string]http.Handler{corp: open(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })}}
		got, err := w.client(nil).Image(t.Context(), base+":1")
		if err != nil || got.Digest == "" || len(got.Platforms)+len(got.Layers) > 0 || !got.Time.IsZero() {
			t.Errorf("%s: %+v: %v", name, got, err)
		}
		if looked, err := w.client(nil).Look(t.Context(), base+":1"); err != nil || looked.Digest != got.Digest {
			t.Errorf("%s: %+v: %v", name, looked, err)
		}
	}
}

// What is no manifest has no digest, unless the registry itself says which.
func TestWhatIsNoManifest(t *testing.T) {
	const why = "what it sends is no manifest"
	for name, body := range map[string]string{"a page": "<html>Sign in</html>", "nothing": "", "other JSON": `{"errors":[]}`, "a word": `"sign in"`} {
		isSaid := false
		w := &world{hosts: map[string]http.Handler{corp: open(func(w http.ResponseWriter, _ *http.Request) {
			if isSaid {
				w.Header().Set("Docker-Content-Digest", fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(body))))
			}
			_, _ = w.Write([]byte(body))
		})}}
		_, err := w.client(nil).Digest(t.Context(), base+":1")
		says(t, err, "", "looking up the digest of "+base+":1: "+why)
		_, err = w.client(nil).Image(t.Context(), base+":1")
		says(t, err, "", why)
		_, err = w.client(nil).Look(t.Context(), base+":1")
		says(t, err, "", why)
		isSaid = true
		if digest, err := w.client(nil).Digest(t.Context(), base+":1"); err != nil || digest == "" {
			t.Errorf("%s, whose digest is said: %q, %v", name, digest, err)
		}
	}
}

// What a digest names is nothing else.
func TestDigestThatDoesNotMatch(t *testing.T) {
	w := &world{hosts: map[string]http.Handler{corp: open(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.Header().Set("Docker-Content-Digest", aDigest)
			return
		}
		_, _ = w.Write([]byte(`{"manifests":[]}`))
	})}}
	dir := t.TempDir()
	for range 2 { // and it is not kept
		_, err := w.client(func(o *registry.Options) { o.CacheDir = dir }).Image(t.Context(), base+":1")
		says(t, err, "", "reading "+base+":1: what it sends is not what the digest "+aDigest+" names")
	}
	_, err := w.client(nil).Look(t.Context(), base+"@"+aDigest)
	says(t, err, "", "what it sends is not what the digest "+aDigest+" names")

	config := w.hosts[corp]
	good := `{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"` + aDigest + `","size":3},"layers":[]}`
	w.hosts[corp] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/manifests/") && r.Method == http.MethodGet {
			_, _ = w.Write([]byte(good))
			return
		}
		if r.Method != http.MethodHead {
			config.ServeHTTP(w, r)
		}
	})
	_, err = w.client(nil).Image(t.Context(), base+":1")
	says(t, err, "", "reading "+base+":1: what it sends is not what the digest "+aDigest+" names")
}

// A registry that does not say a digest for HEAD is asked for the manifest.
func TestDigestWithoutHead(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusMethodNotAllowed} {
		w := filled()
		digest := w.push(t, base+":1", image(t, v1.Platform{}, made, empty.Image))
		inner := w.hosts[corp]
		w.hosts[corp] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				w.WriteHeader(status)
				return
			}
			inner.ServeHTTP(w, r)
		})
		if got, err := w.client(nil).Digest(t.Context(), base+":1"); err != nil || got != digest.String() {
			t.Errorf("the digest is %q: %v", got, err)
		}
		w.wants(t, corp, "HEAD "+manifests+"1", "GET "+manifests+"1")
	}
}

// What Look has found is not asked for again.
func TestLookAndDigest(t *testing.T) {
	w := filled()
	digest := w.push(t, base+":1", image(t, v1.Platform{OS: "linux", Architecture: "amd64"}, made, empty.Image))
	c := w.client(nil)
	for range 2 {
		if _, err := c.Look(t.Context(), base+":1"); err != nil {
			t.Error(err)
		}
	}
	if got, err := c.Digest(t.Context(), base+":1"); err != nil || got != digest.String() {
		t.Errorf("the digest is %q: %v", got, err)
	}
	if there, err := c.Exists(t.Context(), base+":2"); err != nil || there {
		t.Errorf("a tag that is not there: %v, %v", there, err)
	}
	if n := len(w.requests(corp)); n != 3 {
		t.Errorf("it makes %d requests", n)
	}
	_, err := c.Image(t.Context(), base+"@"+aDigest)
	if !errors.Is(err, registry.ErrNoTag) || errors.Is(err, registry.ErrNoRepository) {
		t.Errorf("a digest that is not there: %v", err)
	}
	_, err = c.Image(t.Context(), corp+"/nobody/base@"+aDigest)
	if !errors.Is(err, registry.ErrNoTag) || !errors.Is(err, registry.ErrNoRepository) || !strings.HasSuffix(fmt.Sprint(err), ": there is no such repository") {
		t.Errorf("a repository that is not there: %v", err)
	}
}

// The digest of a registry that is of two minds is the one that it says.
func TestLookThatDoesNotTell(t *testing.T) {
	w := &world{hosts: map[string]http.Handler{corp: open(func(w http.ResponseWriter, _ *http.Request) {
		has(w)
		_, _ = w.Write([]byte(`{"manifests":[]}`))
	})}}
	c := w.client(nil)
	if looked, err := c.Look(t.Context(), base+":1"); err != nil || looked.Digest == aDigest {
		t.Errorf("it looks like %+v: %v", looked, err)
	}
	if digest, err := c.Digest(t.Context(), base+":1"); err != nil || digest != aDigest {
		t.Errorf("the digest is %q: %v", digest, err)
	}
}

// Of which platforms an index has several images is known, also where it says no platform at all.
func TestSeveralImagesOfOnePlatform(t *testing.T) {
	t.Parallel()
	windows := func(version string) *v1.Platform {
		return &v1.Platform{OS: "windows", Architecture: "amd64", OSVersion: version}
	}
	linux := &v1.Platform{OS: "linux", Architecture: "amd64"}
	for i, tc := range []struct {
		platforms []*v1.Platform
		want      []string
	}{
		{[]*v1.Platform{linux, windows("10.0.1"), windows("10.0.2"), windows("10.0.3")}, []string{"windows/amd64"}},
		{[]*v1.Platform{linux, windows("10.0.1"), nil, nil}, nil},
		{[]*v1.Platform{nil, nil}, []string{""}},
		{[]*v1.Platform{nil}, nil},
	} {
		w := filled()
		var index v1.ImageIndex = empty.Index
		for _, platform := range tc.platforms {
			index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image(t, *linux, now, empty.Image), Descriptor: v1.Descriptor{Platform: platform}})
		}
		w.push(t, base+":1.0.0", index)
		got, err := w.client(nil).Image(t.Context(), base+":1.0.0")
		if err != nil || !slices.Equal(got.Several, tc.want) {
			t.Errorf("%d: it has several images of %q, want %q (%v)", i, got.Several, tc.want, err)
		}
	}
}
