// Package github speaks to the REST API of GitHub and GitHub Enterprise Server
// for one repository: its pull requests with their labels, reviewers and comments,
// its branches and commits. Call [New] first. It is the only package that imports go-github.
//
// All that goes to one GitHub is one traffic, the API's requests and those of
// git through [Client.Git]: writes are sent one at a time with a pause in
// between, within budgets for a minute and an hour that give way to what
// GitHub refuses; limits are waited for up to a bound for all requests
// together; reads are tried again when a gateway fails or a connection
// breaks; a write that is sent is not cut off by an interrupt. The token is
// added last, for the one host that it belongs to; an [App] makes itself one when
// the last has ended.
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
