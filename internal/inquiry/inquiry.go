// Package inquiry is the central act: an agency asks, the register answers,
// the journal remembers, and the answer that leaves is its own proof.
//
// What happens on one inquiry, in this order and nowhere else:
//
//  1. The door knows who asks: a certificate names the agency, the body names
//     the officer. Load that cannot be carried is shed before it is parsed.
//  2. The question is parsed into distinct types (Form.Parse). A malformed one
//     is an error: nothing happened, nothing is recorded, no code is given.
//  3. The agreement in force, the agency's own or that of the body in whose name
//     it asks, must permit service, mode, search key, fields, process, purpose,
//     hour, signature and court reference; the process must be open in the
//     agency's catalogue, if it has one; and the day's quota must have room.
//     Else the outcome is refused.
//  4. The person is looked up by number and a second key. Number unknown and
//     key wrong are one outcome, not_found, alike in every byte but the code.
//     Where the law leaves the purpose to the person, his lock refuses it; that
//     is told only to who knows the second key.
//  5. Claims are compared field by field, or fields disclosed, or predicates
//     answered. Warnings that nobody can ask for come by themselves.
//  6. The record joins the journal's next batch: one durable commit, one
//     signature for all of the batch. A refusal is recorded just the same.
//  7. Only then the answer leaves: the record with its tracking code, its
//     inclusion proof and the signed checkpoint, which together are the receipt.
//
// A refusal is an outcome; an error means that nothing happened.
package inquiry

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/receipt"
	"github.com/estelam/estelam/signature"
)

// Desk answers inquiries. All of its parts are safe for concurrent use.
type Desk struct {
	persons    *person.Book
	places     *place.Book
	agencies   *agency.Book
	agreements *agreement.Book
	processes  *process.Book
	citizens   *citizen.Book
	journal    *journal.Journal
	clock      func() time.Time

	quotas quotas
	guard  guard
	tries  tries
}

// Config names the parts that a Desk stands on.
type Config struct {
	Persons    *person.Book
	Places     *place.Book
	Agencies   *agency.Book // nil: nobody asks in another's name
	Agreements *agreement.Book
	Processes  *process.Book // nil: no agency has a catalogue
	Citizens   *citizen.Book // nil: nobody has a lock
	Journal    *journal.Journal
	Clock      func() time.Time // nil: time.Now
}

// Open makes a Desk.
func Open(c Config) *Desk {
	d := &Desk{
		persons: c.Persons, places: c.Places, agencies: c.Agencies, agreements: c.Agreements,
		processes: c.Processes, citizens: c.Citizens, journal: c.Journal, clock: c.Clock,
	}
	if d.clock == nil {
		d.clock = time.Now
	}
	d.quotas.used = d.journal.Used
	d.tries.used = d.journal.Used
	return d
}

// Asker is who asks: an agency that the door has authenticated, and the officer
// of it whom the body names.
type Asker struct {
	Agency  *agency.Agency
	Officer *agency.Officer // nil: the name given is no officer of the agency; refused

	// Signed is the signature of the request, which the door has verified: it is
	// fresh, and of a live certificate of the agency. nil: there is none.
	Signed *signature.Signed
}

// Once makes an act happen at most once: the hash of an agency's idempotency
// key and the digest of what was asked with it. The zero value asks for nothing.
type Once struct{ Key, Digest [16]byte }

func (o Once) wanted() bool { return o.Key != [16]byte{} }

// Answer is the entry of one inquiry, proven. Its record says what the register
// answers, or why the question was refused.
type Answer struct {
	journal.Proven
	Quota Quota // of the clause; not known, and so zero, if the entry is Replayed
}

// Ask answers one question. The numbers are those of the package comment.
func (d *Desk) Ask(ctx context.Context, who Asker, q *Question, once Once) (*Answer, error) { // 1, 2: done by the door
	if once.wanted() {
		if p, found, err := d.journal.Replay(ctx, once.Key, once.Digest); err != nil {
			return nil, err
		} else if found {
			return &Answer{Proven: *p}, nil
		}
	}
	w := works.Get().(*work)
	a := &w.answer
	now := d.clock()
	today := persian.DateOf(now)
	clause, err := d.permit(ctx, who, q, a, now, today) // 3
	if err != nil {
		return nil, err
	}
	if a.refusal.Reason == "" {
		err := d.lookUp(ctx, q, w) // 4
		if err == nil {
			err = d.decide(ctx, who, q, a, &w.seen, today) // 4, 5
		}
		if err != nil {
			d.quotas.giveBack(clause.bucket, today, 1)
			return nil, err
		}
	}
	w.body = appendBody(w.body, who, q, a)
	p, err := d.journal.Commit(ctx, entry(who, q, clause, w.body, once)) // 6
	if uncounted(p.Replayed, err) {
		d.quotas.giveBack(clause.bucket, today, 1)
	}
	if err != nil {
		return nil, err // w is not used again: the journal may still read its body
	}
	w.done()
	return &Answer{p, clause.quota}, nil // 7
}

// AskAll answers up to MaxBatch questions as one unit: the same steps, with one
// read of the register and one place in the journal, where the records stand
// side by side and share one proof.
func (d *Desk) AskAll(ctx context.Context, who Asker, qs []*Question, once Once) (*journal.ProvenBatch, error) { // 1, 2: done by the door
	if once.wanted() {
		if p, found, err := d.journal.ReplayAll(ctx, once.Key, once.Digest); found || err != nil {
			return p, err
		}
	}
	now := d.clock()
	today := persian.DateOf(now)
	answers := make([]answer, len(qs))
	clauses := make([]permitted, len(qs))
	giveBack := func() {
		for _, c := range clauses {
			d.quotas.giveBack(c.bucket, today, 1)
		}
	}
	for i, q := range qs { // 3
		var err error
		if clauses[i], err = d.permit(ctx, who, q, &answers[i], now, today); err != nil {
			giveBack()
			return nil, err
		}
	}
	seen, err := d.lookUpAll(ctx, qs, answers) // 4
	if err != nil {
		giveBack()
		return nil, err
	}
	entries := make([]journal.Entry, len(qs))
	bodies := make([]byte, 0, 640*len(qs))
	for i, q := range qs {
		if answers[i].refusal.Reason == "" {
			if err := d.decide(ctx, who, q, &answers[i], seen[i], today); err != nil { // 4, 5
				giveBack()
				return nil, err
			}
		}
		start := len(bodies)
		bodies = appendBody(bodies, who, q, &answers[i])
		entries[i] = entry(who, q, clauses[i], bodies[start:len(bodies):len(bodies)], Once{})
	}
	p, err := d.journal.CommitAll(ctx, entries, once.Key, once.Digest) // 6
	if uncounted(p != nil && p.Replayed, err) {
		giveBack()
	}
	return p, err // 7
}

// decide is the lock of step 4, and step 5. Guessing is stopped also in the
// middle of a batch, and among questions that are asked at the same time.
func (d *Desk) decide(ctx context.Context, who Asker, q *Question, a *answer, s *seen, today persian.Date) error {
	if s.person != nil && d.citizens != nil && d.citizens.Open(q.Purpose) {
		locked, err := d.citizens.Locked(ctx, q.Number, q.Purpose)
		if err != nil {
			return err
		}
		if locked {
			a.refuse("agreement.locked")
			a.refusal.Clause, a.refusal.Field = a.permission.clause, "purpose"
			return nil
		}
	}
	a.judge(q, s, today)
	if !d.guard.saw(who.Agency, today, q, a) {
		a.refuse("agreement.guard")
	}
	return nil
}

// uncounted: the commit has added no entry that counts in a quota. Where nobody
// knows, the entry counts: who hangs up before the answer gets nothing free.
func uncounted(replayed bool, err error) bool {
	return replayed || err != nil && !journal.InDoubt(err)
}

// MaxBatch is the largest number of questions in one call.
const MaxBatch = 1000

func entry(who Asker, q *Question, c permitted, body []byte, once Once) journal.Entry {
	return journal.Entry{
		Kind:    receipt.Inquiry,
		Body:    body,
		Subject: q.Number,
		Agency:  who.Agency.ID,
		Officer: journal.KeyOf(who.Agency.ID, q.Officer),
		Bucket:  c.bucket,
		Key:     once.Key,
		Digest:  once.Digest,
	}
}
