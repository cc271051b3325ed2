package person

import (
	"context"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
)

// BirthDate corrects the date of birth. A question with the old date finds
// nobody from then on, and is told no more than that.
type BirthDate struct {
	Edit
	Born persian.Date `json:"birth_date"`
}

func (in *BirthDate) check(bad *mistakes, today persian.Date) {
	bad.past(in.Born, today, "birth_date")
}

func (in *BirthDate) do(w *doing) error { return w.born(in.Born) }

// born sets the date of birth. A booklet on either side of 1368 bears the same
// number as before, so what stands for it is adapted: from 1368 on 0 means the
// national number, before that it means unknown.
func (w *doing) born(d persian.Date) error {
	if before(w.p.Died, d) {
		return fault.New(fault.Invalid, "person.death.early").At("birth_date")
	}
	s := &w.p.Shenasnameh.Number
	if *s == 0 && ids.From1368(w.p.Born) && !ids.From1368(d) {
		*s = ids.ShenasnamehNumber(w.p.Number)
	}
	*s = s.Normal(w.p.Number, d)
	w.p.Born = d
	return nil
}

// Correction puts right what was written wrongly. Only what is given changes.
type Correction struct {
	Edit
	Given       *persian.Name          `json:"given_name,omitzero"`
	Surname     *persian.Name          `json:"surname,omitzero"`
	Father      *persian.Name          `json:"father_name,omitzero"`
	Sayyed      *bool                  `json:"sayyed,omitzero"`
	Sex         *Sex                   `json:"sex,omitzero"`
	Born        *persian.Date          `json:"birth_date,omitzero"`
	Died        *persian.Date          `json:"death_date,omitzero"`
	Shenasnameh *ids.ShenasnamehNumber `json:"shenasnameh_number,omitzero"`
	Serie       *ids.Serie             `json:"shenasnameh_serie,omitzero"`
	Serial      *ids.Serial            `json:"shenasnameh_serial,omitzero"`
	Office      *int                   `json:"issue_office,omitzero"`
	IssuePlace  *string                `json:"issue_place,omitzero"`
}

// Harmful reports whether two persons are needed.
func (in *Correction) Harmful() bool { return in.Sex != nil || in.Born != nil || in.Died != nil }

func (in *Correction) check(bad *mistakes, today persian.Date) {
	for _, n := range []struct {
		name  *persian.Name
		field string
	}{{in.Given, "given_name"}, {in.Surname, "surname"}, {in.Father, "father_name"}} {
		bad.missing(n.name != nil && n.name.Display == "", n.field)
	}
	bad.missing(in.Sex != nil && *in.Sex == 0, "sex")
	if in.Born != nil {
		bad.past(*in.Born, today, "birth_date")
	}
	if in.Died != nil {
		bad.past(*in.Died, today, "death_date")
	}
	bad.When(in.Office != nil && (*in.Office < 0 || *in.Office > maxOffice), "issue_office", "person.office")
	bad.When(in.IssuePlace != nil && len(*in.IssuePlace) > maxIssuePlace, "issue_place", "person.long")
}

func (in *Correction) do(w *doing) error {
	p := w.p
	set(&p.Given, in.Given)
	set(&p.Surname, in.Surname)
	set(&p.Father, in.Father)
	set(&p.Sayyed, in.Sayyed)
	set(&p.Sex, in.Sex)
	set(&p.Shenasnameh.Serie, in.Serie)
	set(&p.Shenasnameh.Serial, in.Serial)
	set(&p.Shenasnameh.Office, in.Office)
	set(&p.Shenasnameh.IssuePlace, in.IssuePlace)
	if in.Died != nil {
		if p.Alive() {
			return fault.New(fault.Conflict, "person.death.none").At("death_date")
		}
		p.Died = *in.Died
	}
	if in.Born != nil {
		if err := w.born(*in.Born); err != nil {
			return err
		}
	}
	if in.Shenasnameh != nil {
		p.Shenasnameh.Number = in.Shenasnameh.Normal(p.Number, p.Born)
	}
	return nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Correct registers a correction that one person may make.
func (b *Book) Correct(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Correction) (*Done, journal.Proven, error) {
	if in.Harmful() {
		return nil, journal.Proven{}, fault.New(fault.Forbidden, "person.proposal.needed")
	}
	return b.alone(ctx, j, actor, "correction", in)
}
