// Package skaffold reads the artifacts of skaffold files.
package skaffold
