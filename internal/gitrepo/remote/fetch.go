package remote

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
)

// A Found is what a remote says of some of its references.
type Found struct {
	IDs     map[string]string // the full ids, by full name; with ^{} behind it, what a tag stands for
	Default string            // the full name of the branch that HEAD stands for; "" if that is not known
}

// Look asks the remote for HEAD, and for references by their full names.
func (p Program) Look(ctx context.Context, names []string) (Found, error) {
	found := Found{IDs: map[string]string{}}
	var out bytes.Buffer
	args := []string{"ls-remote", "--quiet", "--symref", "--", p.From, "HEAD"}
	for _, name := range names {
		args = append(args, name, name+"^{}")
	}
	if said, err := p.run(ctx, &out, "", args...); err != nil {
		return found, p.explain(ctx, said, err)
	}
	for line := range strings.Lines(out.String()) {
		id, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if to, ok := strings.CutPrefix(id, "ref: "); !ok {
			found.IDs[name] = id
		} else if name == "HEAD" {
			found.Default = to
		}
	}
	return found, nil
}

// FetchOne gets one commit with its trees, without its history and without the content of
// files: what is a reference of the remote, or the full id of a commit. as is the reference that
// stands for it here; "" for none. whole says that the remote does not know how to leave
// something out, so that all files have come.
func (p Program) FetchOne(ctx context.Context, what, as string) (whole bool, err error) {
	refspec := what
	if as != "" {
		refspec = "+" + what + ":" + as
	}
	fetch := func(filter string) (said string, err error) {
		return p.run(ctx, nil, "", "-c", "core.hooksPath="+os.DevNull, "-c", "fetch.writeCommitGraph=false",
			"fetch", "--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-show-forced-updates", "--recurse-submodules=no", "--refmap=",
			"--update-shallow", "--depth=1", filter, "--", p.From, refspec)
	}
	said, err := fetch("--filter=blob:none")
	whole = strings.Contains(said, "filtering not recognized by server")
	if err != nil && strings.Contains(said, "filter") && strings.Contains(said, "not supported") {
		whole = true
		said, err = fetch("--no-filter")
	}
	if err != nil {
		return whole, p.explain(ctx, said, err)
	}
	return whole, nil
}

// LookNames returns the full names that a remote may have for what a person calls ref, the
// one that counts most first, as git has it. There are none for what is no name at all.
func LookNames(ref string) []string {
	if ref == "" || strings.HasPrefix(ref, "-") || strings.Contains(ref, "..") || strings.Contains(ref, "@{") || strings.ContainsAny(ref, "~^:?*[\\ \t\r\n") {
		return nil
	}
	var names []string
	if strings.HasPrefix(ref, "refs/") {
		names = append(names, ref)
	}
	names = append(names, "refs/"+ref, "refs/tags/"+ref, heads+ref)
	for _, prefix := range []string{"origin/", "remotes/origin/", "refs/remotes/origin/"} { // as in a clone
		if branch, ok := strings.CutPrefix(ref, prefix); ok {
			names = append(names, heads+branch)
		}
	}
	return names
}

// LocalName returns the reference of a clone that stands for one of its remote: that
// of a branch is the one that every clone has.
func LocalName(name string) string {
	if branch, ok := strings.CutPrefix(name, heads); ok && branch != "HEAD" { // which is the default branch
		return "refs/remotes/origin/" + branch
	}
	if strings.HasPrefix(name, "refs/tags/") {
		return name
	}
	return fmt.Sprintf("refs/propagate/%s", strings.TrimPrefix(name, "refs/"))
}
