package offers

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

var sample = Offers{
	Images: []Image{
		{Name: "base-java", Versions: []string{"1.0.0", "1.0.1"}, Made: true},
		{Name: "localhost:5000/base", Versions: []string{"2"}},
		{Name: "node"},
	},
	Paths: []string{"a/Dockerfile"},
}

// A reference is offered as far as it goes: the image, and then the version.
func TestReferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed string
		sign  byte
		want  []string
	}{
		{"", '@', []string{"base-java@", "localhost:5000/base@", "node@"}},
		{"", ':', []string{"base-java", "localhost:5000/base", "node"}},
		{"base-java@", '@', []string{"base-java@1.0.0", "base-java@1.0.1"}},
		{"base-java:1", ':', []string{"base-java:1.0.0", "base-java:1.0.1"}},
		{"localhost:5000/b", ':', []string{"base-java", "localhost:5000/base", "node"}},
		{"localhost:5000/base:", ':', []string{"localhost:5000/base:2"}},
		{"base@", '@', []string{"base@2"}},
		{"node@", '@', nil},
		{"elsewhere@", '@', nil},
	} {
		if got := sample.References(c.typed, c.sign); !slices.Equal(got, c.want) {
			t.Errorf("%q, %c: %q, want %q", c.typed, c.sign, got, c.want)
		}
	}
}

// What is kept is what is read again, and what is damaged is not there.
func TestRecord(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cache", "record")
	if got, ok := Load(path); ok {
		t.Errorf("nothing is kept, and %+v is read", got)
	}
	for range 2 {
		if err := sample.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok := Load(path); !ok || !reflect.DeepEqual(got, sample) {
		t.Errorf("what is read is %+v, %t", got, ok)
	}
	if err := os.Truncate(path, 20); err != nil {
		t.Fatal(err)
	}
	if got, ok := Load(path); ok {
		t.Errorf("of what is cut %+v is read", got)
	}
}
