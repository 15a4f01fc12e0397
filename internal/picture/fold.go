package picture

import (
	"fmt"
	"sort"
	"strings"

	"github.com/matihlabs/propagate/internal/source"
)

// MostNodes is how many nodes a picture has at most where folding can help.
const MostNodes = 200

// Fold folds the services of one directory into one node, deeper or less deep as it takes to have most
// nodes at most. A picture that has no more stays as it is. What has to be rebuilt in different waves is
// never one node.
func (p *Picture) Fold(most int) {
	if len(p.Nodes) <= most {
		return
	}
	depth := 0
	for _, n := range p.Nodes {
		depth = max(depth, strings.Count(n.Path, "/"))
	}
	// The deepest directories that are few enough; else that of the root, with all in it.
	up := sort.Search(depth, func(up int) bool { return len(p.groups(depth-up)) <= most })
	p.foldInto(p.groups(depth - up))
}

// A group is the nodes that are to be one.
type group struct {
	dir   string
	nodes []int
}

// groups puts together the services that lie below the same first components of their paths.
func (p *Picture) groups(depth int) []group {
	var all []group
	at := map[string]int{}
	for i, n := range p.Nodes {
		dir := below(n.Path, depth)
		key := fmt.Sprintf("%s\x00%d", dir, n.Wave)
		if n.Kind != Service {
			key = fmt.Sprintf("\x00%d", i)
		}
		if _, ok := at[key]; !ok {
			at[key] = len(all)
			all = append(all, group{dir: dir})
		}
		all[at[key]].nodes = append(all[at[key]].nodes, i)
	}
	return all
}

// below returns the first components of the directory of a file, with a slash at the end.
func below(path string, depth int) string {
	end := 0
	for range depth {
		slash := strings.IndexByte(path[end:], '/')
		if slash < 0 {
			break
		}
		end += slash + 1
	}
	return path[:end]
}

// foldInto makes one node of each group.
func (p *Picture) foldInto(groups []group) {
	nodes := make([]Node, len(groups))
	to := make([]int, len(p.Nodes))
	for i, g := range groups {
		nodes[i] = p.Nodes[g.nodes[0]]
		for _, n := range g.nodes {
			to[n] = i
			nodes[i].Layer = max(nodes[i].Layer, p.Nodes[n].Layer)
			nodes[i].Marked = nodes[i].Marked || p.Nodes[n].Marked
		}
		if len(g.nodes) == 1 {
			continue
		}
		dir := g.dir
		if dir == "" {
			dir = "./"
		}
		nodes[i].Members, nodes[i].Detail, nodes[i].Path = len(g.nodes), source.Visible(dir), ""
		nodes[i].Title = fmt.Sprintf("%s (%d)", cut(nodes[i].Detail, maxTitle-8), len(g.nodes))
	}
	for i := range p.Uses {
		p.Uses[i].From, p.Uses[i].To = to[p.Uses[i].From], to[p.Uses[i].To]
	}
	p.Nodes = nodes
	for node, i := range p.index {
		p.index[node] = to[i]
	}
}
