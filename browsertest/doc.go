// Package browsertest opens the pages that propagate writes in a real browser, Debian's chromium without
// a window: it searches, clicks, filters and types there, holds the pages to the rules of axe-core, listens for
// errors and for requests, and measures the processor time of a click. It is a module of its own, so that
// none of this is among the modules of propagate.
//
// # Limitations
//
// One browser says nothing of others. axe-core finds what a program can find: it is no person with a
// screen reader.
package browsertest
