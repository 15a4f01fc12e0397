//go:build !unix

package main

import "os/exec"

// apart does nothing where there are no groups of processes.
func apart(*exec.Cmd) {}

// end ends a program. What it has started goes on.
func end(cmd *exec.Cmd) error { return cmd.Process.Kill() }
