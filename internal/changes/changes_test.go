package changes_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/matihlabs/propagate/internal/changes"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/scanner"
)

// tree makes the files of a revision of lines "path", "path: content" and "path -> target".
func tree(lines ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for _, line := range lines {
		if link, target, ok := strings.Cut(line, " -> "); ok {
			files[link] = &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
			continue
		}
		name, content, _ := strings.Cut(line, ": ")
		files[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(content, ";", "\n")), Mode: 0o644}
	}
	return files
}

// changed makes changes of the contents at paths; "+path" was added, "-path" removed.
func changed(paths string) []gitrepo.TreeChange {
	var all []gitrepo.TreeChange
	for _, name := range strings.Fields(paths) {
		c := gitrepo.TreeChange{Path: strings.TrimLeft(name, "+-"), Was: 0o644, Now: 0o644, Content: true}
		switch name[0] {
		case '+':
			c.Was = 0
		case '-':
			c.Now = 0
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b gitrepo.TreeChange) int { return strings.Compare(a.Path, b.Path) })
	return all
}

func TestTaken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, instruction string
		dir               string // "." where it is empty
		files             []string
		changed, want     string
	}{
		{"all of a context", "COPY . /", "svc", nil, "svc/a svc/b/c svcx/d e", "svc/a svc/b/c"},
		{"a file and a directory", "COPY a dir /", "svc", nil, "svc/a svc/ab svc/dir/x svc/dirx svc/dir", "svc/a svc/dir svc/dir/x"},
		{"what is gone, and what is new", "COPY dir /", "", nil, "-dir/x +dir/y -z", "dir/x dir/y"},
		{"a star stays in its component", "COPY *.go /", "", nil, "a.go b/c.go a.gox x.go/y", "a.go x.go/y"},
		{"a star in a directory", "COPY src/*/x? /", "", nil, "src/a/xy src/a/x src/xy src/a/b/xy src/a/xy/z", "src/a/xy src/a/xy/z"},
		{"two stars are one", "COPY **/x /", "", nil, "a/x x a/b/x", "a/x"},
		{"classes", "COPY [ab].txt x[*]?y /", "", nil, "a.txt c.txt x*zy xazy", "a.txt x*zy"},
		{"two stars with parents are many", "COPY --parents **/*.go /", "", nil, "a.go b/c.go b/c.txt", "a.go b/c.go"},
		{"parents behind a pivot", "COPY --parents src/./lib/*.go /", "", nil, "src/lib/a.go src/lib/b/c.go lib/a.go src/lib/a.txt", "src/lib/a.go"},
		{"parents of a directory", "COPY --parents lib /", "", nil, "lib/a/b libx", "lib/a/b"},
		{"excluded", "COPY --exclude=*.md --exclude=docs --exclude=!docs/keep src /", "", nil, "src/a.md src/b/c.md src/docs/x src/docs/keep src/x", "src/b/c.md src/docs/keep src/x"},
		{"what is copied itself is not excluded", "COPY --exclude=*.md a.md /", "", nil, "a.md", "a.md"},
		{"a mount", "RUN --mount=source=src,target=/src make", "", nil, "src/a b", "src/a"},
		{"left out", "COPY . /", "", []string{".dockerignore: *.md;docs"}, "a.md b/c.md docs/x d", "b/c.md d"},
		{"left out everywhere", "COPY . /", "", []string{".dockerignore: **/*.md;**/node_modules"}, "a.md b/c.md x/node_modules/y/z d", "d"},
		{"exceptions", "COPY . /", "", []string{".dockerignore: *;!src;src/gen;!src/gen/keep"}, "a src/b src/gen/c src/gen/keep", "src/b src/gen/keep"},
		{"an exception below what is left out", "COPY . /", "", []string{".dockerignore: a/b;!a/b/c"}, "a/b/c a/b/d", "a/b/c"},
		{"a later line counts", "COPY . /", "", []string{".dockerignore: !a.md;*.md"}, "a.md", ""},
		{"comments, blanks and a slash in front", "COPY . /", "", []string{".dockerignore: # no;; /a ;!# x"}, "a b", "b"},
		{"the file of the Dockerfile comes first", "COPY . /", "", []string{".dockerignore: a", "Dockerfile.dockerignore: b"}, "a b", "a"},
		{"that of the root is none of a directory", "COPY . /", "svc", []string{".dockerignore: svc/a"}, "svc/a", "svc/a"},
		{"patterns begin at the context", "COPY . /", "svc", []string{"svc/.dockerignore: a"}, "svc/a svc/b/a", "svc/b/a"},
		{"a wrong pattern leaves nothing out", "COPY . /", "", []string{".dockerignore: [;a"}, "a", "a"},
		{"a link is followed", "COPY link /", "", []string{"link -> real", "real/x"}, "real/x other", "real/x"},
		{"a link on the way", "COPY link/x /", "", []string{"link -> real", "real/x"}, "real/x real/y link", "link real/x"},
		{"links of links", "COPY one /", "", []string{"one -> two", "two -> /dir/three", "dir/three -> ../real", "real/x"}, "real/x two dir/three dir/x", "dir/three real/x two"},
		{"a link in what is copied is copied itself", "COPY dir /", "", []string{"dir/link -> ../real", "real/x"}, "real/x dir/link", "dir/link"},
		{"a link that a pattern fits", "COPY l* /", "", []string{"link -> real", "real/x", "a/link -> real"}, "real/x a/x", "real/x"},
		{"a link on the way to a pattern", "COPY link/* /", "", []string{"link -> real", "real/x"}, "real/x real/y/z other link", "link real/x real/y/z"},
		{"a link out of the context stays in it", "COPY link /", "svc", []string{"svc/link -> ../../../x", "svc/x"}, "svc/x x", "svc/x"},
		{"links in a circle", "COPY a /", "", []string{"a -> b", "b -> a"}, "a b c", "a b"},
		{"a context behind a link", "COPY . /", "svc", []string{"svc -> real", "real/x"}, "real/x svc", "real/x svc"},
		{"a submodule", "COPY mod/src /", "", nil, "mod", "mod"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := test.dir
			if dir == "" {
				dir = "."
			}
			context := changes.Context{Dir: dir, Ignore: []string{"Dockerfile.dockerignore", strings.TrimPrefix(dir+"/.dockerignore", "./")}}
			file := &scanner.File{Path: "Dockerfile"}
			takes, ok := file.Takes([]byte("FROM scratch\n"+test.instruction), scanner.BuildConfig{})
			if !ok || len(takes) == 0 {
				t.Fatalf("it takes %v, %v", takes, ok)
			}
			files := tree(test.files...)
			all := changes.New(files, files, changed(test.changed))
			var got []string
			for _, take := range takes {
				for _, c := range all.Taken(take, context) {
					got = append(got, c.Path)
				}
			}
			slices.Sort(got)
			if text := strings.Join(slices.Compact(got), " "); text != test.want {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}

// TestIgnored has the file that says what is left out differ.
func TestIgnored(t *testing.T) {
	t.Parallel()
	context := changes.Context{Dir: ".", Ignore: []string{"Dockerfile.dockerignore", ".dockerignore"}}
	for _, test := range []struct {
		name          string
		was, now      []string
		changed, want string
	}{
		{"it says more", []string{".dockerignore: a"}, []string{".dockerignore: a;b"}, ".dockerignore", ".dockerignore"},
		{"it says the same", []string{".dockerignore: a"}, []string{".dockerignore: # why;a"}, ".dockerignore", ""},
		{"it is new", nil, []string{"Dockerfile.dockerignore: a"}, "+Dockerfile.dockerignore", "Dockerfile.dockerignore"},
		{"it is gone", []string{".dockerignore: a"}, nil, "-.dockerignore", ".dockerignore"},
		{"another one counts", []string{"Dockerfile.dockerignore: a", ".dockerignore: b"}, []string{"Dockerfile.dockerignore: a", ".dockerignore: c"}, ".dockerignore", ""},
		{"it is a link", []string{".dockerignore -> common", "common: a"}, []string{".dockerignore -> common", "common: b"}, "common", "common"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			all := changes.New(tree(test.was...), tree(test.now...), changed(test.changed))
			change, ok := all.Ignored(context)
			if change.Path != test.want || ok != (test.want != "") {
				t.Errorf("got %q, %v, want %q", change.Path, ok, test.want)
			}
		})
	}
	// What one revision leaves out and the other does not is taken.
	all := changes.New(tree(".dockerignore: a", "a"), tree("a"), changed("-.dockerignore a"))
	if taken := all.Taken(scanner.Take{Source: "a"}, context); len(taken) != 1 {
		t.Errorf("a is not taken: %v", taken)
	}
	if !all.Concern(changes.Context{Dir: "sub", Ignore: []string{".dockerignore"}}) || all.Concern(changes.Context{Dir: "sub", Ignore: []string{"sub/.dockerignore"}}) {
		t.Error("what is left out of a context does not concern it alone")
	}
}
