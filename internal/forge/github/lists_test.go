package github_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/forge"
	"github.com/matihlabs/propagate/internal/forge/github"
)

// A shelf is a server with a list of pull requests that changes between requests.
type shelf struct {
	numbers []int       // the newest first
	before  func(n int) // is called before the n-th request is answered
	asked   int
}

// ServeHTTP implements http.Handler.
func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked++
	if s.before != nil {
		s.before(s.asked)
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	from, to := min((page-1)*size, len(s.numbers)), min(page*size, len(s.numbers))
	if to < len(s.numbers) {
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?page=%d>; rel="next"`, r.Host, r.URL.Path, page+1))
	}
	all := []string{}
	for _, n := range s.numbers[from:to] {
		all = append(all, fmt.Sprintf(`{"number": %d, "state": "open", "head": {"ref": "a", "repo": {"id": 7}}, "base": {"repo": {"id": 7}}}`, n))
	}
	_, _ = w.Write([]byte("[" + strings.Join(all, ",") + "]"))
}

func (s *shelf) client(t *testing.T) *github.Client {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client, err := github.New(github.Options{BaseURL: server.URL, Owner: "acme", Repo: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func numbers(pulls []forge.Pull) []int {
	all := make([]int, len(pulls))
	for i, p := range pulls {
		all[i] = p.Number
	}
	return all
}

func down(from, to int) []int {
	var all []int
	for n := from; n >= to; n-- {
		all = append(all, n)
	}
	return all
}

// While a list is read, pull requests are closed or opened. All that are open the whole
// time are found.
func TestOpenPullsWhileTheListChanges(t *testing.T) {
	const n = 305
	for _, test := range []struct {
		name     string
		change   func(s *shelf, request int)
		requests int
		last     int // those from here down to 1 stay
		found    int
	}{
		{"nothing", func(*shelf, int) {}, 4, n, n},
		{"one is closed", func(s *shelf, request int) {
			if request == 2 {
				s.numbers = s.numbers[1:]
			}
		}, 6, n - 1, n - 1},
		{"three are closed", func(s *shelf, request int) {
			if request == 3 {
				s.numbers = s.numbers[3:]
			}
		}, 7, n - 3, n - 3},
		{"the last one of a page is closed", func(s *shelf, request int) {
			if request == 2 {
				s.numbers = slices.Delete(slices.Clone(s.numbers), 99, 100)
			}
		}, 6, n - 100, n - 1},
		{"one is closed each time", func(s *shelf, _ int) { s.numbers = s.numbers[1:] }, 2 + 2 + 4, 250, n - 5},
		{"one is opened each time", func(s *shelf, request int) { s.numbers = append([]int{n + request}, s.numbers...) }, 4, n, n + 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &shelf{numbers: down(n, 1)}
			s.before = func(request int) { test.change(s, request) }
			got, err := s.client(t).OpenPulls(t.Context())
			have := numbers(got)
			missing := slices.DeleteFunc(down(test.last, 1), func(n int) bool { return slices.Contains(have, n) })
			if err != nil || len(missing) > 0 || len(have) != test.found || s.asked != test.requests {
				t.Errorf("OpenPulls: %d without %v, %v, with %d requests; want %d, with %d", len(have), missing, err, s.asked, test.found, test.requests)
			}
			if !slices.IsSortedFunc(have, func(a, b int) int { return b - a }) || len(slices.Compact(slices.Clone(have))) != len(have) {
				t.Errorf("OpenPulls: %v; want each once, downwards", have)
			}
		})
	}
}

func TestClosedPullsOfSomePages(t *testing.T) {
	c := (&shelf{numbers: down(130, 1)}).client(t)
	for _, test := range []struct {
		pages, last int
		all         bool
	}{{0, 31, false}, {1, 31, false}, {2, 1, true}, {9, 1, true}} {
		got, all, err := c.ClosedPulls(t.Context(), test.pages)
		if err != nil || all != test.all || !slices.Equal(numbers(got), down(130, test.last)) {
			t.Errorf("ClosedPulls of %d pages: %v, %v, %v; want 130 down to %d, %v", test.pages, numbers(got), all, err, test.last, test.all)
		}
	}
}

func TestListsLeaveOutForks(t *testing.T) {
	pull := func(number int, repo string) string {
		return fmt.Sprintf(`{"number": %d, "state": "open", "head": {"ref": "a", "repo": %s}, "base": {"ref": "main", "repo": {"id": 7}}}`, number, repo)
	}
	c := clientOf(t, "["+strings.Join([]string{pull(4, `{"id": 8}`), pull(3, "null"), pull(2, `{"id": 7}`), pull(1, `{"id": 8}`)}, ",")+"]")
	open, err := c.OpenPulls(t.Context())
	if err != nil || !slices.Equal(numbers(open), []int{2}) {
		t.Errorf("OpenPulls: %+v, %v; want number 2 alone", open, err)
	}
	closed, all, err := c.ClosedPulls(t.Context(), 1)
	if err != nil || !all || !slices.Equal(numbers(closed), []int{2}) {
		t.Errorf("ClosedPulls: %+v, %v, %v; want number 2 alone", closed, all, err)
	}
}
