// Package estatepage writes the report of an estate for people: as Markdown, and as one HTML file that a browser
// shows without any network.
//
// [NewView] lays the document out as numbers and sections of tables; [View.Markdown] and [WriteHTML] write that. [Links] say
// what the place of a reference links to. What comes from a repository or a registry is quoted by both, so that a name
// does nothing but be read.
//
// # Limitations
//
// The filter of the page and the order of its tables need JavaScript. So do the long lists of a page with more than 200 lines,
// for which it would be a file of megabytes otherwise; everything else is there without. A browser's own search
// finds nothing in what is folded there: the filter of the page does.
package estatepage
