package notice

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Objection is what a person says against his letter.
type Objection struct {
	Code   Code                `json:"objection_code"`
	Number ids.NationalNumber  `json:"national_number"`
	Items  []discrepancy.Claim `json:"items"` // what is wrong, and what should stand there
	Text   string              `json:"text"`  // at most 500 letters
}

// Objected is what the person is told.
type Objected struct {
	Case     int64        `json:"case"`
	Deadline persian.Date `json:"deadline"` // the last day to resolve it
}

// maxTries is how often a code may be tried with a wrong number in a day.
const maxTries = 5

// Object opens a case, or adds to the one that this letter has opened, as long
// as nothing is proposed in it. It is for anyone: code and national number
// together are what a person shows. Faults: notice.objection.unknown if either
// is wrong, notice.objection.tries, notice.objection.late.
func (b *Book) Object(ctx context.Context, j *journal.Journal, in *Objection) (Objected, journal.Proven, error) {
	doubt := discrepancy.Doubt{Subject: in.Number, Source: discrepancy.Objection, Claims: in.Items, Text: in.Text}
	if err := in.check(&doubt); err != nil {
		return Objected{}, journal.Proven{}, err
	}
	l, err := b.admit(ctx, in)
	if err != nil {
		return Objected{}, journal.Proven{}, err
	}
	var done Objected
	a := register.Act{
		Kind: receipt.Notice, Actor: journal.Actor{Role: register.Citizen, ID: "letter-" + strconv.FormatInt(l.ID, 10)},
		Why: "objection", Subject: in.Number, Clock: b.Clock,
	}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		t, err := batch(tx, l.Batch)
		if err != nil {
			return nil, err
		}
		if persian.DateOf(c.At).Compare(t.LastDay) > 0 {
			return nil, fault.New(fault.Conflict, "notice.objection.late")
		}
		doubt.SourceID, doubt.Version = l.ID, l.Version
		opened, err := b.cases.Raise(tx, c, &doubt)
		if err != nil {
			return nil, err
		}
		done = Objected{opened.ID, opened.Deadline}
		body := strconv.AppendInt([]byte(`"letter":`), l.ID, 10)
		return strconv.AppendInt(append(body, `,"case":`...), opened.ID, 10), nil
	})
	return done, proven, err
}

func (in *Objection) check(d *discrepancy.Doubt) error {
	var bad fault.List
	bad.When(in.Code == 0, "objection_code", "notice.missing")
	bad.When(in.Number == 0, "national_number", "notice.missing")
	bad.Add("", d.Check())
	return bad.Err()
}

// admit finds the letter that code and number open together. A wrong pair is
// counted in the transaction that looks it up, so that many at once are not
// more than one after the other; a code that does not exist counts like one
// that does.
func (b *Book) admit(ctx context.Context, in *Objection) (l *Letter, err error) {
	var refusal error
	today := int64(persian.DateOf(b.Clock()).Pack())
	err = b.db.Write(ctx, func(tx *store.Tx) error {
		n := int64(0)
		refusal = nil
		if _, err := tx.One(tryCount, []any{today, int64(in.Code)}, &n); err != nil {
			return err
		}
		if n >= maxTries {
			refusal = fault.New(fault.TooMany, "notice.objection.tries")
			return nil
		}
		if l, err = letterBy(tx, letterByCode, int64(in.Code)); err != nil {
			return err
		}
		if l != nil && l.Subject == in.Number && l.Batch != 0 {
			return nil
		}
		refusal = fault.New(fault.NotFound, "notice.objection.unknown")
		if _, err := tx.Exec(tryForget, today); err != nil {
			return err
		}
		_, err := tx.Exec(tryAdd, today, int64(in.Code))
		return err
	})
	if err == nil {
		err = refusal
	}
	return l, err
}
