// Package picture draws the graph of a repository: as SVG and PNG, and as the model and the layout
// of a page that draws it itself.
//
// [New] makes a [Picture] of a graph: one node for each image from outside and for each build, with
// the images that it makes. [Picture.SetHighlight] marks what the bump of a base reaches, [Picture.Fold]
// folds services by directory, and [Picture.Layout] gives each node its place. [Picture.WriteSVG] and
// [Picture.WritePNG] draw one and the same scene.
//
// # Limitations
//
// A reference counts as outdated if the repository itself uses or makes a newer version of the
// image. No registry is asked. Lines are not led around boxes: a line that skips a layer may pass
// behind one. Text is measured, and drawn in PNG, with the Go font, which has no letters of East
// Asia: PNG shows a box for each of them, SVG shows what the viewer's fonts have.
package picture
