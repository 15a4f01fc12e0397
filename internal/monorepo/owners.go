package monorepo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	"github.com/hmarr/codeowners"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/snapshot"
	"github.com/matihlabs/propagate/internal/source"
)

var ownersLine = regexp.MustCompile(`^line (\d+): (.*)$`)

var errNoOwners = errors.New("there is no CODEOWNERS file")

// owners returns who owns which file. configured says that it was the configuration
// which asked for it, and not the caller.
func (r *Repository) owners(configured bool) (func(path string) []string, error) {
	owned, err := readOwners(r.files)
	if !errors.Is(err, errNoOwners) {
		return owned, err
	}
	const hint = "it lies at .github/CODEOWNERS, CODEOWNERS or docs/CODEOWNERS"
	if configured {
		return nil, invalid(&source.Error{Pos: r.Config.GroupAt, Err: fmt.Errorf("group %s: %w", bumper.ByTeam, err)}, hint)
	}
	return nil, invalid(fmt.Errorf("--group %s: %w", bumper.ByTeam, err), hint)
}

// Owners returns who owns which file, nil where nothing says it: what is wrong with the file that should
// say it is a remark about texts, of which nothing else depends on it.
func (r *Repository) Owners(texts string) func(path string) []string {
	owned, err := readOwners(r.files)
	if err != nil {
		if !errors.Is(err, errNoOwners) {
			r.options.remark("%s no owners: %s", texts, source.Clean(err.Error()))
		}
		return nil
	}
	return owned
}

// Teams counts the builds of a plan that are exposed to its bases and have not the new version, by who owns
// them; nil where nothing says who owns a file.
func (r *Repository) Teams(p *bumper.Plan) map[string]int {
	owned, err := readOwners(r.files)
	if err != nil {
		return nil // what is wrong with it is said where the texts are made
	}
	teams := map[string]int{}
	for _, item := range p.Items {
		if !item.Exposed() {
			continue
		}
		names := owned(item.File.Path)
		if names == nil {
			names = []string{"nobody"}
		}
		for _, name := range names {
			teams[name]++
		}
	}
	return teams
}

// readOwners reads who owns which file, where GitHub looks for it (GitHub docs,
// "About code owners").
func readOwners(files *snapshot.Files) (func(string) []string, error) {
	for _, name := range []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} {
		data, err := files.Read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rules, err := codeowners.ParseFile(bytes.NewReader(data))
		if err != nil {
			at := name
			if m := ownersLine.FindStringSubmatch(err.Error()); m != nil { // the parser knows the line, in its text alone
				at, err = name+":"+m[1], errors.New(m[2])
			}
			return nil, invalid(fmt.Errorf("%s: %w", at, err), "mend it, or group by something other than team")
		}
		return func(path string) []string {
			rule, err := rules.Match(path)
			if err != nil || rule == nil {
				return nil
			}
			var names []string
			for _, owner := range rule.Owners {
				names = append(names, owner.String())
			}
			slices.Sort(names)
			return slices.Compact(names)
		}, nil
	}
	return nil, errNoOwners
}
