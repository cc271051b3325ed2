package head

import (
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
)

// processPage shows one process and the evidence of a year.
func processPage(v *page.Visit) error {
	p, err := processOf(v)
	if err != nil {
		return err
	}
	until := persian.DateOf(v.Clock())
	from := until.AddMonths(-11)
	until.Day, from.Day = 0, 0
	evidence, err := v.Processes.Evidence(v.Context(), v.Actor(), &process.EvidenceFilter{Process: p.Code, From: from, Until: until})
	if err != nil {
		return err
	}
	e := evidence[0]
	chart := page.Chart{Title: v.T("console.head.process.chart"), Label: v.T("console.head.column.month"), Series: []string{v.T("console.head.process.asked"), v.T("console.head.process.expected")}, Kind: page.Curve}
	for _, m := range e.Months {
		chart.Points = append(chart.Points, page.Point{Label: v.T("console.month." + strconv.Itoa(int(m.Month.Month))), Values: []float64{float64(m.Inquiries), float64(m.Expected)}})
	}
	blocks := []any{}
	if e.Flagged {
		blocks = append(blocks, page.Note{Tone: page.Warn, Title: v.T("console.head.process.few"), Text: v.T("console.head.process.few.text")})
	}
	state := stateFact(v, "console.head.column.state", "process", p.State.String())
	if p.Ended {
		state = stateFact(v, "console.head.column.state", "process", "given_up")
	}
	facts := page.Facts{List: []page.Fact{
		state, fact(v, "since", v.Day(p.Since)),
		{Label: v.T("console.head.fact.code"), Value: p.Code, Number: true},
		fact(v, "documents", documentNames(v, p.Documents)), fact(v, "monthly", v.Count(p.Monthly)), fact(v, "both_keys", v.Yes(p.BothKeys)), fact(v, "reason", p.Reason),
	}}
	obstacles, err := v.Processes.ListObstacles(v.Context(), v.Actor(), &process.ObstacleFilter{Process: p.Code, Order: process.ByNewest, After: v.Asked("after"), Limit: pageRows})
	if err != nil {
		return err
	}
	hindered := obstacleTable(v, v.T("console.head.obstacles.of"), obstacles)
	if n := len(obstacles); n > 0 {
		hindered.More = more(v, n, obstacles[n-1].ID)
	}
	blocks = append(blocks, page.Pair{Main: []any{v.Chart(chart)}, Side: []any{facts}}, hindered)
	s := page.Screen{Title: p.Title, Above: above(v, "/head/processes", "processes"), Blocks: blocks}
	if !p.Ended {
		at := "/head/processes/of/" + p.Code
		s.Buttons = []page.Button{
			{Path: at + "/end", Text: v.T("console.head.process.end"), Ghost: true},
			{Path: at + "/change", Text: v.T("console.head.process.change"), Ghost: true},
			{Path: at + "/state", Text: v.T("console.head.process.turn"), Icon: "map"},
		}
	}
	return v.Show(s)
}

// processOf is the agency's process that the address names.
func processOf(v *page.Visit) (*process.Process, error) {
	p, ok := v.Processes.Find(v.Asker.Agency.ID, v.R.PathValue("code"))
	if !ok {
		return nil, page.NotFound()
	}
	return p, nil
}

func processLink(v *page.Visit, code string) *page.Link {
	return &page.Link{Path: "/head/processes/of/" + code, Text: processName(v, code)}
}
