package workflow

import (
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/internal/yamltext"
)

// call reads the arguments of a function, and returns what it comes to.
func (r *exprReader) call(name string) exprValue {
	var args []exprValue
	if !r.take(")") {
		for !r.bad {
			args = append(args, r.or())
			if r.take(")") {
				break
			}
			r.bad = r.bad || !r.take(",")
		}
	}
	if r.bad {
		return exprValue{}
	}
	switch {
	case name == "fromjson" && len(args) == 1 && args[0].state == isSet && args[0].node == nil:
		n, ok := r.s.parseJSON(args[0].text)
		if !ok {
			return exprValue{}
		}
		return r.s.nodeValue(n, r.depth)
	case name == "tojson" && len(args) == 1:
		t, ok := r.s.encodeJSON(args[0], r.depth)
		if !ok {
			return exprValue{}
		}
		return textValue(t)
	case name == "format" && len(args) > 0 && args[0].state == isSet:
		return formatValue(args)
	case name == "join" && len(args) > 0:
		return r.join(args)
	case name == "contains" && len(args) == 2:
		return r.contains(args[0], args[1])
	case (name == "startswith" || name == "endswith") && len(args) == 2:
		text, ok := args[0].plain()
		part, okPart := args[1].plain()
		if !ok || !okPart {
			return exprValue{}
		}
		text, part = strings.ToLower(text), strings.ToLower(part)
		return boolValue(name == "startswith" && strings.HasPrefix(text, part) || name == "endswith" && strings.HasSuffix(text, part))
	}
	return exprValue{}
}

// formatValue puts values in the place of {0}, {1}.
func formatValue(args []exprValue) exprValue {
	format := args[0].text
	var parts []trace.Text
	from := 0
	for i := 0; i < len(format.S); i++ {
		c := format.S[i]
		if c != '{' && c != '}' {
			continue
		}
		if i+1 < len(format.S) && format.S[i+1] == c {
			parts = append(parts, format.Slice(from, i+1))
			i++
			from = i + 1
			continue
		}
		end := strings.IndexByte(format.S[i:], '}')
		if c == '}' || end != 2 || format.S[i+1] < '0' || format.S[i+1] > '9' || int(format.S[i+1]-'0')+1 >= len(args) {
			return exprValue{}
		}
		value := args[format.S[i+1]-'0'+1]
		text := value.text
		if value.state != isSet || value.node != nil {
			text = trace.Plain(reading.Unknown)
		}
		parts = append(parts, format.Slice(from, i), text)
		i += end
		from = i + 1
	}
	return bounded(trace.Join(append(parts, format.Slice(from, len(format.S)))...))
}

// bounded is the value of a text, and not known where that is too long to follow.
func bounded(t trace.Text) exprValue {
	if len(t.S) > reading.MaxScript {
		return exprValue{}
	}
	return textValue(t)
}

func (r *exprReader) join(args []exprValue) exprValue {
	separator := ","
	if len(args) > 1 {
		var ok bool
		if separator, ok = args[1].plain(); !ok {
			return exprValue{}
		}
	}
	if args[0].state != isSet {
		return exprValue{}
	}
	if args[0].node == nil {
		return args[0]
	}
	var parts []trace.Text
	for _, item := range yamltext.Items(args[0].node) {
		v := r.s.nodeValue(item, r.depth)
		if v.state != isSet || v.node != nil || !r.s.run.Use(len(v.text.S)) {
			return exprValue{}
		}
		parts = append(parts, v.text)
	}
	return bounded(reading.JoinWith(separator, parts))
}

func (r *exprReader) contains(in, what exprValue) exprValue {
	part, ok := what.plain()
	if !ok || in.state != isSet {
		return exprValue{}
	}
	if in.node == nil {
		text, ok := in.plain()
		if !ok {
			return exprValue{}
		}
		return boolValue(strings.Contains(strings.ToLower(text), strings.ToLower(part)))
	}
	isThere, isKnown := false, true
	for _, item := range yamltext.Items(in.node) {
		text, ok := r.s.nodeValue(item, r.depth).plain()
		isThere, isKnown = isThere || ok && strings.EqualFold(text, part), isKnown && ok
	}
	if !isThere && !isKnown {
		return exprValue{}
	}
	return boolValue(isThere)
}
