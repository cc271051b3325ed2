package officer

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
)

const doubtKey = "console.officer.doubt."

// mostPaper bounds the document whose digest goes into a report.
const mostPaper = 20 << 20

func doubtRoutes() []page.Route {
	return append(doubt.Routes(), page.Get("/officer/doubts", both, doubts))
}

// doubting is a report with the document itself, of which only the digest is
// kept: the document stays with the agency.
type doubting struct {
	discrepancy.Report
	File []byte `json:"paper"`
}

// doubted are the items that can be doubted.
var doubted = []string{"given_name", "surname", "father_name", "birth_date", "sex", "postal_code"}

// doubt reports a value that the agency was told and does not believe.
var doubt = page.Form[doubting]{
	Path: "/officer/inquiries/{code}/doubt", Roles: both, Key: doubtKey, Files: mostPaper,
	Begin: func(v *page.Visit, in *doubting) (err error) {
		if in.Code, err = ids.ParseTrackingCode(v.R.PathValue("code")); err != nil {
			return fault.New(fault.NotFound, "console.problem.no_inquiry")
		}
		// Nothing of the record is shown, so this is no reading of it.
		if p, found, err := v.Journal.ByCode(v.Context(), in.Code); err != nil {
			return err
		} else if !found || p.Agency != v.Asker.Agency.ID {
			return fault.New(fault.NotFound, "console.problem.no_inquiry")
		}
		if field := v.R.URL.Query().Get("field"); slices.Contains(doubted, field) {
			in.Field = field
		}
		return nil
	},
	Above: func(v *page.Visit, in *doubting) *page.Link {
		return &page.Link{Path: "/officer/inquiries/" + string(in.Code), Text: v.T("console.answer.about")}
	},
	Controls: func(v *page.Visit, _ *doubting) ([]page.Control, error) {
		return []page.Control{
			{Name: "field", Kind: page.Choose1, Options: page.Blank(v.T("console.form.choose"), page.Choose(doubted, "", func(s string) string { return v.T("console.field." + s) }))},
			{Name: "value", Max: 200},
			{Name: "evidence", Kind: page.LongText, Max: discrepancy.MaxText},
			{Name: "paper", Kind: page.File, Optional: true},
		}, nil
	},
	Do: func(v *page.Visit, in *doubting) (page.Done, error) {
		if len(in.File) > 0 {
			sum := sha256.Sum256(in.File)
			in.Paper = hex.EncodeToString(sum[:])
		}
		_, proven, err := v.Cases.Report(v.Context(), v.Journal, v.Actor(), &in.Report)
		return page.Done{Path: "/officer/doubts", Code: proven.Code}, err
	},
}

// doubts lists what the agency has reported, and what became of it.
func doubts(v *page.Visit) error {
	all, err := v.Cases.Reports(v.Context(), v.Journal, v.Actor(), &discrepancy.ReportFilter{After: v.Asked("after"), Limit: listPage})
	if err != nil {
		return err
	}
	t := &page.Table{Empty: v.T(doubtKey + "none"), Columns: page.Head(
		v.T(doubtKey+"made"), v.T("console.code"), v.T(doubtKey+"what"), v.T(doubtKey+"deadline"), v.T(doubtKey+"state"))}
	for i := range all {
		d := &all[i]
		state := page.Cell{Text: v.T(doubtKey + "open"), Tone: page.Info}
		switch {
		case d.Closed:
			state = page.Cell{Text: v.T(doubtKey + "outcome." + d.Outcome.String()), Tone: page.Good, Small: d.Answer}
			if d.Outcome != discrepancy.Corrected {
				state.Tone = page.Warn
			}
		case d.Overdue:
			state = page.Cell{Text: v.T(doubtKey + "overdue"), Tone: page.Bad}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Moment(d.Made), Small: d.Officer},
			{Code: string(d.Code), Path: "/officer/inquiries/" + string(d.Code)},
			{Text: v.T("console.field." + d.Field), Small: v.T(doubtKey+"believed", valueOf(v, d.Field, d.Value))},
			{Text: v.Day(d.Deadline)},
			state,
		}})
	}
	if len(all) == listPage {
		t.More = "/officer/doubts?after=" + itoa(all[len(all)-1].ID)
	}
	return v.Show(page.Screen{Title: v.T(doubtKey + "list"), Lead: v.T(doubtKey + "list.lead"), Blocks: []any{t}})
}

// listPage is how many lines a list has.
const listPage = 50
