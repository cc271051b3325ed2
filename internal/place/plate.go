package place

import (
	"context"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// PlateState is how it stands with the plate of an entrance.
type PlateState uint8

// The states; rows store these numbers.
const (
	Ordered   PlateState = 1
	Installed PlateState = 2
	Missing   PlateState = 3
	Damaged   PlateState = 4
)

var plateStates = [...]string{Ordered: "ordered", Installed: "installed", Missing: "missing", Damaged: "damaged"}

// String is the state's name.
func (s PlateState) String() string { return plateStates[s] }

// MarshalText is String.
func (s PlateState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText finds the state with this name.
func (s *PlateState) UnmarshalText(text []byte) error {
	for i, name := range plateStates {
		if name != "" && name == string(text) {
			*s = PlateState(i)
			return nil
		}
	}
	return fault.New(fault.Invalid, "place.word")
}

// Entrance is where a plate is, or is to be. One plate may serve many places.
type Entrance struct {
	ID          int64            `json:"entrance"`
	Province    string           `json:"province"`
	County      string           `json:"county,omitempty"`
	Locality    string           `json:"locality,omitempty"`
	SubLocality string           `json:"sub_locality,omitempty"`
	Street      string           `json:"street,omitempty"`
	Street2     string           `json:"street2,omitempty"`
	House       string           `json:"house_number,omitempty"`
	Codes       []ids.PostalCode `json:"postal_codes"` // of the places behind it
	State       PlateState       `json:"state"`
	Since       persian.Date     `json:"since"` // from when the state holds
	Installer   string           `json:"installer,omitempty"`
	Version     int64            `json:"version"`
}

// entranceRow is a row of entrance, its fields in the order of the columns.
type entranceRow struct {
	id, area               int64
	street, street2, house string
	state, since           int64
	installer              string
	version                int64
}

func (r *entranceRow) columns() []any {
	return []any{&r.id, &r.area, &r.street, &r.street2, &r.house, &r.state, &r.since, &r.installer, &r.version}
}

func (r *entranceRow) values() []any {
	return []any{r.id, r.area, r.street, r.street2, r.house, r.state, r.since, r.installer, r.version}
}

// in is the entrance in area a, without what stands behind it.
func (r *entranceRow) in(a *area) *Entrance {
	return &Entrance{
		ID: r.id, Province: a.province, County: a.county, Locality: a.locality, SubLocality: a.sub,
		Street: r.street, Street2: r.street2, House: r.house, Codes: []ids.PostalCode{},
		State: PlateState(r.state), Since: persian.UnpackDate(int32(r.since)), Installer: r.installer, Version: r.version,
	}
}

// entrance reads what stands behind a row too.
func (r *entranceRow) entrance(tx *store.Tx, a *area) (*Entrance, error) {
	e := r.in(a)
	err := tx.Each(entranceCodes, []any{r.id}, func(scan func(...any) error) error {
		var code int64
		err := scan(&code)
		e.Codes = append(e.Codes, ids.PostalCode(code))
		return err
	})
	return e, err
}

// Ordering orders the plate of an entrance.
type Ordering struct {
	register.Grounds
	Codes   []ids.PostalCode `json:"postal_codes"` // of the places behind the entrance, or
	Address Address          `json:"address"`      // where they are: all that stand there
	On      persian.Date     `json:"on"`           // absent: today
	Within  Area             `json:"-"`            // a municipality's own; others: not used
}

// Installing tells that a plate is up.
type Installing struct {
	register.Grounds
	Entrance  int64        `json:"entrance"`
	Version   int64        `json:"version"` // that the officer saw; 0: any
	On        persian.Date `json:"on"`      // absent: today
	Installer string       `json:"installer"`
	Within    Area         `json:"-"`
}

// Losing tells that a plate is gone or can no longer be read.
type Losing struct {
	register.Grounds
	Entrance int64        `json:"entrance"`
	Version  int64        `json:"version"`   // that the officer saw; 0: any
	On       persian.Date `json:"on"`        // absent: today
	State    PlateState   `json:"condition"` // missing or damaged
	Within   Area         `json:"-"`
}

// Order orders the plate of an entrance: for the first time, or after it was
// lost. Municipalities do so in their own area, the Post everywhere.
func (b *Book) Order(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Ordering) (*Entrance, journal.Proven, error) {
	if err := register.Only(actor, register.Municipality, register.Post); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.Add("", in.Check())
	bad.When((len(in.Codes) == 0) == in.Address.isZero(), "postal_codes", "place.plate.where")
	bad.When(len(in.Codes) > maxSuccessors, "postal_codes", "place.successors.many")
	bad.Add("on", b.day(&in.On))
	if actor.Role == register.Municipality && !in.Address.isZero() {
		in.Within.within(&in.Address)
	}
	bad.Add("address", in.Address.check())
	if !in.Address.isZero() {
		p := in.Address.place()
		bad.When(p.Province == "", "address.province", "place.missing")
		bad.When(p.Locality == "", "address.locality", "place.missing")
		bad.When(p.Street == "" && p.Street2 == "", "address.street", "place.missing")
	}
	if len(bad) == 0 && len(in.Codes) == 0 {
		bad.Add("", b.searchBehind(ctx, in))
	}
	return b.plate(ctx, j, actor, "plate-ordered", &in.Grounds, &bad, func(tx *store.Tx, n *intern) (*entranceRow, error) {
		places, err := b.behind(tx, in)
		if err != nil {
			return nil, err
		}
		for i, p := range places {
			if actor.Role == register.Municipality && !in.Within.holds(p) {
				return nil, errOutside.At(indexed("postal_codes", i))
			}
			first := places[0]
			if p.area() != first.area() || p.Street != first.Street || p.Street2 != first.Street2 || p.House != first.House {
				return nil, fault.New(fault.Invalid, "place.plate.apart").At(indexed("postal_codes", i))
			}
		}
		r, err := entranceFor(tx, n, places[0])
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			if err := n.keep(tx, p, r.id); err != nil {
				return nil, err
			}
		}
		r.state, r.since, r.installer = int64(Ordered), int64(in.On.Pack()), ""
		return r, nil
	})
}

// searchBehind names the places behind an entrance that is given by its
// address: before the transaction, as in Review.
func (b *Book) searchBehind(ctx context.Context, in *Ordering) error {
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		in.Codes = nil
		return b.standingAt(tx, &sought{address: in.Address, found: func(p *Place) error {
			in.Codes = append(in.Codes, p.Code)
			return nil
		}})
	})
	if err == nil && len(in.Codes) == 0 {
		err = fault.New(fault.NotFound, "place.nowhere").At("address")
	}
	return err
}

// behind are the places behind an entrance.
func (b *Book) behind(tx *store.Tx, in *Ordering) (places []*Place, err error) {
	for i, code := range in.Codes {
		p, err := b.read(tx, code)
		if err == nil && p == nil {
			err = errUnknown
		}
		if err == nil {
			err = p.stands()
		}
		if err != nil {
			return nil, fault.Of(err).At(indexed("postal_codes", i))
		}
		places = append(places, p)
	}
	return places, nil
}

// entranceFor finds the entrance with the address of p, or numbers a new one.
func entranceFor(tx *store.Tx, n *intern, p *Place) (*entranceRow, error) {
	area, err := n.area(tx, p.area())
	if err != nil {
		return nil, err
	}
	r := &entranceRow{area: area, street: p.Street, street2: p.Street2, house: p.House}
	found, err := tx.One(entranceAt, []any{area, p.Street, p.Street2, p.House}, r.columns()...)
	switch {
	case err != nil:
		return nil, err
	case found && PlateState(r.state) < Missing:
		return nil, fault.New(fault.Conflict, "place.plate."+PlateState(r.state).String())
	case !found:
		_, err = tx.One(entranceLast, nil, &r.id)
		r.id++
	}
	return r, err
}

// Install notes that a plate is up, for the first time or again.
func (b *Book) Install(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Installing) (*Entrance, journal.Proven, error) {
	if err := register.Only(actor, register.Municipality, register.Post); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.Add("", in.Check())
	bad.Add("on", b.day(&in.On))
	installer, err := persian.Display(in.Installer)
	bad.Add("installer", err)
	bad.When(installer == "", "installer", "place.missing")
	bad.When(utf8.RuneCountInString(installer) > maxText, "installer", "place.long")
	return b.plate(ctx, j, actor, "plate-installed", &in.Grounds, &bad, func(tx *store.Tx, _ *intern) (*entranceRow, error) {
		r, err := b.entranceSeen(tx, actor, &in.Within, in.Entrance, in.Version)
		if err != nil {
			return nil, err
		}
		if PlateState(r.state) == Installed {
			return nil, fault.New(fault.Conflict, "place.plate.installed").At("entrance")
		}
		r.state, r.since, r.installer = int64(Installed), int64(in.On.Pack()), installer
		return r, r.follows(tx)
	})
}

// Lose notes that an installed plate is missing or damaged.
func (b *Book) Lose(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Losing) (*Entrance, journal.Proven, error) {
	if err := register.Only(actor, register.Municipality, register.Post); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.Add("", in.Check())
	bad.Add("on", b.day(&in.On))
	bad.When(in.State != Missing && in.State != Damaged, "condition", "place.word")
	return b.plate(ctx, j, actor, "plate-lost", &in.Grounds, &bad, func(tx *store.Tx, _ *intern) (*entranceRow, error) {
		r, err := b.entranceSeen(tx, actor, &in.Within, in.Entrance, in.Version)
		if err != nil {
			return nil, err
		}
		if PlateState(r.state) != Installed {
			return nil, fault.New(fault.Conflict, "place.plate.down").At("entrance")
		}
		r.state, r.since = int64(in.State), int64(in.On.Pack())
		return r, r.follows(tx)
	})
}

// follows refuses a date before that of the state on record.
func (r *entranceRow) follows(tx *store.Tx) error {
	var before entranceRow
	_, err := tx.One(entranceByID, []any{r.id}, before.columns()...)
	if err == nil && r.since < before.since {
		err = fault.New(fault.Invalid, "place.plate.early").At("on")
	}
	return err
}

// entranceSeen reads an entrance that the actor may change.
func (b *Book) entranceSeen(tx *store.Tx, actor journal.Actor, within *Area, id, version int64) (*entranceRow, error) {
	if id == 0 {
		return nil, fault.New(fault.Invalid, "place.missing").At("entrance")
	}
	var r entranceRow
	found, err := tx.One(entranceByID, []any{id}, r.columns()...)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "place.plate.unknown").At("entrance")
	}
	if err != nil {
		return nil, err
	}
	p, err := b.placeIn(tx, &row{area: r.area})
	switch {
	case err != nil:
		return nil, err
	case actor.Role == register.Municipality && !within.holds(p):
		return nil, errOutside.At("entrance")
	case version != 0 && version != r.version:
		return nil, errVersion.At("version")
	}
	return &r, nil
}

// day fills in today and refuses what is no day or still to come.
func (b *Book) day(d *persian.Date) error {
	today := persian.DateOf(b.Clock())
	if d.IsZero() {
		*d = today
	}
	if !d.Precise() || d.Compare(today) > 0 {
		return fault.New(fault.Invalid, "place.day")
	}
	return nil
}

// plate performs an act on an entrance: change reads it and says what it is
// from now on.
func (b *Book) plate(ctx context.Context, j *journal.Journal, actor journal.Actor, what string, g *register.Grounds, bad *fault.List, change func(*store.Tx, *intern) (*entranceRow, error)) (*Entrance, journal.Proven, error) {
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	var e *Entrance
	a := register.Act{Kind: receipt.PlaceChange, Actor: actor, Why: g.Reason, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		_, err := take(tx, 0) // as in writing: one after the other
		if err != nil {
			return nil, err
		}
		n := newIntern(nil)
		r, err := change(tx, n)
		if err != nil {
			return nil, err
		}
		at, err := areaIn(tx, r.area)
		if err == nil {
			err = r.write(tx, c, n.counts(*at))
		}
		if err == nil {
			err = n.write(tx)
		}
		if err != nil {
			return nil, err
		}
		if e, err = r.entrance(tx, at); err != nil {
			return nil, err
		}
		return r.record(what, g.Document), nil
	})
	return e, proven, err
}

// write puts the row in, and what it was into the history; t counts its plate.
func (r *entranceRow) write(tx *store.Tx, c *register.Change, t *counts) error {
	*t.plate(PlateState(r.state))++
	if r.version == 0 {
		r.version = 1
		_, err := tx.Exec(entranceInsert, r.values()...)
		return err
	}
	var old entranceRow
	if _, err := tx.One(entranceByID, []any{r.id}, old.columns()...); err != nil {
		return err
	}
	*t.plate(PlateState(old.state))--
	args := append(old.values(), c.Micros(), c.Actor.Role, int64(c.Actor.Agency), c.Actor.ID, c.Why, c.Act[:])
	if _, err := tx.Exec(entrancePast, args...); err != nil {
		return err
	}
	r.version++
	_, err := tx.Exec(entranceUpdate, r.state, r.since, r.installer, r.version, r.id)
	return err
}

func (r *entranceRow) record(what, document string) []byte {
	b := append([]byte(`"change":"`), what...)
	b = receipt.AppendString(append(b, `","document":`...), document)
	b = strconv.AppendInt(append(b, `,"entrance":`...), r.id, 10)
	b = strconv.AppendInt(append(b, `,"version":`...), r.version, 10)
	return fmt.Appendf(b, `,"state":"%s"`, PlateState(r.state))
}
