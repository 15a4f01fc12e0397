package source

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible returns a text on one line in which all is to be seen: what is not printed, or is printed
// as nothing, is written as its code point, as in <U+202E>. It is for what is shown to people who
// judge by it; what is no UTF-8 is the replacement character.
func Visible(s string) string {
	if strings.IndexFunc(s, isHidden) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isHidden(r) {
			fmt.Fprintf(&b, "<U+%04X>", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isHidden reports whether nobody sees a character, or it changes how others are seen: controls, ends of
// lines, marks of direction, spaces but for the plain one, fillers, variation selectors.
func isHidden(r rune) bool {
	const blankBraille = '\u2800'
	return !unicode.IsPrint(r) || r == blankBraille || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
