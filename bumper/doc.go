// Package bumper plans what a patched base changes: which versions are edited,
// where, and in which changes they reach the reviewers.
//
// [NewPlan] turns a graph and the new versions into a [Plan]: an item for every
// dependent, with its edits or the reason why it has none. [Plan.Changes] groups
// the items that are ready into changes, each with branch, title and body.
//
// Every edit is proved before it is planned: it is applied to a copy of the file,
// BuildKit's parser and lexer read the result, and exactly the references that
// were meant must have changed, to exactly what was meant.
//
// # Limitations
//
// The version that a rebuilt derived base will have is the next patch of the
// newest one that its consumers use.
package bumper
