// Package arch holds the documents and the code to each other: the table of
// packages in ARCHITECTURE.md to what the packages import, and the examples of
// README.md and of the pages in docs to what the program does. It has tests alone.
package arch
