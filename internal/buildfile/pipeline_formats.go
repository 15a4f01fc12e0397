package buildfile

import (
	"regexp"
	"slices"
	"strings"
)

// A pipelineStyle is how commands stand in a format.
type pipelineStyle uint8

const (
	notRead   pipelineStyle = iota // the first command that builds is named
	asYAML                         // below keys
	asSteps                        // the steps of Cloud Build
	asRecipes                      // of a justfile
	asPackage                      // the scripts of a package.json
)

// A pipelineFormat is a format of pipelines or of files of tasks. Its commands are read as
// those of a script, or named where they stand.
type pipelineFormat struct {
	kind    Kind
	name    string         // with its article: "a Jenkinsfile"
	pattern *regexp.Regexp // of the path
	style   pipelineStyle

	scripts   string // keys of YAML whose values are commands
	lists     string // keys of mappings whose values are commands
	variables string // keys of mappings of variables
	dirs      string // keys of the directory in which the commands run
	marks     string // around what the runner fills in: "{{ }}"
	dollars   string // how a dollar sign is written that the shell gets, "" for none
}

// pipelineFormats are all that are known, the first that fits counts.
var pipelineFormats = []pipelineFormat{
	{kind: Pipeline, name: "a GitLab pipeline", pattern: regexp.MustCompile(`(?:^|/)(?:\.gitlab-ci[^/]*|[^/]+\.gitlab-ci|\.gitlab/.+)\.ya?ml$`), style: asYAML,
		scripts: "script before_script after_script", variables: "variables"},
	{kind: Pipeline, name: "a CircleCI pipeline", pattern: regexp.MustCompile(`(?:^|/)\.circleci/.+\.ya?ml$`), style: asYAML,
		scripts: "run command", variables: "environment", dirs: "working_directory", marks: "<< >>"},
	{kind: Pipeline, name: "a Travis file", pattern: regexp.MustCompile(`(?:^|/)\.travis\.ya?ml$`), style: asYAML,
		scripts: "script before_script install before_install after_success before_deploy deploy"},
	{kind: Pipeline, name: "a Bitbucket pipeline", pattern: regexp.MustCompile(`(?:^|/)bitbucket-pipelines\.ya?ml$`), style: asYAML, scripts: "script after-script"},
	{kind: Pipeline, name: "a Drone pipeline", pattern: regexp.MustCompile(`(?:^|/)\.drone\.ya?ml$`), style: asYAML, scripts: "commands", variables: "environment", dollars: "$$"},
	{kind: Pipeline, name: "a Woodpecker pipeline", pattern: regexp.MustCompile(`(?:^|/)\.woodpecker(?:/.+)?\.ya?ml$`), style: asYAML, scripts: "commands", variables: "environment", dirs: "directory", dollars: "$$"},
	{kind: Pipeline, name: "a Buildkite pipeline", pattern: regexp.MustCompile(`(?:^|/)\.buildkite/.+\.ya?ml$`), style: asYAML, scripts: "command commands", variables: "env", dollars: "$$"},
	{kind: Pipeline, name: "an Azure pipeline", pattern: regexp.MustCompile(`(?:^|/)(?:[^/]*azure-pipelines?[^/]*|\.azure-pipelines/.+|\.azuredevops/.+)\.ya?ml$`), style: asYAML,
		scripts: "script bash", dirs: "workingDirectory", marks: "${{ }}"},
	{kind: Pipeline, name: "a Cloud Build file", pattern: regexp.MustCompile(`(?:^|/)[^/]*cloudbuild[^/]*\.(?:ya?ml|json)$`), style: asSteps},
	{kind: Pipeline, name: "a CodeBuild file", pattern: regexp.MustCompile(`(?:^|/)buildspec[^/]*\.ya?ml$`), style: asYAML, scripts: "commands", variables: "variables"},
	{kind: Pipeline, name: "an AppVeyor file", pattern: regexp.MustCompile(`(?:^|/)\.?appveyor\.ya?ml$`), style: asYAML, scripts: "sh"},
	{kind: Pipeline, name: "a Semaphore pipeline", pattern: regexp.MustCompile(`(?:^|/)\.semaphore/.+\.ya?ml$`), style: asYAML, scripts: "commands"},
	{kind: Pipeline, name: "a Cirrus file", pattern: regexp.MustCompile(`(?:^|/)\.cirrus\.ya?ml$`), style: asYAML, scripts: "script build_script test_script main_script deploy_script install_script"},
	{kind: Pipeline, name: "a Codefresh pipeline", pattern: regexp.MustCompile(`(?:^|/)codefresh[^/]*\.ya?ml$`), style: asYAML, scripts: "commands", dirs: "working_directory", marks: "${{ }}"},
	{kind: Pipeline, name: "a Tekton pipeline", pattern: regexp.MustCompile(`(?:^|/)\.tekton/.+\.ya?ml$`), style: asYAML, scripts: "script"},
	{kind: Pipeline, name: "a Jenkinsfile", pattern: regexp.MustCompile(`(?:^|/)(?:[^/]+\.)?[Jj]enkinsfile(?:\.[^/]+)?$`)},
	{kind: Tasks, name: "a Taskfile", pattern: regexp.MustCompile(`(?:^|/)[Tt]askfile(?:[._-][^/]+)?\.ya?ml$`), style: asYAML,
		scripts: "cmds cmd", lists: "tasks", variables: "vars env", dirs: "dir", marks: "{{ }}"},
	{kind: Tasks, name: "a justfile", pattern: regexp.MustCompile(`(?:^|/)(?:\.?[Jj]ustfile|JUSTFILE|[^/]+\.just)$`), style: asRecipes, marks: "{{ }}"},
	{kind: Tasks, name: "a package.json", pattern: regexp.MustCompile(`(?:^|/)package\.json$`), style: asPackage},
	{kind: Tasks, name: "an Earthfile", pattern: regexp.MustCompile(`(?:^|/)[^/]*Earthfile$`)},
	{kind: Tasks, name: "a Tiltfile", pattern: regexp.MustCompile(`(?:^|/)Tiltfile(?:\.[^/]+)?$`)},
	{kind: Tasks, name: "a Rakefile", pattern: regexp.MustCompile(`(?:^|/)(?:Rakefile|[^/]*(?:docker|image|build|release|publish)[^/]*\.r(?:b|ake))$`)},
	{kind: Tasks, name: "a Python program", pattern: regexp.MustCompile(`(?:^|/)(?:[^/]*(?:docker|image|build|release|publish)[^/]*|tasks|noxfile|fabfile|dodo)\.py$`)},
	{kind: Tasks, name: "a PowerShell script", pattern: regexp.MustCompile(`(?:^|/)[^/]*(?i:docker|image|build|release|publish)[^/]*\.ps1$`)},
	{kind: Tasks, name: "a batch file", pattern: regexp.MustCompile(`(?:^|/)[^/]*(?i:docker|image|build|release|publish)[^/]*\.(?:bat|cmd)$`)},
}

// stepsFormat is that of Cloud Build, whatever a file of it is called.
var stepsFormat = &pipelineFormat{kind: Pipeline, name: "a Cloud Build file", style: asSteps}

// likelyPipeline tells most names at once that are none of the formats.
func likelyPipeline(p, name string) bool {
	switch ext := name[strings.LastIndexByte(name, '.')+1:]; ext {
	case "yml", "yaml":
		return name[0] == '.' || strings.Contains(p, ".") && hasAny(p, pipelineWords) || hasAny(name, pipelineNames)
	case "json":
		return name == "package.json" || strings.Contains(name, "cloudbuild")
	case "py":
		return hasAny(name, namesOfPrograms) || hasAny(name, pythonTasks)
	case "ps1", "bat", "cmd", "rb", "rake":
		return hasAny(strings.ToLower(name), namesOfPrograms)
	case "just":
		return true
	default:
		return hasAny(name, taskNames)
	}
}

// Parts of the paths of pipelines and files of tasks.
var (
	pipelineNames = []string{"pipeline", "cloudbuild", "buildspec", "askfile", "appveyor", "codefresh", "gitlab-ci"}
	pipelineWords = []string{".circleci/", ".buildkite/", ".gitlab/", ".tekton/", ".woodpecker/", ".semaphore/", ".azure-pipelines/", ".azuredevops/"}
	pythonTasks   = []string{"tasks", "noxfile", "fabfile", "dodo"}
	taskNames     = []string{"enkinsfile", "ustfile", "JUSTFILE", "Earthfile", "Tiltfile", "Rakefile"}
)

func hasAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(s, word) })
}

// formatOf returns the format of pipelines that a path names, nil for none.
func formatOf(p string) *pipelineFormat {
	name := p[strings.LastIndexByte(p, '/')+1:]
	if name == "" || !likelyPipeline(p, name) {
		return nil
	}
	for i := range pipelineFormats {
		if pipelineFormats[i].pattern.MatchString(p) {
			return &pipelineFormats[i]
		}
	}
	return nil
}

// mayRunOthers reports whether scripts are followed from a file of the kind.
func mayRunOthers(kind Kind, p string) bool {
	return kind != Pipeline && kind != Tasks || formatOf(p).style != notRead
}
