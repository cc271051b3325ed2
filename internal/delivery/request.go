package delivery

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Request is what an agency's highest officer asks for.
type Request struct {
	register.Grounds          // why the agency covers these persons
	Purpose          string   `json:"purpose"`
	Fields           []string `json:"fields"`    // at most the nine items of law B.5
	Method           string   `json:"method"`    // terminal, media or api
	Distinct         bool     `json:"distinct"`  // declared: no two rows are of one person
	Coverage         string   `json:"coverage"`  // declared, provinces or follows
	Provinces        []string `json:"provinces"` // of provinces: which
}

// service is what an agreement must permit.
const (
	service = "delivery"
	mode    = "disclose"
	fileKey = "file"

	mostProvinces = 40
)

func (in *Request) check(approved []string) error {
	var bad fault.List
	bad.Add("", in.Check())
	bad.When(in.Purpose == "", "purpose", "delivery.missing")
	bad.When(len(in.Fields) == 0, "fields", "delivery.missing")
	for i, f := range in.Fields {
		bad.When(!slices.Contains(Items, f), "fields", "delivery.item")
		bad.When(slices.Contains(in.Fields[:i], f), "fields", "delivery.twice")
	}
	switch {
	case !slices.Contains([]string{Terminal, Media, API}, in.Method):
		bad.When(true, "method", "delivery.word")
	case !slices.Contains(approved, in.Method):
		bad.When(true, "method", "delivery.method")
	}
	switch in.Coverage {
	case Declared, Follows:
		bad.When(len(in.Provinces) > 0, "provinces", "delivery.provinces.declared")
	case Provinces:
		bad.When(len(in.Provinces) == 0 || len(in.Provinces) > mostProvinces, "provinces", "delivery.provinces")
	default:
		bad.When(true, "coverage", "delivery.word")
	}
	for i, p := range in.Provinces {
		name, err := persian.Display(p)
		if err != nil || name == "" || len(name) > 100 || slices.Contains([]byte(name), '|') {
			bad.When(true, "provinces", "delivery.provinces")
			break
		}
		in.Provinces[i] = name
	}
	return bad.Err()
}

// Items are what can be delivered (law B.5), in the order of results.
var Items = []string{
	"national_number", "given_name", "surname", "father_name", "birth_date",
	"shenasnameh_number", "shenasnameh_serial", "issue_place", "postal_code",
}

// Request registers an agency's request. Faults: delivery.agreement if no
// clause in force permits it, and those of a bad request.
func (b *Book) Request(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Request) (*Delivery, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.check(b.methods()); err != nil {
		return nil, journal.Proven{}, err
	}
	d := &Delivery{
		Agency: actor.Agency, State: Requested, Purpose: in.Purpose, Method: in.Method, Distinct: in.Distinct, Coverage: in.Coverage,
		Provinces: in.Provinces, Grounds: in.Grounds, Officer: actor.ID, Requested: b.c.Clock().Truncate(time.Microsecond),
	}
	for _, item := range Items { // in the order of results
		if slices.Contains(in.Fields, item) {
			d.Fields = append(d.Fields, item)
		}
	}
	if _, err := b.permit(d); err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Delivery, Actor: actor, Why: "delivery-requested", Agency: d.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		if err := d.insert(tx); err != nil {
			return nil, err
		}
		return d.request(), nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return d, proven, b.tell(ctx, d)
}

// request is what the journal says of a request: all that was asked for.
func (d *Delivery) request() []byte {
	b := append(d.body(), `,"purpose":`...)
	b = receipt.AppendString(b, d.Purpose)
	b = appendList(append(b, `,"fields":`...), d.Fields)
	b = receipt.AppendString(append(b, `,"method":`...), d.Method)
	b = receipt.AppendString(append(b, `,"coverage":`...), d.Coverage)
	if len(d.Provinces) > 0 {
		b = appendList(append(b, `,"provinces":`...), d.Provinces)
	}
	return receipt.AppendString(append(b, `,"document":`...), d.Document)
}

func appendList(b []byte, words []string) []byte {
	b = append(b, '[')
	for i, w := range words {
		if i > 0 {
			b = append(b, ',')
		}
		b = receipt.AppendString(b, w)
	}
	return append(b, ']')
}

// permit finds the clause that permits the delivery at this moment, and writes
// it into d. The fault delivery.agreement says why there is none.
func (b *Book) permit(d *Delivery) (*agreement.Clause, error) {
	in, ok := b.c.Agreements.InForce(d.Agency, b.c.Clock())
	if !ok {
		return nil, fault.New(fault.Forbidden, "delivery.agreement", "[agreement.none]")
	}
	clause, refusal := in.Permit(agreement.Asked{Service: service, Mode: mode, Key: fileKey, Fields: d.Fields, Purpose: d.Purpose})
	if refusal != nil {
		return nil, fault.New(fault.Forbidden, "delivery.agreement", "["+refusal.Reason+"]")
	}
	d.Agreement, d.Version, d.Clause = in.ID, in.Version, clause.No
	return clause, nil
}

// Priority approves one delivery.
type Priority struct {
	Delivery int64 `json:"delivery"`
	Priority int   `json:"priority"` // 1 is first; the place in the board's order of agencies overrules it
	register.Grounds
}

const lastPriority = 1000

// Prioritise approves a delivery with a priority, or changes the priority of
// one that does not run yet. Where the board has put agencies in order, the
// queue follows that first, as it is decided when a delivery's turn comes.
func (b *Book) Prioritise(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Priority) (*Delivery, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.Add("", in.Check())
	bad.When(in.Priority < 1 || in.Priority > lastPriority, "priority", "delivery.priority")
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "delivery-prioritised", in.Delivery, func(_ *store.Tx, c *register.Change, d *Delivery) error {
		if d.State != Requested && d.State != Approved && d.State != Queued {
			return errState
		}
		if d.State == Requested {
			d.State, d.Decided = Approved, c.At
		}
		d.Priority = in.Priority
		return nil
	})
}

// Refusal turns a request down.
type Refusal struct {
	Delivery int64 `json:"delivery"`
	register.Grounds
}

// Refuse refuses a delivery that has not begun; the agency sees the reason.
func (b *Book) Refuse(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Refusal) (*Delivery, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "delivery-refused", in.Delivery, func(_ *store.Tx, c *register.Change, d *Delivery) error {
		if d.State != Requested && d.State != Approved && d.State != Queued {
			return errState
		}
		d.State, d.Decided, d.Ended, d.Note = Refused, c.At, c.At, in.Reason
		return nil
	})
}

// Starting begins a delivery.
type Starting struct {
	Delivery int64 `json:"delivery"`
	Reading        // how its columns are read, as the preview showed it
}

// Start puts an approved delivery, whose file is there, into the queue. One
// whose job was cancelled or failed is started again and goes on where it was.
func (b *Book) Start(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Starting) (*Delivery, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	d, err := b.own(ctx, actor, in.Delivery)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	ended, err := b.ended(ctx, d)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	if d.State == Approved {
		if _, err := b.preview(d, &in.Reading); err != nil {
			return nil, journal.Proven{}, err
		}
	}
	return b.act(ctx, j, actor, "delivery-started", in.Delivery, func(tx *store.Tx, c *register.Change, d *Delivery) error {
		unfinished := d.State == Queued || d.State == Running || d.unpacked()
		switch {
		case d.State == Requested:
			return fault.New(fault.Conflict, "delivery.not_approved")
		case d.State != Approved && !(ended && unfinished):
			return errState
		case d.SHA256 == "":
			return errNoFile
		}
		if d.Method == Media {
			if _, err := recipient(tx, d.Agency); err != nil {
				return err
			}
		}
		if _, err := b.permit(d); err != nil {
			return err
		}
		if d.State == Approved {
			d.reading, d.Queued = in.Reading, c.At
		}
		if d.State != Delivered {
			d.State = Queued
		}
		args, err := json.Marshal(Of{d.ID})
		if err != nil {
			return err
		}
		d.Job, err = job.Enqueue(tx, actor, jobKind(d.node), args, c.At)
		return err
	})
}

// ended reports whether the delivery's job is over, without having done it.
func (b *Book) ended(ctx context.Context, d *Delivery) (bool, error) {
	if d.Job == 0 {
		return false, nil
	}
	j, found, err := b.c.Jobs.ByID(ctx, d.Job)
	return err == nil && (!found || j.State.Ended()), err
}

// Withdraw takes a delivery back that has not been delivered. What was answered
// so far stays in the journal; nothing of it can be fetched.
func (b *Book) Withdraw(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Of) (*Delivery, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	return b.act(ctx, j, actor, "delivery-withdrawn", in.Delivery, func(_ *store.Tx, c *register.Change, d *Delivery) error {
		switch d.State {
		case Requested, Approved, Queued, Running:
		default:
			return errState
		}
		d.State, d.Ended = Withdrawn, c.At
		return nil
	})
}
