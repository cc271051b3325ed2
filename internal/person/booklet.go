package person

import (
	"context"
	"fmt"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// BookletIssue asks an office to issue a person's shenasnameh.
type BookletIssue struct {
	Number  ids.NationalNumber `json:"national_number"`
	Office  int                `json:"office"`           // whose stock it comes from
	Version int64              `json:"version,omitzero"` // of the record that was seen; 0: whichever
	register.Grounds
}

// Booklet is one shenasnameh that a person has or had.
type Booklet struct {
	Number    string       `json:"shenasnameh_number,omitzero"` // as printed
	Serie     ids.Serie    `json:"shenasnameh_serie"`
	Serial    ids.Serial   `json:"shenasnameh_serial"`
	Office    int          `json:"issue_office,omitzero"`
	Place     string       `json:"issue_place,omitzero"`
	IssuedOn  persian.Date `json:"issued_on,omitzero"`
	Reason    string       `json:"reason,omitzero"` // why it was issued
	State     string       `json:"state"`           // current or annulled
	EndedOn   persian.Date `json:"annulled_on,omitzero"`
	EndReason string       `json:"annulled_because,omitzero"`
}

const (
	bookletCurrent  = "current"
	bookletAnnulled = "annulled"
	firstBooklet    = "first"
)

// reissueReasons are why a new booklet takes the place of an old one.
var reissueReasons = []string{"lost", "worn", "item-changed"}

// BookletIssued is a booklet just issued.
type BookletIssued struct {
	Number  ids.NationalNumber `json:"national_number"`
	Booklet Booklet            `json:"booklet"`
	Version int64              `json:"register_version"`
}

// IssueShenasnameh issues a person's first booklet.
func (b *Book) IssueShenasnameh(ctx context.Context, j *journal.Journal, actor journal.Actor, in *BookletIssue) (*BookletIssued, journal.Proven, error) {
	return b.issueBooklet(ctx, j, actor, in, "shenasnameh_issued", func(p *Person) (string, error) {
		if p.Shenasnameh.Serial != "" {
			return "", fault.New(fault.Conflict, "person.shenasnameh.has")
		}
		return firstBooklet, nil
	})
}

// ReissueShenasnameh issues a booklet in the place of one that was lost, is
// worn, or says what holds no more; the reason is one of those words. The
// former booklet is annulled: from then on its particulars confirm nothing.
func (b *Book) ReissueShenasnameh(ctx context.Context, j *journal.Journal, actor journal.Actor, in *BookletIssue) (*BookletIssued, journal.Proven, error) {
	return b.issueBooklet(ctx, j, actor, in, "shenasnameh_reissued", func(p *Person) (string, error) {
		for _, r := range reissueReasons {
			if in.Reason == r {
				return r, nil
			}
		}
		return "", fault.New(fault.Invalid, "person.shenasnameh.reason").At("reason")
	})
}

func (b *Book) issueBooklet(ctx context.Context, j *journal.Journal, actor journal.Actor, in *BookletIssue, event string, may func(*Person) (reason string, err error)) (*BookletIssued, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad mistakes
	bad.missing(in.Number == 0, "national_number")
	bad.Add("", in.Grounds.Check())
	at, err := bad.office(ctx, b, in.Office)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	var issued *BookletIssued
	a := alteration{kind: receipt.PersonChange, event: event, number: in.Number, version: in.Version, grounds: in.Grounds}
	proven, err := b.alter(ctx, j, actor, &a, func(tx *store.Tx, c *register.Change, p *Person) (string, error) {
		if err := holder(p); err != nil {
			return "", err
		}
		reason, err := may(p)
		if err != nil {
			return "", err
		}
		if err := b.endBooklet(tx, p, reason); err != nil {
			return "", err
		}
		made, err := b.newBooklet(tx, c, p, at, reason)
		if err != nil {
			return "", err
		}
		issued = &BookletIssued{Number: p.Number, Booklet: *made}
		return "", nil
	}, func(p *Person) { issued.Version = p.Version })
	return issued, proven, err
}

// newBooklet takes a booklet from the office's stock and makes it p's.
func (b *Book) newBooklet(tx *store.Tx, c *register.Change, p *Person, at *Office, reason string) (*Booklet, error) {
	serie, n, err := take(tx, booklets, at.Code, func(serie string, serial int64) (bool, error) {
		var holder int64
		return tx.One(bookletHolder, []any{serie, serial}, &holder)
	})
	if err != nil {
		return nil, err
	}
	number := p.Shenasnameh.Number
	if !number.Known(p.Born) { // a first booklet of somebody born before 1368 bears the national number too
		number = ids.ShenasnamehNumber(p.Number)
	}
	serial := ids.Serial(fmt.Sprintf("%06d", n))
	p.Shenasnameh = Shenasnameh{Number: number, Serie: ids.Serie(serie), Serial: serial, Office: at.Code, IssuePlace: at.Name}
	k := &Booklet{Number: p.printed(number), Serie: ids.Serie(serie), Serial: serial, Office: at.Code, Place: at.Name, IssuedOn: b.today(), Reason: reason, State: bookletCurrent}
	_, err = tx.Exec(bookletInsert, serie, n, int64(p.Number), int64(number), at.Code, at.Name, int64(k.IssuedOn.Pack()), reason, 0, "", c.Micros())
	return k, err
}

// printed is a shenasnameh number as the booklet says it; "": not on record.
func (p *Person) printed(n ids.ShenasnamehNumber) string {
	switch {
	case n != 0:
		return n.String()
	case n.Known(p.Born):
		return p.Number.String()
	}
	return ""
}

// endBooklet annuls the booklet that p has, if any. One from before this
// register enters the booklets with its end.
func (b *Book) endBooklet(tx *store.Tx, p *Person, reason string) error {
	s := &p.Shenasnameh
	if s.Serial == "" {
		return nil
	}
	today := int64(b.today().Pack())
	n, err := tx.Exec(bookletEnd, today, reason, int64(p.Number))
	if err == nil && n == 0 {
		serial, _ := strconv.ParseInt(string(s.Serial), 10, 64) // six digits
		// Of two persons with the same particulars in a file of old, the first one is kept.
		_, err = tx.Exec(bookletTake, string(s.Serie), serial, int64(p.Number), int64(s.Number), s.Office, s.IssuePlace, 0, "", today, reason, 0)
	}
	p.Shenasnameh = Shenasnameh{Number: s.Number}
	return err
}

// BookletAnnulment ends a booklet without a new one.
type BookletAnnulment struct {
	Number  ids.NationalNumber `json:"national_number"`
	Version int64              `json:"version,omitzero"` // of the record that was seen; 0: whichever
	register.Grounds
}

// AnnulShenasnameh annuls the booklet that a person has, whatever the state of
// his record. Its particulars confirm nothing from then on.
func (b *Book) AnnulShenasnameh(ctx context.Context, j *journal.Journal, actor journal.Actor, in *BookletAnnulment) (*Holder, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := stated(in.Number, &in.Grounds); err != nil {
		return nil, journal.Proven{}, err
	}
	var now *Holder
	a := alteration{kind: receipt.PersonChange, event: "shenasnameh_annulled", number: in.Number, version: in.Version, grounds: in.Grounds}
	proven, err := b.alter(ctx, j, actor, &a, func(tx *store.Tx, _ *register.Change, p *Person) (string, error) {
		if p.Shenasnameh.Serial == "" {
			return "", fault.New(fault.Conflict, "person.shenasnameh.none")
		}
		return "", b.endBooklet(tx, p, in.Reason)
	}, func(p *Person) { now = &Holder{p.Number, p.Version} })
	return now, proven, err
}

// Holder is whose record an act has changed, and the version it made.
type Holder struct {
	Number  ids.NationalNumber `json:"national_number"`
	Version int64              `json:"register_version"`
}

// Shenasnamehs lists the booklets that a person has or had, oldest first, as a
// reading that stands in the journal. One that was never issued or ended here
// is listed as the record has it.
func (b *Book) Shenasnamehs(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reading) ([]Booklet, journal.Proven, error) {
	return read(ctx, b, j, actor, in, "shenasnamehs", func() (all []Booklet, p *Person, found bool, err error) {
		p, found, err = b.look(ctx, in.Number, func(tx *store.Tx, p *Person) (err error) {
			all, err = p.booklets(tx)
			return err
		})
		return all, p, found, err
	})
}

func (p *Person) booklets(tx *store.Tx) ([]Booklet, error) {
	all, current := []Booklet{}, false
	err := tx.Each(bookletsByNumber, []any{int64(p.Number)}, func(scan func(...any) error) error {
		var k Booklet
		var number, serial, issued, ended int64
		err := scan(&k.Serie, &serial, &number, &k.Office, &k.Place, &issued, &k.Reason, &ended, &k.EndReason)
		k.Serial, k.Number = ids.Serial(fmt.Sprintf("%06d", serial)), p.printed(ids.ShenasnamehNumber(number))
		k.IssuedOn, k.EndedOn = persian.UnpackDate(int32(issued)), persian.UnpackDate(int32(ended))
		if k.State = bookletAnnulled; ended == 0 {
			k.State, current = bookletCurrent, true
		}
		all = append(all, k)
		return err
	})
	if s := p.Shenasnameh; err == nil && !current && s.Serial != "" {
		all = append(all, Booklet{Number: p.printed(s.Number), Serie: s.Serie, Serial: s.Serial, Office: s.Office, Place: s.IssuePlace, State: bookletCurrent})
	}
	return all, err
}
