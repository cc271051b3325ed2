package place

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Book reads and changes the register. It is safe for concurrent use.
type Book struct {
	Clock     func() time.Time // set before use
	ReportDay int              // until which day of the next month a municipality reports; 10 unless set before use

	db    *store.DB
	areas areas
}

// Open makes a Book on the register db.
func Open(_ context.Context, db *store.DB) (*Book, error) {
	return &Book{Clock: time.Now, ReportDay: 10, db: db, areas: areas{db: db}}, nil
}

// row is a row of place as stored, its fields in the order of the columns.
type row struct {
	code, area                                          int64
	street, street2, house, floor, side, building, note string
	state                                               int64
	successors                                          string
	version                                             int64
}

func (r *row) read(from store.Row) {
	r.code, r.area = from.Int(0), from.Int(1)
	r.street, r.street2, r.house = from.Text(2), from.Text(3), from.Text(4)
	r.floor, r.side, r.building, r.note = from.Text(5), from.Text(6), from.Text(7), from.Text(8)
	r.state, r.successors, r.version = from.Int(9), from.Text(10), from.Int(11)
}

func (r *row) columns() []any {
	return []any{
		&r.code, &r.area, &r.street, &r.street2, &r.house, &r.floor, &r.side, &r.building, &r.note,
		&r.state, &r.successors, &r.version,
	}
}

func (r *row) values(dst []any) []any {
	return append(dst, r.code, r.area, r.street, r.street2, r.house, r.floor, r.side, r.building, r.note,
		r.state, r.successors, r.version)
}

// pack fills everything but the area.
func (r *row) pack(p *Place) {
	*r = row{
		int64(p.Code), r.area, p.Street, p.Street2, p.House, p.Floor, p.Side, p.Building, p.Note,
		int64(p.State), packCodes(p.Successors), p.Version,
	}
}

// ByCode finds the current version of a place.
func (b *Book) ByCode(ctx context.Context, code ids.PostalCode) (*Place, bool, error) {
	var r row
	found, err := b.db.Point(ctx, byCode, int64(code), r.read)
	if !found || err != nil {
		return nil, false, err
	}
	p, err := b.place(ctx, &r)
	return p, err == nil, err
}

// ByCodes finds many places in one go, in the order asked for; nil where there
// is none.
func (b *Book) ByCodes(ctx context.Context, codes []ids.PostalCode) ([]*Place, error) {
	keys := make([]int64, len(codes))
	for i, c := range codes {
		keys[i] = int64(c)
	}
	rows := make([]row, len(codes))
	if err := b.db.Points(ctx, byCode, keys, func(i int, r store.Row) { rows[i].read(r) }); err != nil {
		return nil, err
	}
	all := make([]*Place, len(codes))
	for i := range rows {
		if rows[i].version == 0 {
			continue
		}
		p, err := b.place(ctx, &rows[i])
		if err != nil {
			return nil, err
		}
		all[i] = p
	}
	return all, nil
}

func (b *Book) place(ctx context.Context, r *row) (*Place, error) {
	a, err := b.areas.get(ctx, r.area)
	if err != nil {
		return nil, err
	}
	return r.place(a)
}

// place is what the row says, in area a.
func (r *row) place(a *area) (*Place, error) {
	p := &Place{
		Code: ids.PostalCode(r.code), Street: r.street, Street2: r.street2, House: r.house, Floor: r.floor,
		Side: r.side, Building: r.building, Note: r.note, State: State(r.state), Version: r.version,
	}
	p.setArea(a)
	var err error
	p.Successors, err = parseCodes(r.successors)
	return p, err
}

// Count is the number of places.
func (b *Book) Count(ctx context.Context) (n int64, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(count, nil, &n)
		return err
	})
	return n, err
}

// Version is one past version of a place and the change that ended it.
type Version struct {
	Place Place
	Until register.Change
}

// AsOf is the place as this register would have answered at the end of a day.
// The first version of a place counts from ever: the register takes over
// places that existed before it.
func (b *Book) AsOf(ctx context.Context, code ids.PostalCode, day persian.Date) (*Place, bool, error) {
	return b.at(ctx, code, day.AddDays(1).Start().UnixMicro()-1)
}

// at is the version that was registered at a moment.
func (b *Book) at(ctx context.Context, code ids.PostalCode, micros int64) (p *Place, found bool, err error) {
	var past pastRow
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		if found, err = tx.One(historyAt, []any{int64(code), micros}, past.columns()...); found || err != nil {
			return err
		}
		found, err = tx.One(byCode, []any{int64(code)}, past.row.columns()...)
		return err
	})
	if !found || err != nil {
		return nil, false, err
	}
	p, err = b.place(ctx, &past.row)
	return p, err == nil, err
}

// History lists the past versions of a place, oldest first.
func (b *Book) History(ctx context.Context, code ids.PostalCode) ([]Version, error) {
	var rows []pastRow
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		rows = rows[:0]
		return tx.Each(historyAll, []any{int64(code)}, func(scan func(...any) error) error {
			var r pastRow
			err := scan(r.columns()...)
			rows = append(rows, r)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	all := make([]Version, len(rows))
	for i := range rows {
		p, err := b.place(ctx, &rows[i].row)
		if err != nil {
			return nil, err
		}
		all[i] = Version{Place: *p, Until: rows[i].change()}
	}
	return all, nil
}

// pastRow is a row of the history: a row and the change that ended it.
type pastRow struct {
	row     row
	until   int64
	role    string
	agency  int64
	officer string
	why     string
	act     []byte
}

func (r *pastRow) columns() []any {
	return append(r.row.columns(), &r.until, &r.role, &r.agency, &r.officer, &r.why, &r.act)
}

func (r *pastRow) change() register.Change {
	c := register.Change{
		Actor: journal.Actor{Role: r.role, Agency: ids.LegalID(r.agency), ID: r.officer},
		Why:   r.why,
		At:    time.UnixMicro(r.until).UTC(),
	}
	copy(c.Act[:], r.act)
	return c
}

// areas caches what ids of areas stand for. Entries never change, so a pointer
// once read is right for ever; nothing here takes a lock.
type areas struct {
	db    *store.DB
	pages [1 << 13]atomic.Pointer[areaPage]
}

type areaPage [1 << 9]atomic.Pointer[area]

// known is the area if it is in memory already.
func (d *areas) known(id int64) *area {
	if id <= 0 || id>>9 >= int64(len(d.pages)) {
		return nil
	}
	if p := d.pages[id>>9].Load(); p != nil {
		return p[id&(1<<9-1)].Load()
	}
	return nil
}

var errArea = errors.New("place: an area's id stands for nothing")

func (d *areas) get(ctx context.Context, id int64) (*area, error) {
	if id <= 0 || id>>9 >= int64(len(d.pages)) {
		return nil, errArea
	}
	slot := &d.pages[id>>9]
	p := slot.Load()
	if p == nil {
		slot.CompareAndSwap(nil, new(areaPage))
		p = slot.Load()
	}
	entry := &p[id&(1<<9-1)]
	if a := entry.Load(); a != nil {
		return a, nil
	}
	a := new(area)
	found, err := d.db.Point(ctx, areaByID, id, func(r store.Row) {
		*a = area{r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), r.Text(5)}
	})
	if err == nil && !found {
		err = errArea
	}
	if err != nil {
		return nil, err
	}
	entry.Store(a) // a race stores the same value twice
	return a, nil
}
