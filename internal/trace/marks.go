package trace

import (
	"strings"
	"unicode/utf8"
)

// Marks replace bytes of texts by runes of the private-use planes, each of which
// stands for one byte in one place. A program that carries text through without
// looking at it carries the marks along, and what comes out says where each
// character came from. The zero value is ready to use.
type Marks struct {
	marks []mark
	texts []Text // that were encoded
}

// A mark stands for one byte of a text.
type mark struct{ text, off int }

const (
	firstMark = 0xF0000
	lastMark  = utf8.MaxRune
)

// next returns the rune that stands for a byte of the text that was added last.
func (m *Marks) next(off int) (r rune, ok bool) {
	text := len(m.texts) - 1
	if m.texts[text].At(off).File == nil || len(m.marks) > lastMark-firstMark {
		return 0, false
	}
	m.marks = append(m.marks, mark{text, off})
	return rune(firstMark + len(m.marks) - 1), true //nolint:gosec // at most lastMark, as was seen above
}

// usable reports whether no byte of t can be taken for a mark.
func usable(t Text) bool {
	return t.Located() && strings.IndexByte(t.S, 0xF3) < 0 && strings.IndexByte(t.S, 0xF4) < 0
}

// Encode replaces the bytes of t that marked holds for.
func (m *Marks) Encode(t Text, marked func(byte) bool) string {
	if !usable(t) {
		return t.S
	}
	m.texts = append(m.texts, t)
	var b strings.Builder
	for i := range len(t.S) {
		m.write(&b, t, i, marked)
	}
	return b.String()
}

// write writes a byte of the text that was added last.
func (m *Marks) write(b *strings.Builder, t Text, i int, marked func(byte) bool) {
	if marked(t.S[i]) {
		if r, ok := m.next(i); ok {
			b.WriteRune(r)
			return
		}
	}
	b.WriteByte(t.S[i])
}

// EncodeVariables is Encode for a text with variables ($X, ${X}, ${X:-text}): their
// names and operators stay, for the program to read, and so does what is matched
// against characters (${X#text}). A character behind escape stays as well; 0 is for
// no such character.
func (m *Marks) EncodeVariables(t Text, marked func(byte) bool, escape byte) string {
	known := usable(t)
	if known {
		m.texts = append(m.texts, t)
	}
	var b strings.Builder
	text := t.S
	inPattern := 0 // depth of ${…} whose operand is matched against characters
	var braces []bool
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == escape && escape != 0 && i+1 < len(text):
			b.WriteByte(c)
			if text[i+1] < utf8.RuneSelf {
				i++
				b.WriteByte(text[i])
			}
		case c == '$':
			n := variableLength(text[i:])
			b.WriteString(text[i : i+n])
			if n > 1 && text[i+1] == '{' && text[i+n-1] != '}' {
				pattern := strings.ContainsAny(text[i+n-1:i+n], "#%/")
				braces = append(braces, pattern)
				if pattern {
					inPattern++
				}
			}
			i += n - 1
		case c == '}' && len(braces) > 0:
			if braces[len(braces)-1] {
				inPattern--
			}
			braces = braces[:len(braces)-1]
			b.WriteByte(c)
		case inPattern == 0 && known:
			m.write(&b, t, i, marked)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// variableLength returns the length of the variable that text begins with, up
// to and including its operator: "$X", "${X}", "${X:-".
func variableLength(text string) int {
	i := 1
	braced := i < len(text) && text[i] == '{'
	if braced {
		i++
	}
	for i < len(text) && (text[i] == '_' || IsDigit(text[i]) || isLetter(text[i])) {
		i++
	}
	if !braced || i == len(text) {
		return i
	}
	if text[i] == ':' && i+1 < len(text) {
		i++
	}
	return i + 1
}

// Decode reads marked text back. Bytes that carried no mark have no place, except
// those between two marked bytes that follow each other in one encoded text, with the same
// bytes between them there.
func (m *Marks) Decode(marked string) Text {
	var b strings.Builder
	var from []mark
	for _, r := range marked {
		if i := int(r) - firstMark; i >= 0 && i < len(m.marks) {
			b.WriteByte(m.texts[m.marks[i].text].S[m.marks[i].off])
			from = append(from, m.marks[i])
			continue
		}
		n, _ := b.WriteRune(r)
		for range n {
			from = append(from, noMark)
		}
	}
	m.fill(b.String(), from)
	var runs []run
	for i, f := range from {
		a := Addr{}
		if f != noMark {
			a = m.texts[f.text].At(f.off)
		}
		runs = appendRun(runs, i, i+1, a)
	}
	return Text{S: b.String()}.with(runs)
}

// noMark is that of a byte that carried none.
var noMark = mark{-1, -1}

// fill gives a mark to the bytes of s between two that have one.
func (m *Marks) fill(s string, from []mark) {
	for i := 0; i < len(from); i++ {
		if from[i] == noMark {
			continue
		}
		j := i + 1
		for j < len(from) && from[j] == noMark {
			j++
		}
		if j == len(from) {
			return
		}
		first, last := from[i], from[j]
		t := m.texts[first.text]
		if first.text == last.text && t.At(last.off).follows(t.At(first.off), j-i) && last.off-first.off == j-i && t.S[first.off:last.off] == s[i:j] {
			for k := i + 1; k < j; k++ {
				from[k] = mark{first.text, first.off + k - i}
			}
		}
		i = j - 1
	}
}

// IsDigit holds for the digits of ASCII.
func IsDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// IsVersionByte holds for the characters that references are made of, but for the
// slash: a path must stay one for the program that reads it.
func IsVersionByte(c byte) bool {
	return IsDigit(c) || isLetter(c) || strings.IndexByte("._-:@", c) >= 0
}
