package cli_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// The command line or the configuration is wrong: status 2, what is wrong, and
// nothing on standard output.
func TestWrongCommandLines(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(matih(t), "services/other/Dockerfile", "FROM mirror.example/matih/base-java:1.0.0\n", "CODEOWNERS", ""))
	tree := gittest.Git(t, dir, "rev-parse", "HEAD:services")
	gittest.Git(t, dir, "tag", "-a", "-m", "a file", "readme", "HEAD:README.md")
	before := everything(t, dir)
	digest := "sha256:" + strings.Repeat("0", 64)
	for _, test := range []struct {
		name string
		args []string
		want string // the error, without "propagate: "
		hint string // the beginning of the hint
	}{
		{"unknown base", []string{"--base", "base-jva@1.0.1"}, "--base base-jva@1.0.1: no Dockerfile depends on an image of this name",
			"the nearest names are matihlabsacr.azurecr.io/matih/base-java, "},
		{"unknown base, nothing near", []string{"--base", "zookeeper@3.9.1"}, "--base zookeeper@3.9.1: no Dockerfile depends on an image of this name",
			"propagate graph lists the images"},
		{"part of a component", []string{"--base", "java@1.0.1"}, "--base java@1.0.1: no Dockerfile depends on an image of this name", "the nearest names are "},
		{"name of several repositories", []string{"--base", "base-java@1.0.1"},
			"--base base-java@1.0.1: the name fits several images: matihlabsacr.azurecr.io/matih/base-java, mirror.example/matih/base-java", "write more of its path"},
		{"components of several repositories", []string{"plan", "--base", "matih/base-java@1.0.1"}, "--base matih/base-java@1.0.1: the name fits several images: ", "write more"},
		{"tag that is no version", []string{"--base", "base-node@sha-3f2a9c1d"}, `--base base-node@sha-3f2a9c1d: the tag "sha-3f2a9c1d" is no version`, "name the digest"},
		{"one tag, two digests", []string{"--base", "base-node@latest@sha256:" + strings.Repeat("a", 64), "--base", "base-node@latest@sha256:" + strings.Repeat("b", 64)}, "--base base-node@latest@sha256:" + strings.Repeat("b", 64) + ": matihlabsacr.azurecr.io/matih/base-node is given with two versions", "two lines or flavours"},
		{"no version", []string{"--base", "base-node"}, "--base base-node: it has no version", "IMAGE@VERSION, for example base-node@1.0.1"},
		{"empty version", []string{"affected", "--base", "base-node@"}, "--base base-node@: it has no version", "IMAGE@VERSION"},
		{"no image", []string{"--base", "@1.0.1"}, "--base @1.0.1: it names no image", "IMAGE@VERSION"},
		{"empty", []string{"--base", ""}, "--base '': it names no image", "IMAGE@VERSION"},
		{"short digest", []string{"--base", "base-node@sha256:abc"}, `--base base-node@sha256:abc: "sha256:abc" is no digest`, "sha256: and 64 hexadecimal digits"},
		{"two tags", []string{"--base", "base-node@1.0.1@1.0.2"}, "--base base-node@1.0.1@1.0.2: ", "a version is a tag, a digest"},
		{"two digests", []string{"--base", "base-node@" + digest + "@" + digest}, "--base base-node@" + digest, "a version is a tag, a digest"},
		{"impossible tag", []string{"--base", "base-node@1.0 1"}, `--base base-node@1.0 1: "1.0 1" is no valid tag`, ""},
		{"one base in two versions", []string{"--base", "base-node@1.0.1", "--base", "matih/base-node@1.0.2"},
			"--base matih/base-node@1.0.2: matihlabsacr.azurecr.io/matih/base-node is given with two versions", "two lines or flavours"},
		{"a version to move from before any base", []string{"--from", "1.0.0", "--base", "base-java@1.0.1"}, "--from 1.0.0: it stands before any --base: put it behind the one that it is for", "--base IMAGE@NEW --from OLD"},
		{"a version to move from that is none", []string{"--base", "base-java@1.0.1", "--from", "a b"}, "--from a b: \"a b\" is no version: a tag, or sha256: and 64 hexadecimal digits", "--base IMAGE@NEW"},
		{"one version to move to two", []string{"--base", "base-node@1.0.1", "--from", "1.0.0", "--base", "base-node@1.0.2", "--from", "1.0.0"}, "--base base-node@1.0.2: matihlabsacr.azurecr.io/matih/base-node is given with two versions", "two lines or flavours"},
		{"no base", []string{"plan"}, "--base: none is given", "--base IMAGE@VERSION"},
		{"no base for the main job", []string{"--dry-run"}, "--base: none is given", "--base IMAGE@VERSION"},
		{"no base to be affected by", []string{"affected"}, "--base: none is given", "--base IMAGE@VERSION"},

		{"level", []string{"--base", "base-node@1.0.1", "--level", "huge"}, "--level huge: ", "patch, minor or major"},
		{"level of affected", []string{"affected", "--base", "base-node@1.0.1", "--level", ""}, "--level : ", "patch, minor or major"},
		{"group", []string{"--base", "base-node@1.0.1", "--group", "moon"}, "--group moon: ", "service, directory, team, wave or all"},
		{"fewer than no pull requests", []string{"--base", "base-node@1.0.1", "--max-prs=-1"}, "--max-prs -1: it is a number of pull requests", "0 sets no limit"},
		{"pull requests that are no number", []string{"--base", "base-node@1.0.1", "--max-prs", "few"}, `invalid argument "few" for "--max-prs" flag: it is a whole number`, "propagate --help"},
		{"pull requests that are none", []string{"--base", "base-node@1.0.1", "--publish", "files", "--max-prs", "3"}, "--max-prs, --publish files: they exclude each other", "it is about pull requests"},
		{"a wait without a unit", []string{"--base", "base-node@1.0.1", "--max-wait", "10"}, `invalid argument "10" for "--max-wait" flag: it is a time`, "a time has a unit: 90s, 10m, 1h"},
		{"a wait back in time", []string{"--base", "base-node@1.0.1", "--max-wait", "-10m"}, "--max-wait -10m0s: it is a time to wait", "such as 10m"},
		{"a local branch to make anew", []string{"--base", "base-node@1.0.1", "--publish", "branch", "--recreate", "propagate/x"}, "--recreate, --publish branch: they exclude each other", "it is about pull requests"},
		{"publish", []string{"--base", "base-node@1.0.1", "--publish", "fax"}, "--publish fax: ", "auto, pr, push, branch or files"},
		{"output", []string{"-o", "yaml", "scan"}, "--output yaml: propagate scan has no such format", "the formats are text, json"},
		{"output of another command", []string{"scan", "-o", "paths"}, "--output paths: propagate scan has no such format", "the formats are text, json"},
		{"output of affected", []string{"affected", "--base", "base-node", "-o", "xml"}, "--output xml: propagate affected has no such format", "the formats are text, json, paths, github-matrix, bake, gitlab, azure"},
		{"a page of no matrix", []string{"affected", "--base", "base-node", "-o", "bake", "--page", "1"}, "--page: it is for -o github-matrix", "leave it out"},
		{"a wave of no matrix", []string{"affected", "--base", "base-node", "--wave", "1"}, "--wave: it is for -o github-matrix", "leave it out"},
		{"a page before the first", []string{"affected", "--base", "base-node", "-o", "github-matrix", "--page", "0"}, "--page 0: it is a number from 1", "without --page all are printed"},
		{"a wave before the first", []string{"affected", "--base", "base-node", "-o", "github-matrix", "--wave=-1"}, "--wave -1: it is a number from 1", "without --wave all are printed"},
		{"a page and how many", []string{"affected", "--base", "base-node", "-o", "github-matrix", "--page", "1", "--pages"}, "--pages: it counts the pages", "use one of them"},
		{"format of the graph", []string{"graph", "--format", "gif"}, "--format gif: ", "text, dot, mermaid, svg, png, html, json"},
		{"file of the graph", []string{"graph", "-o", "graph.gif"}, "--output graph.gif: propagate graph has no such format", "the formats are text, json; a file ends in .dot, .html, .json, .mmd, .png, .svg, .txt"},
		{"file of another form", []string{"graph", "-o", "graph.svg", "--format", "html"}, "--output graph.svg, --format html: the file is for svg", "leave --format out"},
		{"file of a scan", []string{"scan", "-o", "scan.json"}, "--output scan.json: propagate scan has no such format", "the formats are text, json"},
		{"base without a picture", []string{"graph", "--base", "base-node"}, "--base base-node: a graph as text highlights nothing", "--format html, svg or png"},
		{"nothing to open", []string{"graph", "--open", "--format", "dot"}, "--open: there is no picture to open", "--format html"},
		{"a base that is none", []string{"graph", "--format", "svg", "--base", "base-node@"}, "--base base-node@: it has no version", ""},
		{"explain in a file", []string{"graph", "--explain", "base-node", "-o", "graph.svg"}, "--explain: it explains in words", ""},
		{"image to be explained", []string{"graph", "--explain", "base-nod"}, "--explain base-nod: ", "the nearest names are matihlabsacr.azurecr.io/matih/base-node"},
		{"quiet and verbose", []string{"scan", "--quiet", "--verbose"}, "--quiet, --verbose: they exclude each other", ""},
		{"unknown flag", []string{"scan", "--fast"}, "unknown flag: --fast", "propagate scan --help"},
		{"unknown short flag", []string{"-z"}, "unknown shorthand flag: 'z'", "propagate --help"},
		{"flag without its value", []string{"--base"}, "flag needs an argument: --base", "--base IMAGE@VERSION; propagate --help"},
		{"flag with a wrong value", []string{"scan", "--strict=perhaps"}, `invalid argument "perhaps" for "--strict" flag: it is true or false`, "propagate scan --help"},
		{"unknown command that is like one", []string{"affcted"}, "affcted: there is no such command", "did you mean affected?"},
		{"unknown command", []string{"xyzzy"}, "xyzzy: there is no such command", "propagate --help lists the commands"},
		{"argument where there is none", []string{"scan", "services"}, `propagate scan: "services" is one argument too many`, "propagate scan --help"},
		{"flag that is like one", []string{"--bsae", "x"}, "unknown flag: --bsae", "did you mean --base?"},
		{"flag two letters of which are wrong", []string{"--bbss", "x"}, "unknown flag: --bbss", "did you mean --base?"},
		{"flag three letters of which are wrong", []string{"--quxyz"}, "unknown flag: --quxyz", "propagate --help"},
		{"short name that is like no flag", []string{"--rx"}, "unknown flag: --rx", "propagate --help"},
		{"command three letters of which are wrong", []string{"scxyz"}, "scxyz: there is no such command", "propagate --help lists the commands"},
		{"beginning of a flag", []string{"--dry"}, "unknown flag: --dry", "did you mean --dry-run?"},
		{"command with letters swapped", []string{"plna"}, "plna: there is no such command", "did you mean plan?"},
		{"unknown command with flags", []string{"plna", "--explain", "x"}, "plna: there is no such command", "did you mean plan?"},
		{"help of no command", []string{"help", "affcted"}, "affcted: there is no such command", "did you mean affected?"},
		{"help of nothing like a command", []string{"help", "xyzzy"}, "xyzzy: there is no such command", "propagate --help lists the commands"},
		{"help of more than a command", []string{"help", "scan", "services"}, "scan services: there is no such command", ""},
		{"unknown shell", []string{"completion", "nope"}, "propagate completion nope: there is no such shell", "bash, zsh, fish or powershell"},
		{"no shell", []string{"completion"}, "propagate completion: it names no shell", "bash, zsh, fish or powershell"},
		{"two shells", []string{"completion", "bash", "zsh"}, `propagate completion: "zsh" is one argument too many`, ""},
		{"format of a completion", []string{"completion", "bash", "-o", "json"}, "--output json: propagate completion has no such format", "the formats are text"},

		{"explain and format", []string{"graph", "--explain", "base-node", "--format", "dot"}, "--explain, --format dot: they exclude each other", "-o json explains as JSON"},
		{"output and format", []string{"graph", "-o", "json", "--format", "dot"}, "--output json, --format dot: they exclude each other", "--format alone"},
		{"format and output", []string{"graph", "-o", "text", "--format", "json"}, "--output text, --format json: they exclude each other", "--format alone"},
		{"explain nothing", []string{"graph", "--explain", ""}, "--explain: it names no image", "a repository"},
		{"atomic and group", []string{"plan", "--base", "base-node@1.0.1", "--atomic", "--group", "service"}, "--atomic, --group service: they exclude each other", "--atomic makes one"},
		{"version and base", []string{"--version", "--base", "base-node@1.0.1"}, "--version, --base: they exclude each other", ""},
		{"version and dry run", []string{"--version", "--dry-run"}, "--version, --dry-run: they exclude each other", ""},
		{"demo of a repository", []string{"demo"}, "--repo: propagate demo makes a repository of its own", "--dir says where"},
		{"files of another revision, tried out", []string{"--base", "base-node@1.0.1", "--dry-run", "--publish", "files", "--ref", "HEAD~0"}, "--publish files: the work tree holds HEAD", "leave --ref out"},

		{"revision that is the id of a tree", []string{"scan", "--ref", tree}, tree + ": it is a tree, not a commit", "a branch, a tag, a commit id"},
		{"revision that is a tag of a file", []string{"scan", "--ref", "readme"}, "readme: it is a blob, not a commit", "a branch, a tag, a commit id"},
		{"unknown revision", []string{"scan", "--ref", "v9"}, "v9: unknown revision", "`git branch --all`"},
		{"revision before the first", []string{"scan", "--ref", "HEAD~7"}, "HEAD~7: ", ""},
		{"revision that is a tree", []string{"scan", "--ref", "HEAD^{tree}"}, `"HEAD^{tree}": unknown revision`, "a branch, a tag, a commit id"},
		{"revision that is a range", []string{"scan", "--ref", "a..b"}, `"a..b": unknown revision`, "a branch, a tag, a commit id"},
		{"missing configuration", []string{"scan", "--config", "nowhere.yaml"}, "--config nowhere.yaml: there is no such file", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			wrong(t, in(dir).run(t, test.args...), test.want, test.hint)
		})
	}
	if got := differences(before, everything(t, dir)); len(got) > 0 {
		t.Errorf("the runs changed %v", got)
	}
}

// wrong checks the two lines of an error with status 2.
func wrong(t *testing.T, r result, want, hint string) {
	t.Helper()
	r.want(t, 2)
	first, second, _ := strings.Cut(r.stderr, "\n")
	if !strings.HasPrefix(first, "propagate: "+want) {
		t.Errorf("the error is %q, want %q", first, "propagate: "+want)
	}
	if hint != "" && !strings.HasPrefix(second, "hint: "+hint) {
		t.Errorf("the hint is %q, want %q", second, "hint: "+hint)
	}
	if strings.Count(r.stderr, "\n") > 2 {
		t.Errorf("there is more than an error and a hint: %s", r.stderr)
	}
}

// A branch that is to be made anew is that of a change; what is there beside one that a person holds has
// a number behind it.
func TestBranchesToMakeAnew(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	branch := document[planDocument](t, in(dir).run(t, "plan", "--base", "base@1.0.1", "-o", "json").want(t, 0)).Changes[0].Branch
	args := []string{"--base", "base@1.0.1", "--dry-run", "--recreate"}
	wrong(t, in(dir).run(t, append(args, branch[:len(branch)-1])...), "--recreate "+branch[:len(branch)-1]+": no change of this run is for this branch", "the branches are "+branch)
	in(dir).run(t, append(args, branch)...).want(t, 0)
	in(dir).run(t, append(args, branch+"-2")...).want(t, 0)
	in(dir).run(t, append(args, branch, "--recreate", branch+"-3")...).want(t, 0)
}

func TestWrongDirectories(t *testing.T) {
	t.Parallel()
	dir := plain(t, small())
	missing := filepath.Join(dir, "nowhere")
	wrong(t, in(missing).run(t, "scan"), "-C "+missing+": no such directory", "check the path")
	file := filepath.Join(dir, "README.md")
	wrong(t, in(file).run(t, "scan"), "-C "+file+": is a file", "name the directory")
	wrong(t, in(dir).run(t, "scan", "--ref", "main"), "--ref main: "+dir+" is in no git repository", "a plain directory is read as it is")
	for _, way := range []string{"auto", "branch", "pr"} {
		what := "--publish " + way + ": " + dir + " is"
		if way == "auto" { // nobody need have typed it
			what = dir + ": it is"
		}
		wrong(t, in(dir).run(t, "--base", "base@1.0.1", "--publish", way), what+" in no git repository", "--publish files")
	}
}

func TestWrongConfiguration(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, config, want string }{
		{"unknown key", "labels: []\nlabel: x\n", ".propagate.yaml:2:1: unknown key label\nhint: did you mean labels? the keys are "},
		{"unknown key inside", "dockerfiles:\n  includes: [a]\n", ".propagate.yaml:2:3: unknown key includes of dockerfiles\nhint: did you mean include? "},
		{"no YAML", "labels: [\n", ".propagate.yaml:"},
		{"tab", "dockerfiles:\n\tinclude: []\n", ".propagate.yaml:2:1: a tab is no indentation\n"},
		{"wrong type", "# wrong\nlabels: {a: b}\n", ".propagate.yaml:2:9: labels takes a list, "},
		{"unknown group", "# wrong\n\ngroup: teem\n", `.propagate.yaml:3:8: group "teem" is none of `},
		{"broken pattern", "ignore: ['services/[']\n", `.propagate.yaml:1:10: ignore: "services/[" is no valid pattern`},
		{"image with a tag", "images:\n  a/Dockerfile: registry.example/a:1.0\n", `.propagate.yaml:2:17: images: "registry.example/a:1.0" is no repository`},
		{"image that is none", "images:\n  b/Dockerfile: ok\n  a/Dockerfile: Not An Image\n", `.propagate.yaml:3:17: images: "Not An Image" is no repository`},
		{"two at once", "ignore: 3\nlabel: x\n", ".propagate.yaml:1:9: ignore takes a list, not the number 3\nhint: put it in brackets: ignore: [3]\npropagate: .propagate.yaml:2:1: unknown key label\n"},
		{"list", "- a\n", ".propagate.yaml:1:1: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := with(small(), ".propagate.yaml", test.config)
			for _, dir := range []string{gittest.Init(t, files), plain(t, files)} {
				for _, args := range [][]string{{"scan"}, {"--base", "base@1.0.1", "--publish", "files"}} {
					r := in(dir).run(t, args...).want(t, 2)
					if !strings.HasPrefix(r.stderr, "propagate: "+test.want) {
						t.Errorf("the error is %q, want %q", r.stderr, "propagate: "+test.want)
					}
				}
			}
			// Another one can be named instead.
			other := filepath.Join(plain(t, map[string]string{"good.yaml": noLabels}), "good.yaml")
			in(gittest.Init(t, files)).run(t, "scan", "--config", other).want(t, 0)
		})
	}
}

func TestNoOwners(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, small())
	wrong(t, in(dir).run(t, "--base", "base@1.0.1", "--group", "team"), "--group team: there is no CODEOWNERS file", "it lies at .github/CODEOWNERS")
	dir = gittest.Init(t, with(small(), ".propagate.yaml", "group: team\n"))
	wrong(t, in(dir).run(t, "--base", "base@1.0.1"), ".propagate.yaml:1:8: group team: there is no CODEOWNERS file", "it lies at .github/CODEOWNERS")
}

// invocations returns the arguments of every call of propagate in a text of examples.
func invocations(text string) [][]string {
	var all [][]string
	for line := range strings.Lines(text) {
		if _, call, ok := strings.Cut(line, "propagate "); ok {
			for _, end := range []string{"   ", " |", " >", ")"} {
				call, _, _ = strings.Cut(call, end)
			}
			all = append(all, strings.Fields(call))
		}
	}
	return all
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--help"}, {"help"}} {
		r := program{}.run(t, args...).want(t, 0)
		for _, command := range []string{"affected", "demo", "graph", "plan", "scan", "version", "completion"} {
			if !strings.Contains(r.stdout, "\n  "+command+" ") {
				t.Errorf("propagate %v does not name %s: %s", args, command, r.stdout)
			}
		}
	}
	for _, command := range []string{"affected", "demo", "graph", "init", "plan", "scan", "version"} {
		if r := (program{}).run(t, command, "--help").want(t, 0); !strings.Contains(r.stdout, "Usage:\n  propagate "+command) {
			t.Errorf("%s --help prints %s", command, r.stdout)
		}
	}
	// -o is said to take what it takes, and every example is a command line that there is.
	for command, formats := range map[string]string{
		"": "text, json", "affected": "text, json, paths, github-matrix, bake, gitlab, azure", "demo": "text, json", "graph": "text, json; or a file, such as graph.html, graph.svg or graph.png", "plan": "text, json",
		"scan": "text, json", "version": "text, json", "completion": "text", "help": "text",
	} {
		args := append(strings.Fields(command), "--help")
		help := (program{}).run(t, args...).want(t, 0).stdout
		if !strings.Contains(help, "format of the output: "+formats+" (default") {
			t.Errorf("propagate %v does not say that -o takes %s: %s", args, formats, help)
		}
		_, examples, _ := strings.Cut(help, "\nExamples:\n")
		examples, _, _ = strings.Cut(examples, "\n\n")
		found := invocations(examples)
		if len(found) == 0 {
			t.Errorf("propagate %v has no example: %s", args, help)
		}
		for _, call := range found {
			(program{}).start(t, append(call, "--help")...).want(t, 0)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if r := (program{}).run(t, "completion", shell).want(t, 0); !strings.Contains(r.stdout, "propagate") {
			t.Errorf("completion %s prints %q", shell, r.stdout)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	r := program{}.run(t, "version").want(t, 0)
	if flag := (program{}).run(t, "--version").want(t, 0); flag.stdout != r.stdout {
		t.Errorf("--version prints %q, version %q", flag.stdout, r.stdout)
	}
	if flag, command := (program{}).run(t, "--version", "-o", "json").want(t, 0), (program{}).run(t, "version", "-o", "json"); flag.stdout != command.stdout {
		t.Errorf("--version -o json prints %q", flag.stdout)
	}
	if !strings.HasPrefix(r.stdout, "propagate dev ") || strings.Count(r.stdout, "\n") != 1 {
		t.Errorf("it prints %q", r.stdout)
	}
}
