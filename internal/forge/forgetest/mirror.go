package forgetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Mirror makes the branches of the emulator those of a bare git repository:
// it copies the commits that it does not have yet, moves branches and deletes
// those that are gone. Commits keep their ids; the test fails for one that
// cannot, because it is signed or its message does not end with one newline.
func (e *Emulator) Mirror(t testing.TB, gitDir string) {
	t.Helper()
	m := &mirror{t: t, dir: gitDir, to: e}
	for id := range strings.Lines(m.git("", "rev-list", "--reverse", "--topo-order", "--branches")) {
		if id = strings.TrimSpace(id); !e.known[id] {
			m.commit(id)
			e.known[id] = true
		}
	}
	want, err := branches(context.Background(), gitDir)
	if err != nil {
		t.Fatal(err)
	}
	var have []struct{ Ref string }
	e.person.must("GET", "git/matching-refs/heads/", nil, &have)
	for _, ref := range have {
		name := strings.TrimPrefix(ref.Ref, "refs/heads/")
		if want[name] == "" {
			e.person.must("DELETE", "git/refs/heads/"+escapeRef(name), nil, nil)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		e.person.moveBranch(name, want[name])
	}
}

type mirror struct {
	t   testing.TB
	dir string
	to  *Emulator
}

func (m *mirror) git(input string, args ...string) string {
	m.t.Helper()
	out, err := runGit(context.Background(), m.dir, input, args...)
	if err != nil {
		m.t.Fatal(err)
	}
	return out
}

// commit copies one commit whose parents are there.
func (m *mirror) commit(id string) {
	m.t.Helper()
	raw := m.git("", "show", "--no-patch", "--format=%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%B", id)
	f := strings.SplitN(raw, "\n", 9)
	tree, parents := f[0], strings.Fields(f[1])
	if got := m.tree(id, parents); got != tree {
		m.t.Fatalf("the tree of commit %s became %s in the emulator, not %s", id, got, tree)
	}
	var made sha
	m.to.person.must("POST", "git/commits", object{
		"message": strings.TrimRight(f[8], "\n"), "tree": tree, "parents": append([]string{}, parents...),
		"author":    object{"name": f[2], "email": f[3], "date": f[4]},
		"committer": object{"name": f[5], "email": f[6], "date": f[7]},
	}, &made)
	if made.SHA != id {
		m.t.Fatalf("commit %s became %s in the emulator: is it signed, or does its message not end with one newline?", id, made.SHA)
	}
}

// tree copies the tree of a commit: what differs from its first parent.
func (m *mirror) tree(id string, parents []string) string {
	m.t.Helper()
	from, base := "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "" // git's empty tree
	if len(parents) > 0 {
		from = parents[0]
		base = m.git("", "rev-parse", from+"^{tree}")
	}
	// Each change is ":mode mode id id status" and a path, ended by zeros.
	fields := strings.Split(m.git("", "diff-tree", "-r", "-z", "--no-renames", from, id), "\x00")
	var entries []object
	var blobs []string
	for i := 0; i+1 < len(fields); i += 2 {
		change := strings.Fields(fields[i])
		entry := object{"path": fields[i+1], "mode": change[1], "type": "blob", "sha": change[3]}
		if change[4] == "D" {
			entry["mode"], entry["sha"] = strings.TrimPrefix(change[0], ":"), nil
		} else if !m.to.known[change[3]] {
			m.to.known[change[3]] = true
			blobs = append(blobs, change[3])
		}
		entries = append(entries, entry)
	}
	m.blobs(blobs)
	if base != "" && len(entries) == 0 {
		return base
	}
	return m.to.person.tree(base, entries)
}

// blobs copies blobs, which git prints one after another: "id blob size", a
// newline, so many bytes, and a newline.
func (m *mirror) blobs(ids []string) {
	m.t.Helper()
	if len(ids) == 0 {
		return
	}
	out := m.git(strings.Join(ids, "\n")+"\n", "cat-file", "--batch") + "\n"
	for _, id := range ids {
		head, rest, _ := strings.Cut(out, "\n")
		size, err := strconv.Atoi(head[strings.LastIndex(head, " ")+1:])
		if err != nil || size > len(rest) {
			m.t.Fatalf("git cat-file says %q for %s", head, id)
		}
		if got := m.to.person.blob([]byte(rest[:size])); got != id {
			m.t.Fatal(fmt.Errorf("blob %s became %s in the emulator", id, got))
		}
		out = rest[size+1:]
	}
}
