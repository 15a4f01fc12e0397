package arch

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/matihlabs/propagate/internal/config"
)

const schedules = root + "/docs/schedule"

// The commands of the ready-made schedules are such as there are, with flags that they have. Module
// scheduletest holds the files to the formats that they are in.
func TestSchedules(t *testing.T) {
	s := newShell(t)
	files, err := filepath.Glob(schedules + "/*.y*ml")
	if err != nil || len(files) < 4 {
		t.Fatalf("there are %d files: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		commands := ""
		for _, document := range strings.Split(string(text), "\n---\n") {
			var node yaml.Node
			if err := yaml.Unmarshal([]byte(document), &node); err != nil {
				t.Fatalf("%s: %v", filepath.Base(file), err)
			}
			commands += calls(&node)
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			s.checkFlags(t, commands)
			if !strings.Contains(commands, "propagate run --if-due 2h") && !strings.Contains(commands, " run -C https://") {
				t.Errorf("nothing in it asks the registries:\n%s", commands)
			}
		})
	}
}

var called = regexp.MustCompile(`(?m)^ *propagate -*[a-z].*$`)

// calls returns what a document calls propagate with, a line each, be it in scripts or as lists of words.
func calls(node *yaml.Node) string {
	lines := strings.Join(called.FindAllString(node.Value, -1), "\n")
	if node.Kind == yaml.SequenceNode && len(node.Content) > 1 && path.Base(node.Content[0].Value) == "propagate" {
		words := []string{"propagate"}
		for _, word := range node.Content[1:] {
			words = append(words, word.Value)
		}
		lines = strings.Join(words, " ")
	}
	if lines != "" {
		lines += "\n"
	}
	for _, child := range node.Content {
		lines += calls(child)
	}
	return lines
}

// The configuration that the page of the schedules shows is one, and the page names every file.
func TestSchedulesPage(t *testing.T) {
	text, err := os.ReadFile(schedules + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(text), -1)
	if len(examples) != 1 {
		t.Fatalf("there are %d examples, want 1", len(examples))
	}
	if _, err := config.Parse("README.md", []byte(examples[0][1])); err != nil {
		t.Error(err)
	}
	named := regexp.MustCompile(`\]\(([a-z-]+\.ya?ml)\)`).FindAllStringSubmatch(string(text), -1)
	files, err := filepath.Glob(schedules + "/*.y*ml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !slices.ContainsFunc(named, func(m []string) bool { return m[1] == filepath.Base(file) }) {
			t.Errorf("the page does not name %s", filepath.Base(file))
		}
	}
	if len(named) != len(files) {
		t.Errorf("the page names %d files, and there are %d", len(named), len(files))
	}
}

// The commands of the recipes for pipelines are such as there are, with flags that they have.
func TestPipelinesPage(t *testing.T) {
	s := newShell(t)
	text, err := os.ReadFile(root + "/docs/pipelines.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?ms)^```(yaml|sh)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1)
	commands := ""
	for _, example := range examples {
		if example[1] == "sh" {
			commands += called.FindString(example[2]) + "\n"
			continue
		}
		var node yaml.Node
		if err := yaml.Unmarshal([]byte(example[2]), &node); err != nil {
			t.Fatal(err)
		}
		commands += calls(&node)
	}
	s.checkFlags(t, commands)
	for _, format := range []string{"bake", "gitlab", "azure"} {
		if !strings.Contains(commands, "-o "+format) {
			t.Errorf("nothing prints %s:\n%s", format, commands)
		}
	}
}
