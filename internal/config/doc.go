// Package config reads .propagate.yaml, the file in which a repository says what
// its Dockerfiles cannot say themselves.
//
// [Parse] comes first. It goes through the nodes of the YAML document itself, so that
// every error and every value has its place; a new key is an entry of Config.keys.
// [Config.Claims] says which Dockerfile produces which image, tags and target.
// [Config.UnusedFiles] and [Config.UnusedImages] note what fits nothing.
//
// # Limitations
//
// Every key is known or an error: a misspelt one must not silently do nothing. The YAML
// library names no more than the line of what is no YAML, and for some errors that of
// the mapping they are in. Patterns make no exceptions.
package config
