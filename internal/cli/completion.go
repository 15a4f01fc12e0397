package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matihlabs/propagate/internal/monorepo"
	"github.com/matihlabs/propagate/internal/offers"
)

// shells are the shells that there are completions for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletion(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "completion SHELL", Short: "Print a script that completes command lines in a shell",
		Long: "Print a script that completes command lines of propagate in a shell: " + strings.Join(shells, ", ") + ".",
		Example: `  source <(propagate completion bash)
  propagate completion zsh > "${fpath[1]}/_propagate"
  propagate completion fish > ~/.config/fish/completions/propagate.fish
  propagate completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			const hint = "bash, zsh, fish or powershell"
			switch {
			case len(args) == 0:
				return usage(errors.New("propagate completion: it names no shell"), hint)
			case !slices.Contains(shells, args[0]):
				return usage(fmt.Errorf("propagate completion %s: there is no such shell", args[0]), hint)
			case len(args) > 1:
				return usage(fmt.Errorf("propagate completion: %q is one argument too many", args[1]), "propagate completion --help lists what there is")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			write := map[string]func(io.Writer) error{
				"bash":       func(w io.Writer) error { return writeBashCompletion(cmd.Root(), w) },
				"zsh":        cmd.Root().GenZshCompletion,
				"fish":       func(w io.Writer) error { return cmd.Root().GenFishCompletion(w, true) },
				"powershell": cmd.Root().GenPowerShellCompletionWithDesc,
			}
			return write[args[0]](a.Stdout)
		},
	}
}

// levels are the values of --level.
var levels = []string{"patch", "minor", "major"}

// complete makes shells offer the values of a flag of a command.
func complete(cmd *cobra.Command, flag string, values ...string) {
	completeWith(cmd, flag, func(*cobra.Command) []string { return values })
}

// completeWith is complete for values that depend on the command that is typed.
func completeWith(cmd *cobra.Command, flag string, values func(cmd *cobra.Command) []string) {
	// The error is that of a flag that there is not, or that has values already.
	_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return values(cmd), cobra.ShellCompDirectiveNoFileComp
	})
}

// writeBashCompletion writes the script for bash. To bash an @ begins a word, so that IMAGE@VERSION
// would be three.
func writeBashCompletion(root *cobra.Command, w io.Writer) error {
	if err := root.GenBashCompletionV2(w, true); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\nCOMP_WORDBREAKS=${COMP_WORDBREAKS//@/}\n")
	return err
}

// An offer returns what of a repository may stand for a word; typed is what of it is there.
type offer func(cmd *cobra.Command, all offers.Offers, typed string) []string

// The offers that there are.
var (
	offerNames      offer = func(_ *cobra.Command, all offers.Offers, _ string) []string { return all.Names() }
	offerPaths      offer = func(_ *cobra.Command, all offers.Offers, _ string) []string { return all.Paths }
	offerVersions   offer = func(_ *cobra.Command, all offers.Offers, typed string) []string { return all.References(typed, '@') }
	offerReferences offer = func(_ *cobra.Command, all offers.Offers, typed string) []string { return all.References(typed, ':') }
	offerFrom       offer = func(cmd *cobra.Command, all offers.Offers, _ string) []string {
		bases, ok := cmd.Flag("base").Value.(*baseFlags)
		if !ok || len(*bases) == 0 {
			return nil
		}
		name, _, _ := strings.Cut((*bases)[len(*bases)-1].typed, "@")
		return all.Versions(name)
	}
)

// completeFromRepository makes shells offer what there is in the repository for the flags of all
// commands.
func (a *App) completeFromRepository(root *cobra.Command) {
	offered := map[string]offer{"base": offerVersions, "assume-published": offerVersions, "from": offerFrom, "only": offerNames}
	explained := map[string]offer{"graph": offerReferences, "outdated": offerNames, "affected": offerPaths}
	for _, cmd := range append(root.Commands(), root) {
		for flag, what := range offered {
			if cmd.LocalNonPersistentFlags().Lookup(flag) != nil {
				_ = cmd.RegisterFlagCompletionFunc(flag, a.offering(what)) // as in completeWith
			}
		}
		if what, ok := explained[cmd.Name()]; ok {
			_ = cmd.RegisterFlagCompletionFunc("explain", a.offering(what))
		}
	}
}

// offering returns what completes a word with what there is in the repository.
func (a *App) offering(what offer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveNoFileComp
		all, err := monorepo.Offered(cmd.Context(), a.openOptions())
		if err != nil {
			cobra.CompDebugln(err.Error(), false) // a person who presses a key wants to see no error
			return nil, directive
		}
		fit := slices.DeleteFunc(what(cmd, all, typed), func(word string) bool { return !strings.HasPrefix(word, typed) })
		if slices.ContainsFunc(fit, func(word string) bool { return strings.HasSuffix(word, "@") }) {
			directive |= cobra.ShellCompDirectiveNoSpace // the version follows
		}
		return fit, directive
	}
}
