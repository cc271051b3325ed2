package board

import (
	"encoding/json"
	"slices"
	"strconv"

	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// plain stands in addresses for a decision without effect.
const plain = "text"

// Effects whose names their nouns keep for themselves.
const (
	weightsEffect  = "evaluation-weights"
	validityEffect = "card-validity"
	repealEffect   = "repeal"
)

// form is the controls of one effect: params gives what was typed, as the
// effect's params.
type form struct {
	controls  func(v *page.Visit) ([]page.Control, error)
	params    func(p *params) any
	authority string // whose decision it has to be; "": anybody's
}

// params are those of all effects; only one kind of a draft is filled in.
type params struct {
	Start struct {
		Name string       `json:"name"`
		Day  persian.Date `json:"day"`
	} `json:"start"`
	Methods struct {
		Methods []string `json:"methods"`
	} `json:"methods"`
	Order struct {
		Agencies []ids.LegalID `json:"agencies"`
	} `json:"order"`
	Validity struct {
		DecidedOn persian.Date `json:"decided_on"`
		Years     int          `json:"years"`
		Reference string       `json:"reference"`
	} `json:"validity"`
	Open struct {
		Purposes []string `json:"purposes"`
	} `json:"open"`
	Weights struct {
		Adoption  int64 `json:"adoption"`
		Copies    int64 `json:"copies"`
		Reports   int64 `json:"reports"`
		Answers   int64 `json:"answers"`
		Quality   int64 `json:"quality"`
		Obstacles int64 `json:"obstacles"`
	} `json:"weights"`
	Days struct {
		Days int `json:"days"`
	} `json:"days"`
	Repeal struct {
		Decision int64 `json:"decision"`
	} `json:"repeal"`
}

// member is where the params of a kind stand among the controls.
var member = map[string]string{
	boards.StartDate: "of.start", delivery.MethodsEffect: "of.methods", delivery.PriorityEffect: "of.order", validityEffect: "of.validity",
	citizen.OpenPurposes: "of.open", weightsEffect: "of.weights", complaint.Days: "of.days", repealEffect: "of.repeal",
}

// formsOf are the forms of the effects that the program knows.
var formsOf = map[string]form{
	plain: {controls: func(*page.Visit) ([]page.Control, error) { return nil, nil }},
	boards.StartDate: {
		params: func(p *params) any { return p.Start },
		controls: func(v *page.Visit) ([]page.Control, error) {
			var names []string
			for _, s := range v.Deadlines.Starts() {
				names = append(names, s.Name)
			}
			return []page.Control{
				{Name: "of.start.name", Kind: page.Choose1, Options: page.Blank(v.T("console.form.choose"), options(v, "console.board.start.", names...))},
				{Name: "of.start.day", Kind: page.Date},
			}, nil
		},
	},
	delivery.MethodsEffect: {
		params: func(p *params) any { return p.Methods },
		controls: func(v *page.Visit) ([]page.Control, error) {
			return []page.Control{{
				Name: "of.methods.methods", Kind: page.Ticks,
				Options: options(v, "console.board.method.", delivery.Terminal, delivery.Media, delivery.API),
			}}, nil
		},
	},
	delivery.PriorityEffect: {
		params: func(p *params) any { return p.Order },
		controls: func(*page.Visit) ([]page.Control, error) {
			return []page.Control{{Name: "of.order.agencies", Kind: page.Lines}}, nil
		},
	},
	validityEffect: {
		params: func(p *params) any { return p.Validity }, authority: boards.Ministers,
		controls: func(*page.Visit) ([]page.Control, error) {
			return []page.Control{
				{Name: "of.validity.decided_on", Kind: page.Date}, {Name: "of.validity.years", Kind: page.Number}, {Name: "of.validity.reference"},
			}, nil
		},
	},
	citizen.OpenPurposes: {
		params: func(p *params) any {
			if p.Open.Purposes == nil {
				p.Open.Purposes = []string{} // none is open
			}
			return p.Open
		},
		controls: func(v *page.Visit) ([]page.Control, error) {
			return []page.Control{{Name: "of.open.purposes", Kind: page.Ticks, Options: page.Choose(purposes(v), "", v.Word)}}, nil
		},
	},
	weightsEffect: {params: func(p *params) any { return p.Weights }, controls: weightControls},
	complaint.Days: {
		params: func(p *params) any { return p.Days },
		controls: func(*page.Visit) ([]page.Control, error) {
			return []page.Control{{Name: "of.days.days", Kind: page.Number}}, nil
		},
	},
	repealEffect: {params: func(p *params) any { return p.Repeal }, controls: repealControls},
}

// purposes are those that agreements in force name.
func purposes(v *page.Visit) (all []string) {
	now := v.Clock()
	for _, a := range v.Agencies.Agencies() {
		in, ok := v.Agreements.InForce(a.ID, now)
		if !ok {
			continue
		}
		for i := range in.Clauses {
			all = append(all, in.Clauses[i].Purposes...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// weightControls are the points of each criterion, beginning with those in force.
func weightControls(v *page.Visit) ([]page.Control, error) {
	f, err := v.Compliance.Formula(today(v))
	if err != nil {
		return nil, err
	}
	var all []page.Control
	for _, c := range f.Criteria {
		all = append(all, page.Control{Name: "of.weights." + c.Code, Kind: page.Number, Label: "evaluation.criterion." + c.Code})
	}
	return all, nil
}

// repealControls offers the decisions that can be repealed; the act has the
// last word.
func repealControls(v *page.Visit) ([]page.Control, error) {
	all, err := allDecisions(v, &boards.Filter{State: boards.Decided})
	c := page.Control{Name: "of.repeal.decision", Kind: page.Choose1, Options: []page.Option{{Text: v.T("console.form.choose")}}}
	for i := range slices.Backward(all) {
		if d := &all[i]; d.Repealed == 0 && d.Effect.Kind != repealEffect {
			c.Options = append(c.Options, page.Option{Value: strconv.FormatInt(d.ID, 10), Text: v.T("console.board.decision.named", v.No(d.ID), excerpt(d.Text, 60))})
		}
	}
	return []page.Control{c}, err
}

// effectName is what the program does, in a few words.
func effectName(v *page.Visit, kind string) string {
	if kind == "" {
		kind = plain
	}
	return v.Known("console.board.effect.", kind)
}

// effectLead is the same in a sentence.
func effectLead(v *page.Visit, kind string) string {
	if _, ok := formsOf[kind]; !ok {
		kind = plain
	}
	return v.T("console.board.effect_text." + page.Keyed(kind))
}

// effectFacts are the params of an effect in words.
func effectFacts(v *page.Visit, e *boards.Effect) []page.Fact {
	var p params
	into := map[string]any{
		boards.StartDate: &p.Start, delivery.MethodsEffect: &p.Methods, delivery.PriorityEffect: &p.Order, validityEffect: &p.Validity,
		citizen.OpenPurposes: &p.Open, weightsEffect: &p.Weights, complaint.Days: &p.Days, repealEffect: &p.Repeal,
	}[e.Kind]
	if into == nil || json.Unmarshal(e.Params, into) != nil {
		if len(e.Params) == 0 {
			return nil
		}
		return []page.Fact{fact(v, "params", page.Isolated(string(e.Params)))} // of an effect that these pages do not know
	}
	switch e.Kind {
	case boards.StartDate:
		return []page.Fact{fact(v, "start", v.Known("console.board.start.", p.Start.Name)), fact(v, "day", v.Day(p.Start.Day))}
	case delivery.MethodsEffect:
		return []page.Fact{fact(v, "methods", wordsOf(v, "console.board.method.", p.Methods.Methods))}
	case delivery.PriorityEffect:
		var all []page.Fact
		for i, id := range p.Order.Agencies {
			all = append(all, page.Fact{Label: v.No(int64(i + 1)), Value: v.AgencyName(id)})
		}
		return all
	case validityEffect:
		return []page.Fact{
			fact(v, "decided_on", v.Day(p.Validity.DecidedOn)), fact(v, "years", v.Count(int64(p.Validity.Years))), fact(v, "reference", p.Validity.Reference),
		}
	case citizen.OpenPurposes:
		var all []string
		for _, w := range p.Open.Purposes {
			all = append(all, v.Word(w))
		}
		return []page.Fact{fact(v, "purposes", list(v, all))}
	case complaint.Days:
		return []page.Fact{fact(v, "days", v.Count(int64(p.Days.Days)))}
	case repealEffect:
		return []page.Fact{{Label: v.T("console.board.fact.repeals"), Value: v.T("console.board.decision.no", v.No(p.Repeal.Decision)), Path: at("/board/decisions/", p.Repeal.Decision)}}
	}
	weights := map[string]int64{}
	_ = json.Unmarshal(e.Params, &weights) // read above
	var all []page.Fact
	for code, n := range weights {
		all = append(all, page.Fact{Label: v.Known("evaluation.criterion.", code), Value: v.Count(n)})
	}
	slices.SortFunc(all, func(a, b page.Fact) int { return compare(a.Label, b.Label) })
	return all
}
