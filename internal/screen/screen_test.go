package screen_test

import (
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/screen"
)

// A table keeps whole what is in its cells, however narrow the screen is.
func TestTable(t *testing.T) {
	t.Parallel()
	rows := []string{
		"FILE\tON\tWHY",
		"  services/api/Dockerfile:1\t1.0.0\tthe step is minor, and --level is patch",
		"  " + strings.Repeat("deep/", 14) + "Dockerfile:1\t1.0.0\tignored",
		"  日本/Dockerfile:1\t0.9.4\tnewer",
		"  37 more on base 1.0.0: level, which is a line of its own that says a lot",
	}
	for _, test := range []struct {
		name  string
		width int
		rows  []string
		want  string
	}{
		{"without a limit nothing is broken, and wide characters count twice", 0, rows[:2:2], "" +
			"FILE                         ON     WHY\n" +
			"  services/api/Dockerfile:1  1.0.0  the step is minor, and --level is patch\n"},
		{"wide characters take two cells", 0, []string{"日本\tx", "abcd\ty", "é\tz"}, "日本  x\nabcd  y\né     z\n"},
		{"what does not fit follows, and a long path does not push the others away", 60, rows, "" +
			"FILE                         ON     WHY\n" +
			"  services/api/Dockerfile:1  1.0.0\n" +
			"      why the step is minor, and --level is patch\n" +
			"  " + strings.Repeat("deep/", 14) + "Dockerfile:1\n" +
			"      on 1.0.0  why ignored\n" +
			"  日本/Dockerfile:1          0.9.4  newer\n" +
			"  37 more on base 1.0.0: level, which is a line of its own\n" +
			"      that says a lot\n"},
		{"on a wide one the columns stand", 160, rows[:2:2], "" +
			"FILE                         ON     WHY\n" +
			"  services/api/Dockerfile:1  1.0.0  the step is minor, and --level is patch\n"},
		{"a narrow one is taken for one that is legible", 3, []string{"A\tB", "a\t" + strings.Repeat("b ", 24) + "/"}, "A  B\na\n    " + strings.Repeat("b ", 17) + "b\n    " + strings.Repeat("b ", 6) + "/\n"},
	} {
		var b strings.Builder
		s := screen.New(&b, test.width, false)
		if _, err := s.Write([]byte(s.Table(test.rows, true))); err != nil {
			t.Fatal(err)
		}
		if b.String() != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, b.String(), test.want)
		}
	}
}

// Lines are broken at blanks alone, and what follows is indented.
func TestLongLines(t *testing.T) {
	t.Parallel()
	path := strings.Repeat("d/", 30) + "Dockerfile"
	for _, test := range []struct{ line, want string }{
		{"short\n", "short\n"},
		{"\n", "\n"},
		{"  one two three four five six seven eight nine\n", "  one two three four five six seven\n      eight nine\n"},
		{"left: " + path + " is long\n", "left:\n    " + path + "\n    is long\n"},
		{"    " + path + "\n", "    " + path + "\n"},
		{"日本語日本語日本語日本語 日本語日本語日本語\n", "日本語日本語日本語日本語\n    日本語日本語日本語\n"},
		{"without an end of the line, and longer than forty cells", "without an end of the line, and longer\n    than forty cells"},
	} {
		var b strings.Builder
		if n, err := screen.New(&b, 40, false).Write([]byte(test.line)); n != len(test.line) || err != nil {
			t.Errorf("%q: %d written: %v", test.line, n, err)
		}
		if b.String() != test.want {
			t.Errorf("%q: got\n%s\nwant\n%s", test.line, b.String(), test.want)
		}
	}
}

// Colours take no room, and there are none for who wants none.
func TestPaint(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	s := screen.New(&b, 0, true)
	if got := s.Paint(screen.Bad, "failed"); got != "\x1b[31mfailed\x1b[0m" || screen.Cells(got) != 6 {
		t.Errorf("it is %q, %d cells", got, screen.Cells(got))
	}
	if got := s.Table([]string{"A\tB", "a\tb"}, true); got != "\x1b[1mA  B\x1b[0m\na  b\n" {
		t.Errorf("the table is %q", got)
	}
	if got := screen.Of(&b).Paint(screen.Bad, "failed"); got != "failed" {
		t.Errorf("in a file it is %q", got)
	}
	if screen.Of(s) != s {
		t.Error("a screen is not its own")
	}
}
