package imageref_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/imageref"
)

func TestSchemes(t *testing.T) {
	for _, tc := range []struct{ scheme, tag, base, want string }{
		{"date", "2026-11-09", "", "2026-11-27"},
		{"date", "20261109", "", "20261127"},
		{"date", "2026.11.09", "", "2026.11.27"},
		{"date", "1.4.0-20261109-slim", "", "1.4.0-20261127-slim"},
		{"date", "trixie-20261109.2", "", "trixie-20261127.2"},
		{"date", "2026-11-27", "", ""},
		{"date", "2026-12-01", "", ""},
		{"date", "1.4.0", "", ""},
		{"date", "2026-1109", "", ""},
		{"date", "1202611091", "", ""},
		{"build-number", "9.8-1781496985", "", "9.8-1781496986"},
		{"build-number", "1.4.0-b009-jre", "", "1.4.0-b010-jre"},
		{"build-number", "latest", "", ""},
		{"{base}-{n}", "1.0.0-3", "1.0.1", "1.0.1-1"},
		{"{base}-{n}", "1.0.0-3", "1.0.0", "1.0.0-4"},
		{"{base}-{n}", "1.0.0-3", "", "1.0.0-4"},
		{"{base}-{n}", "1.0.0-slim-3", "1.0.1-slim", "1.0.1-slim-1"},
		{"v{base}+r{n}", "1.0.0-3", "1.0.1", ""},
		{"{n}.{base}", "3.1.0.0", "1.0.1", "1.1.0.1"},
	} {
		scheme, err := imageref.ParseScheme(tc.scheme)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := scheme.Next(tc.tag, tc.base, "2026-11-27")
		if got != tc.want && ok || ok != (tc.want != "") {
			t.Errorf("%s: %s on %q: %q %v, want %q", tc.scheme, tc.tag, tc.base, got, ok, tc.want)
		}
	}
	for _, text := range []string{"", "dates", "{base}", "{n}", "{base}-{base}-{n}"} {
		if _, err := imageref.ParseScheme(text); err == nil {
			t.Errorf("%q is a scheme", text)
		}
	}
}

func TestSchemesRelate(t *testing.T) {
	for _, tc := range []struct {
		scheme, from, to string
		want             imageref.Step
	}{
		{"", "117", "118", imageref.Major},
		{"build-number", "117", "118", imageref.Patch},
		{"build-number", "99", "118", imageref.Patch},
		{"build-number", "118", "99", imageref.Older},
		{"build-number", "118", "118", imageref.Same},
		{"build-number", "b009", "b10", imageref.Patch},
		{"build-number", "v1.42", "v1.43", imageref.Patch},
		{"build-number", "1.4.0-7", "1.5.0-7", imageref.Minor},
		{"build-number", "latest", "118", imageref.Moving},
		{"date", "2025.10.01", "2026.11.09", imageref.Patch},
		{"date", "2026.11.09", "2025.10.01", imageref.Older},
		{"date", "1.4.0-20261109", "1.5.0-20261109", imageref.Minor},
		{"{base}-{n}", "2.0-9", "2.0-11", imageref.Patch},
		{"{base}-{n}", "2.0-9", "2.1-1", imageref.Minor},
	} {
		var scheme imageref.Scheme
		if tc.scheme != "" {
			scheme, _ = imageref.ParseScheme(tc.scheme)
		}
		if got := scheme.Relate(tc.from, tc.to); got != tc.want {
			t.Errorf("%s: %s to %s is %s, want %s", tc.scheme, tc.from, tc.to, got, tc.want)
		}
	}
}
