package source

import "slices"

// A Code is the stable name of one kind of problem. Words and places of a problem may
// change from version to version, and what a code means does not: people search for it,
// and the configuration ignores problems by it. New codes may be added.
type Code string

// The codes of problems in Dockerfiles.
const (
	// CodeUnreadable: the content of a file cannot be had.
	// Example: a file without permission to read it; a blob that a partial clone left at its remote.
	CodeUnreadable Code = "unreadable"

	// CodeTooLarge: a file is larger than what is read of one.
	// Example: a tarball that is called `Dockerfile.bin`.
	CodeTooLarge Code = "too-large"

	// CodeBinary: a file that is called like a Dockerfile holds NUL bytes.
	// Example: a Dockerfile in UTF-16.
	CodeBinary Code = "binary-file"

	// CodeSyntax: BuildKit rejects a whole file.
	// Example: a heredoc that does not end.
	CodeSyntax Code = "syntax-error"

	// CodeNoFrom: a Dockerfile has no FROM, and builds nothing.
	// Example: a file of comments.
	CodeNoFrom Code = "no-from"

	// CodeTemplate: a file called like a Dockerfile is a template of one.
	// Example: `FROM registry.example/base:{{ .Version }}`
	CodeTemplate Code = "template"

	// CodeUnknownInstruction: BuildKit knows no such instruction.
	// Example: `INCLUDE common.docker`
	CodeUnknownInstruction Code = "unknown-instruction"

	// CodeBeforeFrom: an instruction other than ARG stands before the first FROM.
	// Example: `RUN make` in line 1.
	CodeBeforeFrom Code = "before-from"

	// CodeBadFrom: FROM has other operands than an image, or an image AS a name.
	// Example: `FROM a b`
	CodeBadFrom Code = "bad-from"

	// CodeBadStageName: a stage has a name that BuildKit does not take.
	// Example: `FROM scratch AS 1st`
	CodeBadStageName Code = "bad-stage-name"

	// CodeTooManyStages: a Dockerfile has more stages than are read.
	// Example: a generated file with a stage for each of 2000 packages.
	CodeTooManyStages Code = "too-many-stages"

	// CodeTooManyBuilds: a Dockerfile is built in more ways than are read.
	// Example: a bake file with a matrix of 20 by 20 versions.
	CodeTooManyBuilds Code = "too-many-builds"

	// CodeAssumedPlatform: a name is a stage on linux/amd64 alone, and nothing says what the Dockerfile is built for.
	// Example: `FROM base-${TARGETARCH}` in a file without a stage `base-arm64`.
	CodeAssumedPlatform Code = "assumed-platform"

	// CodeNoSuchStage: COPY --from names a stage by a number that no stage has.
	// Example: `COPY --from=7 /app /app` in a file of one stage.
	CodeNoSuchStage Code = "no-such-stage"

	// CodeNoSuchTarget: a Dockerfile is to be built with a target that it does not have.
	// Example: `targets: {services/a: runtime}` of a Dockerfile without that stage.
	CodeNoSuchTarget Code = "no-such-target"

	// CodeUnresolvedArg: a reference is not known, for a part of it is an ARG without a value.
	// Example: `ARG TAG` and `FROM registry.example/base:${TAG}`
	CodeUnresolvedArg Code = "unresolved-arg"

	// CodeUnsetArg: a reference is known, and an ARG without a value counts as empty in it.
	// Example: `ARG SUFFIX` and `FROM registry.example/base:1.0.0${SUFFIX}`
	CodeUnsetArg Code = "unset-arg"

	// CodeUnknownValue: a build file hands in a value that is not known from its text, or a number stands for a tag that reads otherwise.
	// Example: `docker build --build-arg TAG=$(git describe) .`
	CodeUnknownValue Code = "unknown-value"

	// CodeBadSubstitution: a variable cannot be replaced by its value.
	// Example: `FROM registry.example/base:${TAG:?is missing}`
	CodeBadSubstitution Code = "bad-substitution"

	// CodeNotExpanded: a variable stands where BuildKit replaces none.
	// Example: `COPY --from=registry.example/tool:${TAG} /tool /tool`
	CodeNotExpanded Code = "not-expanded"

	// CodeBadReference: what a Dockerfile, or a pattern or a path of the configuration, names is no image reference.
	// Example: `FROM registry.example/Base:1.0.0`
	CodeBadReference Code = "bad-reference"

	// CodeMoreProblems: a file has more problems than are listed; the rest is counted.
	// Example: a shell script that is called `Dockerfile`.
	CodeMoreProblems Code = "more-problems"
)

// The codes of problems in build files.
const (
	// CodeBuildFileSyntax: a build file, or a command in it, does not parse.
	// Example: a compose file that is no YAML.
	CodeBuildFileSyntax Code = "build-file-syntax"

	// CodeBuildFileLimit: a build file stands for more than is read of one.
	// Example: a bake file whose functions call each other a million times.
	CodeBuildFileLimit Code = "build-file-limit"

	// CodeValueLimit: a command of a build file has more values than are followed, or longer ones; the build is read without some.
	// Example: `docker build --build-arg TAG=$TAG .` with a TAG that a script makes in a hundred ways.
	CodeValueLimit Code = "build-value-limit"

	// CodeNotEvaluated: an attribute of a bake target cannot be evaluated.
	// Example: `args = {TAG = undefined(1)}`
	CodeNotEvaluated Code = "not-evaluated"

	// CodeNoSuchParent: a bake target inherits from one that is not in the file.
	// Example: `inherits = ["nowhere"]`
	CodeNoSuchParent Code = "no-such-parent"

	// CodeDuplicateTarget: the matrix of a bake target makes two targets of one name.
	// Example: a matrix without `name`.
	CodeDuplicateTarget Code = "duplicate-target"

	// CodeIncluded: a compose file includes another and gives its variables other values; the service is read as that project builds it.
	// Example: `include: [stack/compose.yaml]` with `BASE=1.0.0` in `.env` and `BASE=0.9.0` in `stack/.env`.
	CodeIncluded Code = "included-elsewhere"

	// CodeUnknownStage: the stage that a bake target builds is not known; the last is taken for it.
	// Example: `target = undefined(1)`
	CodeUnknownStage Code = "unknown-stage"

	// CodeAssumedValue: a build file is read with what may be another value, which no file says.
	// Example: `${{ vars.BASE_VERSION || '1.0.0' }}`
	CodeAssumedValue Code = "assumed-value"

	// CodeNotUnderstood: a command that builds an image was seen, and what it builds is not known.
	// Example: `docker build "$@"` in a script, of which nothing tells what it is run with.
	CodeNotUnderstood Code = "build-not-understood"

	// CodeNotRead: a file of a kind that is not read for builds has a command that builds an image.
	// Example: `sh 'docker build -t base .'` in a Jenkinsfile.
	CodeNotRead Code = "build-not-read"
)

// The codes of problems in the repository and its configuration.
const (
	// CodeUnusedSetting: an entry of the configuration fits nothing.
	// Example: `ignore: [services/gone/**]`
	CodeUnusedSetting Code = "unused-setting"

	// CodeEndedIgnore: an entry of `ignore` is past its last day, and counts no more.
	// Example: `ignore: [{path: legacy, until: 2025-12-31}]` on 1 January 2026.
	CodeEndedIgnore Code = "ended-ignore"

	// CodeLinkNotFollowed: a symbolic link that is called like a Dockerfile leads out of the tree, in a circle or nowhere.
	// Example: `Dockerfile -> ../../common/Dockerfile` in a directory of the root.
	CodeLinkNotFollowed Code = "link-not-followed"
)

// The codes of problems of the graph and of plans.
const (
	// CodeTwoMakers: several Dockerfiles make one image.
	// Example: two compose files with `image: registry.example/base` and builds of their own.
	CodeTwoMakers Code = "two-makers"

	// CodeNoLine: several builds make an image, and none of them the tag that a reference names.
	// Example: `FROM registry.example/java:11.0.2` beside builds of 17.0.3 and 21.0.5.
	CodeNoLine Code = "no-line"

	// CodeNoMaker: Dockerfiles are called like an image that is referred to, and which of them makes it is not known.
	// Example: `FROM registry.example/base:1.0.0` beside `a/base/Dockerfile` and `b/base/Dockerfile`.
	CodeNoMaker Code = "no-maker"

	// CodeSimilarName: an image that is referred to looks like one that is made here under another name, or is called like a Dockerfile of which nothing tells what it makes.
	// Example: `FROM registry.example/acme/base:1.0.0` beside `docker build -t staging.example/acme/base:1.0.0 base`.
	CodeSimilarName Code = "similar-name"

	// CodeNothingOn: no reference is on the version that is to be moved from.
	// Example: `--base base@1.0.2 --from 1.0.1` where all are on 1.0.0.
	CodeNothingOn Code = "nothing-on"

	// CodeCircle: images are made from each other in a circle.
	// Example: `base` is built FROM `tools`, and `tools` FROM `base`.
	CodeCircle Code = "circle"

	// CodeTwoVersions: two places give one image two versions.
	// Example: a file VERSION says 1.0.2, and the bake file that makes the image 1.0.3.
	CodeTwoVersions Code = "two-versions"

	// CodeNoNextVersion: nothing tells which version a derived base has next.
	// Example: a base that is referred to by digest alone.
	CodeNoNextVersion Code = "no-next-version"

	// CodeUnknownDigest: the digest of a version cannot be looked up.
	// Example: a registry that is not reached, for `FROM registry.example/base:1.0.0@sha256:…`
	CodeUnknownDigest Code = "unknown-digest"

	// CodeUnknownRelease: a derived base has the patch, and nothing tells which of its versions has.
	// Example: a shallow clone, without the history of the base.
	CodeUnknownRelease Code = "unknown-release"

	// CodeUnknownPublished: whether a version is published cannot be found out.
	// Example: a registry that asks for a password.
	CodeUnknownPublished Code = "unknown-published"

	// CodeUncheckedBase: whether there is a version that `--base` names cannot be found out.
	// Example: a registry that is not reached.
	CodeUncheckedBase Code = "unchecked-base"

	// CodeNoFlavour: `--flavours` does not take a flavour that is in use: its registry has no tag of it, or cannot be asked.
	// Example: `--base node@20.1.1 --flavours` beside `FROM node:20.1.0-alpine3.18`, for which there is no release 20.1.1.
	CodeNoFlavour Code = "no-flavour"

	// CodeMovingTag: what is on a tag that moves counts as up to date, and the tag may name another image by now.
	// Example: `--base debian@12` beside `FROM debian:12`.
	CodeMovingTag Code = "moving-tag"

	// CodeRuns: a service of a compose file, or a job of a pipeline, runs a bumped base itself, and nothing is built there that could be edited.
	// Example: `image: registry.example/base:1.0.0` without `build:`, or a job with `container: registry.example/base:1.0.0`, and `--base base@1.0.1`.
	CodeRuns Code = "runs-base"

	// CodeRecord: a place says that a bumped base which the repository makes is still at an older version.
	// Example: `--base base@1.0.1`, and the bake file that makes it gives it the tag 1.0.0.
	CodeRecord Code = "base-record"
)

// A Subject is what problems are found in.
type Subject string

// The subjects.
const (
	InDockerfiles Subject = "Dockerfiles"
	InBuildFiles  Subject = "Build files"
	InRepository  Subject = "Repository and configuration"
	InPlans       Subject = "Graph and plan"
)

// What is to be done about problems that cannot be ignored.
const (
	insteadExclude  = "without the file the answer is incomplete: if it is not to be read, name it in dockerfiles.exclude"
	insteadImages   = "say under images: which Dockerfile makes the image"
	insteadVersions = "say under versions: which version the image has"
	insteadAssume   = "what stands on the image stays as it is until that is known: --assume-published IMAGE@VERSION says it"
	insteadRegistry = "what is pinned to the digest stays as it is until that is known: the registry has to answer"
)

// codes are all codes; instead is set for those that cannot be ignored.
var codes = []struct {
	code    Code
	subject Subject
	instead string
}{
	{CodeUnreadable, InDockerfiles, insteadExclude},
	{CodeTooLarge, InDockerfiles, insteadExclude},
	{CodeBinary, InDockerfiles, insteadExclude},
	{CodeSyntax, InDockerfiles, insteadExclude},
	{CodeNoFrom, InDockerfiles, ""},
	{CodeTemplate, InDockerfiles, ""},
	{CodeUnknownInstruction, InDockerfiles, ""},
	{CodeBeforeFrom, InDockerfiles, ""},
	{CodeBadFrom, InDockerfiles, ""},
	{CodeBadStageName, InDockerfiles, ""},
	{CodeTooManyStages, InDockerfiles, ""},
	{CodeTooManyBuilds, InDockerfiles, ""},
	{CodeAssumedPlatform, InDockerfiles, ""},
	{CodeNoSuchStage, InDockerfiles, ""},
	{CodeNoSuchTarget, InDockerfiles, ""},
	{CodeUnresolvedArg, InDockerfiles, ""},
	{CodeUnsetArg, InDockerfiles, ""},
	{CodeUnknownValue, InDockerfiles, ""},
	{CodeBadSubstitution, InDockerfiles, ""},
	{CodeNotExpanded, InDockerfiles, ""},
	{CodeBadReference, InDockerfiles, ""},
	{CodeMoreProblems, InDockerfiles, ""},
	{CodeBuildFileSyntax, InBuildFiles, ""},
	{CodeBuildFileLimit, InBuildFiles, ""},
	{CodeValueLimit, InBuildFiles, ""},
	{CodeNotEvaluated, InBuildFiles, ""},
	{CodeNoSuchParent, InBuildFiles, ""},
	{CodeDuplicateTarget, InBuildFiles, ""},
	{CodeIncluded, InBuildFiles, ""},
	{CodeUnknownStage, InBuildFiles, ""},
	{CodeAssumedValue, InBuildFiles, ""},
	{CodeNotUnderstood, InBuildFiles, ""},
	{CodeNotRead, InBuildFiles, ""},
	{CodeUnusedSetting, InRepository, ""},
	{CodeEndedIgnore, InRepository, ""},
	{CodeLinkNotFollowed, InRepository, ""},
	{CodeTwoMakers, InPlans, insteadImages},
	{CodeNoLine, InPlans, insteadImages},
	{CodeNoMaker, InPlans, insteadImages},
	{CodeSimilarName, InPlans, ""},
	{CodeNothingOn, InPlans, ""},
	{CodeCircle, InPlans, insteadImages},
	{CodeTwoVersions, InPlans, insteadVersions},
	{CodeNoNextVersion, InPlans, insteadVersions},
	{CodeUnknownDigest, InPlans, insteadRegistry},
	{CodeUnknownRelease, InPlans, insteadAssume},
	{CodeUnknownPublished, InPlans, insteadAssume},
	{CodeUncheckedBase, InPlans, ""},
	{CodeNoFlavour, InPlans, ""},
	{CodeMovingTag, InPlans, ""},
	{CodeRuns, InPlans, ""},
	{CodeRecord, InPlans, ""},
}

// Codes returns the codes of the subjects, all codes where none is given.
func Codes(subjects ...Subject) []Code {
	var all []Code
	for _, c := range codes {
		if len(subjects) == 0 || slices.Contains(subjects, c.subject) {
			all = append(all, c.code)
		}
	}
	return all
}

// Instead returns what to do about a problem that cannot be ignored, since something is
// not done or not known because of it; "" for one that can be.
func (c Code) Instead() string {
	for _, known := range codes {
		if known.code == c {
			return known.instead
		}
	}
	return ""
}

// Suffix returns the code as it stands behind a message: " [unresolved-arg]", "" for none.
func (c Code) Suffix() string {
	if c == "" {
		return ""
	}
	return " [" + string(c) + "]"
}
