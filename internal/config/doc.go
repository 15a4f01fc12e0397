// Package config reads .propagate.yaml, the file in which a repository says what
// its Dockerfiles cannot say themselves.
//
// # Limitations
//
// Every key is known or an error: a misspelt one must not silently do nothing.
package config
