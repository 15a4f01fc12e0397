package forgetest

import (
	"strings"
	"testing"
)

// Mirror itself fails for a commit whose id changes, so this is about content
// that is easily spoilt.
func TestMirror(t *testing.T) {
	g := NewGitDir(t)
	e := NewEmulator(t, Config{})
	g.Commit("a", "main", "First\n\nwith a body", map[string]string{
		"deep/er/file": "no newline", "binary": "\x00\xff\n\xfe", "empty": "", "ünï cöde": "ü\r\n", "gone": "soon",
	})
	e.Mirror(t, g.Dir)

	link := g.run("deep/er/file", "hash-object", "-w", "--stdin")
	g.run("", "read-tree", "a")
	g.run("", "update-index", "--add", "--cacheinfo", "120000,"+link+",link")
	g.run("", "update-index", "--add", "--cacheinfo", "100755,"+link+",deep/program")
	g.run("0 "+strings.Repeat("0", 40)+"\tgone\n", "update-index", "--index-info")
	second := g.run("Modes\n", "commit-tree", g.run("", "write-tree"), "-p", "a")
	g.run("", "update-ref", "refs/heads/a", second)
	g.run("", "update-ref", "refs/heads/empty", g.run("Nothing\n", "commit-tree", "a^{tree}", "-p", "a"))
	g.Commit("main", "", "On main", map[string]string{"main": "1"})
	g.run("", "update-ref", "refs/heads/merge", g.run("Merge\n", "commit-tree", g.run("", "merge-tree", "--write-tree", "main", "a"), "-p", "main", "-p", "a"))
	e.Mirror(t, g.Dir)

	for _, branch := range []string{"main", "a", "empty", "merge"} {
		if got, want := e.person.tip(branch), g.Tip(branch); got != want {
			t.Errorf("branch %s is at %s in the emulator, not %s", branch, got, want)
		}
	}
	g.DeleteBranch("empty")
	g.run("", "update-ref", "refs/heads/a", "main")
	e.Mirror(t, g.Dir)
	if got, want := e.person.tip("a"), g.Tip("main"); got != want {
		t.Errorf("branch a was moved back, and is at %s in the emulator, not %s", got, want)
	}
	if status, err := e.person.try("GET", "git/ref/heads/empty", nil, nil); status != 404 {
		t.Errorf("a deleted branch: %d, %v", status, err)
	}
}

func TestEmulatorReportsWhyItDoesNotStart(t *testing.T) {
	node := tool(t, "node/bin/node")
	_, err := start(t, Config{}.withDefaults(), node, "/none.js", t.TempDir()+"/seed.json")
	if err == nil || !strings.Contains(err.Error(), "Cannot find module '/none.js'") {
		t.Errorf("the error is %v", err)
	}
}
