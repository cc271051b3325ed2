package place

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Done is what an act did to places.
type Done struct {
	Places   []Place  `json:"places"`   // as they are now; those that went first
	Sequence Sequence `json:"sequence"` // of the changes, as agencies read them
}

// Sequence is the numbers of consecutive changes.
type Sequence struct {
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

// writing is the transaction of an act on places.
type writing struct {
	tx   *store.Tx
	c    *register.Change
	book *Book
	n    *intern
	done Done
}

// act performs an act on places: its rows, its changes in the feed and its
// entry with the members that body adds.
func (b *Book) act(ctx context.Context, j *journal.Journal, actor journal.Actor, what string, g *register.Grounds, do func(w *writing) error) (*Done, journal.Proven, error) {
	var done Done
	a := register.Act{Kind: receipt.PlaceChange, Actor: actor, Why: g.Reason, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		w, err := b.writing(tx, c)
		if err == nil {
			err = do(w)
		}
		if err == nil {
			err = w.end()
		}
		if err != nil {
			return nil, err
		}
		done = w.done
		return w.body(what, g.Document), nil
	})
	if err != nil {
		return nil, proven, err
	}
	return &done, proven, nil
}

// writing begins the work on places within a transaction. Who changes places
// takes the feed's row first: so they take turns, and on PostgreSQL one that
// came second runs again on what the first has left.
func (b *Book) writing(tx *store.Tx, c *register.Change) (*writing, error) {
	last, err := take(tx, 0)
	w := &writing{tx: tx, c: c, book: b, n: newIntern(nil)}
	w.done.Sequence.First = last + 1
	return w, err
}

// end writes the counts and notes where the changes of this transaction end.
func (w *writing) end() (err error) {
	if err := w.n.write(w.tx); err != nil {
		return err
	}
	w.done.Sequence.Last, err = take(w.tx, 0)
	return err
}

// most is how many codes a record names; the feed names all of them.
const most = 50

func (w *writing) body(what, document string) []byte {
	b := append([]byte(`"change":"`), what...)
	b = receipt.AppendString(append(b, `","document":`...), document)
	return append(append(b, ','), w.members()...)
}

// members are the members of a record that say which places changed.
func (w *writing) members() []byte {
	b := []byte(`"places":[`)
	for i := range w.done.Places[:min(len(w.done.Places), most)] {
		p := &w.done.Places[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(p.Code.AppendTo(append(b, `{"postal_code":"`...)), `","register_version":`...)
		b = strconv.AppendInt(b, p.Version, 10)
		b = append(append(append(b, `,"state":"`...), p.State.String()...), `"}`...)
	}
	b = strconv.AppendInt(append(b, `],"sequence":{"first":`...), w.done.Sequence.First, 10)
	return append(strconv.AppendInt(append(b, `,"last":`...), w.done.Sequence.Last, 10), '}')
}

// put writes a place and tells of it.
func (w *writing) put(p *Place) error {
	if err := put(w.tx, w.c, w.n, p); err != nil {
		return err
	}
	w.done.Places = append(w.done.Places, *p)
	return nil
}

// read gives the place of a code in this transaction's view.
func (w *writing) read(code ids.PostalCode) (*Place, error) {
	p, err := w.book.read(w.tx, code)
	if err == nil && p == nil {
		err = errUnknown
	}
	return p, err
}

// standing gives a place that is not gone, in the version that the caller saw;
// version 0: in any.
func (w *writing) standing(code ids.PostalCode, version int64) (*Place, error) {
	p, err := w.read(code)
	if err != nil {
		return nil, err
	}
	if err := p.stands(); err != nil {
		return nil, err
	}
	if version != 0 && version != p.Version {
		return nil, errVersion
	}
	return p, nil
}

// stands refuses a place that is gone, and says how it went.
func (p *Place) stands() error {
	if p.State == Active {
		return nil
	}
	return fault.New(fault.Conflict, "place.gone."+p.State.String())
}

var errUnknown = fault.New(fault.NotFound, "place.unknown")

// Assigning asks for a postal code for a place that has none.
type Assigning struct {
	register.Grounds
	Area    AreaCode       `json:"area_code"`   // where the next free number is taken, or
	Code    ids.PostalCode `json:"postal_code"` // the code that it is to be
	Address Address        `json:"address"`
}

// Check reports all mistakes at once.
func (in *Assigning) Check() error {
	var bad fault.List
	bad.Add("", in.Grounds.Check())
	bad.When((in.Area == 0) == (in.Code == 0), "area_code", "place.code.one")
	bad.Add("address", in.Address.check())
	p := in.Address.place()
	bad.When(p.Province == "", "address.province", "place.missing")
	bad.When(p.County == "", "address.county", "place.missing")
	bad.When(p.Locality == "", "address.locality", "place.missing")
	return bad.Err()
}

// Assign gives a place its postal code.
func (b *Book) Assign(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Assigning) (*Done, journal.Proven, error) {
	if err := register.Only(actor, register.Post); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "assign", &in.Grounds, func(w *writing) error {
		_, err := w.assign(in.Area, in.Code, in.Address.place())
		return err
	})
}

// Changing changes the address of a place, or corrects it.
type Changing struct {
	register.Grounds
	Code    ids.PostalCode `json:"postal_code"`
	Version int64          `json:"version"` // that the officer saw; 0: any
	Address Address        `json:"address"`
}

// Check reports all mistakes at once.
func (in *Changing) Check() error {
	var bad fault.List
	bad.Add("", in.Grounds.Check())
	bad.When(in.Code == 0, "postal_code", "place.missing")
	bad.When(in.Address.isZero(), "address", "place.missing")
	bad.Add("address", in.Address.check())
	return bad.Err()
}

// Change changes the address of a place. What changes nothing is refused.
func (b *Book) Change(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Changing) (*Done, journal.Proven, error) {
	if err := register.Only(actor, register.Post); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "change", &in.Grounds, func(w *writing) error {
		p, err := w.standing(in.Code, in.Version)
		if err != nil {
			return fault.Of(err).At("postal_code")
		}
		return w.change(p, &in.Address)
	})
}

// change puts a over the address of p.
func (w *writing) change(p *Place, a *Address) error {
	before := p.Version
	a.onto(p)
	if err := w.put(p); err != nil {
		return err
	}
	if p.Version == before {
		return fault.New(fault.Invalid, "place.same").At("address")
	}
	return nil
}
