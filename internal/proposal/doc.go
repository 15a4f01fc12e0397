// Package proposal writes the text of a configuration for a repository that has none, or adds to one what is
// new since: see [New] and [Update]. [monorepo.Findings] is what it is made of.
//
// Nothing that is proposed counts before a person makes it count. What names alone say, and what is not clear, is
// a comment; a key that stands there without "#" has no value. So a repository with the proposed
// file has the graph and the plans that it has without the file.
//
// Two kinds of comment can be told apart, so that a person (or sed) can make an entry count:
//
//	# prose: "#", one space, text
//	#key: value, or #  an indented entry: without the "#" it is configuration
//
// # Limitations
//
// What is new is told from the text of the file alone: something counts as known where one line of the file, a
// comment or not, names the Dockerfile and the image. A comment that a person has removed is proposed again. What was
// folded into one line ("and 40 more") stays folded.
package proposal
