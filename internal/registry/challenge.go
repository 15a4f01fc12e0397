package registry

import (
	"net/http"
	"strings"
)

// A challenge is how a server wants to know who asks (RFC 9110, 11.6.1).
type challenge struct {
	scheme     string            // "basic" or "bearer"
	parameters map[string]string // by their names in lower case
}

// challengeOf returns the first challenge of an answer that can be met; nil for none.
func challengeOf(header http.Header) *challenge {
	for _, value := range header.Values("WWW-Authenticate") {
		for _, c := range parseChallenges(value) {
			if c.scheme == "basic" || c.scheme == "bearer" && c.parameters["realm"] != "" {
				return c
			}
		}
	}
	return nil
}

// parseChallenges reads a header, which lists challenges as it lists their parameters, with
// commas. What it does not understand it leaves out.
func parseChallenges(text string) []*challenge {
	var all []*challenge
	for text != "" {
		text = strings.TrimLeft(text, " \t,")
		end := strings.IndexAny(text, " \t,=")
		if end < 0 {
			end = len(text)
		}
		word, rest := text[:end], strings.TrimLeft(text[end:], " \t")
		if value, ok := strings.CutPrefix(rest, "="); ok && word != "" {
			value, text = parameterValue(strings.TrimLeft(value, " \t"))
			if len(all) > 0 {
				all[len(all)-1].parameters[strings.ToLower(word)] = value
			}
			continue
		}
		if word != "" {
			all = append(all, &challenge{strings.ToLower(word), map[string]string{}})
		} else if rest != "" {
			rest = rest[1:]
		}
		text = rest
	}
	return all
}

// parameterValue cuts the value of a parameter, which may be in quotes, off a text.
func parameterValue(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, " \t,")
		if end < 0 {
			end = len(text)
		}
		return text[:end], text[end:]
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:]
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String(), ""
}
