package cli

import (
	"encoding/base64"
	"io"
	"strings"
)

// tokenVariables are the environment variables that hold a token for GitHub, the
// first that is set wins.
var tokenVariables = []string{"GITHUB_TOKEN", "GH_TOKEN"}

func (a *App) token() string {
	for _, name := range tokenVariables {
		if token := strings.TrimSpace(a.Getenv(name)); token != "" {
			return token
		}
	}
	return ""
}

// redact keeps tokens out of w, whatever text they come in: no part of the
// program prints them, and this is for what is printed of the answers of servers.
func (a *App) redact(w io.Writer) io.Writer {
	var pairs []string
	for _, name := range tokenVariables {
		if token := strings.TrimSpace(a.Getenv(name)); token != "" {
			encoded := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))
			pairs = append(pairs, token, "***", encoded, "***")
		}
	}
	if len(pairs) == 0 {
		return w
	}
	return &redactor{w: w, replacer: strings.NewReplacer(pairs...)}
}

type redactor struct {
	w        io.Writer
	replacer *strings.Replacer
}

// Write implements io.Writer. A token that is split over two calls would pass;
// everything here is written line by line or more.
func (r *redactor) Write(p []byte) (int, error) {
	if _, err := r.replacer.WriteString(r.w, string(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}
