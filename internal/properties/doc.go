// Package properties holds plans to what they promise, on random monorepos: every build has
// one fate, all places move or none, what is released is patched, nobody waits for what nobody
// makes, nothing old passes for up to date, nothing goes down or across, and the waves one
// after the other come to what all at once comes to. TestProperties is where to begin.
//
// A monorepo is made from a seed (generate_test.go), planned and edited in memory to its end
// (story_test.go), and what comes out is read again and compared with what was there, build by
// build (properties_test.go). One that fails is made smaller as long as it fails (shrink_test.go).
//
// # Limitations
//
// The scan and the graph are trusted: they say, before and after, what a build is based on and
// which builds make what. There is no history, so what only that tells is not known here.
package properties
