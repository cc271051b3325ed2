package exception

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Reasons for a copy, as the circular names them.
const (
	ServiceFailed = "service-failed" // the service cannot be reached, or answers wrongly
	NoService     = "no-service"     // no service gives what is needed
	LawRequires   = "law-requires"   // a law demands the copy itself
)

// kept is how many days a copy may be kept at most, for each reason. What only
// stood in for a service goes within a year.
var kept = map[string]int{ServiceFailed: 366, NoService: 366, LawRequires: 10 * 366}

const (
	maxLaw  = 300 // bytes of a citation
	maxWord = 200 // bytes of a reference
)

// Copying is a copy that the actor's agency has made itself.
type Copying struct {
	Process   string             `json:"process"`
	Document  string             `json:"document"` // code of its type
	Reason    string             `json:"reason"`
	Law       string             `json:"law"`
	Article   string             `json:"article"`
	Number    ids.NationalNumber `json:"national_number"` // whose document; may be left out
	Reference string             `json:"reference"`       // where the copy lies
	Until     persian.Date       `json:"destroy_by"`
	Fee       int64              `json:"fee"` // what the person paid: nothing
}

// Copy is a recorded copy.
type Copy struct {
	ID        int64        `json:"copy"`
	Agency    ids.LegalID  `json:"agency"`
	Officer   string       `json:"officer"`
	Process   string       `json:"process"`
	Document  string       `json:"document"`
	Reason    string       `json:"reason"`
	Law       string       `json:"law"`
	Article   string       `json:"article"`
	Person    bool         `json:"person"` // it is recorded whose document it was
	Reference string       `json:"reference"`
	Made      time.Time    `json:"made"`
	Until     persian.Date `json:"destroy_by"`
	Overdue   bool         `json:"overdue"`
	Destroyed time.Time    `json:"destroyed,omitzero"`
	Destroyer string       `json:"destroyed_by,omitempty"`
	Minutes   string       `json:"minutes,omitempty"` // of its destruction

	subject ids.NationalNumber
}

// check reads a copy; all mistakes are told at once.
func (b *Book) check(of ids.LegalID, in *Copying) error {
	var bad fault.List
	longest, known := kept[in.Reason]
	bad.When(!known, "reason", "exception.reason")
	bad.Add("", text(&in.Law, "law", maxLaw))
	bad.Add("", text(&in.Article, "article", maxWord))
	bad.Add("", text(&in.Reference, "reference", maxWord))
	bad.When(in.Fee != 0, "fee", "exception.fee")
	p, found := b.Processes.Find(of, in.Process)
	bad.When(!found || p.Ended, "process", "exception.process")
	_, found = b.Processes.Document(in.Document)
	bad.When(!found, "document", "exception.document")
	today := b.today()
	switch {
	case in.Until.IsZero():
		bad.When(true, "destroy_by", "exception.missing")
	case !in.Until.Precise():
		bad.When(true, "destroy_by", "exception.day")
	case in.Until.Compare(today) < 0:
		bad.When(true, "destroy_by", "exception.past")
	case known && in.Until.Compare(today.AddDays(longest)) > 0:
		bad = append(bad, fault.New(fault.Invalid, "exception.kept", strconv.Itoa(longest)).At("destroy_by"))
	}
	return bad.Err()
}

// Copied records a copy. Faults: exception.reason, .fee, .process, .document,
// .past, .kept.
func (b *Book) Copied(ctx context.Context, actor journal.Actor, in *Copying) (*Copy, journal.Proven, error) {
	if err := register.Only(actor, recorders...); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.check(actor.Agency, in); err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Exception, Actor: actor, Why: "copy-made", Subject: in.Number, Agency: actor.Agency, Clock: b.Clock}
	var made *Copy
	proven, err := register.Do(ctx, b.DB, b.Journal, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		made = &Copy{
			Agency: actor.Agency, Officer: actor.ID, Process: in.Process, Document: in.Document, Reason: in.Reason, Law: in.Law,
			Article: in.Article, Person: in.Number != 0, Reference: in.Reference, Made: ch.At.UTC(), Until: in.Until, subject: in.Number,
		}
		if _, err := tx.One(copyLast, nil, &made.ID); err != nil {
			return nil, err
		}
		made.ID++
		_, err := tx.Exec(copyInsert, made.ID, int64(made.Agency), made.Officer, made.Process, made.Document, made.Reason, made.Law, made.Article,
			int64(made.subject), made.Reference, ch.Micros(), int64(made.Until.Pack()), ch.Act[:])
		return made.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return made, proven, nil
}

// body is what the journal says of a copy. Whose document it was stands in the
// entry's private fields, so that he finds it among what was done about him.
func (c *Copy) body() []byte {
	b := strconv.AppendInt([]byte(`"copy":{"id":`), c.ID, 10)
	for _, m := range [][2]string{
		{"process", c.Process},
		{"document", c.Document},
		{"reason", c.Reason},
		{"law", c.Law},
		{"article", c.Article},
		{"destroy_by", c.Until.String()},
	} {
		b = append(append(append(b, `,"`...), m[0]...), `":`...)
		b = receipt.AppendString(b, m[1])
	}
	if !c.Destroyed.IsZero() {
		b = append(b, `,"destroyed":true`...)
	}
	return append(b, '}')
}

// Destroying says that a copy was destroyed.
type Destroying struct {
	Copy    int64  `json:"copy"`
	Minutes string `json:"minutes"` // number and date of the minutes
}

var (
	errCopy      = fault.New(fault.NotFound, "exception.copy").At("copy")
	errDestroyed = fault.New(fault.Conflict, "exception.destroyed").At("copy")
)

// Destroy records that a copy of the actor's agency was destroyed, once. Faults:
// exception.copy, exception.destroyed.
func (b *Book) Destroy(ctx context.Context, actor journal.Actor, in *Destroying) (*Copy, journal.Proven, error) {
	if err := register.Only(actor, recorders...); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := text(&in.Minutes, "minutes", maxWord); err != nil {
		return nil, journal.Proven{}, err
	}
	c, err := b.copy(ctx, in.Copy)
	if err == nil && c.Agency != actor.Agency {
		err = errCopy
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Exception, Actor: actor, Why: "copy-destroyed", Subject: c.subject, Agency: actor.Agency, Clock: b.Clock}
	proven, err := register.Do(ctx, b.DB, b.Journal, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		n, err := tx.Exec(copyDestroy, ch.Micros(), actor.ID, in.Minutes, c.ID)
		if err == nil && n != 1 {
			err = errDestroyed
		}
		c.Destroyed, c.Destroyer, c.Minutes, c.Overdue = ch.At.UTC(), actor.ID, in.Minutes, false
		return c.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return c, proven, nil
}

func (b *Book) copy(ctx context.Context, id int64) (c *Copy, err error) {
	err = b.DB.Read(ctx, func(tx *store.Tx) error {
		c = nil
		return tx.Each(copyByID, []any{id}, func(scan func(...any) error) (err error) {
			c, err = scanCopy(scan, b.today())
			return err
		})
	})
	if err == nil && c == nil {
		err = errCopy
	}
	return c, err
}

func scanCopy(scan func(...any) error, today persian.Date) (*Copy, error) {
	c := &Copy{}
	var of, subject, made, until, destroyed int64
	err := scan(&c.ID, &of, &c.Officer, &c.Process, &c.Document, &c.Reason, &c.Law, &c.Article, &subject, &c.Reference,
		&made, &until, &destroyed, &c.Destroyer, &c.Minutes)
	c.Agency, c.subject, c.Person = ids.LegalID(of), ids.NationalNumber(subject), subject != 0
	c.Made, c.Until = time.UnixMicro(made).UTC(), persian.UnpackDate(int32(until))
	if destroyed != 0 {
		c.Destroyed = time.UnixMicro(destroyed).UTC()
	}
	c.Overdue = destroyed == 0 && c.Until.Compare(today) < 0
	return c, err
}

// Overdue is how many copies of the actor's agency should be destroyed by now,
// and since when the first of them.
func (b *Book) Overdue(ctx context.Context, actor journal.Actor) (n int64, first persian.Date, err error) {
	if err := register.Only(actor, recorders...); err != nil {
		return 0, first, err
	}
	err = b.DB.Read(ctx, func(tx *store.Tx) error {
		var day int64
		_, err := tx.One(copyWaiting, []any{int64(b.today().Pack()), int64(actor.Agency)}, &n, &day)
		first = persian.UnpackDate(int32(day))
		return err
	})
	return n, first, err
}

// CopyFilter chooses copies.
type CopyFilter struct {
	Agency  ids.LegalID `json:"agency"`  // for who sees all; absent: all
	Overdue bool        `json:"overdue"` // only those that should be destroyed by now
	After   int64       `json:"after"`   // the last copy of the page before
	Limit   int         `json:"limit"`   // at most 1000; 0: 100
}

// Copies lists copies in order of recording: an agency its own, those who
// oversee all. Whose documents they were is not listed.
func (b *Book) Copies(ctx context.Context, actor journal.Actor, f *CopyFilter) ([]*Copy, error) {
	of, err := whose(actor, f.Agency, recorders)
	if err != nil {
		return nil, err
	}
	limit, err := limited(f.Limit)
	if err != nil {
		return nil, err
	}
	today := b.today()
	q, args := copyAll, []any{f.After}
	switch {
	case f.Overdue && of != 0:
		q, args = copyOverdueOf, []any{int64(today.Pack()), f.After, int64(of)}
	case f.Overdue:
		q, args = copyOverdue, []any{int64(today.Pack()), f.After}
	case of != 0:
		q, args = copyOf, []any{f.After, int64(of)}
	}
	all := []*Copy{}
	err = b.DB.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		return tx.Each(q, append(slices.Clone(args), limit), func(scan func(...any) error) error {
			c, err := scanCopy(scan, today)
			all = append(all, c)
			return err
		})
	})
	return all, err
}
