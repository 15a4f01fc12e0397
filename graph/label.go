package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/scanner"
)

// label gives the builds of a Dockerfile names that tell them apart: by target, by the
// arguments that differ, by place.
func label(nodes []*Node) {
	for _, n := range nodes {
		n.Label = n.Key
		if n.File.Target != "" {
			n.Label += " (" + n.File.Target + ")"
		}
	}
	for _, tell := range []func(n *Node, among []*Node) string{differingArgs, whereBuilt} {
		same := map[string][]*Node{}
		for _, n := range nodes {
			same[n.Label] = append(same[n.Label], n)
		}
		for _, among := range same {
			for _, n := range among {
				if by := tell(n, among); len(among) > 1 && by != "" {
					n.Label += " (" + by + ")"
				}
			}
		}
	}
	seen := map[string]int{}
	for _, n := range nodes {
		if seen[n.Label]++; seen[n.Label] > 1 {
			n.Label += fmt.Sprintf(" #%d", seen[n.Label])
		}
	}
}

// differingArgs returns the arguments of a build that others do not give as it does.
func differingArgs(n *Node, among []*Node) string {
	args := func(n *Node) []scanner.Arg {
		if len(n.File.Builds) == 0 {
			return nil
		}
		return n.File.Builds[0].Args
	}
	var all []string
	for _, a := range args(n) {
		gives := func(b scanner.Arg) bool { return a.Name == b.Name && a.Value.S == b.Value.S }
		if slices.ContainsFunc(among, func(o *Node) bool { return !slices.ContainsFunc(args(o), gives) }) && !strings.Contains(a.Value.S, scanner.Unknown) {
			all = append(all, a.Name+"="+a.Value.S)
		}
	}
	if len(all) > 2 {
		return ""
	}
	return strings.Join(all, ", ")
}

func whereBuilt(n *Node, _ []*Node) string {
	if len(n.File.Builds) == 0 || n.File.Builds[0].Where.Path == "" {
		return ""
	}
	return n.File.Builds[0].Where.String()
}
