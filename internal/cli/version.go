package cli

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionDocument is the document of propagate version.
type versionDocument struct {
	Schema   string `json:"schema"`
	Version  string `json:"version"`
	Revision string `json:"revision"` // "" where the build does not say
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// WriteText writes one line.
func (v *versionDocument) WriteText(w io.Writer) error {
	revision := ""
	if v.Revision != "" {
		revision = fmt.Sprintf(" (%.12s)", v.Revision)
	}
	_, err := fmt.Fprintf(w, "propagate %s%s %s %s\n", v.Version, revision, v.Go, v.Platform)
	return err
}

func newVersion(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print version and build", Args: noArguments,
		Example: "  propagate version -o json",
		RunE:    func(*cobra.Command, []string) error { return a.runVersion() },
	}
}

func (a *App) runVersion() error {
	doc := &versionDocument{Schema: "propagate/version/v1", Version: a.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if doc.Version == "" && info.Main.Version != "(devel)" {
			doc.Version = info.Main.Version
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				doc.Revision = setting.Value
			}
		}
	}
	doc.Version = cmp.Or(doc.Version, "dev")
	return a.report(doc)
}
