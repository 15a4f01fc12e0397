// Package bake reads bake files in HCL and JSON as buildx does, and what commands that run bake
// make of them.
//
// Expressions are evaluated by the library of HCL. Values keep their places through it as letters
// of a private area of Unicode stand for bytes ([trace.Encoder]).
package bake
