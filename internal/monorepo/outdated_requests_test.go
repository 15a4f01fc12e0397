package monorepo_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// What a run asks registries depends on how many images and versions are in use, and not on how
// many services use them: one listing an image, one HEAD a tag whose digest matters, and a
// manifest and a configuration only where an age is asked for, or whether what was published
// stands on its base. Nothing is asked twice, and the next run knows the manifests and
// configurations.
func TestRequestsOfARun(t *testing.T) {
	t.Parallel()
	const bases, services, newest = 40, 5000, "1.0.2"
	s := registrytest.Start(t, registrytest.Memory, registrytest.Token)
	login := s.Login(t, registrytest.Password)
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	both := []string{"linux/amd64", "linux/arm64"}
	for i := range bases {
		name := fmt.Sprintf("team/base-%02d", i)
		for n, tag := range []string{"1.0.0", "1.0.1", "1.0.2", "1.1.0", "2.0.0"} {
			image := registrytest.Image{Created: now.Add(time.Duration(n-100) * 24 * time.Hour)}
			if tag == newest {
				image.Platforms = both
			}
			digest := s.Push(t, name, tag, image)
			if tag == newest {
				s.Tag(t, name, digest, "1.0", "stable")
			}
		}
	}
	// Of each base one service has published an image, half of them before the tag moved.
	for i := range bases {
		name := fmt.Sprintf("team/base-%02d", i)
		s.Push(t, fmt.Sprintf("team/service-%02d", i), "1.0.0", registrytest.Image{Platforms: both, On: name + ":stable"})
		if i < bases/2 {
			s.Push(t, name, "stable", registrytest.Image{Platforms: both, Content: "rebuilt"})
		}
	}
	// Each base is in use as a version, as an older one, and under a tag that moves.
	inUse := []string{"1.0.1", "1.0.0", "stable"}
	var compose strings.Builder
	compose.WriteString("services:\n")
	for i := range bases {
		fmt.Fprintf(&compose, "  s%d: {image: %q, build: {context: services, dockerfile: s%04d.Dockerfile}}\n", i, s.Reference(fmt.Sprintf("team/service-%02d:1.0.0", i)), 2*bases+i)
	}
	files := func(policy string, published bool) fstest.MapFS {
		tree := fstest.MapFS{".propagate.yaml": {Data: []byte(policy)}}
		if published {
			tree["compose.yaml"] = &fstest.MapFile{Data: []byte(compose.String())}
		}
		for i := range services {
			text := fmt.Sprintf("FROM %s\n", s.Reference(fmt.Sprintf("team/base-%02d:%s", i%bases, inUse[i/bases%len(inUse)])))
			tree[fmt.Sprintf("services/s%04d.Dockerfile", i)] = &fstest.MapFile{Data: []byte(text)}
		}
		return tree
	}
	run := func(t *testing.T, policy, cache string, ages, published bool) (count map[string]int, behind int) {
		t.Helper()
		s.Forget()
		repo, _, err := open(t, "", func(o *monorepo.Options) {
			o.FS = files(policy, published)
			o.Registry = registry.Options{CacheDir: cache, Now: o.Now, Getenv: func(name string) string {
				return map[string]string{"DOCKER_CONFIG": login}[name]
			}}
		})
		if err != nil {
			t.Fatal(err)
		}
		found, err := repo.Outdated(t.Context(), monorepo.OutdatedOptions{Ages: ages})
		if err != nil {
			t.Fatal(err)
		}
		versions, references, outdated := 0, 0, 0
		for _, image := range found.Images {
			if image.Err != nil {
				t.Errorf("%s: %v", image.Image, image.Err)
			}
			for _, f := range image.Findings {
				versions, references = versions+1, references+len(f.Places)
				if f.Take != nil {
					outdated++
				}
				if f.Moved != nil {
					behind++
				}
			}
		}
		if len(found.Images) != bases || versions != bases*len(inUse) || references != services || outdated != 2*bases {
			t.Errorf("it finds %d images in %d versions with %d references, %d of them outdated", len(found.Images), versions, references, outdated)
		}
		if twice := s.Repeated(); len(twice) > 0 {
			t.Errorf("asked more than once: %d, among them %s", len(twice), twice[0])
		}
		count = s.Count()
		t.Logf("%s", counted(count))
		return count, behind
	}
	for _, test := range []struct {
		name, policy string
		ages         bool
		published    bool
		heads        int // at most: of the tags whose digest matters
		manifests    int // at most: of an index, and of the image for each platform that matters: one for an age
		blobs        int // at most: the configurations of these images
		behind       int // tags that have moved since something was published on them
	}{
		{"what is newer", "", false, false, bases, 0, 0, 0},
		{"with the ages of what is in use and what is newer", "", true, false, 6 * bases, 6*bases + 2*bases/2, 5*bases + bases/2, 0},
		{"what is old enough", "policies: [{min-age: 7d}]\n", false, false, 2 * bases, 2 * bases, bases, 0},
		{"what tags name", "policies: [{moving: pin}]\n", false, false, bases, 0, 0, bases},
		{"what is published on tags that move", "", false, true, 2 * bases, 3 * 2 * bases, 2 * 2 * bases, bases / 2},
		{"nothing of tags that move", "policies: [{moving: ignore}]\n", false, true, 0, 0, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			cache := t.TempDir()
			first, behind := run(t, test.policy, cache, test.ages, test.published)
			if first[registrytest.Tags] != bases || first[registrytest.Head] > test.heads || first[registrytest.Manifest] > test.manifests || first[registrytest.Blob] > test.blobs {
				t.Errorf("the first run asks for %s", counted(first))
			}
			// One token a repository, and one answer that says where tokens are.
			if first[registrytest.Tokens] > max(bases, test.heads) || first[registrytest.Ping] > 1 || first[registrytest.Other] > 0 {
				t.Errorf("beside that it asks for %s", counted(first))
			}
			second, again := run(t, test.policy, cache, test.ages, test.published)
			if behind != test.behind || again != test.behind {
				t.Errorf("%d tags have moved, and %d in the second run, want %d", behind, again, test.behind)
			}
			if second[registrytest.Tags] > bases || second[registrytest.Head] > test.heads || second[registrytest.Manifest] > 0 || second[registrytest.Blob] > 0 {
				t.Errorf("the second run asks for %s", counted(second))
			}
		})
	}
}

// counted puts numbers of requests into words.
func counted(count map[string]int) string {
	var all []string
	for _, what := range slices.Sorted(maps.Keys(count)) {
		all = append(all, fmt.Sprintf("%d %s", count[what], what))
	}
	return strings.Join(all, ", ")
}
