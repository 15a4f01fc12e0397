// Package engine has BuildKit build images, through buildx or buildctl, and says what became of each. [Find] finds
// the program, and [Engine.Build] builds, pushes and asks the registry what it has then.
//
// # Limitations
//
// The programs are run as their user has set them up: which builder they use, and with which credentials they push, is
// theirs to know. buildx is told of all targets at once, in a bake file; buildctl of one after the other, and what it
// cannot do is an error before the first.
package engine
