package gitrepo

import (
	"strings"
	"time"
)

// parseDate reads the forms of dates that git documents: its own, those of ISO 8601
// and RFC 2822, and the day with dots or slashes. What has no zone is in local.
func parseDate(text string, local *time.Location) (time.Time, bool) {
	text = strings.TrimSpace(text)
	stamp, marked := strings.CutPrefix(text, "@")
	seconds, zone, zoned := strings.Cut(stamp, " ")
	if strings.Trim(seconds, "0123456789") == "" && (marked && zoned || len(seconds) > 8) {
		if !zoned {
			zone = "+0000"
		}
		when, ok := secondsAndZone(seconds, strings.TrimSpace(zone))
		if ok && !zoned {
			when = when.In(local)
		}
		return when, ok
	}
	for _, zone := range []string{"", "Z07:00", "Z0700", " Z07:00", " Z0700", " MST"} {
		for _, layout := range layouts {
			when, err := time.ParseInLocation(layout+zone, text, local)
			if err != nil || when.Unix() < 0 {
				continue
			}
			if name, _ := when.Zone(); zone == " MST" && name != "UTC" && name != "GMT" {
				continue // Go gives names that it does not know no offset
			}
			return when, true
		}
	}
	return time.Time{}, false
}

// layouts are dates with times, without a zone.
var layouts = func() []string {
	all := []string{"Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05", "Mon Jan 2 15:04:05 2006"}
	for _, day := range []string{"2006-01-02", "2006.01.02", "2006/01/02", "01/02/2006", "02.01.2006"} {
		for _, clock := range []string{"T15:04:05", " 15:04:05", "T15:04", " 15:04"} {
			all = append(all, day+clock)
		}
	}
	return all
}()
