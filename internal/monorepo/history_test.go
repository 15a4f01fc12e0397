package monorepo_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// Of several builds of one Dockerfile the history tells by the name of the target which of them was on a line.
func TestLineOfATargetThatKeepsItsName(t *testing.T) {
	t.Parallel()
	bake := func(second string) string {
		target := func(name, version string) string {
			return "target \"" + name + "\" {\n  context = \"rt\"\n  args = { V = \"" + version + "\" }\n  tags = [\"reg.example/py:" + version + "\"]\n}\n"
		}
		return target("old", "3.11.4") + target("new", second)
	}
	dir := gittest.Init(t, map[string]string{
		"docker-bake.hcl": bake("3.12.9"), "rt/Dockerfile": "ARG V\nFROM debian:$V\n", "x/Dockerfile": "FROM reg.example/py:3.12.2\n",
	})
	gittest.Commit(t, dir, "3.13", map[string]string{"docker-bake.hcl": bake("3.13.0")})
	g := mustOpen(t, dir).Graph()
	refs := g.References("reg.example/py")
	if len(refs) != 1 {
		t.Fatalf("%d references", len(refs))
	}
	if makers := g.MakersOf(refs[0]); len(makers) != 1 || makers[0].Label != "rt/Dockerfile (V=3.13.0)" || len(g.Notes()) > 0 {
		t.Errorf("%s is made by %v; %v", refs[0].Written, makers, g.Notes())
	}
}
