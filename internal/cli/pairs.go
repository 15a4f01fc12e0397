package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// checkPairs refuses flags that do not go together: one of them would do nothing.
func (a *App) checkPairs(cmd *cobra.Command) error {
	value := func(name string) string { // "" for a flag that is not given
		if flag := cmd.Flags().Lookup(name); flag != nil && flag.Changed {
			return flag.Value.String()
		}
		return ""
	}
	given := cmd.Flags().Changed
	exclude := func(one, other, hint string) error {
		return usage(fmt.Errorf("%s, %s: they exclude each other", one, other), hint)
	}
	switch {
	case a.quiet && a.verbose:
		return exclude("--quiet", "--verbose", "")
	case given("explain") && given("format"):
		return exclude("--explain", "--format "+value("format"), "-o json explains as JSON")
	case given("explain") && given("only"):
		return exclude("--explain", "--only", "--explain looks at its image alone")
	case given("explain") && given("if-due"):
		return exclude("--explain", "--if-due", "--explain looks at its image whether it is due or not")
	case given("format") && given("output") && !isOutputFile(cmd, a.output) && (a.output == "json") != (value("format") == "json"):
		return exclude("--output "+a.output, "--format "+value("format"), "--format alone says how it is written")
	case value("atomic") == "true" && value("group") != "" && value("group") != "all":
		return exclude("--atomic", "--group "+value("group"), "--atomic makes one change of everything")
	case value("publish") == "branch" || value("publish") == "files":
		for _, name := range []string{"max-prs", "max-wait", "recreate"} {
			if given(name) {
				return exclude("--"+name, "--publish "+value("publish"), "it is about pull requests: --publish pr")
			}
		}
	case cmd.Name() == "demo":
		for _, name := range []string{"repo", "ref", "config"} {
			if given(name) {
				return usage(fmt.Errorf("--%s: propagate demo makes a repository of its own", name), "--dir says where")
			}
		}
	case value("version") == "true":
		var err error
		cmd.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
			if flag.Changed && flag.Name != "version" && err == nil {
				err = exclude("--version", "--"+flag.Name, "")
			}
		})
		return err
	}
	return nil
}

// checkEmpty refuses flags that are given nothing, as by a variable that is not set: what
// they stand for otherwise is hardly what was meant.
func checkEmpty(cmd *cobra.Command) error {
	for _, f := range []struct{ name, typed, names string }{
		{"repo", "-C", "directory"}, {"ref", "--ref", "revision"}, {"config", "--config", "file"}, {"dir", "--dir", "directory"}, {"group", "--group", "unit"},
	} {
		if flag := cmd.Flags().Lookup(f.name); flag != nil && flag.Changed && flag.Value.String() == "" {
			return usage(fmt.Errorf("%s \"\": it names no %s", f.typed, f.names), "is a variable not set? without "+f.typed+" there is a default")
		}
	}
	return nil
}
