package shell

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// A naming is a way to say on a command line that an image, which is there already, gets another name.
type naming struct {
	names  string // of the program
	words  string // those behind it, of which one has to follow, separated by ","
	valued string // the options that take a value which says nothing of it
	order  order
}

// An order says which arguments are the images and which the names.
type order uint8

const (
	namesBehind order = iota // SOURCE NAME…, as of docker tag
	nameFirst                // NAME SOURCE…, as of docker manifest create
	nameFlagged              // -t NAME SOURCE…, as of docker buildx imagetools create
	tagBehind                // SOURCE TAG, as of crane tag
)

var namings = []naming{
	{names: "docker nerdctl podman buildah " + anyTool, words: "tag,image tag"},
	{names: "docker nerdctl podman buildah " + anyTool, words: "manifest create,manifest add", valued: "--annotation --arch --authfile --cert-dir --creds --features --os --os-feature --os-version --variant", order: nameFirst},
	{names: "docker " + anyTool, words: "buildx imagetools create", valued: "--annotation --builder --file -f --metadata-file --platform -p --progress", order: nameFlagged},
	{names: "docker-buildx", words: "imagetools create", valued: "--annotation --builder --file -f --metadata-file --platform -p --progress", order: nameFlagged},
	{names: "podman buildah", words: "push,image push", valued: "--authfile --cert-dir --compression-format --compression-level --creds --digestfile --format -f --retry --retry-delay --sign-by"},
	{names: "skopeo", words: "copy", valued: "--authfile --creds --dest-creds --src-creds --dest-authfile --src-authfile --dest-cert-dir --src-cert-dir --dest-tls-verify --src-tls-verify --format -f --multi-arch --retry-times --sign-by --digestfile --image-parallel-copies"},
	{names: "crane", words: "copy,cp", valued: "--platform --jobs -j"},
	{names: "crane", words: "tag", valued: "--platform", order: tagBehind},
}

// A renamed is a name that an image gets which nothing had built yet.
type renamed struct{ source, name trace.Text }

// retag adds the names that a command gives to an image which a build of the same file makes:
// docker tag app reg.io/team/app:1.0. ok is false for a command that does not.
func (s *Shell) retag(args []trace.Text) (ok bool) {
	word := args[0].S
	if word != anyTool {
		word = word[strings.LastIndexByte(word, '/')+1:]
	}
	for _, n := range namings {
		if !reading.Contains(n.names, word) {
			continue
		}
		for words := range strings.SplitSeq(n.words, ",") {
			rest, ok := behind(args[1:], strings.Fields(words), ProgramOptions)
			if !ok {
				continue
			}
			if s.Run.Quiet == 0 && !s.Over() {
				for _, r := range n.read(rest) {
					s.Run.rename(r)
				}
			}
			return true
		}
	}
	return false
}

// read returns which image gets which name.
func (n naming) read(args []trace.Text) (all []renamed) {
	var names, plain []trace.Text
	for i := 0; i < len(args); i++ {
		word := args[i]
		flag, value, hasValue := word.Cut("=")
		switch {
		case n.order == nameFlagged && (flag.S == "-t" || flag.S == "--tag"):
			if !hasValue && i+1 < len(args) {
				i++
				value = args[i]
			}
			names = append(names, place(value))
		case reading.Contains(n.valued, flag.S):
			if !hasValue {
				i++
			}
		case !strings.HasPrefix(word.S, "-"):
			plain = append(plain, place(word))
		}
	}
	switch n.order {
	case namesBehind:
		if len(plain) > 1 {
			plain, names = plain[:1], plain[1:]
		}
	case nameFirst:
		if len(plain) > 1 {
			plain, names = plain[1:], plain[:1]
		}
	case tagBehind:
		if len(plain) == 2 {
			name, _ := reading.CutTag(plain[0])
			plain, names = plain[:1], []trace.Text{trace.Join(name, trace.Plain(":"), plain[1])}
		}
	case nameFlagged:
	}
	for _, source := range plain {
		for _, name := range names {
			all = append(all, renamed{source, name})
		}
	}
	return all
}

// place cuts the kind of place off that an image is in: docker://reg.io/app:1.
func place(image trace.Text) trace.Text {
	for _, kind := range []string{"docker://", "docker-daemon:", "containers-storage:"} {
		if rest, ok := strings.CutPrefix(image.S, kind); ok {
			return image.Slice(len(image.S)-len(rest), len(image.S))
		}
	}
	return image
}

// rename gives a name to the last build that makes an image, or, where there is none yet, to the next one: rules of a
// Makefile are followed in their order.
func (r *Run) rename(n renamed) {
	for i, b := range slices.Backward(r.Builds) {
		if n.isOf(b) {
			r.Builds[i] = n.add(b)
			return
		}
	}
	if len(r.renamed) < reading.MaxBuilds {
		r.renamed = append(r.renamed, n)
	}
}

// named gives a build the names that were waiting for it.
func (r *Run) named(b reading.Build) reading.Build {
	r.renamed = slices.DeleteFunc(r.renamed, func(n renamed) bool {
		if !n.isOf(b) {
			return false
		}
		b = n.add(b)
		return true
	})
	return b
}

// isOf reports whether a build makes the image that gets the name.
func (n renamed) isOf(b reading.Build) bool {
	name, tag := reading.CutTag(n.source)
	isSame := func(t trace.Text) bool {
		other, otherTag := reading.CutTag(t)
		return other.S == name.S && otherTag == tag
	}
	if strings.Contains(n.source.S, reading.Unknown) {
		return slices.ContainsFunc(b.Partly, isSame)
	}
	return slices.ContainsFunc(b.Images, isSame)
}

// add returns a build with the name, unless it has that already. Where what the name is given to is written out once
// more (docker build -t web:3.0.0, docker tag web:3.0.0), both places are to be the same.
func (n renamed) add(b reading.Build) reading.Build {
	if slices.ContainsFunc(b.Images, func(t trace.Text) bool { return t.S == n.name.S }) {
		return b
	}
	name, tag := reading.CutTag(n.source)
	isSame := func(t trace.Text) bool { return t.S == n.source.S && strings.ContainsAny(tag, "0123456789") }
	if i := slices.IndexFunc(b.Images, isSame); i >= 0 {
		at, end := len(name.S)+len(":"), len(n.source.S)
		made, given := b.Images[i].Slice(at, end), n.source.Slice(at, end)
		if !slices.EqualFunc(made.Pieces(), given.Pieces(), reading.SamePiece) {
			b.Twins = append(slices.Clip(b.Twins), []trace.Text{made, given})
		}
	}
	b.Images, b.Partly = slices.Clip(b.Images), slices.Clip(b.Partly)
	b.AddImage(n.name)
	return b
}
