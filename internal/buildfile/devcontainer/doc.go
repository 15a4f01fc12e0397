// Package devcontainer reads the configurations of dev containers.
package devcontainer
