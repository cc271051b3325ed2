package place

import (
	"fmt"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
)

// indexed names one of a list of fields.
func indexed(field string, i int) string { return fmt.Sprintf("%s.%d", field, i) }

// assign registers p under code or, if that is 0, under the next free one of
// area. A code that has ever been a place's is not free.
func (w *writing) assign(area AreaCode, code ids.PostalCode, p Place) (ids.PostalCode, error) {
	if code == 0 {
		var err error
		if code, err = free(w.tx, area); err != nil {
			return 0, fault.Of(err).At("area_code")
		}
	} else {
		area = AreaCode(code / areaSize)
		old, err := w.book.read(w.tx, code)
		if err == nil && old != nil {
			err = fault.New(fault.Conflict, "place.taken")
		}
		if err != nil {
			return 0, fault.Of(err).At("postal_code")
		}
	}
	if err := w.inArea(area, &p); err != nil {
		return 0, err
	}
	p.Code, p.State = code, Active
	return code, w.put(&p)
}

// inArea refuses a place in an area that lies in another province.
func (w *writing) inArea(area AreaCode, p *Place) error {
	var r row
	found, err := w.tx.One(firstOf, []any{int64(area) * areaSize, int64(area+1) * areaSize}, r.columns()...)
	if err != nil || !found {
		return err
	}
	neighbour, err := w.book.placeIn(w.tx, &r)
	if err == nil && !alike(neighbour.Province, p.Province) {
		err = fault.New(fault.Invalid, "place.area.elsewhere").At("address.province")
	}
	return err
}

// free takes the next free code of an area: in the transaction that registers
// its place, so that a crash gives it back and two never get the same. Places
// are never deleted, so a code is never given again.
func free(tx *store.Tx, area AreaCode) (ids.PostalCode, error) {
	next := int64(1) // 00000 is unusual
	if _, err := tx.One(areaNext, []any{int64(area)}, &next); err != nil {
		return 0, err
	}
	base := int64(area) * areaSize
	for next < areaSize {
		var taken []int64
		if err := tx.Each(codesFrom, []any{base + next, base + areaSize}, func(scan func(...any) error) error {
			var code int64
			err := scan(&code)
			taken = append(taken, code)
			return err
		}); err != nil {
			return 0, err
		}
		n := int64(0)
		for n < int64(len(taken)) && taken[n] == base+next+n {
			n++
		}
		next += n
		if n == int64(len(taken)) && n > 0 || next >= areaSize {
			continue // all of these are taken: look on
		}
		_, err := tx.Exec(areaAdvance, int64(area), next+1)
		return ids.PostalCode(base + next), err
	}
	return 0, fault.New(fault.Conflict, "place.area.full")
}
