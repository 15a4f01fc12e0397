// Package imageref reads image references and the numbers in their tags.
//
// [Parse] takes a reference as BuildKit would receive it, after the expansion of
// variables, and keeps what was written next to the canonical form. [ParseTag]
// takes a tag apart, [Relate] says what a step from one tag to another means, and [InFlavour]
// which tag a release has in the flavour of another.
//
// # Tags
//
// A tag is literals and numbers. Two tags are of one scheme when their literals agree and
// their versions have as many numbers. Numbers are, in the order in which they count:
//
//   - what stands in front of a version: the 17 of 17-1.0.0;
//   - the version: 1.0.0, v3.26.0, 17.0.9_11;
//   - versions of other things and releases of distributions, by number or by name: go1.26.5, jdk21,
//     alpine3.20, debian-9, bookworm, nanoserver-1809;
//   - what counts the builds of a version: a revision (-12, -r24, -ls118, _p1, 8u392-b08), an
//     epoch (9.8-1781496985), a date (-202209230509, 2026-03-25T00-00-00Z), the long number of a build.
//
// The step is the largest over all numbers that differ. In dotted numbers the first is major,
// the second minor, any other patch; the release of a distribution is major; what counts
// builds is patch:
//
//	8.8-860                      8.8-1014                     patch
//	17-1.0.0                     17-1.0.1                     patch
//	2.137.0-pactbroker2.118.0    2.138.0-pactbroker2.119.0    minor
//	3.12.1-alpine3.19            3.12.2-alpine3.20            major
//	3.12.1-bookworm              3.12.1-trixie                major
//	3.12.2                       3.12.1                       older
//	3.12.1-alpine3.20            3.12.2-alpine3.19            variant: neither is newer in all
//	3.12.1-alpine                3.12.2                       variant: literals differ
//	9.8                          9.8-1785906690               moving
//	trixie-slim                  trixie-20260801-slim         moving
//	latest                       3.12.1                       moving
//	latest                       3.12.1-alpine                variant: it is no flavour
//
// The mark of a pre-release behind a version (-rc.2, b1) makes it older than its release.
//
// # Limitations
//
// Tags have no standard order, and what a number counts is told by its looks. Everything
// that is not of one scheme is another variant, never a guess. The hash of a commit has no order: beside a
// version or a date it is passed over (0.6.5-aabbccd1 to 0.6.6-b688c22e is patch), and two
// hashes beside the same version, or beside a count of builds alone, are variants. So are dates
// with the month first. Names of releases are known for Debian and Ubuntu.
package imageref
