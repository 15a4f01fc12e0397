package github

import (
	"context"
	"net/http"
)

// A credential is what requests are sent with.
type credential interface {
	// token returns the token of a request, "" for none. The error may be a *refusedError.
	token(ctx context.Context) (string, error)
	// renew returns another token in place of one that was not accepted, "" if there is none.
	renew(ctx context.Context, refused string) (string, error)
}

// A fixed credential is always the same token.
type fixed string

func (f fixed) token(context.Context) (string, error)       { return string(f), nil }
func (fixed) renew(context.Context, string) (string, error) { return "", nil }

// A refusedError is the answer by which a limit refuses to make a token. It stands for
// the answer to the request that the token is for, which is sent again after the limit.
type refusedError struct{ resp *http.Response }

func (*refusedError) Error() string { return "a limit refuses to make a token" }
