package estate_test

import "github.com/matihlabs/propagate/internal/trace"

// text is a text that stands nowhere.
func text(s string) trace.Text { return trace.Text{S: s} }
