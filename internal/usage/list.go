package usage

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// Cursor is a place in the list of counts: the count that the page before
// ended with. It is opaque to callers, and empty at the start and the end.
type Cursor struct{ last Count }

// IsZero reports whether c is the start of the list, or its end.
func (c Cursor) IsZero() bool { return c.last.Month.IsZero() }

var cursorText = base64.RawURLEncoding.Strict()

// MarshalText is the cursor as answers have it.
func (c Cursor) MarshalText() ([]byte, error) {
	if c.IsZero() {
		return nil, nil
	}
	l := &c.last
	data, err := json.Marshal([]any{l.Month.Pack(), int64(l.Agency), int64(l.OnBehalf), l.Process, l.Purpose, l.Service, l.Outcome})
	return cursorText.AppendEncode(nil, data), err
}

// UnmarshalText reads what MarshalText has made. Fault: usage.cursor.
func (c *Cursor) UnmarshalText(text []byte) error {
	*c = Cursor{}
	if len(text) == 0 {
		return nil
	}
	broken := fault.New(fault.Invalid, "usage.cursor").At("after")
	data, err := cursorText.DecodeString(string(text))
	if err != nil {
		return broken
	}
	var month int32
	var agency, behalf int64
	l := &c.last
	parts := []any{&month, &agency, &behalf, &l.Process, &l.Purpose, &l.Service, &l.Outcome}
	var all []json.RawMessage
	if json.Unmarshal(data, &all) != nil || len(all) != len(parts) {
		return broken
	}
	for i := range parts {
		if json.Unmarshal(all[i], parts[i]) != nil {
			return broken
		}
	}
	if l.Month = persian.UnpackDate(month); c.IsZero() { // nothing begins at a month that is none
		return broken
	}
	l.Agency, l.OnBehalf = ids.LegalID(agency), ids.LegalID(behalf)
	return nil
}

// Page is a part of a list.
type Page struct {
	After Cursor `json:"after"` // next of the page before
	Limit int    `json:"limit"` // at most MaxPage; 0: MaxPage
}

// MaxPage is how many counts one page has at most.
const MaxPage = 1000

// Counts lists counts by month and agency, as far as the journal is followed,
// a page at a time; next is where the next one begins. Fault: usage.limit.
func (b *Book) Counts(ctx context.Context, f Filter, p Page) (all []Count, next Cursor, err error) {
	limit := p.Limit
	switch {
	case limit == 0:
		limit = MaxPage
	case limit < 0 || limit > MaxPage:
		return nil, next, fault.New(fault.Invalid, "usage.limit").At("limit")
	}
	l := &p.After.last
	from, until := f.span()
	args := []any{
		max(from, int64(l.Month.Pack())), until,
		int64(l.Month.Pack()), int64(l.Agency), int64(l.OnBehalf), l.Process, l.Purpose, l.Service, l.Outcome,
	}
	q := countPage
	if f.Agency != 0 {
		q, args = countPageOf, append(args, int64(f.Agency))
	}
	args = append(args, limit+1)
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = []Count{}
		return eachCount(tx, q, args, func(c *Count) { all = append(all, *c) })
	})
	if len(all) > limit {
		all = all[:limit]
		next = Cursor{all[limit-1]}
	}
	return all, next, err
}
