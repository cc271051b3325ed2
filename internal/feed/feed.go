// Package feed tells agencies what becomes of the persons they answer for, and
// tells whoever was told a wrong value that it was wrong.
//
// How a death reaches who follows the dead:
//
//  1. An agency sets a follow mark (Set) with the tracking code of an answer
//     that it was given about the person. The agreement must permit the items.
//  2. The act that registers the death numbers the change (package person).
//  3. Distribute takes the changes in order. One transaction writes an event
//     for each follower whose items changed, the entry of each in the journal,
//     and how far it has got. A crash before its commit leaves nothing of it.
//  4. When the entries are in the log, the events have their tracking codes and
//     can be read; a crash before it leaves events without a code, which the
//     next Distribute completes before it goes on.
//  5. The agency's webhook, if it has one, is told that there is something new,
//     and no more than that (Ring). The agency reads its feed (Read).
//
// An event says which version of the record it is about and which items changed.
// What it tells is read when it is handed out: what the agreement permits then,
// of a record that may be shown then. Handed out means at least once: whoever
// reads again gets the same events with the same codes.
//
// Corrections go the same way: Correct looks up in the journal who had been told
// what was wrong, and puts an event into his feed, followed or not.
package feed

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Book keeps follow marks and feeds. It is safe for concurrent use.
type Book struct {
	Clock  func() time.Time // set before use
	Logger *slog.Logger     // set before Run
	Caller *Caller          // calls webhooks; set before use

	db         *store.DB
	journal    *journal.Journal
	persons    *person.Book
	agreements *agreement.Book
}

// Open makes a Book on the register db.
func Open(db *store.DB, j *journal.Journal, persons *person.Book, agreements *agreement.Book) *Book {
	return &Book{
		Clock: time.Now, Logger: slog.Default(),
		db: db, journal: j, persons: persons, agreements: agreements,
	}
}

// Program is the role of an agency's program, which acts without an officer.
const Program = "program"

// itself is the actor of what the program does by itself.
var itself = journal.Actor{Role: register.System, ID: "feed"}

// The kinds of events. What is nobody's business, such as that names changed by
// an adoption, is a change like others.
const (
	Changed              = "change"
	Died                 = "death"
	DeathAnnulled        = "death_annulment"
	WasCancelled         = "cancellation"
	CancellationAnnulled = "cancellation_annulment"
	Moved                = "residence"
	Corrected            = "correction" // of a value that the agency was told
)

// Kinds are those that a mark may ask for whatever the items.
var Kinds = []string{Changed, Died, DeathAnnulled, WasCancelled, CancellationAnnulled, Moved}

// kindOf is the kind of event that followers are told of a change.
func kindOf(c *person.Changed) string {
	switch c.Kind {
	case "death", "death_annulment", "cancellation", "cancellation_annulment", "residence":
		return c.Kind
	case "residence_withdrawn":
		return Moved
	}
	return Changed
}

// Terms are what a mark asks for.
type Terms struct {
	Items   []string `json:"items"`           // as agreements name them
	Kinds   []string `json:"kinds,omitempty"` // told even if none of the items changed
	Purpose string   `json:"purpose,omitempty"`
	Process string   `json:"process,omitempty"`
}

// service is what an agreement calls follow marks.
const service = "follow"

// permits finds the clause under which an agency may follow by these terms.
func (b *Book) permits(agency ids.LegalID, t *Terms) (cite, *agreement.Refusal) {
	in, ok := b.agreements.InForce(agency, b.Clock())
	if !ok {
		return cite{}, &agreement.Refusal{Reason: "agreement.none"}
	}
	c, refusal := in.Permit(agreement.Asked{
		Service: service, Mode: "disclose", Key: "national_number", Fields: t.Items, Process: t.Process, Purpose: t.Purpose,
	})
	if refusal != nil {
		return cite{}, refusal
	}
	return cite{in.ID, in.Version, c.No}, nil
}

// permitted are the items of t that may be told now, in their order.
func (b *Book) permitted(agency ids.LegalID, t *Terms) (items []string) {
	if _, refusal := b.permits(agency, t); refusal == nil {
		return t.Items
	}
	for _, item := range t.Items {
		one := *t
		one.Items = []string{item}
		if _, refusal := b.permits(agency, &one); refusal == nil {
			items = append(items, item)
		}
	}
	return items
}

// cite is the clause that permits something.
type cite struct {
	agreement int64
	version   int
	clause    int
}

// may reports whether some clause of the agency's agreement lets it be told an
// item at all: so it may be told the right value of what it was told wrongly.
func (b *Book) may(agency ids.LegalID, item string) bool {
	in, ok := b.agreements.InForce(agency, b.Clock())
	if !ok {
		return false
	}
	return slices.ContainsFunc(in.Clauses, func(c agreement.Clause) bool {
		return slices.Contains(c.Modes, "disclose") && slices.Contains(c.Fields, item)
	})
}

// shown reports whether anything of a record may be told.
func shown(p *person.Person) bool { return p != nil && p.State != person.Protected }

// values are what a record says of items, nil for what is not on record. Of a
// cancelled number nothing is told but which one counts instead.
func values(p *person.Person, items []string) State {
	s := State{Cancelled: p.State == person.Cancelled, UnderReview: p.State == person.UnderReview}
	if s.Cancelled {
		s.Successor = p.Successor
		return s
	}
	s.Items = make(map[string]*string, len(items))
	for _, item := range items {
		s.Items[item] = nil
		if v, known := inquiry.ValueOf(item, p); known {
			s.Items[item] = &v
		}
	}
	return s
}

// State is what a record says, as far as the agency may be told.
type State struct {
	Items       map[string]*string `json:"items,omitempty"` // null: not on record
	UnderReview bool               `json:"under_review,omitempty"`
	Cancelled   bool               `json:"cancelled,omitempty"`
	Successor   ids.NationalNumber `json:"successor,omitzero"` // of a cancelled number
}

// record is all versions of one person's record.
type record struct {
	now  *person.Person
	past map[int64]*person.Person
}

// at is a version, nil if there is none.
func (r *record) at(version int64) *person.Person {
	if r.now != nil && r.now.Version == version {
		return r.now
	}
	return r.past[version]
}

// recordAt reads a record and, unless the version that is wanted is the newest,
// its past.
func (b *Book) recordAt(ctx context.Context, n ids.NationalNumber, version int64) (*record, error) {
	now, found, err := b.persons.ByNumber(ctx, n)
	if err == nil && found && now.Version == version {
		return &record{now: now}, nil
	}
	return b.whole(ctx, n)
}

// whole reads all versions of a record. What an adoption has sealed shows what
// came after it, in every earlier version.
func (b *Book) whole(ctx context.Context, n ids.NationalNumber) (*record, error) {
	now, found, err := b.persons.ByNumber(ctx, n)
	if err != nil || !found {
		return &record{}, err
	}
	r := &record{now: now, past: map[int64]*person.Person{}}
	past, err := b.persons.History(ctx, n)
	for i := range past {
		r.past[past[i].Person.Version] = &past[i].Person
	}
	return r, err
}

func (b *Book) today() persian.Date { return persian.DateOf(b.Clock()) }

func words(s string) []string { return strings.Fields(s) }

func joined(all []string) string { return strings.Join(all, " ") }

var errMissing = fault.New(fault.Invalid, "feed.missing")
