package post

import (
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/place"
)

// reviewing is one decision on lines of a report.
type reviewing struct {
	Report  int64            `json:"report"`
	Lines   []int            `json:"lines"`
	Verdict string           `json:"verdict"`
	Reason  string           `json:"reason"`
	Note    string           `json:"note"`
	Area    place.AreaCode   `json:"area_code"`
	Codes   []ids.PostalCode `json:"postal_codes"`
}

// review decides lines of a report: what is accepted changes the register.
var review = page.Form[reviewing]{
	Path: "/post/reports/{id}/review", Roles: posts.roles, Key: "console.post.review.",
	Begin: func(v *page.Visit, in *reviewing) (err error) {
		in.Report, err = v.Number("id")
		if n, bad := strconv.Atoi(v.R.URL.Query().Get("line")); bad == nil && v.R.Method == "GET" {
			in.Lines = []int{n}
		}
		return err
	},
	Above: func(v *page.Visit, in *reviewing) *page.Link {
		return &page.Link{Path: "/post/reports/" + itoa(in.Report), Text: v.T("console.post.review.above")}
	},
	Controls: func(v *page.Visit, in *reviewing) ([]page.Control, error) {
		lines, err := waitingLines(v, in.Report)
		if err != nil {
			return nil, err
		}
		verdict := choice(v, "verdict", options(v, "console.post.review.verdict.", "accept", "refuse"))
		why := choice(v, "reason", options(v, "console.post.reason.", "outside", "known", "unclear", "not-found", "error"))
		why.Optional, why.Label, why.Legend = true, "console.post.field.refusal", "console.post.review.refusal"
		return []page.Control{
			{Name: "lines", Kind: page.Ticks, Options: lines},
			verdict,
			{Name: "area_code", Kind: page.Digit, Optional: true, Label: "console.post.field.area_code", Legend: "console.post.review.acceptance"},
			{Name: "postal_codes", Kind: page.Lines, Optional: true, Label: "console.post.field.postal_codes"},
			why,
			{Name: "note", Optional: true, Max: 200, Label: "console.post.field.note"},
		}, nil
	},
	Do: func(v *page.Visit, in *reviewing) (page.Done, error) {
		act := &place.Reviewing{Report: in.Report}
		for _, n := range in.Lines {
			act.Lines = append(act.Lines, place.Decision{Line: n, Accept: in.Verdict == "accept", Reason: in.Reason, Note: in.Note, Area: in.Area, Codes: in.Codes})
		}
		_, proven, err := v.Places.Review(v.Context(), v.Journal, v.Actor(), act)
		return page.Done{Path: "/post/reports/" + itoa(in.Report), Code: proven.Code}, renamed(err, func(field string) string {
			for _, name := range []string{"reason", "note", "area_code", "postal_codes"} {
				if strings.HasPrefix(field, "lines.") && strings.Contains(field, "."+name) {
					return name
				}
			}
			return field
		})
	},
}

// waitingLines are the lines without a decision, the first of them.
func waitingLines(v *page.Visit, id int64) (all []page.Option, err error) {
	for after := 0; len(all) < linesShown; {
		r, err := v.Places.Report(v.Context(), v.Actor(), &place.ReportOf{Report: id, After: after})
		if err != nil || len(r.Reply) == 0 {
			return all, err
		}
		for i := range r.Reply {
			l := &r.Reply[i]
			after = l.Number
			if l.State != place.Waiting || len(all) == linesShown {
				continue
			}
			where := stated(v, &l.New)
			if old := stated(v, &l.Old); old != "" && l.Kind != place.Added {
				where = old
			}
			if where == "" && l.Code != 0 {
				where = code(v, l.Code)
			}
			all = append(all, page.Option{Value: strconv.Itoa(l.Number), Text: v.T("console.post.review.line", v.Count(int64(l.Number)), kind(v, l.Kind), where)})
		}
	}
	return all, nil
}
