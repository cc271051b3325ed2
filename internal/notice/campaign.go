package notice

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Order is what a campaign is made of.
type Order struct {
	Name   string `json:"name"`
	Choice Choice `json:"choice"`
}

// maxName is the longest name of a campaign, in letters.
const maxName = 100

func (o *Order) check() (err error) {
	if o.Name, err = persian.Display(o.Name); err != nil {
		return fault.Of(err).At("name")
	}
	if n := utf8.RuneCountInString(o.Name); n == 0 || n > maxName {
		return fault.New(fault.Invalid, "notice.name").At("name")
	}
	return o.Choice.check()
}

// Ordered is what became of an order.
type Ordered struct {
	Campaign int64 `json:"campaign,omitzero"` // 0: of a preview
	Job      int64 `json:"job"`
}

// Order orders a campaign; its letters are composed by a job. A list of persons
// must hold nobody to whom no letter can go.
func (b *Book) Order(ctx context.Context, j *journal.Journal, actor journal.Actor, o *Order) (Ordered, journal.Proven, error) {
	if err := b.mayOrder(ctx, actor, o); err != nil {
		return Ordered{}, journal.Proven{}, err
	}
	var done Ordered
	a := register.Act{Kind: receipt.Notice, Actor: actor, Why: "campaign", Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		if _, err := tx.One(campaignLast, nil, &done.Campaign); err != nil {
			return nil, err
		}
		done.Campaign++
		if done.Job, err = enqueue(tx, actor, task{Campaign: done.Campaign, Choice: o.Choice}, c.At); err != nil {
			return nil, err
		}
		choice, err := json.Marshal(o.Choice)
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(campaignInsert, done.Campaign, o.Name, string(choice), int64(Composing), done.Job, c.Micros(),
			c.Actor.Role, int64(c.Actor.Agency), c.Actor.ID, c.Act[:])
		return strconv.AppendInt([]byte(`"campaign":`), done.Campaign, 10), err
	})
	return done, proven, err
}

// Preview counts whom an order would choose, and writes nothing of it. The
// counts are the result of the job that it names.
func (b *Book) Preview(ctx context.Context, actor journal.Actor, o *Order) (Ordered, error) {
	if err := b.mayOrder(ctx, actor, o); err != nil {
		return Ordered{}, err
	}
	var done Ordered
	err := b.db.Write(ctx, func(tx *store.Tx) (err error) {
		done.Job, err = enqueue(tx, actor, task{Choice: o.Choice}, b.Clock())
		return err
	})
	return done, err
}

// Resume composes a campaign again whose job was cancelled or failed: who has a
// letter gets no other, and a job that still runs does no harm. Faults:
// notice.campaign.unknown, notice.composed.
func (b *Book) Resume(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) (Ordered, journal.Proven, error) {
	done := Ordered{Campaign: id}
	if err := register.Only(actor, register.Supervisor); err != nil {
		return done, journal.Proven{}, err
	}
	proven, err := b.act(ctx, j, actor, "resumed", func(tx *store.Tx, c *register.Change, _ tally) ([]byte, error) {
		of, err := campaign(tx, id)
		if err != nil {
			return nil, err
		}
		if of.State == Composed {
			return nil, fault.New(fault.Conflict, "notice.composed")
		}
		if done.Job, err = enqueue(tx, actor, task{Campaign: id, Choice: of.Choice}, c.At); err != nil {
			return nil, err
		}
		_, err = tx.Exec(campaignJob, done.Job, id)
		return strconv.AppendInt([]byte(`"campaign":`), id, 10), err
	})
	return done, proven, err
}

func (b *Book) mayOrder(ctx context.Context, actor journal.Actor, o *Order) error {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	if len(o.Choice.Numbers) == 0 {
		return nil
	}
	persons, err := b.persons.ByNumbers(ctx, o.Choice.Numbers)
	if err != nil {
		return err
	}
	places, err := b.homes(ctx, persons)
	if err != nil {
		return err
	}
	return listed(persons, places)
}

func enqueue(tx *store.Tx, actor journal.Actor, t task, at time.Time) (int64, error) {
	args, err := json.Marshal(t)
	if err != nil {
		return 0, err
	}
	return job.Enqueue(tx, actor, ComposeJob, args, at)
}

// Campaign is one campaign.
type Campaign struct {
	ID     int64         `json:"campaign"`
	Name   string        `json:"name"`
	Choice Choice        `json:"choice"`
	Listed int           `json:"listed,omitzero"` // how many persons its list names
	State  CampaignState `json:"state"`
	Job    int64         `json:"job"`
	Made   time.Time     `json:"made"`
	By     journal.Actor `json:"-"`
}

// shown is the campaign as staff see it: whom its list names is not told along
// with how far it is.
func (c Campaign) shown() Campaign {
	c.Listed = len(c.Choice.Numbers)
	c.Choice.Numbers = nil
	return c
}

var errCampaign = fault.New(fault.NotFound, "notice.campaign.unknown").At("campaign")

// campaign reads a campaign. Fault: notice.campaign.unknown.
func campaign(tx *store.Tx, id int64) (c *Campaign, err error) {
	err = tx.Each(campaignByID, []any{id}, func(scan func(...any) error) (err error) {
		c, err = scanCampaign(scan)
		return err
	})
	if err == nil && c == nil {
		err = errCampaign
	}
	return c, err
}

func scanCampaign(scan func(...any) error) (*Campaign, error) {
	c := &Campaign{}
	var choice string
	var state, made, agency int64
	if err := scan(&c.ID, &c.Name, &choice, &state, &c.Job, &made, &c.By.Role, &agency, &c.By.ID); err != nil {
		return nil, err
	}
	c.State, c.Made, c.By.Agency = CampaignState(state), time.UnixMicro(made).UTC(), ids.LegalID(agency)
	return c, json.Unmarshal([]byte(choice), &c.Choice)
}

// Campaigns lists at most n campaigns, newest first, that are older than the
// campaign before; 0 begins with the newest.
func (b *Book) Campaigns(ctx context.Context, actor journal.Actor, before int64, n int) (all []Campaign, err error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor, register.Printer, register.Post); err != nil {
		return nil, err
	}
	if before <= 0 {
		before = 1 << 62
	}
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = []Campaign{}
		return tx.Each(campaignList, []any{before, int64(n)}, func(scan func(...any) error) error {
			c, err := scanCampaign(scan)
			if err == nil {
				all = append(all, c.shown())
			}
			return err
		})
	})
	return all, err
}
