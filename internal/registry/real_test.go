package registry_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// The client finds what is there on each kind of registry, with each way in which it knows
// its users.
func TestRealRegistries(t *testing.T) {
	for _, kind := range []registrytest.Kind{registrytest.Memory, registrytest.Files, registrytest.Program} {
		for _, auth := range []registrytest.Auth{registrytest.None, registrytest.Basic, registrytest.Token, registrytest.Public} {
			t.Run(string(kind)+", "+string(auth), func(t *testing.T) {
				t.Parallel()
				s := registrytest.Start(t, kind, auth)
				for _, part := range []struct {
					name string
					test func(*testing.T, *registrytest.Server, registrytest.Auth)
				}{{"what is there", testFound}, {"what is not", testNotFound}, {"a wrong password", testRefused}, {"a mirror", testMirror}} {
					s.Forget()
					t.Run(part.name, func(t *testing.T) { part.test(t, s, auth) })
				}
			})
		}
	}
}

// client returns a client that has what docker login left, or nothing where password is empty.
func client(t *testing.T, s *registrytest.Server, password string, hosts map[string]registry.Host) *registry.Client {
	t.Helper()
	dir := t.TempDir()
	if password != "" {
		dir = s.Login(t, password)
	}
	return registry.New(registry.Options{Hosts: hosts, Getenv: func(name string) string {
		if name == "DOCKER_CONFIG" {
			return dir
		}
		return ""
	}})
}

// needed is the password that a registry wants for reading.
func needed(auth registrytest.Auth) string {
	if auth == registrytest.Basic || auth == registrytest.Token {
		return registrytest.Password
	}
	return ""
}

// What is there is found: tags of several pages, digests, platforms, ages, and
// the layers that images have of each other.
func testFound(t *testing.T, s *registrytest.Server, auth registrytest.Auth) {
	created := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	both := []string{"linux/amd64", "linux/arm64/v8"}
	base := s.Push(t, "team/base", "1.0.0", registrytest.Image{Platforms: both, Layers: 2, Attested: true, Created: created})
	service := s.Push(t, "team/service", "1.0.0", registrytest.Image{Platforms: both, On: "team/base:1.0.0", Layers: 3})
	docker := s.Push(t, "team/docker", "1.0.0", registrytest.Image{Docker: true, On: "team/base:1.0.0", Layers: -1, Created: created})
	patched := s.Push(t, "team/base", "1.0.0", registrytest.Image{Platforms: both, Layers: 2, Content: "patched", Created: created.Add(time.Hour)})
	var many []string
	for i := range 2*registrytest.MaxTags + 10 {
		many = append(many, fmt.Sprintf("2.%d.0", i))
	}
	s.Tag(t, "team/base", patched, many...)
	c := client(t, s, needed(auth), nil)

	tags, err := c.Tags(t.Context(), s.Reference("team/base"))
	slices.Sort(tags)
	slices.Sort(many)
	if want := append([]string{"1.0.0"}, many...); err != nil || !slices.Equal(tags, want) {
		t.Errorf("there are %d tags, want %d: %v", len(tags), len(want), err)
	}
	for reference, want := range map[string]string{"team/base:1.0.0": patched, "team/base:2.7.0": patched, "team/service:1.0.0": service, "team/docker:1.0.0": docker} {
		if digest, err := c.Digest(t.Context(), s.Reference(reference)); err != nil || digest != want {
			t.Errorf("the digest of %s is %s, want %s: %v", reference, digest, want, err)
		}
	}
	look := func(reference, digest string, when time.Time, platforms map[string]int) map[string][]string {
		t.Helper()
		image, err := c.Image(t.Context(), s.Reference(reference))
		if err != nil || image.Digest != digest || !image.Time.Equal(when) || !slices.Equal(image.Platforms, slices.Sorted(maps.Keys(platforms))) {
			t.Errorf("%s is %+v, want %s of %s for %v: %v", reference, image, digest, when, platforms, err)
		}
		found, err := c.Layers(t.Context(), s.Reference(reference), image.Platforms)
		if err != nil || len(found) != len(platforms) {
			t.Errorf("%s has the layers %q, want those of %v: %v", reference, found, platforms, err)
		}
		for platform, layers := range platforms {
			if len(found[platform]) != layers {
				t.Errorf("%s has the layers %q for %s, want %d", reference, found[platform], platform, layers)
			}
		}
		// The image itself has those of one platform, which is all that its age is asked for.
		for platform, layers := range image.Layers {
			if !slices.Equal(layers, found[platform]) {
				t.Errorf("%s has the layers %q for %s, and %q", reference, layers, platform, found[platform])
			}
		}
		return found
	}
	old := look("team/base@"+base, base, created, map[string]int{"linux/amd64": 2, "linux/arm64/v8": 2})
	now := look("team/base:1.0.0", patched, created.Add(time.Hour), map[string]int{"linux/amd64": 2, "linux/arm64/v8": 2})
	// Who builds reproducibly says 1970.
	built := look("team/service:1.0.0", service, time.Time{}, map[string]int{"linux/amd64": 5, "linux/arm64/v8": 5})
	alone := look("team/docker:1.0.0", docker, created, map[string]int{"linux/amd64": 2})
	for _, platform := range both {
		if on := built[platform]; len(on) < 2 || !slices.Equal(on[:2], old[platform]) || slices.Equal(on[:2], now[platform]) {
			t.Errorf("for %s the layers of the service are %q, of its base %q and now %q", platform, on, old[platform], now[platform])
		}
	}
	if !slices.Equal(alone["linux/amd64"], old["linux/amd64"]) {
		t.Errorf("the layers are %q, want those of the base, %q", alone, old)
	}
	if twice := s.Repeated(); len(twice) > 0 {
		t.Errorf("asked more than once: %q", twice)
	}
	if pings := s.Count()[registrytest.Ping]; pings > 1 {
		t.Errorf("there are %d pings", pings)
	}
}

// What is not there is said so, and is no failure of the registry.
func testNotFound(t *testing.T, s *registrytest.Server, auth registrytest.Auth) {
	digest := s.Push(t, "team/base", "1.0.0", registrytest.Image{})
	c := client(t, s, needed(auth), nil)
	for _, reference := range []string{"team/base:1.0.1", "team/nothing:1.0.0"} {
		if _, err := c.Digest(t.Context(), s.Reference(reference)); !errors.Is(err, registry.ErrNoTag) {
			t.Errorf("the digest of %s: %v", reference, err)
		}
		if there, err := c.Exists(t.Context(), s.Reference(reference)); there || err != nil {
			t.Errorf("%s is there: %v, %v", reference, there, err)
		}
	}
	for _, reference := range []string{"team/base:1.0.1", "team/nothing@" + digest, "team/base@sha256:" + strings.Repeat("1", 64)} {
		if _, err := c.Image(t.Context(), s.Reference(reference)); !errors.Is(err, registry.ErrNoTag) {
			t.Errorf("the image %s: %v", reference, err)
		}
	}
	if tags, err := c.Tags(t.Context(), s.Reference("team/nothing")); err == nil {
		t.Errorf("a repository that is not there has the tags %q", tags)
	}
}

// A wrong password is refused, and shown to nobody; so is none where one is needed.
func testRefused(t *testing.T, s *registrytest.Server, auth registrytest.Auth) {
	const wrong = "correct-horse-battery"
	if auth == registrytest.None {
		return
	}
	s.Push(t, "team/base", "1.0.0", registrytest.Image{})
	passwords := []string{wrong}
	if auth != registrytest.Public {
		passwords = append(passwords, "")
	}
	for _, password := range passwords {
		c := client(t, s, password, nil)
		_, digest := c.Digest(t.Context(), s.Reference("team/base:1.0.0"))
		_, image := c.Image(t.Context(), s.Reference("team/base:1.0.0"))
		_, tags := c.Tags(t.Context(), s.Reference("team/base"))
		for _, err := range []error{digest, image, tags} {
			if !errors.Is(err, registry.ErrRefused) || strings.Contains(err.Error(), wrong) {
				t.Errorf("with the password %q the error is %v", password, err)
			}
		}
	}
}

// Behind a mirror, another registry is asked than the one that is written, with the password
// of the one that is asked.
func testMirror(t *testing.T, s *registrytest.Server, auth registrytest.Auth) {
	digest := s.Push(t, "dockerhub/library/python", "3.12.1", registrytest.Image{})
	var pages []string
	for i := range registrytest.MaxTags + 10 {
		pages = append(pages, fmt.Sprintf("3.12.%d", i+2))
	}
	s.Tag(t, "dockerhub/library/python", digest, pages...)
	other := s.Push(t, "quay/team/base", "1.0.0", registrytest.Image{})
	c := client(t, s, needed(auth), map[string]registry.Host{"docker.io": {Mirror: s.Host + "/dockerhub"}, "quay.example": {Mirror: s.Reference("quay")}})
	for reference, want := range map[string]string{"docker.io/library/python:3.12.1": digest, "quay.example/team/base:1.0.0": other} {
		if got, err := c.Digest(t.Context(), reference); err != nil || got != want {
			t.Errorf("the digest of %s is %s, want %s: %v", reference, got, want, err)
		}
		if image, err := c.Image(t.Context(), reference); err != nil || image.Digest != want {
			t.Errorf("%s is %+v, want %s: %v", reference, image, want, err)
		}
	}
	if tags, err := c.Tags(t.Context(), "docker.io/library/python"); err != nil || len(tags) != len(pages)+1 {
		t.Errorf("there are %d tags: %v", len(tags), err)
	}
	for _, r := range s.Requests() {
		if what := r.What(); what != registrytest.Ping && what != registrytest.Tokens && !strings.HasPrefix(r.Path, "/v2/dockerhub/library/python/") && !strings.HasPrefix(r.Path, "/v2/quay/team/base/") {
			t.Errorf("asked %s", r)
		}
	}
}

// A thousand tags come on several pages, in whichever order the registry lists them.
func TestAThousandTags(t *testing.T) {
	for kind, pages := range map[registrytest.Kind]int{registrytest.Memory: 1000/registrytest.MaxTags + 1, registrytest.Program: 1} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := registrytest.Start(t, kind, registrytest.Token)
			digest := s.Push(t, "team/base", "1.0.0", registrytest.Image{})
			want := []string{"1.0.0"}
			for i := range 999 {
				want = append(want, fmt.Sprintf("1.%d.%d", i/100, i%100+1))
			}
			s.Tag(t, "team/base", digest, want[1:]...)
			tags, err := client(t, s, registrytest.Password, nil).Tags(t.Context(), s.Reference("team/base"))
			slices.Sort(tags)
			slices.Sort(want)
			if err != nil || !slices.Equal(tags, want) {
				t.Errorf("there are %d tags: %v", len(tags), err)
			}
			answered := 0
			for _, r := range s.Requests() {
				if r.What() == registrytest.Tags && r.Status == 200 {
					answered++
				}
			}
			if answered > pages || answered < pages-1 {
				t.Errorf("they came on %d pages, want %d", answered, pages)
			}
		})
	}
}
