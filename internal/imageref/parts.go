package imageref

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A kind is what a part of a tag is.
type kind uint8

const (
	literal      kind = iota
	version           // dotted numbers
	pre               // the mark of a pre-release: -rc.2
	distribution      // the release of a distribution, by number or by name
	revision          // what counts the builds of a version: -12, -r24
	stamp             // a date, an epoch, a long build number
	unordered         // the id of a commit, or another text that has no order
)

// A part is a run of a tag. Those of a tag are the whole text.
type part struct {
	text    string
	kind    kind
	shape   string   // what is equal in tags of one scheme: the word and the separators
	numbers []string // as written
	seps    string   // of version
	release int      // of distribution: how many of the numbers tell the release
	glued   bool     // of version: letters stand right before it
}

var (
	groupPattern = regexp.MustCompile(`^[0-9]+(?:[._][0-9]+)*`)
	timePattern  = regexp.MustCompile(`^([0-9]{4})-([0-9]{2}-[0-9]{2})(?:[Tt-][0-9]{2}-[0-9]{2}-[0-9]{2}[Zz]?)?`)
	digitRuns    = regexp.MustCompile(`[0-9]+`)
	prePattern   = regexp.MustCompile(`^[-._]?(?:(?i:alpha|beta|rc|pre)(?:[-._]?[0-9]+)?|(?i:preview|dev|snapshot|ea|a|b|m)[-._]?[0-9]+)(?:$|[-._+])`)
)

// A splitter makes the parts of a tag.
type splitter struct {
	text  string
	at    int
	parts []part
}

func split(text string) []part {
	s := splitter{text: text}
	for s.at < len(text) {
		if !s.word() && !s.number() {
			s.take(1, part{})
		}
	}
	return s.parts
}

// take adds the next n bytes as a part. Neighbouring literals are one.
func (s *splitter) take(n int, p part) {
	p.text = s.text[s.at : s.at+n]
	s.at += n
	if last := len(s.parts) - 1; p.kind == literal && last >= 0 && s.parts[last].kind == literal {
		s.parts[last].text += p.text
		return
	}
	s.parts = append(s.parts, p)
}

// word takes a word that says what it is, or what the number behind it is. It begins
// where no letter is before it.
func (s *splitter) word() bool {
	rest := s.text[s.at:]
	if s.at > 0 && isLetter(s.text[s.at-1]) {
		return false
	}
	whole := rest[:span(rest, func(c byte) bool { return isLetter(c) || isDigit(c) })]
	word := strings.ToLower(whole)
	begins := s.at == 0 || !isDigit(s.text[s.at-1])
	switch {
	case begins && isHash(word):
		s.take(len(whole), part{kind: unordered})
		return true
	case begins && slices.Contains(namesWithNumbers, word):
		if n := len(whole); word == "x86" && len(rest) >= n+3 && (rest[n] == '_' || rest[n] == '-') && rest[n+1:n+3] == "64" {
			s.take(n+3, part{})
		} else {
			s.take(n, part{})
		}
		return true
	}
	letters := span(rest, isLetter)
	if letters == 0 {
		return false
	}
	name := word[:letters]
	if family, release, ok := codename(name); ok && letters == len(whole) && begins {
		s.take(letters, part{kind: distribution, shape: "<" + family + ">", numbers: []string{strconv.Itoa(release)}, release: 1})
		return true
	}
	return begins && s.distribution(name) || s.revision(name, letters == len(whole)) || s.literalWord(letters)
}

func (s *splitter) literalWord(letters int) bool {
	s.take(letters, part{})
	return true
}

// distribution takes the name of a distribution with its release: alpine3.20, debian-9.
func (s *splitter) distribution(name string) bool {
	if !slices.Contains(distributions, name) {
		return false
	}
	rest := s.text[s.at+len(name):]
	sep := span(rest, isSeparator)
	if sep > 1 {
		return false
	}
	number := rest[sep:]
	n := span(number, func(c byte) bool { return isDigit(c) || c == '.' })
	n -= len(number[:n]) - len(strings.TrimRight(number[:n], "."))
	if name == "ubuntu" && len(number) >= 5 && number[2] == '-' && n == 2 && span(number[3:], isDigit) == 2 {
		n = 5 // ubuntu-24-04
	}
	numbers := digitRuns.FindAllString(number[:n], -1)
	if len(numbers) == 0 || !isDigit(number[0]) || len(numbers[0]) > 5 || isTime(number) || name == "alpine" && sep > 0 && len(numbers) == 1 {
		return false
	}
	release := 2
	if slices.Contains(windows, name) {
		release = 3
	}
	s.take(len(name)+sep+n, part{kind: distribution, shape: s.text[s.at : s.at+len(name)+sep], numbers: numbers, release: release})
	return true
}

// revision takes a word that counts, with its number. Such a word stands behind what it
// counts the builds of.
func (s *splitter) revision(name string, apart bool) bool {
	before := s.lastNumbered()
	builds := name == "b" && before >= 0 && strings.EqualFold(s.parts[before].shape, "u") // 8u392-b08; elsewhere it is a beta
	if before < 0 || !builds && !slices.Contains(revisionWords, name) {
		return false
	}
	n := len(name)
	rest := s.text[s.at+n:]
	if apart && len(name) > 1 && len(rest) > 0 && isSeparator(rest[0]) {
		n, rest = n+1, rest[1:]
	}
	digits := span(rest, isDigit)
	if digits == 0 || len(rest) > digits && isLetter(rest[digits]) {
		return false
	}
	p := part{kind: revision, shape: s.text[s.at : s.at+n], numbers: []string{rest[:digits]}}
	if digits > maxRevision {
		p.kind, p.shape = stamp, p.shape+stampShape(rest[:digits])
	}
	s.take(n+digits, p)
	return true
}

// lastNumbered returns the last part that is no literal, -1 for none.
func (s *splitter) lastNumbered() int {
	for i := len(s.parts) - 1; i >= 0; i-- {
		if s.parts[i].kind != literal {
			return i
		}
	}
	return -1
}

// maxRevision is the number of digits from which on a number is a date, an epoch or the
// number of a build, which nobody counts up.
const maxRevision = 5

// number takes a group of numbers.
func (s *splitter) number() bool {
	rest := s.text[s.at:]
	if !isDigit(rest[0]) {
		return false
	}
	if isTime(rest) {
		text := timePattern.FindString(rest)
		s.take(len(text), part{kind: stamp, shape: digitRuns.ReplaceAllString(text, "0"), numbers: digitRuns.FindAllString(text, -1)})
		return true
	}
	group := groupPattern.FindString(rest)
	numbers := digitRuns.FindAllString(group, -1)
	lone := s.behindNumbers()
	switch {
	case len(numbers) == 1 && isForeignDate(group):
		s.take(len(group), part{kind: unordered})
	case isDate(numbers[0]) && len(numbers) <= 2, len(group) > maxRevision && len(numbers) == 1:
		s.take(len(group), part{kind: stamp, shape: stampShape(numbers[0]), numbers: numbers}) // 20240904.1 is the second of that day
	case lone && (len(numbers) == 1 || len(numbers) == 2 && len(numbers[1]) > maxRevision):
		s.take(len(group), part{kind: revision, numbers: numbers}) // 896.1716497715 is a later build of 896
	default:
		if i := slices.IndexFunc(numbers, func(n string) bool { return len(n) > maxRevision }); i > 0 && s.stamped(numbers[i]) {
			group = group[:offset(numbers[:i])-1]
			numbers = numbers[:i]
		}
		s.take(len(group), part{kind: version, numbers: numbers, seps: separators(group), glued: s.glued()})
		s.pre()
	}
	return true
}

// stamped reports whether a later number of a group is a date or an epoch: 1.4.0.20261101.
func (s *splitter) stamped(number string) bool {
	return isDate(number) || len(number) == len("1781496985")
}

// offset returns the length of numbers, each with a separator behind it.
func offset(numbers []string) int {
	n := 0
	for _, number := range numbers {
		n += len(number) + 1
	}
	return n
}

// pre takes the mark of a pre-release.
func (s *splitter) pre() {
	mark := prePattern.FindString(s.text[s.at:])
	if mark == "" {
		return
	}
	if isSeparator(mark[len(mark)-1]) {
		mark = mark[:len(mark)-1]
	}
	s.take(len(mark), part{kind: pre})
}

// behindNumbers reports whether only a separator is between here and other numbers, or the
// name of a flavour.
func (s *splitter) behindNumbers() bool {
	last := len(s.parts) - 1
	if last < 1 || s.parts[last].kind != literal {
		return false
	}
	between := s.parts[last].text
	if !isSeparator(between[len(between)-1]) {
		return false
	}
	between = between[:len(between)-1]
	word := between[strings.LastIndexAny(between, ends)+1:]
	return between == "" || slices.Contains(flavours, strings.ToLower(word)) || slices.Contains(namesWithNumbers, strings.ToLower(word))
}

// glued reports whether letters other than a "v" stand right before this.
func (s *splitter) glued() bool {
	before := s.text[:s.at]
	n := len(before)
	for n > 0 && isLetter(before[n-1]) {
		n--
	}
	return n < len(before) && !strings.EqualFold(before[n:], "v")
}

func isTime(s string) bool {
	m := timePattern.FindStringSubmatch(s)
	return m != nil && isYear(m[1]) && isMonthDay(m[2][:2]+m[2][3:]) && (len(s) == len(m[0]) || !isDigit(s[len(m[0])]))
}

// stampShape is what stamps that compare have in common: the precision of a date.
func stampShape(digits string) string {
	if isDate(digits) {
		return "date" + strconv.Itoa(len(digits))
	}
	return "build"
}

func separators(group string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, group)
}

func span(s string, of func(byte) bool) int {
	n := 0
	for n < len(s) && of(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool     { return '0' <= c && c <= '9' }
func isLetter(c byte) bool    { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isSeparator(c byte) bool { return strings.IndexByte(ends, c) >= 0 }
