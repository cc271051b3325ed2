package board

import (
	"slices"

	boards "github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/console/page"
)

func decisionIn(v *page.Visit) (*boards.Decision, error) {
	id, err := v.Number("decision")
	if err != nil {
		return nil, err
	}
	return v.Board.Find(v.Context(), v.Actor(), &boards.Of{Decision: id})
}

// decision shows one: what it says, what the program does on it, who signed.
func decision(v *page.Visit) error {
	d, err := decisionIn(v)
	if err != nil {
		return err
	}
	waiting, err := awaiting(v)
	if err != nil {
		return err
	}
	me, err := mine(v)
	if err != nil {
		return err
	}
	path := at("/board/decisions/", d.ID)
	s := page.Screen{
		Title: v.T("console.board.decision.title", v.No(d.ID)), Lead: v.T("console.board.decision.lead", d.Reference, v.Day(d.Date)),
		Above: &page.Link{Path: "/board/decisions", Text: v.T("console.board.decisions.title")},
	}
	if slices.ContainsFunc(waiting, func(w boards.Decision) bool { return w.ID == d.ID }) {
		s.Buttons = append(s.Buttons, page.Button{Path: path + "/sign", Text: v.T("console.board.sign.link"), Icon: "pen"})
	}
	if d.State == boards.Drafted && me != nil && (me.ID == d.Member || me.Office == boards.Chair) {
		s.Buttons = append(s.Buttons, page.Button{Path: path + "/withdraw", Text: v.T("console.board.withdraw.link"), Ghost: true})
	}
	if d.State == boards.Decided && me != nil {
		s.Buttons = append(s.Buttons, page.Button{Path: at("/board/follow-ups/new?decision=", d.ID), Text: v.T("console.board.followup.link"), Icon: "flag", Ghost: true})
	}
	blocks, err := decisionBlocks(v, d)
	if err != nil {
		return err
	}
	s.Blocks = blocks
	return v.Show(s)
}

// decisionBlocks are all that a decision says, for who reads or signs it.
func decisionBlocks(v *page.Visit, d *boards.Decision) ([]any, error) {
	who, err := v.Board.Members(v.Context(), v.Actor())
	if err != nil {
		return nil, err
	}
	signed := &page.Table{Title: v.T("console.board.decision.signatures"), Columns: heads(v, "body", "signed")}
	for _, body := range boards.Bodies {
		row := page.Row{Cells: []page.Cell{{Text: bodyName(v, body)}, {Text: v.T("console.board.decision.unsigned")}}}
		for _, s := range d.Signatures {
			if s.Body == body {
				row.Cells[1] = page.Cell{Text: v.T("console.board.decision.signed"), Tone: page.Good, Small: v.T("console.board.decision.signer", memberName(v, who, s.Member), v.Moment(s.At))}
			}
		}
		signed.Rows = append(signed.Rows, row)
	}
	state := decisionState(v, d)
	facts := []page.Fact{
		{Label: v.T("console.board.fact.state"), Value: state.Text, Tone: state.Tone},
		{Label: v.T("console.board.fact.session"), Value: v.T("console.board.session.no", v.No(d.Session)), Path: at("/board/sessions/", d.Session)},
		fact(v, "authority", v.T("board.authority."+d.Authority)), fact(v, "from", v.Day(d.From)),
		fact(v, "drafted_by", memberName(v, who, d.Member)), fact(v, "at", v.Moment(d.Made)),
	}
	if d.State != boards.Drafted {
		facts = append(facts, fact(v, "ended", v.Moment(d.Ended)))
	}
	if d.Repealed != 0 {
		facts = append(facts, page.Fact{Label: v.T("console.board.fact.repealed_by"), Value: v.T("console.board.decision.no", v.No(d.Repealed)), Path: at("/board/decisions/", d.Repealed), Small: v.Day(d.Over)})
	}
	facts = append(facts, numberFact(v, "digest", page.Grouped(d.SHA256)))
	return []any{page.Pair{
		Main: []any{
			page.Panel{Title: v.T("console.board.decision.text"), Blocks: []any{lines(d.Text)}},
			page.Panel{Title: v.T("console.board.decision.effect"), Lead: effectLead(v, d.Effect.Kind), Blocks: effectBlocks(v, d)},
		},
		Side: []any{signed, page.Facts{Title: v.T("console.board.decision.facts"), List: facts}},
	}}, nil
}

func effectBlocks(v *page.Visit, d *boards.Decision) []any {
	facts := effectFacts(v, &d.Effect)
	if len(facts) == 0 {
		return nil
	}
	return []any{page.Facts{List: facts}}
}

func aboveDecision(v *page.Visit, id int64) *page.Link {
	return &page.Link{Path: at("/board/decisions/", id), Text: v.T("console.board.decision.title", v.No(id))}
}

// sign takes a member's signature over what he has before him.
var sign = page.Form[boards.Signing]{
	Path: "/board/decisions/{decision}/sign", Roles: members, Key: "console.board.sign.", Wide: true,
	Begin: func(v *page.Visit, in *boards.Signing) error {
		d, err := decisionIn(v)
		if err == nil {
			in.Decision, in.SHA256 = d.ID, d.SHA256
		}
		return err
	},
	Above: func(v *page.Visit, in *boards.Signing) *page.Link { return aboveDecision(v, in.Decision) },
	Around: func(v *page.Visit, in *boards.Signing) ([]any, error) {
		d, err := v.Board.Find(v.Context(), v.Actor(), &boards.Of{Decision: in.Decision})
		if err != nil {
			return nil, err
		}
		return decisionBlocks(v, d)
	},
	Controls: func(*page.Visit, *boards.Signing) ([]page.Control, error) {
		return []page.Control{{Name: "sha256", Kind: page.Carried}}, nil
	},
	Do: func(v *page.Visit, in *boards.Signing) (page.Done, error) {
		d, proven, err := v.Board.Sign(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, err
		}
		done := page.Done{Path: at("/board/decisions/", d.ID), Code: proven.Code}
		if d.State == boards.Decided {
			done.Said = "console.board.sign.decided"
		}
		return done, nil
	},
}

// withdraw takes a draft back.
var withdraw = page.Form[boards.Of]{
	Path: "/board/decisions/{decision}/withdraw", Roles: members, Key: "console.board.withdraw.", Danger: true,
	Begin: func(v *page.Visit, in *boards.Of) (err error) {
		in.Decision, err = v.Number("decision")
		return err
	},
	Above: func(v *page.Visit, in *boards.Of) *page.Link { return aboveDecision(v, in.Decision) },
	Around: func(v *page.Visit, in *boards.Of) ([]any, error) {
		d, err := v.Board.Find(v.Context(), v.Actor(), in)
		if err != nil {
			return nil, err
		}
		return []any{page.Panel{Title: v.T("console.board.decision.text"), Blocks: []any{lines(d.Text)}}}, nil
	},
	Controls: func(*page.Visit, *boards.Of) ([]page.Control, error) { return []page.Control{}, nil },
	Do: func(v *page.Visit, in *boards.Of) (page.Done, error) {
		_, proven, err := v.Board.Withdraw(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: at("/board/decisions/", in.Decision), Code: proven.Code}, err
	},
}
