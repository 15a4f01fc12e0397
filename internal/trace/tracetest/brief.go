package tracetest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// Brief fails the test where f takes far longer than the work of a second on a quiet machine. What
// takes long is compared with a work that is known, each time after it, so that it does not matter
// how fast the machine is and what else it does.
func Brief(t testing.TB, f func()) {
	t.Helper()
	const second = time.Second // below this nothing has to be compared
	began := time.Now()
	f()
	took := time.Since(began)
	const tries = 3
	for i := 1; took > second && i < tries; i++ {
		if took < most*known() {
			return
		}
		began = time.Now()
		f()
		took = time.Since(began)
	}
	if took > second && took >= most*known() {
		t.Errorf("it took %v, each of %d times", took, tries)
	}
}

// most is how often the known work may be done in the same time. It takes a tenth of a second.
const most = 20

// known does a work and returns how long it took.
func known() time.Duration {
	began := time.Now()
	const times = 40
	for range times {
		var v any
		if err := json.Unmarshal([]byte(knownText), &v); err != nil {
			panic(err) // it is no JSON
		}
	}
	return time.Since(began)
}

var knownText = "[" + strings.Repeat(`{"a": ["b", 1, null], "c": "d\n"}, `, 3000) + "0]"
