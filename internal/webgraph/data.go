package webgraph

import (
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/picture"
	"github.com/matihlabs/propagate/internal/source"
)

// A document is what the page is told. Lists run over nodes or over uses, and texts that occur many
// times are numbers of a table: a repository of thousands of services is to stay a small file.
type document struct {
	Revision string   `json:"revision"`
	Texts    []string `json:"texts"`

	Kinds   string         `json:"kinds"`   // of each node, a digit
	Titles  []string       `json:"titles"`  // of each node
	Dirs    []int          `json:"dirs"`    // the directory of each node's file, with a slash at its end; -1 for an image from outside
	Files   []int          `json:"files"`   // its name
	Details map[int]string `json:"details"` // whole names that are neither the path nor the title
	Images  map[int][]int  `json:"images"`  // that a node is, or makes
	Teams   [][]int        `json:"teams"`   // sets of owners
	Team    []int          `json:"team"`    // of each node, one of these
	Columns [][2]int       `json:"columns"` // left edge and width
	Column  []int          `json:"column"`  // of each node
	Y       []int          `json:"y"`       // of each node, less that of the one before it
	Height  int            `json:"height"`  // of a box

	From     []int       `json:"from"`     // of each use, less that of the use before it
	To       []int       `json:"to"`       // likewise
	Exposure string      `json:"exposure"` // of each use, a digit
	Version  []int       `json:"version"`  // of each use
	Newer    map[int]int `json:"newer"`    // of the uses that are outdated
	Lines    []int       `json:"lines"`    // of each use
	Other    map[int]int `json:"other"`    // of the uses that are written in another file than that of the node: its path
	Assumed  []int       `json:"assumed"`  // the uses that are

	Chosen *chosen `json:"chosen"` // what is highlighted at first
}

// A chosen is what a command line has asked for.
type chosen struct {
	Title string      `json:"title"`
	Bases []int       `json:"bases"`
	Waves map[int]int `json:"waves"` // of nodes
}

// texts numbers texts.
type texts struct {
	all []string
	at  map[string]int
}

func (t *texts) number(s string) int {
	n, ok := t.at[s]
	if !ok {
		n = len(t.all)
		t.at[s] = n
		t.all = append(t.all, s)
	}
	return n
}

func newDocument(p *picture.Picture, revision string) *document {
	t := &texts{all: []string{}, at: map[string]int{}}
	d := &document{
		Revision: revision, Details: map[int]string{}, Images: map[int][]int{}, Newer: map[int]int{}, Other: map[int]int{},
		Titles: []string{}, Teams: [][]int{}, Columns: [][2]int{}, Assumed: []int{}, Lines: []int{}, Version: []int{}, From: []int{}, To: []int{},
	}
	d.addNodes(p, t)
	d.addUses(p, t)
	d.Texts = t.all
	if p.Highlight != "" {
		d.Chosen = &chosen{Title: p.Highlight, Bases: []int{}, Waves: map[int]int{}}
		for i, n := range p.Nodes {
			if n.Marked {
				d.Chosen.Bases = append(d.Chosen.Bases, i)
			}
			if n.Wave > 0 {
				d.Chosen.Waves[i] = n.Wave
			}
		}
	}
	return d
}

func (d *document) addNodes(p *picture.Picture, t *texts) {
	var kinds strings.Builder
	columns, teams, y := map[[2]int]int{}, map[string]int{}, 0
	for i, n := range p.Nodes {
		kinds.WriteByte('0' + byte(n.Kind))
		d.Titles = append(d.Titles, n.Title)
		slash := strings.LastIndexByte(n.Path, '/') + 1
		dir := -1
		if n.Path != "" {
			dir = t.number(source.Visible(n.Path[:slash]))
		}
		d.Dirs, d.Files = append(d.Dirs, dir), append(d.Files, t.number(source.Visible(n.Path[slash:])))
		if n.Detail != source.Visible(n.Path) && n.Detail != n.Title {
			d.Details[i] = n.Detail
		}
		for _, image := range n.Images {
			if image = source.Visible(image); image != n.Detail {
				d.Images[i] = append(d.Images[i], t.number(image))
			}
		}
		owners := strings.Join(n.Owners, "\n")
		if _, ok := teams[owners]; !ok {
			teams[owners] = len(d.Teams)
			set := []int{}
			for _, owner := range n.Owners {
				set = append(set, t.number(source.Visible(owner)))
			}
			d.Teams = append(d.Teams, set)
		}
		d.Team = append(d.Team, teams[owners])
		column := [2]int{int(n.X), int(n.W)}
		if _, ok := columns[column]; !ok {
			columns[column] = len(d.Columns)
			d.Columns = append(d.Columns, column)
		}
		d.Column = append(d.Column, columns[column])
		d.Y, y, d.Height = append(d.Y, int(n.Y)-y), int(n.Y), int(n.H)
	}
	d.Kinds = kinds.String()
}

func (d *document) addUses(p *picture.Picture, t *texts) {
	var exposures strings.Builder
	from, to := 0, 0
	for i, use := range p.Uses {
		d.From, d.To = append(d.From, use.From-from), append(d.To, use.To-to)
		from, to = use.From, use.To
		exposures.WriteByte('0' + byte(use.Exposure))
		d.Version = append(d.Version, t.number(source.Visible(use.Version)))
		if use.Newer != "" {
			d.Newer[i] = t.number(source.Visible(use.Newer))
		}
		d.Lines = append(d.Lines, use.Pos.Line)
		if use.Pos.Path != p.Nodes[use.To].Path {
			d.Other[i] = t.number(source.Visible(use.Pos.Path))
		}
		if use.Assumed {
			d.Assumed = append(d.Assumed, i)
		}
	}
	d.Exposure = exposures.String()
	slices.Sort(d.Assumed)
}
