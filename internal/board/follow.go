package board

import (
	"context"
	"strconv"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Task is what the board wants to be done.
type Task struct {
	Decision    int64        `json:"decision"` // from which it follows; 0: none
	Text        string       `json:"text"`
	Responsible ids.LegalID  `json:"responsible"`
	Due         persian.Date `json:"due"`
}

// Follow registers a follow-up item. Faults: board.responsible if there is no
// such agency, board.decision.unknown, board.state if the decision is none yet.
func (b *Book) Follow(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Task) (*FollowUp, journal.Proven, error) {
	if err := register.Only(actor, register.Member); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	clean(&bad, &in.Text, "text", longText)
	bad.When(!in.Due.Precise(), "due", "board.day")
	bad.When(!b.c.Known(in.Responsible), "responsible", "board.responsible")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	f := &FollowUp{Decision: in.Decision, Text: in.Text, Responsible: in.Responsible, Due: in.Due}
	proven, err := b.do(ctx, j, actor, "board-follow-up", func(tx *store.Tx, c *register.Change) ([]byte, error) {
		m, err := b.Sitting(tx, actor)
		if err != nil {
			return nil, err
		}
		if f.Decision != 0 {
			switch d, err := decisionOf(tx, f.Decision); {
			case err != nil:
				return nil, err
			case d.State != Decided:
				return nil, fault.New(fault.Conflict, "board.state").At("decision")
			}
		}
		if f.ID, err = next(tx, followLast); err != nil {
			return nil, err
		}
		f.Made, f.Member = c.At.UTC(), m.ID
		f.late(b.today())
		_, err = tx.Exec(followInsert, f.ID, f.Decision, f.Text, int64(f.Responsible), int64(f.Due.Pack()), c.Micros(), f.Member, "", int64(0), int64(0), c.Act[:])
		return f.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return f, proven, nil
}

// Fulfilment says that something was done.
type Fulfilment struct {
	FollowUp int64        `json:"follow_up"`
	On       persian.Date `json:"on"`
	Evidence string       `json:"evidence"` // by what it is known
}

// Done closes a follow-up item. Faults: board.follow_up.unknown,
// board.follow_up.done, board.future.
func (b *Book) Done(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Fulfilment) (*FollowUp, journal.Proven, error) {
	if err := register.Only(actor, register.Member); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	clean(&bad, &in.Evidence, "evidence", longText)
	bad.When(!in.On.Precise(), "on", "board.day")
	bad.When(in.On.Compare(b.today()) > 0, "on", "board.future")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	var f FollowUp
	proven, err := b.do(ctx, j, actor, "board-follow-up-done", func(tx *store.Tx, c *register.Change) ([]byte, error) {
		m, err := b.Sitting(tx, actor)
		if err != nil {
			return nil, err
		}
		f = FollowUp{}
		if err := tx.Each(followByID, []any{in.FollowUp}, func(scan func(...any) error) (err error) {
			f, err = scanFollow(scan)
			return err
		}); err != nil {
			return nil, err
		}
		switch {
		case f.ID == 0:
			return nil, fault.New(fault.NotFound, "board.follow_up.unknown").At("follow_up")
		case !f.Done.IsZero():
			return nil, fault.New(fault.Conflict, "board.follow_up.done").At("follow_up")
		}
		f.Evidence, f.Done, f.Closer = in.Evidence, in.On, m.ID
		f.late(b.today())
		_, err = tx.Exec(followDone, f.Evidence, int64(f.Done.Pack()), f.Closer, c.Act[:], f.ID)
		return f.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return &f, proven, nil
}

// late counts the days after the last one, until it was done or until today.
func (f *FollowUp) late(today persian.Date) {
	if !f.Done.IsZero() {
		today = f.Done
	}
	f.Late = max(0, int(today.Days()-f.Due.Days()))
}

func (f *FollowUp) body() []byte {
	b := strconv.AppendInt([]byte(`"follow_up":{"id":`), f.ID, 10)
	if f.Decision != 0 {
		b = strconv.AppendInt(append(b, `,"decision":`...), f.Decision, 10)
	}
	b = receipt.AppendString(append(b, `,"text":`...), f.Text)
	b = append(append(append(b, `,"responsible":"`...), f.Responsible.String()...), '"')
	b = append(f.Due.AppendTo(append(b, `,"due":"`...)), '"')
	if !f.Done.IsZero() {
		b = append(f.Done.AppendTo(append(b, `,"done":"`...)), '"')
		b = receipt.AppendString(append(b, `,"evidence":`...), f.Evidence)
	}
	return append(b, '}')
}

// Following chooses follow-up items.
type Following struct {
	Overdue bool `json:"overdue"` // only open ones whose last day is over
	Page
}

// FollowUps lists follow-up items in the order of their registration.
func (b *Book) FollowUps(ctx context.Context, actor journal.Actor, in *Following) (all []FollowUp, err error) {
	if err := register.Only(actor, readers...); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	today := b.today()
	q, args := followList, []any{in.After, int64(in.Limit)}
	if in.Overdue {
		q, args = followOverdue, []any{in.After, int64(today.Pack()), int64(in.Limit)}
	}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(q, args, func(scan func(...any) error) error {
			f, err := scanFollow(scan)
			f.late(today)
			all = append(all, f)
			return err
		})
	})
	return all, err
}

func scanFollow(scan func(...any) error) (f FollowUp, err error) {
	var responsible, due, made, done int64
	err = scan(&f.ID, &f.Decision, &f.Text, &responsible, &due, &made, &f.Member, &f.Evidence, &done, &f.Closer)
	f.Responsible, f.Made = ids.LegalID(responsible), store.Moment(made)
	f.Due, f.Done = persian.UnpackDate(int32(due)), persian.UnpackDate(int32(done))
	return f, err
}
