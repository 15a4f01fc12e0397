package forgetest

import "net/http"

// A protection is what a branch demands of pull requests.
type protection struct{ ruleset, classic, signed, signedClassic bool }

// RequireUpToDate has a ruleset demand that what is merged into a branch holds its tip.
func (s *Strict) RequireUpToDate(branch string) {
	s.protect(branch, func(p *protection) { p.ruleset = true })
}

// RequireUpToDateClassic is RequireUpToDate by the older protection of branches, which
// only a token that may administer the repository can read.
func (s *Strict) RequireUpToDateClassic(branch string) {
	s.protect(branch, func(p *protection) { p.classic = true })
}

// RequireSignatures has a ruleset demand that commits are verified.
func (s *Strict) RequireSignatures(branch string) {
	s.protect(branch, func(p *protection) { p.signed = true })
}

// RequireSignaturesClassic is RequireSignatures by the older protection of branches, which
// only a token that may administer the repository can read.
func (s *Strict) RequireSignaturesClassic(branch string) {
	s.protect(branch, func(p *protection) { p.signedClassic = true })
}

func (s *Strict) protect(branch string, edit func(*protection)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.strict == nil {
		s.strict = map[string]protection{}
	}
	p := s.strict[branch]
	edit(&p)
	s.strict[branch] = p
}

func (s *Strict) branchRules(c *call) answer {
	rule := func(kind string, parameters any) object {
		o := object{"type": kind, "ruleset_source_type": "Repository", "ruleset_source": s.config.fullName(), "ruleset_id": 42}
		if parameters != nil {
			o["parameters"] = parameters
		}
		return o
	}
	// Rules of other types, and checks that may be older, demand nothing.
	rules := []any{rule("deletion", nil), rule("required_status_checks", object{
		"strict_required_status_checks_policy": s.strict[c.params["branch"]].ruleset,
		"required_status_checks":               []any{object{"context": "test", "integration_id": 15368}},
	})}
	if s.strict[c.params["branch"]].signed {
		rules = append(rules, rule("required_signatures", nil))
	}
	return s.page(c, rules)
}

func (s *Strict) requiredSignatures(c *call) answer {
	branch := c.params["branch"]
	if _, mayWrite := s.permissions(c.Header.Get("Authorization"), "administration=read"); !mayWrite || !s.config.MayAdminister {
		a := failure(http.StatusForbidden, "Resource not accessible by personal access token", "")
		a.header = http.Header{"X-Accepted-Github-Permissions": {"administration=read"}}
		return a
	}
	if _, ok := s.strict[branch]; !ok {
		return failure(http.StatusNotFound, "Branch not protected", "")
	}
	return answer{status: http.StatusOK, body: object{
		"url": s.api("/branches/" + branch + "/protection/required_signatures"), "enabled": s.strict[branch].signedClassic,
	}}
}

func (s *Strict) requiredStatusChecks(c *call) answer {
	branch := c.params["branch"]
	if _, mayWrite := s.permissions(c.Header.Get("Authorization"), "administration=read"); !mayWrite || !s.config.MayAdminister {
		a := failure(http.StatusForbidden, "Resource not accessible by personal access token", "")
		a.header = http.Header{"X-Accepted-Github-Permissions": {"administration=read"}}
		return a
	}
	if s.branches()[branch] == "" {
		return failure(http.StatusNotFound, "Branch not found", "")
	}
	p, ok := s.strict[branch]
	if !ok {
		return failure(http.StatusNotFound, "Branch not protected", "")
	}
	if !p.classic {
		return failure(http.StatusNotFound, "Required status checks not enabled", "")
	}
	url := s.api("/branches/" + branch + "/protection/required_status_checks")
	return answer{status: http.StatusOK, body: object{
		"url": url, "contexts_url": url + "/contexts", "strict": true, "contexts": []string{"test"},
		"checks": []any{object{"context": "test", "app_id": 15368}},
	}}
}
