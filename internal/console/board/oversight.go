package board

import (
	"time"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
)

// oversight is what inspectors and citizens found in the last three months.
type oversight struct {
	cases audit.Figures
	told  complaint.Figures
}

func supervised(v *page.Visit) (*oversight, error) {
	var o oversight
	until := v.Clock().Add(time.Hour)
	from := today(v).AddMonths(-3).Start()
	cases, err := v.Audits.Figures(v.Context(), from, until)
	if err != nil {
		return nil, err
	}
	for _, f := range cases {
		c := &o.cases
		c.Sampled, c.Shown, c.Late, c.Misuse = c.Sampled+f.Sampled, c.Shown+f.Shown, c.Late+f.Late, c.Misuse+f.Misuse
		c.Narrowed, c.Open, c.Disputes = c.Narrowed+f.Narrowed, c.Open+f.Open, c.Disputes+f.Disputes
	}
	told, err := v.Complaints.Figures(v.Context(), from, until)
	for _, f := range told {
		t := &o.told
		t.Filed, t.Upheld, t.Rejected, t.Open, t.Late = t.Filed+f.Filed, t.Upheld+f.Upheld, t.Rejected+f.Rejected, t.Open+f.Open, t.Late+f.Late
	}
	return &o, err
}

func (o *oversight) audits(v *page.Visit) page.Facts {
	return page.Facts{Title: v.T("console.board.dashboard.audits"), List: []page.Fact{
		figureFact(v, "sampled", o.cases.Sampled, "/board/audits"), figureFact(v, "shown", o.cases.Shown, "/board/audits?state=shown"),
		figureFact(v, "disputes", o.cases.Disputes, "/board/audits?state=disputed"),
		figureFact(v, "misuse", o.cases.Misuse, "/board/audits?state=misuse"), figureFact(v, "narrowed", o.cases.Narrowed, ""),
	}}
}

func (o *oversight) reports(v *page.Visit) page.Facts {
	return page.Facts{Title: v.T("console.board.dashboard.reports"), List: []page.Fact{
		figureFact(v, "filed", o.told.Filed, "/board/reports"), figureFact(v, "upheld", o.told.Upheld, "/board/reports?state=upheld"),
		figureFact(v, "rejected", o.told.Rejected, "/board/reports?state=rejected"),
		figureFact(v, "unjudged", o.told.Open, ""), figureFact(v, "answered_late", o.told.Late, "/board/reports?state=late"),
	}}
}

func figureFact(v *page.Visit, key string, n int64, path string) page.Fact {
	return page.Fact{Label: v.T("console.board.figure." + key), Value: v.Count(n), Path: path}
}
