// Package shell follows shell scripts from top to bottom, without running anything, to the
// commands that build images.
//
// It is the interpreter of all formats that hold commands: a recipe of a Makefile, a step of a
// workflow and a script start a [Shell] each. What a command line of a program that builds means is
// said once, here; bake, compose and make get it as values.
package shell
