package forge

import "errors"

// ErrMoved says that a branch is not where it was expected to be.
var ErrMoved = errors.New("the branch has moved")

// A TreeSpec is a tree as it should be: another one, with other contents for files that it has.
type TreeSpec struct {
	Base  string // the id of the other tree
	Files []TreeFile
	ID    string // that it has to come to
}

// A TreeFile is a file of a tree.
type TreeFile struct {
	Path    string
	Mode    string // as git writes it: "100644", "100755"
	ID      string // that the content has to come to
	Content []byte
}

// A CommitSpec is a commit as it should be. Who made it is left to the forge.
type CommitSpec struct {
	Tree, Parent string
	Message      string
}

// A Verification says whether the forge shows a commit as verified.
type Verification struct {
	Verified bool
	Reason   string // in a word of the forge: "unsigned"
}
