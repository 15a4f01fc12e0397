package reading

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// A Style is how commands stand in a format.
type Style uint8

// The styles.
const (
	NotRead    Style = iota // the first command that builds is named
	AsYAML                  // below keys
	AsSteps                 // the steps of Cloud Build
	AsRecipes               // of a justfile
	AsPackage               // the scripts of a package.json
	AsGitLab                // below keys of jobs, which extend one another
	AsCircleCI              // below keys of jobs and commands, which have parameters
)

// A Format is a format of pipelines or of files of tasks. Its commands are read as
// those of a script, or named where they stand.
type Format struct {
	Kind    Kind
	Name    string         // with its article: "a Jenkinsfile"
	part    string         // of each such path, or several of which one is, so that most others are told at once
	pattern *regexp.Regexp // of the path
	byName  bool           // the last part of the path is enough for it
	Style   Style

	Scripts   string   // keys of YAML whose values are commands
	Lists     string   // keys of mappings whose values are commands
	Variables string   // keys of mappings of variables
	Dirs      string   // keys of the directory in which the commands run
	Marks     string   // around what the runner fills in: "{{ }}"
	Workspace bool     // it is of one of many projects: commands run in the root, which is {workspaceRoot}, and {projectRoot} is its directory
	Templates string   // the key of the path of another file of steps, which is given parameters
	Dollars   string   // how a dollar sign is written that the shell gets, "" for none
	needs     []string // words of a path that says little: a file of the format has one of them

	Says []Saying // what builds an image in a format that is not read, besides commands of the usual programs; the first that a line holds counts
}

// Tekton is the name of its format, whose parameters are read.
const Tekton = "a Tekton pipeline"

// A Saying is how a format of its own says that it builds an image: Words are in the line, Name is for people.
type Saying struct{ Words, Name string }

const (
	withoutDockerfile = "a base of images without a Dockerfile"
	ofDockerfile      = "a build of a Dockerfile"
)

// formats are all that are known, the first that fits counts.
var formats = byName([]Format{
	{Kind: Pipeline, Name: "a GitLab pipeline", part: ".gitlab", pattern: regexp.MustCompile(`(?:^|/)(?:\.gitlab-ci[^/]*|[^/]+\.gitlab-ci|\.gitlab/.+)\.ya?ml$`), Style: AsGitLab,
		Scripts: "script before_script after_script", Variables: "variables", Marks: "$[[ ]]"},
	{Kind: Pipeline, Name: "a CircleCI pipeline", part: ".circleci/", pattern: regexp.MustCompile(`(?:^|/)\.circleci/.+\.ya?ml$`), Style: AsCircleCI,
		Scripts: "run command", Variables: "environment", Dirs: "working_directory", Marks: "<< >>"},
	{Kind: Pipeline, Name: "a Travis file", part: ".travis.", pattern: regexp.MustCompile(`(?:^|/)\.travis\.ya?ml$`), Style: AsYAML,
		Scripts: "script before_script install before_install after_success before_deploy deploy"},
	{Kind: Pipeline, Name: "a Bitbucket pipeline", part: "bitbucket-pipelines", pattern: regexp.MustCompile(`(?:^|/)bitbucket-pipelines\.ya?ml$`), Style: AsYAML, Scripts: "script after-script"},
	{Kind: Pipeline, Name: "a Drone pipeline", part: ".drone.", pattern: regexp.MustCompile(`(?:^|/)\.drone\.ya?ml$`), Style: AsYAML, Scripts: "commands", Variables: "environment", Dollars: "$$"},
	{Kind: Pipeline, Name: "a Woodpecker pipeline", part: ".woodpecker", pattern: regexp.MustCompile(`(?:^|/)\.woodpecker(?:/.+)?\.ya?ml$`), Style: AsYAML, Scripts: "commands", Variables: "environment", Dirs: "directory", Dollars: "$$"},
	{Kind: Pipeline, Name: "a Buildkite pipeline", part: ".buildkite/", pattern: regexp.MustCompile(`(?:^|/)\.buildkite/.+\.ya?ml$`), Style: AsYAML, Scripts: "command commands", Variables: "env", Dollars: "$$"},
	{Kind: Pipeline, Name: "an Azure pipeline", part: "azure", pattern: regexp.MustCompile(`(?:^|/)(?:[^/]*azure-pipelines?[^/]*|\.azure-pipelines/.+|\.azuredevops/.+)\.ya?ml$`), Style: AsYAML,
		Scripts: "script bash", Variables: "variables", Dirs: "workingDirectory", Templates: "template", Marks: "${{ }}"},
	{Kind: Pipeline, Name: "a Cloud Build file", part: "cloudbuild", pattern: regexp.MustCompile(`(?:^|/)[^/]*cloudbuild[^/]*\.(?:ya?ml|json)$`), Style: AsSteps},
	{Kind: Pipeline, Name: "a CodeBuild file", part: "buildspec", pattern: regexp.MustCompile(`(?:^|/)buildspec[^/]*\.ya?ml$`), Style: AsYAML, Scripts: "commands", Variables: "variables"},
	{Kind: Pipeline, Name: "an AppVeyor file", part: "appveyor", pattern: regexp.MustCompile(`(?:^|/)\.?appveyor\.ya?ml$`), Style: AsYAML, Scripts: "sh"},
	{Kind: Pipeline, Name: "a Semaphore pipeline", part: ".semaphore/", pattern: regexp.MustCompile(`(?:^|/)\.semaphore/.+\.ya?ml$`), Style: AsYAML, Scripts: "commands"},
	{Kind: Pipeline, Name: "a Cirrus file", part: ".cirrus.", pattern: regexp.MustCompile(`(?:^|/)\.cirrus\.ya?ml$`), Style: AsYAML, Scripts: "script build_script test_script main_script deploy_script install_script"},
	{Kind: Pipeline, Name: "a Codefresh pipeline", part: "codefresh", pattern: regexp.MustCompile(`(?:^|/)codefresh[^/]*\.ya?ml$`), Style: AsYAML, Scripts: "commands", Dirs: "working_directory", Marks: "${{ }}"},
	{Kind: Pipeline, Name: Tekton, part: ".tekton/", pattern: regexp.MustCompile(`(?:^|/)\.tekton/.+\.ya?ml$`), Style: AsYAML, Scripts: "script", Marks: "{{ }}"},
	{Kind: Pipeline, Name: "a Jenkinsfile", part: "enkinsfile", pattern: regexp.MustCompile(`(?:^|/)(?:[^/]+\.)?[Jj]enkinsfile(?:\.[^/]+)?$`)},
	{Kind: Tasks, Name: "a Taskfile", part: "askfile", pattern: regexp.MustCompile(`(?:^|/)[Tt]askfile(?:[._-][^/]+)?\.ya?ml$`), Style: AsYAML,
		Scripts: "cmds cmd", Lists: "tasks", Variables: "vars env", Dirs: "dir", Marks: "{{ }}"},
	{Kind: Tasks, Name: "a justfile", part: "ustfile|JUSTFILE|.just", pattern: regexp.MustCompile(`(?:^|/)(?:\.?[Jj]ustfile|JUSTFILE|[^/]+\.just)$`), Style: AsRecipes, Marks: "{{ }}"},
	{Kind: Tasks, Name: "a package.json", part: "package.json", pattern: regexp.MustCompile(`(?:^|/)package\.json$`), Style: AsPackage},
	{Kind: Tasks, Name: "a project.json", part: "project.json", pattern: regexp.MustCompile(`(?:^|/)project\.json$`), Style: AsYAML, Scripts: "command commands", Dirs: "cwd", Workspace: true},
	{Kind: Tasks, Name: "an Earthfile", part: "Earthfile", pattern: regexp.MustCompile(`(?:^|/)[^/]*Earthfile$`)},
	{Kind: Tasks, Name: "a Tiltfile", part: "Tiltfile", pattern: regexp.MustCompile(`(?:^|/)Tiltfile(?:\.[^/]+)?$`)},
	{Kind: Tasks, Name: "a garden file", part: "garden", pattern: regexp.MustCompile(`(?:^|/)(?:[^/]+\.)?garden\.ya?ml$`), Says: []Saying{{"type: container", "a container build"}, {"type: jib-container", "a container build"}}},
	{Kind: Tasks, Name: "a ko file", part: ".ko.", pattern: regexp.MustCompile(`(?:^|/)\.ko\.ya?ml$`), Says: []Saying{{"defaultBaseImage:", withoutDockerfile}, {"baseImageOverrides:", withoutDockerfile}}},
	{Kind: Tasks, Name: "a file of Bazel", part: "MODULE.bazel|WORKSPACE", pattern: regexp.MustCompile(`(?:^|/)(?:[^/]+\.)?(?:MODULE\.bazel|WORKSPACE(?:\.bazel)?)$`),
		Says: []Saying{{"oci.pull(", withoutDockerfile}, {"oci_pull(", withoutDockerfile}, {"container_pull(", withoutDockerfile}}},
	{Kind: Tasks, Name: "a Maven project", part: "pom.xml", pattern: regexp.MustCompile(`(?:^|/)pom\.xml$`),
		Says: []Saying{{"<artifactId>jib-maven-plugin<", withoutDockerfile}, {"<artifactId>dockerfile-maven-plugin<", ofDockerfile}, {"<dockerFile>", ofDockerfile}, {"<dockerFileDir>", ofDockerfile}}},
	{Kind: Tasks, Name: "a Gradle build", part: "build.gradle", pattern: regexp.MustCompile(`(?:^|/)build\.gradle(?:\.kts)?$`),
		Says: []Saying{{"com.google.cloud.tools.jib", withoutDockerfile}, {"com.bmuschko.docker-", ofDockerfile}, {"com.palantir.docker\"", ofDockerfile}, {"com.palantir.docker'", ofDockerfile}}},
	{Kind: Tasks, Name: "a program of Dagger", part: ".dagger/", pattern: regexp.MustCompile(`(?:^|/)\.dagger/.+\.(?:go|py|ts)$`), Says: []Saying{{".DockerBuild(", ofDockerfile}, {".docker_build(", ofDockerfile}, {".dockerBuild(", ofDockerfile}}},
	{Kind: Tasks, Name: "a Rakefile", part: "Rakefile|.rb|.rake", pattern: regexp.MustCompile(`(?:^|/)(?:Rakefile|[^/]*(?:docker|image|build|release|publish)[^/]*\.r(?:b|ake))$`)},
	{Kind: Tasks, Name: "a Python program", part: ".py", pattern: regexp.MustCompile(`(?:^|/)(?:[^/]*(?:docker|container|image|build|release|publish)[^/]*|tasks|noxfile|fabfile|dodo)\.py$`)},
	{Kind: Tasks, Name: "a PowerShell script", part: ".ps1", pattern: regexp.MustCompile(`(?:^|/)[^/]*(?i:docker|image|build|release|publish)[^/]*\.ps1$`)},
	{Kind: Pipeline, Name: "an Azure pipeline", part: "build|docker|image|release|publish|pipelines/|.ado/|.vsts", pattern: regexp.MustCompile(`(?:^|/)(?:[^/]*(?:build|docker|image|release|publish)[^/]*|\.?pipelines/.+|\.ado/.+|\.vsts(?:/.+|[^/]*))\.ya?ml$`), Style: AsYAML,
		Scripts: "script bash", Variables: "variables", Dirs: "workingDirectory", Templates: "template", Marks: "${{ }}", needs: azureSteps},
	{Kind: Tasks, Name: "a batch file", part: ".bat|.cmd", pattern: regexp.MustCompile(`(?:^|/)[^/]*(?i:docker|image|build|release|publish)[^/]*\.(?:bat|cmd)$`)},
})

// azureSteps are how a step of an Azure pipeline begins, whose file may have any name. Few files of other formats have one of these
// and "steps:" as well; a task of Tekton may, and its scripts are commands too.
var azureSteps = []string{"- bash:", "- script:", "- task:"}

// IsSure reports whether the path alone says that a file is of the format.
func (f *Format) IsSure() bool { return len(f.needs) == 0 }

// Fits reports whether the content of a file that the format names may be of it.
func (f *Format) Fits(src []byte) bool {
	return f.IsSure() || bytes.Contains(src, []byte("steps:")) && slices.ContainsFunc(f.needs, func(word string) bool { return bytes.Contains(src, []byte(word)) })
}

// hasPart reports whether one of the parts that a bar separates is in s.
func hasPart(s, parts string) bool {
	for part := range strings.SplitSeq(parts, "|") {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// byName finds out which patterns are those of names, which takes much less to tell.
func byName(formats []Format) []Format {
	for i := range formats {
		_, pattern, _ := strings.Cut(formats[i].pattern.String(), "(?:^|/)")
		formats[i].byName = !strings.Contains(strings.ReplaceAll(pattern, "[^/]", ""), "/")
	}
	return formats
}

// StepsFormat is that of Cloud Build, whatever a file of it is called.
var StepsFormat = &Format{Kind: Pipeline, Name: "a Cloud Build file", Style: AsSteps}

// likelyPipeline tells most names at once that are none of the formats.
func likelyPipeline(p, name string) bool {
	switch ext := name[strings.LastIndexByte(name, '.')+1:]; ext {
	case "yml", "yaml":
		return name[0] == '.' || HasAny(p, pipelineWords) || HasAny(name, pipelineNames)
	case "json":
		return name == "package.json" || name == "project.json" || strings.Contains(name, "cloudbuild")
	case "py":
		return HasAny(name, namesOfPrograms) || HasAny(name, pythonNames) || strings.Contains(p, ".dagger/")
	case "go", "ts":
		return strings.Contains(p, ".dagger/")
	case "bazel":
		return HasAny(name, bazelNames)
	case "xml":
		return name == "pom.xml"
	case "gradle", "kts":
		return strings.HasPrefix(name, "build.gradle")
	case "ps1", "bat", "cmd", "rb", "rake":
		return HasAny(strings.ToLower(name), namesOfPrograms)
	case "just":
		return true
	default:
		return HasAny(name, taskNames)
	}
}

// Parts of the paths of pipelines and files of tasks.
var (
	pipelineNames = []string{"build", "docker", "image", "release", "publish", "pipeline", "askfile", "appveyor", "codefresh", "gitlab-ci", "garden"}
	pipelineWords = []string{".circleci/", ".buildkite/", ".gitlab/", ".tekton/", ".woodpecker/", ".semaphore/", "pipelines/", ".azuredevops/", ".ado/", ".vsts"}
	pythonNames   = []string{"container", "tasks", "noxfile", "fabfile", "dodo"}
	taskNames     = []string{"enkinsfile", "ustfile", "JUSTFILE", "Earthfile", "Tiltfile", "Rakefile", "WORKSPACE"}
	bazelNames    = []string{"MODULE", "WORKSPACE"}
)

// HasAny reports whether one of the words is in s.
func HasAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(s, word) })
}

// FormatOf returns the format of pipelines that a path names, nil for none.
func FormatOf(p string) *Format {
	name := p[strings.LastIndexByte(p, '/')+1:]
	if name == "" || !likelyPipeline(p, name) {
		return nil
	}
	for i := range formats {
		subject := p
		if formats[i].byName {
			subject = name
		}
		if hasPart(subject, formats[i].part) && formats[i].pattern.MatchString(subject) {
			return &formats[i]
		}
	}
	return nil
}

// MayRunOthers reports whether scripts are followed from a file of the kind.
func MayRunOthers(kind Kind, p string) bool {
	return kind != Pipeline && kind != Tasks || FormatOf(p).Style != NotRead
}
