package board

import (
	"slices"

	"github.com/estelam/estelam/internal/compliance"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

// itemIn is the duty that the address names, with what was counted of it and
// all that was said.
func itemIn(v *page.Visit) (*compliance.Standing, error) {
	of, err := ids.ParseLegalID(v.R.PathValue("agency"))
	if err != nil {
		return nil, page.NotFound()
	}
	all, err := v.Compliance.List(v.Context(), v.Actor(), &compliance.Filter{Agency: of, Clause: v.R.PathValue("clause")})
	if fault.Is(err, fault.Invalid) || err == nil && len(all) == 0 {
		return nil, page.NotFound()
	}
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// declaration shows one duty of an agency: what it declared beside what the
// program has counted, and how it was judged.
func declaration(v *page.Visit) error {
	s, err := itemIn(v)
	if err != nil {
		return err
	}
	screen := page.Screen{
		Title: v.T("console.board.declaration.title", v.Law(s.Clause)), Lead: v.T("console.board.declaration.lead", s.Name, v.Either(s.Fa, s.En)),
		Above: &page.Link{Path: "/board/declarations", Text: v.T("console.board.declarations.title")}, Blocks: itemBlocks(v, s),
	}
	if v.Role() == register.Inspector && s.State == compliance.Declared && s.Agency != v.Asker.Agency.ID {
		screen.Buttons = []page.Button{{Path: itemPath("inspector", s.Agency, s.Clause) + "/judge", Text: v.T("console.board.judgement.link"), Icon: "scale"}}
	}
	return v.Show(screen)
}

// itemBlocks is what whoever judges must see.
func itemBlocks(v *page.Visit, s *compliance.Standing) []any {
	facts := page.Facts{Title: v.T("console.board.declaration.declared"), List: []page.Fact{
		stateFact(v, "state", "item", s.State.String()), fact(v, "agency", s.Name), fact(v, "done", v.Day(s.Done)), fact(v, "share", v.Share(s.Share)),
		fact(v, "document", s.Document), fact(v, "due", v.Day(s.Due)),
	}}
	if s.Late > 0 {
		facts.List[len(facts.List)-1].Small = v.T("console.board.declaration.late", v.Count(int64(s.Late)))
	}
	if s.Paper != "" {
		facts.List = append(facts.List, numberFact(v, "paper", page.Grouped(s.Paper)))
	}
	return []any{page.Pair{Main: append(counted(v, s), itemLine(v, s)), Side: []any{facts}}}
}

// counted is what the program itself knows of a duty.
func counted(v *page.Visit, s *compliance.Standing) []any {
	e := s.Counted
	if e == nil {
		return []any{page.Note{Tone: page.Info, Title: v.T("console.board.declaration.counted"), Text: v.T("console.board.declaration.blind")}}
	}
	if e.Share == nil && len(e.Rows) == 0 {
		return []any{page.Note{Tone: page.Warn, Title: v.T("console.board.declaration.counted"), Text: v.T("console.board.declaration.uncounted")}}
	}
	row := page.Compared{Label: v.T("console.board.column.share"), Values: []string{v.Share(s.Share), v.Share(e.Share)}}
	if s.Share != nil && e.Share != nil {
		row.Tone, row.Note = page.Good, v.T("console.board.state.dossier.agrees")
		if v.Percent(*s.Share) != v.Percent(*e.Share) {
			row.Tone, row.Note = page.Warn, v.T("console.board.state.dossier.differs")
		}
	}
	all := []any{page.Compare{
		Title: v.T("console.board.declaration.counted"), Columns: []string{v.T("console.board.declaration.says"), v.T("console.board.declaration.counts")},
		Rows: []page.Compared{row, {Label: v.T("console.board.declaration.part"), Values: []string{"–", v.T("console.board.declaration.of", v.Count(e.Part), v.Count(e.Whole))}}},
	}}
	chart := page.Chart{
		Title: v.T("console.board.declaration.chart"), Label: v.T("console.board.column.date"), Kind: page.Curve,
		Series: []string{v.T("console.board.column.share")}, Format: v.Percent,
	}
	for _, p := range e.Series[max(0, len(e.Series)-24):] {
		if p.Whole > 0 {
			chart.Points = append(chart.Points, page.Point{Label: v.ShortDay(persian.DateOf(p.At)), Values: []float64{float64(p.Part) / float64(p.Whole)}})
		}
	}
	if len(chart.Points) > 1 {
		all = append(all, v.Chart(chart))
	}
	return append(all, evidenceRows(v, s))
}

// evidenceRows are what the count was made of, the newest first; nil if there
// are none.
func evidenceRows(v *page.Visit, s *compliance.Standing) *page.Table {
	rows := s.Counted.Rows
	if len(rows) == 0 {
		return nil
	}
	t := &page.Table{Title: v.T("console.board.declaration.rows"), Columns: heads(v, "kind", "row", "time")}
	if len(rows) > mostTraced {
		t.Note, rows = v.T("console.board.declaration.cut", v.Count(mostTraced)), rows[len(rows)-mostTraced:]
	}
	for i := range slices.Backward(rows) {
		r := &rows[i]
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: v.T("console.board.noun." + r.Noun)}, rowCell(v, s.Agency, r), {Text: v.Moment(r.At)}}})
	}
	return t
}

// itemLine is all that was said of a duty, the newest first.
func itemLine(v *page.Visit, s *compliance.Standing) page.Timeline {
	t := page.Timeline{Title: v.T("console.board.declaration.story"), Empty: v.T("console.board.declaration.story.none")}
	icons := map[compliance.State]string{compliance.Declared: "pen", compliance.Accepted: "ok", compliance.Returned: "back"}
	for _, i := range slices.Backward(s.Versions) {
		e := page.Event{
			When: v.Moment(i.At), Title: v.T("console.board.state.item." + i.State.String()), Text: i.Note, Tone: tones[i.State.String()], Icon: icons[i.State],
			By: roleName(v, i.Role),
		}
		if i.State == compliance.Declared {
			e.By = v.T("console.board.by", officerName(v, i.Agency, i.By), e.By)
			e.Facts = []page.Fact{fact(v, "done", v.Day(i.Done)), fact(v, "share", v.Share(i.Share)), fact(v, "document", i.Document)}
		} else {
			e.By = v.T("console.board.by", page.Isolated(i.By), e.By)
		}
		t.Events = append(t.Events, e)
	}
	return t
}

// verdict is a judgement in the word that was chosen.
type verdict struct {
	compliance.Judgement
	Decision string `json:"decision"`
}

// judgeItem accepts a declaration or returns it with a reason. It judges the
// version that was shown: who comes second is told that it changed.
var judgeItem = page.Form[verdict]{
	Path: "/inspector/declarations/{agency}/{clause}/judge", Roles: inspectors, Key: "console.board.judgement.", Wide: true,
	Begin: func(v *page.Visit, in *verdict) error {
		s, err := itemIn(v)
		if err == nil {
			in.Agency, in.Clause, in.Version = s.Agency, s.Clause, s.Version
		}
		return err
	},
	Above: func(v *page.Visit, in *verdict) *page.Link {
		return &page.Link{Path: itemPath("board", in.Agency, in.Clause), Text: v.T("console.board.declaration.title", v.Law(in.Clause))}
	},
	Around: func(v *page.Visit, _ *verdict) ([]any, error) {
		s, err := itemIn(v)
		if err != nil {
			return nil, err
		}
		all := []any{page.Note{Tone: page.Info, Title: v.Either(s.Fa, s.En), Text: s.Name}}
		if s.State != compliance.Declared {
			all = []any{page.Note{Tone: page.Warn, Title: v.T("console.board.judgement.nothing"), Text: v.T("console.board.state.item." + s.State.String())}}
		}
		return append(all, itemBlocks(v, s)...), nil
	},
	Controls: func(v *page.Visit, _ *verdict) ([]page.Control, error) {
		return []page.Control{
			{Name: "decision", Kind: page.Choose1, Options: page.Blank(v.T("console.form.choose"), options(v, "console.board.judgement.decision.", "accept", "return"))},
			{Name: "note", Kind: page.LongText, Optional: true},
			{Name: "version", Kind: page.Carried},
		}, nil
	},
	Do: func(v *page.Visit, in *verdict) (page.Done, error) {
		switch in.Decision {
		case "accept":
			in.Accept = true
		case "return":
		default:
			return page.Done{}, fault.New(fault.Invalid, "console.board.judgement.choose").At("decision")
		}
		_, proven, err := v.Compliance.Judge(v.Context(), v.Journal, v.Actor(), &in.Judgement)
		return page.Done{Path: itemPath("board", in.Agency, in.Clause), Code: proven.Code}, err
	},
}
