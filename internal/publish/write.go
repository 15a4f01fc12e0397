package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/matihlabs/propagate/internal/forge"
)

// request opens or updates the pull request of a branch that is as it should be, and then
// puts labels and people on it. Every write may be repeated: what the answer to one that
// got lost would have said is read again.
func (r *run) request(ctx context.Context, w *work) error {
	if w.pull == nil {
		if err := r.open(ctx, w); err != nil {
			return err
		}
	} else if err := r.edit(ctx, w); err != nil {
		return err
	}
	if err := r.complete(ctx, w); err != nil {
		return err
	}
	if err := r.autoMerge(ctx, w); err != nil {
		return err
	}
	return r.pointOn(ctx, w)
}

// mark returns the mark of the pull request of a change as it should be.
func (r *run) mark(w *work) mark {
	return mark{
		Of: w.change.Subjects, Group: groupOf(w.change), Base: r.Base, Branch: w.branch, Slot: w.slot,
		From: w.head.from, Head: w.head.id, Content: w.head.content,
		Places: places(w.change.Files), Title: hashText(w.title()),
		Urgent: w.change.Urgent || w.pull != nil && w.was.mark.Urgent,
	}
}

// text returns the generated part of the body.
func (r *run) text(w *work) string {
	text := strings.TrimSpace(w.change.Body)
	if w.beside != nil {
		text += fmt.Sprintf("\n\nPull request #%d is for an older version. Its branch is held by a person, so it was left as it is.", w.beside.Number)
	}
	return text
}

// open opens a pull request. Where the answer got lost, or another run was faster, the
// one that is there now is it.
func (r *run) open(ctx context.Context, w *work) error {
	spec := forge.PullSpec{
		Branch: w.branch, Base: r.Base, Title: w.change.Title, Draft: r.Options.Draft,
		Body: description{}.write(r.mark(w), r.text(w)),
	}
	pull, err := r.Host.OpenPull(ctx, spec)
	if errors.Is(err, forge.ErrUnavailable) || errors.Is(err, forge.ErrExists) {
		there, again := r.find(ctx, w.branch)
		if again != nil || there == nil {
			return err
		}
		w.pull, w.was = there, describePull(*there)
		w.out.State, w.out.Pull = Created, there
		return r.edit(ctx, w)
	}
	if err != nil {
		return err
	}
	w.out.State, w.out.Pull = Created, &pull
	return nil
}

// find returns the open pull request of a branch, nil if there is none.
func (r *run) find(ctx context.Context, branch string) (*forge.Pull, error) {
	pulls, err := r.Host.Pulls(ctx, branch)
	if err != nil {
		return nil, err
	}
	for i := range pulls {
		if pulls[i].State == forge.Open && pulls[i].Base == r.Base {
			return &pulls[i], nil
		}
	}
	return nil, nil
}

// edit brings title and body of an open pull request up to date, as far as they are not a
// person's.
func (r *run) edit(ctx context.Context, w *work) error {
	was, m := w.was, r.mark(w)
	if w.goesOn() && was.mark.Head == m.Head && w.out.State == "" {
		w.out.State = Unchanged
		return nil
	}
	m.Of = calledAs(was.mark.Of, m.Of)
	var edit forge.PullEdit
	title := w.title()
	titleOurs := was.marked && hashText(w.pull.Title) == was.mark.Title || was.old && was.ours || w.all
	if w.pull.Title != title && titleOurs {
		edit.Title = &title
	}
	if !titleOurs {
		m.Title = was.mark.Title
		if w.pull.Title != title {
			w.out.remark("its title is a person's and stays")
		}
	}
	textOurs := (was.marked || was.old) && was.ours
	if w.all && !textOurs {
		was, textOurs = description{}, true
	}
	body := was.write(m, r.text(w))
	switch {
	case !textOurs:
		if !strings.Contains(unixLines(w.pull.Body), strings.TrimSpace(unixLines(r.text(w)))) {
			w.out.remark("its text is a person's and stays")
		}
	case strings.TrimSpace(unixLines(w.pull.Body)) != strings.TrimSpace(body):
		edit.Body = &body
	}
	state := Unchanged
	if w.pushed || edit.Title != nil || edit.Body != nil {
		state = Updated
	}
	if edit.Title != nil || edit.Body != nil {
		pull, err := r.again(ctx, func() (forge.Pull, error) { return r.Host.EditPull(ctx, w.pull.Number, edit) })
		if err != nil {
			return err
		}
		w.out.Pull = &pull
	}
	if w.out.State == "" {
		w.out.State = state
	}
	return nil
}

// again makes a write a second time whose answer got lost and that comes to the same if
// it is made twice.
func (r *run) again(ctx context.Context, write func() (forge.Pull, error)) (forge.Pull, error) {
	pull, err := write()
	if errors.Is(err, forge.ErrUnavailable) && ctx.Err() == nil {
		return write()
	}
	return pull, err
}

// complete puts the labels and people on a pull request that it should have. A label that
// a person took away stays away.
func (r *run) complete(ctx context.Context, w *work) error {
	pull := w.out.Pull
	missing := lacking(pull.Labels, w.change.Labels)
	if err := r.addition(w, "labels", missing, func(missing []string) error { return r.label(ctx, w, missing) }); err != nil {
		return err
	}
	asked, people := lacking(pull.Reviewers, w.change.Reviewers), lacking(pull.Assignees, w.change.Assignees)
	if w.pull != nil && len(asked)+len(people) > 0 { // who has answered is not asked again
		before, err := r.Host.Asked(ctx, pull.Number)
		if err != nil {
			return r.unfinished(w, err)
		}
		asked, people = lacking(before, asked), lacking(before, people)
	}
	if err := r.addition(w, "reviewers", asked, func(asked []string) error { return r.Host.RequestReviews(ctx, pull.Number, asked) }); err != nil {
		return err
	}
	return r.addition(w, "assignees", people, func(people []string) error { return r.Host.AddAssignees(ctx, pull.Number, people) })
}

// addition puts something on a pull request that is open. What the token may not do is not tried
// with the next pull request. The error is one that ends the run.
func (r *run) addition(w *work, what string, missing []string, add func([]string) error) error {
	if len(missing) == 0 {
		return nil
	}
	if first, ok := r.barred[what]; ok {
		return r.unfinished(w, fmt.Errorf("%s of pull request #%d: not tried, since the token was refused at #%d: %w", what, w.out.Pull.Number, first, forge.ErrForbidden))
	}
	err := add(missing)
	if err == nil {
		return nil
	}
	if errors.Is(err, forge.ErrForbidden) {
		r.barred[what] = w.out.Pull.Number
	}
	return r.unfinished(w, fmt.Errorf("%s of pull request #%d: %w", what, w.out.Pull.Number, err))
}

func (r *run) label(ctx context.Context, w *work, missing []string) error {
	number := w.out.Pull.Number
	if w.pull != nil && !w.all {
		away, err := r.Host.Unlabeled(ctx, number)
		if err != nil {
			return err
		}
		missing = lacking(away, missing)
	}
	if len(missing) == 0 {
		return nil
	}
	err := r.Host.AddLabels(ctx, number, missing)
	if err == nil && w.out.State == Unchanged {
		w.out.State = Updated
	}
	return err
}

// unfinished notes what the next run has to complete. It returns an error that ends the
// run.
func (r *run) unfinished(w *work, err error) error {
	w.out.Lacking = errors.Join(w.out.Lacking, err)
	var limit *forge.RateLimitError
	if errors.As(err, &limit) || errors.Is(err, forge.ErrUnauthorized) {
		return err
	}
	return nil
}

// lacking returns those of wanted that are not among have. Labels and logins that differ
// in case only are the same.
func lacking(have, wanted []string) []string {
	var missing []string
	for _, name := range wanted {
		same := func(other string) bool { return strings.EqualFold(other, name) }
		if !slices.ContainsFunc(have, same) && !slices.ContainsFunc(missing, same) {
			missing = append(missing, name)
		}
	}
	return missing
}

// commentMark is in every comment of propagate: a pull request gets one in its life.
const commentMark = "<!-- propagate comment -->"

// comment comments on a pull request, unless it did so before.
func (r *run) comment(ctx context.Context, number int, text string) error {
	made := func() (bool, error) {
		comments, err := r.Host.Comments(ctx, number)
		return slices.ContainsFunc(comments, func(c forge.Comment) bool { return strings.Contains(c.Body, commentMark) }), err
	}
	if there, err := made(); there || err != nil {
		return err
	}
	err := r.Host.AddComment(ctx, number, text+"\n\n"+commentMark)
	if errors.Is(err, forge.ErrUnavailable) {
		if there, again := made(); again == nil && there {
			return nil
		}
	}
	return err
}

// pointOn says on a pull request that a person holds where the newer version is.
func (r *run) pointOn(ctx context.Context, w *work) error {
	if w.beside == nil || w.out.Pull == nil {
		return nil
	}
	err := r.comment(ctx, w.beside.Number, fmt.Sprintf("%s is in #%d. This branch holds a commit that is not propagate's, so it was left as it is.", versionText(w.change.Subjects), w.out.Pull.Number))
	if err != nil {
		return r.unfinished(w, fmt.Errorf("comment on pull request #%d: %w", w.beside.Number, err))
	}
	return nil
}
