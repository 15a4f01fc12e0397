// Package monorepo is propagate as a library call: what the commands do, without flags,
// printing and exit status.
//
//	repo, err := monorepo.Open(ctx, monorepo.Options{Dir: ".", Ref: "HEAD", …})
//	plan, err := repo.Plan(ctx, monorepo.Policy{Bumps: []bumper.Bump{…}})
//	result, err := repo.Publish(ctx, plan, monorepo.Branches, publish.Options{…})
//
// [Open] reads one revision of a repository, or a plain directory. [Repository.Graph] says
// who depends on whom. [Repository.Affected] and [Repository.Plan] say what becomes of
// patched bases, and [Repository.Publish] carries it out. Nothing is written before that.
//
// An [*InputError] means that what was asked for, or the configuration, is wrong: the
// repository itself is not to blame. Every other error is one of the work.
//
// # Limitations
//
// GitHub is the only forge. A Repository is for one goroutine.
package monorepo
