package compliance

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Listing asks for evaluations.
type Listing struct {
	Before int64 `json:"before"` // only older ones; 0: from the newest
	Limit  int   `json:"limit"`  // at most 1000; 0: 100
}

// Evaluations lists evaluations, newest first, without their formulas and
// checkpoints.
func (b *Book) Evaluations(ctx context.Context, actor journal.Actor, in *Listing) ([]Evaluation, error) {
	if err := register.Only(actor, everyone...); err != nil {
		return nil, err
	}
	if in.Limit < 0 || in.Limit > 1000 {
		return nil, fault.New(fault.Invalid, "compliance.limit").At("limit")
	}
	all := []Evaluation{}
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		return tx.Each(evaluationList, []any{cmp.Or(in.Before, 1<<62), int64(cmp.Or(in.Limit, 100))}, func(scan func(...any) error) error {
			e, err := scanEvaluation(scan)
			if err == nil {
				e.Formula, e.Checkpoint = nil, ""
				all = append(all, *e)
			}
			return err
		})
	})
	return all, err
}

// OfEvaluation names an evaluation and whose part of it is meant.
type OfEvaluation struct {
	ID       int64       `json:"evaluation"`
	Agency   ids.LegalID `json:"agency"`   // one agency; officers: their own or one below it
	Province string      `json:"province"` // all agencies of a province
	Version  int64       `json:"version"`  // 0: the newest
}

// Found is an evaluation with the units that were asked for: all of a class in
// order of their ranks.
type Found struct {
	Evaluation
	Units []*Unit  `json:"units"`
	Open  []Appeal `json:"appeals"`
}

// Find tells of an evaluation: of an agency, those of a province, or all; to an
// agency's officers, of their own agency and those below it. A frozen one is
// held against the log first. Faults: evaluation.unknown, evaluation.altered.
func (b *Book) Find(ctx context.Context, j *journal.Journal, actor journal.Actor, in *OfEvaluation) (*Found, error) {
	if err := register.Only(actor, everyone...); err != nil {
		return nil, err
	}
	out, err := b.whole(ctx, j, in)
	if err != nil {
		return nil, err
	}
	sees := b.sees(actor)
	out.Units = slices.DeleteFunc(out.Units, func(u *Unit) bool {
		return !sees(u) || in.Agency != 0 && u.ID != in.Agency.String() || in.Province != "" && u.Class != in.Province && u.ID != in.Province
	})
	if len(out.Units) == 0 && (in.Agency != 0 || in.Province != "" || !watches(actor)) {
		return nil, errUnit
	}
	out.Open = slices.DeleteFunc(out.Open, func(a Appeal) bool {
		return !slices.ContainsFunc(out.Units, func(u *Unit) bool { return u.ID == a.Agency.String() })
	})
	slices.SortFunc(out.Units, func(a, b *Unit) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(rankKey(a), rankKey(b)), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

var errUnit = fault.New(fault.NotFound, "evaluation.unit").At("agency")

// rankKey puts units without a rank last.
func rankKey(u *Unit) int { return cmp.Or(u.Rank, 1<<30) }

// sees says which units an actor may see.
func (b *Book) sees(actor journal.Actor) func(*Unit) bool {
	if watches(actor) {
		return func(*Unit) bool { return true }
	}
	mine := map[string]bool{actor.Agency.String(): true}
	for _, a := range b.c.Agencies.Under(actor.Agency) {
		mine[a.ID.String()] = true
	}
	return func(u *Unit) bool { return u.Kind == AgencyUnit && mine[u.ID] }
}

// whole is an evaluation with all units and appeals, as it is in its rows; a
// frozen one only if it is as it was frozen.
func (b *Book) whole(ctx context.Context, j *journal.Journal, in *OfEvaluation) (*Found, error) {
	out := &Found{}
	var rows []row
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		e, err := findEvaluation(tx, in.ID)
		if err != nil {
			return err
		}
		if in.Version < 0 || in.Version > e.Version {
			return fault.New(fault.NotFound, "evaluation.version").At("version")
		}
		out.Evaluation = *e
		if in.Version != 0 && in.Version != e.Version { // an earlier one was never frozen
			out.Version, out.SHA256, out.Checkpoint, out.act = in.Version, "", "", journal.ActID{}
		}
		out.Open = []Appeal{}
		if err := tx.Each(appealAll, []any{in.ID}, func(scan func(...any) error) error {
			a, err := scanAppeal(scan)
			out.Open = append(out.Open, *a)
			return err
		}); err != nil {
			return err
		}
		rows, err = readUnits(tx, &out.Evaluation)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := out.intact(ctx, j, rows); err != nil {
		return nil, err
	}
	out.Units, err = parseUnits(rows)
	return out, err
}

// intact holds the rows of a frozen evaluation against the digest that its
// entry in the log states; once the entry's private part has been purged,
// against the one that its own row states. Fault: evaluation.altered.
func (e *Evaluation) intact(ctx context.Context, j *journal.Journal, rows []row) error {
	if e.act == (journal.ActID{}) {
		if !e.Frozen.IsZero() && e.SHA256 != "" {
			return errAltered // its entry cannot be named any more
		}
		return nil
	}
	digest, err := e.digest(rows)
	if err != nil {
		return err
	}
	want := e.SHA256
	p, err := j.Settle(ctx, e.act)
	if err != nil {
		return err
	}
	if p.Record != nil {
		var said struct {
			SHA256 string `json:"sha256"`
		}
		if err := json.Unmarshal(p.Record, &said); err != nil {
			return errAltered.Because(err)
		}
		want = said.SHA256
	}
	if hex.EncodeToString(digest[:]) != want || e.SHA256 != want {
		return errAltered
	}
	return nil
}

// unit is one unit's row. Fault: evaluation.unit.
func (e *Evaluation) unit(tx *store.Tx, id string) (*Unit, error) {
	var r row
	found, err := tx.One(unitOne, []any{e.ID, e.Version, id}, &r.unit, &r.body)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errUnit
	}
	units, err := parseUnits([]row{r})
	if err != nil {
		return nil, err
	}
	return units[0], nil
}

// Tracing asks for the rows behind the figures of a unit.
type Tracing struct {
	ID        int64       `json:"evaluation"`
	Agency    ids.LegalID `json:"agency"` // or
	Province  string      `json:"province"`
	Criterion string      `json:"criterion"`
	Own       bool        `json:"own"` // of an agency: its own figures, without those of the bodies below it
}

// Traced is a criterion with the rows behind each of its figures.
type Traced struct {
	Unit    string         `json:"unit"`
	Rule    Criterion      `json:"rule"`
	Scoring Scoring        `json:"scoring"`
	Figures []TracedFigure `json:"figures"`
}

// TracedFigure is a figure, and what it was made of.
type TracedFigure struct {
	Figure      string       `json:"figure"`
	Fa          string       `json:"fa"`
	En          string       `json:"en"`
	Value       *int64       `json:"value,omitempty"` // as it was evaluated; absent: it is missing
	Sum         int64        `json:"sum"`             // of the rows, as they are now: what came later shows as a difference
	Rows        []TraceRow   `json:"rows"`
	Cut         bool         `json:"cut,omitempty"` // there are more than the most
	Corrections []Correction `json:"corrections,omitempty"`
}

// mostTraced is how many rows of a figure an answer holds.
const mostTraced = 10_000

// Trace tells which rows the figures of a criterion were made of. Faults:
// evaluation.unknown, evaluation.unit, evaluation.criterion,
// evaluation.altered.
func (b *Book) Trace(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Tracing) (*Traced, error) {
	of := &OfEvaluation{ID: in.ID, Agency: in.Agency, Province: in.Province}
	if in.Agency == 0 && in.Province == "" {
		of.Agency = actor.Agency
	}
	found, err := b.Find(ctx, j, actor, of)
	if err != nil {
		return nil, err
	}
	rule := found.Formula.criterion(in.Criterion)
	if rule == nil {
		return nil, fault.New(fault.Invalid, "evaluation.criterion").At("criterion")
	}
	i := slices.IndexFunc(found.Units, func(u *Unit) bool { return of.Agency != 0 || u.Kind == ProvinceUnit })
	if i < 0 {
		return nil, errUnit
	}
	u := found.Units[i]
	result, agencies := &u.Whole, u.Agencies
	if in.Own && u.Own != nil {
		result, agencies = u.Own, agencies[:1]
	}
	out := &Traced{Unit: u.ID, Rule: *rule, Figures: []TracedFigure{}}
	for _, s := range result.Criteria {
		if s.Criterion == rule.Code {
			out.Scoring = s
		}
	}
	for _, name := range rule.figures() {
		f := TracedFigure{
			Figure: name, Fa: message.Text(message.Fa, figureKey+name), En: message.Text(message.En, figureKey+name), Rows: []TraceRow{},
		}
		if v, ok := out.Scoring.Figures[name]; ok {
			f.Value = &v
		}
		if err := b.traceFigure(ctx, &f, agencies, found.Period); err != nil {
			return nil, err
		}
		for _, c := range u.Corrections {
			if c.Figure == name {
				f.Corrections = append(f.Corrections, c)
			}
		}
		out.Figures = append(out.Figures, f)
	}
	return out, nil
}

func (b *Book) traceFigure(ctx context.Context, f *TracedFigure, agencies []ids.LegalID, p Period) error {
	for _, id := range agencies {
		rows, err := b.rowsOf(ctx, id, f.Figure, p)
		if err != nil {
			return err
		}
		for _, r := range rows {
			f.Sum += r.Count
			if len(f.Rows) == mostTraced {
				f.Cut = true
				continue
			}
			f.Rows = append(f.Rows, r)
		}
	}
	return nil
}

// Keys of what figures, criteria and classes are called.
const (
	figureKey    = "evaluation.figure."
	criterionKey = "evaluation.criterion."
)
