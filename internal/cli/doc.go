// Package cli is the command line of propagate. [App] holds all that comes from
// outside: streams, environment, clock and network. [App.Main] runs one command
// and returns its exit status.
//
// Every command has a file of its own: options, a constructor that reads them from
// the command line, and a run method that does the work and knows nothing of
// flags. What the commands share, from a directory to a graph, is in load.go.
package cli
