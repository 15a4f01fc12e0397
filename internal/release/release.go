package release

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// A Finder knows where to look.
type Finder struct {
	FS      fs.FS
	Read    func(path string) ([]byte, error)    // the content of a file; the error names it
	Builds  func(path string) []*buildfile.Build // of a Dockerfile, by the numbers in scanner.File.Ways; nil for what is no build file's
	Args    []buildfile.Build                    // all of them
	Scripts []string                             // paths of scripts and Makefiles, sorted

	// Configured returns the places that the configuration names for an image; where
	// there are any, nothing else counts.
	Configured func(image string) []bumper.Release

	// OnLine reports whether a tag is one of a line of its image. Nil takes all.
	OnLine func(line *graph.Node, tag string) bool

	// Scheme says how the tags of an image count up. Nil leaves that to the tags.
	Scheme func(image string) imageref.Scheme

	// IsMade reports whether a build of the repository makes what a reference names. Nil
	// says that none does.
	IsMade func(ref *scanner.Ref) bool

	// IsSame reports whether two repositories are one image, which builds get through a
	// mirror. Nil says that none are.
	IsSame func(one, other string) bool

	read map[string]*trace.File
}

// Of returns the places that say which version an image has, or the line of it that a
// build makes. What is found is in a fixed order: build files, label, VERSION file, ARG,
// scripts. The error is that of a file that cannot be read.
func (f *Finder) Of(line *graph.Node) ([]bumper.Release, error) {
	places, err := f.places(line)
	if f.Scheme != nil {
		for i := range places {
			places[i].Scheme = f.Scheme(line.Key)
		}
	}
	return places, err
}

func (f *Finder) places(line *graph.Node) ([]bumper.Release, error) {
	image := line.Key
	onLine := func(places []bumper.Release) []bumper.Release {
		if f.OnLine == nil {
			return places
		}
		return slices.DeleteFunc(places, func(p bumper.Release) bool { return !f.OnLine(line, p.Tag.S) })
	}
	if f.Configured != nil {
		if places := onLine(f.Configured(image)); len(places) > 0 {
			made, err := f.along(line, places)
			return append(places, made...), err
		}
	}
	if line.Maker() == nil {
		return nil, nil
	}
	file := line.Maker().File
	places, err := f.tags(line, file)
	if err != nil {
		return nil, err
	}
	for _, claim := range line.Claims {
		found, err := f.beside(file, claim, image)
		if err != nil {
			return nil, err
		}
		places = append(places, found...)
	}
	found, err := f.scripts(image)
	if err != nil {
		return nil, err
	}
	return distinct(onLine(append(places, found...))), nil
}

// along returns the tags in build files that say the very version that the configuration says:
// they are what is made, and move with it.
func (f *Finder) along(line *graph.Node, configured []bumper.Release) ([]bumper.Release, error) {
	if line.Maker() == nil {
		return nil, nil
	}
	made, err := f.tags(line, line.Maker().File)
	return slices.DeleteFunc(made, func(made bumper.Release) bool {
		return !slices.ContainsFunc(configured, func(r bumper.Release) bool { return r.Tag.S == made.Tag.S })
	}), err
}

// beside returns what a Dockerfile says of the version of its image, and the VERSION
// file in its directory.
func (f *Finder) beside(file *scanner.File, claim graph.Claim, image string) ([]bumper.Release, error) {
	src, err := f.source(file)
	if err != nil {
		return nil, err
	}
	places := labels(file, src)
	found, err := f.versionFile(file, claim)
	if err != nil {
		return nil, err
	}
	return slices.Concat(places, found, defaults(file, src, image)), nil
}

// source returns the content of a Dockerfile, nil for what is none.
func (f *Finder) source(file *scanner.File) ([]byte, error) {
	if !file.IsDockerfile() || file.Unreadable {
		return nil, nil
	}
	return f.Read(file.Origin.Path)
}

// distinct drops places of which the same bytes were found already. One variable that
// two tags are made of (V in `base:${V}` and `base:${V}-debian`) is a place of each.
func distinct(places []bumper.Release) []bumper.Release {
	type place struct {
		path string
		off  int
		tag  string
	}
	seen := map[place]bool{}
	var kept []bumper.Release
	for _, p := range places {
		if at := p.Tag.First(); at.File != nil {
			first := place{at.File.Path, at.Off, p.Tag.S}
			if seen[first] {
				continue
			}
			seen[first] = true
		}
		kept = append(kept, p)
	}
	return kept
}

// tags returns the tags that the entries of a build give to the image, also under a similar name for which
// it is taken. Another build may make a line of it, with tags of its own.
func (f *Finder) tags(line *graph.Node, file *scanner.File) ([]bumper.Release, error) {
	likes := map[string]bool{line.Key: true}
	for _, claim := range line.Claims {
		if claim.Like != "" {
			likes[claim.Like] = true
		}
	}
	var places []bumper.Release
	all := f.Builds(file.Path)
	for _, way := range file.Ways {
		build := all[way]
		if build == nil {
			continue
		}
		var tags []trace.Text
		for _, text := range build.Images {
			ref, err := imageref.Parse(text.S)
			if err != nil || !likes[ref.Repository] && (f.IsSame == nil || !f.IsSame(ref.Repository, line.Key)) {
				continue
			}
			if start, end, ok := ref.TagAt(); ok {
				tags = append(tags, text.Slice(start, end))
			}
		}
		for _, like := range slices.Sorted(maps.Keys(likes)) {
			tags = append(tags, build.UnplacedTags(like)...)
		}
		for _, tag := range tags {
			place := bumper.Release{Tag: tag, How: "the tag in a " + build.Kind.String()}
			if build.Kind.Script() {
				place.Trust, place.Made = bumper.Guess, true
			}
			var err error
			if place.Inside, err = f.inside(line.Key, file, build.Args, tag); err != nil {
				return nil, err
			}
			places = append(places, place)
		}
	}
	return places, nil
}

// inside returns the build arguments that a tag is made of and that are the versions of
// programs in the image, also where that is another image from outside. One that says the version
// of the image itself is called so, is not declared by the Dockerfile, fills in the version of
// another image of the repository, or is its label and nothing that a command uses. What is called
// NODE_VERSION may be declared by the ONBUILD of the base.
func (f *Finder) inside(image string, file *scanner.File, args []scanner.Arg, tag trace.Text) ([]trace.Text, error) {
	var inside []trace.Text
	for _, arg := range args {
		if !arg.Value.Shares(tag) {
			continue
		}
		feeds := func(ref *scanner.Ref) bool { return ref.Text.Shares(arg.Value) }
		isOfOwnBase := func(ref *scanner.Ref) bool { return feeds(ref) && f.IsMade != nil && f.IsMade(ref) }
		isOfOther := func(ref *scanner.Ref) bool { return feeds(ref) && !isOfOwnBase(ref) }
		src, err := f.source(file)
		if err != nil {
			return nil, err
		}
		installs := src != nil && isOwnName(image, arg.Name) && file.Runs(src, arg.Name)
		if (versionNames(image)[arg.Name] || tagNames[arg.Name]) && !installs && !slices.ContainsFunc(file.Refs, isOfOther) {
			continue
		}
		isLabel := func(r bumper.Release) bool { return r.Tag.Shares(arg.Value) }
		switch {
		case src == nil || file.Runs(src, arg.Name):
		case !file.Declares(src, arg.Name) && !isOfProgram(arg.Name), slices.ContainsFunc(labels(file, src), isLabel), slices.ContainsFunc(file.Refs, isOfOwnBase):
			continue
		}
		inside = append(inside, arg.Value)
	}
	return inside, nil
}

// isOfProgram reports whether a build argument is called like the version of a program.
func isOfProgram(name string) bool { return strings.HasSuffix(name, "_VERSION") }

// tagNames are further names of build arguments that hold the version of the image itself, and
// not that of a program inside, where its tag is made of them.
var tagNames = map[string]bool{"TAG": true, "BUILD_VERSION": true, "RELEASE": true, "RELEASE_VERSION": true, "APP_VERSION": true}

// versionLabel is the label that holds the version of an image (OCI image
// specification, "Pre-Defined Annotation Keys").
const versionLabel = "org.opencontainers.image.version"

func labels(file *scanner.File, src []byte) []bumper.Release {
	var places []bumper.Release
	for _, build := range file.Builds {
		if value, ok := file.Label(src, versionLabel, build); ok {
			places = append(places, bumper.Release{Tag: value, How: "label", Trust: bumper.Label})
		}
	}
	return places
}

// defaults returns the ARGs of the Dockerfile that are called as the version of the
// image usually is, but for those that its base comes from, and those that a command
// uses: they are more likely the version of what it installs.
func defaults(file *scanner.File, src []byte, image string) []bumper.Release {
	names := versionNames(image)
	var places []bumper.Release
	for _, arg := range file.ArgDefaults(src) {
		feeds := slices.ContainsFunc(file.Refs, func(ref *scanner.Ref) bool { return ref.Text.Shares(arg.Value) })
		if names[arg.Name] && !feeds && !file.Runs(src, arg.Name) {
			places = append(places, bumper.Release{Tag: arg.Value, How: "ARG " + arg.Name, Trust: bumper.Guess})
		}
	}
	return places
}

// isOwnName reports whether a build argument is called after an image: NODE_VERSION for node. Where a command uses it,
// it is the version of the program that the image is called after.
func isOwnName(image, arg string) bool {
	own := variable(imageref.Base(image))
	return arg == own+"_VERSION" || arg == own+"_TAG"
}

// versionNames are the names that the version of an image has as a build argument.
func versionNames(image string) map[string]bool {
	own := variable(imageref.Base(image))
	names := map[string]bool{own + "_VERSION": true, own + "_TAG": true}
	for _, name := range []string{"VERSION", "IMAGE_VERSION", "IMAGE_TAG"} {
		names[name] = true
	}
	return names
}

// variable returns the name that a variable for an image usually has.
func variable(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' {
			return '_'
		}
		return r
	}, strings.ToUpper(name))
}

// scripts returns the versions in lines of scripts that begin with the name of the
// image and its version ("base-java 1.0.0", "base-java:1.0.0", as tables and lists
// have them), or set a variable called after it ("BASE_JAVA_VERSION=1.0.0"). What a
// Dockerfile is handed as its base is not among them, and neither is a text that the
// script shows (a changelog, a usage).
func (f *Finder) scripts(image string) ([]bumper.Release, error) {
	name := imageref.Base(image)
	pattern := regexp.MustCompile(`(?m)^[ \t]*(?:["'(]*` + regexp.QuoteMeta(name) + `(?:["']?[ \t]*[:=,|][ \t]*|["']?[ \t]+)|(?:export[ \t]+|readonly[ \t]+|local[ \t]+)?` +
		regexp.QuoteMeta(variable(name)) + `_(?:VERSION|TAG)[ \t]*[?:]?=[ \t]*)["']?(?:\$\{\w+:-)?(v?[0-9][\w.-]*)`)
	var places []bumper.Release
	for _, p := range f.Scripts {
		script, err := f.open(p)
		if err != nil {
			return nil, err
		}
		if script == nil || !bytes.Contains(script.Src, []byte(name)) && !bytes.Contains(script.Src, []byte(variable(name))) {
			continue
		}
		found := pattern.FindAllSubmatchIndex(script.Src, -1)
		if len(found) == 0 || isFixture(p) {
			continue
		}
		shown := buildfile.Shown(script)
		for _, m := range found {
			i, _ := slices.BinarySearchFunc(shown, m[3], func(s source.Span, end int) int { return cmp.Compare(s.End, end) })
			isShown := i < len(shown) && shown[i].Start <= m[2]
			if place := script.Text(m[2], m[3]); !isShown && !f.feeds(place) {
				places = append(places, bumper.Release{Tag: place, How: "a line of a script", Trust: bumper.Guess})
			}
		}
	}
	return places, nil
}

// isFixture holds for what a test is given.
func isFixture(p string) bool {
	dirs := strings.Split(path.Dir(p), "/")
	return slices.ContainsFunc([]string{"testdata", "fixtures", "fixture", "__fixtures__"}, func(name string) bool { return slices.Contains(dirs, name) })
}

// feeds reports whether a Dockerfile may take its base from a place.
func (f *Finder) feeds(place trace.Text) bool {
	for _, build := range f.Args {
		for _, arg := range build.Args {
			if arg.Value.Shares(place) {
				return true
			}
		}
		for _, c := range build.Contexts {
			if c.Value.Shares(place) {
				return true
			}
		}
	}
	return false
}

// open returns a file, the same one each time; nil for one that is not there or is too
// large to say a version.
func (f *Finder) open(p string) (*trace.File, error) {
	if file, ok := f.read[p]; ok {
		return file, nil
	}
	if f.read == nil {
		f.read = map[string]*trace.File{}
	}
	info, err := fs.Stat(f.FS, p)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > buildfile.MaxFileSize) || errors.Is(err, fs.ErrNotExist) {
		f.read[p] = nil
		return nil, nil
	}
	src, err := f.Read(p)
	if err != nil {
		return nil, err
	}
	f.read[p] = trace.NewFile(p, src)
	return f.read[p], nil
}
