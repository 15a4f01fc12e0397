//go:build !race

package cli_test

// sweepStep is which of the requests the sweep has go wrong: 1 is all of them.
const sweepStep = 1
