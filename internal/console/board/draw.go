package board

import (
	"encoding/json"

	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/job"
)

// drawn shows one draw: what came out, and the recipe by which anybody who has
// the records can repeat it.
func drawn(v *page.Visit) error {
	id, err := v.Number("draw")
	if err != nil {
		return err
	}
	all, err := v.Audits.Draws(v.Context(), v.Actor(), id)
	if err != nil {
		return err
	}
	d := &all[0]
	state := drawState(v, d)
	s := page.Screen{
		Title: v.T("console.board.drawn.title", v.No(d.ID)), Lead: v.T("console.board.drawn.lead", v.Month(d.Month)),
		Above: &page.Link{Path: "/inspector/draws", Text: v.T("console.board.draws.title")},
	}
	var population, chosen, opened int64
	t := &page.Table{Title: v.T("console.board.drawn.shares"), Empty: v.T("console.board.drawn.nothing"), Columns: heads(v, "agency", "*population", "*chosen", "*opened")}
	for _, x := range d.Shares {
		population, chosen, opened = population+x.Population, chosen+int64(x.Chosen), opened+int64(x.Opened)
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.AgencyName(x.Agency), Path: "/board/audits?" + query("agency", x.Agency.String())}, countCell(v, x.Population), countCell(v, int64(x.Chosen)), countCell(v, int64(x.Opened)),
		}})
	}
	const key = "console.board.drawn.tile."
	progress, going, err := drawJob(v, d)
	if err != nil {
		return err
	}
	s.Blocks = []any{
		page.Tiles{
			{Label: v.T(key + "state"), Value: state.Text, Tone: state.Tone, Words: true, Note: v.Moment(d.Drawn)},
			{Label: v.T(key + "population"), Value: v.Count(population), Note: v.T(key+"population.note", v.Count(d.Purged))},
			{Label: v.T(key + "chosen"), Value: v.Count(chosen), Note: v.T(key+"chosen.note", v.Count(int64(d.Least)), v.Count(int64(d.Most)))},
			{Label: v.T(key + "opened"), Value: v.Count(opened), Note: v.T(key + "opened.note")},
		}, progress, recipe(v, d), t,
	}
	if going {
		s.Refresh = 5
	}
	return v.Show(s)
}

// drawJob is how far the draw's last job is; of a check, whether the same came
// out.
func drawJob(v *page.Visit, d *audit.Draw) (block any, going bool, err error) {
	j, found, err := v.Jobs.ByID(v.Context(), d.Job)
	if err != nil || !found {
		return nil, false, err
	}
	switch j.State {
	case job.Waiting, job.Running:
		return page.Note{Tone: page.Info, Title: v.T("console.board.drawn.going"), Text: v.T("console.board.drawn.going.text", v.Count(j.Done))}, true, nil
	case job.Failed:
		text := v.T("console.board.drawn.failed.text")
		if j.Fault != "" {
			text = v.T(j.Fault)
		}
		return page.Note{Tone: page.Bad, Title: v.T("console.board.drawn.failed"), Text: text}, false, nil
	}
	var result struct {
		Same *bool `json:"same"`
	}
	if json.Unmarshal(j.Result, &result) != nil || result.Same == nil {
		return nil, false, nil
	}
	if *result.Same {
		return page.Note{Tone: page.Good, Text: v.T("console.board.drawn.same")}, false, nil
	}
	return page.Note{Tone: page.Bad, Text: v.T("console.board.drawn.not_same")}, false, nil
}

// recipe is how the sample follows from public bytes.
func recipe(v *page.Visit, d *audit.Draw) any {
	if d.Origin == "" {
		return page.Note{Tone: page.Info, Title: v.T("console.board.recipe.title"), Text: v.T("console.board.recipe.waits")}
	}
	window := d.Month.String()
	if d.Agency != 0 {
		window += " " + d.Agency.String()
	}
	return page.Panel{Title: v.T("console.board.recipe.title"), Lead: v.T("console.board.recipe.lead"), Blocks: []any{
		page.Facts{List: []page.Fact{
			numberFact(v, "origin", d.Origin), numberFact(v, "log_size", itoa(d.Size)), numberFact(v, "log_root", d.Root), numberFact(v, "window", window),
			fact(v, "since", v.Moment(d.Since)), fact(v, "until", v.Moment(d.Until)),
		}},
		page.Note{Tone: page.Info, Title: v.T("console.board.recipe.steps"), Lines: []string{
			v.T("console.board.recipe.seed"), v.T("console.board.recipe.score"), v.T("console.board.recipe.choose"), v.T("console.board.recipe.again"),
		}},
	}}
}
