package imageref_test

import (
	"math/rand/v2"
	"testing"

	"github.com/matihlabs/propagate/internal/imageref"
)

// tags draws tags of few words and few numbers, so that pairs of one scheme are frequent.
type tags struct{ *rand.Rand }

func (r tags) pick(of ...string) string { return of[r.IntN(len(of))] }

func (r tags) number() string { return r.pick("0", "1", "2", "9", "10", "010", "21") }

func (r tags) dotted() string {
	text := r.number()
	for range r.IntN(4) {
		text += "." + r.number()
	}
	return text
}

func (r tags) draw() string {
	text := r.pick("", "", "", "v", "noble-", "jammy-", "fpm-", "jdk", r.number()+"-", "go1."+r.number()+"-", "RELEASE.", "x86_64-", "rhel-9-", "rhel_8_")
	text += r.pick(r.dotted(), r.dotted(), r.number()+"."+r.number()+"."+r.number(), "2026-11-0"+r.pick("1", "9"), "2026010"+r.pick("1", "2", "2.1"), "0a1b2c"+r.pick("3", "4"), "latest", "8u39"+r.pick("2", "3"))
	text += r.pick("", "", "", "-rc.1", "-rc.2", "b1", "-beta.1")
	text += r.pick("", "", "-alpine", "-alpine3.19", "-alpine3.20", "-bookworm", "-trixie", "-debian-9", "-slim", "-jdk"+r.number(), "-go1.2"+r.pick("1", "2", "2.3"), "_p1")
	text += r.pick("", "", "", "-"+r.number(), "-r"+r.number(), "-ls"+r.number(), ".0", "-178149698"+r.pick("5", "6"), "-2026110"+r.pick("1", "2"), "-0a1b2c"+r.pick("3", "4"), "-12.1698062273", "-amd64", "-99999")
	if r.IntN(50) == 0 { // and what nobody writes
		for range r.IntN(4) {
			at := r.IntN(len(text) + 1)
			text = text[:at] + r.pick("-", ".", "_", "v", "rc", "7", "x", "alpine", "u", "b", "é", "\x01", "bookworm") + text[at:]
		}
	}
	return text
}

// TestOrder holds for tags of every form: within a scheme they have one order, across schemes
// none, and Relate says the same from both sides.
func TestOrder(t *testing.T) {
	random := tags{rand.New(rand.NewPCG(13, 6))}
	seen := map[imageref.Step]int{}
	for range 30000 {
		a, b, c := random.draw(), random.draw(), random.draw()
		if random.IntN(2) == 0 { // of one scheme, most likely
			b = mutate(random, a)
			c = mutate(random, b)
		}
		there, back := imageref.Relate(a, b), imageref.Relate(b, a)
		seen[there]++
		seen[back]++
		ta, okA := imageref.ParseTag(a)
		tb, okB := imageref.ParseTag(b)
		for text, tag := range map[string]imageref.Tag{a: ta, b: tb} {
			if tag.Text != "" && (tag.Text != text || tag.String() != text) {
				t.Fatalf("%q is printed as %q", text, tag.String())
			}
		}
		toPre := okB && tb.Pre != "" && ta.Pre == ""
		fromPre := okA && ta.Pre != "" && tb.Pre == ""
		switch {
		case there >= imageref.Patch && back != imageref.Older,
			there == imageref.Older && back < imageref.Patch && !fromPre,
			there == imageref.Older && back != imageref.Variant && back < imageref.Patch,
			there == imageref.Moving && back != imageref.Variant,
			(there == imageref.Same) != (back == imageref.Same),
			there >= imageref.Patch && toPre:
			t.Fatalf("%q to %q is %v, and back %v", a, b, there, back)
		}
		if !okA || !okB {
			continue
		}
		same := ta.SameScheme(tb)
		if !same && a != b && there != imageref.Variant && there != imageref.Moving {
			t.Fatalf("%q and %q are of two schemes, and the step is %v", a, b, there)
		}
		if same != tb.SameScheme(ta) {
			t.Fatalf("%q and %q: the scheme is one from one side alone", a, b)
		}
		if next, ok := ta.Next(); ok {
			tn, _ := imageref.ParseTag(next)
			if step := imageref.Relate(a, next); step != imageref.Patch || !ta.SameFlavour(tn) {
				t.Fatalf("%q to its next %q is %v", a, next, step)
			}
		}
		if !same {
			continue
		}
		order := ta.Compare(tb)
		if order != -tb.Compare(ta) || there >= imageref.Patch && order >= 0 || there == imageref.Older && order <= 0 {
			t.Fatalf("%q to %q is %v, and Compare says %d and %d", a, b, there, order, tb.Compare(ta))
		}
		tc, ok := imageref.ParseTag(c)
		if !ok || !tb.SameScheme(tc) {
			continue
		}
		if !ta.SameScheme(tc) {
			t.Fatalf("%q, %q and %q are of one scheme in pairs alone", a, b, c)
		}
		if order <= 0 && tb.Compare(tc) <= 0 && ta.Compare(tc) > 0 || order >= 0 && tb.Compare(tc) >= 0 && ta.Compare(tc) < 0 {
			t.Fatalf("the order of %q, %q and %q is none", a, b, c)
		}
	}
	for step := imageref.Variant; step <= imageref.Major; step++ {
		if seen[step] < 100 {
			t.Errorf("only %d of the pairs are %v", seen[step], step)
		}
	}
}

// mutate replaces a digit or leaves out the end.
func mutate(r tags, text string) string {
	for range 1 + r.IntN(2) {
		at := r.IntN(len(text) + 1)
		switch {
		case at == len(text) || text == "":
		case '0' <= text[at] && text[at] <= '9':
			text = text[:at] + r.number() + text[at+1:]
		case r.IntN(4) == 0:
			text = text[:at]
		}
	}
	return text
}
