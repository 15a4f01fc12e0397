package registry_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/registry"
)

const listing = "/v2/team/base/tags/list"

// pages serves tags as registries do: n at a time, with a Link to those behind the last one.
func pages(tags []string, most int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		rest := tags
		if last := r.URL.Query().Get("last"); last != "" {
			rest = tags[slices.Index(tags, last)+1:]
		}
		if n = min(n, most); n < len(rest) {
			rest = rest[:n]
			w.Header().Set("Link", fmt.Sprintf(`<%s?last=%s&n=%d>; rel="next"`, r.URL.Path, rest[n-1], n))
		}
		_, _ = fmt.Fprintf(w, `{"name":"team/base","tags":["%s"]}`, strings.Join(rest, `","`))
	}
}

func TestTenThousandTags(t *testing.T) {
	var tags []string
	for i := range 10_000 {
		tags = append(tags, fmt.Sprintf("1.%04d", 9_999-i))
	}
	w := &world{hosts: map[string]http.Handler{corp: open(pages(tags, 1000))}}
	got, err := w.client(nil).Tags(t.Context(), base)
	slices.Sort(tags)
	if err != nil || !slices.Equal(got, tags) {
		t.Errorf("it lists %d tags: %v", len(got), err)
	}
	if requests := w.requests(corp); len(requests) != 10 || requests[0].uri != listing+"?n=1000" || requests[1].uri != listing+"?last=1.9000&n=1000" {
		t.Errorf("it asks %s", requests)
	}
}

func TestOddListings(t *testing.T) {
	link := func(links ...string) func(http.ResponseWriter, *http.Request, int) {
		return func(w http.ResponseWriter, _ *http.Request, i int) {
			if i <= len(links) {
				w.Header().Set("Link", links[i-1])
			}
			_, _ = fmt.Fprintf(w, `{"tags":["%d"]}`, i)
		}
	}
	for _, tc := range []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request, i int)
		tags   int
		err    string
	}{
		{"an absolute link", link("<https://" + corp + listing + `?last=a>; rel="next"`), 2, ""},
		{"a link with the port and another scheme", link("<http://" + corp + `:443` + listing + `?last=a>`), 2, ""},
		{"a path before it, which a proxy hides", link(`</hidden` + listing + `?last=a>; rel=next`), 2, ""},
		{"a link to the page before", link("<" + listing + `?last=a>; rel="prev"`), 1, ""},
		{"another server", link(`<https://other.test` + listing + `?last=a>; rel="next"`), 0, "its list of tags goes on at another server, other.test, which is not asked"},
		{"another server without a scheme", link(`<//other.test` + listing + `?last=a>; rel="next"`), 0, "its list of tags goes on at another server, other.test, which is not asked"},
		{"another port", link("<https://" + corp + ":8443" + listing + `?last=a>`), 0, "its list of tags goes on at another server, " + corp + ":8443, which is not asked"},
		{"another thing", link(`</v2/_catalog?last=a>`), 0, "its list of tags goes on with something else"},
		{"no URL", link(`<:%zz>`), 0, "its list of tags goes on at what is no URL"},
		{"the same page again", link("<"+listing+"?last=a>", "<"+listing+"?last=a>"), 0, "its list of tags never ends: 2 pages with 2 tags, and there is more"},
		{"back to the first page", link("<"+listing+"?last=a>", "<"+listing+"?n=1000>"), 0, "its list of tags never ends: 2 pages with 2 tags, and there is more"},
		{"the same tags for ever", func(w http.ResponseWriter, _ *http.Request, i int) {
			w.Header().Set("Link", fmt.Sprintf("<%s?last=%d>", listing, i))
			_, _ = w.Write([]byte(`{"tags":["1"]}`))
		}, 0, "its list of tags never ends: 2 pages with 1 tags, and there is more"},
		{"no tags for ever", func(w http.ResponseWriter, _ *http.Request, i int) {
			w.Header().Set("Link", fmt.Sprintf("<%s?last=%d>", listing, i))
			_, _ = w.Write([]byte(`{"tags":[]}`))
		}, 0, "its list of tags never ends: 100 pages with 0 tags, and there is more"},
		{"other tags for ever", func(w http.ResponseWriter, _ *http.Request, i int) {
			w.Header().Set("Link", fmt.Sprintf("<%s?last=%d>", listing, i))
			tags := make([]string, 101)
			for n := range tags {
				tags[n] = fmt.Sprintf("%d.%d", i, n)
			}
			_, _ = fmt.Fprintf(w, `{"tags":["%s"]}`, strings.Join(tags, `","`))
		}, 0, "its list of tags never ends: 10 pages with 1010 tags, and there is more"},
		{"a page that is too large", func(w http.ResponseWriter, _ *http.Request, _ int) {
			for range 33 {
				_, _ = w.Write(make([]byte, 1<<20))
			}
		}, 0, "its answer is larger than 32 MiB"},
		{"no tags at all", func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = w.Write([]byte(`{"tags":null}`)) }, 0, ""},
		{"no JSON", func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = w.Write([]byte(`<html>`)) }, 0, "its list of tags is no JSON"},
		{"no repository", func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusNotFound) }, 0, "there is no such repository"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := 0
			w := &world{hosts: map[string]http.Handler{
				corp:         open(func(w http.ResponseWriter, r *http.Request) { i++; tc.answer(w, r, i) }),
				"other.test": open(pages([]string{"stolen"}, 1)),
			}}
			c := w.client(func(o *registry.Options) { o.Getenv = login(corp, password) })
			c.Bound(100, 1000)
			tags, err := c.Tags(t.Context(), base)
			if len(tags) != tc.tags || tc.err == "" && err != nil || tc.err != "" && (err == nil || err.Error() != "listing the tags of "+base+": "+tc.err) {
				t.Errorf("it lists %q: %v", tags, err)
			}
			w.wants(t, "other.test")
		})
	}
}

// A listing that has not changed is not sent again, where the registry says of every page which
// it is.
func TestListingsAreKept(t *testing.T) {
	version, without := "1", ""
	w := &world{hosts: map[string]http.Handler{corp: open(func(w http.ResponseWriter, r *http.Request) {
		last := r.URL.Query().Get("last")
		tag := `"` + last + version + `"`
		if last == "" {
			w.Header().Set("Link", "<"+listing+`?last=b&n=1000>; rel="next"`)
			tag = `W/"first"`
		}
		if last != without || last == "" {
			w.Header().Set("ETag", tag)
		}
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = fmt.Fprintf(w, `{"tags":["%sa%s"]}`, last, version)
	})}}
	dir := t.TempDir()
	list := func(want string, asked ...string) {
		t.Helper()
		w.got = nil
		tags, err := w.client(func(o *registry.Options) { o.CacheDir = dir }).Tags(t.Context(), base)
		if err != nil || strings.Join(tags, " ") != want {
			t.Errorf("the tags are %q, want %q: %v", tags, want, err)
		}
		var got []string
		for _, r := range w.requests(corp) {
			got = append(got, r.noneMatch)
		}
		if !slices.Equal(got, asked) {
			t.Errorf("it asks for what is not %q, want %q", got, asked)
		}
	}
	list("a1 ba1", "", "")
	list("a1 ba1", `W/"first"`, `"b1"`)
	version = "2"
	list("a1 ba2", `W/"first"`, `"b1"`)
	list("a1 ba2", `W/"first"`, `"b2"`)
	dir, without = t.TempDir(), "b"
	list("a2 ba2", "", "")
	list("a2 ba2", "", "")
}
