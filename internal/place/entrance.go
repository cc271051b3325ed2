package place

import (
	"context"
	"io"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
)

// EntranceOf gives the entrance behind which a place lies; nil: none is on
// record. A municipality asks within its own area.
func (b *Book) EntranceOf(ctx context.Context, actor journal.Actor, code ids.PostalCode, within Area) (e *Entrance, err error) {
	err = b.entranceBy(ctx, actor, within, func(tx *store.Tx) (id int64, err error) {
		_, err = tx.One(entranceOf, []any{int64(code)}, &id)
		return id, err
	}, &e)
	return e, err
}

// Entrance gives an entrance by its number. Fault: place.plate.unknown.
func (b *Book) Entrance(ctx context.Context, actor journal.Actor, id int64, within Area) (e *Entrance, err error) {
	err = b.entranceBy(ctx, actor, within, func(*store.Tx) (int64, error) { return id, nil }, &e)
	if err == nil && e == nil {
		err = fault.New(fault.NotFound, "place.plate.unknown").At("entrance")
	}
	return e, err
}

// entranceBy reads the entrance of a number that which finds; 0: none.
func (b *Book) entranceBy(ctx context.Context, actor journal.Actor, within Area, which func(*store.Tx) (int64, error), to **Entrance) error {
	if err := register.Only(actor, register.Municipality, register.Post); err != nil {
		return err
	}
	return b.db.Read(ctx, func(tx *store.Tx) error {
		*to = nil
		id, err := which(tx)
		if err != nil || id == 0 {
			return err
		}
		r, err := b.entranceSeen(tx, actor, &within, id, 0)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		p, err := b.placeIn(tx, &row{area: r.area})
		if err != nil {
			return err
		}
		at := p.area()
		*to, err = r.entrance(tx, &at)
		return err
	})
}

// TakeIn is Import for the Post's officers: many places assigned or changed by
// one file.
func (b *Book) TakeIn(ctx context.Context, j *journal.Journal, actor journal.Actor, file io.Reader) (*sheet.Report, error) {
	if err := register.Only(actor, register.Post); err != nil {
		return nil, err
	}
	return b.Import(ctx, actor, j, file, nil, nil)
}
