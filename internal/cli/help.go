package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// formats returns what -o takes for a command.
func formats(cmd *cobra.Command) []string {
	switch cmd.Name() {
	case "affected":
		return []string{"text", "json", "paths", "github-matrix", "bake", "gitlab", "azure"}
	case "completion", "help":
		return []string{"text"}
	case "init", "workflow":
		return []string{"text"}
	}
	return []string{"text", "json"}
}

// surroundings is the end of the help.
const surroundings = `
Environment:
  GITHUB_TOKEN, GH_TOKEN   the token for GitHub; the first that is set is used
  GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY
                           those of a GitHub App, in place of a token
  GITHUB_API_URL           the API of GitHub Enterprise, such as https://HOST/api/v3
  NO_COLOR                 print without colours
  CLICOLOR_FORCE           print with colours to a file or a pipe, too

Exit status:
  0   done, or nothing to do
  1   failed; nothing was written beyond what the output lists
  2   the command line or the configuration is wrong
  3   done in part; the output says what is left out, and why
`

// setUpHelp makes the help of each command name the formats of that command, and the
// command help refuse what there is no help for.
func (a *App) setUpHelp(root *cobra.Command) {
	printHelp := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if words := cmd.Flags().Args(); !cmd.HasParent() && len(words) > 0 {
			a.wrongHelp = noCommand(cmd, words[0])
			return
		}
		root.PersistentFlags().Lookup("output").Usage = "`format` of the output: " + strings.Join(formats(cmd), ", ")
		switch cmd.Name() {
		case "graph":
			root.PersistentFlags().Lookup("output").Usage += "; or a file, such as graph.html, graph.svg or graph.png"
		case "report":
			root.PersistentFlags().Lookup("output").Usage += "; or a file, such as report.html or report.md"
		}
		printHelp(cmd, args)
		if !cmd.HasParent() {
			_, _ = io.WriteString(a.Stdout, surroundings) // output keeps the error
		}
	})
	root.SetHelpCommand(&cobra.Command{
		Use: "help [COMMAND]", Short: "Print the help of a command", Example: "  propagate help affected",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, cmd := range root.Commands() {
				names = append(names, cmd.Name())
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil {
				return usage(err, "propagate --help lists the commands")
			}
			if len(rest) > 0 {
				return noCommand(root, strings.Join(args, " "))
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	})
}

// noCommand says that there is no such command, and which is called nearly so.
func noCommand(root *cobra.Command, name string) error {
	hint := "propagate --help lists the commands"
	if near := root.SuggestionsFor(name); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(fmt.Errorf("%s: there is no such command", name), hint)
}

// flagError says what is wrong with a flag of a command line.
func flagError(cmd *cobra.Command, err error) error {
	if args := cmd.Flags().Args(); !cmd.HasParent() && len(args) > 0 {
		return noCommand(cmd, args[0]) // whose flags these are is not known
	}
	hint := cmd.CommandPath() + " --help lists what there is"
	var unknown *pflag.NotExistError
	var incomplete *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		if near := nearestFlag(cmd, unknown.GetSpecifiedName()); near != "" {
			hint = "did you mean --" + near + "?"
		}
	case errors.As(err, &incomplete):
		takes, _ := pflag.UnquoteUsage(incomplete.GetFlag())
		hint = fmt.Sprintf("--%s %s; %s", incomplete.GetFlag().Name, takes, hint)
	case errors.As(err, &invalid) && invalid.GetFlag().Name == "from":
		err, hint = fmt.Errorf("--from %s: %w", invalid.GetValue(), errors.Unwrap(invalid)), "--base IMAGE@NEW --from OLD"
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "int":
		err = fmt.Errorf("invalid argument %q for \"--%s\" flag: it is a whole number", invalid.GetValue(), invalid.GetFlag().Name)
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "duration":
		err, hint = fmt.Errorf("invalid argument %q for \"--%s\" flag: it is a time", invalid.GetValue(), invalid.GetFlag().Name), "a time has a unit: 90s, 10m, 1h"
	case errors.As(err, &invalid): // of all others only those that are true or false refuse a value
		err = fmt.Errorf("invalid argument %q for \"--%s\" flag: it is true or false", invalid.GetValue(), invalid.GetFlag().Name)
	}
	return usage(err, hint)
}

// nearestFlag returns the flag of a command that is called nearly so, "" if none is.
func nearestFlag(cmd *cobra.Command, name string) string {
	nearest, distance := "", 3
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		d := levenshtein.Distance(name, flag.Name, nil)
		if strings.HasPrefix(flag.Name, name) {
			d = min(d, 1)
		}
		if d < distance && d < len(name) {
			nearest, distance = flag.Name, d
		}
	})
	return nearest
}
