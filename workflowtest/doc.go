// Package workflowtest runs the workflow that "propagate init workflow" writes, with act and the program as
// it is. The actions of others are stood in for by those of testdata/actions: there is no network and no
// Docker, and in place of a build it is written down what was asked for. It is a module of its
// own, so that none of act is among the modules of propagate.
//
// # Limitations
//
// act does not hold jobs to their permissions and knows nothing of concurrency. It runs a job whose matrix is empty
// once, which GitHub does not: that such a job is skipped by its condition is tested, what GitHub
// would do without the condition is not.
package workflowtest
