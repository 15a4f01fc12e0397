package monorepo

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
)

// openDates returns what takes the place of the date of today where a change was made on another
// day and is still open: its branch, here or as origin has it, keeps the date that it has. It is
// nil where there is none.
func (r *Repository) openDates(changes []bumper.Change) func(place bumper.Release, next string) string {
	if r.git == nil || !slices.ContainsFunc(r.Config.Versions, func(v config.Version) bool { return v.Scheme.IsDate() }) {
		return nil
	}
	dates := map[source.Pos]string{}
	for _, change := range changes {
		files := r.branch(change.Branch)
		if files == nil {
			continue
		}
		for _, file := range change.Files {
			now, err := r.files.Read(file.Path)
			if err != nil {
				continue
			}
			then, err := fs.ReadFile(files, file.Path)
			if err != nil {
				continue
			}
			for _, edit := range file.Edits {
				if tag, ok := standsAt(now, then, edit); ok && tag != edit.Old {
					line, col := source.NewLines(now).Position(edit.Span.Start)
					dates[source.Pos{Path: edit.Path, Line: line, Col: col}] = tag
				}
			}
		}
	}
	if len(dates) == 0 {
		return nil
	}
	return func(place bumper.Release, next string) string {
		tag := dates[place.Tag.Pos()]
		if was, ok := place.Scheme.Next(tag, "", day(r.options.Now())); ok && was == next {
			return tag // an earlier day, in the same form
		}
		return ""
	}
}

// day returns the day of a time in UTC, as in 2026-11-09.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// branch returns the files of a branch, as it is here or at origin; nil if there is none.
func (r *Repository) branch(name string) fs.FS {
	id, ok, err := r.git.Branch(name)
	if err != nil || !ok {
		revision, err := r.git.Resolve("refs/remotes/origin/" + name)
		if err != nil {
			return nil
		}
		id = revision.Commit
	}
	files, err := r.git.FS(id)
	if err != nil {
		return nil
	}
	return files
}

// standsAt returns what stands in another content of a file at the place of an edit: between what
// stands around it in its line.
func standsAt(now, then []byte, edit bumper.Edit) (string, bool) {
	start := bytes.LastIndexByte(now[:edit.Span.Start], '\n') + 1
	end := len(now)
	if i := bytes.IndexByte(now[edit.Span.End:], '\n'); i >= 0 {
		end = edit.Span.End + i
	}
	before, after := string(now[start:edit.Span.Start]), string(now[edit.Span.End:end])
	for line := range bytes.Lines(then) {
		text := strings.TrimSuffix(string(line), "\n")
		if len(text) >= len(before)+len(after) && strings.HasPrefix(text, before) && strings.HasSuffix(text, after) {
			if tag := text[len(before) : len(text)-len(after)]; len(tag) == len(edit.New) {
				return tag, true
			}
		}
	}
	return "", false
}
