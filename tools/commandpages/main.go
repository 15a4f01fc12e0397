// Commandpages writes a page for each command of propagate, from what its --help says: manual
// pages for a release, or the Markdown of docs/commands. For a release it writes the completions of
// shells as well.
//
//	go run ./tools/commandpages -man share/man/man1 -completions share/completions
//	go run ./tools/commandpages -markdown docs/commands
//
// The directories are made. Pages of commands that there are no more are removed from them.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/matihlabs/propagate/internal/cli"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "commandpages: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("commandpages", flag.ContinueOnError)
	man := flags.String("man", "", "the `directory` for manual pages")
	markdown := flags.String("markdown", "", "the `directory` for Markdown")
	completions := flags.String("completions", "", "the `directory` for the completions of shells")
	version := flags.String("version", "", "the version that manual pages name")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *man == "" && *markdown == "" && *completions == "" || flags.NArg() > 0 {
		return errors.New("it wants -man, -completions or -markdown, and nothing else")
	}
	if *completions != "" {
		if err := writeCompletions(*completions); err != nil {
			return err
		}
	}
	root := cli.Commands()
	if *man != "" {
		if err := write(*man, ".1", manualPages(root, *version)); err != nil {
			return err
		}
	}
	if *markdown != "" {
		return write(*markdown, ".md", markdownPages(root))
	}
	return nil
}

// A page is the text of a command, or why there is none.
type page struct {
	name string // without the ending
	text string
}

// each calls f for a command and those below it, but for help, which the writers add, and hidden ones.
func each(cmd *cobra.Command, f func(cmd *cobra.Command)) {
	cmd.DisableAutoGenTag = true // the same commands make the same pages
	f(cmd)
	for _, below := range cmd.Commands() {
		if !below.Hidden && below.Name() != "help" {
			each(below, f)
		}
	}
}

// manualPages returns the manual pages. Their date is the first day of all, since two builds of a
// release are to be the same.
func manualPages(root *cobra.Command, version string) (pages []page) {
	date := time.Unix(0, 0).UTC()
	header := doc.GenManHeader{Section: "1", Date: &date, Source: strings.TrimSpace("propagate " + version), Manual: "propagate"}
	each(root, func(cmd *cobra.Command) {
		var text bytes.Buffer
		of := header                    // cobra writes the title into it
		_ = doc.GenMan(cmd, &of, &text) // a bytes.Buffer takes everything
		pages = append(pages, page{strings.ReplaceAll(cmd.CommandPath(), " ", "-"), text.String()})
	})
	return pages
}

// markdownPages returns the pages of docs/commands, and one that lists them.
func markdownPages(root *cobra.Command) (pages []page) {
	var list strings.Builder
	list.WriteString("# Commands\n\nThese pages are what `--help` says of each command.\n\n| command | what it does |\n| --- | --- |\n")
	each(root, func(cmd *cobra.Command) {
		var text bytes.Buffer
		_ = doc.GenMarkdown(cmd, &text) // as above
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "_")
		pages = append(pages, page{name, strings.TrimRight(text.String(), "\n") + "\n"})
		fmt.Fprintf(&list, "| [%s](%s.md) | %s |\n", cmd.CommandPath(), name, strings.ReplaceAll(cmd.Short, "|", `\|`))
	})
	return append(pages, page{"README", list.String()})
}

// write makes the files of a directory with an ending these pages.
func write(dir, ending string, pages []page) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*"+ending))
	if err != nil {
		return err
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	for _, p := range pages {
		if err := os.WriteFile(filepath.Join(dir, p.name+ending), []byte(p.text), 0o644); err != nil { //nolint:gosec // for everybody to read
			return err
		}
	}
	return nil
}

// writeCompletions writes what "propagate completion" prints for each shell, under the name that the shell
// looks for.
func writeCompletions(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for shell, name := range map[string]string{"bash": "propagate.bash", "zsh": "_propagate", "fish": "propagate.fish", "powershell": "propagate.ps1"} {
		var script, problem bytes.Buffer
		app := &cli.App{Stdout: &script, Stderr: &problem, Getenv: func(string) string { return "" }, Now: time.Now, Command: []string{"propagate"}}
		if status := app.Main(context.Background(), []string{"completion", shell}); status != 0 {
			return fmt.Errorf("the completion of %s: status %d: %s", shell, status, problem.String())
		}
		if err := os.WriteFile(filepath.Join(dir, name), script.Bytes(), 0o644); err != nil { //nolint:gosec // for everybody to read
			return err
		}
	}
	return nil
}
