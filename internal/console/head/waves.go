package head

import (
	"slices"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// waves shows the parts of the roll-out that the agency, or a body below it,
// stands in, and how far each of these has come.
func waves(v *page.Visit) error {
	all, err := v.Processes.ListWaves(v.Actor())
	if err != nil {
		return err
	}
	mine := map[ids.LegalID]bool{v.Asker.Agency.ID: true}
	for _, a := range v.Agencies.Under(v.Asker.Agency.ID) {
		mine[a.ID] = true
	}
	var blocks []any
	for i := range all {
		w := &all[i]
		covered := slices.DeleteFunc(v.Processes.Covered(w), func(a *agency.Agency) bool { return !mine[a.ID] })
		if len(covered) == 0 {
			continue
		}
		meters := page.Meters{Title: v.T("console.head.waves.progress")}
		for _, a := range covered {
			online, n := onlineOf(v.Processes.Of(a.ID))
			line := page.Progress{Label: a.Name, Text: v.T("console.head.tree.uncatalogued")}
			if n > 0 {
				line.Share = float64(online) / float64(n)
				line.Text = v.Percent(line.Share)
			}
			meters.Lines = append(meters.Lines, line)
		}
		text, tone := v.Left(w.Until, soon)
		if w.From.Compare(persian.DateOf(v.Clock())) > 0 {
			text, tone = v.T("console.head.waves.begins"), page.Info
		}
		blocks = append(blocks, page.Panel{
			Title: w.Name, Lead: v.T("console.head.waves.days", v.Day(w.From), v.Day(w.Until)),
			Blocks: []any{
				page.Facts{List: []page.Fact{
					{Label: v.T("console.head.fact.left"), Value: page.OrDash(text), Tone: tone},
					fact(v, "provinces", v.List(w.Provinces)),
					fact(v, "bodies", v.Count(int64(len(covered)))),
				}}, meters,
			},
		})
	}
	if len(blocks) == 0 {
		blocks = []any{page.Note{Tone: page.Info, Text: v.T("console.head.waves.none")}}
	}
	return v.Show(page.Screen{Title: v.T("console.head.waves.title"), Lead: v.T("console.head.waves.lead"), Blocks: blocks})
}
