//go:build !race

package buildfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
)

// What is seen of a script without parsing it is seen in time, whatever the script is.
func TestHostileScriptsAreLookedThrough(t *testing.T) {
	numbered := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < reading.MaxFileSize; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, text := range []string{
		". $A%.0d\n", "A=x.sh\n. $A%.0d\n", "A%[1]d=x.sh\n. $A%[1]d\n", ".sh%.0d", "}.sh%.0d", "$.sh%.0d", ")$(a).sh%.0d", ". (%.0d", "a%d.sh ", "b%d-$n.sh ", "x}.sh%.0d",
		"source ./a%d\n", "{ .sh%.0d", "a.sh%.0d", " find . ! -name \\*.sh%.0d", "\"a\"/b.sh%.0d",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			relevant(map[string]*scriptWords{"a/x.sh": wordsOf(reading.Shell, []byte(numbered(text))), "b/y.sh": wordsOf(reading.Shell, []byte("x.sh\n"))})
			if took := time.Since(began); took > Hang { // it takes a tenth of a second
				t.Errorf("took %v", took)
			}
		})
	}
}
