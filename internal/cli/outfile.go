package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/report"
)

// outputFiles are, by command, the endings of the files that -o may name, and the forms that these have.
var outputFiles = map[string]map[string]string{"graph": graphFiles, "report": reportFiles}

// isOutputFile reports whether a value of -o is a file that a command writes.
func isOutputFile(cmd *cobra.Command, output string) bool {
	return outputFiles[cmd.Name()][filepath.Ext(output)] != ""
}

// fileHint says that -o takes a file as well, of the commands where it does.
func fileHint(cmd *cobra.Command) string {
	files := outputFiles[cmd.Name()]
	if len(files) == 0 {
		return ""
	}
	return "; a file ends in " + strings.Join(slices.Sorted(maps.Keys(files)), ", ")
}

// fileOptions say where a result goes that may be a file.
type fileOptions struct {
	file string // "" is the standard output
	open bool
}

// take takes a value of -o that is a file, whose ending says the form. A page that is to be opened is one of HTML unless a flag
// says another form.
func (p *fileOptions) take(forms map[string]string, output, format *string, given func(flag string) bool) error {
	form, isFile := forms[filepath.Ext(*output)]
	switch {
	case isFile && given("format") && *format != form:
		return usage(fmt.Errorf("--output %s, --format %s: the file is for %s by its name", report.Clean(*output), *format, form), "leave --format out, or name the file otherwise")
	case isFile:
		p.file, *format, *output = *output, form, "text"
	case p.open && !given("format") && !given("output"):
		*format = "html"
	}
	return nil
}

// target opens what a result is written to, which temporary files are named after. done ends it, with the error of writing: a file is there
// whole or not at all.
func (p *fileOptions) target(a *App, what, format string) (w io.Writer, done func(error) error, err error) {
	if p.file == "" && !p.open {
		if out, ok := a.Stdout.(*output); ok && format == "png" {
			return out.w, func(err error) error { out.keep(err); return nil }, nil // it has no lines
		}
		return a.Stdout, func(err error) error { return err }, nil
	}
	if p.file == "" {
		return p.temporary(a, what, format)
	}
	file, placed, err := replacing(p.file)
	if err != nil {
		return nil, nil, fmt.Errorf("--output %s: %w", report.Clean(p.file), err)
	}
	return file, func(err error) error {
		switch placeErr := placed(err); {
		case err != nil:
			return err
		case placeErr != nil:
			return fmt.Errorf("--output %s: %w", report.Clean(p.file), placeErr)
		}
		return p.written(a, p.file)
	}, nil
}

// replacing opens a file that takes the place of the one with a name, if there is one, when done is called with the error of
// writing. Until then, and after an error, the old one is there.
func replacing(name string) (file *os.File, done func(error) error, err error) {
	temporary := filepath.Join(filepath.Dir(name), fmt.Sprintf(".propagate-%d-%s", os.Getpid(), filepath.Base(name)))
	file, err = os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, nil, err
	}
	return file, func(err error) error {
		if err = errors.Join(err, file.Close()); err == nil {
			err = place(temporary, name)
		}
		if err != nil {
			_ = os.Remove(temporary) // the error says what is wrong
		}
		return err
	}, nil
}

// temporary is target for a file that nobody has named: nobody else may read it.
func (p *fileOptions) temporary(a *App, what, format string) (io.Writer, func(error) error, error) {
	file, err := os.CreateTemp("", "propagate-"+what+"-*."+format)
	if err != nil {
		return nil, nil, fmt.Errorf("--open: %w", err)
	}
	return file, func(err error) error {
		if err = errors.Join(err, file.Close()); err != nil {
			_ = os.Remove(file.Name()) // the error says what is wrong
			return err
		}
		return p.written(a, file.Name())
	}, nil
}

// written says that a file is there, and opens it if that is asked for.
func (p *fileOptions) written(a *App, name string) error {
	a.notef("%s is written", report.Clean(name))
	if p.open {
		return openInBrowser(name)
	}
	return nil
}

// place gives a finished file its name. The mode of one that had it is kept.
func place(from, name string) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return errors.New("it is no regular file")
	case err == nil:
		if err := os.Chmod(from, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return os.Rename(from, name)
}
