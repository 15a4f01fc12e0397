// Package webgraph writes the graph of a repository as one HTML file that a browser shows without any
// network: drawn on a canvas, and as a list for the keyboard and for screen readers.
//
// [Write] takes a [picture.Picture], gives it a layout, and writes the page. What the page does is in
// page/*.js, plain JavaScript without a build step; each file says what it is for.
//
// # Limitations
//
// The page computes what a base reaches by itself, from the references that are written into it. It
// knows the images of a build as one: where a build makes two images, a click on it shows what depends
// on either of them. Services of compose files that run an image are not in it.
package webgraph
