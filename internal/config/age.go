package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
	// oldest is more than anybody waits.
	oldest = 3650 * day
)

var ageText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]+)?(?:w|d|h|m|s))+$`) })
var agePart = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([0-9.]+)([wdhms])`) })

// age reads a duration of weeks, days, hours, minutes and seconds.
func (d *decoder) age(name string, node *yaml.Node) time.Duration {
	text, ok := d.text(name, node)
	if !ok || text == "0" {
		return 0
	}
	if !ageText().MatchString(text) {
		d.fail(node, "a number with its unit: 36h, 7d or 2w", "%s: %q is no duration", name, shorten(text))
		return 0
	}
	var sum float64
	for _, m := range agePart().FindAllStringSubmatch(text, -1) {
		n, _ := strconv.ParseFloat(m[1], 64)
		unit := map[string]time.Duration{"w": week, "d": day, "h": time.Hour, "m": time.Minute, "s": time.Second}[m[2]]
		sum += n * float64(unit)
	}
	if sum > float64(oldest) {
		d.fail(node, "skip-versions leaves versions out for ever", "%s: %s is longer than 3650 days", name, shorten(text))
		return 0
	}
	return time.Duration(sum)
}

// FormatAge returns a duration as the configuration has it: "7d", "36h", "1h30m".
func FormatAge(age time.Duration) string {
	if age != 0 && age%day == 0 {
		return fmt.Sprintf("%dd", age/day)
	}
	text := age.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	if age == 0 {
		return "0"
	}
	return text
}
