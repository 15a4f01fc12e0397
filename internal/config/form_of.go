package config

import (
	"cmp"
	"time"

	"github.com/matihlabs/propagate/bumper"
)

// What holds where the configuration says nothing.
const (
	DefaultMinute = 80  // of [Limits]
	DefaultHour   = 500 // likewise
)

// DefaultLabels are those of new pull requests where the configuration names none.
func DefaultLabels() []string { return []string{"dependencies", "propagate"} }

// defaults is the form of a configuration that says nothing, with what holds then.
func defaults() form {
	minute, hour := countWritesForm(DefaultMinute), countWritesForm(DefaultHour)
	f := form{
		Schema: FormName, Group: groupForm(bumper.AllInOne), Labels: textsOf[[]labelForm](DefaultLabels()), Prefix: bumper.BranchPrefix,
		Policies: []policyForm{defaultPolicyForm()},
	}
	f.GitHub.Limits = limitsForm{&minute, &hour}
	f.Emergency = emergencyForm{Label: labelForm(EmergencyLabel), Mark: markForm(bumper.EmergencyMark)}
	return f
}

func defaultPolicyForm() policyForm {
	p := defaultPolicy()
	age, never := ageForm(FormatAge(p.MinAge)), autoMergeForm(p.Automerge)
	return policyForm{Level: levelForm(p.Level.String()), Skip: &skipForm{}, MinAge: &age, Moving: movingForm(p.Moving), Schedule: &schedulesForm{}, Automerge: &never}
}

// textsOf returns texts as a list of the form.
func textsOf[L ~[]T, T ~string, S ~string](texts []S) L {
	var all L
	for _, text := range texts {
		all = append(all, T(text))
	}
	return all
}

func globsOf[L ~[]globForm](patterns []Pattern) L {
	var all L
	for _, p := range patterns {
		all = append(all, globForm(p.Text))
	}
	return all
}

// form returns the configuration as it is written, with the defaults of what it does not say.
func (c *Config) form() form {
	f := defaults()
	f.Dockerfiles = dockerfilesForm{globsOf[[]globForm](c.Dockerfiles.Include), globsOf[[]globForm](c.Dockerfiles.Exclude), globsOf[[]globForm](c.Dockerfiles.Own)}
	for _, e := range c.Ignore {
		entry := exemptionForm{Path: globForm(e.Dockerfiles.Text), Reason: wordsForm(e.Reason), Owner: wordsForm(e.Owner)}
		if !e.Until.IsZero() {
			entry.Until = dayForm(e.Until.Format(time.DateOnly))
		}
		f.Ignore = append(f.Ignore, entry)
	}
	for i, image := range c.Images {
		if i == 0 || image.Dockerfiles.Pos != c.Images[i-1].Dockerfiles.Pos || image.Dockerfiles.Text != c.Images[i-1].Dockerfiles.Text {
			f.Images = append(f.Images, pairOf[imagesForm]{Key: image.Dockerfiles.Text})
		}
		last := &f.Images[len(f.Images)-1].Value
		*last = append(*last, imageForm{repositoryForm(image.Repository), textsOf[tagsForm](image.Tags), textForm(image.Target), pathForm(image.Context)})
	}
	for _, t := range c.Stages {
		f.Targets = append(f.Targets, pairOf[stageForm]{t.Dockerfiles.Text, stageForm(t.Stage)})
	}
	for _, v := range c.Versions {
		f.Versions = append(f.Versions, pairOf[versionForm]{v.Image, versionForm{
			tag: tagOfVersionForm(v.Tag), File: pathForm(v.File), Pattern: versionPattern(v.Pattern), Path: valuePathForm(v.Path), Scheme: schemeForm(v.Scheme.String()),
		}})
	}
	for _, a := range c.Arguments {
		f.Arguments = append(f.Arguments, argumentForm{globsOf[globsForm](a.Files), globsOf[anyGlobsForm](a.For)})
	}
	for _, r := range c.References {
		f.References = append(f.References, r.form())
	}
	f.Group = groupForm(cmp.Or(c.GroupName, string(c.Group), string(f.Group)))
	if c.Labels != nil {
		f.Labels = textsOf[[]labelForm](c.Labels)
	}
	f.Prefix = prefixForm(cmp.Or(c.Prefix, string(f.Prefix)))
	f.Templates = c.templates
	f.Pulls = pullsForm{yesForm(c.Pulls.Draft), textsOf[reviewersForm](c.Pulls.Reviewers), textsOf[assigneesForm](c.Pulls.Assignees), countOpen(c.Pulls.MaxOpen)}
	f.Policies = policyForms(c.rules)
	f.Emergency.Group = wayForm(c.Emergency.Group)
	f.Emergency.Label = labelForm(cmp.Or(c.Emergency.Label, string(f.Emergency.Label)))
	f.Emergency.Mark = markForm(cmp.Or(c.Emergency.Mark, string(f.Emergency.Mark)))
	for _, host := range c.registryNames {
		f.Registries = append(f.Registries, pairOf[registryForm]{host, c.Registries[host].form()})
	}
	f.GitHub.Hosts = textsOf[[]hostForm](c.GitHub.Hosts)
	if n := countWritesForm(c.GitHub.Limits.Minute); n != 0 {
		f.GitHub.Limits.Minute = &n
	}
	if n := countWritesForm(c.GitHub.Limits.Hour); n != 0 {
		f.GitHub.Limits.Hour = &n
	}
	for _, i := range c.Diagnostics.Ignore {
		f.Diagnostics.Ignore = append(f.Diagnostics.Ignore, ignoredForm{codeForm(i.Code), globsOf[globsForm](i.Files)})
	}
	return f
}

// form returns the entry as it is written, with the keys that it looks for.
func (r Reference) form() referenceForm {
	f := referenceForm{Files: globsOf[globsForm](r.Files)}
	f.Pattern, f.Path, f.Image = referencePattern(r.Pattern), valuePathForm(r.Path), repositoryForm(r.Image)
	if v, ok := r.finder.(*values); ok {
		f.Tag, f.Digest = textsOf[keysForm](v.tag), textsOf[keysForm](v.digest)
		if r.Image == "" {
			f.Registry, f.Repository = textsOf[keysForm](v.registry), textsOf[keysForm](v.repository)
		}
	}
	return f
}

// policyForms returns the entries as they are written. The first of them is for all images and
// files, and has the defaults of what it does not say: it is the least specific one.
func policyForms(rules []rule) []policyForm {
	var all []policyForm
	if len(rules) == 0 || rules[0].images != nil || rules[0].paths != nil {
		all = append(all, defaultPolicyForm())
	}
	for i, r := range rules {
		f := policyForm{}
		if i == 0 && all == nil {
			f = defaultPolicyForm()
		}
		f.fill(r)
		all = append(all, f)
	}
	return all
}

// fill takes over what an entry says.
func (f *policyForm) fill(r rule) {
	p := r.says
	for _, image := range r.images {
		f.Images = append(f.Images, imageGlobForm(image.Text))
	}
	f.Paths = globsOf[globsForm](r.paths)
	set := map[string]func(){
		"level": func() { f.Level = levelForm(p.Level.String()) },
		"skip-versions": func() {
			f.Skip = &skipForm{}
			for _, v := range p.Skip {
				*f.Skip = append(*f.Skip, skippedForm{versionsForm(v.Text), wordsForm(v.Reason)})
			}
		},
		"min-age": func() { age := ageForm(FormatAge(p.MinAge)); f.MinAge = &age },
		"moving":  func() { f.Moving = movingForm(p.Moving) },
		"group":   func() { f.Group = ownGroupForm(p.Group) },
		"labels":  func() { labels := textsOf[labelsForm](p.Labels); f.Labels = &labels },
		"reviewers": func() {
			people := textsOf[reviewersForm](p.Reviewers)
			f.Reviewers = &people
		},
		"assignees": func() { people := textsOf[assigneesForm](p.Assignees); f.Assignees = &people },
		"schedule": func() {
			f.Schedule = &schedulesForm{}
			for _, c := range p.Schedule {
				*f.Schedule = append(*f.Schedule, scheduleForm{cronForm(c.Text), zoneForm(cmp.Or(c.Zone, "UTC"))})
			}
		},
		"automerge": func() { yes := autoMergeForm(p.Automerge); f.Automerge = &yes },
		"max-open":  func() { f.MaxOpen = countOpen(p.MaxOpen) },
	}
	for key := range p.At {
		set[key]()
	}
}

// countOpen returns a number, nil for as many as there are.
func countOpen(n int) *countOpenForm {
	if n == 0 {
		return nil
	}
	count := countOpenForm(n)
	return &count
}

func (r Registry) form() registryForm {
	f := registryForm{Mirror: mirrorForm(r.Mirror)}
	insecure, optional := yesForm(r.Insecure), yesForm(r.Optional)
	if f.Optional = &optional; r.Mirror == "" {
		f.Insecure = &insecure
	}
	return f
}
