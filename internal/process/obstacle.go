package process

import (
	"context"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Obstacle is what stands in the way of giving up copies: a law, a rule, a form
// (circular, art. 1b).
type Obstacle struct {
	ID       int64        `json:"obstacle"`
	Agency   ids.LegalID  `json:"agency"`
	Process  string       `json:"process,omitempty"` // "": all of the agency's
	Text     string       `json:"text"`
	Owner    string       `json:"owner"` // the office that removes it, never a person's name
	Due      persian.Date `json:"due"`
	First    persian.Date `json:"first_due"` // the day that was given first
	State    string       `json:"state"`     // open or removed
	Overdue  bool         `json:"overdue"`
	Made     time.Time    `json:"made"`
	Removed  time.Time    `json:"removed,omitzero"`
	Evidence string       `json:"evidence,omitempty"` // that it is gone
}

// States of obstacles.
const (
	obstacleOpen    = "open"
	obstacleRemoved = "removed"
)

func (b *Book) scanObstacle(scan func(...any) error) (*Obstacle, error) {
	o := &Obstacle{State: obstacleOpen}
	var of, due, first, made, removed int64
	err := scan(&o.ID, &of, &o.Process, &o.Text, &o.Owner, &due, &first, &made, &removed, &o.Evidence)
	o.Agency, o.Due, o.First = ids.LegalID(of), persian.UnpackDate(int32(due)), persian.UnpackDate(int32(first))
	o.Made = time.UnixMicro(made).UTC()
	if removed != 0 {
		o.State, o.Removed = obstacleRemoved, time.UnixMicro(removed).UTC()
	}
	o.Overdue = removed == 0 && o.Due.Compare(persian.DateOf(b.c.Clock())) < 0
	return o, err
}

// Hindrance is an obstacle as the agency's highest officer registers or changes it.
type Hindrance struct {
	ID      int64        `json:"obstacle"` // 0: a new one
	Process string       `json:"process"`
	Text    string       `json:"text"`
	Owner   string       `json:"owner"`
	Due     persian.Date `json:"due"`
}

// PutObstacle registers an obstacle, or changes one that stands; the day that
// was given first is kept. Faults: process.unknown, process.obstacle,
// process.removed, process.due.
func (b *Book) PutObstacle(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Hindrance) (*Obstacle, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	if p, ok := b.Find(actor.Agency, in.Process); in.Process != "" && (!ok || p.Ended) {
		bad.Add("", errUnknown)
	}
	bad.Add("", text(&in.Text, "text"))
	bad.Add("", text(&in.Owner, "owner"))
	bad.When(!in.Due.Precise() || in.Due.Compare(persian.DateOf(b.c.Clock())) < 0, "due", "process.due")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.obstacle(ctx, j, actor, "obstacle", in.ID, func(tx *store.Tx, c *register.Change, o *Obstacle) error {
		o.Process, o.Text, o.Owner, o.Due = in.Process, in.Text, in.Owner, in.Due
		if o.ID != 0 {
			_, err := tx.Exec(obstacleUpdate, o.Process, o.Text, o.Owner, int64(o.Due.Pack()), o.ID)
			return err
		}
		if _, err := tx.One(obstacleLast, nil, &o.ID); err != nil {
			return err
		}
		o.ID++
		o.Agency, o.First, o.Made, o.State = actor.Agency, in.Due, c.At, obstacleOpen
		_, err := tx.Exec(obstacleInsert, o.ID, int64(o.Agency), o.Process, o.Text, o.Owner, int64(o.Due.Pack()), int64(o.First.Pack()), c.Micros(), int64(0), "")
		return err
	})
}

// Removal says that an obstacle is gone, and what shows it.
type Removal struct {
	ID       int64  `json:"obstacle"`
	Evidence string `json:"evidence"`
}

// Remove marks an obstacle as gone. Faults: process.obstacle, process.removed.
func (b *Book) Remove(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Removal) (*Obstacle, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.When(in.ID == 0, "obstacle", "process.missing")
	bad.Add("", text(&in.Evidence, "evidence"))
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.obstacle(ctx, j, actor, "obstacle-removed", in.ID, func(tx *store.Tx, c *register.Change, o *Obstacle) error {
		o.State, o.Overdue, o.Removed, o.Evidence = obstacleRemoved, false, c.At, in.Evidence
		_, err := tx.Exec(obstacleRemove, c.Micros(), o.Evidence, o.ID)
		return err
	})
}

// obstacle changes one of the actor's agency that stands; 0 is a new one.
func (b *Book) obstacle(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, id int64, change func(*store.Tx, *register.Change, *Obstacle) error) (*Obstacle, journal.Proven, error) {
	var made *Obstacle
	proven, err := b.do(ctx, j, actor, why, actor.Agency, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		made = &Obstacle{}
		if id != 0 {
			made = nil
			err := tx.Each(obstacleByID, []any{id}, func(scan func(...any) error) (err error) {
				made, err = b.scanObstacle(scan)
				return err
			})
			switch {
			case err != nil:
				return nil, err
			case made == nil || made.Agency != actor.Agency:
				return nil, fault.New(fault.NotFound, "process.obstacle").At("obstacle")
			case made.State == obstacleRemoved:
				return nil, fault.New(fault.Conflict, "process.removed").At("obstacle")
			}
		}
		err := change(tx, c, made)
		return made.appendBody(nil), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return made, proven, nil
}

// appendBody is what the journal says of an obstacle.
func (o *Obstacle) appendBody(b []byte) []byte {
	b = strconv.AppendInt(append(b, `"obstacle":{"id":`...), o.ID, 10)
	b = append(append(append(b, `,"agency":"`...), o.Agency.String()...), '"')
	if o.Process != "" {
		b = append(append(append(b, `,"process":"`...), o.Process...), '"')
	}
	b = receipt.AppendString(append(b, `,"text":`...), o.Text)
	b = receipt.AppendString(append(b, `,"owner":`...), o.Owner)
	b = append(append(b, `,"due":"`...), o.Due.String()...)
	b = append(append(append(b, `","state":"`...), o.State...), '"')
	if o.Evidence != "" {
		b = receipt.AppendString(append(b, `,"evidence":`...), o.Evidence)
	}
	return append(b, '}')
}

// ObstacleFilter chooses obstacles.
type ObstacleFilter struct {
	Agency  ids.LegalID `json:"agency"`  // 0: the actor's own; of those who see all: all
	Process string      `json:"process"` // of this process alone; "": any
	State   string      `json:"state"`   // open or removed; "": both
	Overdue bool        `json:"overdue"` // only those that stand after their day
	Order   string      `json:"order"`   // "": as registered; newest: the newest first; due: the nearest day first
	After   int64       `json:"after"`   // the last one of the page before
	Limit   int         `json:"limit"`   // at most 1000; 0: 100
}

// ListObstacles is Obstacles for one who asks: to an agency's own people its
// own. Faults: process.limit, process.obstacle.state, agency.unknown.
func (b *Book) ListObstacles(ctx context.Context, actor journal.Actor, f *ObstacleFilter) ([]Obstacle, error) {
	whose, err := of(actor, f.Agency)
	if err != nil {
		return nil, err
	}
	mine := *f
	mine.Agency = whose
	return b.Obstacles(ctx, &mine)
}

// Orders of obstacles.
const (
	ByNewest = "newest"
	ByDue    = "due"
)

// Obstacles lists obstacles.
func (b *Book) Obstacles(ctx context.Context, f *ObstacleFilter) ([]Obstacle, error) {
	limit, err := page(f.Limit)
	if err != nil {
		return nil, err
	}
	if f.State != "" && f.State != obstacleOpen && f.State != obstacleRemoved {
		return nil, fault.New(fault.Invalid, "process.obstacle.state").At("state")
	}
	order, known := obstacleOrders[f.Order]
	if !known {
		return nil, fault.New(fault.Invalid, "process.obstacle.order").At("order")
	}
	q, args := obstacleLists.Page(order, f.After, limit, store.If(f.Agency != 0, int64(f.Agency)), store.If(f.Process != "", f.Process),
		store.If(f.State == obstacleOpen || f.Overdue), store.If(f.State == obstacleRemoved),
		store.If(f.Overdue, int64(persian.DateOf(b.c.Clock()).Pack())))
	all := []Obstacle{}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		if err := f.place(tx); err != nil {
			return err
		}
		return tx.Each(q, args, func(scan func(...any) error) error {
			o, err := b.scanObstacle(scan)
			if err == nil {
				all = append(all, *o)
			}
			return err
		})
	})
	return all, err
}

// place refuses to go on behind an obstacle that is not the agency's, in the order
// that would tell when it is due.
func (f *ObstacleFilter) place(tx *store.Tx) error {
	if f.Order != ByDue || f.Agency == 0 || f.After == 0 {
		return nil
	}
	var agency int64
	if _, err := tx.One(obstacleAgency, []any{f.After}, &agency); err != nil {
		return err
	}
	if agency != int64(f.Agency) {
		return fault.New(fault.NotFound, "process.obstacle").At("after")
	}
	return nil
}
