package scanner_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/scanner"
)

// docs/dockerfile-cases.md shows the cases that other readers of Dockerfiles get
// wrong, with propagate's answer as it is now; -update writes it.
func TestTableOfCases(t *testing.T) {
	data, err := os.ReadFile("../testdata/dockerfiles/peers.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	peers := []string{"renovate", "dependabot", "bashbrew", "acr", "dockerfile-json"}
	var b strings.Builder
	b.WriteString(`# Dockerfiles that are easy to misread

What readers of Dockerfiles make of the same small files, each in
[testdata/dockerfiles](../testdata/dockerfiles). The answers of propagate are made by a
test, which also holds them against BuildKit's own compiler; those of the others were
measured by running their parsers (Renovate, bashbrew, the scanner of ACR Tasks and
dockerfile-json), or their regular expression (Dependabot), in November 2026. *runtime*
ships, *build* is only used to build, *unreachable* is not even that.

| construct | propagate | Renovate | Dependabot | bashbrew | ACR Tasks | dockerfile-json |
| --- | --- | --- | --- | --- | --- | --- |
`)
	for _, row := range rows {
		src, err := os.ReadFile("../testdata/dockerfiles/" + row["case"] + ".Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		var answer []string
		for _, ref := range scanner.ScanFile("Dockerfile", src, "").Refs {
			name := strings.TrimPrefix(ref.Image.String(), "registry.example/team/")
			answer = append(answer, fmt.Sprintf("`%s` %s", name, ref.Exposure))
		}
		fmt.Fprintf(&b, "| [%s](../testdata/dockerfiles/%s.Dockerfile) | %s |", row["construct"], row["case"], strings.Join(answer, ", "))
		for _, peer := range peers {
			fmt.Fprintf(&b, " %s |", row[peer])
		}
		b.WriteByte('\n')
	}
	const page = "../docs/dockerfile-cases.md"
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Errorf("%s is not what the scanner answers now; go test ./scanner -update writes it:\n%s", page, b.String())
	}
}
