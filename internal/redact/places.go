package redact

import (
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// The places where a credential stands, whatever it is: the group is what is masked.
var (
	// userInfo is that of a URL. What a server quotes of a URL ends at a space, a
	// quote or a bracket.
	userInfo = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*:(?://|\\/\\/|%2f%2f)([^/\\\s'"<>?#]+)@`)
	})
	// header is the value of a header that holds credentials, to the end of its
	// line and of those that continue it; its scheme (RFC 9110, 11.6) stays readable.
	header = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)\b(?:proxy-|x-)?(?:authorization|api-key|auth-token|private-token)\b["']?[ \t]*[:=][ \t]*["']?` +
			`(?:(?:basic|bearer|token|digest|negotiate)(?:[ \t]+|\r?\n[ \t]+))?([^\s"'][^\r\n"']*(?:\r?\n[ \t]+[^\r\n"']+)*)`)
	})
	cookie = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)\b(?:set-)?cookie["']?[ \t]*:[ \t]*["']?([^\r\n"']+)`)
	})
	basic = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)\bbasic[ \t]+([a-z0-9+/_-]+={0,2})`)
	})
	// query is a parameter of a URL that holds a credential: those of GitHub and
	// GitLab, and the signed URLs that registries redirect to.
	query = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)[?&](?:access_token|private_token|token|client_secret|password|sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token)=([^&\s'"<>]+)`)
	})
)

// credentials returns what of a text is a credential by its place; short are secrets
// that are looked for behind the name of a scheme alone.
func credentials(text string, short []string) []span {
	var spans []span
	for _, place := range []*regexp.Regexp{userInfo(), header(), cookie(), query()} {
		for _, at := range place.FindAllStringSubmatchIndex(text, -1) {
			spans = append(spans, span{at[2], at[3]})
		}
	}
	for _, at := range basic().FindAllStringSubmatchIndex(text, -1) {
		if isPair(text[at[2]:at[3]]) {
			spans = append(spans, span{at[2], at[3]})
		}
	}
	for _, secret := range short {
		scheme := regexp.MustCompile(`(?i:\b(?:bearer|token|basic))[ \t]+(` + regexp.QuoteMeta(secret) + `)(?:[^A-Za-z0-9_/-]|$)`)
		for _, at := range scheme.FindAllStringSubmatchIndex(text, -1) {
			spans = append(spans, span{at[2], at[3]})
		}
	}
	return spans
}

// isPair reports whether encoded is the base64 of user:password, and not just a word.
func isPair(encoded string) bool {
	encoded = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(encoded, "="))
	pair, err := base64.RawStdEncoding.DecodeString(encoded)
	return err == nil && utf8.Valid(pair) && strings.Contains(string(pair), ":")
}
