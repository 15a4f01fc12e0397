package shell

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
)

// What is not followed, since it would be too much, is named.
func TestLimits(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"more builds than are kept", "for i in $(seq 600); do docker build -t reg/app:$i app; done\ndocker build -t reg/last app\n", "docker build is not read"},
		{"more rounds than are followed", "for i in {1..600}; do docker build -t reg/app:$i app; done\n", "docker build is not read for all of its values"},
		{"a long text in a loop", "yes() { :; }\nwhile read -r n v; do yes; docker build -t reg/$n:$v app; done <<E\n" + strings.Repeat("name 1.0.0\n", 20_000) + "E\n", "docker build is not read for all of its values"},
		{"many commands before", strings.Repeat("f 1\n", 200_000) + "docker build -t reg/app app\n", "docker build is not read"},
		{"many values", strings.Repeat("if x; then V=1$V; else V=2$V; fi\n", 12) + "docker build -t reg/app:$V app\n", "docker build is not read for all of its values"},
		{"few", "docker build -t reg/app app\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := trace.NewFile("x.sh", []byte(test.script))
			tree := reading.NewTree(fstest.MapFS{}, []string{"app/Dockerfile"})
			_, problems := Read(tree, f, Others{})
			var said []string
			for _, p := range problems {
				if p.Code == source.CodeBuildFileLimit || p.Code == source.CodeValueLimit {
					said = append(said, p.Message)
				}
			}
			if all := strings.Join(said, "; "); (all == "") != (test.want == "") || !strings.Contains(all, test.want) {
				t.Errorf("it says %q, want %q", all, test.want)
			}
		})
	}
}
