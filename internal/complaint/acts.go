package complaint

import (
	"context"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Reply is the agency's answer.
type Reply struct {
	ID   int64  `json:"complaint"`
	Text string `json:"text"`
}

// Answer is the agency's own: its highest officer says what he has found and
// done. He may until the inspector has judged; what comes after the deadline
// counts as late. Faults: complaint.unknown, complaint.state.
func (b *Book) Answer(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reply) (*Complaint, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := said(&in.Text, "text", maxText, true); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "answered", in.ID, in.Text, func(c *Complaint, ch *register.Change) error {
		if c.State != Opened && c.State != Answered {
			return fault.New(fault.Conflict, "complaint.state")
		}
		c.State, c.Answered = Answered, ch.At
		return nil
	})
}

// Judgement is what an inspector makes of a report.
type Judgement struct {
	ID       int64  `json:"complaint"`
	Decision string `json:"decision"` // upheld, rejected; of one that is held also admit
	Reason   string `json:"reason"`
}

// Judge ends a report, or lets one in that was held. Nobody judges reports
// against his own body, nor again one that was opened again. Faults:
// complaint.unknown, complaint.early (the agency still has time to answer),
// complaint.own, complaint.judge, complaint.state.
func (b *Book) Judge(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Judgement) (*Complaint, journal.Proven, error) {
	if err := register.Only(actor, register.Inspector); err != nil {
		return nil, journal.Proven{}, err
	}
	what := in.Decision
	switch what {
	case "admit":
		what = "admitted"
	case Upheld.String(), Rejected.String():
	default:
		return nil, journal.Proven{}, fault.New(fault.Invalid, "complaint.word").At("decision")
	}
	if err := said(&in.Reason, "reason", maxText, true); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, what, in.ID, in.Reason, func(c *Complaint, ch *register.Change) error {
		if c.Agency == actor.Agency {
			return fault.New(fault.Forbidden, "complaint.own")
		}
		return b.judge(c, ch, what)
	})
}

func (b *Book) judge(c *Complaint, ch *register.Change, what string) error {
	switch {
	case c.State.judged(), (what == "admitted") != (c.State == Held) && what != Rejected.String():
		return fault.New(fault.Conflict, "complaint.state")
	case what == "admitted":
		c.State, c.Deadline = Opened, b.due(ch.At)
		return nil
	case c.State == Opened && !c.Late:
		return fault.New(fault.Conflict, "complaint.early")
	case c.Reopened > 0 && c.judge == judge(ch.Actor):
		return fault.New(fault.Forbidden, "complaint.judge")
	}
	c.Judged, c.judge = ch.At, judge(ch.Actor)
	if c.State = Rejected; what == Upheld.String() {
		c.State = Upheld
	}
	return nil
}

// judge names an inspector among those of all bodies.
func judge(a journal.Actor) string { return a.Agency.String() + "/" + a.ID }

// act performs an act on one report. To an agency's officer, those about other
// agencies are not there, nor those that are held.
func (b *Book) act(ctx context.Context, j *journal.Journal, actor journal.Actor, what string, id int64, text string, change func(*Complaint, *register.Change) error) (*Complaint, journal.Proven, error) {
	var about ids.LegalID
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		c, err := b.read(tx, id)
		if err == nil && !c.visible(actor) {
			err = errUnknown
		}
		if err == nil {
			about = c.Agency
		}
		return err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	var c *Complaint
	a := register.Act{Kind: receipt.Complaint, Actor: actor, Why: "complaint-" + what, Agency: about, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, ch *register.Change) (_ []byte, err error) {
		if c, err = b.read(tx, id); err != nil {
			return nil, err
		}
		if err = change(c, ch); err != nil {
			return nil, err
		}
		if err = write(tx, c, what, text, ch); err != nil {
			return nil, err
		}
		if err = steps(tx, c); err != nil {
			return nil, err
		}
		return c.body(), b.forget(tx)
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return b.shownTo(actor, c), proven, nil
}

// Key is what the citizen shows: the tracking code of his report, and the
// secret that goes with it.
type Key struct {
	Code   ids.TrackingCode `json:"tracking_code"`
	Secret string           `json:"secret"`
}

// errFollow is the one answer to whoever has not both.
var errFollow = fault.New(fault.NotFound, "complaint.follow")

// Followed is a report as its citizen sees it: no officer is named.
type Followed struct {
	Complaint
	Message    Message      `json:"message"`
	Reopenable persian.Date `json:"reopen_until,omitzero"` // last day on which he may have it opened again
}

// Follow shows the citizen how his report stands. Fault: complaint.follow.
func (b *Book) Follow(ctx context.Context, j *journal.Journal, k *Key) (*Followed, error) {
	id, first, err := b.admit(ctx, j, k)
	if err != nil {
		return nil, err
	}
	var c *Complaint
	err = b.db.Read(ctx, func(tx *store.Tx) (err error) {
		if c, err = b.read(tx, id); err == nil {
			err = steps(tx, c)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return b.followed(c, first), nil
}

// followed is a report as one sees it who has filed it, first or after others.
func (b *Book) followed(c *Complaint, first bool) *Followed {
	f := &Followed{Complaint: *c, Message: b.message(c)}
	f.ID, f.Code, f.Contact, f.Copies = 0, "", "", 0
	for i := range f.Steps {
		f.Steps[i].Officer = ""
	}
	if c.reopens(first) && c.Reopened == 0 && c.reopenable().Compare(b.today()) >= 0 {
		f.Reopenable = c.reopenable()
	}
	return f
}

// reopens reports whether it can be opened again by who reported the same. One
// that was upheld only by who filed it first: else the accused, who reads it,
// could report the same and take the judgement away.
func (c *Complaint) reopens(first bool) bool {
	return c.State == Rejected || c.State == Upheld && first
}

// Reopening is why the citizen wants it opened again.
type Reopening struct {
	Key
	Text string `json:"text"`
}

// Reopen opens a report again that was judged: once, within thirty days. The
// agency is heard again, and another inspector judges. Faults:
// complaint.follow, complaint.state, complaint.reopened, complaint.reopen.
func (b *Book) Reopen(ctx context.Context, j *journal.Journal, in *Reopening) (*Followed, journal.Proven, error) {
	id, first, err := b.admit(ctx, j, &in.Key)
	if err == nil {
		err = said(&in.Text, "text", maxText, true)
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	c, proven, err := b.act(ctx, j, anyone, "reopened", id, in.Text, func(c *Complaint, ch *register.Change) error {
		switch {
		case !c.reopens(first):
			return fault.New(fault.Conflict, "complaint.state")
		case c.Reopened > 0:
			return fault.New(fault.Conflict, "complaint.reopened")
		case c.reopenable().Compare(persian.DateOf(ch.At)) < 0:
			return fault.New(fault.Conflict, "complaint.reopen")
		}
		c.State, c.Deadline, c.Answered, c.Reopened = Opened, b.due(ch.At), store.Moment(0), c.Reopened+1
		return nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return b.followed(c, first), proven, nil
}
