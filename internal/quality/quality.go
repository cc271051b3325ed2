// Package quality measures how well an agency knows the people and places in
// its own lists by national number and postal code (bylaw of 1378, art. 4): the
// share of rows in which both are known, list by list, over time.
//
// Forms an agency can check by itself, offline (estelam measure), and hand in the
// counts. Checked here, a row also says whether its number is known: only of
// persons whom the agency covers, which its follow marks say, so that a list of
// guesses learns nothing; a number that nobody has, one of somebody whom the
// agency does not cover, and one of a person who may not be shown are alike in
// every byte. Postal codes say nothing of persons.
package quality

import (
	"context"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Book checks lists and keeps their scores. It is safe for concurrent use.
type Book struct {
	Clock func() time.Time // set before use

	db      *store.DB
	persons *person.Book
	places  *place.Book
	feeds   *feed.Book
}

// Open makes a Book on the register db.
func Open(db *store.DB, persons *person.Book, places *place.Book, feeds *feed.Book) *Book {
	return &Book{Clock: time.Now, db: db, persons: persons, places: places, feeds: feeds}
}

// MostRows of one list.
const MostRows = 10_000

// List is a list to be checked: its rows, or what the agency has counted in
// them by itself.
type List struct {
	Name   string `json:"list"` // the agency's own code word for it
	Rows   []Pair `json:"rows"`
	Counts *Forms `json:"counts"`
}

// Pair is what a row holds of a person: text, as it stands in the list.
type Pair struct {
	Number string `json:"national_number"`
	Postal string `json:"postal_code"`
}

// Forms is what an agency can count by itself.
type Forms struct {
	Rows       int64 `json:"rows"`
	NumberForm int64 `json:"number_form"` // with a well-formed national number
	PostalForm int64 `json:"postal_form"` // with a well-formed postal code
}

// Check tells all that is wrong with a list by itself.
func (l *List) Check() error {
	var bad fault.List
	bad.When(!word(l.Name), "list", "quality.list")
	switch {
	case l.Counts == nil && len(l.Rows) == 0:
		bad.When(true, "rows", "quality.missing")
	case l.Counts != nil && len(l.Rows) > 0:
		bad.When(true, "counts", "quality.both")
	case len(l.Rows) > MostRows:
		bad.When(true, "rows", "quality.rows", strconv.Itoa(MostRows))
	case l.Counts != nil:
		c := l.Counts
		const most = 1_000_000_000
		bad.When(c.Rows < 1 || c.Rows > most, "counts.rows", "quality.count")
		bad.When(c.NumberForm < 0 || c.NumberForm > c.Rows, "counts.number_form", "quality.count")
		bad.When(c.PostalForm < 0 || c.PostalForm > c.Rows, "counts.postal_form", "quality.count")
	}
	return bad.Err()
}

// word: lower-case Latin letters, digits and dashes, at most 40.
func word(s string) bool {
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-') {
			return false
		}
	}
	return s != "" && len(s) <= 40
}

// What a row says of a number or a postal code.
const (
	Missing     = "missing"
	Malformed   = "malformed"
	Unconfirmed = "unconfirmed" // well-formed, and no more is said
	Known       = "known"
	Unknown     = "unknown" // a well-formed postal code that is no place's
	Gone        = "gone"    // of a place that is no more; successors stand beside it
)

// Row is what became of one row.
type Row struct {
	Number     string           `json:"national_number"`
	Postal     string           `json:"postal_code"`
	Successors []ids.PostalCode `json:"successors,omitempty"` // of a place that is gone
}

// Score is what was counted in a list.
type Score struct {
	ID      int64     `json:"check"`
	List    string    `json:"list"`
	Officer string    `json:"by"` // login of who had it checked; program: the agency's program
	Made    time.Time `json:"made"`
	Here    bool      `json:"checked_here"` // false: the agency counted by itself
	Forms
	NumberKnown int64   `json:"number_known"`
	PostalKnown int64   `json:"postal_known"`
	BothKnown   int64   `json:"both_known"`
	Score       float64 `json:"score"` // share of rows with both known, 0 to 1
}

// Checked is the answer of Check.
type Checked struct {
	Score
	Answers []Row `json:"answers,omitempty"` // row by row, in their order
}

// Check checks a list of the actor's agency, row by row, and keeps the score.
func (b *Book) Check(ctx context.Context, j *journal.Journal, actor journal.Actor, l *List) (*Checked, journal.Proven, error) {
	if err := l.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	out := &Checked{Score: Score{List: l.Name, Officer: actor.ID, Here: l.Counts == nil}}
	if l.Counts != nil {
		out.Forms = *l.Counts
	} else if err := b.judge(ctx, actor.Agency, l.Rows, out); err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Delivery, Actor: actor, Why: "quality", Agency: actor.Agency, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		s := &out.Score
		if _, err := tx.One(qualityLast, nil, &s.ID); err != nil {
			return nil, err
		}
		s.ID++
		s.Made = c.At
		_, err := tx.Exec(qualityInsert, s.ID, int64(actor.Agency), s.Officer, s.List, c.Micros(), s.Here,
			s.Rows, s.NumberForm, s.NumberKnown, s.PostalForm, s.PostalKnown, s.BothKnown)
		body := append(append([]byte(`"quality":{"list":"`), s.List...), '"')
		for _, n := range []struct {
			name  string
			count int64
		}{{"check", s.ID}, {"rows", s.Rows}, {"number_known", s.NumberKnown}, {"postal_known", s.PostalKnown}, {"both_known", s.BothKnown}} {
			body = append(append(append(body, `,"`...), n.name...), '"', ':')
			body = strconv.AppendInt(body, n.count, 10)
		}
		return append(body, '}'), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	out.score()
	return out, proven, nil
}

func (s *Score) score() {
	if s.Rows > 0 {
		s.Score = float64(s.BothKnown) / float64(s.Rows)
	}
}

// judge looks at every row.
func (b *Book) judge(ctx context.Context, of ids.LegalID, rows []Pair, out *Checked) error {
	numbers := make([]ids.NationalNumber, len(rows))
	for i, r := range rows {
		numbers[i], _ = ids.ParseNationalNumber(r.Number) // 0: malformed
	}
	covered, err := b.feeds.Covers(ctx, of, numbers)
	if err != nil {
		return err
	}
	known, err := b.known(ctx, numbers, covered)
	if err != nil {
		return err
	}
	codes := make([]ids.PostalCode, len(rows))
	for i, r := range rows {
		codes[i], _ = ids.ParsePostalCode(r.Postal) // 0: malformed
	}
	places, err := b.places.ByCodes(ctx, codes)
	if err != nil {
		return err
	}
	out.Rows = int64(len(rows))
	for i, r := range rows {
		answer := Row{Number: Unconfirmed}
		switch {
		case r.Number == "":
			answer.Number = Missing
		case numbers[i] == 0:
			answer.Number = Malformed
		case known[i]:
			answer.Number = Known
			out.NumberKnown++
		}
		if numbers[i] != 0 {
			out.NumberForm++
		}
		out.postal(r.Postal, codes[i], places[i], &answer)
		if answer.Number == Known && answer.Postal == Known {
			out.BothKnown++
		}
		out.Answers = append(out.Answers, answer)
	}
	return nil
}

// known says which of the covered persons are on record and may be shown.
func (b *Book) known(ctx context.Context, numbers []ids.NationalNumber, covered []bool) ([]bool, error) {
	known, asked := make([]bool, len(numbers)), make([]ids.NationalNumber, len(numbers))
	for i, n := range numbers {
		if covered[i] {
			asked[i] = n // the others stay 0, which is nobody
		}
	}
	persons, err := b.persons.ByNumbers(ctx, asked)
	for i, p := range persons {
		known[i] = p != nil && p.State != person.Protected && p.State != person.Cancelled
	}
	return known, err
}

// postal says what a row's postal code is.
func (c *Checked) postal(text string, code ids.PostalCode, p *place.Place, answer *Row) {
	if code != 0 {
		c.PostalForm++
	}
	switch {
	case text == "":
		answer.Postal = Missing
	case code == 0:
		answer.Postal = Malformed
	case p == nil:
		answer.Postal = Unknown
	case p.State != place.Active:
		answer.Postal, answer.Successors = Gone, p.Successors
	default:
		answer.Postal = Known
		c.PostalKnown++
	}
}

// Page asks for a part of an agency's scores.
type Page struct {
	List  string `json:"list"`  // "": all
	After int64  `json:"after"` // the last check of the page before
	Limit int    `json:"limit"` // at most 1000; 0: 100
}

// Scores lists what was counted in an agency's lists, in order. Fault:
// quality.limit.
func (b *Book) Scores(ctx context.Context, of ids.LegalID, page *Page) ([]Score, error) {
	limit := page.Limit
	if limit == 0 {
		limit = 100
	}
	if limit < 0 || limit > 1000 {
		return nil, fault.New(fault.Invalid, "quality.limit").At("limit")
	}
	all := []Score{}
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		return tx.Each(qualityList, []any{int64(of), page.After, page.List, int64(limit)}, func(scan func(...any) error) error {
			var s Score
			var made, here int64
			err := scan(&s.ID, &s.Officer, &s.List, &made, &here, &s.Rows, &s.NumberForm, &s.NumberKnown, &s.PostalForm, &s.PostalKnown, &s.BothKnown)
			s.Made, s.Here = time.UnixMicro(made).UTC(), here == 1
			s.score()
			all = append(all, s)
			return err
		})
	})
	return all, err
}
