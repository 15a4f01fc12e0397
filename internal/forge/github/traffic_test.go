package github

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matihlabs/propagate/internal/forge"
)

// One write is under way at a time, whether it goes to the API or to git; the hub looks.
func TestOneWriterForTheAPIAndGit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{latency: 3 * time.Second}
		u := use(t, h, Options{})
		var wg sync.WaitGroup
		began := time.Now()
		for i := range 6 {
			wg.Go(func() { u.push(strconv.Itoa(i)) })
			wg.Go(func() { u.open(strconv.Itoa(i)) })
		}
		u.list() // reads do not wait for their turn
		u.must(u.git, http.MethodPost, gitRepo+"/git-upload-pack", "want")
		u.must(u.api, http.MethodPost, apiRoot+"graphql", `{"query": "query { viewer { login } }"}`)
		if got := time.Since(began); got != 9*time.Second {
			t.Errorf("three reads took %s, want 9s", got)
		}
		wg.Wait()
		if got, want := time.Since(began), 12*3*time.Second+11*time.Second; h.effects() != 12 || got != want {
			t.Errorf("%d writes took %s, want 12 and %s", h.effects(), got, want)
		}
	})
}

// Between the answer to a write and the next one there is a second, and no more than that.
func TestASecondBetweenWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{}
		u := use(t, h, Options{})
		began := time.Now()
		u.push("")
		u.open("1")
		time.Sleep(400 * time.Millisecond)
		u.must(u.api, http.MethodPatch, apiRepo+"/pulls/1", "{}")
		time.Sleep(5 * time.Second)
		u.must(u.api, http.MethodPut, apiRepo+"/pulls/1/x", "{}")
		if got := time.Since(began); got != 7*time.Second {
			t.Errorf("it took %s, want 7s", got)
		}
	})
}

func TestWhatIsAWrite(t *testing.T) {
	for _, test := range []struct {
		method, url, body string
		want              bool
	}{
		{"GET", apiRepo + "/pulls", "", false},
		{"HEAD", apiRepo, "", false},
		{"GET", gitRepo + "/info/refs?service=git-receive-pack", "", false},
		{"POST", gitRepo + "/git-upload-pack", "0000", false},
		{"POST", gitRepo + "/git-receive-pack", "0000", true},
		{"POST", apiRepo + "/pulls", "{}", true},
		{"PATCH", apiRepo + "/pulls/1", "{}", true},
		{"PUT", apiRepo + "/pulls/1/merge", "{}", true},
		{"DELETE", apiRepo + "/git/refs/heads/a", "", true},
		{"POST", apiRoot + "graphql", `{"query": "query { viewer { login } }"}`, false},
		{"POST", apiRoot + "graphql", `{"query": "{ viewer { login } }"}`, false},
		{"POST", apiRoot + "graphql", `{"query": "mutation { enablePullRequestAutoMerge(input: {}) { clientMutationId } }"}`, true},
		{"POST", apiRoot + "graphql", `{"query": "query q { a } mutation m { b }", "operationName": "q"}`, true},
		{"POST", apiRoot + "graphql", `{}`, true},
		{"POST", apiRoot + "graphql", `what`, true},
		{"POST", apiRoot + "graphql", ``, true},
	} {
		req, err := http.NewRequestWithContext(t.Context(), test.method, test.url, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		if got := isWrite(req); got != test.want {
			t.Errorf("%s %s %s: %t", test.method, test.url, test.body, got)
		}
	}
}

// Limits are honoured wherever they come from: of the API and of git, on reads and writes,
// with and without a hint.
func TestLimitsAreHonouredWhereverTheyComeFrom(t *testing.T) {
	requests := map[string]func(*user){
		"push": func(u *user) { u.push("") }, "references": (*user).refs, "pull request": func(u *user) { u.open("") }, "list": (*user).list,
		"fetch": func(u *user) { u.must(u.git, http.MethodPost, gitRepo+"/git-upload-pack", "want") },
		"query": func(u *user) { u.must(u.api, http.MethodPost, apiRoot+"graphql", `{"query": "{a}"}`) },
	}
	for _, test := range []struct {
		name  string
		limit *answer
		times int
		want  time.Duration
	}{
		{"429 with a hint", plain(429, tooMuch, "Retry-After", "42"), 1, 42 * time.Second},
		{"429 with a date", plain(429, "", "Retry-After", "Sat, 01 Jan 2000 00:03:00 GMT", "Date", "Sat, 01 Jan 2000 00:00:00 GMT"), 1, 3 * time.Minute},
		{"429 without a hint", plain(429, ""), 1, time.Minute},
		{"429 of a proxy", plain(429, "<html>", "Content-Type", "text/html"), 1, time.Minute},
		{"403 with a hint", plain(403, "no", "Retry-After", "90"), 1, 90 * time.Second},
		{"403 without a hint", plain(403, tooMuch), 2, 3 * time.Minute},
		{"403 that git prints", plain(403, "remote: You have exceeded a secondary rate limit.\nremote: Wait."), 1, time.Minute},
		{"403 of the API", plain(403, `{"message": "`+tooMuch+`"}`, "Content-Type", "application/json"), 1, time.Minute},
		{"403 with an address", plain(403, `{"message": "Slow.", "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`), 1, time.Minute},
		{"403 of old", plain(403, `{"message": "You have triggered an abuse detection mechanism."}`), 1, time.Minute},
		{"primary", plain(403, "API rate limit exceeded", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "946684980", "Date", "Sat, 01 Jan 2000 00:00:00 GMT"), 1, 3*time.Minute + time.Second},
		{"hints that do not help", plain(429, "", "Retry-After", "10"), 3, 140 * time.Second},
	} {
		for kind, request := range requests {
			t.Run(test.name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := &hub{fail: func(n int, _ *http.Request) *answer {
						if n > test.times {
							return nil
						}
						return test.limit
					}}
					u := use(t, h, Options{MaxWait: time.Hour})
					began := time.Now()
					request(u)
					if got := time.Since(began); got != test.want || len(h.asked) != test.times+1 {
						t.Errorf("it took %s and %d requests, want %s and %d", got, len(h.asked), test.want, test.times+1)
					}
					if len(u.waits) != test.times || len(u.logged()) != test.times {
						t.Errorf("the waits are %q, the log is %q", u.waits, u.logged())
					}
				})
			})
		}
	}
}

// Times beyond reason are no reason to go on at once.
func TestLimitsBeyondReason(t *testing.T) {
	for _, header := range [][]string{
		{"Retry-After", "9223372036854775807"}, {"Retry-After", "Fri, 31 Dec 9999 00:00:00 GMT"},
		{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "9223372036854775807"},
	} {
		synctest.Test(t, func(t *testing.T) {
			u := use(t, &hub{fail: func(int, *http.Request) *answer { return plain(403, tooMuch, header...) }}, Options{MaxWait: time.Hour})
			_, _, err := u.do(t.Context(), u.git, http.MethodGet, gitRepo+"/info/refs", "")
			var limit *forge.RateLimitError
			if !errors.As(err, &limit) || limit.RetryAfter != longest {
				t.Errorf("%v: %v", header, err)
			}
		})
	}
}

// The pause without a hint doubles with each refusal of its own kind alone.
func TestPrimaryLimitBeforeASecondaryOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{fail: func(n int, _ *http.Request) *answer {
			switch n {
			case 1:
				return plain(403, "", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "946684810", "Date", "Sat, 01 Jan 2000 00:00:00 GMT")
			case 2:
				return plain(403, tooMuch)
			}
			return nil
		}}
		u := use(t, h, Options{MaxWait: time.Hour})
		began := time.Now()
		u.open("")
		if got := time.Since(began); got != 11*time.Second+time.Minute {
			t.Errorf("it took %s", got)
		}
	})
}

// GraphQL says so with status 200.
func TestLimitOfGraphQL(t *testing.T) {
	for _, body := range []string{
		`{"errors": [{"message": "was submitted too quickly (createPullRequest)"}]}`,
		`{"errors": [{"type": "RATE_LIMITED", "message": "API quota is used up"}]}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			h := &hub{fail: func(n int, _ *http.Request) *answer {
				if n > 1 {
					return &answer{status: http.StatusOK, body: `{"errors": [{"type": "FORBIDDEN", "message": "no"}]}`}
				}
				return &answer{status: http.StatusOK, body: body}
			}}
			u := use(t, h, Options{MaxWait: time.Hour})
			began := time.Now()
			u.must(u.api, http.MethodPost, apiRoot+"graphql", `{"query": "mutation {a}"}`)
			if got := time.Since(began); got != time.Minute || len(h.asked) != 2 {
				t.Errorf("it took %s and %d requests", got, len(h.asked))
			}
		})
	}
}

// While a limit lasts nothing is sent, neither to the API nor to git.
func TestALimitHoldsForTheAPIAndGit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{fail: func(n int, r *http.Request) *answer {
			if n == 1 && strings.HasSuffix(r.URL.Path, "/git-receive-pack") {
				return plain(403, tooMuch, "Retry-After", "120")
			}
			return nil
		}}
		u := use(t, h, Options{MaxWait: 2 * time.Minute})
		began := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() { u.push("") })
		time.Sleep(time.Minute)
		u.list() // which waits at the same time: that counts once
		if got := time.Since(began); got != 2*time.Minute {
			t.Errorf("the API was asked after %s", got)
		}
		wg.Wait()
	})
}

// What a token may not do, and what is refused, is said at the first answer.
func TestRefusalsAreNoLimits(t *testing.T) {
	for _, refusal := range []*answer{
		plain(401, "Bad credentials"), plain(403, "Write access to repository not granted."),
		plain(403, `{"message": "Resource not accessible by integration", "documentation_url": "https://docs.github.com/rest/pulls/pulls#create-a-pull-request"}`),
		plain(403, "<html>", "Content-Type", "text/html"), plain(404, "Not Found"), plain(422, "Validation Failed"),
	} {
		synctest.Test(t, func(t *testing.T) {
			h := &hub{fail: func(int, *http.Request) *answer { return refusal }}
			u := use(t, h, Options{MaxWait: time.Hour})
			began := time.Now()
			for _, client := range []*http.Client{u.api, u.git} {
				status, body, err := u.do(t.Context(), client, http.MethodPost, gitRepo+"/git-receive-pack", "")
				if err != nil || status != refusal.status || body != refusal.body {
					t.Errorf("%d %q, %v; want %d %q", status, body, err, refusal.status, refusal.body)
				}
			}
			if len(h.asked) != 2 || time.Since(began) != time.Second {
				t.Errorf("it took %s and %d requests", time.Since(began), len(h.asked))
			}
		})
	}
}

// Reads are tried again, those of git too.
func TestReadsOfGitAndTheAPIAreTriedAgain(t *testing.T) {
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for name, fault := range map[string]*answer{
		"502": plain(502, "<html>"), "503": plain(503, ""), "504": plain(504, ""),
		"reset": {err: reset}, "end": {err: io.EOF}, "reset after it was served": {err: reset, after: true}, "half an answer": {status: 200, body: "00", cut: true},
	} {
		for kind, request := range map[string]func(*user){
			"references": (*user).refs, "list": (*user).list,
			"fetch": func(u *user) { u.must(u.git, http.MethodPost, gitRepo+"/git-upload-pack", "want") },
			"query": func(u *user) { u.must(u.api, http.MethodPost, apiRoot+"graphql", `{"query": "{a}"}`) },
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := &hub{fail: func(n int, _ *http.Request) *answer {
						if n <= 3 {
							return fault
						}
						return nil
					}}
					u := use(t, h, Options{}) // this is no wait for a limit
					began := time.Now()
					request(u)
					if got := time.Since(began); got != 7*time.Second || len(h.asked) != 4 || len(u.logged()) != 3 {
						t.Errorf("it took %s and %d requests; the log is %q", got, len(h.asked), u.logged())
					}
				})
			})
		}
	}
}

// A write is never sent twice unless it was refused: it may have taken effect.
func TestWritesAreNotSentAgain(t *testing.T) {
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for name, fault := range map[string]*answer{
		"502": plain(502, "<html>"), "503 with a hint": plain(503, "", "Retry-After", "30"), "reset": {err: reset},
		"half an answer": {status: 200, body: "00", cut: true},
	} {
		for _, after := range []bool{false, true} {
			for kind, url := range map[string]string{"push": gitRepo + "/git-receive-pack", "pull request": apiRepo + "/pulls", "mutation": apiRoot + "graphql"} {
				t.Run(fmt.Sprintf("%s, %s, took effect %t", name, kind, after), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						fault := *fault
						fault.after = after
						h := &hub{fail: func(int, *http.Request) *answer { return &fault }}
						u := use(t, h, Options{MaxWait: time.Hour})
						began := time.Now()
						status, _, err := u.do(t.Context(), u.git, http.MethodPost, url, `{"query": "mutation {a}"}`)
						if err == nil && status < 500 || len(h.asked) != 1 || time.Since(began) > 0 {
							t.Errorf("%d, %v after %s and %d requests", status, err, time.Since(began), len(h.asked))
						}
						// A hint holds for what comes next.
						h.fail = nil
						u.list()
						if got := time.Since(began); got != 0 != (name == "503 with a hint") {
							t.Errorf("the next request went out after %s", got)
						}
					})
				})
			}
		}
	}
}

// What cannot be reached is not tried again, and neither is an answer that does not come.
func TestWhatIsNotTriedAgain(t *testing.T) {
	for name, err := range map[string]error{
		"no such host":       &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", IsNotFound: true}},
		"connection refused": &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		"no answer in time":  errForever,
	} {
		synctest.Test(t, func(t *testing.T) {
			h := &hub{fail: func(int, *http.Request) *answer { return &answer{err: err} }}
			u := use(t, h, Options{Timeout: 5 * time.Second})
			began := time.Now()
			late := errors.Is(err, errForever)
			_, _, got := u.do(t.Context(), u.api, http.MethodGet, apiRepo, "")
			if got == nil || len(h.asked) != 1 || (time.Since(began) != 0) != late {
				t.Errorf("%s: %v after %s and %d requests", name, got, time.Since(began), len(h.asked))
			}
			if late && !errors.Is(got, errTimeout) {
				t.Errorf("%s: %v", name, got)
			}
		})
	}
}

// The token goes to the API as a bearer; git brings its own credentials, and gets no others.
func TestEachLaneHasItsCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{}
		u := use(t, h, Options{})
		u.list()
		u.refs()
		if _, _, err := u.do(t.Context(), &http.Client{Transport: u.client.Git()}, http.MethodGet, apiRepo, ""); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, header := range h.headers {
			scheme, _, _ := strings.Cut(header.Get("Authorization"), " ")
			got = append(got, scheme)
		}
		if want := []string{"Bearer", "Basic", ""}; !slices.Equal(got, want) {
			t.Errorf("the credentials are %q, want %q", got, want)
		}
	})
}

// No message of a server shows the token, in whatever form it comes back.
func TestLimitsShowNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hub{fail: func(int, *http.Request) *answer {
			return plain(403, strings.Repeat("rate limit for ", 19)+"the token "+testToken+"\n and so on", "Retry-After", "60")
		}}
		u := use(t, h, Options{MaxWait: time.Minute})
		_, _, err := u.do(t.Context(), u.git, http.MethodGet, gitRepo+"/info/refs", "")
		if text := fmt.Sprint(err, u.logged(), u.waits); err == nil || strings.Contains(text, "s3cr3t") || strings.Contains(text, "\n") || !strings.Contains(text, "…") {
			t.Errorf("it says %s", text)
		}
	})
}
