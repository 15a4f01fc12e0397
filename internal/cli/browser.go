package cli

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"

	"github.com/matihlabs/propagate/internal/report"
	"github.com/matihlabs/propagate/internal/source"
)

// openInBrowser has the system open a file with what the person has chosen for its kind. It does not wait
// until that is closed.
func openInBrowser(file string) error {
	command := []string{"xdg-open"}
	switch runtime.GOOS {
	case "darwin":
		command = []string{"open"}
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	hint := "open " + report.Clean(file) + " in a browser"
	program, err := exec.LookPath(command[0])
	if err != nil {
		return &source.Error{Err: fmt.Errorf("--open: there is no program %s", command[0]), Hint: hint}
	}
	cmd := exec.Command(program, append(command[1:], file)...) //nolint:gosec // a program of the system, with the file that was just written
	if err := cmd.Start(); err != nil {
		return &source.Error{Err: fmt.Errorf("--open: %s: %w", command[0], err), Hint: hint}
	}
	if err := cmd.Process.Release(); err != nil {
		return errors.Join(errors.New("--open"), err)
	}
	return nil
}
