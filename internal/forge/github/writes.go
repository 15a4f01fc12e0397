package github

import (
	"encoding/json"
	"net/http"
	"strings"
)

// isWrite reports whether a request may change something at the forge. What only reads is sent
// with POST by git, when it fetches, and in GraphQL.
func isWrite(req *http.Request) bool {
	switch {
	case req.Method == http.MethodGet || req.Method == http.MethodHead:
		return false
	case req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/git-upload-pack"):
		return false
	}
	return !isGraphQL(req) || isMutation(req)
}

func isGraphQL(req *http.Request) bool {
	return req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/graphql")
}

// isMutation reports whether a request of GraphQL may be more than a query.
func isMutation(req *http.Request) bool {
	if req.GetBody == nil {
		return true
	}
	body, err := req.GetBody()
	if err != nil {
		return true
	}
	defer func() { _ = body.Close() }()
	var document struct{ Query string }
	if err := json.NewDecoder(body).Decode(&document); err != nil {
		return true
	}
	// A name or a text with the word in it is taken for one as well.
	return document.Query == "" || strings.Contains(document.Query, "mutation")
}
