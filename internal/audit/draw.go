package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Draw is one sample: of all agencies' inquiries of a month that is over, or of
// one agency's in the month that runs, up to the order.
type Draw struct {
	ID      int64        `json:"draw"`
	Month   persian.Date `json:"month"` // day 0
	Agency  ids.LegalID  `json:"agency,omitzero"`
	Since   time.Time    `json:"since"`
	Until   time.Time    `json:"until"`
	Least   int          `json:"least"`
	Most    int          `json:"most"`
	Ordered time.Time    `json:"ordered"`
	Job     int64        `json:"job"`

	// The seed's source, once it is known.
	Origin string `json:"origin,omitempty"`
	Size   int64  `json:"size,omitzero"`
	Root   string `json:"root,omitempty"`

	Purged int64     `json:"purged"` // entries that could not be drawn
	Drawn  time.Time `json:"drawn,omitzero"`
	Shares []Share   `json:"shares,omitempty"` // of Draws for one draw alone
}

// Share is what a draw found of one agency.
type Share struct {
	Agency     ids.LegalID `json:"agency"`
	Population int64       `json:"population"`
	Chosen     int         `json:"chosen"`
	Opened     int         `json:"opened"` // the others had a case already
	digest     [32]byte
}

// window is what the seed says of the draw beside the checkpoint.
func (d *Draw) window() string {
	if d.Agency == 0 {
		return d.Month.String()
	}
	return d.Month.String() + " " + d.Agency.String()
}

// Order is what an inspector draws.
type Order struct {
	Month  persian.Date `json:"month"`  // 1405-08; with an agency also absent: the running one
	Agency ids.LegalID  `json:"agency"` // of the running month: whom; of one that is over: 0
}

// drawJob is the kind of the job that draws.
const drawJob = "audit.draw"

// drawArgs are the arguments of the job.
type drawArgs struct {
	Draw  int64 `json:"draw"`
	Check bool  `json:"check,omitzero"` // it has been drawn: draw again and compare
}

// Draw orders a sample; a job draws it. Of a month that has been drawn it orders
// the check: the job draws again, changes nothing, and says in its result whether
// the same came out. Faults: audit.month, audit.agency, agency.unknown.
func (b *Book) Draw(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Order) (*Draw, journal.Proven, error) {
	if err := register.Only(actor, register.Inspector, register.System); err != nil {
		return nil, journal.Proven{}, err
	}
	now := b.c.Clock()
	d, err := b.plan(in, now)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.Audit, Actor: actor, Why: "audit-ordered", Agency: d.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		if d.Agency != 0 {
			d.Until = ch.At
		}
		check, err := b.order(tx, ch, d)
		body := strconv.AppendInt([]byte(`"draw":`), d.ID, 10)
		body = fmt.Appendf(body, `,"month":"%s"`, d.Month)
		if check {
			body = append(body, `,"check":true`...)
		}
		return body, err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return d, proven, nil
}

// month is the month of a moment in Tehran.
func month(t time.Time) persian.Date {
	d := persian.DateOf(t)
	d.Day = 0
	return d
}

// plan checks an order and finds its window.
func (b *Book) plan(in *Order, now time.Time) (*Draw, error) {
	var bad fault.List
	this := month(now)
	m := in.Month
	if m.IsZero() && in.Agency != 0 {
		m = this
	}
	bad.When(m.Month == 0 || m.Day != 0 || m.Compare(this) > 0, "month", "audit.month")
	running := m == this
	bad.When(running == (in.Agency == 0), "agency", "audit.agency")
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if in.Agency != 0 {
		if _, err := b.c.Agencies.ByID(in.Agency); err != nil {
			return nil, fault.Of(err).At("agency")
		}
	}
	return &Draw{
		Month: m, Agency: in.Agency, Since: m.Start().UTC(), Until: m.AddMonths(1).Start().UTC(), Least: b.Least, Most: b.Most,
	}, nil
}

// order writes the draw and its job; a draw of the same window that is there
// already is checked instead.
func (b *Book) order(tx *store.Tx, ch *register.Change, d *Draw) (check bool, err error) {
	err = tx.Each(drawOfSpan, []any{int64(d.Agency), d.Since.UnixMicro(), d.Until.UnixMicro()}, func(scan func(...any) error) error {
		old, err := scanDraw(scan)
		check, *d = true, *old
		return err
	})
	if err != nil {
		return false, err
	}
	switch {
	case check && ch.Actor == program:
		return true, errMoved // another node has ordered it
	case check:
		args, err := json.Marshal(drawArgs{d.ID, true})
		if err == nil {
			d.Job, err = job.Enqueue(tx, ch.Actor, drawJob, args, ch.At)
		}
		return true, err
	}
	if _, err := tx.One(drawLast, nil, &d.ID); err != nil {
		return false, err
	}
	d.ID++
	d.Ordered = ch.At
	args, err := json.Marshal(drawArgs{Draw: d.ID})
	if err != nil {
		return false, err
	}
	if d.Job, err = job.Enqueue(tx, ch.Actor, drawJob, args, ch.At); err != nil {
		return false, err
	}
	_, err = tx.Exec(drawInsert, d.ID, int64(d.Month.Pack()), int64(d.Agency), d.Since.UnixMicro(), d.Until.UnixMicro(), d.Least, d.Most,
		ch.Actor.Role, int64(ch.Actor.Agency), ch.Actor.ID, ch.Micros(), d.Job, ch.Act[:])
	return false, err
}

func scanDraw(scan func(...any) error) (*Draw, error) {
	d := &Draw{}
	var m, of, since, until, actor, ordered, at int64
	var role, officer string
	err := scan(&d.ID, &m, &of, &since, &until, &d.Least, &d.Most, &role, &actor, &officer, &ordered, &d.Job, &d.Origin, &d.Size, &d.Root, &d.Purged, &at)
	d.Month, d.Agency = persian.UnpackDate(int32(m)), ids.LegalID(of)
	d.Since, d.Until, d.Ordered, d.Drawn = store.Moment(since), store.Moment(until), store.Moment(ordered), store.Moment(at)
	return d, err
}

// draw is one draw by its number.
func (b *Book) draw(ctx context.Context, id int64) (d *Draw, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(drawByID, []any{id}, func(scan func(...any) error) (err error) {
			d, err = scanDraw(scan)
			return err
		})
	})
	if err == nil && d == nil {
		err = errDraw
	}
	return d, err
}

var errDraw = fault.New(fault.NotFound, "audit.draw").At("draw")

// Serve says who does the jobs of this noun.
func (b *Book) Serve() { b.c.Jobs.Handle(drawJob, b.work) }

// result is what a draw's job leaves behind.
type result struct {
	Draw     int64 `json:"draw"`
	Agencies int   `json:"agencies"`
	Opened   int   `json:"opened"`
	Purged   int64 `json:"purged"`
	Patterns int   `json:"patterns"`
	Same     *bool `json:"same,omitempty"` // of a check
}

// work draws: it finds the seed, passes over the window once, opens the cases
// of one agency after the other, and looks for patterns. Until an agency is
// written nothing is; done again after a crash, the same comes out, and agencies
// that are written are left.
func (b *Book) work(ctx context.Context, r *job.Run) ([]byte, error) {
	var args drawArgs
	if err := json.Unmarshal(r.Args(), &args); err != nil {
		return nil, err
	}
	d, err := b.draw(ctx, args.Draw)
	if err != nil {
		return nil, err
	}
	if d.Size == 0 {
		if err := b.seed(ctx, d); err != nil {
			return nil, err
		}
	}
	s, err := b.pass(ctx, r, d)
	if err != nil {
		return nil, err
	}
	out := result{Draw: d.ID, Agencies: len(s.of), Purged: s.purged}
	if args.Check {
		same, err := b.same(ctx, d, s)
		if err != nil {
			return nil, err
		}
		out.Same = &same
		return json.Marshal(out)
	}
	if out.Opened, err = b.openAll(ctx, d, s); err != nil {
		return nil, err
	}
	if out.Patterns, err = b.search(ctx, r, d); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

// errFound ends a walk that has found what it looks for.
var errFound = errors.New("audit: found")

// seed finds the first entry after the window and keeps the checkpoint of its
// batch. As long as there is none the draw waits: fault audit.early.
func (b *Book) seed(ctx context.Context, d *Draw) error {
	var code ids.TrackingCode
	err := b.c.Journal.Walk(ctx, journal.Span{From: d.Until}, func(w *journal.Walked) error {
		code = w.Code
		return errFound
	})
	if err == nil {
		return fault.New(fault.Unavailable, "audit.early")
	}
	if !errors.Is(err, errFound) {
		return err
	}
	p, _, err := b.c.Journal.ByCode(ctx, code)
	if err != nil {
		return err
	}
	var from public
	if err := from.read(p.Checkpoint); err != nil {
		return err
	}
	if err := b.c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(drawSeed, from.origin, from.size, from.root, d.ID)
		return err
	}); err != nil {
		return err
	}
	now, err := b.draw(ctx, d.ID) // another node may have been faster
	if err == nil {
		*d = *now
	}
	return err
}

// passStep is after how many entries a pass says how far it is.
const passStep = 200_000

// pass is the one pass over the window.
func (b *Book) pass(ctx context.Context, r *job.Run, d *Draw) (*sampler, error) {
	from := public{d.Origin, d.Size, d.Root}
	s := newSampler(from.seed(d.window()), d.Agency, d.Most)
	err := b.c.Journal.Walk(ctx, journal.Span{From: d.Since, Until: d.Until}, func(w *journal.Walked) error {
		s.take(w)
		if s.seen%passStep == 0 {
			return r.Step(ctx, s.seen, 0, nil)
		}
		return nil
	})
	return s, err
}

// openAll opens the cases, one act for each agency.
func (b *Book) openAll(ctx context.Context, d *Draw, s *sampler) (opened int, err error) {
	written := map[ids.LegalID]bool{}
	shares, err := b.shares(ctx, d.ID)
	if err != nil {
		return 0, err
	}
	for _, share := range shares {
		written[share.Agency] = true
		opened += share.Opened
	}
	for _, of := range slices.Sorted(maps.Keys(s.of)) {
		if written[of] {
			continue
		}
		n, err := b.openSome(ctx, d, of, s.of[of])
		if err != nil {
			return 0, err
		}
		opened += n
	}
	return opened, b.c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(drawDone, s.purged, b.c.Clock().UnixMicro(), d.ID)
		return err
	})
}

// openSome opens the cases of one agency, in one transaction with their count.
func (b *Book) openSome(ctx context.Context, d *Draw, of ids.LegalID, found *drawn) (opened int, err error) {
	chosen, digest := found.sample(d.Least, d.Most)
	now := b.c.Clock().Truncate(time.Microsecond)
	cases := make([]*Case, 0, len(chosen))
	for _, p := range chosen {
		entry, found, err := b.c.Journal.ByCode(ctx, p.code)
		if err != nil {
			return 0, err
		}
		if !found {
			continue // of a log whose key is gone: nobody could show it by its code
		}
		c, err := b.file(entry, now)
		if err != nil {
			return 0, err
		}
		if c != nil {
			c.Source, c.SourceID = bySample, d.ID
			cases = append(cases, c)
		}
	}
	a := register.Act{Kind: receipt.Audit, Actor: program, Why: "audit-drawn", Agency: of, Clock: b.c.Clock}
	_, err = register.Do(ctx, b.c.DB, b.c.Journal, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		opened = 0
		for _, c := range cases {
			made, err := open(tx, ch, c, "")
			if err != nil {
				return nil, err
			}
			if made {
				opened++
			}
		}
		_, err := tx.Exec(shareInsert, d.ID, int64(of), found.population, len(chosen), opened, digest[:])
		body := strconv.AppendInt([]byte(`"draw":`), d.ID, 10)
		body = fmt.Appendf(body, `,"month":"%s","size":%d,"population":%d,"drawn":%d,"opened":%d`, d.Month, d.Size, found.population, len(chosen), opened)
		return body, err
	})
	return opened, err
}

// same tells whether a pass found what the draw had found.
func (b *Book) same(ctx context.Context, d *Draw, s *sampler) (bool, error) {
	shares, err := b.shares(ctx, d.ID)
	if err != nil || len(shares) != len(s.of) {
		return false, err
	}
	for _, share := range shares {
		found := s.of[share.Agency]
		if found == nil || found.population != share.Population {
			return false, nil
		}
		if _, digest := found.sample(d.Least, d.Most); digest != share.digest {
			return false, nil
		}
	}
	return true, nil
}

func (b *Book) shares(ctx context.Context, draw int64) (all []Share, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(shareAll, []any{draw}, func(scan func(...any) error) error {
			var s Share
			var of int64
			var digest []byte
			err := scan(&of, &s.Population, &s.Chosen, &s.Opened, &digest)
			s.Agency = ids.LegalID(of)
			copy(s.digest[:], digest)
			all = append(all, s)
			return err
		})
	})
	return all, err
}
