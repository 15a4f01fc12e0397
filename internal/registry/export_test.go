package registry

// Bound sets how long a listing of tags may be.
func (c *Client) Bound(pages, tags int) { c.maxPages, c.maxTags = pages, tags }
