package person

import (
	"context"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
)

// GivenName gives a living person another given name, by an office's or a
// court's decision.
type GivenName struct {
	Edit
	Given persian.Name `json:"given_name"`
}

func (in *GivenName) check(bad *mistakes, _ persian.Date) {
	bad.missing(in.Given.Display == "", "given_name")
}

func (in *GivenName) do(w *doing) error {
	w.p.Given = in.Given
	return w.living()
}

// Rename registers a change of the given name.
func (b *Book) Rename(ctx context.Context, j *journal.Journal, actor journal.Actor, in *GivenName) (*Done, journal.Proven, error) {
	return b.alone(ctx, j, actor, "given_name", in)
}

// Surname gives a living person another surname.
type Surname struct {
	Edit
	Surname persian.Name `json:"surname"`
}

func (in *Surname) check(bad *mistakes, _ persian.Date) {
	bad.missing(in.Surname.Display == "", "surname")
}

func (in *Surname) do(w *doing) error {
	w.p.Surname = in.Surname
	return w.living()
}

// ChangeSurname registers a change of the surname.
func (b *Book) ChangeSurname(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Surname) (*Done, journal.Proven, error) {
	return b.alone(ctx, j, actor, "surname", in)
}

// SexChange registers another sex by a court's order, and the given name that
// the order may give with it.
type SexChange struct {
	Edit
	Sex   Sex           `json:"sex"`
	Given *persian.Name `json:"given_name,omitzero"`
}

// courtOrder is the reason that a change of sex must have.
const courtOrder = "court-order"

func (in *SexChange) check(bad *mistakes, _ persian.Date) {
	bad.missing(in.Sex == 0, "sex")
	bad.When(in.Given != nil && in.Given.Display == "", "given_name", "person.missing")
	bad.When(in.Reason != courtOrder, "reason", "person.sex.court")
}

func (in *SexChange) do(w *doing) error {
	if w.p.Sex == in.Sex {
		return errUnchanged
	}
	w.p.Sex = in.Sex
	if in.Given != nil {
		w.p.Given = *in.Given
	}
	return w.living()
}

// living refuses what can only happen to the living.
func (w *doing) living() error {
	if !w.p.Alive() {
		return fault.New(fault.Conflict, "person.dead")
	}
	return nil
}
