// Package report turns what the other packages found into what a person or a
// program reads: the documents of the JSON output, whose fields are promised, and
// their texts for a terminal.
//
// Every document is a struct with a WriteText method; [WriteJSON] writes it for
// programs. Lists are sorted and never null.
package report
