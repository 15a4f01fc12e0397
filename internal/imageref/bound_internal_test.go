package imageref

import (
	"fmt"
	"sync"
	"testing"
)

// What is kept of references and tags is bounded, however many are read.
func TestKeptIsBounded(t *testing.T) {
	forget := func() {
		parsed.Clear()
		parsedCount.Store(0)
		taken.Clear()
		takenCount.Store(0)
	}
	forget()
	t.Cleanup(forget)
	for i := range maxParsed + 100 {
		if _, err := Parse(fmt.Sprintf("reg.example/a:1.0.%d", i)); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("2.0.%d", i)
		if _, ok := ParseTag(text); !ok {
			t.Fatal(text)
		}
	}
	for name, kept := range map[string]*sync.Map{"references": &parsed, "tags": &taken} {
		n := 0
		kept.Range(func(any, any) bool { n++; return true })
		if n != maxParsed {
			t.Errorf("%d %s are kept, want %d", n, name, maxParsed)
		}
	}
}
