// Package config reads .propagate.yaml, the file in which a repository says what
// its Dockerfiles cannot say themselves.
//
// [Parse] comes first. It goes through the nodes of the YAML document itself, so that
// every error and every value has its place; a new key is an entry of Config.keys.
// [Config.Claims] says which Dockerfile produces which image, tags and target.
// [Config.Policy] says what holds for the references to an image in a file, and which entry says so.
// [Config.UnusedFiles] and [Config.UnusedImages] note what fits nothing. [Config.Show] prints the whole
// configuration with its defaults, and [Schema] is the JSON Schema of the file; both are made of the types in form.go.
//
// # Limitations
//
// Every key is known or an error: a misspelt one must not silently do nothing. The YAML
// library names no more than the line of what is no YAML, and for some errors that of
// the mapping they are in. Patterns make no exceptions.
// The schema knows keys, types and words, and leaves it to [Parse] what else a text has to be.
package config
