package workflow

import "testing"

// A workflow is read for each of the actions that are known, and not for a checkout alone.
func TestUsesBuilder(t *testing.T) {
	for name := range buildActions {
		if !usesBuilder("    - uses: " + name + "@v1\n") {
			t.Errorf("a workflow that uses %s is not read", name)
		}
	}
	if usesBuilder("    - uses: actions/checkout@v4\n    - {uses: 'actions/setup-go@v5'}\n") {
		t.Error("a workflow that uses no builder is read")
	}
	if !usesBuilder("    - {uses: 'ko@v1'}\n") {
		t.Error("a workflow that uses ko is not read")
	}
}
