package bumper

import "slices"

// Moved returns the repositories of the references that the item moves, sorted.
func (i *Item) Moved() []string {
	var all []string
	for _, ref := range i.moved {
		if repository := ref.Repository(); repository != "" {
			all = append(all, repository)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
