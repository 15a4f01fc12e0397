package redact

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Mask stands where a secret was.
const Mask = "***"

// MinLength is how many characters a secret has at least to be looked for in
// free text.
const MinLength = 8

// A Redactor masks secrets. Its zero value and nil know none, and mask what is a
// credential by its place. It may be used by several goroutines.
type Redactor struct {
	mu      sync.RWMutex // before all that follows, of which only the ends change
	needles []needle
	short   []string // secrets that are too short for free text
}

// A needle is one form of a secret, and how a text has to be seen to find it.
type needle struct {
	text string
	fold func(byte) byte // maps the characters of a text to those of the form; nil is as they are
	wide bool            // the whole run of base64 around it is masked
}

// New returns a redactor for secrets; empty ones are left out. For user:password
// give the password alone, it is found beside any user, and both together if the
// password may be short.
func New(secrets ...string) *Redactor {
	r := &Redactor{}
	r.Add(secrets...)
	return r
}

// Add adds secrets that come up in the course of a run.
func (r *Redactor) Add(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range secrets {
		switch {
		case strings.TrimSpace(secret) == "":
		case utf8.RuneCountInString(squeezed(secret).text) < MinLength:
			r.short = append(r.short, secret)
		default:
			r.add(secret)
		}
	}
}

func (r *Redactor) add(secret string) {
	r.needles = append(r.needles, needle{text: hex.EncodeToString([]byte(secret)), fold: lower})
	// A secret that looks encoded is decoded with the text around it.
	plain := squeezed(secret)
	for range maxEncodings {
		r.needles = append(r.needles, needle{text: plain.text})
		if strings.Contains(plain.text, " ") {
			r.needles = append(r.needles, needle{text: strings.ReplaceAll(plain.text, " ", "+")}) // as in a form
		}
		next := plain.decoded()
		if len(next.text) == len(plain.text) || utf8.RuneCountInString(next.text) < MinLength {
			break
		}
		plain = next
	}
	for before := range 3 {
		r.needles = append(r.needles, needle{text: base64Core(secret, before), fold: standard, wide: true})
	}
}

// base64Core returns the characters of the base64 of anything that depend on secret
// alone, where it begins before bytes behind a multiple of three.
func base64Core(secret string, before int) string {
	encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), secret...))
	first := (before*8 + 5) / 6
	last := (before + len(secret)) * 8 / 6
	return encoded[first:last]
}

// Text returns text with all that is secret in it masked. It is the same for a text
// that it has masked already.
func (r *Redactor) Text(text string) string {
	var spans []span
	if r != nil {
		r.mu.RLock()
		needles, short := r.needles, r.short
		r.mu.RUnlock()
		view := squeezed(text)
		for range maxEncodings {
			for _, n := range needles {
				spans = append(spans, n.find(view)...)
			}
			next := view.decoded()
			if len(next.text) == len(view.text) {
				break
			}
			view = next
		}
		spans = append(spans, credentials(text, short)...)
	} else {
		spans = credentials(text, nil)
	}
	return mask(text, spans)
}

// maxEncodings is how many encodings over one another are seen through.
const maxEncodings = 4

// find returns where the form stands in the original of a view.
func (n needle) find(v view) []span {
	text := v.text
	if n.fold != nil {
		folded := make([]byte, len(text))
		for i := range len(text) {
			folded[i] = n.fold(text[i])
		}
		text = string(folded)
	}
	var spans []span
	for at := 0; ; {
		i := strings.Index(text[at:], n.text)
		if i < 0 {
			return spans
		}
		start := at + i
		end := start + len(n.text)
		at = start + 1
		// What is on another line may be a word that only looks like base64.
		for n.wide && start > 0 && isBase64(text[start-1]) && v.end[start-1] == v.start[start] {
			start--
		}
		for n.wide && end < len(text) && (isBase64(text[end]) || text[end] == '=') && v.start[end] == v.end[end-1] {
			end++
		}
		spans = append(spans, span{v.start[start], v.end[end-1]})
	}
}

// A span is a part of a text, from its first byte to behind its last.
type span struct{ start, end int }

// mask replaces the spans, those that overlap or touch by one mask.
func mask(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	var b strings.Builder
	done := 0
	for i := 0; i < len(spans); {
		s := spans[i]
		for i++; i < len(spans) && spans[i].start <= s.end; i++ {
			s.end = max(s.end, spans[i].end)
		}
		b.WriteString(text[done:s.start])
		b.WriteString(Mask)
		done = s.end
	}
	b.WriteString(text[done:])
	return b.String()
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// standard maps base64 for URLs to the standard one.
func standard(c byte) byte {
	switch c {
	case '-':
		return '+'
	case '_':
		return '/'
	}
	return c
}

// isBase64 says whether c, after standard, is a character of base64.
func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// Error returns err with its text masked: the same error if there is nothing to mask,
// else one that wraps it.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if masked := r.Text(text); masked != text {
		return &maskedError{text: masked, err: err}
	}
	return err
}

// A maskedError is an error that says something else than the one it wraps.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.err }

// URL returns a URL as it may be shown: without user, password, query and
// fragment.
func URL(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Scheme != "" && u.Opaque == "" {
		u.User, u.RawQuery, u.Fragment, u.ForceQuery = nil, "", "", false
		return u.String()
	}
	// What is no URL may still hold a password before an @.
	raw, _, _ = strings.Cut(raw, "?")
	if scheme, rest, ok := strings.Cut(raw, "://"); ok {
		return scheme + "://" + rest[strings.LastIndexByte(rest, '@')+1:]
	}
	if user, rest, ok := strings.Cut(raw, "@"); ok && !strings.Contains(user, "/") {
		return rest
	}
	return raw
}

// Line makes a text from outside fit for an error: without secrets, on one line, not too
// long, and without anything that a terminal acts on.
func (r *Redactor) Line(text string) string {
	const looked, longest = 64 << 10, 500
	text = r.Text(text[:min(len(text), looked)])
	text = strings.Join(strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == '\r' }), "; ")
	text = strings.TrimSpace(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, text))
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}
