package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/matihlabs/propagate/internal/redact"
)

const secret = "ghp_0123TEST/te+st=4567"

// forms are those in which a server may echo a secret.
func forms(secret string) map[string]string {
	everyByte := func(format string) string {
		var b strings.Builder
		for i := range len(secret) {
			fmt.Fprintf(&b, format, secret[i])
		}
		return b.String()
	}
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err)
	}
	half := len(secret) / 2
	all := map[string]string{
		"plain":                     secret,
		"query":                     url.QueryEscape(secret),
		"path":                      url.PathEscape(secret),
		"percent, every byte":       everyByte("%%%02X"),
		"percent, lower case":       everyByte("%%%02x"),
		"percent, twice":            url.QueryEscape(everyByte("%%%02x")),
		"hex":                       hex.EncodeToString([]byte(secret)),
		"hex, upper case":           strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"JSON":                      strings.Trim(string(quoted), `"`),
		"JSON, slashes":             strings.ReplaceAll(strings.Trim(string(quoted), `"`), "/", `\/`),
		"JSON, every byte":          everyByte(`\u%04x`),
		"C":                         everyByte(`\x%02x`),
		"HTML":                      html.EscapeString(secret),
		"HTML, every byte":          everyByte("&#%d;"),
		"two lines":                 secret[:half] + "\n" + secret[half:],
		"two lines of DOS":          secret[:half] + "\r\n" + secret[half:],
		"folded":                    secret[:half] + "\r\n\t  " + secret[half:],
		"two lines from git":        secret[:half] + "\nremote: " + secret[half:],
		"two lines in JSON":         secret[:half] + `\r\n` + secret[half:],
		"two lines in percent":      secret[:half] + "%0d%0a" + secret[half:],
		"a line for each character": strings.Join(strings.Split(secret, ""), "\n"),
		"a zero-width space":        secret[:half] + "\u200b" + secret[half:],
	}
	for name, encoding := range map[string]*base64.Encoding{
		"base64": base64.StdEncoding, "base64 for URLs": base64.URLEncoding, "base64 without padding": base64.RawStdEncoding,
	} {
		for _, user := range []string{"", ":", "a:", "ab:", "x-access-token:", "robot\u00e4:"} {
			encoded := encoding.EncodeToString([]byte(user + secret))
			all[name+" of "+user] = encoded
			all[name+" with more behind it, of "+user] = encoding.EncodeToString([]byte(user + secret + "\n and more"))
			all[name+" in percent, of "+user] = url.QueryEscape(encoded)
			all[name+" on two lines, of "+user] = encoded[:len(encoded)/2] + "\n " + encoded[len(encoded)/2:]
		}
	}
	return all
}

func TestEveryFormIsMasked(t *testing.T) {
	r := redact.New(secret)
	for name, form := range forms(secret) {
		got := r.Text("denied: <" + form + ">, try again")
		if got != "denied: <***>, try again" {
			// On lines of its own what is left of base64 does not hold the secret.
			if strings.Contains(name, "two lines, of") && strings.Contains(got, "***") && !strings.Contains(got, form[len(form)/2-4:len(form)/2]) {
				continue
			}
			t.Errorf("%s: %q becomes %q", name, form, got)
		}
		if again := r.Text(got); again != got {
			t.Errorf("%s: a second time %q becomes %q", name, got, again)
		}
	}
}

func TestText(t *testing.T) {
	const token = "ghp_0123TESTtest4567"
	basic := func(pair string) string { return base64.StdEncoding.EncodeToString([]byte(pair)) }
	for _, test := range []struct{ name, in, want string }{
		{"nothing", "repository not found", "repository not found"},
		{"alone", token, "***"},
		{"twice", token + " and " + token, "*** and ***"},
		{"one after the other", token + token, "***"},
		{"words on other lines", "denied\n" + basic("x:"+token) + "\nplease", "denied\n***\nplease"},
		{"a part of it", "ghp_0123TEST", "ghp_0123TEST"},
		{"another case", strings.ToLower(token), strings.ToLower(token)},
		{"a short secret in free text", "services/svc/Dockerfile in svc", "services/svc/Dockerfile in svc"},
		{"seven characters", "a 7777777 b", "a 7777777 b"},
		{"eight characters", "a 88888888 b", "a *** b"},
		{"a short secret behind its scheme", "sent Bearer svc, token svc and basic svc", "sent Bearer ***, token *** and basic ***"},
		{"a longer word behind the scheme", "the token svc-reader", "the token svc-reader"},
		{"a short secret with its user", "x-access-token:svc or " + basic("x-access-token:svc"), "*** or ***"},
		{"user information", "GET https://u:p@h.example/a failed", "GET https://***@h.example/a failed"},
		{"user information of one character", "'http://x@h/a'", "'http://***@h/a'"},
		{"user information in JSON", `{"url":"https:\/\/u:p@h\/a"}`, `{"url":"https:\/\/***@h\/a"}`},
		{"an @ in a path", "https://h.example/@team/a@b", "https://h.example/@team/a@b"},
		{"an address", "mail someone@example.com", "mail someone@example.com"},
		{"a header", "Authorization: Basic eDp5", "Authorization: Basic ***"},
		{"a header of one character", "authorization: x", "authorization: ***"},
		{"a header in JSON", `{"Authorization":"Bearer x","a":1}`, `{"Authorization":"Bearer ***","a":1}`},
		{"a header that is folded", "Proxy-Authorization: Basic\r\n eDp5\r\n eDp5\r\nHost: h", "Proxy-Authorization: Basic\r\n ***\r\nHost: h"},
		{"a header of another scheme", "Authorization: AWS4-HMAC-SHA256 Credential=x, Signature=y\nHost: h", "Authorization: ***\nHost: h"},
		{"a cookie", "Set-Cookie: a=b; c=d\nnext", "Set-Cookie: ***\nnext"},
		{"another header", "PRIVATE-TOKEN: x", "PRIVATE-TOKEN: ***"},
		{"basic alone", "it got Basic eDp5 here", "it got Basic *** here"},
		{"basic as a word", "Basic authentication is off", "Basic authentication is off"},
		{"a query", "https://h/a?x=1&access_token=y&z=2", "https://h/a?x=1&access_token=***&z=2"},
		{"a signed URL", "https://h/a?X-Amz-Signature=abc", "https://h/a?X-Amz-Signature=***"},
		{"bytes that are no text", "\xff" + token + "\xfe", "\xff***\xfe"},
		{"percent signs that encode nothing", "100% %zz %", "100% %zz %"},
	} {
		r := redact.New(token, "svc", "7777777", "88888888", "x-access-token:svc", "", " ")
		if got := r.Text(test.in); got != test.want {
			t.Errorf("%s: %q becomes %q, want %q", test.name, test.in, got, test.want)
		}
	}
	var none *redact.Redactor
	for _, r := range []*redact.Redactor{none, {}, redact.New()} {
		if got := r.Text(token + " of https://u@h"); got != token+" of https://***@h" {
			t.Errorf("without secrets: %q", got)
		}
	}
}

func TestSecretsThatLookEncoded(t *testing.T) {
	for _, secret := range []string{`secret%41%42\u0043`, "two words here", "pass\nword\nof lines", "aaaaaaaa", "%%%%%%%%", "p\u00e4ssw\u00f6rt", "a&amp;b&lt;c&gt;defgh", "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"} {
		for name, form := range forms(secret) {
			if strings.Contains(name, "JSON") && !utf8.ValidString(secret) || strings.HasPrefix(name, "HTML, every") || strings.HasPrefix(name, "JSON, every") {
				continue // it is not the secret any more
			}
			if name == "a line for each character" && strings.ContainsAny(secret, " \n") {
				continue // a space at the beginning of a line is one of the line
			}
			if got := redact.New(secret).Text("<" + form + ">"); strings.Contains(got, form) || !strings.Contains(got, "***") {
				t.Errorf("%q, %s: %q becomes %q", secret, name, form, got)
			}
		}
	}
}

func TestError(t *testing.T) {
	r := redact.New(secret)
	cause := errors.New("the cause")
	err := fmt.Errorf("got %s: %w", secret, cause)
	if got := r.Error(err); got.Error() != "got ***: the cause" || !errors.Is(got, cause) {
		t.Errorf("got %v", got)
	}
	if got := r.Error(cause); got.Error() != "the cause" || !errors.Is(got, cause) || r.Error(nil) != nil {
		t.Errorf("an error without a secret becomes %v", got)
	}
}

func TestURL(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"https://github.com/o/r.git", "https://github.com/o/r.git"},
		{"https://robot:" + "p4ss" + "@github.com/o/r.git", "https://github.com/o/r.git"},
		{"https://ghp_x@github.com/o/r.git", "https://github.com/o/r.git"},
		{"https://h/o/r?access_token=x#y", "https://h/o/r"},
		{"https://robot:pa/ss@h/o/r", "https://h/o/r"},
		{"https://robot:p%zz@h/o/r", "https://h/o/r"},
		{"https://h/@scope/r", "https://h/@scope/r"},
		{"git@github.com:o/r.git", "github.com:o/r.git"},
		{"ssh://git@github.com/o/r", "ssh://github.com/o/r"},
		{"/srv/me@home/r.git", "/srv/me@home/r.git"},
		{"../r.git", "../r.git"},
		{"", ""},
	} {
		if got := redact.URL(test.in); got != test.want {
			t.Errorf("URL(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

// What is left of a text holds the secret in no form, what is not a secret stays, and
// a second time changes nothing.
func FuzzText(f *testing.F) {
	f.Add(secret, "denied: ", ", try again")
	f.Add("ghp_0123TESTtest4567", "https://u:p@h/", "%")
	f.Add("aaaaaaaa", "a", "a\n")
	f.Add("12345678", "\\u00", "=")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		r := redact.New(secret)
		text := before + secret + after
		once := r.Text(text)
		if r.Text(once) != once {
			t.Errorf("%q becomes %q and then %q", text, once, r.Text(once))
		}
		if len(secret) < redact.MinLength || strings.TrimSpace(secret) == "" || strings.Contains(redact.Mask, secret) {
			return
		}
		if strings.ContainsFunc(secret, func(c rune) bool { return c <= ' ' || c > '~' || c == '*' || c == '@' }) {
			return // not what a token is made of; a mask may make it anew
		}
		for name, form := range forms(secret) {
			if strings.Contains(name, "on two lines, of") {
				continue // see TestEveryFormIsMasked
			}
			if got := r.Text("<" + form + ">"); strings.Contains(got, form) || strings.Contains(got, secret) {
				t.Errorf("%s: %q becomes %q", name, form, got)
			}
		}
		if strings.Contains(once, secret) {
			t.Errorf("%q becomes %q", text, once)
		}
	})
}

// What a server says becomes one line of an error that no terminal acts on.
func TestLine(t *testing.T) {
	r := redact.New("s3cr3t-t0ken")
	for text, want := range map[string]string{
		"":                             "",
		" no\r\n\nand\tno ":            "no; and no",
		"\x1b[31mred s3cr3t-t0ken\a":   "[31mred ***",
		strings.Repeat("ü", 400):       strings.Repeat("ü", 250) + "…",
		"1" + strings.Repeat("ü", 400): "1" + strings.Repeat("ü", 249) + "…",
	} {
		if got := r.Line(text); got != want {
			t.Errorf("Line(%q) = %q, want %q", text, got, want)
		}
	}
}

// What comes up in the course of a run is masked from then on, also by who uses the redactor
// already.
func TestSecretsThatAreAdded(t *testing.T) {
	r := redact.New("ghp_0123TESTtest4567")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 100 {
			_ = r.Text("it was ghs_4567TESTtest0123")
		}
	}()
	r.Add("ghs_4567TESTtest0123", "", "pw")
	<-done
	if got := r.Text("ghp_0123TESTtest4567, ghs_4567TESTtest0123, bearer pw"); got != "***, ***, bearer ***" {
		t.Errorf("it becomes %q", got)
	}
}
