package source_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
)

// typed is an error with a type of its own.
type typed struct {
	hint string
	code source.Code
	err  error
}

func (e typed) Error() string     { return "typed" }
func (e typed) Hint() string      { return e.hint }
func (e typed) Code() source.Code { return e.code }
func (e typed) Unwrap() error     { return e.err }

func TestError(t *testing.T) {
	err := errors.New("it is wrong")
	for want, e := range map[string]*source.Error{
		"a/b:3:7: it is wrong": {Pos: source.Pos{Path: "a/b", Line: 3, Col: 7}, Err: err, Hint: "mend it", Code: source.CodeTemplate},
		"a/b: it is wrong":     {Pos: source.Pos{Path: "a/b"}, Err: err},
		"it is wrong":          {Err: err, Hint: "mend it"},
	} {
		if e.Error() != want || !errors.Is(e, err) {
			t.Errorf("got %q, want %q", e.Error(), want)
		}
	}
}

// Hint and code are those of the outermost error that has one, whatever its type and
// however it is wrapped.
func TestHintAndCode(t *testing.T) {
	carrier := &source.Error{Err: errors.New("x"), Hint: "of the carrier", Code: source.CodeTemplate}
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"nothing":                        {nil, ""},
		"an error that has none":         {errors.New("x"), ""},
		"a carrier":                      {carrier, "of the carrier template"},
		"a typed error":                  {typed{hint: "typed", code: source.CodeCircle}, "typed circle"},
		"a carrier that is wrapped":      {fmt.Errorf("reading: %w", carrier), "of the carrier template"},
		"a carrier in a typed error":     {typed{"typed", source.CodeCircle, carrier}, "typed circle"},
		"a typed error in a carrier":     {&source.Error{Err: typed{hint: "typed", code: source.CodeCircle}}, "typed circle"},
		"a typed error that has none":    {typed{err: carrier}, "of the carrier template"},
		"a carrier among joined errors":  {errors.Join(errors.New("x"), fmt.Errorf("y: %w", carrier)), "of the carrier template"},
		"joined errors that have none":   {errors.Join(errors.New("x"), errors.New("y")), ""},
		"an error of two, one of a type": {fmt.Errorf("%w: %w", errors.New("x"), typed{hint: "typed", code: source.CodeCircle}), "typed circle"},
	} {
		got := source.Hint(tc.err)
		if code := source.CodeOf(tc.err); code != "" {
			got += " " + string(code)
		}
		if got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}
