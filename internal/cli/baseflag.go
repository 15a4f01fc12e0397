package cli

import (
	"errors"
	"fmt"
	"strings"
)

// A baseFlag is a --base as it was typed, with the --from that stand behind it.
type baseFlag struct {
	typed string
	from  []string
}

// baseFlags are all of them, in order. It is the value of --base.
type baseFlags []baseFlag

// String implements pflag.Value.
func (f *baseFlags) String() string {
	var all []string
	for _, b := range *f {
		all = append(all, b.typed)
	}
	return strings.Join(all, ",")
}

// Set adds a base.
func (f *baseFlags) Set(s string) error {
	*f = append(*f, baseFlag{typed: s})
	return nil
}

// Type says what the value is, for the help.
func (f *baseFlags) Type() string { return "IMAGE@VERSION" }

// fromFlag is the value of --from: it adds to the last --base.
type fromFlag struct{ bases *baseFlags }

// String implements pflag.Value.
func (f fromFlag) String() string { return "" }

// Set adds a version that the last base moves from.
func (f fromFlag) Set(s string) error {
	if len(*f.bases) == 0 {
		return errors.New("it stands before any --base: put it behind the one that it is for")
	}
	if !tagPattern().MatchString(s) && !digestPattern().MatchString(s) {
		return fmt.Errorf("%q is no version: a tag, or sha256: and 64 hexadecimal digits", s)
	}
	last := &(*f.bases)[len(*f.bases)-1]
	last.from = append(last.from, s)
	return nil
}

// Type says what the value is, for the help.
func (f fromFlag) Type() string { return "VERSION" }
