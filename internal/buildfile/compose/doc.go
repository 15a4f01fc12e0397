// Package compose reads compose files: the builds of their services, with what is laid over them
// and what they include and extend, and what commands that run compose make of them.
package compose
