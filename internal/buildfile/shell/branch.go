package shell

import (
	"mvdan.cc/sh/v3/syntax"

	"github.com/matihlabs/propagate/internal/trace"
)

// conditional follows if: the branch that is taken where that is known, and all of them
// otherwise.
func (s *Shell) conditional(c *syntax.IfClause, first verdict) {
	var branches []func()
	for i := 0; c != nil; i++ {
		v := yes
		switch {
		case len(c.Cond) == 0:
		case len(c.Cond) > 1 || !onlyTests(c.Cond):
			s.stmts(c.Cond)
			v = maybe
		case i == 0:
			v = first
		default:
			v = s.holds(c.Cond)
		}
		then := c.Then
		if v == yes && branches == nil {
			s.stmts(then)
			return
		}
		if v != no {
			branches = append(branches, func() { s.stmts(then) })
		}
		if v == yes {
			s.choose(branches...)
			return
		}
		c = c.Else
	}
	if branches != nil {
		s.choose(append(branches, func() {})...)
	}
}

// cases follows case.
func (s *Shell) cases(c *syntax.CaseClause) {
	var word trace.Text
	unsure := false
	s.each(func() {
		doubt := s.doubt
		s.doubt = false
		word = s.text(c.Word)
		unsure = s.doubt || !s.isOwn(c.Word)
		s.doubt = doubt
	}, func() {
		var branches []func()
		whole := false // something is taken in any case
		for _, item := range c.Items {
			v := no
			for _, p := range item.Patterns {
				switch m := s.matches(word, p); {
				case m == yes:
					v = yes
				case m == maybe && v == no:
					v = maybe
				}
			}
			isAny := len(item.Patterns) == 1 && item.Patterns[0].Lit() == "*"
			if unsure && !isAny {
				v = maybe
			}
			if v == yes && branches == nil && item.Op == syntax.Break {
				s.stmts(item.Stmts)
				return
			}
			if v != no {
				branches = append(branches, func() { s.stmts(item.Stmts) })
			}
			if whole = v == yes; whole {
				break
			}
		}
		if !whole {
			branches = append(branches, func() {})
		}
		if len(branches) == 1 {
			branches[0]()
			return
		}
		s.choose(branches...)
	})
}
