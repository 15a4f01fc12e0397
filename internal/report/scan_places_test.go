package report

import (
	"fmt"
	"slices"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// An entry has the places of all of its builds, and what the ARG defaults give where each build hands in something else.
func TestScanPlaces(t *testing.T) {
	build := func(path, value string) scanner.BuildConfig {
		text := trace.NewFile(path, []byte(value)).Text(0, len(value))
		return scanner.BuildConfig{Where: source.Pos{Path: path, Line: 1}, Args: []scanner.Arg{{Name: "V", Value: text}}}
	}
	const dockerfile = "ARG V=0.9\nFROM acme/base:$V\n"
	for _, tc := range []struct {
		builds                   []scanner.BuildConfig
		version, again, defaults string
	}{
		{nil, "app/Dockerfile 0.9", "", ""},
		{[]scanner.BuildConfig{build("a.yml", "1.0")}, "a.yml 1.0", "", "app/Dockerfile 0.9"},
		{[]scanner.BuildConfig{build("a.yml", "1.0"), build("b.yml", "1.0"), build("c.yml", "1.0")}, "a.yml 1.0", "b.yml 1.0, c.yml 1.0", "app/Dockerfile 0.9"},
	} {
		doc := NewScan("", scanner.ScanBuilds("app/Dockerfile", []byte(dockerfile), tc.builds), nil)
		if len(doc.Dockerfiles) != 1 {
			t.Fatalf("%d entries of %d builds", len(doc.Dockerfiles), len(tc.builds))
		}
		entry := doc.Dockerfiles[0]
		image := entry.Images[slices.IndexFunc(entry.Images, func(i ScanImage) bool { return i.Kind == "from" })]
		var defaults []ScanVersion
		for _, d := range entry.Defaults {
			defaults = append(defaults, d.Version...)
		}
		if got, want := []string{shown(image.Version), shown(image.Again), shown(defaults)}, []string{tc.version, tc.again, tc.defaults}; !slices.Equal(got, want) {
			t.Errorf("%d builds:\ngot  %q\nwant %q", len(tc.builds), got, want)
		}
	}
}

func shown(all []ScanVersion) (text string) {
	for i, v := range all {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %s", v.Path, v.Text)
	}
	return text
}
