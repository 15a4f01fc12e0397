package scanner

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"unicode"
)

// skim returns the content of a Dockerfile with blank lines for the comments in its stages, and for
// those instructions that name no image and cannot be wrong. That is most of a Dockerfile, and
// BuildKit's parser takes some microseconds for each line. What is left stands in the same lines.
//
// Where it takes more to find out how long an instruction is, the rest of the file is left as it
// is, and so is a file that may have another escape character.
func skim(src []byte) []byte {
	if bytes.IndexByte(src, '`') >= 0 {
		return src
	}
	short := make([]byte, 0, len(src))
	if bytes.HasPrefix(src, byteOrderMark) {
		short = append(short, byteOrderMark...)
	}
	inStage := false
	for lines := bytes.SplitAfter(src[len(short):], []byte("\n")); len(lines) > 0; {
		n, start, ok := instructionLines(lines)
		switch {
		case !ok:
			return append(short, bytes.Join(lines, nil)...)
		case inStage && isPlain(start, n == 1):
			short = append(short, bytes.Repeat([]byte("\n"), n)...)
		default:
			short = append(short, bytes.Join(lines[:n], nil)...)
			inStage = inStage || isKeyword(start, "from")
		}
		lines = lines[n:]
	}
	return short
}

// instructionLines returns of how many lines the first instruction or comment is, and its text in
// the first of them. ok is false where only the parser knows.
func instructionLines(lines [][]byte) (n int, start []byte, ok bool) {
	text := func(line []byte) []byte { return bytes.TrimRight(line, "\r\n") }
	start = bytes.TrimLeftFunc(text(lines[0]), unicode.IsSpace)
	if len(start) == 0 || start[0] == '#' {
		return 1, start, true
	}
	if name, is := bytes.CutPrefix(start, []byte("RUN <<")); is && isHeredocName(name) {
		n = 1 + slices.IndexFunc(lines[1:], func(line []byte) bool { return bytes.Equal(text(line), name) })
		return n + 1, start, n > 0 && !slices.ContainsFunc(lines[:n], isTooLong)
	}
	start, more := cutContinuation(start, '\\')
	for n = 1; n < len(lines) && more; n++ {
		if line := bytes.TrimLeftFunc(text(lines[n]), unicode.IsSpace); len(line) > 0 && line[0] != '#' {
			_, more = cutContinuation(text(lines[n]), '\\')
		}
	}
	return n, start, !slices.ContainsFunc(lines[:n], func(line []byte) bool { return isTooLong(line) || bytes.Contains(line, []byte("<<")) })
}

// isTooLong reports whether a line may be one that the parser does not read.
func isTooLong(line []byte) bool { return len(line) >= bufio.MaxScanTokenSize }

func isHeredocName(name []byte) bool {
	return len(name) > 0 && len(bytes.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) == 0
}

// isKeyword reports whether an instruction that begins so is the one of a name.
func isKeyword(start []byte, name string) bool {
	return len(start) > len(name) && isBlank(start[len(name)]) && strings.EqualFold(string(start[:len(name)]), name)
}

// isPlain reports whether what begins so is a comment, or an instruction that names no image and
// cannot be wrong: it has no flags, and may hold any text, but for a JSON array of something else
// than strings. isWhole says that this is all of it.
func isPlain(start []byte, isWhole bool) bool {
	if bytes.HasPrefix(start, []byte("#")) {
		return true
	}
	for _, name := range []string{"run", "copy", "workdir", "entrypoint", "cmd", "user", "expose", "add", "stopsignal", "maintainer"} {
		if isKeyword(start, name) {
			rest := bytes.TrimLeft(start[len(name):], " \t")
			if len(rest) > 0 && rest[0] == '[' {
				return isWhole && areStrings(rest)
			}
			return len(rest) > 0 && rest[0] > ' ' && rest[0] < unicode.MaxASCII && rest[0] != '-'
		}
	}
	return false
}

// areStrings reports whether a text is a JSON array of strings, in which nothing is escaped.
func areStrings(text []byte) bool {
	list, ok := bytes.CutSuffix(bytes.TrimRight(text[1:], " \t"), []byte("]"))
	if !ok || bytes.ContainsFunc(list, func(r rune) bool { return r == '\\' || r < ' ' || r >= unicode.MaxASCII }) {
		return false
	}
	for _, one := range bytes.Split(list, []byte(",")) {
		one = bytes.Trim(one, " ")
		if len(one) < 2 || one[0] != '"' || one[len(one)-1] != '"' || bytes.Count(one, []byte{'"'}) != 2 {
			return false
		}
	}
	return true
}
