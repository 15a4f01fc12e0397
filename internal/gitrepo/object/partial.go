package object

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// absentHere returns those of the ids that a partial clone has left at its remote. One of
// them would be the end of a `git cat-file`, once git has gone through all that it has from
// that remote. Nothing is fetched by asking so.
func (s *Store) absentHere(ids []ID) (map[ID]bool, error) {
	absent := make(map[ID]bool, len(ids))
	for _, id := range ids {
		absent[id] = true
	}
	var out string
	var err error
	if len(ids) > manyIDs {
		out, err = s.Git.Output(context.Background(), "", "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
	} else {
		// --missing turns fetching off, --ignore-missing passes over what is not here, and the
		// filter over what is in a tree.
		var asked strings.Builder
		for _, id := range ids {
			asked.WriteString(id.String() + "\n")
		}
		out, err = s.Git.Output(context.Background(), asked.String(), "rev-list", "--missing=allow-any", "--ignore-missing",
			"--no-walk", "--objects", "--no-object-names", "--filter=tree:0", "--stdin")
	}
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		if id, ok := ParseID(strings.TrimSpace(line)); ok {
			delete(absent, id)
		}
	}
	return absent, nil
}

// manyIDs is the number of objects from which on git lists all that it has, rather than look for
// each: for one that is not here it reads the directory of packs again.
const manyIDs = 1000

// here calls got for those of ids that a partial clone does not have, and ask with the
// others and their places.
func (s *Store) here(ids []ID, want Kind, broken func(i int, err error), ask func(ids []ID, at func(i int) int)) {
	same := func(i int) int { return i }
	if s.Git == nil || !s.mayLack(want) || len(ids) == 0 {
		ask(ids, same)
		return
	}
	absent := map[ID]bool{}
	missing, err := s.absent(s.unsure(ids))
	if err != nil {
		for i := range ids {
			broken(i, err)
		}
		return
	}
	for _, id := range missing {
		absent[id] = true
	}
	var here []ID
	var at []int
	for i, id := range ids {
		if absent[id] {
			broken(i, ErrMissing)
		} else {
			here, at = append(here, id), append(at, i)
		}
	}
	ask(here, func(i int) int { return at[i] })
}

// absent returns those of the ids that a partial clone has left at its remote, and remembers that
// the others are here.
func (s *Store) absent(ids []ID) (absent []ID, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	missing, err := s.absentHere(ids)
	if err != nil {
		return nil, err
	}
	s.found(ids, missing)
	return slices.DeleteFunc(slices.Clone(ids), func(id ID) bool { return !missing[id] }), nil
}

// Unsure returns those of the ids, each once, of which a partial clone has not been asked yet, or
// which were not here then. It takes no process.
func (s *Store) Unsure(ids []ID) []ID { return s.unsure(once(ids)) }

// Arrived is Absent for what was fetched just now, of which all should be here: then to look for
// each takes less than to list all that is here.
func (s *Store) Arrived(ids []ID) (absent []ID, err error) {
	var asked strings.Builder
	for _, id := range ids {
		asked.WriteString(id.String() + "\n")
	}
	out, err := s.Git.Output(context.Background(), asked.String(), "cat-file", "--batch-check=%(objectname)")
	if err != nil || strings.Contains(out, " ") { // "ID missing"
		return s.Absent(ids)
	}
	s.found(ids, nil)
	return nil, nil
}

// unsure returns those of the ids of which it is not known yet that they are here. To ask git
// takes a process: what it has found once is not asked for again.
func (s *Store) unsure(ids []ID) []ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var unsure []ID
	for _, id := range ids {
		if !s.isHere[id] {
			unsure = append(unsure, id)
		}
	}
	return unsure
}

// found remembers that all of the ids are here, but for those that are absent.
func (s *Store) found(ids []ID, absent map[ID]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isHere == nil {
		s.isHere = map[ID]bool{}
	}
	for _, id := range ids {
		if !absent[id] {
			s.isHere[id] = true
		}
	}
}

// mayLack reports whether objects of a kind, "" for any, may be at the remote of a partial
// clone. Commits are always here, and trees if only blobs were left out.
func (s *Store) mayLack(want Kind) bool {
	switch {
	case s.Partial == "" || want == Commit || want == Tag:
		return false
	case want == Tree:
		return !strings.HasPrefix(s.Partial, "blob:")
	}
	return true
}

// isPromised reports whether git ended because an object is at the remote of a partial
// clone.
func isPromised(err error) bool {
	git := (*GitError)(nil)
	return errors.As(err, &git) && (strings.Contains(git.Said, "from promisor remote") || strings.Contains(git.Said, "lazy fetching disabled"))
}
