package config

import (
	"github.com/matihlabs/propagate/bumper"
	"github.com/matihlabs/propagate/internal/imageref"
	"github.com/matihlabs/propagate/internal/source"
)

// The values of a form, each with what its schema says. Where a text stands, a number or a word
// such as true is taken as the text that is written.
type (
	marker           string
	textForm         string
	textTemplateForm string
	stageForm        string
	globForm         string
	repositoryForm   string
	tagForm          string
	tagOfVersionForm string
	pathForm         string
	versionPattern   string
	referencePattern string
	valuePathForm    string
	schemeForm       string
	wordsForm        string
	dayForm          string
	groupForm        string
	ownGroupForm     string
	labelForm        string
	prefixForm       string
	hostForm         string
	codeForm         string
	levelForm        string
	movingForm       string
	autoMergeForm    string
	ageForm          string
	cronForm         string
	wayForm          string
	markForm         string
	zoneForm         string
	mirrorForm       string
	versionsForm     string
	imageGlobForm    string
	personForm       string
	loginForm        string
	keyForm          string
	yesForm          bool
	countOpenForm    int
	countWritesForm  int
	nothing          struct{}

	tagsForm       []tagForm
	globsForm      []globForm // at least one
	anyGlobsForm   []globForm // or none
	imageGlobsForm []imageGlobForm
	keysForm       []keyForm
	labelsForm     []labelForm
	skipForm       []skippedForm
	reviewersForm  []personForm
	assigneesForm  []loginForm
)

// Lists of which one item may stand alone.
func (tagsForm) also() []any       { return []any{tagForm("")} }
func (globsForm) also() []any      { return []any{globForm("")} }
func (anyGlobsForm) also() []any   { return []any{globForm("")} }
func (imageGlobsForm) also() []any { return []any{imageGlobForm("")} }
func (keysForm) also() []any       { return []any{keyForm("")} }
func (skipForm) also() []any       { return []any{skippedForm{}} }

func (tagsForm) rules() object       { return object{{"minItems", 1}} }
func (globsForm) rules() object      { return object{{"minItems", 1}} }
func (imageGlobsForm) rules() object { return object{{"minItems", 1}} }
func (imagesForm) rules() object     { return object{{"minItems", 1}} }
func (reviewersForm) rules() object  { return object{{"maxItems", mostReviewers}} }
func (assigneesForm) rules() object  { return object{{"maxItems", mostAssignees}} }

// text is what is read as a text, with what else its schema says.
func text(also ...member) object {
	return append(object{{"type", []string{"string", "number", "boolean"}}}, also...)
}

// quoted is a text that no number and no word such as true is.
func quoted(also ...member) object { return append(object{{"type", "string"}}, also...) }

func example(values ...any) member { return member{"examples", values} }

var notEmpty = member{"minLength", 1}

// count is a whole number in a range.
func count(most int) object {
	return object{{"anyOf", []any{
		object{{"type", "integer"}, {"minimum", 1}, {"maximum", most}, example(20)},
		object{{"type", "string"}, {"pattern", "^0*[1-9][0-9]*$"}, example("20")},
	}}}
}

func (marker) schema() object           { return object{{"const", string(FormName)}} }
func (textForm) schema() object         { return text(example("runtime")) }
func (textTemplateForm) schema() object { return text(notEmpty, example("{{.Title}}")) }
func (stageForm) schema() object        { return text(notEmpty, example("runtime")) }
func (globForm) schema() object         { return text(notEmpty, example("services/legacy/**")) }
func (repositoryForm) schema() object   { return text(notEmpty, example("ghcr.io/team/{dir}")) }
func (tagForm) schema() object          { return text(notEmpty, example("17.*")) }
func (pathForm) schema() object         { return text(notEmpty, example("VERSION")) }
func (wordsForm) schema() object {
	return text(member{"pattern", `\S`}, example("waits for the relaunch"))
}
func (keyForm) schema() object       { return text(notEmpty, example("tag")) }
func (imageGlobForm) schema() object { return text(notEmpty, example("base-*")) }
func (labelForm) schema() object {
	return text(notEmpty, member{"maxLength", mostLabel}, example("java"))
}
func (hostForm) schema() object {
	return text(member{"pattern", hostName().String()}, example("github.example.com"))
}
func (versionsForm) schema() object  { return text(notEmpty, example("3.13.*")) }
func (valuePathForm) schema() object { return quoted(member{"pattern", `^\$.`}, example("$..image")) }
func (prefixForm) schema() object    { return quoted(member{"pattern", "/$"}, example("bots/propagate/")) }
func (cronForm) schema() object {
	return quoted(member{"pattern", `^\s*(@[A-Za-z]+|\S+(\s+\S+){4})\s*$`}, example("0 6 * * 1-5"))
}
func (zoneForm) schema() object { return quoted(member{"pattern", "^[A-Z]"}, example("Europe/Berlin")) }
func (mirrorForm) schema() object {
	return quoted(member{"pattern", `^[^/]+[.:]|^localhost(/|$)`}, example("harbor.example/dockerhub"))
}
func (yesForm) schema() object         { return object{{"enum", []any{true, false, "true", "false"}}} }
func (countOpenForm) schema() object   { return count(mostOpen) }
func (countWritesForm) schema() object { return count(mostWrites) }
func (nothing) schema() object         { return object{{"type", "null"}} }
func (personForm) schema() object {
	return object{{"type", []string{"string", "integer", "boolean"}}, notEmpty, example("octocat")}
}
func (loginForm) schema() object { return personForm("").schema() }
func (dayForm) schema() object {
	return quoted(member{"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}, example("2026-12-31"))
}
func (versionPattern) schema() object {
	return quoted(member{"pattern", `\(\?P?<version>`}, example(`^VERSION=(?P<version>\S+)`))
}
func (referencePattern) schema() object {
	return quoted(member{"pattern", `\(\?P?<version>`}, example(`FROM (?P<image>\S+):(?P<version>[\w.-]+)`))
}
func (tagOfVersionForm) schema() object {
	return object{{"type", []string{"string", "number"}}, {"pattern", "[0-9]"}, example("1.0.0")}
}
func (schemeForm) schema() object {
	return quoted(member{"pattern", `^(date|build-number|.*\{n\}.*)$`}, example("build-number"))
}
func (groupForm) schema() object {
	return object{{"anyOf", []any{object{{"enum", groupings()}}, ownGroupForm("").schema()}}}
}
func (ownGroupForm) schema() object {
	return object{{"type", []string{"string", "integer", "boolean"}}, {"pattern", groupName().String()}, example("jvm")}
}
func (ageForm) schema() object {
	return object{{"anyOf", []any{quoted(member{"pattern", "^0$|" + ageText().String()}, example("7d")), object{{"const", 0}}}}}
}
func (levelForm) schema() object {
	return object{{"enum", []string{imageref.Patch.String(), imageref.Minor.String(), imageref.Major.String()}}}
}
func (movingForm) schema() object {
	return object{{"enum", []string{string(Pin), string(Rebuild), string(Leave)}}}
}
func (autoMergeForm) schema() object {
	return object{{"enum", []any{true, false, string(AfterChecks), string(MergedByPeople), string(AtOnce)}}}
}
func (wayForm) schema() object { return object{{"enum", groupings()}} }
func (markForm) schema() object {
	return text(member{"pattern", `^[^\n\r]*\S[^\n\r]*$`}, member{"maxLength", mostMark}, example(bumper.EmergencyMark))
}
func (codeForm) schema() object {
	var all []string
	for _, code := range source.Codes() {
		if code.Instead() == "" {
			all = append(all, string(code))
		}
	}
	return object{{"enum", all}}
}
