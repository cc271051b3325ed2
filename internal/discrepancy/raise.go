package discrepancy

import (
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Doubt is what opens a case.
type Doubt struct {
	Subject  ids.NationalNumber
	Source   string
	SourceID int64
	Version  int64 // of the record in doubt
	Claims   []Claim
	Text     string
}

// Check reads the claims and the text. A doubt names an item or says something.
func (d *Doubt) Check() error {
	if err := text(&d.Text, "text"); err != nil {
		return err
	}
	if len(d.Claims) == 0 && d.Text == "" {
		return fault.New(fault.Invalid, "discrepancy.empty").At("items")
	}
	return Check(d.Claims)
}

// Raise opens a case within the caller's act, or adds to the one that the same
// source has opened before, as long as nothing is proposed in it: a value that
// is claimed anew takes the old one's place, texts are put behind each other.
// Faults: discrepancy.proposed, discrepancy.many.
func (b *Book) Raise(tx *store.Tx, c *register.Change, d *Doubt) (*Case, error) {
	var open *Case
	err := tx.Each(caseOpenOf, []any{d.Source, d.SourceID}, func(scan func(...any) error) (err error) {
		open, err = scanCase(scan, persian.DateOf(c.At))
		return err
	})
	if err != nil {
		return nil, err
	}
	if open != nil {
		return open, b.add(tx, c, open, d)
	}
	n := &Case{
		Subject: d.Subject, Source: d.Source, SourceID: d.SourceID, Version: d.Version, Text: d.Text,
		Opened: c.At, Deadline: persian.DateOf(c.At).AddMonths(b.Months), State: Opened,
	}
	n.source()
	if _, err := tx.One(caseLast, nil, &n.ID); err != nil {
		return nil, err
	}
	n.ID++
	_, err = tx.Exec(caseInsert, n.ID, int64(n.Subject), n.Source, n.SourceID, n.Version, n.Text, n.Opened.UnixMicro(),
		int64(n.Deadline.Pack()), int64(n.State), int64(0), int64(0), "", int64(0))
	if err != nil {
		return nil, err
	}
	if err := putItems(tx, n.ID, d.Claims); err != nil {
		return nil, err
	}
	return n, putStep(tx, n.ID, &Step{What: "opened", At: c.At, By: c.Actor}, c.Act)
}

// mostSteps is how long the story of a case may get by what its source adds: a
// letter in the wrong hands, or a program that repeats itself, fills no disk.
const mostSteps = 50

func (b *Book) add(tx *store.Tx, c *register.Change, open *Case, d *Doubt) error {
	if open.State == Proposed {
		return fault.New(fault.Conflict, "discrepancy.proposed")
	}
	added := 0
	if _, err := tx.One(stepCount, []any{open.ID}, &added); err != nil {
		return err
	}
	if added >= mostSteps {
		return fault.New(fault.Conflict, "discrepancy.many")
	}
	together := Doubt{Text: strings.TrimSpace(open.Text + " " + d.Text)}
	if err := text(&together.Text, "text"); err != nil {
		return err
	}
	open.Text = together.Text
	if err := putItems(tx, open.ID, d.Claims); err != nil {
		return err
	}
	return write(tx, open, &Step{What: "added", At: c.At, By: c.Actor}, c.Act)
}

func putItems(tx *store.Tx, id int64, claims []Claim) error {
	for _, c := range claims {
		if _, err := tx.Exec(itemPut, id, c.Field, c.Value); err != nil {
			return err
		}
	}
	return nil
}
