package source

import "errors"

// An Error is a problem with its place and what to do about it, as far as these are
// known. It is what carries a hint for an error that has no type of its own.
type Error struct {
	Pos  Pos // zero for one that has no place
	Err  error
	Hint string // what to do next; printed on a line of its own, may be empty
	Code Code   // what kind of problem it is; may be empty
}

// Error returns "path:line:col: problem", or the problem alone where it has no place.
// Hint and code are not part of it.
func (e *Error) Error() string {
	if e.Pos == (Pos{}) {
		return e.Err.Error()
	}
	return e.Pos.String() + ": " + e.Err.Error()
}

// Unwrap returns the problem without its place.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the outermost error in the chain of err that has one, be it
// an [Error] or one with a method Code; "" if none has.
func CodeOf(err error) Code {
	return outermost(err, func(err error) Code {
		switch e := err.(type) { //nolint:errorlint // the chain is gone through by outermost
		case *Error:
			return e.Code
		case interface{ Code() Code }:
			return e.Code()
		}
		return ""
	})
}

// Hint returns what to do about err, as the outermost error in its chain says that has a
// hint, be it an [Error] or one with a method Hint; "" if none has.
func Hint(err error) string {
	return outermost(err, func(err error) string {
		switch e := err.(type) { //nolint:errorlint // the chain is gone through by outermost
		case *Error:
			return e.Hint
		case interface{ Hint() string }:
			return e.Hint()
		}
		return ""
	})
}

// outermost returns what the first error has of err and all that it wraps, in the order
// of [errors.As].
func outermost[T ~string](err error, of func(error) T) T {
	for err != nil {
		if found := of(err); found != "" {
			return found
		}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, one := range joined.Unwrap() {
				if found := outermost(one, of); found != "" {
					return found
				}
			}
			return ""
		}
		err = errors.Unwrap(err)
	}
	return ""
}
