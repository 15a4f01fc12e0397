package schedule

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // time zones, for containers and systems without a database of them

	"github.com/netresearch/go-cron"

	"github.com/matihlabs/propagate/internal/source"
)

// A field is one of the five of a cron expression.
type field struct {
	name   string
	values string // for a person: what it may be
	parser cron.Parser
	bits   func(*cron.SpecSchedule) uint64
}

// fields are those of a cron expression, in their order.
var fields = [...]field{
	{"minute", "0-59", cron.MustNewParser(cron.Minute), func(s *cron.SpecSchedule) uint64 { return s.Minute }},
	{"hour", "0-23", cron.MustNewParser(cron.Hour), func(s *cron.SpecSchedule) uint64 { return s.Hour }},
	{"day of month", "1-31", cron.MustNewParser(cron.Dom), func(s *cron.SpecSchedule) uint64 { return s.Dom }},
	{"month", "1-12 or JAN-DEC", cron.MustNewParser(cron.Month), func(s *cron.SpecSchedule) uint64 { return s.Month }},
	{"day of week", "0-7 or SUN-SAT (0 and 7 are Sunday)", cron.MustNewParser(cron.Dow), func(s *cron.SpecSchedule) uint64 { return s.Dow }},
}

// syntax is what a field looks like. The library takes more, which has no meaning, or not the same
// everywhere: "1,,2", "+1", "*-5" and "?".
var syntax = regexp.MustCompile(`^` + item + `(,` + item + `)*$`)

const (
	item  = `(\*|` + value + `(-` + value + `)?)(/[0-9]+)?`
	value = `([0-9]+|[A-Za-z]+)`
)

// named are the expressions that have a name.
var named = map[string]string{
	"@yearly":   "0 0 1 1 *",
	"@annually": "0 0 1 1 *",
	"@monthly":  "0 0 1 * *",
	"@weekly":   "0 0 * * 0",
	"@daily":    "0 0 * * *",
	"@midnight": "0 0 * * *",
	"@hourly":   "0 * * * *",
}

// searchYears is how far apart two times of an expression may be. The rarest that there are, such
// as a 29 February that is an even day of the week, come after 40 years at most.
const searchYears = 41

// Parse reads a cron expression, whose times are those of a time zone with a name of the IANA
// database ("Europe/Berlin"); "" is UTC. Errors quote what is wrong, and have a hint.
func Parse(text, zone string) (*Schedule, error) {
	location, err := parseZone(zone)
	if err != nil {
		return nil, err
	}
	expression := strings.TrimSpace(text)
	if strings.HasPrefix(expression, "@") {
		full, ok := named[strings.ToLower(expression)]
		if !ok {
			return nil, problem("there is @yearly, @monthly, @weekly, @daily and @hourly; anything else is five fields, such as \"0 6 * * 1-5\"",
				"schedule %q: there is none of this name", expression)
		}
		expression = full
	}
	parts := strings.Fields(expression)
	if len(parts) != len(fields) {
		hint := "the fields are minute, hour, day of month, month and day of week: \"0 6 * * 1-5\" is 6:00 on workdays"
		if strings.Contains(expression, "TZ=") {
			hint = "a time zone is no part of the expression: {cron: \"0 6 * * 1-5\", timezone: Europe/Berlin}"
		}
		return nil, problem(hint, "schedule %q: it has %s, not 5", expression, count(len(parts)))
	}
	s := &Schedule{zone: location}
	var bits [len(fields)]uint64
	for i, part := range parts {
		var ok bool
		if bits[i], ok = fields[i].parse(part); !ok {
			return nil, problem("it is "+fields[i].values+", a list (1,3), a range (1-5), a step (*/15) or *",
				"schedule %q: %q cannot be the %s", expression, part, fields[i].name)
		}
	}
	s.everyHour = bits[1] == allHours
	s.calendar = cron.SpecSchedule{
		Second: 1, Minute: bits[0], Hour: bits[1], Dom: bits[2], Month: bits[3], Dow: bits[4],
		Location: time.UTC, MaxSearchYears: searchYears,
		// The rule of cron: a day has to be both where one of the fields is "*", else one is enough.
		DowOrDom: !strings.HasPrefix(parts[2], "*") && !strings.HasPrefix(parts[4], "*"),
	}
	if s.calendar.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, problem("day of month and month must go together", "schedule %q: there is no such day in any year", expression)
	}
	return s, nil
}

// parse returns the values of the field that text means, as bits, and whether it means any.
func (f field) parse(text string) (uint64, bool) {
	if !syntax.MatchString(text) {
		return 0, false
	}
	parsed, err := f.parser.Parse(text)
	if err != nil {
		return 0, false
	}
	return f.bits(parsed.(*cron.SpecSchedule)) & math.MaxInt64, true // without the bit for "*"
}

func parseZone(zone string) (*time.Location, error) {
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" { // the machine's own, which is another on the next one
		return nil, problem("take a name of the IANA time zone database, such as Europe/Berlin, or UTC", "time zone %q: there is none of this name", zone)
	}
	return location, nil
}

func count(fields int) string {
	if fields == 1 {
		return "1 field"
	}
	return fmt.Sprintf("%d fields", fields)
}

func problem(hint, format string, args ...any) error {
	return &source.Error{Err: fmt.Errorf(format, args...), Hint: hint}
}
