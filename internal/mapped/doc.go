// Package mapped shows files as memory: what of one is not looked at is not read. Where
// the system cannot do that, a file is read.
//
// # Limitations
//
// A file that is made shorter meanwhile takes the process down when what is gone is
// looked at. It is for files that nobody shortens: git writes new ones and puts them in
// the place of the old.
package mapped
