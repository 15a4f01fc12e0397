// Package pipeline reads pipelines and files of tasks: a table says where commands stand in each
// format (reading.Format), and package shell follows them. Of a format that is not read, the first
// command that builds is named.
package pipeline
