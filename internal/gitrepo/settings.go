package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/gcfg"
	gitconfig "github.com/go-git/go-git/v5/config"
	format "github.com/go-git/go-git/v5/plumbing/format/config"
)

// settings are git's configuration files, the one that counts most last. They
// are kept undecoded: go-git's own view of them rejects values that git
// accepts, such as negative refspecs.
type settings []*format.Config

// readSettings reads the system's and the user's files, then the repository's and,
// where the repository says so, that of the work tree, each with what it includes.
// What is wrong in the first two is not this repository's fault, and they are left
// out. What is included on a condition is not read: see [Repo.Identities].
func readSettings(commonDir, gitDir string) (settings, error) {
	var s settings
	for _, path := range machineFiles() {
		if more, err := readConfig(path, 0); err == nil {
			s = append(s, more...)
		}
	}
	local, err := readConfig(filepath.Join(commonDir, "config"), 0)
	if err != nil {
		return nil, err
	}
	s = append(s, local...)
	if local != nil && s.isTrue("extensions", "", "worktreeconfig") {
		own, err := readConfig(filepath.Join(gitDir, "config.worktree"), 0)
		if err != nil {
			return nil, err
		}
		s = append(s, own...)
	}
	return s, nil
}

// machineFiles returns the files of the system and the user, the one that counts
// most last. The variables that move them are those of git.
func machineFiles() []string {
	var files []string
	if off := strings.ToLower(os.Getenv("GIT_CONFIG_NOSYSTEM")); off == "" || slices.Contains([]string{"0", "false", "no", "off"}, off) {
		system, _ := gitconfig.Paths(gitconfig.SystemScope) // has no way to fail
		if path := os.Getenv("GIT_CONFIG_SYSTEM"); path != "" {
			system = []string{path}
		}
		files = append(files, system...)
	}
	if path := os.Getenv("GIT_CONFIG_GLOBAL"); path != "" {
		return append(files, path)
	}
	user, err := gitconfig.Paths(gitconfig.GlobalScope)
	if err != nil {
		return files
	}
	// With XDG_CONFIG_HOME set these are its file and ~/.gitconfig, followed
	// by one that git then does not read; without it ~/.gitconfig, which
	// counts more, and ~/.config/git/config.
	if len(user) == 3 {
		user = user[:2]
	} else {
		slices.Reverse(user)
	}
	return append(files, user...)
}

// readConfig reads one file, with those that it includes where it includes them;
// depth is how many files include this one. It returns nil if it does not exist.
func readConfig(path string, depth int) (settings, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, openError(path, err)
	}
	if depth > maxIncludes {
		return nil, &OpenError{Path: path, Why: fmt.Sprintf("is included by more than %d files, one by the other", maxIncludes),
			Advice: "see whether they include each other"}
	}
	part := format.New()
	s := settings{part}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var included error // stops the decoder, which would give it a place of its own
	err = gcfg.ReadWithCallback(bytes.NewReader(data), func(section, subsection, key, value string, _ bool) error {
		switch {
		case key == "" && subsection == "":
			part.Section(section)
		case key == "":
			part.Section(section).Subsection(subsection)
		default:
			part.AddOption(section, subsection, key, value)
		}
		if !strings.EqualFold(section, "include") || subsection != "" || !strings.EqualFold(key, "path") {
			return nil
		}
		var more settings
		if more, included = readConfig(includedPath(path, value), depth+1); included != nil {
			return included
		}
		part = format.New()
		s = append(append(s, more...), part)
		return nil
	})
	if included != nil {
		return nil, included
	}
	if err != nil {
		return nil, &OpenError{Path: path, Why: err.Error(), Err: err,
			Advice: fmt.Sprintf("the numbers are line and column; `git config --list --file %s` should read it too", path)}
	}
	return s, nil
}

// maxIncludes is how deep git follows files that include each other.
const maxIncludes = 10

// includedPath returns the file that another file includes as value.
func includedPath(from, value string) string {
	if rest, ok := strings.CutPrefix(value, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, filepath.FromSlash(rest))
		}
	}
	return join(filepath.Dir(from), value)
}

// values returns every value of a key, the one that counts most last. section
// and key are compared without case, subsection with it.
func (s settings) values(section, subsection, key string) []string {
	var all []string
	for _, file := range s {
		for _, sec := range file.Sections {
			if !sec.IsName(section) {
				continue
			}
			if subsection == "" {
				all = append(all, sec.Options.GetAll(key)...)
			}
			for _, sub := range sec.Subsections {
				if subsection != "" && sub.IsName(subsection) {
					all = append(all, sub.Options.GetAll(key)...)
				}
			}
		}
	}
	return all
}

// get returns the value that counts of a key of a section without subsections,
// "" if it is not set.
func (s settings) get(section, key string) string {
	all := s.values(section, "", key)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// isTrue reads a boolean as git does; a key without a value counts as true.
func (s settings) isTrue(section, subsection, key string) bool {
	all := s.values(section, subsection, key)
	if len(all) == 0 {
		return false
	}
	switch strings.ToLower(all[len(all)-1]) {
	case "false", "no", "off", "0":
		return false
	}
	return true
}

// components are what core.fsync can name, with the names of several at once that
// each is among (git-config, "core.fsync").
var components = map[string][]string{
	"loose-object":  {"objects", "committed", "added", "all"},
	"pack":          {"objects", "committed", "added", "all"},
	"pack-metadata": {"derived-metadata", "all"},
	"reference":     {"committed", "added", "all"},
}

// hardens says whether core.fsync wants a component to be on the disk before it counts.
// By default git wants that of packs alone: it takes milliseconds for each file.
func (s settings) hardens(component string) bool {
	byDefault := component == "pack" || component == "pack-metadata"
	on := byDefault || component == "loose-object" && s.isTrue("core", "", "fsyncobjectfiles")
	for item := range strings.SplitSeq(s.get("core", "fsync"), ",") {
		item, without := strings.CutPrefix(strings.TrimSpace(item), "-")
		switch {
		case item == "none":
			on = false
		case item == "default":
			on = byDefault
		case item == component || slices.Contains(components[component], item):
			on = !without
		}
	}
	return on
}

// keys returns the names of the keys of a section, in lower case, sorted.
func (s settings) keys(section string) []string {
	var names []string
	for _, file := range s {
		for _, sec := range file.Sections {
			if sec.IsName(section) {
				for _, opt := range sec.Options {
					names = append(names, strings.ToLower(opt.Key))
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// subsections returns the names of the subsections of a section, sorted.
func (s settings) subsections(section string) []string {
	var names []string
	for _, file := range s {
		for _, sec := range file.Sections {
			if sec.IsName(section) {
				for _, sub := range sec.Subsections {
					names = append(names, sub.Name)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// inOrder returns the names of the subsections of a section that have a key, in the
// order in which they first have it.
func (s settings) inOrder(section, key string) []string {
	var names []string
	for _, file := range s {
		for _, sec := range file.Sections {
			if !sec.IsName(section) {
				continue
			}
			for _, sub := range sec.Subsections {
				if sub.Options.Has(key) && !slices.Contains(names, sub.Name) {
					names = append(names, sub.Name)
				}
			}
		}
	}
	return names
}

// RemoteURL returns the URL that git would push to for a configured remote: its
// first pushurl, else its first url, with url.<base>.pushInsteadOf and
// insteadOf applied. It may hold credentials: show it through [redact.URL] only.
// A remote that is not configured, or has no URL, is ErrNoRemote.
func (r *Repo) RemoteURL(name string) (string, error) {
	if urls := r.config.values("remote", name, "pushurl"); len(urls) > 0 {
		to, _ := r.rewrite(urls[0], "insteadof")
		return to, nil
	}
	urls := r.config.values("remote", name, "url")
	if len(urls) == 0 {
		return "", withHint(fmt.Errorf("%s: %w", name, ErrNoRemote), "`git remote -v` lists the remotes, `git remote add %s <url>` makes one", name)
	}
	// A rule that rewrites a URL to itself exempts it from insteadOf.
	if to, ok := r.rewrite(urls[0], "pushinsteadof"); ok {
		return to, nil
	}
	to, _ := r.rewrite(urls[0], "insteadof")
	return to, nil
}

// fetchURL returns the URL that git would fetch from for a remote, which may be a
// URL itself.
func (r *Repo) fetchURL(name string) string {
	raw := name
	if urls := r.config.values("remote", name, "url"); len(urls) > 0 {
		raw = urls[0]
	}
	to, _ := r.rewrite(raw, "insteadof")
	return to
}

// rewrite replaces the longest beginning of url that a rule of the given kind
// names, as git does: of equal ones the one whose base comes first counts. ok is false
// if no rule fits.
func (r *Repo) rewrite(url, kind string) (rewritten string, ok bool) {
	var base, longest string
	for _, sub := range r.config.inOrder("url", kind) {
		for _, prefix := range r.config.values("url", sub, kind) {
			if strings.HasPrefix(url, prefix) && (!ok || len(prefix) > len(longest)) {
				base, longest, ok = sub, prefix, true
			}
		}
	}
	return base + url[len(longest):], ok
}

// promisor returns the remote that has the objects that a partial clone left
// out, "" in a complete clone.
func (r *Repo) promisor() string {
	for _, name := range r.config.subsections("remote") {
		if r.config.isTrue("remote", name, "promisor") {
			return name
		}
	}
	return r.config.get("extensions", "partialclone")
}
