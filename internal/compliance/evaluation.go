package compliance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Evaluation is one evaluation: of a Jalali year, or a trial over other months.
type Evaluation struct {
	ID int64 `json:"evaluation"`
	Period
	Year       int64        `json:"year,omitzero"` // 0: a trial, which counts for nothing
	Version    int64        `json:"version"`       // grows with each correction
	Formula    *Formula     `json:"formula,omitempty"`
	Made       time.Time    `json:"made"`
	By         string       `json:"by"` // login of the inspector
	Appeals    persian.Date `json:"appeals_until"`
	Note       string       `json:"note,omitempty"` // why it was frozen with data missing
	Frozen     time.Time    `json:"frozen,omitzero"`
	FrozenBy   string       `json:"frozen_by,omitempty"`
	SHA256     string       `json:"sha256,omitempty"`     // of all figures, as its entry in the log states it
	Checkpoint string       `json:"checkpoint,omitempty"` // of the log when it was frozen

	agency int64 // of By
	act    journal.ActID
}

// Computing orders an evaluation: of a whole year, or, as a trial, of months.
type Computing struct {
	Year int64 `json:"year"`
	Period
}

// Check tells all that is wrong with an order by itself, and fills in the
// months of a year. A year must be over; a trial may go on.
func (c *Computing) Check(now time.Time) error {
	var bad fault.List
	today := persian.DateOf(now)
	month := func(d persian.Date) bool { return d.Year != 0 && d.Month != 0 && d.Day == 0 }
	switch {
	case c.Year != 0 && !(c.From.IsZero() && c.Until.IsZero()):
		bad.When(true, "year", "evaluation.period")
	case c.Year != 0:
		bad.When(c.Year < 1399 || c.Year >= int64(today.Year), "year", "evaluation.year")
		c.From, c.Until = persian.Date{Year: int16(c.Year), Month: 1}, persian.Date{Year: int16(c.Year), Month: 12}
	case !month(c.From), !month(c.Until), c.Until.Compare(c.From) < 0, c.months() > 24:
		bad.When(true, "from", "evaluation.period")
	default:
		today.Day = 0
		bad.When(today.Compare(c.Until) < 0, "until", "evaluation.period")
	}
	return bad.Err()
}

// Compute computes an evaluation. A year's draft against which nobody has
// appealed may be computed again, for what came in meanwhile. Faults:
// evaluation.year, evaluation.period, evaluation.frozen, evaluation.appealed.
func (b *Book) Compute(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Computing) (*Evaluation, journal.Proven, error) {
	if err := register.Only(actor, register.Inspector); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(b.c.Clock()); err != nil {
		return nil, journal.Proven{}, err
	}
	f, err := b.Formula(persian.DateOf(in.end()).AddDays(-1))
	if err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.c.Usage.Follow(ctx); err != nil { // what the log has by now
		return nil, journal.Proven{}, err
	}
	agencies, err := b.collect(ctx, in.Period)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	units := f.settle(agencies)
	e := &Evaluation{}
	a := register.Act{Kind: receipt.Evaluation, Actor: actor, Why: "computed", Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		*e = Evaluation{Year: in.Year, Period: in.Period, Formula: f, Made: c.At.UTC(), By: actor.ID, agency: int64(actor.Agency)}
		e.Appeals = persian.DateOf(c.At).AddDays(f.AppealDays)
		if err := e.place(tx); err != nil {
			return nil, err
		}
		if err := e.write(tx, units); err != nil {
			return nil, err
		}
		return e.body(nil), nil
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return e, proven, nil
}

// place finds the number of an evaluation: a new one, or the next version of
// the same year's.
func (e *Evaluation) place(tx *store.Tx) error {
	old, err := readEvaluation(tx, evaluationOf, e.Year)
	if err != nil {
		return err
	}
	if old == nil || e.Year == 0 {
		_, err := tx.One(evaluationLast, nil, &e.ID)
		e.ID, e.Version = e.ID+1, 1
		return err
	}
	if !old.Frozen.IsZero() {
		return errFrozen
	}
	appeals := int64(0)
	if _, err := tx.One(appealCount, []any{old.ID}, &appeals); err != nil {
		return err
	}
	if appeals > 0 {
		return fault.New(fault.Conflict, "evaluation.appealed")
	}
	e.ID, e.Version = old.ID, old.Version+1
	return nil
}

var errFrozen = fault.New(fault.Conflict, "evaluation.frozen")

// write puts the head and all units of a version.
func (e *Evaluation) write(tx *store.Tx, units []*Unit) error {
	formula, err := json.Marshal(e.Formula)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(evaluationPut, e.ID, e.Year, int64(e.From.Pack()), int64(e.Until.Pack()), e.Version, string(formula), e.Made.UnixMicro(),
		e.agency, e.By, int64(e.Appeals.Pack()), []byte{}, []byte{}, []byte{}); err != nil {
		return err
	}
	_, err = tx.Bulk(unitInsert, func(yield func([]any, error) bool) {
		for _, u := range units {
			body, err := u.bytes()
			if !yield([]any{e.ID, e.Version, u.ID, string(body)}, err) {
				return
			}
		}
	})
	return err
}

// body is what the journal says of an evaluation.
func (e *Evaluation) body(more []byte) []byte {
	b := strconv.AppendInt([]byte(`"evaluation":`), e.ID, 10)
	b = strconv.AppendInt(append(b, `,"version":`...), e.Version, 10)
	b = append(e.From.AppendTo(append(b, `,"from":"`...)), '"')
	b = append(e.Until.AppendTo(append(b, `,"until":"`...)), '"')
	b = strconv.AppendInt(append(b, `,"formula":`...), int64(e.Formula.Version), 10)
	return append(b, more...)
}

// head is the first line of what the digest is over.
func (e *Evaluation) head() ([]byte, error) {
	return line(struct {
		ID      int64 `json:"evaluation"`
		Version int64 `json:"version"`
		Year    int64 `json:"year"`
		Period
		Formula *Formula `json:"formula"`
		Note    string   `json:"note"`
	}{e.ID, e.Version, e.Year, e.Period, e.Formula, e.Note})
}

// digest is the SHA-256 of lines: the head, then each unit's JSON in order of
// the bytes of their ids, every line with its end.
func (e *Evaluation) digest(rows []row) ([32]byte, error) {
	head, err := e.head()
	if err != nil {
		return [32]byte{}, err
	}
	slices.SortFunc(rows, func(a, b row) int { return compareText(a.unit, b.unit) })
	h := sha256.New()
	_, _ = h.Write(append(head, '\n')) // a hash takes everything
	for _, r := range rows {
		_, _ = h.Write(append([]byte(r.body), '\n'))
	}
	return [32]byte(h.Sum(nil)), nil
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// row is a unit as it is stored.
type row struct{ unit, body string }

func readUnits(tx *store.Tx, e *Evaluation) (all []row, err error) {
	err = tx.Each(unitAll, []any{e.ID, e.Version}, func(scan func(...any) error) error {
		var r row
		err := scan(&r.unit, &r.body)
		all = append(all, r)
		return err
	})
	return all, err
}

func parseUnits(rows []row) ([]*Unit, error) {
	all := make([]*Unit, len(rows))
	for i := range rows {
		all[i] = new(Unit)
		if err := json.Unmarshal([]byte(rows[i].body), all[i]); err != nil {
			return nil, errAltered.Because(err)
		}
		all[i].text = []byte(rows[i].body)
	}
	return all, nil
}

// errAltered: what was frozen is not what is there.
var errAltered = fault.New(fault.Conflict, "evaluation.altered")

// readEvaluation reads one by a query's single key; nil if there is none.
func readEvaluation(tx *store.Tx, q *store.Query, key int64) (e *Evaluation, err error) {
	err = tx.Each(q, []any{key}, func(scan func(...any) error) (err error) {
		e, err = scanEvaluation(scan)
		return err
	})
	return e, err
}

func scanEvaluation(scan func(...any) error) (*Evaluation, error) {
	e := &Evaluation{}
	var from, until, made, appeals, frozen int64
	var formula string
	var digest, checkpoint, act []byte
	err := scan(&e.ID, &e.Year, &from, &until, &e.Version, &formula, &made, &e.agency, &e.By, &appeals, &e.Note, &frozen, &e.FrozenBy, &digest, &checkpoint, &act)
	if err != nil {
		return nil, err
	}
	e.From, e.Until, e.Appeals = persian.UnpackDate(int32(from)), persian.UnpackDate(int32(until)), persian.UnpackDate(int32(appeals))
	e.Made, e.Frozen = store.Moment(made), store.Moment(frozen)
	e.SHA256, e.Checkpoint = hex.EncodeToString(digest), string(checkpoint)
	copy(e.act[:], act)
	if json.Unmarshal([]byte(formula), &e.Formula) != nil {
		return nil, errAltered
	}
	return e, nil
}

// Freezing ends an evaluation.
type Freezing struct {
	ID   int64  `json:"evaluation"`
	Note string `json:"note"` // why, although data is missing
}

// Freeze makes an evaluation final: with the log's checkpoint of the moment,
// and the digest of all its figures in the log. Faults: evaluation.unknown,
// evaluation.frozen, evaluation.appeals.open, evaluation.appeals.running,
// evaluation.missing.
func (b *Book) Freeze(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Freezing) (*Evaluation, journal.Proven, error) {
	if err := register.Only(actor, register.Inspector); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := text(&in.Note, false); err != nil {
		return nil, journal.Proven{}, fault.Of(err).At("note")
	}
	state := j.State()
	var e *Evaluation
	a := register.Act{Kind: receipt.Evaluation, Actor: actor, Why: "frozen", Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) (_ []byte, err error) {
		if e, err = findEvaluation(tx, in.ID); err != nil {
			return nil, err
		}
		rows, err := readUnits(tx, e)
		if err != nil {
			return nil, err
		}
		if err := e.mayFreeze(tx, c, rows, in.Note); err != nil {
			return nil, err
		}
		e.Note, e.Frozen, e.FrozenBy, e.Checkpoint, e.act = in.Note, c.At.UTC(), actor.ID, string(state.Checkpoint), c.Act
		digest, err := e.digest(rows)
		if err != nil {
			return nil, err
		}
		e.SHA256 = hex.EncodeToString(digest[:])
		n, err := tx.Exec(evaluationFreeze, e.Note, c.Micros(), actor.ID, digest[:], state.Checkpoint, c.Act[:], e.ID)
		if err == nil && n != 1 {
			err = errFrozen
		}
		return e.body(e.seal(&state, len(rows))), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return e, proven, nil
}

// seal is what the entry of the freezing says besides.
func (e *Evaluation) seal(s *journal.State, units int) []byte {
	b := receipt.AppendString([]byte(`,"sha256":`), e.SHA256)
	b = strconv.AppendInt(append(b, `,"units":`...), int64(units), 10)
	b = receipt.AppendString(append(b, `,"log_before":{"origin":`...), s.Origin)
	b = strconv.AppendInt(append(b, `,"size":`...), s.Size, 10)
	return append(receipt.AppendString(append(b, `,"root":`...), hex.EncodeToString(s.Root[:])), '}')
}

// mayFreeze says what stands in the way.
func (e *Evaluation) mayFreeze(tx *store.Tx, c *register.Change, rows []row, note string) error {
	if !e.Frozen.IsZero() {
		return errFrozen
	}
	open := int64(0)
	if _, err := tx.One(appealOpen, []any{e.ID}, &open); err != nil {
		return err
	}
	switch {
	case open > 0:
		return fault.New(fault.Conflict, "evaluation.appeals.open")
	case e.Year != 0 && persian.DateOf(c.At).Compare(e.Appeals) <= 0: // a trial need not wait
		return fault.New(fault.Conflict, "evaluation.appeals.running", e.Appeals.String())
	case note != "":
		return nil
	}
	units, err := parseUnits(rows)
	if err != nil {
		return err
	}
	missing := 0
	for _, u := range units {
		if u.Own != nil && e.Formula.missing(u.Own) {
			missing++
		}
	}
	if missing > 0 {
		return fault.New(fault.Conflict, "evaluation.missing", strconv.Itoa(missing)).At("note")
	}
	return nil
}

// findEvaluation is an evaluation within a transaction. Fault:
// evaluation.unknown.
func findEvaluation(tx *store.Tx, id int64) (*Evaluation, error) {
	e, err := readEvaluation(tx, evaluationByID, id)
	if err == nil && e == nil {
		err = fault.New(fault.NotFound, "evaluation.unknown").At("evaluation")
	}
	return e, err
}
