package notice

import (
	"context"
	"io"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/letter"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Printing names the batch whose PDF is wanted.
type Printing struct {
	Batch int64 `json:"batch"`
}

// Print draws a batch that is not yet printed, a letter a page in the order of
// the routes: draw writes the PDF as it is made. That somebody has drawn these
// letters is in the log before the first page leaves. Faults:
// notice.batch.unknown, notice.batch.printed.
func (b *Book) Print(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Printing) (draw func(io.Writer) error, proven journal.Proven, err error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor, register.Printer); err != nil {
		return nil, proven, err
	}
	var t *Batch
	var letters []Letter
	proven, err = b.look(ctx, j, actor, "print", func(tx *store.Tx) (_ []byte, err error) {
		if t, letters, err = whole(tx, in.Batch, BatchMade, "notice.batch.printed"); err != nil {
			return nil, err
		}
		return t.body(), nil
	})
	if err != nil {
		return nil, proven, err
	}
	return func(w io.Writer) error {
		return letter.WriteNotifications(w, message.Fa, func(yield func(*letter.Notification, error) bool) {
			b.notifications(ctx, t, letters, yield)
		})
	}, proven, nil
}

// drawStep is how many letters' records are read at a time.
const drawStep = 100

// notifications are a batch's letters as papers.
func (b *Book) notifications(ctx context.Context, t *Batch, letters []Letter, yield func(*letter.Notification, error) bool) {
	for len(letters) > 0 {
		some := letters[:min(drawStep, len(letters))]
		letters = letters[len(some):]
		persons, places, err := b.shown(ctx, some)
		if err != nil {
			yield(nil, err)
			return
		}
		for i := range some {
			if !yield(b.paper(t, &some[i], persons[i], places[i]), nil) {
				return
			}
		}
	}
}

// shown reads what letters show: of each person the version that the letter
// was made of.
func (b *Book) shown(ctx context.Context, letters []Letter) ([]*person.Person, []*place.Place, error) {
	numbers := make([]ids.NationalNumber, len(letters))
	codes := make([]ids.PostalCode, len(letters))
	for i := range letters {
		numbers[i], codes[i] = letters[i].Subject, letters[i].Postal
	}
	persons, err := b.persons.ByNumbers(ctx, numbers)
	if err != nil {
		return nil, nil, err
	}
	for i, p := range persons {
		if p == nil {
			return nil, nil, fault.New(fault.Conflict, "notice.letter.gone")
		}
		if p.Version != letters[i].Version {
			if persons[i], err = b.version(ctx, &letters[i]); err != nil {
				return nil, nil, err
			}
		}
	}
	places, err := b.places.ByCodes(ctx, codes)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range places {
		if p == nil {
			return nil, nil, fault.New(fault.Conflict, "notice.letter.gone")
		}
	}
	return persons, places, nil
}

// version is the earlier version of a record that a letter was made of.
func (b *Book) version(ctx context.Context, l *Letter) (*person.Person, error) {
	past, err := b.persons.History(ctx, l.Subject)
	if err != nil {
		return nil, err
	}
	for i := range past {
		if past[i].Person.Version == l.Version {
			return &past[i].Person, nil
		}
	}
	return nil, fault.New(fault.Conflict, "notice.letter.gone")
}

// paper is a letter as it is drawn.
func (b *Book) paper(t *Batch, l *Letter, p *person.Person, at *place.Place) *letter.Notification {
	made := persian.DateOf(t.Made)
	n := &letter.Notification{
		Serial: strconv.FormatInt(l.ID, 10), Date: made, Route: l.Route(),
		Address: persian.Digits(at.OneLine(message.Fa)), Postal: l.Postal,
		Number: p.Number, Given: p.Given.Display, Surname: p.Surname.Display, Father: p.Father.Display,
		Male: p.Sex == person.Male, Female: p.Sex == person.Female,
		Guardian:  p.Born.AddYears(person.FullAge).Compare(made) > 0,
		Objection: l.Code.String(), Until: t.LastDay, Page: b.Page, Demo: b.Demo,
	}
	// The code stands behind #: browsers keep that to themselves, so it is in no
	// server's log.
	n.Link = b.Page + "#" + n.Objection
	return n
}

// Cover draws the sheet that goes on top of a batch: its letters by postal
// route. It names nobody. Fault: notice.batch.unknown.
func (b *Book) Cover(ctx context.Context, actor journal.Actor, in *Printing) (draw func(io.Writer) error, err error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor, register.Printer, register.Post); err != nil {
		return nil, err
	}
	var t *Batch
	var of *Campaign
	var letters []Letter
	err = b.db.Read(ctx, func(tx *store.Tx) (err error) {
		if t, err = batch(tx, in.Batch); err != nil {
			return err
		}
		if of, err = campaign(tx, t.Campaign); err != nil {
			return err
		}
		letters, err = lettersOf(tx, t.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	c := &letter.Cover{Batch: strconv.FormatInt(t.ID, 10), Date: persian.DateOf(t.Made), Campaign: of.Name}
	for i := range letters {
		l := &letters[i]
		if n := len(c.Areas); n == 0 || c.Areas[n-1].Route != l.Route() {
			at, found, err := b.places.ByCode(ctx, l.Postal)
			if err != nil {
				return nil, err
			}
			area := place.Place{Province: l.Province}
			if found {
				area.County = at.County
			}
			c.Areas = append(c.Areas, letter.Area{Route: l.Route(), Name: area.OneLine(message.Fa)})
		}
		c.Areas[len(c.Areas)-1].Letters++
	}
	if len(letters) > 0 {
		c.First, c.Last = strconv.FormatInt(letters[0].ID, 10), strconv.FormatInt(letters[len(letters)-1].ID, 10)
	}
	return func(w io.Writer) error { return letter.WriteCover(w, message.Fa, c) }, nil
}
