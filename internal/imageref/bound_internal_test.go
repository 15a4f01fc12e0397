package imageref

import (
	"fmt"
	"sync"
	"testing"
)

// What is kept of references and tags is bounded, however many are read.
func TestKeptIsBounded(t *testing.T) {
	for i := range maxParsed + 100 {
		if _, err := Parse(fmt.Sprintf("reg.example/a:1.0.%d", i)); err != nil {
			t.Fatal(err)
		}
		if tag, ok := ParseTag(fmt.Sprintf("2.0.%d", i)); !ok {
			t.Fatal(tag)
		}
	}
	for name, kept := range map[string]*sync.Map{"references": &parsed, "tags": &taken} {
		n := 0
		kept.Range(func(any, any) bool { n++; return true })
		if n == 0 || n > maxParsed {
			t.Errorf("%d %s are kept, of at most %d", n, name, maxParsed)
		}
	}
}
