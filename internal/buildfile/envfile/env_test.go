package envfile

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/compose-spec/compose-go/v2/dotenv"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/trace/tracetest"
)

// A file that compose can read has the values that compose reads, but for those that
// are made of an environment or by a shell.
func FuzzReadEnv(f *testing.F) {
	tracetest.Seed(f, "../../../testdata/buildfiles/*/in/"+".env", func(src []byte) { f.Add(string(src)) })
	for _, src := range []string{
		"export  A = b c \nB: d # e\nC='$A' D=\"${A}\\n\\\"\\$A\\x\"\n",
		"A='it\\'s'\nB=\"\\\\\\\"\"\nC=\"two\nlines\" # c\nD=${A:-x}${B-y}${C:+z}$$\n",
		"A\nB=1\n#C=2\n =3\nD= #4\nE=a#b\n\xef\xbb\xbfF=\"\\0101\\07\"",
		"=''A=1\n", "A=${B:?no}\nB=$(date)\n", "A B=1\nC=2\n", "A=\"\nB=2\n", "A=\"x\" B C\nD=1",
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		var got map[string]trace.Text
		tracetest.Brief(t, func() { got = Read(trace.NewFile(".env", []byte(src))) })
		for name, value := range got {
			if tracetest.Placed(t, fstest.MapFS{".env": {Data: []byte(src)}}, value); name == "" {
				t.Errorf("%q has no name", value.S)
			}
		}
		if strings.ContainsAny(src, "`\uFFFD") || strings.Contains(src, "$(") || len(src) > MaxValue/8 {
			return
		}
		want, err := dotenv.UnmarshalWithLookup(strings.TrimPrefix(src, reading.ByteOrderMark), nil)
		if err != nil {
			return
		}
		for _, value := range got {
			if strings.Contains(value.S, reading.Unknown) {
				return // and whatever is made of it
			}
		}
		for name, value := range want {
			if name != "" && VariableName(name) == name && got[name].S != value {
				t.Errorf("%s is %q, to compose it is %q", name, got[name].S, value)
			}
		}
	})
}
