//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// apart has a program run in a group of processes of its own.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// end ends a program, and what it has started in its group.
func end(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
