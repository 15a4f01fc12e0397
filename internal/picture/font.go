package picture

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

// The sizes of text, in units of the picture.
const (
	titleSize = 12.0
	labelSize = 10.0
)

// goFont is the font that text is measured with.
var goFont = sync.OnceValue(func() *sfnt.Font {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic("picture: the Go font: " + err.Error())
	}
	return f
})

// faceOf returns the font in a size. It is for one goroutine.
func faceOf(size float64) font.Face {
	face, err := opentype.NewFace(goFont(), &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic("picture: the Go font: " + err.Error())
	}
	return face
}

// advances are the widths of the characters of ASCII in a size of 1; others count as an em.
var advances = sync.OnceValue(func() [utf8.RuneSelf]float64 {
	var all [utf8.RuneSelf]float64
	face := faceOf(100)
	for r := range all {
		if advance, ok := face.GlyphAdvance(rune(r)); ok {
			all[r] = float64(advance) / 64 / 100
		}
	}
	return all
})

// widthOf returns about how wide a text is in a size.
func widthOf(s string, size float64) float64 {
	widths := advances()
	sum := 0.0
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf:
			sum += widths[s[i]&0x7F]
		case r < 0x2E80: // scripts of letters
			sum += 0.7
		default:
			sum++
		}
	}
	return sum * size
}
