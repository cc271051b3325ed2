package person

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// The kinds of the jobs that go through the register for cards.
const (
	announceJob = "card-announce" // marks whose turn to apply has come
	expiryJob   = "card-expiry"   // announces which cards will end soon
)

// CardRun orders a run over the register.
type CardRun struct {
	register.Grounds
}

// ExpiryRun orders a run over the register for cards that end soon.
type ExpiryRun struct {
	Months int `json:"months,omitzero"` // how long before the end a replacement is announced; 0: 6
	register.Grounds
}

const (
	usualMonths = 6
	maxMonths   = 36
)

// CardRunOrdered names the job that does the run.
type CardRunOrdered struct {
	Job int64 `json:"job"`
}

// AnnounceCards orders a run that announces the card to all who have none and
// whose turn to apply has come.
func (b *Book) AnnounceCards(ctx context.Context, j *journal.Journal, actor journal.Actor, in *CardRun) (*CardRunOrdered, journal.Proven, error) {
	return b.orderRun(ctx, j, actor, announceJob, 0, in.Grounds)
}

// AnnounceExpiry orders a run that announces the end of cards so many months
// ahead; from then on their holders may apply for the next one.
func (b *Book) AnnounceExpiry(ctx context.Context, j *journal.Journal, actor journal.Actor, in *ExpiryRun) (*CardRunOrdered, journal.Proven, error) {
	months := in.Months
	if months == 0 {
		months = usualMonths
	}
	return b.orderRun(ctx, j, actor, expiryJob, months, in.Grounds)
}

func (b *Book) orderRun(ctx context.Context, j *journal.Journal, actor journal.Actor, kind string, months int, g register.Grounds) (*CardRunOrdered, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor, register.Operator, register.System); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad mistakes
	if months < 0 || months > maxMonths {
		bad.Add("months", fault.New(fault.Invalid, "person.card.months", strconv.Itoa(maxMonths)))
	}
	bad.Add("", g.Check())
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	made := &CardRunOrdered{}
	act := register.Act{Kind: receipt.CardEvent, Actor: actor, Why: g.Reason, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, act, func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		if made.Job, err = job.Enqueue(tx, actor, kind, strconv.AppendInt(nil, int64(months), 10), c.At); err != nil {
			return nil, err
		}
		body := fmt.Appendf(nil, `"run":{"kind":"%s","job":"%d","document":`, kind, made.Job)
		return append(receipt.AppendString(body, g.Document), '}'), nil
	})
	return made, proven, err
}

// HandleCardRuns tells the queue who does the runs over the register.
func (b *Book) HandleCardRuns(q *job.Queue, j *journal.Journal) {
	q.Handle(announceJob, func(ctx context.Context, r *job.Run) ([]byte, error) {
		return b.sweep(ctx, r, func(persons []Person) (int, error) {
			due, err := b.due(ctx, persons)
			if err != nil {
				return 0, err
			}
			return b.sweepStep(ctx, j, "card_announced", due, announceTo)
		})
	})
	q.Handle(expiryJob, func(ctx context.Context, r *job.Run) ([]byte, error) {
		months, err := strconv.Atoi(string(r.Args()))
		if err != nil {
			return nil, err
		}
		today := b.today()
		return b.sweep(ctx, r, func(persons []Person) (int, error) {
			due, err := b.ending(ctx, persons, today.AddMonths(months))
			if err != nil {
				return 0, err
			}
			return b.sweepStep(ctx, j, "card_expiring", due, func(tx *store.Tx, p *Person) (bool, error) {
				return announceEnd(tx, p, today)
			})
		})
	})
}

const sweepRead = 1000 // records a step

// errOvertaken: somebody's record changed after it was read for a step.
var errOvertaken = errors.New("person: a record changed while it was swept")

// sweep goes through the register in steps. What a step does is one
// transaction; the job's mark is the last number of the step and how many
// persons were served. A step that is done again finds them served.
func (b *Book) sweep(ctx context.Context, r *job.Run, step func([]Person) (served int, err error)) ([]byte, error) {
	total, err := b.Count(ctx)
	if err != nil {
		return nil, err
	}
	var after, served int64
	_, _ = fmt.Sscan(string(r.Mark()), &after, &served) // empty at the beginning
	for seen := r.Done(); ; {
		persons, err := b.Scan(ctx, ids.NationalNumber(after), sweepRead)
		if err != nil {
			return nil, err
		}
		n, err := step(persons)
		if errors.Is(err, errOvertaken) {
			continue // read again
		}
		if err != nil {
			return nil, err
		}
		served, seen = served+int64(n), seen+int64(len(persons))
		if len(persons) > 0 {
			after = int64(persons[len(persons)-1].Number)
		}
		if err := r.Step(ctx, seen, max(total, seen), fmt.Append(nil, after, " ", served)); err != nil {
			return nil, err
		}
		if len(persons) < sweepRead {
			return fmt.Appendf(nil, `{"persons":%d,"served":%d}`, seen, served), nil
		}
	}
}

// sweepStep does one thing to the cards of all who are due, in one transaction,
// each with an entry of his own. change tells whether there was still something
// to do.
func (b *Book) sweepStep(ctx context.Context, j *journal.Journal, event string, due []ids.NationalNumber, change func(*store.Tx, *Person) (bool, error)) (int, error) {
	if len(due) == 0 {
		return 0, nil
	}
	acts := make([]register.Act, len(due))
	for i, n := range due {
		acts[i] = register.Act{Kind: receipt.CardEvent, Actor: journal.Actor{Role: register.System, ID: "card-run"}, Why: "card-run", Subject: n, Clock: b.Clock}
	}
	_, err := register.DoAll(ctx, b.db, j, acts, func(tx *store.Tx, i int, c *register.Change) ([]byte, error) {
		p, err := known(tx, b, due[i], 0)
		if err != nil {
			return nil, err
		}
		a := alteration{event: event, number: due[i]}
		err = b.altered(tx, c, &a, p, func(tx *store.Tx, _ *register.Change, p *Person) (string, error) {
			did, err := change(tx, p)
			if err == nil && !did {
				err = errOvertaken
			}
			return "", err
		})
		return a.body(p), err
	})
	return len(due), err
}

// due are those of the persons whose turn to apply for a first card has come.
func (b *Book) due(ctx context.Context, persons []Person) (due []ids.NationalNumber, err error) {
	all, err := b.timetables(ctx)
	if err != nil {
		return nil, err
	}
	provinces, err := b.provinces(ctx, persons)
	if err != nil {
		return nil, err
	}
	today := b.today()
	for i := range persons {
		p := &persons[i]
		if p.Card.State != NoCard || holder(p) != nil || !aged(p.Born, CardAge, today) {
			continue
		}
		if from := opens(all, provinces[i], p.Born); !from.IsZero() && from.Compare(today) <= 0 {
			due = append(due, p.Number)
		}
	}
	return due, nil
}

// provinces are where persons live, in their order; "" for unknown.
func (b *Book) provinces(ctx context.Context, persons []Person) ([]string, error) {
	all := make([]string, len(persons))
	if b.Places == nil {
		return all, nil
	}
	codes := make([]ids.PostalCode, len(persons))
	for i := range persons {
		codes[i] = persons[i].Postal
	}
	places, err := b.Places.ByCodes(ctx, codes)
	for i, at := range places {
		if at != nil {
			all[i] = at.Province
		}
	}
	return all, err
}

// announceTo announces the card to one who has none.
func announceTo(_ *store.Tx, p *Person) (bool, error) {
	if p.Card.State != NoCard || holder(p) != nil {
		return false, nil
	}
	p.Card.State = Announced
	return true, nil
}

// ending are those whose card ends on a day at the latest and who have not been
// told yet.
func (b *Book) ending(ctx context.Context, persons []Person, until persian.Date) (due []ids.NationalNumber, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		due = due[:0]
		for i := range persons {
			p := &persons[i]
			if p.Card.State != Issued && p.Card.State != Expired || p.Card.Valid.IsZero() || p.Card.Valid.Compare(until) > 0 || holder(p) != nil {
				continue
			}
			told, err := toldOfEnd(tx, p.Number)
			if err != nil {
				return err
			}
			if !told {
				due = append(due, p.Number)
			}
		}
		return nil
	})
	return due, err
}

func toldOfEnd(tx *store.Tx, n ids.NationalNumber) (bool, error) {
	all, err := cardsOf(tx, n)
	for i := range all {
		if all[i].at() == Issued && all[i].renewal != 0 {
			return true, err
		}
	}
	return false, err
}

// announceEnd notes that the holder was told of the end of his card: from now
// on he may apply for the next one.
func announceEnd(tx *store.Tx, p *Person, today persian.Date) (bool, error) {
	if p.Card.State != Issued || holder(p) != nil {
		return false, nil
	}
	k, err := inForce(tx, p)
	if err != nil || k.renewal != 0 {
		return false, err
	}
	k.renewal = int64(today.Pack())
	return true, k.save(tx)
}
