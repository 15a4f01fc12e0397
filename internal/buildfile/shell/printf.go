package shell

import (
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// withEscapes replaces the escapes of echo and printf that a Dockerfile is written with.
func withEscapes(t trace.Text) trace.Text {
	if !strings.Contains(t.S, `\`) {
		return t
	}
	var all []trace.Text
	from := 0
	for i := 0; i+1 < len(t.S); i++ {
		if t.S[i] != '\\' {
			continue
		}
		if at := strings.IndexByte(`nt\"'`, t.S[i+1]); at >= 0 {
			all = append(all, t.Slice(from, i), trace.Plain("\n\t\\\"'"[at:at+1]))
			from = i + 2
		}
		i++
	}
	return trace.Join(append(all, t.Slice(from, len(t.S)))...)
}

// printedTexts returns the texts that printf prints: its format with %s, %b and %%, again for
// each of the arguments that it does not use up. ok is false for another format.
func printedTexts(words []trace.Text) (printed []trace.Text, ok bool) {
	if len(words) > 1 && words[0].S == "--" {
		words = words[1:]
	}
	if len(words) == 0 || strings.Contains(words[0].S, reading.Unknown) {
		return nil, false
	}
	format, args := words[0], words[1:]
	for first := true; first || len(args) > 0; first = false {
		used, from := 0, 0
		for i := 0; i+1 < len(format.S); i++ {
			if format.S[i] == '\\' {
				i++
				continue
			}
			if format.S[i] != '%' {
				continue
			}
			printed = append(printed, withEscapes(format.Slice(from, i)))
			switch verb := format.S[i+1]; {
			case verb == '%':
				printed = append(printed, format.Slice(i, i+1))
			case (verb == 's' || verb == 'b') && used < len(args):
				arg := args[used]
				if verb == 'b' {
					arg = withEscapes(arg)
				}
				printed = append(printed, arg)
				used++
			case verb != 's' && verb != 'b':
				return nil, false
			}
			from = i + 2
			i++
		}
		printed = append(printed, withEscapes(format.Slice(from, len(format.S))))
		if used == 0 {
			break // the other arguments are not printed
		}
		args = args[used:]
	}
	return printed, true
}
