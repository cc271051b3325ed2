package compliance

import (
	_ "embed" // the formula
	"encoding/json"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
)

// Formula is how figures become points. It is data, published as it is used
// (docs/evaluation.md), and each evaluation keeps the one that it was made by.
type Formula struct {
	Version    int         `json:"version"`
	Reference  string      `json:"reference"` // where it is published; of the board's weights, its decision
	AppealDays int         `json:"appeal_days"`
	Criteria   []Criterion `json:"criteria"`
}

// Criterion makes a share from 0 to 1 of figures, and of it the points. With t
// the sum of the figures it takes and n that of the figures it holds them
// against:
//
//	share   t / n
//	rest    1 - t / n
//	rate    1 - t × per / n, and 0 where that is negative
type Criterion struct {
	Code      string   `json:"code"`
	Weight    int64    `json:"weight"`             // its points at best; all criteria together have 100
	Mandatory bool     `json:"mandatory,omitzero"` // without it nothing is frozen but by a note
	Way       string   `json:"way"`
	Per       int64    `json:"per,omitzero"`
	Take      []string `json:"take"`
	Of        []string `json:"of"`
	Empty     string   `json:"empty"` // what it means that n is 0: missing or not_due
}

// States of a criterion.
const (
	Scored  = "scored"
	Missing = "missing" // the figures are not there: no points
	NotDue  = "not_due" // there was nothing to be done: it does not count, and the others count for it
)

//go:embed formula.json
var formulaFile []byte

// published is the formula with the weights that hold while the board has not
// decided others.
var published = func() (f Formula) {
	if err := json.Unmarshal(formulaFile, &f); err != nil {
		panic(err) // embedded
	}
	return f
}()

// effectWeights is the effect of a board's decision on the weights: its params
// are each criterion's points, 100 together.
const effectWeights = "evaluation-weights"

func checkWeights(params json.RawMessage) error {
	_, err := readWeights(params)
	return err
}

// readWeights checks the params of such a decision. Fault: evaluation.weights.
func readWeights(params json.RawMessage) (map[string]int64, error) {
	weights := map[string]int64{}
	if err := board.Params(params, &weights); err != nil {
		return nil, err
	}
	sum := int64(0)
	for _, c := range published.Criteria {
		w, ok := weights[c.Code]
		if !ok || w < 0 || w > 100 {
			return nil, fault.New(fault.Invalid, "evaluation.weights")
		}
		sum += w
	}
	if sum != 100 || len(weights) != len(published.Criteria) {
		return nil, fault.New(fault.Invalid, "evaluation.weights")
	}
	return weights, nil
}

// Formula is the one that holds on a day.
func (b *Book) Formula(on persian.Date) (*Formula, error) {
	f := published
	f.Criteria = slices.Clone(f.Criteria)
	d, ok := b.c.Board.InForce(effectWeights, on)
	if !ok {
		return &f, nil
	}
	weights, err := readWeights(d.Effect.Params)
	if err != nil {
		return nil, err
	}
	f.Reference = d.Reference
	for i := range f.Criteria {
		f.Criteria[i].Weight = weights[f.Criteria[i].Code]
	}
	return &f, nil
}

func (f *Formula) criterion(code string) *Criterion {
	for i := range f.Criteria {
		if f.Criteria[i].Code == code {
			return &f.Criteria[i]
		}
	}
	return nil
}

// figures lists the figures of a criterion, each once.
func (c *Criterion) figures() []string {
	all := slices.Clone(c.Take)
	for _, f := range c.Of {
		if !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}

// Points is a number of points in hundredths. In JSON it is a number with at
// most two decimals, and always the same bytes.
type Points int64

// MarshalJSON writes the number.
func (p Points) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(p)/100, 'f', -1, 64), nil
}

// UnmarshalJSON reads it again.
func (p *Points) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(string(b), 64)
	*p = Points(v*100 + 0.5)
	return err
}

// Share is a share in ten-thousandths.
type Share int64

// MarshalJSON writes a number from 0 to 1.
func (s Share) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(s)/perShare, 'f', -1, 64), nil
}

// UnmarshalJSON reads it again.
func (s *Share) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(string(b), 64)
	*s = Share(v*perShare + 0.5)
	return err
}

// Scoring is what became of one criterion.
type Scoring struct {
	Criterion string           `json:"criterion"`
	State     string           `json:"state"`
	Weight    int64            `json:"weight"`
	Share     Share            `json:"share"`
	Points    Points           `json:"points"`
	Figures   map[string]int64 `json:"figures"`
}

// score makes points of figures. A figure that is absent has not been given.
func (c *Criterion) score(raw map[string]int64) Scoring {
	s := Scoring{Criterion: c.Code, State: Scored, Weight: c.Weight, Figures: map[string]int64{}}
	for _, f := range c.figures() {
		if v, ok := raw[f]; ok {
			s.Figures[f] = v
		}
	}
	take, of, whole := sum(raw, c.Take), sum(raw, c.Of), len(s.Figures) == len(c.figures())
	switch {
	case !whole:
		s.State = Missing
	case of == 0:
		s.State = c.Empty
	default:
		s.Share = Share(c.part(take, of))
		s.Points = Points((int64(s.Share)*c.Weight + 50) / 100)
	}
	return s
}

// part is the criterion's share in ten-thousandths, rounded half up.
func (c *Criterion) part(take, of int64) int64 {
	if c.Way == "rate" {
		take *= c.Per
	}
	part := (min(take, of)*perShare*2 + of) / (of * 2)
	if c.Way != "share" {
		part = perShare - part
	}
	return part
}

func sum(raw map[string]int64, names []string) (n int64) {
	for _, name := range names {
		n += raw[name]
	}
	return n
}
