package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

const (
	pageSize = "1000"
	maxPages = 10_000
	maxTags  = 1_000_000
)

// A page is a part of a listing of tags, as the store keeps it.
type page struct {
	Path string   `json:"path"` // with its query
	ETag string   `json:"etag"`
	Next string   `json:"next,omitempty"` // path of the next page
	Tags []string `json:"tags"`
}

// Tags returns all tags of a repository, sorted by their bytes. The error says which repository
// and why; it is an [ErrNoRepository] if there is none.
func (c *Client) Tags(ctx context.Context, repository string) ([]string, error) {
	repo, err := name.NewRepository(repository)
	if err != nil {
		return nil, err
	}
	ctx, cancel := c.within(ctx)
	defer cancel()
	p := c.at(repo)
	tags, err := c.tags.ask(ctx, repo.Name(), false, func() ([]string, error) { return p.listTags(ctx) })
	return slices.Clone(tags), c.fault("listing the tags of "+repository, p, err)
}

// listTags asks for all pages. Those that have not changed since they were kept are not sent.
func (p place) listTags(ctx context.Context) ([]string, error) {
	key := "tags " + p.String()
	var kept, pages []page
	p.client.store.get(key, &kept)
	asked, tags := map[string]bool{}, map[string]bool{}
	path := p.path("tags", "list").Path
	first := &url.URL{Path: path, RawQuery: "n=" + pageSize}
	keep := true
	for next := first; next != nil; {
		if asked[next.RequestURI()] || len(pages) == p.client.maxPages || len(tags) > p.client.maxTags {
			return nil, endless(len(pages), len(tags))
		}
		asked[next.RequestURI()] = true
		one, err := p.page(ctx, next, kept)
		if err != nil {
			return nil, err
		}
		before := len(tags)
		for _, tag := range one.Tags {
			tags[tag] = true
		}
		if one.Next != "" && len(one.Tags) > 0 && len(tags) == before {
			return nil, endless(len(pages)+1, len(tags))
		}
		pages, keep = append(pages, one), keep && one.ETag != ""
		if next, err = nextPage(path, one.Next); err != nil {
			return nil, err
		}
	}
	if keep && !slices.EqualFunc(pages, kept, func(a, b page) bool { return a.ETag == b.ETag && a.Path == b.Path }) {
		p.client.store.put(key, pages)
	}
	all := make([]string, 0, len(tags))
	for tag := range tags {
		all = append(all, tag)
	}
	slices.Sort(all)
	return all, nil
}

func endless(pages, tags int) error {
	return fmt.Errorf("its list of tags never ends: %d pages with %d tags, and there is more", pages, tags)
}

// page asks for a page.
func (p place) page(ctx context.Context, at *url.URL, kept []page) (page, error) {
	r := request{method: http.MethodGet, url: &url.URL{Path: at.Path, RawQuery: at.RawQuery}, header: http.Header{"Accept": {"application/json"}}, limit: maxPageSize}
	old := slices.IndexFunc(kept, func(k page) bool { return k.Path == at.RequestURI() && k.ETag != "" })
	if old >= 0 {
		r.header.Set("If-None-Match", kept[old].ETag)
	}
	found, err := p.ask(ctx, r)
	switch {
	case err != nil:
		return page{}, err
	case found.status == http.StatusNotModified && old >= 0:
		return kept[old], nil
	case found.status == http.StatusNotFound:
		return page{}, ErrNoRepository
	case found.status != http.StatusOK:
		return page{}, newStatusError(found)
	}
	var listing struct{ Tags []string }
	if err := json.Unmarshal(found.body, &listing); err != nil {
		return page{}, errors.New("its list of tags is no JSON")
	}
	next, err := linked(found)
	if err != nil {
		return page{}, err
	}
	return page{Path: at.RequestURI(), ETag: found.header.Get("ETag"), Next: next, Tags: listing.Tags}, nil
}

// linked returns the path of the next page as the header Link says it; "" for none. A page on
// another server is none: whoever may write the header must not choose who is asked.
func linked(found *response) (string, error) {
	for _, value := range found.header.Values("Link") {
		target, parameters, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(value), "<"), ">")
		if !ok || strings.Contains(parameters, "rel=") && !strings.Contains(parameters, "next") {
			continue
		}
		next, err := found.url.Parse(target)
		if err != nil {
			return "", errors.New("its list of tags goes on at what is no URL")
		}
		if !sameHostname(next, found.url) || next.Port() != "" && port(next) != port(found.url) {
			return "", fmt.Errorf("its list of tags goes on at another server, %s, which is not asked", next.Host)
		}
		return next.RequestURI(), nil
	}
	return "", nil
}

// nextPage returns the URL of a page, which has the path of the first one: a registry behind a proxy
// may know itself by another. It is nil for none.
func nextPage(path, next string) (*url.URL, error) {
	if next == "" {
		return nil, nil
	}
	at, err := url.ParseRequestURI(next)
	if err != nil || !strings.HasSuffix(at.Path, "/tags/list") {
		return nil, errors.New("its list of tags goes on with something else")
	}
	return &url.URL{Path: path, RawQuery: at.RawQuery}, nil
}
