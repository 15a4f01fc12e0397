// Package github speaks to the REST API of GitHub and GitHub Enterprise Server
// for one repository: its pull requests with their labels, reviewers and comments,
// its branches and commits. Call [New] first. It is the only package that imports go-github.
//
// Every request passes the same layers, from the caller to the network:
// changes are sent one at a time with a pause in between, rate limits are
// waited for up to a bound, reads are tried again when a gateway fails, and
// the token is added last, for the one host it belongs to.
//
// Errors match the values of package forge with errors.Is, and
// *[forge.RateLimitError] with errors.As. Those for which there is something to
// do have a method Hint() string with the next step, which Error leaves out.
// No error holds the token.
//
// # Limitations
//
// Forks are not used: a pull request whose head lies in another repository is
// never found. A repository that was renamed is followed where it went, but
// not to another owner: there [Client.Pulls] finds nothing under the old
// owner's name. Redirects to another host are refused. Whether a change took
// effect when its answer was lost is not known here: [Client.OpenPull] returns
// [forge.ErrUnavailable] and the caller looks with [Client.Pulls]. All other changes
// can be made twice, but for [Client.AddComment]. Who has given a review is asked
// again by [Client.RequestReviews].
package github
