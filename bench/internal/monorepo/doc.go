// Package monorepo makes the repositories that the benchmarks run on.
//
// [Generate] is all there is to call. What it makes is a function of its [Spec]:
// the same files, the same history and the same commit ids, on every machine.
//
// # Limitations
//
// The files are made up. Their number, sizes, nesting and what the Dockerfiles use
// follow real monorepos; what they say does not, and nothing in them builds.
package monorepo
