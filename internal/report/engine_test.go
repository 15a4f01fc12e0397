package report

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A script gets each value as it is, whatever is in it.
func TestShellWords(t *testing.T) {
	t.Parallel()
	words := []string{"--build-arg", "A=plain-1.0/x:y@z", "B=it's $HOME `id` \"quoted\" \\", "C=two\nlines", "", "*"}
	out, err := exec.CommandContext(t.Context(), "sh", "-euc", "eval \"set -- $1\"; printf '%s\\0' \"$@\"", "sh", shellWords(words)).Output()
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); err != nil || !slices.Equal(got, words) {
		t.Errorf("the shell reads %q, want %q (%v)", got, words, err)
	}
}

// Names of a matrix of Azure Pipelines have what it takes, and are not alike.
func TestAzureNames(t *testing.T) {
	t.Parallel()
	taken := map[string]map[string]string{}
	for _, test := range []struct{ name, want string }{
		{"api", "api"}, {"api-v2", "api_v2"}, {"api_v2", "api_v2_2"}, {"2048", "build_2048"}, {"_x", "build__x"}, {strings.Repeat("a", 300), strings.Repeat("a", 90)},
		{strings.Repeat("a", 301), strings.Repeat("a", 90) + "_2"},
	} {
		got := azureName(test.name, taken)
		if taken[got] = map[string]string{}; got != test.want {
			t.Errorf("%s is called %s, want %s", test.name, got, test.want)
		}
	}
}

// Each text is read as it was from YAML in double quotes.
func TestYAMLText(t *testing.T) {
	t.Parallel()
	for _, want := range []string{"", "plain", "a: b # c", "\"\\'\n\t\r\x00\x1b", "é\u0085\u2028\x7f\u009f\ufeff<&>", "*x", "!!str"} {
		var got string
		if err := yaml.Unmarshal([]byte(yamlText(want)), &got); err != nil || got != want {
			t.Errorf("%q is read as %q (%v) from %s", want, got, err, yamlText(want))
		}
	}
}

// A job needs the jobs that it is based on; of more than GitLab allows it waits for the stage before it.
func TestGitLabNeeds(t *testing.T) {
	t.Parallel()
	jobs := Matrix{}
	var many []string
	for i := range mostNeeds + 1 {
		name := fmt.Sprintf("base-%02d", i)
		many = append(many, name)
		jobs.Include = append(jobs.Include, MatrixJob{Name: name, Wave: 1})
	}
	jobs.Include = append(jobs.Include,
		MatrixJob{Name: "few", Wave: 2, needs: []string{"base-01", "base-00", "base-01", "not-rebuilt"}},
		MatrixJob{Name: "most", Wave: 2, needs: many[:mostNeeds]}, MatrixJob{Name: "more", Wave: 2, needs: many})
	var b strings.Builder
	if err := jobs.writeGitLab(&b); err != nil {
		t.Fatal(err)
	}
	var pipeline map[string]any
	if err := yaml.Unmarshal([]byte(b.String()), &pipeline); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]any{"few": {"build:base-00", "build:base-01"}, "more": nil, "base-00": nil} {
		if got, _ := pipeline["build:"+name].(map[string]any)["needs"].([]any); !slices.Equal(got, want) {
			t.Errorf("%s needs %v, want %v", name, got, want)
		}
	}
	if got := pipeline["build:most"].(map[string]any)["needs"].([]any); len(got) != mostNeeds {
		t.Errorf("most needs %d jobs", len(got))
	}
}

// The script that jobs are built with calls docker with all that a job says.
func TestGitLabScript(t *testing.T) {
	t.Parallel()
	var file map[string]struct{ Script []string }
	if err := yaml.Unmarshal([]byte(gitLabBuild), &file); err != nil {
		t.Fatal(err)
	}
	script := strings.Join(file[".propagate-build"].Script, "\n")
	dir := t.TempDir()
	docker := "#!/bin/sh\nfor word; do printf '<%s>' \"$word\"; done\necho\nwhile [ $# -gt 0 ]; do if [ \"$1\" = --file ] && [ -n \"$INLINE\" ]; then cat \"$2\"; fi; shift; done\n"
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(docker), 0o700); err != nil {
		t.Fatal(err)
	}
	run := func(job MatrixJob) string {
		cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c", script)
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + string(filepath.ListSeparator) + os.Getenv("PATH"), "TMPDIR=" + dir}
		for name, value := range job.variables() {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		lines := strings.SplitN(string(out), "\n", 3)
		return lines[len(lines)-1]
	}
	full := run(MatrixJob{
		Name: "x", Path: "x/Dockerfile", Target: "prod", Args: map[string]string{"A": "two words", "B": "$HOME"}, Platforms: []string{"linux/amd64", "linux/arm64"}, Context: "x",
		Contexts: map[string]string{"src": "src"}, Tags: []string{"r/x:1", "r/x:2"}, Labels: map[string]string{"team": "it's"},
	})
	want := "<buildx><build><--file><x/Dockerfile><--target><prod><--platform><linux/amd64,linux/arm64><--tag><r/x:1><--tag><r/x:2><--push>" +
		"<--build-arg><A=two words><--build-arg><B=$HOME><--build-context><src=src><--label><team=it's><x>\n"
	if full != want {
		t.Errorf("docker is called with\n%swant\n%s", full, want)
	}
	if got := run(MatrixJob{Name: "y", Path: "y/Dockerfile", Context: "."}); got != "<buildx><build><--file><y/Dockerfile><.>\n" {
		t.Errorf("docker is called with %s", got)
	}
	if got := run(MatrixJob{Name: "z", Path: "compose.yaml#z", Inline: "FROM x\nRUN $y\n", Context: "."}); strings.Contains(got, "compose") || !strings.HasSuffix(got, "<.>\nFROM x\nRUN $y\n") {
		t.Errorf("docker is called with %s", got)
	}
}

// Pages hold each job once, and none beyond the last.
func TestMatrixPages(t *testing.T) {
	t.Parallel()
	m := Matrix{}
	for i := range 5 {
		m.Include = append(m.Include, MatrixJob{Wave: 1 + i/3})
	}
	for _, test := range []struct {
		of                  Matrix
		size                int
		pages, count, waves int
		jobs                []int
	}{
		{m, 2, 3, 5, 2, []int{2, 2, 1, 0}}, {m, 5, 1, 5, 2, []int{5, 0}}, {m.OfWave(1), 2, 2, 3, 1, []int{2, 1, 0}}, {m.OfWave(3), 2, 0, 0, 0, []int{0}},
	} {
		if got := test.of.Pages(test.size); got.Pages != test.pages || got.Count != test.count || got.Waves != test.waves {
			t.Errorf("of %d in pages of %d the pages are %+v", len(test.of.Include), test.size, got)
		}
		for i, want := range test.jobs {
			if got := test.of.Page(i+1, test.size).Include; len(got) != want || got == nil {
				t.Errorf("page %d of %d has %d jobs, want %d", i+1, len(test.of.Include), len(got), want)
			}
		}
	}
}
