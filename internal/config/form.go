package config

// A form is the configuration as it is written. The JSON Schema of the file and what "config
// show" prints are made of these types: a field is a key, "about" says what it is for, "eg" is an
// example, and "null" says that the key may stand without a value. What is written in several
// ways has the longest here, and the others under also.
type form struct {
	Schema      marker              `json:"schema" about:"Name and version of this form, as propagate config show -o json prints it. Not needed."`
	Dockerfiles dockerfilesForm     `json:"dockerfiles" null:"yes" about:"Which files are Dockerfiles besides those that are called so."`
	Ignore      []exemptionForm     `json:"ignore" null:"yes" about:"Dockerfiles that are read, shown and never edited."`
	Images      pairs[imagesForm]   `json:"images" null:"yes" about:"Which Dockerfile builds which image: from a pattern of Dockerfiles to an image or a list of images. A word in braces in the pattern is a capture."`
	Targets     pairs[stageForm]    `json:"targets" null:"yes" about:"The stage that is shipped, where it is not the last one: from a pattern of Dockerfiles to the name of the stage."`
	Versions    pairs[versionForm]  `json:"versions" null:"yes" about:"Versions of images that the repository builds: from an image, or its last path components, to its version or where that is written."`
	Arguments   argumentsForm       `json:"arguments" null:"yes" about:"Files of NAME=value lines that builds take arguments from."`
	References  referencesForm      `json:"references" null:"yes" about:"References in files that are no Dockerfiles."`
	Group       groupForm           `json:"group" about:"How changes are grouped in runs without --group, or a name of your own for one change with all in it."`
	Labels      []labelForm         `json:"labels" null:"yes" about:"Labels of new pull requests."`
	Prefix      prefixForm          `json:"branch-prefix" about:"What the names of branches begin with."`
	Templates   templatesForm       `json:"templates" null:"yes" about:"Texts of changes, in the language of Go's text/template. What is left out is as propagate writes it."`
	Pulls       pullsForm           `json:"pulls" null:"yes" about:"How pull requests are opened."`
	Policies    []policyForm        `json:"policies" null:"yes" about:"Which newer versions are taken, and how. For each key the most specific entry counts that has it: by paths first, then by images, then the later one."`
	Registries  pairs[registryForm] `json:"registries" null:"yes" about:"What is to be known of registries: from a registry, as references name it, with its port."`
	Emergency   emergencyForm       `json:"emergency" null:"yes" about:"What is different with --emergency."`
	GitHub      githubForm          `json:"github" null:"yes" about:"GitHub Enterprise, and limits."`
	Diagnostics diagnosticsForm     `json:"diagnostics" null:"yes" about:"Which problems are not reported."`
}

// pairs is a mapping whose keys are anything, in the order of the file.
type pairs[T any] []pairOf[T]

type pairOf[T any] struct {
	Key   string
	Value T
}

type dockerfilesForm struct {
	Include []globForm `json:"include" null:"yes" about:"Patterns of further files that are Dockerfiles." eg:"[\"docker/*.build\"]"`
	Exclude []globForm `json:"exclude" null:"yes" about:"Patterns of files and directories that are not read." eg:"[\"testdata/**\"]"`
	Own     []globForm `json:"own" null:"yes" about:"Patterns of Dockerfiles that are edited though they lie in a vendored tree." eg:"[\"third_party/nginx/**\"]"`
}

type exemptionForm struct {
	Path   globForm  `json:"path" about:"A pattern of Dockerfiles."`
	Reason wordsForm `json:"reason" about:"Why they are not edited." eg:"waits for the relaunch"`
	Owner  wordsForm `json:"owner" about:"Who answers for it." eg:"team-web"`
	Until  dayForm   `json:"until" about:"The last day on which the entry counts, in UTC." eg:"2026-12-31"`
}

func (exemptionForm) also() []any   { return []any{globForm("")} }
func (exemptionForm) rules() object { return required("path") }

// imagesForm is one image, or a list of several.
type imagesForm []imageForm

func (imagesForm) also() []any { return []any{imageForm{}} }

type imageForm struct {
	Image   repositoryForm `json:"image" about:"The registry and path of the image, without a tag. Captures of the pattern may stand in it; {dir} is the name of the Dockerfile's directory."`
	Tags    tagsForm       `json:"tags" about:"The tags that the Dockerfile builds, with * for any characters." eg:"[\"17.*\"]"`
	Target  textForm       `json:"target" about:"The stage that is shipped." eg:"runtime"`
	Context pathForm       `json:"context" about:"The directory of the build context, from the root." eg:"services/a"`
}

func (imageForm) also() []any   { return []any{repositoryForm("")} }
func (imageForm) rules() object { return required("image") }

type versionForm struct {
	tag     tagOfVersionForm // in place of the others
	File    pathForm         `json:"file" about:"The file that holds the version, from the root." eg:"VERSION"`
	Pattern versionPattern   `json:"pattern" about:"A regular expression (RE2) with a group (?P<version>…)."`
	Path    valuePathForm    `json:"path" about:"Where the version stands in YAML or JSON." eg:"$.image.tag"`
	Scheme  schemeForm       `json:"scheme" about:"How the tags count up: date, build-number, or a tag with {base} and {n}." eg:"build-number"`
}

func (versionForm) also() []any { return []any{tagOfVersionForm("")} }
func (versionForm) rules() object {
	return object{{"anyOf", []any{required("file"), required("scheme")}}, {"not", required("pattern", "path")}}
}

// argumentsForm is a list of entries.
type argumentsForm []argumentForm

func (argumentsForm) also() []any { return []any{pairs[argumentsForForm]{}} }

type argumentForm struct {
	Files globsForm    `json:"files" about:"Patterns of files; a word in braces is a capture, {dir} any number of directories." eg:"versions.env"`
	For   anyGlobsForm `json:"for" null:"yes" about:"Patterns of the Dockerfiles that get them; those below the file's directory where they are left out." eg:"services/**"`
}

func (argumentForm) rules() object { return required("files") }

// argumentsForForm is what stands behind a pattern of files.
type argumentsForForm struct {
	For anyGlobsForm `json:"for" null:"yes" about:"Patterns of the Dockerfiles that get them." eg:"services/**"`
}

func (argumentsForForm) also() []any { return []any{anyGlobsForm{}, nothing{}} }

// referencesForm is a list of entries.
type referencesForm []referenceForm

func (referencesForm) also() []any { return []any{pairs[referencesAtForm]{}} }

type referenceForm struct {
	Files globsForm `json:"files" about:"Patterns of files." eg:"deploy/*/values.yaml"`
	referenceAtForm
}

func (referenceForm) rules() object {
	return append(required("files"), referenceAtForm{}.rules()...)
}

// referencesAtForm is what stands behind a pattern of files: one entry, or a list of several.
type referencesAtForm []referenceAtForm

func (referencesAtForm) also() []any { return []any{referenceAtForm{}} }

type referenceAtForm struct {
	Pattern    referencePattern `json:"pattern" about:"A regular expression (RE2) with the groups (?P<version>…), (?P<image>…) and maybe (?P<registry>…)."`
	Path       valuePathForm    `json:"path" about:"Where the references stand in YAML or JSON: a whole reference, its version, or a mapping with its parts." eg:"$..image"`
	Image      repositoryForm   `json:"image" about:"The image, where the text says its version alone; {x} is the value of the key x beside it." eg:"ghcr.io/team/java"`
	Registry   keysForm         `json:"registry" about:"The keys of the registry in a mapping; the first that has a value counts." eg:"registry"`
	Repository keysForm         `json:"repository" about:"The keys of the repository in a mapping." eg:"repository"`
	Tag        keysForm         `json:"tag" about:"The keys of the tag in a mapping." eg:"tag"`
	Digest     keysForm         `json:"digest" about:"The keys of the digest in a mapping." eg:"digest"`
}

// rules: either a path, with the keys of a mapping, or a pattern.
func (referenceAtForm) rules() object {
	of := func(names ...string) object {
		var all []any
		for _, name := range names {
			all = append(all, required(name))
		}
		return object{{"anyOf", all}}
	}
	byPath := object{{"required", []string{"path"}}, {"not", object{{"anyOf", []any{required("pattern"), required("image", "registry"), required("image", "repository")}}}}}
	byPattern := object{{"required", []string{"pattern"}}, {"not", of("path", "registry", "repository", "tag", "digest")}}
	return object{{"oneOf", []any{byPath, byPattern}}}
}

type templatesForm struct {
	Title  *textTemplateForm `json:"title" about:"The title of pull requests, one line." eg:"\"chore(deps): bump {{range .Bases}}{{.Name}} to {{.Version}}{{end}}\""`
	Body   *textTemplateForm `json:"body" about:"The description of pull requests." eg:"\"{{.Summary}}{{.Table}}\""`
	Commit *textTemplateForm `json:"commit" about:"The message of commits above the trailers." eg:"\"{{.Title}}\""`
}

type pullsForm struct {
	Draft     yesForm        `json:"draft" about:"Whether pull requests are opened as drafts."`
	Reviewers reviewersForm  `json:"reviewers" null:"yes" about:"People, and teams with their organization." eg:"[\"octocat\", \"acme/platform\"]"`
	Assignees assigneesForm  `json:"assignees" null:"yes" about:"People." eg:"[\"octocat\"]"`
	MaxOpen   *countOpenForm `json:"max-open" about:"How many pull requests may be open at a time; as many as there are where it is left out." eg:"20"`
}

type emergencyForm struct {
	Group wayForm   `json:"group" about:"How the changes are grouped; as others where it is left out." eg:"service"`
	Label labelForm `json:"label" about:"A further label of its pull requests." eg:"emergency"`
	Mark  markForm  `json:"title-prefix" about:"What titles begin with." eg:"\"[emergency]\""`
}

type githubForm struct {
	Hosts  []hostForm `json:"hosts" null:"yes" about:"Hosts of GitHub Enterprise, to which the token may go besides github.com." eg:"[\"github.example.com\"]"`
	Limits limitsForm `json:"limits" null:"yes" about:"How many requests that write something are sent."`
}

type limitsForm struct {
	Minute *countWritesForm `json:"minute" about:"In any minute." eg:"80"`
	Hour   *countWritesForm `json:"hour" about:"In any hour." eg:"500"`
}

type diagnosticsForm struct {
	Ignore []ignoredForm `json:"ignore" null:"yes" about:"Codes of problems, each alone or with the files that it is for."`
}

type ignoredForm struct {
	Code  codeForm  `json:"code" about:"What stands in brackets behind the message."`
	Files globsForm `json:"files" about:"Patterns of the files in which it is not reported; all files where they are left out." eg:"legacy/**"`
}

func (ignoredForm) also() []any   { return []any{codeForm("")} }
func (ignoredForm) rules() object { return required("code") }

type policyForm struct {
	Images    imageGlobsForm `json:"images" about:"Patterns of repositories, or of their last path components; all images where they are left out." eg:"[\"base-*\", \"docker.io/library/python\"]"`
	Paths     globsForm      `json:"paths" about:"Patterns of Dockerfiles, or of the files where references are written; all files where they are left out." eg:"services/legacy/**"`
	Level     levelForm      `json:"level" about:"The largest step that is taken."`
	Skip      *skipForm      `json:"skip-versions" about:"Versions that are not taken: tags with * and ?, or ranges; with a reason, they are withdrawn." eg:"[\"3.13.*\", \">=4 <5\"]"`
	MinAge    *ageForm       `json:"min-age" about:"How old a version has to be before it is taken." eg:"7d"`
	Moving    movingForm     `json:"moving" about:"What becomes of references to a tag that has moved: its digest is written behind it (pin), what is based on it is listed as to be rebuilt (rebuild), or nothing (ignore)."`
	Group     ownGroupForm   `json:"group" about:"The name of the one change that these images are in." eg:"jvm"`
	Labels    *labelsForm    `json:"labels" about:"Labels of new pull requests, in place of those of the file." eg:"[\"java\"]"`
	Reviewers *reviewersForm `json:"reviewers" about:"People, and teams with their organization, in place of those of the file." eg:"[\"acme/platform\"]"`
	Assignees *assigneesForm `json:"assignees" about:"People, in place of those of the file." eg:"[\"octocat\"]"`
	Schedule  *schedulesForm `json:"schedule" about:"When a run with --if-due looks: cron expressions, each alone or with a time zone." eg:"0 6 * * 1-5"`
	Automerge *autoMergeForm `json:"automerge" about:"Whether pull requests are merged by themselves once their checks have passed; now merges them at once where nothing has to pass."`
	MaxOpen   *countOpenForm `json:"max-open" about:"How many pull requests may be open at a time." eg:"5"`
}

// skippedForm is a pattern or a range, alone or with why it is withdrawn.
type skippedForm struct {
	Versions versionsForm `json:"versions" about:"A tag with * and ?, or a range." eg:"\"1.0.1\""`
	Reason   wordsForm    `json:"reason" about:"Why these versions are withdrawn: their open pull requests are closed with it." eg:"breaks TLS"`
}

func (skippedForm) also() []any   { return []any{versionsForm("")} }
func (skippedForm) rules() object { return required("versions") }

// rules: an entry says something.
func (policyForm) rules() object {
	var all []any
	for _, name := range PolicyKeys() {
		all = append(all, required(name))
	}
	return object{{"anyOf", all}}
}

// schedulesForm is one schedule, or a list of several.
type schedulesForm []scheduleForm

func (schedulesForm) also() []any { return []any{scheduleForm{}} }

type scheduleForm struct {
	Cron cronForm `json:"cron" about:"Minute, hour, day of month, month and day of week." eg:"0 6 * * 1-5"`
	Zone zoneForm `json:"timezone" about:"A time zone by its name; UTC where it is left out." eg:"Europe/Berlin"`
}

func (scheduleForm) also() []any   { return []any{cronForm("")} }
func (scheduleForm) rules() object { return required("cron") }

type registryForm struct {
	Mirror   mirrorForm `json:"mirror" about:"What is asked in place of it: a registry, and what stands in front of each repository there. What is written stays." eg:"harbor.example/dockerhub"`
	Insecure *yesForm   `json:"insecure" about:"Whether it speaks plain http."`
	Optional *yesForm   `json:"optional" about:"Whether it is a note alone that it cannot be asked."`
}

// rules: a registry with a mirror is not asked itself.
func (registryForm) rules() object {
	insecure := object{{"enum", []any{true, "true"}}}
	return object{{"not", append(required("mirror", "insecure"), member{"properties", object{{"insecure", insecure}}})}}
}
