package report

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/scanner"
)

// A BuildSource says what builds are made from, for the files that engines read.
type BuildSource struct {
	Revision string    // the commit; "" for a plain directory
	Created  time.Time // when images are made, for their labels; zero where that is not known

	// Linked is [monorepo.Repository.Linked] for the plan. It may be nil.
	Linked func(name string) (*bumper.Item, monorepo.Build, bool)
}

// SetSource says what the builds are made from: Bake, Matrix, GitLab and Azure tell it to the engines.
func (a *Affected) SetSource(s BuildSource) { a.source = s }

// tags returns the references that a build gives to its image: the next versions of a derived base, and what the
// build file has, without the versions before these.
func (j job) tags(i int) []string {
	var tags []string
	var released []imageref.Ref
	for _, release := range j.Releases {
		ref := imageref.Ref{Repository: release.Image, Tag: release.Tag}
		if monorepo.Maker(j.builds, ref) == i {
			tags, released = append(tags, release.String()), append(released, ref)
		}
	}
	for _, ref := range j.builds[i].Tags {
		isBefore := slices.ContainsFunc(released, func(next imageref.Ref) bool {
			return next.Repository == ref.Repository && numbers(next.Tag) == numbers(ref.Tag) && sameFlavour(next.Tag, ref.Tag)
		})
		if text := ref.String(); !isBefore && !slices.Contains(tags, text) {
			tags = append(tags, text)
		}
	}
	return tags
}

// numbers counts the numbers of a tag.
func numbers(tag string) int {
	return len(strings.FieldsFunc(tag, func(r rune) bool { return r < '0' || r > '9' }))
}

func sameFlavour(a, b string) bool {
	x, xOK := imageref.ParseTag(a)
	y, yOK := imageref.ParseTag(b)
	return xOK && yOK && x.SameFlavour(y)
}

// The labels of an image that say what it is made from (OCI image specification, "Pre-Defined Annotation Keys").
const (
	baseName   = "org.opencontainers.image.base.name"
	baseDigest = "org.opencontainers.image.base.digest"
	version    = "org.opencontainers.image.version"
	revision   = "org.opencontainers.image.revision"
	created    = "org.opencontainers.image.created"
)

// labels returns the labels of a build.
func (b *baker) labels(j job, i int) map[string]string {
	labels := map[string]string{}
	put := func(name, value string) {
		if value != "" {
			labels[name] = literal(value)
		}
	}
	on := b.standsOn(j.File)
	target, isBuilt := strings.CutPrefix(b.contexts[j.names[i]][contextName(on.String())], "target:")
	digest := on.Digest
	on.Digest = ""
	name := on.String()
	if isBuilt {
		digest = "" // it is built along, and has another then
		if m, ok := b.made[target]; ok {
			if tags := m.tags(m.i); len(tags) > 0 && !slices.Contains(tags, name) {
				name = tags[0]
			}
		}
	}
	put(baseName, name)
	put(baseDigest, digest)
	if tags := j.tags(i); len(tags) > 0 {
		ref, _ := imageref.Parse(tags[0])
		put(version, ref.Tag)
	}
	put(revision, b.source.Revision)
	if !b.source.Created.IsZero() {
		put(created, b.source.Created.UTC().Format(time.RFC3339))
	}
	for name, value := range j.builds[i].Settings.Labels { // who writes one means it
		labels[literal(name)] = literal(value)
	}
	return labels
}

// plainLabels returns labels as they are outside of a bake file.
func plainLabels(literal map[string]string) map[string]string {
	labels := map[string]string{}
	for name, value := range literal {
		labels[unliteral(name)] = unliteral(value)
	}
	return labels
}

// standsOn returns the reference that the image which a build ships is made from, once the edits of the plan are made: that
// of the first FROM in the chain of its stage. It is zero for scratch, and for one that is not known.
func (a *Affected) standsOn(file *scanner.File) imageref.Ref {
	stage := len(file.Stages) - 1
	for _, s := range slices.Backward(file.Stages) {
		if file.Target != "" && strings.EqualFold(s.Name, file.Target) {
			stage = s.Index
			break
		}
	}
	for stage >= 0 && stage < len(file.Stages) && file.Stages[stage].BaseStage >= 0 {
		stage = file.Stages[stage].BaseStage
	}
	for _, ref := range file.Refs {
		if ref.Kind != scanner.From || ref.Stage != stage || ref.Image.IsZero() || ref.Link != "" || ref.Outside != (source.Pos{}) {
			continue
		}
		if after, err := imageref.Parse(a.plan.After(ref.Text)); err == nil {
			return after
		}
	}
	return imageref.Ref{}
}

// literals returns texts so that bake reads them as they are.
func literals(texts []string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, literal(text))
	}
	return all
}

// plainContexts returns the named contexts of a target for an engine that builds one image at a time, where each image
// that it is based on has been pushed: what another target makes is the first of its tags. What only a build makes that has
// no tag is left out.
func (b *baker) plainContexts(target string) map[string]string {
	contexts := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(b.contexts[target])) {
		value, isTarget := strings.CutPrefix(b.contexts[target][name], "target:")
		plain := unliteral(name)
		if !isTarget {
			contexts[plain] = unliteral(value)
			continue
		}
		tag := b.tagOf(value)
		if own, err := imageref.Parse(plain); tag != "" && (err != nil || own.String() != tag) {
			contexts[plain] = "docker-image://" + tag
		}
	}
	return contexts
}

// tagOf returns the first tag of a target; "" where it has none.
func (b *baker) tagOf(target string) string {
	if m, ok := b.made[target]; ok {
		if tags := m.tags(m.i); len(tags) > 0 {
			return tags[0]
		}
	}
	return ""
}
