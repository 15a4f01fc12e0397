package bumper_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/bumper"
)

// estate is a repository with a base from outside, a derived base, and services on both, beside others.
func estate() files {
	repo := files{
		"bases/derived/Dockerfile": "FROM acme/base:1.0.0\n",
		"services/late/Dockerfile": "FROM acme/derived:1.0.0\n",
		"services/odd/Dockerfile":  "FROM acme/base:0.9.0\n",
		"tools/lint/Dockerfile":    "FROM alpine:3.20.1\n",
	}
	for i := range 6 {
		repo[fmt.Sprintf("services/s%d/Dockerfile", i)] = fmt.Sprintf("FROM golang:1.24 AS build\nRUN make %d\nFROM acme/base:1.0.%d\nCOPY --from=build / /\n", i, i%2)
	}
	return repo
}

// textsOf returns the texts of all changes, by branch.
func textsOf(t *testing.T, repo files, by bumper.Grouping) map[string]bumper.Texts {
	t.Helper()
	p := repo.plan(t, bumper.Options{}, base("1.0.2"))
	owners := func(p string) []string { return []string{"@acme/" + path.Base(path.Dir(p))[:1]} }
	all := map[string]bumper.Texts{}
	for _, c := range p.Changes(bumper.ChangeOptions{By: by, Owners: owners}) {
		texts, err := p.Texts(c, bumper.TextOptions{Command: "propagate", Owners: owners})
		if err != nil {
			t.Fatal(err)
		}
		all[c.Branch] = texts
	}
	return all
}

// What has nothing to do with the base alters no text: Dockerfiles, bases and lines of bases that come and go,
// whichever way they sort.
func TestUnrelatedChangesAlterNoText(t *testing.T) {
	for _, by := range bumper.Groupings() {
		t.Run(string(by), func(t *testing.T) {
			random := rand.New(rand.NewPCG(15, 30))
			repo := estate()
			want := textsOf(t, repo, by)
			if len(want) == 0 {
				t.Fatal("there are no changes")
			}
			pick := func(of ...string) string { return of[random.IntN(len(of))] }
			for n := range 30 {
				dir := pick("0", "A/b", "services/s0a", "services/a", "bases/aaa", "bases/zzz", "zz/top") + fmt.Sprint(random.IntN(4))
				switch p := dir + pick("/Dockerfile", "/Dockerfile.x", "/README.md"); {
				case repo[p] != "" && random.IntN(2) == 0:
					delete(repo, p)
				default:
					image := pick("alpine", "aaa/first", "acme/other", "zzz.example/last", "acme/derived-not", "node")
					repo[p] = "FROM " + image + ":" + pick("1", "2") + "." + pick("0.1", "1.3", "4-alpine") + "\nRUN " + fmt.Sprint(n) + "\n"
				}
				if got := textsOf(t, repo, by); !maps.Equal(got, want) {
					for branch, texts := range got {
						if texts != want[branch] {
							t.Errorf("change %d (%s) made of %s:\n%+v\nand it was:\n%+v", n, dir, branch, texts, want[branch])
						}
					}
					t.Fatalf("%d changes, and there were %d", len(got), len(want))
				}
			}
		})
	}
}

// Once a change is merged, the others are as they were; their parts keep their numbers.
func TestMergesAlterNoOtherText(t *testing.T) {
	for _, by := range []bumper.Grouping{bumper.ByService, bumper.ByDirectory} {
		want := textsOf(t, estate(), by)
		for _, merged := range estate().plan(t, bumper.Options{}, base("1.0.2")).Changes(bumper.ChangeOptions{By: by}) {
			repo := estate()
			for _, f := range merged.Files {
				repo[f.Path] = string(f.Content)
			}
			for branch, texts := range textsOf(t, repo, by) {
				if branch == merged.Branch {
					t.Errorf("%s is there again", branch)
				}
				if texts != want[branch] && want[branch].Body != "" { // what waited has a text for the first time
					t.Errorf("after %s, %s says:\n%s\nand before:\n%s", merged.Branch, branch, texts.Body, want[branch].Body)
				}
			}
		}
	}
}

// The first screen says what, why, which services, in which wave, and who owns them. What waits for a change is
// in its text and in no other, and what is left is in that of its group.
func TestFirstScreen(t *testing.T) {
	texts := textsOf(t, estate(), bumper.ByService)
	body := texts["propagate/base-1.0--service-bases.derived"].Body
	first, rest, _ := strings.Cut(body, "<details>")
	want := "`docker.io/acme/base` goes from `1.0.0` to `1.0.2`: a patch.\n\nThis change edits the version in 1 Dockerfile (1 place) and nothing else.\n\n" +
		"* Wave 1 of 2\n* Part 1 of 8: `bases/derived/Dockerfile`\n* Owned by `acme/d`\n\n" +
		"| service | exposure | change |\n| --- | --- | --- |\n| `bases/derived/Dockerfile` (base) | runtime | `1.0.0` → `1.0.2` (line 1) |\n\n" +
		"*runtime*: the base's layers are in the shipped image; *build*: it is only used to build it.\n\n"
	if first != want {
		t.Errorf("the first screen is:\n%s\nwant:\n%s", first, want)
	}
	if !strings.Contains(rest, "| `services/late/Dockerfile` | 2 | `docker.io/acme/derived:1.0.1` |") {
		t.Errorf("what waits for it is not in:\n%s", rest)
	}
	for branch, other := range texts {
		isOther := branch != "propagate/base-1.0--service-bases.derived"
		if isOther && strings.Contains(other.Body, "late/") || strings.Contains(other.Body, "odd") || strings.Contains(other.Body, "propagate/") {
			t.Errorf("%s says what is of others:\n%s", branch, other.Body)
		}
	}
	all := textsOf(t, estate(), bumper.AllInOne)["propagate/base-1.0"]
	for _, text := range []string{
		"goes from `1.0.0` and `1.0.1` to `1.0.2`: a patch.", "* Wave 1 of 2\n* Owned by `acme/d` and `acme/s`\n", "<summary>Waiting for a derived base: 1</summary>",
		"| `services/odd/Dockerfile:1:6` | `docker.io/acme/base` | `0.9.0` | level: `0.9.0 to 1.0.2 is a major step` |",
	} {
		if !strings.Contains(all.Body, text) {
			t.Errorf("no %q in:\n%s", text, all.Body)
		}
	}
	if strings.Contains(all.Body, "@") || strings.Contains(all.Body, "Part ") {
		t.Errorf("the body mentions somebody, or is a part:\n%s", all.Body)
	}
}
