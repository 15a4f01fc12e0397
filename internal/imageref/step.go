package imageref

// A Step is what it means to go from one tag to another.
type Step uint8

// The steps, from the smallest to the largest of those that go up. The ones
// before Patch never lead to an edit.
const (
	Variant Step = iota // another scheme: the two do not compare
	Older               // the target is older than what is there
	Same                // nothing to do
	Moving              // the tag that is there follows the target by itself: "1.25" for "1.25.3", "latest" for all
	Patch               // the third number or a later one differs, or a pre-release becomes its release
	Minor               // the second number differs
	Major               // the first number differs
)

// String returns the name of the step in lower case.
func (s Step) String() string {
	return [...]string{"variant", "older", "same", "moving", "patch", "minor", "major"}[s]
}

// ParseLevel reads "patch", "minor" or "major".
func ParseLevel(s string) (Step, bool) {
	for _, step := range []Step{Patch, Minor, Major} {
		if step.String() == s {
			return step, true
		}
	}
	return 0, false
}

// Relate says what the step from the tag current to the tag target is. An empty
// current is the tag "latest", as the reference rules have it.
func Relate(current, target string) Step {
	if current == target {
		return Same
	}
	to, okTarget := ParseTag(target)
	if current == "" || current == "latest" {
		if to.Pre != "" {
			return Variant // what moves with releases does not move with what comes before them
		}
		return Moving
	}
	from, ok := ParseTag(current)
	if !ok || !okTarget {
		return Variant
	}
	if from.moves(to) {
		return Moving
	}
	if !from.SameScheme(to) {
		return Variant
	}
	switch c := from.Compare(to); {
	case c > 0:
		return Older
	case c == 0:
		return Same
	case to.Pre != "" && from.Pre == "":
		return Variant
	}
	for i := range from.Numbers {
		if compareNumbers(from.Numbers[i], to.Numbers[i]) != 0 {
			return [...]Step{Major, Minor, Patch}[min(i, 2)]
		}
	}
	return Patch
}

// moves reports whether t, having fewer numbers, names the line that to is on.
func (t Tag) moves(to Tag) bool {
	if t.Prefix != to.Prefix || t.Suffix != to.Suffix || t.Pre != "" || to.Pre != "" || len(t.Numbers) >= len(to.Numbers) {
		return false
	}
	for i, number := range t.Numbers {
		if compareNumbers(number, to.Numbers[i]) != 0 {
			return false
		}
	}
	return true
}
