package office

import (
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/delivery"
)

// reviewIn reads the case in the page's path. Whose records it shows are told
// so by entries.
func reviewIn(v *page.Visit) (*delivery.Review, error) {
	id, err := v.Number("review")
	if err != nil {
		return nil, err
	}
	r, _, err := v.Deliveries.FindReview(v.Context(), v.Journal, v.Actor(), &delivery.OfReview{Review: id})
	return r, err
}

func aboveReview(v *page.Visit) *page.Link {
	return &page.Link{Path: "/office/reviews", Text: v.T("console.office.reviews.title")}
}

// showReview shows a case with all that was done.
func showReview(v *page.Visit) error {
	r, err := reviewIn(v)
	if err != nil {
		return err
	}
	path := at("/office/reviews/", r.ID)
	s := page.Screen{Title: v.T("console.office.review.title", v.No(r.ID)), Above: aboveReview(v)}
	s.Lead = v.T("console.office.review.of", v.No(r.Delivery), v.No(r.Line))
	switch {
	case r.State == delivery.ReviewDecided:
		s.Buttons = []page.Button{{Path: path + "/undo", Text: v.T("console.office.undoreview.link"), Ghost: true}}
		s.Blocks = append(s.Blocks, page.Note{Tone: page.Good, Title: v.T("console.office.finding." + r.Finding.String()), Text: v.Moment(r.Decided)})
	case r.Taker == v.Asker.Officer.Login:
		s.Buttons = []page.Button{{Path: path + "/decide", Text: v.T("console.office.decidereview.link")}}
	case r.Taker != "" && chief(v):
		s.Blocks = append(s.Blocks, press(v, path+"/release", "console.office.releasereview.button"))
	}
	s.Blocks = append(s.Blocks, candidates(v, r)...)
	if len(r.Steps) > 0 {
		s.Blocks = append(s.Blocks, reviewSteps(v, r))
	}
	return v.Show(s)
}

// candidates stands the agency's row beside the persons whom it may mean, and
// draws what each column says for and against each of them.
func candidates(v *page.Visit, r *delivery.Review) []any {
	table := page.Compare{Title: v.T("console.office.review.compare"), Columns: []string{v.T("console.office.review.row")}}
	for i, value := range r.Row {
		row := page.Compared{Label: field(v, value.Column), Values: []string{said(v, value.Column, value.Value)}}
		for _, c := range r.Candidates {
			cell := said(v, c.Columns[i].Column, c.Columns[i].Value)
			if level := c.Columns[i].Level; level != "" && level != "missing" {
				cell += " (" + v.Known("console.office.level.", c.Columns[i].Level) + ")"
			}
			row.Values = append(row.Values, cell)
		}
		if len(r.Candidates) > 0 {
			row.Tone, row.Note = columnSays(v, &r.Candidates[0].Columns[i])
		}
		table.Rows = append(table.Rows, row)
	}
	tiles, charts := page.Tiles{}, []any{}
	for _, c := range r.Candidates {
		name := v.T("console.office.review.candidate", v.No(int64(c.No)))
		table.Columns = append(table.Columns, name)
		tile := page.Tile{
			Label: name + " · " + v.T("console.office.person_state."+c.State), Value: v.Percent(c.Probability),
			Note: v.T("console.office.review.weight", signed(v, c.Weight, 1)), Tone: page.Info,
		}
		if c.Changed {
			tile.Note, tile.Tone = tile.Note+" · "+v.T("console.office.review.changed"), page.Warn
		}
		tiles = append(tiles, tile)
		charts = append(charts, weightChart(v, &c, name))
	}
	if len(r.Candidates) == 0 {
		return []any{page.Note{Tone: page.Warn, Text: v.T("console.office.review.nobody")}, table}
	}
	all := []any{tiles, table}
	if len(charts) == 1 {
		return append(all, charts[0])
	}
	return append(all, page.Pair{Main: charts[:1], Side: charts[1:], Even: true})
}

// said writes a value of a row or a record.
func said(v *page.Visit, column, text string) string {
	if column == "sex" && text != "male" && text != "female" { // as the file has it
		column = ""
	}
	return value(v, column, text)
}

// columnSays tells in a word what a column says for the first candidate.
func columnSays(v *page.Visit, c *delivery.ReviewColumn) (tone, note string) {
	switch {
	case c.Level == "" || c.Level == "missing":
		return page.Plain, v.T("console.office.says.nothing")
	case c.Bits > 0:
		return page.Good, v.T("console.office.says.for")
	case c.Bits < 0:
		return page.Bad, v.T("console.office.says.against")
	}
	return page.Plain, v.T("console.office.says.nothing")
}

func weightChart(v *page.Visit, c *delivery.ReviewCandidate, name string) any {
	chart := page.Chart{
		Title: v.T("console.office.review.chart", name), Kind: page.Weights, Series: []string{v.T("console.office.review.bits")},
		Label: v.T("console.compare.item"), Format: func(f float64) string { return signed(v, f, 1) },
	}
	for _, x := range c.Columns {
		chart.Points = append(chart.Points, page.Point{Label: field(v, x.Column), Values: []float64{x.Bits}})
	}
	return v.Chart(chart)
}

func reviewSteps(v *page.Visit, r *delivery.Review) page.Timeline {
	line := page.Timeline{Title: v.T("console.office.case.steps")}
	for i := len(r.Steps) - 1; i >= 0; i-- {
		s := r.Steps[i]
		e := page.Event{When: v.Moment(s.At), By: s.Officer, Title: v.T("console.office.review_step." + s.What), Text: s.Note, Icon: "info"}
		if s.Finding != 0 {
			e.Facts = append(e.Facts, page.Fact{Label: v.T("console.office.decidereview.decision"), Value: v.T("console.office.finding." + s.Finding.String())})
		}
		if s.Number != 0 {
			e.Facts = append(e.Facts, page.Fact{Label: v.T("console.field.national_number"), Value: v.Digits(s.Number.String()), Number: true})
		}
		if s.Reason != "" {
			e.Facts = append(e.Facts, page.Fact{Label: v.T("console.office.field.reason"), Value: reason(v, s.Reason)})
		}
		line.Events = append(line.Events, e)
	}
	return line
}

// reviewing is a decision and the case that it is about.
type reviewing struct {
	delivery.ReviewDecision
	of *delivery.Review
}

// decideReview is where a clerk works: row, candidates, weights, decision.
var decideReview = page.Form[reviewing]{
	Path: "/office/reviews/{review}/decide", Roles: staff, Key: "console.office.decidereview.", Wide: true,
	Begin: func(v *page.Visit, in *reviewing) (err error) {
		if in.of, err = reviewIn(v); err != nil {
			return err
		}
		in.Review = in.of.ID
		return nil
	},
	Around: func(v *page.Visit, in *reviewing) ([]any, error) {
		var all []any
		if in.of.Two {
			all = append(all, page.Note{Tone: page.Warn, Text: stakes(v, in.of)})
		}
		if !in.of.Until.IsZero() {
			all = append(all, page.Note{Tone: page.Info, Text: v.T("console.office.review.until", v.Hour(in.of.Until))})
		}
		return append(append(all, candidates(v, in.of)...), press(v, at("/office/reviews/", in.Review)+"/release", "console.office.releasereview.button")), nil
	},
	Above: func(v *page.Visit, _ *reviewing) *page.Link { return aboveReview(v) },
	Controls: func(v *page.Visit, in *reviewing) ([]page.Control, error) {
		finding := page.Control{Name: "finding", Kind: page.Choose1, Show: true}
		finding.Options = page.Blank(v.T("console.office.choose"), nil)
		for _, c := range in.of.Candidates {
			n := strconv.Itoa(c.No)
			finding.Options = append(finding.Options, page.Option{Value: n, Text: v.T("console.office.review.is", v.Digits(n), v.Digits(c.Number.String()))})
		}
		for _, w := range []string{"none", "cannot_tell"} {
			finding.Options = append(finding.Options, page.Option{Value: w, Text: v.T("console.office.finding." + w)})
		}
		words := []string{"clear", "spelling", "twin", "relative", "number-typo", "date-typo", "too-little"}
		return []page.Control{
			finding,
			{
				Name: "reason", Kind: page.Choose1, Label: "console.office.field.reason",
				Options: page.Choose(words, "", func(w string) string { return reason(v, w) }),
			},
			{Name: "note", Kind: page.LongText, Optional: true, Max: 500},
		}, nil
	},
	Do: func(v *page.Visit, in *reviewing) (page.Done, error) {
		in.Finding, in.Candidate = 0, 0
		switch chosen := v.R.PostFormValue("finding"); chosen {
		case "none":
			in.Finding = delivery.FoundNone
		case "cannot_tell":
			in.Finding = delivery.CannotTell
		case "":
			return page.Done{}, errChoose
		default:
			in.Finding = delivery.FoundCandidate
			in.Candidate, _ = strconv.Atoi(chosen) // none is no candidate, which is refused
		}
		_, proven, err := v.Deliveries.DecideReview(v.Context(), v.Journal, v.Actor(), &in.ReviewDecision)
		return page.Done{Path: "/office/reviews", Code: proven.Code}, err
	},
}

// releaseReview gives a case back undecided.
var releaseReview = page.Form[struct{}]{
	Path: "/office/reviews/{review}/release", Roles: staff, Key: "console.office.releasereview.",
	Do: func(v *page.Visit, _ *struct{}) (page.Done, error) {
		id, err := v.Number("review")
		if err != nil {
			return page.Done{}, err
		}
		_, proven, err := v.Deliveries.ReleaseReview(v.Context(), v.Journal, v.Actor(), &delivery.OfReview{Review: id})
		return page.Done{Path: "/office/reviews", Code: proven.Code}, err
	},
}

// undoReview takes a decision back.
var undoReview = page.Form[delivery.ReviewUndo]{
	Path: "/office/reviews/{review}/undo", Roles: staff, Key: "console.office.undoreview.", Danger: true,
	Begin: func(v *page.Visit, in *delivery.ReviewUndo) (err error) {
		in.Review, err = v.Number("review")
		return err
	},
	Above: func(v *page.Visit, _ *delivery.ReviewUndo) *page.Link { return aboveReview(v) },
	Controls: func(v *page.Visit, _ *delivery.ReviewUndo) ([]page.Control, error) {
		return []page.Control{
			{
				Name: "reason", Kind: page.Choose1, Label: "console.office.field.reason",
				Options: page.Choose([]string{"mistake", "new-evidence"}, "", func(w string) string { return reason(v, w) }),
			},
			{Name: "note", Kind: page.LongText, Optional: true, Max: 500},
		}, nil
	},
	Do: func(v *page.Visit, in *delivery.ReviewUndo) (page.Done, error) {
		_, proven, err := v.Deliveries.UndoReview(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/office/reviews", Code: proven.Code}, err
	},
}
