package reading

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// GivenName stands in the name of a build before the values that a command gives to variables of its file:
// "docker-bake.hcl#base with DISTRO=jazzy".
const GivenName = " with "

// A Build is one image that a build file builds.
type Build struct {
	scanner.BuildConfig
	File       string // the build file that says so; Where is in another if that is one which it includes or runs
	Kind       Kind
	Dockerfile string // its path from the root of the repository; it is one of the Dockerfiles that [Read] was given, or the name of Inline
	Context    string // the directory of the build context from the root, "." for the root; "" for one that is no directory of the repository

	// Inline is the Dockerfile where it is a text inside a file, as what reads that file hands it
	// on; else it is empty. Dockerfile is then the path of that file, "#" and a name (scanner.InlineName).
	Inline trace.Text

	// Images are the references that the image gets, as written, of those whose
	// repository is known. A tag that is not known is left off.
	Images []trace.Text

	// Partly are the references of Images of whose tag not all is known, and those of which the registry or the
	// namespace is not known, with Unknown in it.
	Partly []trace.Text

	// Twins are values of a matrix that the build is made of, each with those of its include and
	// exclude that are to be the same: they say for which value of the axis an entry counts.
	Twins [][]trace.Text

	// Choices are inputs whose values are options: the default, the option that it names, and then the other
	// options. The option moves with the default unless another is the same already.
	Choices [][]trace.Text

	// Name is what other builds of the file know it by (Link of their contexts): the file,
	// "#" and the service or target ("compose.yaml#base"), and GivenName with the values of variables that a
	// command of bake gives it. Builds of other kinds have none.
	Name string

	// Settings are what a bake or compose file says of the build; zero for other build files.
	Settings Settings

	IsPart   bool     // of a file that does not say where
	IsUse    bool     // a service that runs its image: see [Use]
	Includes []string // the names that a service has in the files that compose includes it from
}

// A Problem is what could not be understood of a build file.
type Problem struct {
	Code    source.Code // one of source.InBuildFiles
	Pos     source.Pos
	Message string
}

// AddArg adds the build argument NAME=VALUE.
func (b *Build) AddArg(t trace.Text) {
	if key, v, ok := t.Cut("="); ok && IsName(key.S) {
		b.Pass(key.S, v)
	}
}

// Override hands in a build argument in the place of one of its name.
func (b *Build) Override(name string, value trace.Text) {
	b.Args = slices.DeleteFunc(b.Args, func(a scanner.Arg) bool { return a.Name == name })
	b.Pass(name, value)
}

// Pass adds a build argument. Of one that is not known it is known that the default does
// not count.
func (b *Build) Pass(name string, value trace.Text) {
	switch {
	case !IsVoid(value):
		b.Args = append(b.Args, scanner.Arg{Name: name, Value: value})
	case !IsDirectory(value):
		b.Args = append(b.Args, scanner.Arg{Name: name, Value: trace.Plain(Unknown)})
	}
}

// AddContext adds the build context NAME=VALUE, if its name is known.
func (b *Build) AddContext(t trace.Text) {
	if key, v, ok := t.Cut("="); ok && key.S != "" && !Hidden(key) {
		b.Contexts = append(b.Contexts, scanner.Context{Name: key.S, Key: key, Value: ContextValue(v)})
	}
}

// AddImage adds a reference, if its repository is known.
func (b *Build) AddImage(t trace.Text) {
	ref, ok := ReferenceOf(t)
	if !ok || Hidden(ref) {
		if isUnplaced(t.S) {
			b.AddPartly(t)
		}
		return
	}
	b.Images = append(b.Images, ref)
	b.AddPartly(t)
}

// AddPartly adds a reference of which ReferenceOf leaves the tag off, since not all of it is known.
func (b *Build) AddPartly(t trace.Text) {
	t = t.TrimSpace()
	isThere := slices.ContainsFunc(b.Partly, func(p trace.Text) bool { return p.S == t.S })
	if strings.Contains(t.S, Unknown) && !Hidden(trace.Plain(strings.ReplaceAll(t.S, Unknown, ""))) && !isThere {
		b.Partly = append(b.Partly, t)
	}
}

// UnplacedTags returns the tags that a build gives to an image of whose name not all is known.
func (b *Build) UnplacedTags(name string) []trace.Text {
	var all []trace.Text
	for _, t := range b.Partly {
		if tag, ok := strings.CutPrefix(t.S, name+":"); ok && !strings.ContainsAny(tag, "/@"+Unknown) {
			all = append(all, t.Slice(len(name)+1, len(t.S)))
		}
	}
	return all
}

// isUnplaced reports whether of the name of a reference the last component is known, and not all in front of it.
func isUnplaced(text string) bool {
	slash := strings.LastIndexByte(text, '/')
	if slash < 0 || !strings.Contains(text[:slash], Unknown) {
		return false
	}
	name, _, _ := strings.Cut(text[slash+1:], "@")
	name, _, _ = strings.Cut(name, ":")
	_, err := imageref.Parse(name)
	return err == nil && !strings.Contains(name, Unknown)
}

// AddPlatform adds a platform to a list, if it is known.
func AddPlatform(all []string, platform string) []string {
	platform = strings.TrimSpace(platform)
	if platform == "" || strings.Contains(platform, Unknown) || Hidden(trace.Plain(platform)) || slices.Contains(all, platform) {
		return all
	}
	return append(all, platform)
}

// TakeTwins sets the twins of a build to those that it is made of, and its choices likewise.
func (b *Build) TakeTwins(twins, choices [][]trace.Text) {
	isOf := func(value trace.Text) bool { return slices.ContainsFunc(b.Texts(), value.Shares) }
	for _, group := range twins {
		if slices.ContainsFunc(group, isOf) {
			b.Twins = append(b.Twins, group)
		}
	}
	for _, choice := range choices {
		if isOf(choice[0]) {
			b.Choices = append(b.Choices, choice)
		}
	}
}

// Lacks reports whether an argument of a build is not known that another start of its step gives: a
// step that needs an input runs where there is one.
func (b *Build) Lacks(others []Build) bool {
	return slices.ContainsFunc(others, func(other Build) bool {
		return other.Where == b.Where && slices.EqualFunc(other.Args, b.Args, func(a, own scanner.Arg) bool { return a.Name == own.Name }) &&
			slices.ContainsFunc(b.Args, func(a scanner.Arg) bool { return a.Value.S == Unknown }) &&
			!slices.ContainsFunc(other.Args, func(a scanner.Arg) bool { return a.Value.S == Unknown })
	})
}

// Filled is in front of the name of a build that is called for values which its file leaves open: for
// others nobody builds it.
const Filled = "filled:"

// IsOpen reports whether a value of a build argument is not known.
func (b *Build) IsOpen() bool {
	return slices.ContainsFunc(b.Args, func(a scanner.Arg) bool { return strings.Contains(a.Value.S, Unknown) })
}

// Loosen says of the target whether it may be meant for another Dockerfile.
func (b *Build) Loosen() {
	b.Loose = ""
	if b.Kind.Heuristic() {
		b.Loose = b.Target
	}
}

// Texts returns all values of a build, and those that it has in the place of others by default.
func (b Build) Texts() []trace.Text {
	all := append(slices.Concat(b.Images, b.Partly), b.Inline)
	for _, arg := range b.Args {
		all = append(all, arg.Value)
	}
	for _, c := range b.Contexts {
		all = append(all, c.Value)
	}
	for _, set := range b.Defaults {
		for _, arg := range set {
			all = append(all, arg.Value)
		}
	}
	return all
}

// ReferenceOf makes the reference of a tag as a build file gives it: without what is
// unknown of its version. ok is false where the repository is not known or it is no
// reference.
func ReferenceOf(t trace.Text) (trace.Text, bool) {
	t = t.TrimSpace()
	if i := strings.Index(t.S, Unknown); i >= 0 {
		// The tag begins at the last colon behind the last slash.
		colon := strings.LastIndexByte(t.S, ':')
		if colon < 0 || colon < strings.LastIndexByte(t.S, '/') || i < colon {
			return t, false
		}
		t = t.Slice(0, colon)
	}
	if _, err := imageref.Parse(t.S); err != nil {
		return t, false
	}
	return t, true
}

// CutTag divides a reference without a digest into its name and its tag, which is "latest" where it has none.
func CutTag(reference trace.Text) (name trace.Text, tag string) {
	if i := strings.LastIndexByte(reference.S, ':'); i > strings.LastIndexByte(reference.S, '/') {
		return reference.Slice(0, i), reference.S[i+1:]
	}
	return reference, "latest"
}

// SamePiece reports whether two pieces are the same bytes of one place.
func SamePiece(a, b trace.Piece) bool {
	return a.S == b.S && a.Span == b.Span && (a.File == nil) == (b.File == nil) && (a.File == nil || a.File.Path == b.File.Path)
}

// MayHaveVersion reports whether a value may be a reference with a version, or a version.
func MayHaveVersion(value string) bool {
	if _, ok := imageref.ParseTag(value); ok && strings.ContainsAny(value, "0123456789") {
		return true
	}
	ref, err := imageref.Parse(value)
	return err == nil && ref.Version() != ""
}
