package delivery

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

var (
	errUnknown = fault.New(fault.NotFound, "delivery.unknown").At("delivery")
	errState   = fault.New(fault.Conflict, "delivery.state")
	errRows    = fault.New(fault.Internal, "delivery.rows") // journal and rows do not fit
)

func scanDelivery(scan func(...any) error) (*Delivery, error) {
	d := &Delivery{}
	var agency, state, distinct, requested, decided, queued, linked, delivered, ended, acknowledged, purged int64
	var fields, provinces, reading string
	var file []byte
	err := scan(&d.ID, &agency, &state, &d.Purpose, &fields, &d.Method, &distinct, &d.Coverage, &provinces, &d.Reason, &d.Document,
		&d.Agreement, &d.Version, &d.Clause, &d.Officer, &requested, &d.Priority, &decided, &d.Note, &d.Format, &reading, &file,
		&d.Size, &d.node, &d.Job, &queued, &linked, &d.Rows, &d.Answered, &d.report, &delivered, &d.act, &d.manifest, &d.pack,
		&ended, &acknowledged, &purged)
	if err != nil {
		return nil, err
	}
	d.Agency, d.State, d.Distinct = ids.LegalID(agency), State(state), distinct == 1
	d.Fields, d.SHA256 = strings.Fields(fields), hex.EncodeToString(file)
	if provinces != "" {
		d.Provinces = strings.Split(provinces, "|")
	}
	if reading != "" {
		err = json.Unmarshal([]byte(reading), &d.reading)
	}
	for at, micros := range map[*time.Time]int64{
		&d.Requested: requested, &d.Decided: decided, &d.Queued: queued, &d.Linked: linked, &d.Delivered: delivered,
		&d.Ended: ended, &d.Acknowledged: acknowledged, &d.Purged: purged,
	} {
		*at = store.Moment(micros)
	}
	return d, err
}

// insert writes the first row of a delivery and gives it its number.
func (d *Delivery) insert(tx *store.Tx) error {
	if _, err := tx.One(deliveryLast, nil, &d.ID); err != nil {
		return err
	}
	d.ID++
	_, err := tx.Exec(deliveryInsert, d.ID, int64(d.Agency), int64(d.State), d.Purpose, strings.Join(d.Fields, " "), d.Method, d.Distinct,
		d.Coverage, strings.Join(d.Provinces, "|"), d.Reason, d.Document, d.Agreement, int64(d.Version), int64(d.Clause), d.Officer,
		store.Micros(d.Requested), int64(0), int64(0), "", "", "", []byte{}, int64(0), "", int64(0), int64(0), int64(0), int64(0), int64(0), "",
		int64(0), []byte{}, "", "", int64(0), int64(0), int64(0))
	return err
}

// put writes what may change of a delivery.
func (d *Delivery) put(tx *store.Tx) error {
	reading, err := json.Marshal(d.reading)
	if err != nil {
		return err
	}
	file, err := hex.DecodeString(d.SHA256)
	if err != nil {
		return err
	}
	if d.act == nil {
		d.act = []byte{}
	}
	_, err = tx.Exec(deliveryPut, int64(d.State), int64(d.Priority), store.Micros(d.Decided), d.Note, d.Format, string(reading), file,
		d.Size, d.node, d.Job, store.Micros(d.Queued), store.Micros(d.Linked), d.Rows, d.Answered, d.report,
		store.Micros(d.Delivered), d.act, d.manifest, d.pack, store.Micros(d.Ended), store.Micros(d.Acknowledged), store.Micros(d.Purged), d.ID)
	return err
}

// byID reads a delivery. Fault: delivery.unknown.
func byID(tx *store.Tx, id int64) (d *Delivery, err error) {
	err = tx.Each(deliveryByID, []any{id}, func(scan func(...any) error) (err error) {
		d, err = scanDelivery(scan)
		return err
	})
	if err == nil && d == nil {
		err = errUnknown
	}
	return d, err
}

// ByID reads a delivery. Fault: delivery.unknown.
func (b *Book) ByID(ctx context.Context, id int64) (d *Delivery, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		d, err = byID(tx, id)
		return err
	})
	return d, err
}

// staff may see every delivery, an agency's people their own.
func staff(a journal.Actor) bool { return a.Role == register.Clerk || a.Role == register.Supervisor }

// own reads a delivery for somebody who may see it: another agency's is
// unknown to him.
func (b *Book) own(ctx context.Context, actor journal.Actor, id int64) (*Delivery, error) {
	d, err := b.ByID(ctx, id)
	if err == nil && !staff(actor) && d.Agency != actor.Agency {
		err = errUnknown
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// agencies' people who work with deliveries; only the head decides.
var everyone = []string{agency.RoleHead, agency.RoleOfficer, agency.RoleProgrammer, register.Clerk, register.Supervisor}

// Of names a delivery.
type Of struct {
	Delivery int64 `json:"delivery"`
}

// Filter chooses deliveries.
type Filter struct {
	State  State       `json:"state"`  // 0: any
	Agency ids.LegalID `json:"agency"` // 0: any; an agency's officers see their own alone
	Newest bool        `json:"newest"` // the newest first
	After  int64       `json:"after"`  // the last of the page before
	Limit  int         `json:"limit"`  // at most 1000; 0: 100
}

const (
	usualPage = 100
	mostPage  = 1000
)

// Find tells how one delivery stands.
func (b *Book) Find(ctx context.Context, actor journal.Actor, in *Of) (*Delivery, error) {
	if err := register.Only(actor, everyone...); err != nil {
		return nil, err
	}
	d, err := b.own(ctx, actor, in.Delivery)
	if err != nil {
		return nil, err
	}
	return d, b.tell(ctx, d)
}

// List lists deliveries in order of request, or the newest first.
func (b *Book) List(ctx context.Context, actor journal.Actor, f *Filter) (all []Delivery, err error) {
	if err := register.Only(actor, everyone...); err != nil {
		return nil, err
	}
	limit := f.Limit
	switch {
	case limit == 0:
		limit = usualPage
	case limit < 0 || limit > mostPage:
		return nil, fault.New(fault.Invalid, "delivery.limit").At("limit")
	}
	of := f.Agency
	if !staff(actor) {
		of = actor.Agency
	}
	q, args := deliveryLists.Page(store.ByID(f.Newest), f.After, limit, store.If(of != 0, int64(of)), store.If(f.State != 0, int64(f.State)))
	if err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(q, args, func(scan func(...any) error) error {
			d, err := scanDelivery(scan)
			if err == nil {
				all = append(all, *d)
			}
			return err
		})
	}); err != nil {
		return nil, err
	}
	for i := range all {
		if err := b.tell(ctx, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Counts is how many deliveries there are in each state, of the actor's agency
// or, for the registry's people, of all.
func (b *Book) Counts(ctx context.Context, actor journal.Actor) (map[State]int64, error) {
	if err := register.Only(actor, everyone...); err != nil {
		return nil, err
	}
	q, args := deliveryCount, []any{}
	if !staff(actor) {
		q, args = deliveryCountOf, []any{int64(actor.Agency)}
	}
	n := map[State]int64{}
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		clear(n)
		return tx.Each(q, args, func(scan func(...any) error) error {
			var state, count int64
			err := scan(&state, &count)
			n[State(state)] = count
			return err
		})
	})
	return n, err
}

// tell adds to a delivery what follows from the clock, the rules and its job.
func (b *Book) tell(ctx context.Context, d *Delivery) error {
	d.Rank = b.rank(d.Agency)
	if entry := b.entry(); !entry.IsZero() {
		d.Due = entry.AddMonths(dueMonths)
		d.Late = late(d.Due, d.Delivered, b.c.Clock())
	}
	if d.Job == 0 || d.State == Acknowledged {
		return nil
	}
	j, found, err := b.c.Jobs.ByID(ctx, d.Job)
	if err == nil && found {
		d.JobState, d.JobFault, d.Done, d.Total = j.State.String(), j.Fault, j.Done, j.Total
		d.Rest = int64(j.Rest(time.Now()) / time.Second) // jobs have their own clock
	}
	return err
}

// act performs an act on one delivery as it stands now: change sets its new
// state. The agency's own people act on their own deliveries alone.
func (b *Book) act(ctx context.Context, j *journal.Journal, actor journal.Actor, why string, id int64, change func(*store.Tx, *register.Change, *Delivery) error) (*Delivery, journal.Proven, error) {
	d, err := b.own(ctx, actor, id)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Delivery, Actor: actor, Why: why, Agency: d.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		if d, err = byID(tx, id); err != nil {
			return nil, err
		}
		if err := change(tx, c, d); err != nil {
			return nil, err
		}
		return d.body(), d.put(tx)
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return d, proven, b.tell(ctx, d)
}

// body is what the journal says of a delivery in every act on it.
func (d *Delivery) body() []byte {
	b := strconv.AppendInt([]byte(`"delivery":{"id":`), d.ID, 10)
	b = append(append(append(b, `,"agency":"`...), d.Agency.String()...), '"')
	b = append(append(append(b, `,"state":"`...), d.State.String()...), '"')
	b = d.appendPermission(b)
	if d.Priority != 0 {
		b = strconv.AppendInt(append(b, `,"priority":`...), int64(d.Priority), 10)
	}
	if d.Note != "" {
		b = receipt.AppendString(append(b, `,"note":`...), d.Note)
	}
	if d.SHA256 != "" {
		b = append(append(append(b, `,"sha256":"`...), d.SHA256...), '"')
	}
	return append(b, '}')
}

// appendPermission says what permits the delivery.
func (d *Delivery) appendPermission(b []byte) []byte {
	b = strconv.AppendInt(append(b, `,"agreement":{"id":`...), d.Agreement, 10)
	b = strconv.AppendInt(append(b, `,"version":`...), int64(d.Version), 10)
	return append(strconv.AppendInt(append(b, `,"clause":`...), int64(d.Clause), 10), '}')
}

// RowsFrom reads at most n rows of a delivery from number no on.
func (b *Book) RowsFrom(ctx context.Context, delivery, no int64, n int) (all []Row, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all, err = rowsOf(tx, delivery, no, n)
		return err
	})
	return all, err
}

func rowsOf(tx *store.Tx, delivery, no int64, n int) (all []Row, err error) {
	err = tx.Each(rowsFrom, []any{delivery, no, int64(n)}, func(scan func(...any) error) error {
		var r Row
		var of, status, subject, weight, probability, differs, variants, padded int64
		err := scan(&of, &r.No, &r.Line, &status, &subject, &r.Version, &weight, &probability, &differs, &variants, &padded, &r.Twin, &r.Code)
		r.Status, r.Subject = linkage.Status(status), ids.NationalNumber(subject)
		r.Weight, r.Probability = float64(weight)/1e3, float64(probability)/1e6
		r.Differs, r.Variants, r.Padded = uint32(differs), uint32(variants), padded == 1
		all = append(all, r)
		return err
	})
	return all, err
}

// late is how many days a moment, or today if it has not come, lies after a day.
func late(due persian.Date, done, now time.Time) int {
	if done.IsZero() {
		done = now
	}
	return max(0, int(persian.DateOf(done).Days()-due.Days()))
}
