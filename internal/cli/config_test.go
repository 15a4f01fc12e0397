package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// However a directory is written, what lies below it is not edited; a pattern that fits
// nothing is noted, and is no failure.
func TestIgnoredDirectories(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"services/a", "services/a/", "./services/a/**", "/services/a/**", "services/a/Dockerfile"} {
		for _, dir := range []string{gittest.Init(t, with(small(), ".propagate.yaml", "ignore: ["+pattern+"]\n")), plain(t, with(small(), ".propagate.yaml", "ignore: ["+pattern+"]\n"))} {
			r := in(dir).run(t, "--base", "base@1.0.1", "--dry-run").want(t, 0)
			if strings.Contains(r.stdout, "services/a/") || !strings.Contains(r.stdout, "+FROM "+base+":1.0.1") || strings.Contains(r.stderr, "note:") {
				t.Errorf("%s: it prints\n%s%s", pattern, r.stdout, r.stderr)
			}
		}
	}
}

// What of the configuration fits nothing is said by each command as far as it knows.
func TestUnusedConfiguration(t *testing.T) {
	t.Parallel()
	const text = "ignore:\n- services/a\n- service/b\nimages:\n  services/b/Dockerfile: registry.example/team/unused\ntargets:\n  services/a: run\nversions:\n  nothing: 1.0.0\n"
	const files, images = "note: .propagate.yaml:3:3: ignore: service/b fits no Dockerfile [unused-setting]\n",
		"note: .propagate.yaml:5:26: images: no Dockerfile depends on registry.example/team/unused [unused-setting]\nnote: .propagate.yaml:7:15: targets: no Dockerfile that services/a fits has a stage run [unused-setting]\nnote: .propagate.yaml:9:3: versions: no Dockerfile here makes nothing [unused-setting]\n"
	for _, dir := range []string{gittest.Init(t, with(small(), ".propagate.yaml", text)), plain(t, with(small(), ".propagate.yaml", text))} {
		for _, args := range [][]string{{"scan"}, {"scan", "-o", "json"}, {"graph"}, {"graph", "--explain", "base"}, {"affected", "--base", "base"}, {"plan", "--base", "base@1.0.1"}, {"--base", "base@1.0.1", "--dry-run"}} {
			r := in(dir).run(t, args...).want(t, 0)
			want := files
			if args[0] != "scan" {
				want += images
			}
			var notes strings.Builder
			for line := range strings.Lines(r.stderr) {
				if strings.HasPrefix(line, "note: .propagate.yaml:") {
					notes.WriteString(line)
				}
			}
			if notes.String() != want {
				t.Errorf("%v: the notes are\n%s\nwant\n%s", args, notes.String(), want)
			}
			if r := in(dir).run(t, append(args, "--quiet")...).want(t, 0); strings.Contains(r.stderr, "note:") {
				t.Errorf("%v --quiet says %s", args, r.stderr)
			}
		}
	}
}

// What is committed is read. That the work tree has another configuration is said, and
// what to do about it.
func TestUncommittedConfiguration(t *testing.T) {
	t.Parallel()
	const ours = "ignore: [services/a]\n"
	for _, test := range []struct {
		name   string
		files  []string // of the commit, besides small
		change func(t *testing.T, dir string)
		args   []string
		want   string // of the first note, behind "note: "; "" for none
		hint   string
	}{
		{"committed", []string{".propagate.yaml", ours}, nil, nil, "", ""},
		{"CRLF", []string{".propagate.yaml", ours}, func(t *testing.T, dir string) {
			write(t, dir, ".propagate.yaml", strings.ReplaceAll(ours, "\n", "\r\n"))
		}, nil, "", ""},
		{"new", nil, func(t *testing.T, dir string) { write(t, dir, ".propagate.yaml", ours) }, nil,
			".propagate.yaml is in the work tree alone, and was not read: commit ", "hint: commit it, or try it as it is with --config DIR/.propagate.yaml\n"},
		{"staged", nil, func(t *testing.T, dir string) {
			write(t, dir, ".propagate.yaml", ours)
			gittest.Git(t, dir, "add", ".propagate.yaml")
		}, nil, ".propagate.yaml is in the work tree alone, and was not read: commit ", ""},
		{"changed", []string{".propagate.yaml", noLabels}, func(t *testing.T, dir string) { write(t, dir, ".propagate.yaml", ours) }, nil,
			".propagate.yaml is another in the work tree: that of commit ", "hint: commit it, or try it as it is with --config DIR/.propagate.yaml\n"},
		{"removed", []string{".propagate.yaml", noLabels}, func(t *testing.T, dir string) { remove(t, dir, ".propagate.yaml") }, nil,
			".propagate.yaml is not in the work tree: that of commit ", "hint: commit its removal, or restore it\n"},
		{"sparse", []string{".propagate.yaml", noLabels}, func(t *testing.T, dir string) {
			gittest.Git(t, dir, "sparse-checkout", "set", "--no-cone", "/services/")
		}, nil, "", ""},
		{"another revision", nil, func(t *testing.T, dir string) {
			gittest.Commit(t, dir, "configure", map[string]string{".propagate.yaml": ours})
		}, []string{"--ref", "HEAD~1"}, "", ""},
		{"another revision, and changed", nil, func(t *testing.T, dir string) {
			gittest.Commit(t, dir, "configure", map[string]string{".propagate.yaml": noLabels})
			write(t, dir, ".propagate.yaml", ours)
		}, []string{"--ref", "HEAD~1"}, ".propagate.yaml is in the work tree alone, and was not read: commit ", ""},
		{"another ending", []string{"propagate.yaml", ours}, nil, nil, "propagate.yaml is not read: the configuration is .propagate.yaml at the root\n", "hint: rename it, or name it with --config\n"},
		{"another ending, not committed", []string{".propagate.yaml", noLabels}, func(t *testing.T, dir string) { write(t, dir, ".propagate.yml", ours) }, nil, ".propagate.yml is not read: ", ""},
		{"in .github", []string{".github/propagate.yml", ours}, nil, nil, ".github/propagate.yml is not read: ", ""},
		{"named", []string{"propagate.yaml", noLabels}, func(t *testing.T, dir string) { write(t, dir, ".propagate.yaml", ours) }, []string{"--config", "DIR/propagate.yaml"}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := gittest.Init(t, with(small(), test.files...))
			if test.change != nil {
				test.change(t, dir)
			}
			for _, args := range [][]string{{"scan"}, {"scan", "-o", "json"}, {"graph"}, {"affected", "--base", "base"}, {"plan", "--base", "base@1.0.1"}, {"--base", "base@1.0.1", "--dry-run"}} {
				args = append(args, test.args...)
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "DIR", dir)
				}
				r := in(dir).run(t, args...).want(t, 0)
				_, got, _ := strings.Cut(r.stderr, "note: ")
				if (got != "") != (test.want != "") || !strings.HasPrefix(got, test.want) || !strings.Contains(got, strings.ReplaceAll(test.hint, "DIR", dir)) || strings.Count(got, "note: ") > 0 {
					t.Errorf("%v: it says %q\nwant note: %q, %q", args, r.stderr, test.want, test.hint)
				}
				if r := in(dir).run(t, append(args, "--quiet")...); strings.Contains(r.stderr, "note: ") {
					t.Errorf("%v --quiet says %s", args, r.stderr)
				}
			}
		})
	}
}

// The configuration is the one at the root, through links of the tree.
func TestWhereTheConfigurationIs(t *testing.T) {
	t.Parallel()
	const ours, others = "ignore: [services/a]\n", "ignore: [services/b]\n"
	ignores := func(t *testing.T, p program, ignored, edited string, args ...string) {
		t.Helper()
		r := p.run(t, append([]string{"--base", "base@1.0.1", "--dry-run"}, args...)...).want(t, 0)
		if strings.Contains(r.stdout, ignored) || !strings.Contains(r.stdout, edited) {
			t.Errorf("it prints\n%s%s", r.stdout, r.stderr)
		}
	}
	files := with(small(), ".propagate.yaml", ours, "services/.propagate.yaml", others)
	repo, dir := gittest.Init(t, files), plain(t, files)
	ignores(t, in(repo), "services/a/", "services/b/")
	ignores(t, in(filepath.Join(repo, "services")), "services/a/", "services/b/")
	in(filepath.Join(repo, "services")).run(t, "scan").want(t, 0).says(t, "note: services/.propagate.yaml is not read: the configuration is .propagate.yaml at the root\n")
	ignores(t, in(dir), "services/a/", "services/b/")
	linked := filepath.Join(t.TempDir(), "link")
	link(t, dir, linked)
	ignores(t, in(linked), "services/a/", "services/b/")
	// A plain directory below is one of its own.
	write(t, dir, "services/.propagate.yaml", "ignore: [b]\n")
	ignores(t, in(filepath.Join(dir, "services")), "b/b/Dockerfile", "b/a/Dockerfile")

	for _, dir := range []string{gittest.Init(t, with(small(), "ci/propagate.yaml", ours)), plain(t, with(small(), "ci/propagate.yaml", ours))} {
		link(t, "ci/propagate.yaml", filepath.Join(dir, ".propagate.yaml"))
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			gittest.Commit(t, dir, "link", nil)
		}
		ignores(t, in(dir), "services/a/", "services/b/")
		write(t, dir, "ci/propagate.yaml", "ignore: 3\n")
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			gittest.Commit(t, dir, "wrong", nil)
		}
		in(dir).run(t, "scan").want(t, 2).says(t, "propagate: ci/propagate.yaml:1:9: ignore takes a list")
	}
	out := plain(t, small())
	link(t, "../elsewhere.yaml", filepath.Join(out, ".propagate.yaml"))
	in(out).run(t, "scan").want(t, 2).says(t, "propagate: .propagate.yaml: it is a symbolic link that leads out of the repository\n")
}
