// Package buildfile reads the files that say how a repository builds its images:
// compose files, bake files, skaffold files, GitHub workflows, shell scripts,
// Makefiles, and the commands of other pipelines and of files of tasks.
//
// [Read] turns them into builds: which Dockerfile is built, with which target,
// build arguments and contexts, and how the image is called. Every value knows
// where it is written ([trace.Text]), so that a version in a build file is edited
// like one in a Dockerfile. A Dockerfile that is itself a text inside one of these files is
// [Build.Inline].
//
// # Limitations
//
// Nothing is run. What a script computes while it runs, what a workflow gets from
// one of another repository, and variables of an environment that is not in the repository are not
// known: a build argument of which nothing is known is left out, and in one of which
// a part is not known [scanner.Unknown] stands for it; such a tag of an image is left
// off, and an image whose name is not known makes no claim.
//
// A script is followed only if it, or what it runs or reads among the scripts, Makefiles
// and workflows of the repository, names a program that builds images, or has a variable
// called like one where a command begins. One that gets the program's name from any
// other file is passed over.
//
// Of pipelines other than GitHub workflows, and of files of tasks, it is known where commands
// stand, in which directory they run, and variables that the file gives one value only. A
// file of a kind that is not read is named with its first command that builds
// ([source.CodeNotRead]), and so is each command that builds of which it is not known what
// ([source.CodeNotUnderstood]).
//
// Bake files are evaluated as bake does it, without variables of an environment: one
// that has no default is not known. A variable, function or target that a file does
// not declare is taken from a bake file beside it, or from variables.hcl, vars.hcl
// or versions.hcl, where one of them alone declares it. A file that cannot stand alone is laid over
// another without a command that says so; what compose includes from elsewhere than the
// repository is passed over. Numbers have no place, since
// not every version can stand where a number does; neither has what an escape
// of a string stands for.
package buildfile
