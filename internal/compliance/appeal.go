package compliance

import (
	"context"
	"encoding/hex"
	"slices"
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

// Outcome is what became of an appeal.
type Outcome uint8

// The outcomes; rows store these numbers.
const (
	Undecided Outcome = 0
	Upheld    Outcome = 1
	Rejected  Outcome = 2
)

var outcomes = [...]string{"open", "upheld", "rejected"}

// String is the outcome's name.
func (o Outcome) String() string {
	if int(o) < len(outcomes) {
		return outcomes[o]
	}
	return ""
}

// MarshalText is String.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Appeal is an agency's appeal against one criterion.
type Appeal struct {
	ID         int64       `json:"appeal"`
	Evaluation int64       `json:"evaluation"`
	Agency     ids.LegalID `json:"agency"`
	Criterion  string      `json:"criterion"`
	Grounds    string      `json:"grounds"`
	Document   string      `json:"document"`
	Paper      string      `json:"sha256"`
	At         time.Time   `json:"at"`
	By         string      `json:"by"`
	Outcome    Outcome     `json:"outcome"`
	Reason     string      `json:"reason,omitempty"`
	Figure     string      `json:"figure,omitempty"` // that was corrected
	Was        int64       `json:"was,omitzero"`
	Value      int64       `json:"value,omitzero"`
	Decided    time.Time   `json:"decided,omitzero"`
	Decider    string      `json:"decided_by,omitempty"`
	Role       string      `json:"role,omitempty"` // of who decided
}

// Appealing is what the highest officer says.
type Appealing struct {
	ID        int64  `json:"evaluation"`
	Criterion string `json:"criterion"`
	Grounds   string `json:"grounds"`
	Document  string `json:"document"`
	Paper     string `json:"sha256"`
}

// Check tells all that is wrong with an appeal by itself.
func (a *Appealing) Check() error {
	var bad fault.List
	bad.When(a.ID == 0, "evaluation", "compliance.missing")
	bad.When(published.criterion(a.Criterion) == nil, "criterion", "evaluation.criterion")
	bad.Add("grounds", text(&a.Grounds, true))
	bad.Add("document", document(&a.Document))
	_, err := paper(a.Paper)
	bad.Add("sha256", err)
	return bad.Err()
}

// Appeal takes in the appeal of an agency against one of its criteria. Faults:
// evaluation.unknown, evaluation.frozen, evaluation.appeals.over,
// evaluation.appeals.again.
func (b *Book) Appeal(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Appealing) (*Appeal, journal.Proven, error) {
	if err := register.Only(actor, agency.RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	var made *Appeal
	a := register.Act{Kind: receipt.Evaluation, Actor: actor, Why: "appealed", Agency: actor.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		e, err := findEvaluation(tx, in.ID)
		if err != nil {
			return nil, err
		}
		if err := e.mayAppeal(tx, c, actor.Agency, in.Criterion); err != nil {
			return nil, err
		}
		made = &Appeal{
			Evaluation: e.ID, Agency: actor.Agency, Criterion: in.Criterion, Grounds: in.Grounds, Document: in.Document, Paper: in.Paper,
			At: c.At.UTC(), By: actor.ID,
		}
		if _, err := tx.One(appealLast, nil, &made.ID); err != nil {
			return nil, err
		}
		made.ID++
		sum, err := paper(in.Paper)
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(appealInsert, made.ID, e.ID, int64(actor.Agency), in.Criterion, in.Grounds, in.Document, sum, c.Micros(), actor.ID, c.Act[:])
		return e.body(made.members()), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return made, proven, nil
}

// members are those of an appeal in a record.
func (a *Appeal) members() []byte {
	b := strconv.AppendInt([]byte(`,"appeal":`), a.ID, 10)
	b = receipt.AppendString(append(b, `,"criterion":`...), a.Criterion)
	if a.Outcome == Undecided {
		b = receipt.AppendString(append(b, `,"document":`...), a.Document)
		return receipt.AppendString(append(b, `,"sha256":`...), a.Paper)
	}
	b = receipt.AppendString(append(b, `,"outcome":`...), a.Outcome.String())
	if a.Outcome == Upheld {
		b = receipt.AppendString(append(b, `,"figure":`...), a.Figure)
		b = strconv.AppendInt(append(b, `,"was":`...), a.Was, 10)
		b = strconv.AppendInt(append(b, `,"value":`...), a.Value, 10)
	}
	return b
}

func (e *Evaluation) mayAppeal(tx *store.Tx, c *register.Change, of ids.LegalID, criterion string) error {
	switch {
	case !e.Frozen.IsZero():
		return errFrozen
	case persian.DateOf(c.At).Compare(e.Appeals) > 0:
		return fault.New(fault.Conflict, "evaluation.appeals.over", e.Appeals.String())
	}
	if _, err := e.unit(tx, of.String()); err != nil {
		return err
	}
	n := int64(0)
	if _, err := tx.One(appealSame, []any{e.ID, int64(of), criterion}, &n); err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "evaluation.appeals.again").At("criterion")
	}
	return nil
}

// Ruling decides an appeal; of an upheld one it puts one figure right.
type Ruling struct {
	Appeal int64  `json:"appeal"`
	Uphold bool   `json:"uphold"`
	Reason string `json:"reason"`
	Figure string `json:"figure"` // of an upheld one
	Value  *int64 `json:"value"`
}

// Check tells all that is wrong with a ruling by itself.
func (r *Ruling) Check() error {
	var bad fault.List
	bad.When(r.Appeal == 0, "appeal", "compliance.missing")
	bad.Add("reason", text(&r.Reason, true))
	bad.When(r.Uphold && r.Figure == "", "figure", "compliance.missing")
	bad.When(r.Uphold && (r.Value == nil || *r.Value < 0 || *r.Value > 1_000_000_000_000), "value", "evaluation.value")
	bad.When(!r.Uphold && (r.Figure != "" || r.Value != nil), "figure", "evaluation.rejected")
	return bad.Err()
}

// Rule decides an appeal: another inspector than the one who computed, or a
// member of the board. An upheld one makes a new version of the evaluation, in
// which that figure is right and everything that depends on it is computed
// again. Faults: evaluation.appeal.unknown, evaluation.appeal.decided,
// evaluation.decider, evaluation.own (nobody decides his own body's),
// evaluation.frozen, evaluation.figure.
func (b *Book) Rule(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Ruling) (*Appeal, journal.Proven, error) {
	if err := register.Only(actor, register.Inspector, register.Member); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	a, err := b.appeal(ctx, in.Appeal)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	act := register.Act{Kind: receipt.Evaluation, Actor: actor, Why: "ruled", Agency: a.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		e, err := findEvaluation(tx, a.Evaluation)
		switch {
		case err != nil:
			return nil, err
		case !e.Frozen.IsZero():
			return nil, errFrozen
		case e.By == actor.ID && e.agency == int64(actor.Agency):
			return nil, fault.New(fault.Forbidden, "evaluation.decider")
		case a.Agency == actor.Agency:
			return nil, fault.New(fault.Forbidden, "evaluation.own")
		}
		a.Outcome, a.Reason, a.Decided, a.Decider, a.Role = Rejected, in.Reason, c.At.UTC(), actor.ID, actor.Role
		if in.Uphold {
			a.Outcome, a.Figure, a.Value = Upheld, in.Figure, *in.Value
			if err := e.correct(tx, a); err != nil {
				return nil, err
			}
		}
		n, err := tx.Exec(appealDecide, int64(a.Outcome), a.Reason, a.Figure, a.Was, a.Value, c.Micros(), actor.Role, int64(actor.Agency), actor.ID, c.Act[:], a.ID)
		if err == nil && n != 1 {
			err = fault.New(fault.Conflict, "evaluation.appeal.decided").At("appeal")
		}
		return e.body(a.members()), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return a, proven, nil
}

// correct makes the next version, with a figure of the agency that appealed as
// the ruling says. What is stored of the others stays as it was.
func (e *Evaluation) correct(tx *store.Tx, a *Appeal) error {
	if c := e.Formula.criterion(a.Criterion); c == nil || !slices.Contains(c.figures(), a.Figure) {
		return fault.New(fault.Invalid, "evaluation.figure").At("figure")
	}
	rows, err := readUnits(tx, e)
	if err != nil {
		return err
	}
	units, err := parseUnits(rows)
	if err != nil {
		return err
	}
	units = slices.DeleteFunc(units, func(u *Unit) bool { return u.Kind != AgencyUnit })
	for _, u := range units {
		if u.ID != a.Agency.String() {
			continue
		}
		made := Correction{Appeal: a.ID, Figure: a.Figure, Value: a.Value}
		if was, ok := u.Raw[a.Figure]; ok {
			a.Was, made.Was = was, &was
		}
		if u.Raw == nil {
			u.Raw = map[string]int64{}
		}
		u.Raw[a.Figure] = a.Value
		u.Corrections = append(u.Corrections, made)
	}
	e.Version++
	return e.write(tx, e.Formula.settle(units))
}

func (b *Book) appeal(ctx context.Context, id int64) (a *Appeal, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		a = nil
		return tx.Each(appealByID, []any{id}, func(scan func(...any) error) (err error) {
			a, err = scanAppeal(scan)
			return err
		})
	})
	if err == nil && a == nil {
		err = fault.New(fault.NotFound, "evaluation.appeal.unknown").At("appeal")
	}
	return a, err
}

func scanAppeal(scan func(...any) error) (*Appeal, error) {
	a := &Appeal{}
	var of, at, outcome, decided int64
	var sum []byte
	err := scan(&a.ID, &a.Evaluation, &of, &a.Criterion, &a.Grounds, &a.Document, &sum, &at, &a.By, &outcome, &a.Reason, &a.Figure, &a.Was, &a.Value,
		&decided, &a.Role, &a.Decider)
	a.Agency, a.At, a.Outcome, a.Decided, a.Paper = ids.LegalID(of), store.Moment(at), Outcome(outcome), store.Moment(decided), hex.EncodeToString(sum)
	return a, err
}
