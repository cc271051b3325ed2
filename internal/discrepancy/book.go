package discrepancy

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Book reads and changes cases. It is safe for concurrent use.
type Book struct {
	Clock  func() time.Time // set before use
	Months int              // from a case's opening to its deadline; set before use

	db      *store.DB
	persons *person.Book
}

// months is the law's time to resolve a discrepancy (bylaw of 1378, art. 7).
const months = 3

// Open makes a Book on the register db.
func Open(_ context.Context, db *store.DB, persons *person.Book) (*Book, error) {
	return &Book{Clock: time.Now, Months: months, db: db, persons: persons}, nil
}

var errUnknown = fault.New(fault.NotFound, "discrepancy.unknown").At("case")

// Read lets staff read a case with its items and steps, as it stands now: if
// its proposal has been decided, the case follows first. It shows what the
// record says, so that somebody read it is an entry. Fault:
// discrepancy.unknown.
func (b *Book) Read(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) (*Case, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	c, err := b.current(ctx, j, id)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	p, found, err := b.persons.ByNumber(ctx, c.Subject)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	hidden := found && p.Hidden(actor)
	a := register.Act{Kind: receipt.RegisterReading, Actor: actor, Why: "case", Subject: c.Subject}
	proven, err := register.Read(ctx, b.db, j, a, func(tx *store.Tx) (_ []byte, err error) {
		if c, err = b.whole(tx, id); err != nil {
			return nil, err
		}
		body := c.Subject.AppendTo([]byte(`"read":"case","national_number":"`))
		body = strconv.AppendInt(append(body, `","file":"`...), id, 10)
		return strconv.AppendBool(append(body, `","result":`...), !hidden), nil
	})
	switch {
	case err != nil:
		return nil, journal.Proven{}, err
	case hidden:
		return nil, journal.Proven{}, person.ErrProtected
	}
	if err := errors.Join(b.onRecord(ctx, c), b.reporter(ctx, c)); err != nil {
		return nil, journal.Proven{}, err
	}
	return c, proven, b.conceal(ctx, c)
}

// conceal takes out of a case what was said before its subject was adopted: it
// may tell the names that are sealed now.
func (b *Book) conceal(ctx context.Context, c *Case) error {
	adopted, err := b.persons.Adopted(ctx, c.Subject)
	if err != nil || !c.Opened.Before(adopted) {
		return err
	}
	c.Text = ""
	for i := range c.Items {
		switch c.Items[i].Field {
		case "given_name", "surname", "father_name":
			c.Items[i].Claimed = ""
		}
	}
	for i := range c.Steps {
		c.Steps[i].Note = ""
	}
	return nil
}

// whole is a case with its items and steps.
func (b *Book) whole(tx *store.Tx, id int64) (*Case, error) {
	c, err := b.read(tx, id)
	if err != nil {
		return nil, err
	}
	if err := readItems(tx, c); err != nil {
		return nil, err
	}
	return c, tx.Each(stepAll, []any{id}, func(scan func(...any) error) error {
		var s Step
		var at, agency int64
		err := scan(&s.What, &at, &s.Role, &agency, &s.Officer, &s.Reason, &s.Document, &s.Note)
		s.At, s.By = time.UnixMicro(at).UTC(), journal.Actor{Role: s.Role, Agency: ids.LegalID(agency), ID: s.Officer}
		c.Steps = append(c.Steps, s)
		return err
	})
}

// onRecord fills in what the version in doubt said.
func (b *Book) onRecord(ctx context.Context, c *Case) error {
	p, found, err := b.persons.ByNumber(ctx, c.Subject)
	if err != nil || !found {
		return err
	}
	if p.Version != c.Version {
		past, err := b.persons.History(ctx, c.Subject)
		if err != nil {
			return err
		}
		for i := range past {
			if past[i].Person.Version == c.Version {
				p = &past[i].Person
			}
		}
	}
	for i := range c.Items {
		if kind := find(c.Items[i].Field); kind != nil {
			c.Items[i].OnRecord = kind.of(p)
		}
	}
	return nil
}

// source puts the source's number where it is read.
func (c *Case) source() {
	switch c.Source {
	case Objection:
		c.Letter = c.SourceID
	case Reporting:
		c.Doubt = c.SourceID
	}
}

func scanCase(scan func(...any) error, today persian.Date) (*Case, error) {
	c := &Case{}
	var subject, opened, deadline, state, outcome, agency int64
	err := scan(&c.ID, &subject, &c.Source, &c.SourceID, &c.Version, &c.Text, &opened, &deadline, &state, &outcome, &agency, &c.Taker, &c.Proposal)
	c.Subject, c.takerAgency = ids.NationalNumber(subject), ids.LegalID(agency)
	c.Opened, c.Deadline = time.UnixMicro(opened).UTC(), persian.UnpackDate(int32(deadline))
	c.State, c.Outcome = State(state), Outcome(outcome)
	c.source()
	c.Overdue = c.State != Closed && c.Deadline.Compare(today) < 0
	return c, err
}

// read is a case's row within a transaction. Faults: discrepancy.missing, discrepancy.unknown.
func (b *Book) read(tx *store.Tx, id int64) (c *Case, err error) {
	if id == 0 {
		return nil, fault.New(fault.Invalid, "discrepancy.missing").At("case")
	}
	err = tx.Each(caseByID, []any{id}, func(scan func(...any) error) (err error) {
		c, err = scanCase(scan, persian.DateOf(b.Clock()))
		return err
	})
	if err == nil && c == nil {
		err = errUnknown
	}
	return c, err
}

func readItems(tx *store.Tx, c *Case) error {
	c.Items = nil
	return tx.Each(itemAll, []any{c.ID}, func(scan func(...any) error) error {
		var i Item
		err := scan(&i.Field, &i.Claimed)
		c.Items = append(c.Items, i)
		return err
	})
}

// write puts a case's row and the step that led to it.
func write(tx *store.Tx, c *Case, s *Step, act journal.ActID) error {
	c.Overdue = c.Overdue && c.State != Closed // what closes it settles that too
	if _, err := tx.Exec(caseUpdate, c.Text, int64(c.State), int64(c.Outcome), int64(c.takerAgency), c.Taker, c.Proposal, c.ID); err != nil {
		return err
	}
	return putStep(tx, c.ID, s, act)
}

func putStep(tx *store.Tx, id int64, s *Step, act journal.ActID) error {
	_, err := tx.Exec(stepInsert, id, s.What, s.At.UnixMicro(), s.By.Role, int64(s.By.Agency), s.By.ID, s.Reason, s.Document, s.Note, act[:])
	return err
}
