package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
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
				"bash":       func(w io.Writer) error { return cmd.Root().GenBashCompletionV2(w, true) },
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
