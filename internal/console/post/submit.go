package post

import (
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
)

// reporting is a monthly report as a form of up to three lines. A month may be
// reported several times: what comes later supplements what came before.
type reporting struct {
	Month    persian.Date `json:"month"`
	Document string       `json:"document"`
	Line1    place.Line   `json:"line1"`
	Line2    place.Line   `json:"line2"`
	Line3    place.Line   `json:"line3"`
}

const maxFormLines = 3

// submit hands in a municipality's report of a month; without lines it says
// that nothing changed.
var submit = page.Form[reporting]{
	Path: "/municipality/reports/new", Roles: towns.roles, Key: "console.post.submit.",
	Begin: func(v *page.Visit, in *reporting) error {
		in.Month = lastMonth(v)
		return nil
	},
	Above: aboveReports[reporting],
	Controls: func(v *page.Visit, _ *reporting) ([]page.Control, error) {
		all := reportHead()
		own := area(v)
		for i := range maxFormLines {
			all = append(all, legend("console.post.submit.line."+strconv.Itoa(i+1), lineControls(v, "line"+strconv.Itoa(i+1)+".", own.Locality == ""))...)
		}
		return all, nil
	},
	Do: func(v *page.Visit, in *reporting) (page.Done, error) {
		act := &place.Reporting{Month: in.Month, Document: in.Document, Area: area(v)}
		var numbers []int
		for i, l := range []place.Line{in.Line1, in.Line2, in.Line3} {
			if l != (place.Line{}) {
				act.Lines, numbers = append(act.Lines, l), append(numbers, i+1)
			}
		}
		done, proven, err := v.Places.Submit(v.Context(), v.Journal, v.Actor(), act)
		if err != nil {
			return page.Done{}, renamed(err, func(field string) string {
				rest, found := strings.CutPrefix(field, "lines.")
				at, rest, _ := strings.Cut(rest, ".")
				i, err := strconv.Atoi(at)
				if !found || err != nil || i >= len(numbers) {
					return field
				}
				return strings.TrimSuffix("line"+strconv.Itoa(numbers[i])+"."+rest, ".")
			})
		}
		return submitted(v, done, proven), nil
	},
}

// lastMonth is the month that is to be reported now.
func lastMonth(v *page.Visit) persian.Date {
	today := persian.DateOf(v.Clock())
	return persian.Date{Year: today.Year, Month: today.Month}.AddMonths(-1)
}

func aboveReports[In any](v *page.Visit, _ *In) *page.Link {
	return &page.Link{Path: "/municipality/reports", Text: v.T("console.post.menu.reports")}
}

func reportHead() []page.Control {
	return []page.Control{
		{Name: "month", Kind: page.Date, Label: "console.post.report.month"}, {Name: "document", Max: 100, Label: "console.post.field.letter"},
	}
}

// lineControls are those of one line of a report.
func lineControls(v *page.Visit, below string, locality bool) []page.Control {
	what := optional(choice(v, below+"kind", options(v, "console.post.line.kind.", "added", "demolished", "renamed", "renumbered")))
	what.Label = "console.post.line.kind"
	all := []page.Control{what, {Name: below + "postal_code", Kind: page.Postal, Optional: true, Label: "console.field.postal_code"}}
	for _, which := range []string{"old", "new"} {
		parts := []string{"street", "house_number"}
		if locality {
			parts = append([]string{"locality"}, parts...)
		}
		for _, part := range parts {
			all = append(all, page.Control{Name: below + which + "." + part, Optional: true, Max: 200, Label: "console.post.line." + which + "." + part})
		}
	}
	return all
}

// submitted goes on to the report, or shows what was left out of it.
func submitted(v *page.Visit, done *place.Submitted, proven journal.Proven) page.Done {
	path := "/municipality/reports/" + itoa(done.Report)
	if len(done.Refused) == 0 {
		return page.Done{Path: path, Code: proven.Code}
	}
	var rows []remark
	lines := map[int]bool{}
	for _, b := range done.Refused {
		text := b.Fa
		if v.Lang == message.En {
			text = b.En
		}
		rows = append(rows, remark{b.Line, b.Field, text, true})
		lines[b.Line] = true
	}
	s := remarked(v, v.T("console.post.submit.result"), path, page.Tiles{
		{Label: v.T("console.post.submit.taken"), Value: v.Count(int64(done.Taken)), Tone: page.Good, Path: path},
		{Label: v.T("console.post.file.refused"), Value: v.Count(int64(len(lines))), Tone: page.Bad},
	}, rows)
	s.Blocks = append([]any{page.Code{Label: v.T("console.code"), Code: string(proven.Code)}}, s.Blocks...)
	return page.Done{Screen: s}
}

// submitFile hands in a report as a file.
var submitFile = page.Form[place.Reporting]{
	Path: "/municipality/reports/file", Roles: towns.roles, Key: "console.post.submit_file.", Files: 8 << 20,
	Begin: func(v *page.Visit, in *place.Reporting) error {
		in.Area, in.Month = area(v), lastMonth(v)
		return nil
	},
	Above: aboveReports[place.Reporting],
	Controls: func(*page.Visit, *place.Reporting) ([]page.Control, error) {
		return append(reportHead(), page.Control{Name: "raw", Kind: page.File, Accept: ".csv,text/csv", Label: "console.post.field.file"}), nil
	},
	Around: func(v *page.Visit, _ *place.Reporting) ([]any, error) {
		return []any{columnsNote(v, "console.post.submit_file.columns", "kind,postal_code,old_street,old_house_number,new_street,new_house_number")}, nil
	},
	Do: func(v *page.Visit, in *place.Reporting) (page.Done, error) {
		done, proven, err := v.Places.Submit(v.Context(), v.Journal, v.Actor(), in)
		if err != nil {
			return page.Done{}, renamed(err, func(field string) string { return strings.Replace(field, "file", "raw", 1) })
		}
		return submitted(v, done, proven), nil
	},
}
