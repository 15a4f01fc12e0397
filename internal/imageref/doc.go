// Package imageref reads image references and the versions in their tags.
//
// [Parse] takes a reference as BuildKit would receive it, after the expansion of
// variables, and keeps what was written next to the canonical form. [ParseTag]
// splits a tag into prefix, numbers and suffix, and [Relate] says what a step
// from one tag to another means.
//
// # Limitations
//
// Tags have no standard order. Only tags of one scheme (the same prefix, the
// same suffix, the same count of numbers) compare; everything else is another
// variant, never a guess.
package imageref
