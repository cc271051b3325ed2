package journal

import (
	"cmp"
	"context"
	"encoding/base64"
	"math"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

var cursorText = base64.RawURLEncoding.Strict()

// Listing is a part of a list of entries, newest first.
type Listing struct {
	Entries []Listed
	Next    Cursor // for the next page; zero at the end
}

// Listed is one entry of a list, without its proof.
type Listed struct {
	Log    int
	Index  int64
	Code   ids.TrackingCode
	Time   time.Time
	Record []byte // nil once purged
	Kind   receipt.Kind
	At     Cursor // its place: a page after it begins with the next older one
}

const (
	defaultPage = 50
	maxPage     = 1000
)

// AboutPerson lists the entries about a person: who asked.
func (j *Journal) AboutPerson(ctx context.Context, n ids.NationalNumber, page Page) (*Listing, error) {
	return j.list(ctx, listPerson, int64(n), page, func(r *row) bool { return r.person == n })
}

// ByAgency lists the entries of an agency: what it asked.
func (j *Journal) ByAgency(ctx context.Context, id ids.LegalID, page Page) (*Listing, error) {
	return j.list(ctx, listAgency, int64(id), page, func(r *row) bool { return r.agency == id })
}

// ByOfficer lists the entries of an agency that name this officer: what he
// asked. Two logins may share a list (see OfficerKey): the records decide.
func (j *Journal) ByOfficer(ctx context.Context, id ids.LegalID, login string, page Page) (*Listing, error) {
	key := KeyOf(id, login)
	return j.list(ctx, listOfficer, int64(key), page, func(r *row) bool { return r.officer == key })
}

// list merges the tail, read first, and a projection.
func (j *Journal) list(ctx context.Context, list int, key int64, page Page, of func(*row) bool) (*Listing, error) {
	if key == 0 {
		return &Listing{}, nil // entries about nobody are no list
	}
	limit := page.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	after := page.After
	if after.IsZero() {
		after = Cursor{math.MaxInt64, math.MaxInt64}
	}
	found := j.tail.list(after, of)
	err := j.projection.Read(ctx, func(tx *store.Tx) error {
		older, err := readRuns(tx, list, item{key, after.time, after.position}, limit+1)
		found = append(found, older...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b Cursor) int {
		return cmp.Or(cmp.Compare(b.time, a.time), cmp.Compare(b.position, a.position))
	})
	found = slices.Compact(found) // what has just been projected is in both
	l := &Listing{}
	if len(found) > limit {
		found = found[:limit]
		l.Next = found[limit-1]
	}
	for len(l.Entries) < len(found) {
		if err := j.listed(ctx, found[len(l.Entries):], l); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// list finds the rows of the tail that come after a place in the list.
func (t *tail) list(after Cursor, of func(*row) bool) []Cursor {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var found []Cursor
	for i := range t.rows {
		r := &t.rows[i]
		if (r.time < after.time || r.time == after.time && r.position < after.position) && of(r) {
			found = append(found, Cursor{r.time, r.position})
		}
	}
	return found
}

// listed reads the first of these entries, and those behind it that are of the
// same batch: an agency's entries stand close together.
func (j *Journal) listed(ctx context.Context, found []Cursor, to *Listing) error {
	first := found[0].position
	l := j.logAt(first / logSpan)
	if l == nil {
		return altered("the projections name a log that is not there")
	}
	return j.fetch(ctx, l, first%logSpan, func(b *stored) error {
		var part private
		if b.private != nil {
			var err error
			if part, err = parsePrivate(b.private, b.n); err != nil {
				return altered("log %d, batch %d: %w", l.number, b.first, err)
			}
		}
		for _, c := range found {
			index := c.position % logSpan
			if c.position/logSpan != first/logSpan || index < b.first || index >= b.end() {
				return nil
			}
			p := Proven{}
			if _, err := p.read(l, b, part, int(index-b.first)); err != nil {
				return err
			}
			e := Listed{Log: l.number, Index: index, Time: p.Time, Record: p.Record, At: c, Kind: p.Kind}
			if l.code != nil {
				e.Code = l.code.Code(l.number, index)
			}
			to.Entries = append(to.Entries, e)
		}
		return nil
	})
}
