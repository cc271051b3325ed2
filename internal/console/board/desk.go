package board

import (
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/console/page"
)

// desk is the first page of an inspector: what waits for him.
func desk(v *page.Visit) error {
	ctx, who := v.Context(), v.Actor()
	shown, err := v.Audits.List(ctx, who, &audit.Filter{State: audit.Shown, Limit: most})
	if err != nil {
		return err
	}
	appeals, err := v.Audits.List(ctx, who, &audit.Filter{Appealed: true, Limit: most})
	if err != nil {
		return err
	}
	fresh, err := v.Audits.Patterns(ctx, who, &audit.PatternFilter{State: audit.New, Limit: most})
	if err != nil {
		return err
	}
	held, err := v.Complaints.List(ctx, who, &complaint.Filter{State: complaint.Held, Limit: most})
	if err != nil {
		return err
	}
	ready, err := v.Complaints.List(ctx, who, &complaint.Filter{State: complaint.Answered, Limit: most})
	if err != nil {
		return err
	}
	overdue, err := v.Complaints.List(ctx, who, &complaint.Filter{Late: true, Limit: most})
	if err != nil {
		return err
	}
	found, err := supervised(v)
	if err != nil {
		return err
	}
	const key = "console.board.desk.tile."
	tile := func(name string, n int, tone, path string) page.Tile {
		return page.Tile{Label: v.T(key + name), Value: v.Count(int64(n)), Note: v.T(key + name + ".note"), Tone: toneIf(n > 0, tone), Path: path}
	}
	ready = append(ready, overdue...)
	first := reportTable(v, ready[:min(6, len(ready))], "")
	first.Title, first.Empty = v.T("console.board.desk.reports"), v.T("console.board.desk.reports.none")
	return v.Show(page.Screen{
		Title: v.T("console.board.desk.title"), Lead: v.Today(),
		Buttons: []page.Button{{Path: "/inspector/draws/new", Text: v.T("console.board.sample.link"), Icon: "list"}, {Path: "/inspector/open", Text: v.T("console.board.open.link"), Icon: "search", Ghost: true}},
		Blocks: []any{
			page.Tiles{
				tile("shown", len(shown), page.Warn, "/board/audits?state=shown"), tile("appeals", len(appeals), page.Warn, "/board/audits?state=appealed"),
				tile("patterns", len(fresh), page.Warn, "/inspector/patterns?state=new"), tile("reports", len(ready), page.Warn, "/board/reports?state=answered"),
				tile("held", len(held), page.Bad, "/board/reports?state=held"),
			},
			auditTable(v, shown[:min(6, len(shown))], v.T("console.board.desk.audits"), v.T("console.board.desk.audits.none"), ""), first,
			patternChart(v, fresh), page.Pair{Main: []any{found.audits(v)}, Side: []any{found.reports(v)}, Even: true},
		},
	})
}
