package main

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/registry/registrytest"
)

// An estate is what is read of propagate graph.
type estate struct {
	Uses []struct {
		Ref          *string
		Path, Target string
		Exposure     string
	}
	Makes []struct {
		Image, Path, Target string
		Tags                []string
	}
}

// repositories returns the images that are used or made, sorted.
func (g estate) repositories() []string {
	var all []string
	for _, use := range g.Uses {
		if ref, ok := parse(use.Ref); ok {
			all = append(all, ref.Repository)
		}
	}
	for _, made := range g.Makes {
		all = append(all, made.Image)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// parse reads a reference of the graph; ok is false for one that is not known.
func parse(text *string) (ref imageref.Ref, ok bool) {
	if text == nil {
		return ref, false
	}
	ref, err := imageref.Parse(*text)
	return ref, err == nil
}

// directory is where the images of a registry are on the server. A port is no part of a name there.
func directory(host string) string { return strings.ReplaceAll(strings.ToLower(host), ":", "-") }

// place is where an image is on the server.
func place(repository string) string {
	host, rest, _ := strings.Cut(repository, "/")
	return directory(host) + "/" + rest
}

const day = 24 * time.Hour

// platforms are those of all images.
var platforms = []string{"linux/amd64", "linux/arm64"}

// fill pushes the versions in use, what the repository builds of them, and then newer versions,
// and other images under the tags that move. It returns how many images these are.
func fill(ctx context.Context, s *registrytest.Server, g estate, now time.Time) (int, error) {
	pushed := map[string]bool{}
	push := func(repository, tag string, image registrytest.Image) error {
		image.Platforms = platforms
		pushed[place(repository)+":"+tag] = true
		_, err := s.Write(ctx, place(repository), tag, image)
		return err
	}
	var used []imageref.Ref
	bases := map[string]string{} // by path and target
	for _, use := range g.Uses {
		ref, ok := parse(use.Ref)
		if !ok {
			continue
		}
		ref.Tag = cmp.Or(ref.Tag, "latest")
		if use.Exposure == "runtime" {
			bases[use.Path+"\x00"+use.Target] = place(ref.Repository) + ":" + ref.Tag
		}
		if pushed[place(ref.Repository)+":"+ref.Tag] {
			continue
		}
		if err := push(ref.Repository, ref.Tag, registrytest.Image{Created: now.Add(-120 * day)}); err != nil {
			return 0, err
		}
		used = append(used, ref)
	}
	for _, made := range g.Makes {
		image := registrytest.Image{On: bases[made.Path+"\x00"+made.Target], Created: now.Add(-30 * day)}
		tags := made.Tags
		if len(tags) == 0 {
			tags = []string{"latest"}
		}
		for _, tag := range tags {
			reference := place(made.Image) + ":" + tag
			if image.On == reference || pushed[reference] && image.On == "" {
				continue
			}
			if err := push(made.Image, tag, image); err != nil {
				return 0, err
			}
		}
	}
	for _, ref := range used {
		if moves(ref.Tag) {
			if err := push(ref.Repository, ref.Tag, registrytest.Image{Content: "rebuilt", Created: now.Add(-2 * day)}); err != nil {
				return 0, err
			}
		}
		for _, newer := range newer(ref.Tag) {
			if pushed[place(ref.Repository)+":"+newer.tag] {
				continue
			}
			if err := push(ref.Repository, newer.tag, registrytest.Image{Created: now.Add(-newer.age)}); err != nil {
				return 0, err
			}
		}
	}
	return len(pushed), nil
}

// version matches the first version in a tag.
var version = regexp.MustCompile(`^([^0-9]*)(\d+)(?:\.(\d+))?(?:\.(\d+))?`)

// hash matches a tag that is the hash of a commit, which has no order.
var hash = regexp.MustCompile(`^[0-9a-f]{12,64}$`)

// moves reports whether a tag names other images over time: it has fewer than three numbers.
func moves(tag string) bool {
	m := version.FindStringSubmatch(tag)
	return !hash.MatchString(tag) && (m == nil || m[4] == "" && len(m[2]) < 4)
}

// An aged tag is one that was pushed a while ago.
type aged struct {
	tag string
	age time.Duration
}

// newer returns a tag for each step that one can take: the next patch, minor and major version
// of as many numbers, with the same text around them.
func newer(tag string) []aged {
	m := version.FindStringSubmatch(tag)
	if m == nil || len(m[2]) > 3 || hash.MatchString(tag) {
		return nil // no version, or a date, or a hash
	}
	numbers := slices.DeleteFunc(m[2:], func(n string) bool { return n == "" })
	ages := []time.Duration{3 * day, 45 * day, 20 * day} // of a major, a minor and a patch step
	var all []aged
	for i := len(numbers) - 1; i >= 0; i-- {
		n, err := strconv.Atoi(numbers[i])
		if err != nil {
			return nil
		}
		next := slices.Clone(numbers)
		next[i] = strconv.Itoa(n + 1)
		for k := i + 1; k < len(next); k++ {
			next[k] = "0"
		}
		all = append(all, aged{m[1] + strings.Join(next, ".") + tag[len(m[0]):], ages[i]})
	}
	return all
}
