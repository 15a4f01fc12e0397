//go:build race

package cli_test

// Under the race detector the sweep, which takes several times as long there, has every fourth
// request go wrong; `make hostile` has every one.
const sweepStep = 4
