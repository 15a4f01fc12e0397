package bumper

// A Subject is a base of a change: one line of an image, and the version that it moves to.
type Subject struct {
	Image   string // the whole repository
	Line    string // what tells the line from the others of the image: "17", "20-alpine"; "" where it has one line
	Version string // a tag, a digest, or both as "tag@digest"
}
