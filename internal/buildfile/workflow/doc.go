// Package workflow reads GitHub workflows and composite actions: what their steps build, for each
// combination of a matrix, each way that a workflow is started, and each caller.
package workflow
