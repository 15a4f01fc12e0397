// Package makefile reads Makefiles: their variables, their rules, and the recipes as [shell]
// follows them.
package makefile
