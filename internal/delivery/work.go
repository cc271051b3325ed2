package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// jobKind is the kind of job that does deliveries: of one node, for the files
// lie in its directory.
func jobKind(node string) string { return "delivery." + node }

// Serve makes the queue of jobs do deliveries; before its Work.
func (b *Book) Serve() { b.c.Jobs.Handle(jobKind(b.c.Node), b.work) }

var system = journal.Actor{Role: register.System, ID: "delivery"}

// errOver ends the work on a delivery that was withdrawn meanwhile.
var errOver = fault.New(fault.Conflict, "delivery.state")

// work does one delivery: not the one it was enqueued for, but the first of the
// queue, so that the board's order counts at the last moment. Every step is
// durable, and none does harm when it is done twice.
func (b *Book) work(ctx context.Context, r *job.Run) ([]byte, error) {
	d, err := b.take(ctx, r)
	if err != nil || d == nil {
		return nil, err
	}
	for _, step := range []func(context.Context, *job.Run, *Delivery) error{b.link, b.answer, b.finish, b.pack} {
		if err := step(ctx, r, d); err != nil {
			if errors.Is(err, errOver) {
				err = nil // withdrawn, or stopped by the guard
			}
			return b.result(ctx, d.ID, err)
		}
	}
	return b.result(ctx, d.ID, nil)
}

// result is what the job says in the end.
func (b *Book) result(ctx context.Context, id int64, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	d, err := b.ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"delivery": d.ID, "state": d.State, "rows": d.Rows, "answered": d.Answered})
}

// take finds the delivery to do: the one that this job has begun, the one that
// it finishes, or the first of the queue; nil if there is none.
func (b *Book) take(ctx context.Context, r *job.Run) (d *Delivery, err error) {
	begun, unfinished := Of{}, Of{}
	if len(r.Mark()) > 0 {
		err = json.Unmarshal(r.Mark(), &begun)
	}
	if err == nil && len(r.Args()) > 0 {
		err = json.Unmarshal(r.Args(), &unfinished)
	}
	if err != nil {
		return nil, err
	}
	err = b.c.DB.Write(ctx, func(tx *store.Tx) (err error) {
		d = nil
		id := begun.Delivery
		if id == 0 {
			if old, err := byID(tx, unfinished.Delivery); err == nil && old.unpacked() {
				id = old.ID
			}
		}
		if id == 0 {
			first, found, err := b.first(tx)
			if err != nil || !found {
				return err
			}
			id = first
		}
		if d, err = byID(tx, id); err != nil {
			return err
		}
		if d.State == Queued {
			d.State = Running
		}
		d.Job = r.ID()
		if err := d.put(tx); err != nil {
			return err
		}
		mark, err := json.Marshal(Of{id})
		if err != nil {
			return err
		}
		return r.StepIn(tx, r.Done(), 2*d.Rows, mark)
	})
	return d, err
}

// running reads the delivery again within a step. errOver if it was withdrawn.
func running(tx *store.Tx, id int64) (*Delivery, error) {
	d, err := byID(tx, id)
	if err == nil && d.State != Running {
		err = errOver
	}
	return d, err
}

// Report is what a file's linkage was like.
type Report struct {
	Position   mirror.Position `json:"register"`
	Columns    []string        `json:"columns"` // that the file had
	Rows       int64           `json:"rows"`
	Unreadable int64           `json:"unreadable"` // of them

	Counts map[string]int64 `json:"counts"` // by status, as linked
	Estimates
	Model     *linkage.Model `json:"model"`
	Histogram []linkage.Bin  `json:"histogram"`

	Curve    int64     `json:"curve,omitzero"` // by which clerks' decisions had corrected the estimates
	Chances  []Chance  `json:"chances"`
	Examples []Example `json:"examples"`
}

// link reads the file, links it as a whole and writes whom each row was linked
// to. Nothing of it has left: after a crash it is done again from the start.
func (b *Book) link(ctx context.Context, r *job.Run, d *Delivery) error {
	if d.State != Running || !d.Linked.IsZero() {
		return nil
	}
	clause, err := b.permit(d)
	if err != nil {
		return err
	}
	image, at, err := b.c.Mirror.Register(ctx) // builds the image first, if there is none
	if err != nil {
		return err
	}
	table := image.NewTable()
	report := &Report{Position: at, Counts: map[string]int64{}}
	if err := b.read(ctx, d, table, report); err != nil {
		return err
	}
	if clause.DailyQuota > 0 && report.Rows > clause.DailyQuota {
		return b.stop(ctx, d, report, "delivery.quota")
	}
	learnt, err := b.calibration(ctx)
	if err != nil {
		return err
	}
	linked, err := b.linkTable(ctx, r, d, table, learnt, report.Rows)
	if err != nil {
		return err
	}
	if why, err := b.judge(ctx, d, image, linked); err != nil || why != "" {
		return errors.Join(err, b.stop(ctx, d, report, why))
	}
	if why, err := b.screen(ctx, d, linked.Outcomes); err != nil || why != "" {
		return errors.Join(err, b.stop(ctx, d, report, why))
	}
	if err := b.openCases(ctx, d, linked, image, learnt); err != nil {
		return err
	}
	for i := range linked.Outcomes {
		report.Counts[linked.Outcomes[i].Status.String()]++
	}
	report.Estimates = Estimates{
		linked.ExpectedFalse, linked.FalseLow, linked.FalseHigh, linked.Recall, linked.Automatic, linked.Review,
	}
	report.Model, report.Histogram = linked.Model, linked.Histogram
	report.Curve, report.Chances, report.Examples = learnt.ID, learnt.chances(linked), examples(linked)
	return b.writeRows(ctx, r, d, linked.Outcomes, report)
}

// read fills the table from the file.
func (b *Book) read(ctx context.Context, d *Delivery, table *linkage.Table, report *Report) error {
	t, err := b.Table(d)
	if err != nil {
		return err
	}
	defer t.Close()
	for _, c := range t.Preview().Columns {
		if c.Means != "" {
			report.Columns = append(report.Columns, c.Means)
		}
	}
	values := make([]string, len(columns()))
	for {
		line, read, err := t.Values(values)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && report.Rows%4096 == 0 {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if report.Rows++; !read {
			report.Unreadable++
		}
		table.Add(line, values)
	}
	if report.Rows == 0 {
		return fault.New(fault.Invalid, "delivery.file.empty")
	}
	return nil
}

// linkTable links and says how far it is, once a second. A job that was
// cancelled ends ctx.
func (b *Book) linkTable(ctx context.Context, r *job.Run, d *Delivery, table *linkage.Table, learnt *Calibration, rows int64) (*linkage.Result, error) {
	mark, err := json.Marshal(Of{d.ID})
	if err != nil {
		return nil, err
	}
	told := time.Now()
	return table.Link(ctx, linkage.Options{Distinct: d.Distinct, Curve: learnt.curve, Progress: func(done, total int64) {
		if time.Since(told) >= time.Second {
			told = time.Now()
			_ = r.Step(ctx, done*rows/max(total, 1), 2*rows, mark) // cancelled: it ends ctx
		}
	}})
}

// judge lets the guard see the whole file before any answer leaves.
func (b *Book) judge(ctx context.Context, d *Delivery, image *linkage.Register, linked *linkage.Result) (why string, err error) {
	if d.Note == released {
		return "", nil
	}
	t, err := b.Table(d)
	if err != nil {
		return "", err
	}
	defer t.Close()
	of, err := b.c.Agencies.ByID(d.Agency)
	if err != nil {
		return "", err
	}
	g := &Guard{Find: image.Find}
	values := make([]string, len(columns()))
	for i := range linked.Outcomes {
		if i%4096 == 0 && ctx.Err() != nil {
			return "", ctx.Err()
		}
		if _, _, err := t.Values(values); err != nil {
			return "", err
		}
		g.Row(values, &linked.Outcomes[i])
	}
	return b.suspects.Judge(g, d.Agency, of.Version), nil
}

// Of a file of which so many rows name somebody, and less than half of those
// are the agency's own people, no row is answered.
const fewestCovered = 20

// screen holds the linked rows against the agency's coverage, as the register
// stands now: whom it does not cover becomes not_covered. It says why the whole
// file is stopped, if it is another agency's.
func (b *Book) screen(ctx context.Context, d *Delivery, all []linkage.Outcome) (why string, err error) {
	if d.Coverage == Declared {
		return "", nil
	}
	named, strange := 0, 0
	for part := range slices.Chunk(all, unitRows) {
		var numbers []ids.NationalNumber
		for i := range part {
			numbers = append(numbers, ids.NationalNumber(part[i].Key))
		}
		persons, err := b.c.Persons.ByNumbers(ctx, numbers)
		if err != nil {
			return "", err
		}
		covered, err := b.covers(ctx, d, persons)
		if err != nil {
			return "", err
		}
		for i := range part {
			if !part[i].Linked() {
				continue
			}
			if named++; !covered[i] {
				strange++
				part[i].Status = linkage.NotCovered
			}
		}
	}
	if named >= fewestCovered && 2*strange > named {
		return "delivery.not_covered", nil
	}
	return "", nil
}

// covers tells of each person whether the delivery covers him; a person may be
// nil.
func (b *Book) covers(ctx context.Context, d *Delivery, persons []*person.Person) ([]bool, error) {
	all := make([]bool, len(persons))
	for i := range all {
		all[i] = persons[i] != nil
	}
	switch d.Coverage {
	case Provinces:
		return all, b.live(ctx, d, persons, all)
	case Follows:
		numbers := make([]ids.NationalNumber, len(persons))
		for i, p := range persons {
			if p != nil {
				numbers[i] = p.Number
			}
		}
		return b.c.Feeds.Covers(ctx, d.Agency, numbers)
	}
	return all, nil
}

// live tells which of these persons live in the delivery's provinces.
func (b *Book) live(ctx context.Context, d *Delivery, persons []*person.Person, all []bool) error {
	codes := make([]ids.PostalCode, len(persons))
	for i, p := range persons {
		if p != nil {
			codes[i] = p.Postal
		}
	}
	places, err := b.c.Places.ByCodes(ctx, codes)
	if err != nil {
		return err
	}
	for i, p := range places {
		all[i] = p != nil && slices.Contains(d.Provinces, p.Province)
	}
	return nil
}

// stop ends a delivery before any of its rows is answered.
func (b *Book) stop(ctx context.Context, d *Delivery, report *Report, why string) error {
	a := register.Act{Kind: receipt.Delivery, Actor: system, Why: "delivery-stopped", Agency: d.Agency, Clock: b.c.Clock}
	_, err := register.Do(ctx, b.c.DB, b.c.Journal, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		now, err := running(tx, d.ID)
		if err != nil {
			return nil, err
		}
		now.State, now.Note, now.Ended, now.Rows = Stopped, why, c.At, report.Rows
		return now.body(), now.put(tx)
	})
	return errors.Join(err, errOver)
}

const (
	unitRows  = 1000 // answered as one unit of the journal
	writeRows = 5000 // written in one transaction: others want to write too
)

// writeRows writes the rows of the file. They count from the moment on that the
// last transaction says so; what an interrupted run has left is removed first.
func (b *Book) writeRows(ctx context.Context, r *job.Run, d *Delivery, all []linkage.Outcome, report *Report) error {
	if err := b.forgetRows(ctx, d.ID); err != nil {
		return err
	}
	no := int64(0)
	for part := range slices.Chunk(all, writeRows) {
		err := b.c.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Bulk(rowInsert, outcomeRows(d.ID, no, part))
			return err
		})
		if err != nil {
			return err
		}
		no += int64(len(part))
	}
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	mark, err := json.Marshal(Of{d.ID})
	if err != nil {
		return err
	}
	return b.c.DB.Write(ctx, func(tx *store.Tx) error {
		now, err := running(tx, d.ID)
		if err != nil {
			return err
		}
		now.Linked, now.Rows, now.report = b.c.Clock().Truncate(time.Microsecond), no, string(text)
		*d = *now
		if err := now.put(tx); err != nil {
			return err
		}
		return r.StepIn(tx, no, 2*no, mark)
	})
}

func outcomeRows(delivery, no int64, part []linkage.Outcome) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for i := range part {
			o := &part[i]
			row := []any{
				delivery, no + int64(i), int64(o.Row), int64(o.Status), int64(o.Key), int64(o.Version),
				int64(float64(o.Weight) * 1e3), int64(float64(o.Probability) * 1e6), int64(o.Fields), int64(o.Variants),
				bit64(o.Padded), int64(o.DuplicateOf), "",
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func bit64(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// forgetRows removes a delivery's rows, in parts.
func (b *Book) forgetRows(ctx context.Context, id int64) error {
	for {
		n := int64(0)
		err := b.c.DB.Write(ctx, func(tx *store.Tx) error {
			first, err := rowsOf(tx, id, 0, 1)
			if err != nil || len(first) == 0 {
				n = 0
				return err
			}
			n, err = tx.Exec(rowsForget, id, first[0].No, first[0].No+writeRows)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}
