// Package scheduletest holds the ready-made files of docs/schedule, and the workflows of the pages in docs, to
// what the systems say that read them: GitHub's by actionlint, Kubernetes' by its own types, GitLab's
// and Azure's by their JSON Schemas, which lie in testdata. It is a module of its own, so that none of this is
// among the modules of propagate. That the commands and flags in the files exist is tested in
// internal/arch.
//
// # Limitations
//
// A schema knows names and types of keys, not what a server allows. Nothing is run.
package scheduletest
