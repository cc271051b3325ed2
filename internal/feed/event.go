package feed

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// event is a row of feed_event.
type event struct {
	agency     ids.LegalID
	seq        int64
	number     ids.NationalNumber
	version    int64
	kind       string
	items      string
	terms      string
	correction int64
	at         int64
	code       string
	act        []byte

	mark   mark     // it is due to; zero: a correction
	told   []string // items it tells
	clause cite
}

func scanEvent(scan func(...any) error) (e event, err error) {
	var agency, number int64
	err = scan(&agency, &e.seq, &number, &e.version, &e.kind, &e.items, &e.terms, &e.correction, &e.at, &e.code, &e.act)
	e.agency, e.number = ids.LegalID(agency), ids.NationalNumber(number)
	return e, err
}

// number puts events at the ends of their feeds, in their order. Nobody else
// gets a number of these feeds before the transaction ends, so there are no gaps.
func number(tx *store.Tx, events []event) error {
	of := map[ids.LegalID][]*event{}
	for i := range events {
		of[events[i].agency] = append(of[events[i].agency], &events[i])
	}
	for _, agency := range slices.Sorted(maps.Keys(of)) { // the same order everywhere: nobody waits for each other
		n := int64(len(of[agency]))
		rows, err := tx.Exec(feedTake, n, int64(agency))
		if err == nil && rows == 0 {
			_, err = tx.Exec(feedInsert, int64(agency), n)
		}
		if err != nil {
			return err
		}
		var last int64
		if _, err := tx.One(feedLast, []any{int64(agency)}, &last); err != nil {
			return err
		}
		for i, e := range of[agency] {
			e.seq = last - n + int64(i) + 1
		}
	}
	return nil
}

// insert writes the event, which has its number.
func (e *event) insert(tx *store.Tx, c *register.Change) error {
	_, err := tx.Exec(eventInsert, int64(e.agency), e.seq, int64(e.number), e.version, e.kind, e.items, e.terms, e.correction, e.at, "", c.Act[:])
	return err
}

const (
	changesStep = 5000 // changes that one transaction works through
	mostEvents  = 2000 // and the events after which it looks at no further change
)

// The names of feed_mark.
const (
	forEvents      = "events"
	forCorrections = "corrections"
)

// errMoved: another node has worked through the same changes.
var errMoved = errors.New("feed: the mark has moved")

// moveTo writes how far the changes have been worked through.
func moveTo(tx *store.Tx, name string, from, to int64) error {
	rows, err := tx.Exec(markTo, to, name, from)
	if err == nil && rows != 1 {
		err = errMoved
	}
	return err
}

// Distribute makes the events of all changes there are, and returns when they
// are in the log and can be read.
func (b *Book) Distribute(ctx context.Context) error {
	return b.through(ctx, forEvents, func(changes []person.Changed, from int64) (int64, error) {
		events, to, err := b.gather(ctx, changes)
		if err != nil {
			return 0, err
		}
		return to, b.publish(ctx, forEvents, from, to, events)
	})
}

// through works through the changes that a mark has before it, step by step.
// step is called with some changes and does what has to be done, mark included.
func (b *Book) through(ctx context.Context, name string, step func(changes []person.Changed, from int64) (to int64, err error)) error {
	if err := b.settle(ctx); err != nil { // what a crash has left
		return err
	}
	for {
		var from int64
		if err := b.db.Read(ctx, func(tx *store.Tx) error {
			_, err := tx.One(markAt, []any{name}, &from)
			return err
		}); err != nil {
			return err
		}
		changes, err := b.persons.Changes(ctx, from, changesStep)
		if err != nil || len(changes) == 0 {
			return err
		}
		if _, err = step(changes, from); err != nil && !errors.Is(err, errMoved) {
			return err
		}
	}
}

// gather finds the events of some changes, and up to which of them it got.
func (b *Book) gather(ctx context.Context, changes []person.Changed) (events []event, to int64, err error) {
	today := b.today()
	followers, err := b.followers(ctx, changes)
	if err != nil {
		return nil, 0, err
	}
	told := map[int64]int64{} // by mark, what this step tells it
	for i := range changes {
		c := &changes[i]
		to = c.Seq
		var r *record
		for _, m := range followers[c.Number] {
			m.version = max(m.version, told[m.id])
			if m.until.Compare(today) < 0 || m.version >= c.Version {
				continue
			}
			if r == nil {
				if r, err = b.whole(ctx, c.Number); err != nil {
					return nil, 0, err
				}
			}
			e, err := b.eventFor(&m, c, r)
			if err != nil {
				return nil, 0, err
			}
			if e != nil {
				events, told[m.id] = append(events, *e), c.Version
			}
		}
		if len(events) >= mostEvents {
			break
		}
	}
	return events, to, nil
}

// followers are the marks of all whom some changes are about.
func (b *Book) followers(ctx context.Context, changes []person.Changed) (of map[ids.NationalNumber][]mark, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		of = map[ids.NationalNumber][]mark{}
		seen := make(map[ids.NationalNumber]bool, len(changes))
		for i := range changes {
			n := changes[i].Number
			if seen[n] {
				continue
			}
			seen[n] = true
			if err := tx.Each(followersOf, []any{int64(n)}, func(scan func(...any) error) error {
				m, err := scanMark(scan)
				of[n] = append(of[n], m)
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return of, err
}

// eventFor is what a follower is told of a change; nil: nothing. What he may
// not be told now, because his agreement is suspended or the record protected,
// he is told with the next change after that.
func (b *Book) eventFor(m *mark, c *person.Changed, r *record) (*event, error) {
	now, before := r.at(c.Version), r.at(m.version)
	if !shown(now) || !shown(r.now) {
		return nil, nil
	}
	t, err := m.wanted()
	if err != nil {
		return nil, err
	}
	items := b.permitted(m.agency, &t)
	if len(items) == 0 {
		return nil, nil
	}
	kind := kindOf(c)
	changed := differing(items, before, now, c.Kind)
	switch {
	case kind == WasCancelled, kind == CancellationAnnulled: // concerns everybody
	case len(changed) == 0 && !slices.Contains(t.Kinds, kind):
		return nil, nil
	case kind != Changed && !slices.Contains(t.Kinds, kind) && !tells(kind, changed):
		kind = Changed
	}
	cited := t
	cited.Items = items
	clause, _ := b.permits(m.agency, &cited)
	e := &event{
		agency: m.agency, number: m.number, version: c.Version, kind: kind, items: joined(changed), terms: m.terms,
		at: c.At.UnixMicro(), mark: *m, told: items, clause: clause,
	}
	if now.State == person.Cancelled {
		e.items, e.told = "", nil
	}
	return e, nil
}

// tells reports whether the items by themselves say what happened: who follows
// the name alone is not told of a death.
func tells(kind string, changed []string) bool {
	of := lifeItems
	if kind == Moved {
		of = []string{"postal_code", "residence_since"}
	}
	return slices.ContainsFunc(changed, func(item string) bool { return slices.Contains(of, item) })
}

// sealed are the items whose former values nobody is told after an adoption:
// the history shows the new ones in their place, so it cannot show the change.
var sealed = []string{"given_name", "surname", "father_name"}

// differing are the items that are not what they were.
func differing(items []string, before, now *person.Person, kind string) (all []string) {
	for _, item := range items {
		if before == nil || textOf(item, before) != textOf(item, now) || kind == "adoption" && slices.Contains(sealed, item) {
			all = append(all, item)
		}
	}
	return all
}

// textOf is what a record says of an item; "" is not on record.
func textOf(item string, p *person.Person) string {
	v, _ := inquiry.ValueOf(item, p)
	return v
}

// publish writes events, their entries, and how far the changes are worked
// through; then the events get their codes.
func (b *Book) publish(ctx context.Context, name string, from, to int64, events []event) error {
	if len(events) == 0 {
		return b.db.Write(ctx, func(tx *store.Tx) error { return moveTo(tx, name, from, to) })
	}
	made, err := b.post(ctx, name, from, to, events)
	if err != nil {
		return err
	}
	return b.code(ctx, events, made)
}

// post is the transaction of publish.
func (b *Book) post(ctx context.Context, name string, from, to int64, events []event) ([]journal.ActID, error) {
	acts := make([]register.Act, len(events))
	for i := range events {
		acts[i] = b.act(receipt.Follow, itself, "event", events[i].number)
		acts[i].Agency = events[i].agency
	}
	return register.PostAll(ctx, b.db, b.journal, acts, func(tx *store.Tx, i int, c *register.Change) ([]byte, error) {
		if i == 0 {
			if err := moveTo(tx, name, from, to); err != nil {
				return nil, err
			}
			if err := number(tx, events); err != nil {
				return nil, err
			}
		}
		e := &events[i]
		rows, err := tx.Exec(followTold, e.version, e.mark.id, e.mark.version)
		if err == nil && rows != 1 {
			err = errMoved // the mark was ended or set anew meanwhile
		}
		if err == nil {
			err = e.insert(tx, c)
		}
		return e.body(), err
	})
}

// body is what the journal says of an event: which version of the record and
// which items, not what they are.
func (e *event) body() []byte {
	b := append([]byte(`"agency":"`), e.agency.String()...)
	b = append(append(append(b, `","event":"`...), e.kind...), '"')
	b = strconv.AppendInt(append(b, `,"sequence":`...), e.seq, 10)
	b = appendList(b, "told", e.told)
	b = strconv.AppendInt(append(b, `,"register_version":`...), e.version, 10)
	return e.clause.append(b)
}

// settleStep is how many events get their codes in one go.
const settleStep = 1000

// settle gives codes to all events that a crash has left without.
func (b *Book) settle(ctx context.Context) error {
	for {
		var events []event
		if err := b.db.Read(ctx, func(tx *store.Tx) error {
			events = events[:0]
			return tx.Each(eventsOpen, []any{int64(settleStep)}, func(scan func(...any) error) error {
				var e event
				var agency int64
				err := scan(&agency, &e.seq, &e.act)
				e.agency = ids.LegalID(agency)
				events = append(events, e)
				return err
			})
		}); err != nil || len(events) == 0 {
			return err
		}
		acts := make([]journal.ActID, len(events))
		for i := range events {
			copy(acts[i][:], events[i].act)
		}
		if err := b.code(ctx, events, acts); err != nil {
			return err
		}
	}
}

// code waits until the entries of events are in the log, and notes their codes:
// from then on they can be read.
func (b *Book) code(ctx context.Context, events []event, acts []journal.ActID) error {
	proven, err := b.journal.SettleAll(ctx, acts)
	if err != nil {
		return err
	}
	return b.db.Write(ctx, func(tx *store.Tx) error {
		for i := range events {
			if _, err := tx.Exec(eventCode, string(proven[i].Code), int64(events[i].agency), events[i].seq); err != nil {
				return err
			}
		}
		return nil
	})
}
