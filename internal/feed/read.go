package feed

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Event is what happened, as its follower is told.
type Event struct {
	Sequence int64              `json:"sequence"` // 1, 2, 3 … in this agency's feed
	Code     ids.TrackingCode   `json:"id"`       // tracking code of its entry: the same whenever it is read
	Kind     string             `json:"kind"`
	At       time.Time          `json:"at"` // moment of the change
	Number   ids.NationalNumber `json:"national_number"`
	Version  int64              `json:"register_version"`  // of the record, which State is of
	Changed  []string           `json:"changed,omitempty"` // items that are not what they were
	State    *State             `json:"state,omitempty"`   // absent: may not be shown any more

	Correction *Notice `json:"correction,omitempty"` // of the kind correction
}

// Notice says which answers were wrong.
type Notice struct {
	ID    int64              `json:"correction"`
	Codes []ids.TrackingCode `json:"tracking_codes"` // of those answers, newest first; at most 100
	Items []string           `json:"items"`
}

// Filter chooses events of a feed. The numbers stay as they are.
type Filter struct {
	Page
	Item string // only events in which it changed
	Kind string
}

func (f *Filter) check() error {
	if f.Kind != "" && f.Kind != Corrected && !slices.Contains(Kinds, f.Kind) {
		return fault.New(fault.Invalid, "feed.kind").At("kind")
	}
	return f.Page.check()
}

func (f *Filter) chooses(e *event) bool {
	return (f.Kind == "" || f.Kind == e.kind) && (f.Item == "" || slices.Contains(words(e.items), f.Item))
}

// Feed is a part of a feed.
type Feed struct {
	Events []Event `json:"events"`
	Next   int64   `json:"next"` // to go on after: the last number that was looked at
	Last   int64   `json:"last"` // the newest event there is

	Proven journal.Proven `json:"-"` // of the reading, if it handed out anything
}

// Read hands out the events after a number, oldest first. That they were read is
// one entry; each event has its own since it was made.
func (b *Book) Read(ctx context.Context, actor journal.Actor, f *Filter) (*Feed, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	feed, rows := &Feed{Events: []Event{}, Next: f.After}, []event(nil)
	err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		if feed.Last, err = ready(tx, actor.Agency); err != nil {
			return err
		}
		rows = rows[:0]
		return tx.Each(eventsAfter, []any{int64(actor.Agency), f.After, feed.Last, int64(f.Limit)}, func(scan func(...any) error) error {
			e, err := scanEvent(scan)
			rows = append(rows, e)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	records := map[ids.NationalNumber]*record{}
	for i := range rows {
		feed.Next = rows[i].seq
		if !f.chooses(&rows[i]) {
			continue
		}
		e, err := b.handOut(ctx, &rows[i], records)
		if err != nil {
			return nil, err
		}
		feed.Events = append(feed.Events, *e)
	}
	if len(feed.Events) > 0 {
		feed.Proven, err = b.journal.Commit(ctx, journal.Entry{Kind: receipt.Follow, Agency: actor.Agency, Body: feed.body(actor)})
	}
	return feed, err
}

// ready is the last event of a feed up to which all entries are in the log.
func ready(tx *store.Tx, agency ids.LegalID) (last int64, err error) {
	if _, err := tx.One(feedLast, []any{int64(agency)}, &last); err != nil {
		return 0, err
	}
	var open int64
	if _, err := tx.One(feedOpen, []any{int64(agency)}, &open); err != nil || open == 0 {
		return last, err
	}
	return open - 1, nil
}

// body is what the journal says of a page that was read.
func (f *Feed) body(actor journal.Actor) []byte {
	b := actor.AppendTo([]byte(`"actor":`))
	b = append(b, `,"why":"read","read":{"first":`...)
	b = strconv.AppendInt(b, f.Events[0].Sequence, 10)
	b = strconv.AppendInt(append(b, `,"last":`...), f.Events[len(f.Events)-1].Sequence, 10)
	b = strconv.AppendInt(append(b, `,"events":`...), int64(len(f.Events)), 10)
	return append(b, '}')
}

// handOut fills an event with what may be told of the record now.
func (b *Book) handOut(ctx context.Context, row *event, records map[ids.NationalNumber]*record) (e *Event, err error) {
	e = &Event{
		Sequence: row.seq, Code: ids.TrackingCode(row.code), Kind: row.kind, At: time.UnixMicro(row.at).UTC(),
		Number: row.number, Version: row.version, Changed: words(row.items),
	}
	r := records[row.number]
	if r == nil || r.past == nil && r.at(row.version) == nil {
		if r, err = b.recordAt(ctx, row.number, row.version); err != nil {
			return nil, err
		}
		records[row.number] = r
	}
	then := r.at(row.version)
	visible := shown(then) && shown(r.now)
	if row.correction != 0 {
		if e.Correction, err = b.notice(ctx, row.correction); err != nil || !visible {
			return e, err
		}
		s := values(then, b.allowed(row.agency, e.Correction.Items))
		e.State = &s
		return e, nil
	}
	var t Terms
	if err := json.Unmarshal([]byte(row.terms), &t); err != nil {
		return nil, err
	}
	items := b.permitted(row.agency, &t)
	if !visible || len(items) == 0 {
		return e, nil
	}
	s := values(then, items)
	e.State = &s
	return e, nil
}

// allowed are the items whose right value the agency may be told.
func (b *Book) allowed(agency ids.LegalID, items []string) (all []string) {
	for _, item := range items {
		if b.may(agency, item) {
			all = append(all, item)
		}
	}
	return all
}

// Beginning is where a follower begins, or begins again: what the records of
// all whom it follows say now.
type Beginning struct {
	Persons  []Standing `json:"persons"`
	Next     int64      `json:"next"`     // to go on after; 0: that was all
	Sequence int64      `json:"sequence"` // then read the feed after this number, which the first page has told
}

// Standing is what is told of one person.
type Standing struct {
	Mark    int64              `json:"mark"`
	Number  ids.NationalNumber `json:"national_number"`
	Code    ids.TrackingCode   `json:"tracking_code,omitempty"` // absent: nothing was told
	Version int64              `json:"register_version,omitzero"`
	State   *State             `json:"state,omitempty"` // absent: may not be shown
}

// Bootstrap hands out what the records of the followed say, in the order of the
// marks. Each person who is told of is an entry of its own.
func (b *Book) Bootstrap(ctx context.Context, actor journal.Actor, page *Page) (*Beginning, error) {
	if err := page.check(); err != nil {
		return nil, err
	}
	out := &Beginning{Persons: []Standing{}}
	if err := b.db.Read(ctx, func(tx *store.Tx) (err error) { // before the records: what changes now comes in the feed too
		out.Sequence, err = ready(tx, actor.Agency)
		return err
	}); err != nil {
		return nil, err
	}
	marks, err := b.marks(ctx, actor.Agency, page)
	if err != nil {
		return nil, err
	}
	if len(marks) == page.Limit {
		out.Next = marks[len(marks)-1].id
	}
	return out, b.stand(ctx, actor, out, marks)
}

// stand fills a page of the beginning: entries first, then what they say.
func (b *Book) stand(ctx context.Context, actor journal.Actor, out *Beginning, marks []mark) error {
	numbers := make([]ids.NationalNumber, len(marks))
	for i := range marks {
		numbers[i] = marks[i].number
	}
	records, err := b.persons.ByNumbers(ctx, numbers)
	if err != nil {
		return err
	}
	var entries []journal.Entry
	var told []int
	for i := range marks {
		if marks[i].until.Compare(b.today()) < 0 {
			continue
		}
		s := Standing{Mark: marks[i].id, Number: marks[i].number}
		t, err := marks[i].wanted()
		if err != nil {
			return err
		}
		if items := b.permitted(actor.Agency, &t); shown(records[i]) && len(items) > 0 {
			t.Items = items
			clause, _ := b.permits(actor.Agency, &t)
			state := values(records[i], items)
			s.Version, s.State = records[i].Version, &state
			told = append(told, len(out.Persons))
			entries = append(entries, standingEntry(actor, records[i], items, clause))
		}
		out.Persons = append(out.Persons, s)
	}
	if len(entries) == 0 {
		return nil
	}
	proven, err := b.journal.CommitAll(ctx, entries, [16]byte{}, [16]byte{})
	if err != nil {
		return err
	}
	for k, i := range told {
		out.Persons[i].Code = proven.Entries[k].Code
	}
	return nil
}

// standingEntry is what the journal says of one person of a page.
func standingEntry(actor journal.Actor, p *person.Person, items []string, clause cite) journal.Entry {
	if p.State == person.Cancelled {
		items = nil
	}
	b := actor.AppendTo([]byte(`"actor":`))
	b = append(append(append(b, `,"why":"bootstrap","agency":"`...), actor.Agency.String()...), '"')
	b = appendList(b, "told", items)
	b = strconv.AppendInt(append(b, `,"register_version":`...), p.Version, 10)
	return journal.Entry{Kind: receipt.Follow, Subject: p.Number, Agency: actor.Agency, Body: clause.append(b)}
}
