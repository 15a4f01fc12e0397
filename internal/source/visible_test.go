package source_test

import (
	"testing"

	"github.com/matihlabs/propagate/internal/source"
)

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "services/äöü 名": "services/äöü 名", "a\nb\tc": "a<U+000A>b<U+0009>c", "\u202egnp.exe": "<U+202E>gnp.exe", "a\u200b\u2066\u00a0\ufeff": "a<U+200B><U+2066><U+00A0><U+FEFF>",
		"\u115f\u3164\u2800": "<U+115F><U+3164><U+2800>", "x\ufe0f\U000e0041": "x<U+FE0F><U+E0041>", "caf\xe9": "caf\ufffd", "e\u0301": "e\u0301",
	} {
		got := source.Visible(text)
		if got != want || source.Visible(got) != got {
			t.Errorf("%q reads %q, want %q", text, got, want)
		}
	}
}
