package graph

// Depths returns how many builds each build comes to the end of: 1 for one that is based on images from
// outside alone, and otherwise one more than the deepest build whose image it needs. Circles count as one
// build, and what stands in stages that are not built not at all. No rebuild has more waves than the deepest
// build says.
func (g *Graph) Depths() map[*Node]int {
	all := make([]bool, len(g.nodes))
	for i := range all {
		all[i] = true
	}
	order, _ := g.order(all)
	depths := make(map[*Node]int, len(g.nodes)) // of an image, that of the build that makes it
	builds := map[*Node]int{}
	for _, node := range order {
		if node.Kind == Build {
			depths[node] = max(depths[node], 1)
			builds[node] = depths[node]
		} else if node.circle != nil {
			depths[node] = max(depths[node], 1) // builds of the circle make it
		}
		for _, edge := range node.out {
			if !edge.closes() || node.circle != nil && node.circle == edge.T.circle {
				continue
			}
			depth := depths[node]
			if edge.T.Kind == Build {
				depth++
			}
			depths[edge.T] = max(depths[edge.T], depth)
		}
	}
	return builds
}
