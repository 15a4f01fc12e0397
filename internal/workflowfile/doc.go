// Package workflowfile writes a GitHub workflow that rebuilds what a change affects, and nothing else: a job
// that asks propagate for the builds, jobs that build them wave after wave, and one job that says
// whether all went well. [New] is the text of the file; [Keep] says whether a file may be replaced by it.
//
// # Limitations
//
// The file has jobs for the waves and pages that the repository has when it is written. A change that needs more
// fails in the first job, which says so. What is built is described by a bake file that propagate writes,
// so that nothing of a build but its name, its image and its wave is known here.
package workflowfile
