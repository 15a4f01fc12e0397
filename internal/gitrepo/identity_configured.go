package gitrepo

import (
	"cmp"
	"strings"
	"time"
)

// configuredIdentities is [Repo.Identities] by the files that this package reads.
// why says what kept git from answering.
func (r *Repo) configuredIdentities(getenv func(string) string, why string) (Identities, error) {
	author, err := r.configuredPerson("author", getenv)
	if err != nil {
		return Identities{}, err
	}
	committer, err := r.configuredPerson("committer", getenv)
	if err != nil {
		return Identities{}, err
	}
	ids := identitiesOf(author, committer)
	if len(r.config.subsections("includeif")) > 0 {
		ids.Notes = append(ids.Notes, why+"; what the git configuration includes on a condition (includeIf) is not read, so another author may be meant")
	} else if why != noProgram {
		ids.Notes = append(ids.Notes, why+"; the author is what the configuration says that could be read")
	}
	if r.config.isTrue("commit", "", "gpgsign") {
		ids.noteUnsigned()
	}
	return ids, nil
}

func (r *Repo) configuredPerson(role string, getenv func(string) string) (person, error) {
	variable := "GIT_" + strings.ToUpper(role)
	p := person{Signature: Signature{
		Name:  cmp.Or(getenv(variable+"_NAME"), r.config.get(role, "name"), r.config.get("user", "name")),
		Email: cmp.Or(getenv(variable+"_EMAIL"), r.config.get(role, "email"), r.config.get("user", "email"), getenv("EMAIL")),
	}}
	p.unset = unset(p.Name == "", p.Email == "")
	p.Name, p.Email = cmp.Or(p.Name, fallbackName), cmp.Or(p.Email, fallbackEmail)
	if p.Name, p.Email = cleanName(p.Name), cleanName(p.Email); p.Name == "" {
		return person{}, nameError(role)
	}
	if text := getenv(variable + "_DATE"); text != "" {
		when, ok := parseDate(text, time.Local)
		if !ok {
			return person{}, dateError(variable+"_DATE", text)
		}
		p.When = when
	}
	return p, nil
}

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
