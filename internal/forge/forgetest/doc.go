// Package forgetest holds what tests need of GitHub without GitHub: a strict
// server in this process, an independent emulator in another one, and one
// suite that a client has to pass against each. Only tests import it.
//
// [NewStrict] answers the requests that propagate's client sends, as GitHub
// documents them, for one repository whose branches and commits are those of a
// bare git repository ([NewGitDir] makes one), and makes tokens for an [App]. Every request and every answer
// is checked against GitHub's own OpenAPI description. What it does not know
// fails the test. People do to a pull request what they do on its page
// ([Strict.EditTitle], [Strict.MergePull] and so on), [Strict.Limit] refuses writes
// that come too fast, and [Strict.Snapshot] prints what there is, to be compared.
//
// [NewEmulator] starts the emulator. It is more lenient than GitHub, but
// nobody of this project wrote it.
//
// [RunConformance] is the suite.
//
// # Limitations
//
// The strict server does not know forks, the texts of reviews and merge queues, and of
// protected branches only whether they want what holds their tip. It does not notice
// that a branch was merged by a push: use [Strict.MergePull].
package forgetest
