package compliance

import (
	"encoding/hex"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// write makes the file the table's next version. On PostgreSQL it may run more
// than once.
func (u *upload) write(tx *store.Tx, c *register.Change, of ids.LegalID) error {
	id, err := tableID(tx, of, u.Name)
	if err != nil {
		return err
	}
	u.Version = 0
	if _, err := tx.One(versionLast, []any{id}, &u.Version); err != nil {
		return err
	}
	u.Version++
	held := map[string]heldRow{}
	if err := tx.Each(rowsNow, []any{id}, func(scan func(...any) error) error {
		var own string
		var r heldRow
		err := scan(&own, &r.postal)
		held[own] = r
		return err
	}); err != nil {
		return err
	}
	ended, fresh := u.compare(held)
	if _, err := tx.Bulk(rowEnd, func(yield func([]any, error) bool) {
		for _, own := range ended {
			if !yield([]any{u.Version, id, own}, nil) {
				return
			}
		}
	}); err != nil {
		return err
	}
	if _, err := tx.Bulk(rowInsert, func(yield func([]any, error) bool) {
		for _, f := range fresh {
			if !yield([]any{id, f.own, u.Version, int64(0), int64(f.postal)}, nil) {
				return
			}
		}
	}); err != nil {
		return err
	}
	u.Held = int64(len(held)) + u.Added - u.Removed
	u.Share = min(1, float64(u.Held)/float64(u.Declared))
	u.At = c.At.UTC()
	sum, err := hex.DecodeString(u.File)
	if err != nil {
		return err
	}
	_, err = tx.Exec(versionInsert, id, u.Version, u.Part, u.Declared, u.Rows, u.Accepted, u.Gone, u.Refused, u.Held, u.Format, sum,
		c.Micros(), u.By, c.Act[:])
	return err
}

// heldRow is what a table holds of an own code before the file.
type heldRow struct {
	postal int64
	named  bool // by the file
}

// compare says which rows end with this version and which begin.
func (u *upload) compare(held map[string]heldRow) (ended []string, fresh []*found) {
	u.Added, u.Changed, u.Removed = 0, 0, 0
	for _, f := range u.order {
		old, known := held[f.own]
		switch {
		case !known:
			u.Added++
			fresh = append(fresh, f)
		case old.postal != int64(f.postal):
			u.Changed++
			ended, fresh = append(ended, f.own), append(fresh, f)
		}
		if known {
			old.named = true
			held[f.own] = old
		}
	}
	if u.Part {
		return ended, fresh
	}
	for own, r := range held {
		if !r.named {
			u.Removed++
			ended = append(ended, own)
		}
	}
	return ended, fresh
}

// tableID is the id of an agency's table, which is made if it is not there.
func tableID(tx *store.Tx, of ids.LegalID, name string) (id int64, err error) {
	found, err := tx.One(tableByName, []any{int64(of), name}, &id)
	if err != nil || found {
		return id, err
	}
	if _, err := tx.One(tableLast, nil, &id); err != nil {
		return 0, err
	}
	id++
	_, err = tx.Exec(tableInsert, id, int64(of), name)
	return id, err
}
