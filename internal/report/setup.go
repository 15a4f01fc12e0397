package report

import (
	"fmt"
	"strings"

	"github.com/matihlabs/propagate/internal/monorepo"
)

// Setup says in a few lines what the bot does with a repository as it is, and what needs a person.
func Setup(f *monorepo.Findings) []string {
	derived := 0
	images := map[string]bool{}
	for _, base := range f.Bases {
		if !images[base.Image] && base.Derived {
			derived++
		}
		images[base.Image] = true
	}
	built := Count(len(images), "base") + " built here"
	if derived > 0 {
		built += fmt.Sprintf(" (%d derived from another)", derived)
	}
	lines := []string{
		fmt.Sprintf("found: %s, %s from elsewhere, %s that nothing here is based on", built, Count(f.Outside, "image"), Count(f.Services, "build")),
		kept(f),
	}
	var person []string
	add := func(n int, noun, is string) {
		if n > 0 {
			person = append(person, Count(n, noun)+is)
		}
	}
	guesses := 0
	for _, base := range f.Bases {
		if base.Rule.IsGuess() {
			guesses++
		}
	}
	add(guesses, "base", " of which names alone say who builds it")
	add(len(f.Unclear), "image", " of which it is not clear who builds it")
	add(len(f.Unknown), "reference", " whose value is not known in a build")
	add(len(f.NoNext), "base", " without a next version")
	if len(person) > 0 {
		lines = append(lines, "for a person: "+strings.Join(person, ", "))
	}
	if f.Suggests != "" {
		lines = append(lines, "next: propagate plan --base "+Clean(f.Suggests))
	}
	return lines
}

// kept says which references the bot moves, and in how many pull requests.
func kept(f *monorepo.Findings) string {
	text := "kept up to date: " + Count(f.Versioned, "reference") + " with a version"
	if f.Moving > 0 {
		text += fmt.Sprintf(" (%d more name a tag that moves, or a digest alone)", f.Moving)
	}
	text += "; one pull request for each base with a new version"
	if len(f.Teams) > 0 {
		return text + fmt.Sprintf(", or with --group team one for each team as well (%d in CODEOWNERS)", len(f.Teams))
	}
	return text + ", or more with --group service, directory or wave"
}
