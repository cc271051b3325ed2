package board

import (
	"encoding/json"
	"slices"
	"strconv"

	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/console/page"
)

// kindsOfDraft asks what the program shall do on the decision; each effect has
// its own form.
func kindsOfDraft(v *page.Visit) error {
	held, err := v.Board.Sessions(v.Context(), v.Actor(), &boards.Page{Limit: 1})
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: v.T("console.board.draft.title"), Lead: v.T("console.board.draft.choose"),
		Above: &page.Link{Path: "/board/decisions", Text: v.T("console.board.decisions.title")},
	}
	if len(held) == 0 {
		s.Blocks = append(s.Blocks, page.Note{
			Tone: page.Warn, Title: v.T("console.board.draft.no_session"), Text: v.T("console.board.draft.no_session.text"),
			Links: []page.Link{{Path: "/board/hold", Text: v.T("console.board.hold.link")}},
		})
	}
	icons := map[string]string{
		plain: "paper", boards.StartDate: "calendar", "delivery-methods": "box", "delivery-priority": "list", validityEffect: "card",
		"open-purposes": "lock", weightsEffect: "scale", "complaint-days": "clock", repealEffect: "cross",
	}
	var choices page.Choices
	for _, kind := range append([]string{plain}, v.Board.Effects()...) {
		if _, ok := formsOf[kind]; !ok {
			continue
		}
		choices = append(choices, page.Choice{
			Title: effectName(v, kind), Text: effectLead(v, kind), Icon: icons[kind],
			Links: []page.Link{{Path: "/board/draft/" + kind, Text: v.T("console.board.draft.choice")}},
		})
	}
	s.Blocks = append(s.Blocks, choices)
	return v.Show(s)
}

// drafting is a decision as a member writes it, with the params of its effect
// as controls.
type drafting struct {
	boards.Draft
	Of params `json:"of"`

	kind string
}

var draft = page.Form[drafting]{
	Path: "/board/draft/{kind}", Roles: members, Key: "console.board.draft.",
	Begin: func(v *page.Visit, in *drafting) error {
		in.kind = v.R.PathValue("kind")
		f, ok := formsOf[in.kind]
		if !ok || in.kind != plain && !slices.Contains(v.Board.Effects(), in.kind) {
			return page.NotFound()
		}
		if in.Authority = f.authority; in.Authority == "" {
			in.Authority = boards.Board
		}
		return beginParams(v, in)
	},
	Above: func(v *page.Visit, _ *drafting) *page.Link {
		return &page.Link{Path: "/board/draft", Text: v.T("console.board.draft.others")}
	},
	Around: func(v *page.Visit, in *drafting) ([]any, error) {
		return []any{page.Note{Tone: page.Info, Title: effectName(v, in.kind), Text: effectLead(v, in.kind)}}, nil
	},
	Controls: func(v *page.Visit, in *drafting) ([]page.Control, error) {
		f := formsOf[in.kind]
		of, err := f.controls(v)
		if err != nil {
			return nil, err
		}
		if len(of) > 0 {
			of[0].Legend = "console.board.draft.effect"
		}
		held, err := allSessions(v)
		if err != nil {
			return nil, err
		}
		session := page.Control{Name: "session", Kind: page.Choose1, Legend: "console.board.draft.decision", Options: page.Blank(v.T("console.form.choose"), nil)}
		for _, s := range slices.Backward(held) {
			session.Options = append(session.Options, page.Option{Value: strconv.FormatInt(s.ID, 10), Text: v.T("console.board.session.named", v.No(s.ID), v.Day(s.Date))})
		}
		whose := []string{boards.Board, boards.Ministers, boards.Interior, boards.Planning}
		if f.authority != "" {
			whose = []string{f.authority}
		}
		authority := page.Control{Name: "authority", Kind: page.Choose1, Options: page.Choose(whose, in.Authority, func(w string) string { return v.T("board.authority." + w) })}
		return append([]page.Control{
			session, {Name: "text", Kind: page.LongText}, {Name: "reference"}, authority, {Name: "from", Kind: page.Date},
		}, of...), nil
	},
	Do: func(v *page.Visit, in *drafting) (page.Done, error) {
		if in.kind != plain {
			encoded, err := json.Marshal(formsOf[in.kind].params(&in.Of))
			if err != nil {
				return page.Done{}, err
			}
			in.Effect = boards.Effect{Kind: in.kind, Params: encoded}
		}
		d, proven, err := v.Board.Draft(v.Context(), v.Journal, v.Actor(), &in.Draft)
		if err != nil {
			return page.Done{}, page.Moved(err, "effect.params", member[in.kind])
		}
		return page.Done{Path: at("/board/decisions/", d.ID), Code: proven.Code}, nil
	},
}

// beginParams shows what holds today, where that helps to write what shall hold.
func beginParams(v *page.Visit, in *drafting) error {
	if v.R.Method == "POST" {
		return nil
	}
	in.From = today(v)
	if in.kind != weightsEffect {
		return nil
	}
	f, err := v.Compliance.Formula(today(v))
	if err != nil {
		return err
	}
	weights := map[string]int64{}
	for _, c := range f.Criteria {
		weights[c.Code] = c.Weight
	}
	encoded, err := json.Marshal(weights)
	if err != nil {
		return err
	}
	return json.Unmarshal(encoded, &in.Of.Weights)
}
