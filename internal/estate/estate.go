package estate

import (
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// An Estate is what there is to say of the base images of a repository. Its lists are never nil.
type Estate struct {
	Totals     Totals       `json:"totals"`
	Images     []Image      `json:"images"`     // those that builds depend on: curated ones first, then by name and line
	Depths     []Depth      `json:"depths"`     // how long the chains are, from 1 up
	Builds     []Build      `json:"builds"`     // by path and target
	Unresolved []Unresolved `json:"unresolved"` // references of which not all is known, by place
	Uncurated  []Uncurated  `json:"uncurated"`  // services on no curated base, by path and target
	Unsaid     []Unsaid     `json:"unsaid"`     // Dockerfiles that nothing sure names an image of, by path
}

// Totals are the numbers that come first.
type Totals struct {
	Dockerfiles int `json:"dockerfiles"` // without those that are vendored
	Unreadable  int `json:"unreadable"`  // of these: they cannot be read, or build nothing
	Vendored    int `json:"vendored"`    // Dockerfiles in vendored trees, which count nowhere else

	Builds   int `json:"builds"`
	Services int `json:"services"` // builds whose image no other build depends on
	Derived  int `json:"derived"`  // builds that depend on a base and whose image others depend on

	Images  int `json:"images"`  // images, or lines of them, that builds depend on, without frontends
	Curated int `json:"curated"` // of these: curated bases
	Deepest int `json:"deepest"` // how many builds the longest chain has

	Newest  int `json:"newest"`  // builds on the newest versions in use
	Behind  int `json:"behind"`  // builds that are not
	Major   int `json:"major"`   // of these, by the largest step: major,
	Minor   int `json:"minor"`   // minor,
	Patch   int `json:"patch"`   // and patch
	Unknown int `json:"unknown"` // builds of which it cannot be told
	Bare    int `json:"bare"`    // builds that depend on no image

	References int `json:"references"` // those of builds, each place once
	Unresolved int `json:"unresolved"` // of these: those of which not all is known
	Moving     int `json:"moving"`     // of these: moving tags without a digest

	Uncurated   *int `json:"uncurated"`    // services on no curated base; nil where there is no curated base
	UnsureBases *int `json:"unsure_bases"` // services of which it is not known what they are based on; likewise
	Unsaid      int  `json:"unsaid"`       // Dockerfiles that nothing sure names an image of
}

// An Image is an image, or a line of it, that builds depend on.
type Image struct {
	Image    string    `json:"image"`    // the repository, canonical; what a build file calls it for one that has none
	Line     string    `json:"line"`     // tells it from other lines; "" for the only one
	Title    string    `json:"title"`    // what people call it
	Curated  bool      `json:"curated"`  // see the rules of the package
	Derived  bool      `json:"derived"`  // the build that makes it depends on a base itself
	Frontend bool      `json:"frontend"` // it is named in "# syntax=" alone: a program of BuildKit's, and no base
	MadeBy   *Maker    `json:"made_by"`  // nil where no build of the repository makes it
	Builds   int       `json:"builds"`
	Services int       `json:"services"`
	Behind   int       `json:"behind"`   // builds on an older version than the newest in use
	Versions []Version `json:"versions"` // of each scheme the newest first
}

// A Maker is the build that makes an image.
type Maker struct {
	Path   string  `json:"path"`
	Target string  `json:"target"` // "" for the default one
	Rule   string  `json:"rule"`   // how it is known
	Where  *string `json:"where"`  // path:line that says so; nil where only names do
}

// A State says how a version compares with the newest one in use.
type State string

// The states, of versions and of builds.
const (
	Newest  State = "newest"
	Behind  State = "behind"
	Unknown State = "unknown"
	Bare    State = "bare" // of a build that depends on no image
)

// A Version is a version of an image that references are on.
type Version struct {
	Version  string  `json:"version"` // a tag, a digest or tag@digest; "latest" where neither is written, "" where it is not known
	State    State   `json:"state"`
	Newest   *string `json:"newest"`   // the newest version in use; nil unless it is behind
	Step     *string `json:"step"`     // to the newest: "patch", "minor" or "major"; nil unless it is behind
	Distance int     `json:"distance"` // how far apart the numbers are that make the step; 0 where no such number tells
	Reason   *string `json:"reason"`   // why it cannot be compared; nil where it can
	Moving   bool    `json:"moving"`   // the tag moves with its image, and there is no digest
	Builds   int     `json:"builds"`   // that reach it
	Services int     `json:"services"` // of these
	Places   []Place `json:"places"`

	step imageref.Step
}

// A Place is where a reference is written, and the build that reads it.
type Place struct {
	Path       string `json:"path"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Dockerfile string `json:"dockerfile"`
	Target     string `json:"target"` // "" for the default one
	Kind       string `json:"kind"`
	Exposure   string `json:"exposure"`
}

// A Depth is how many builds stand at one depth: 1 is based on images from outside alone.
type Depth struct {
	Depth    int    `json:"depth"`
	Builds   int    `json:"builds"`
	Services int    `json:"services"`
	Chain    []Link `json:"chain"` // of one of them, as an example: each link is based on the next
}

// A Link is a build of a chain, and the reference by which it depends on what comes next.
type Link struct {
	Path   string `json:"path"`
	Target string `json:"target"`
	Line   int    `json:"line"` // of the reference
	Ref    string `json:"ref"`  // as people write it
}

// A Build is a Dockerfile with a target, arguments and platforms.
type Build struct {
	Path   string `json:"path"`
	Target string `json:"target"`
	Name   string `json:"name"`
	Role   string `json:"role"` // "service" or "base"
	Depth  int    `json:"depth"`
	State  State  `json:"state"`
}

// Unresolved is a reference of which not all is known.
type Unresolved struct {
	Path       string  `json:"path"`
	Line       int     `json:"line"`
	Column     int     `json:"column"`
	Written    string  `json:"written"`
	Image      *string `json:"image"` // the repository, where that is known
	Dockerfile string  `json:"dockerfile"`
	Target     string  `json:"target"`
	Reason     string  `json:"reason"`
}

// Uncurated is a service that ships an image from no curated base.
type Uncurated struct {
	Path     string      `json:"path"`
	Target   string      `json:"target"`
	Name     string      `json:"name"`
	Builds   int         `json:"builds"`     // of that target that fare alike
	Bases    []Reference `json:"bases"`      // what it ships; none for scratch
	BuildsOn bool        `json:"build_only"` // it uses a curated base to build, and does not ship it
}

// A Reference is an image with the line where it is named.
type Reference struct {
	Ref  string `json:"ref"` // as people write it
	Path string `json:"path"`
	Line int    `json:"line"`
}

// Unsaid is a Dockerfile that nothing sure names an image of.
type Unsaid struct {
	Path   string   `json:"path"`
	Known  string   `json:"known"`  // "name": its path fits an image; "unnamed": it is built, under no name that is known; "nothing"
	Images []string `json:"images"` // that its name fits
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// at is the place itself, by which places are ordered.
func (p Place) at() source.Pos { return source.Pos{Path: p.Path, Line: p.Line, Col: p.Column} }
