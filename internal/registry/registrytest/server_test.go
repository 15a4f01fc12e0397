package registrytest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Each kind of registry starts, is filled, and knows its user, in each way.
func TestStart(t *testing.T) {
	for _, kind := range []Kind{Memory, Files, Program} {
		for _, auth := range []Auth{None, Basic, Token, Public} {
			t.Run(string(kind)+", "+string(auth), func(t *testing.T) {
				t.Parallel()
				s := Start(t, kind, auth)
				base := s.Push(t, "team/base", "1.0.0", Image{Platforms: []string{"linux/amd64", "linux/arm64"}, Attested: true})
				again := s.Push(t, "team/base", "1.0.0", Image{Platforms: []string{"linux/amd64", "linux/arm64"}, Attested: true})
				moved := s.Push(t, "team/base", "1.0.0", Image{Platforms: []string{"linux/amd64", "linux/arm64"}, Content: "2"})
				s.Tag(t, "team/base", base, "1.0.1", "1.0.2")
				s.Push(t, "team/service", "1.0.0", Image{On: "team/base:1.0.0", Layers: 2, Docker: true})
				if base != again || base == moved {
					t.Errorf("the digests are %s, %s again, and %s with other content", base, again, moved)
				}
				if requests := s.Requests(); len(requests) > 0 {
					t.Errorf("nobody has asked anything: %v", requests)
				}
				answer, err := http.Get("http://" + s.Reference("v2/team/base/tags/list"))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = answer.Body.Close() }()
				if (auth == None) != (answer.StatusCode == http.StatusOK) {
					t.Errorf("without a password it answers %s", answer.Status)
				}
				challenge := answer.Header.Get("WWW-Authenticate")
				if want := map[Auth]string{Basic: "Basic ", Token: "Bearer ", Public: "Bearer "}[auth]; !strings.HasPrefix(challenge, want) {
					t.Errorf("it wants %q", challenge)
				}
				if requests := s.Requests(); !slices.Equal(requests, []Request{{Method: "GET", Path: "/v2/team/base/tags/list", Status: answer.StatusCode}}) {
					t.Errorf("the requests are %+v", requests)
				}
			})
		}
	}
}
