package registry

import (
	"encoding/json"
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

func runRoutes() []page.Route {
	return slices.Concat([]page.Route{get("/registry/runs", runs), get("/registry/runs/{id}", run)},
		announce.Routes(), expiry.Routes(), personalise.Routes())
}

// cardRuns are the kinds of jobs that go through the register for cards.
var cardRuns = []string{"card-announce", "card-expiry"}

// runs is what goes through the register, and how far it is.
func runs(v *page.Visit) error {
	all, err := v.Jobs.List(v.Context(), 0, 200)
	if err != nil {
		return err
	}
	t := &page.Table{Title: v.T("console.registry.runs.list"), Empty: v.T("console.registry.runs.none"), Columns: page.Head(
		v.T("console.registry.field.run"), v.T("console.registry.field.ordered_by"), v.T("console.registry.field.ordered"),
		v.T("console.registry.field.progress"), v.T("console.registry.field.standing"),
	)}
	busy := 0
	for i := range all {
		j := &all[i]
		if !slices.Contains(cardRuns, j.Kind) {
			continue
		}
		if !j.State.Ended() {
			busy = 5
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.T("console.registry.run." + j.Kind), Path: "/registry/runs/" + itoa(j.ID)},
			{Text: hand(v, j.By)},
			{Text: v.Moment(j.Made)},
			{Text: v.Percent(share(j))},
			{Text: v.T("console.registry.job." + j.State.String()), Tone: toneOfJob(j.State)},
		}})
	}
	screen := page.Screen{Title: v.T("console.registry.runs.title"), Lead: v.T("console.registry.runs.lead"), Refresh: busy}
	if v.Role() == register.Supervisor {
		choice := func(path, key, icon string) page.Choice {
			return page.Choice{
				Title: v.T("console.registry." + key + ".title"), Text: v.T("console.registry." + key + ".lead"), Icon: icon,
				Links: []page.Link{{Path: path, Text: v.T("console.registry." + key + ".button")}},
			}
		}
		screen.Blocks = append(screen.Blocks, page.Choices{
			choice("/registry/runs/announce", "announce", "bell"), choice("/registry/runs/expiry", "expiry", "clock"), choice("/registry/runs/batch", "personalise", "print"),
		})
	}
	screen.Blocks = append(screen.Blocks, t)
	return v.Show(screen)
}

func share(j *job.Job) float64 {
	switch {
	case j.State == job.Done:
		return 1
	case j.Total == 0:
		return 0
	}
	return float64(j.Done) / float64(j.Total)
}

func toneOfJob(s job.State) string {
	switch s {
	case job.Done:
		return page.Good
	case job.Failed:
		return page.Bad
	case job.Running:
		return page.Info
	}
	return page.Warn
}

// run is one run: how far it is, or what it did. While it goes on the page
// looks again by itself.
func run(v *page.Visit) error {
	id, err := v.Number("id")
	if err != nil {
		return err
	}
	j, found, err := v.Jobs.ByID(v.Context(), id)
	if err != nil {
		return err
	}
	if !found || !slices.Contains(cardRuns, j.Kind) {
		return page.NotFound()
	}
	screen := page.Screen{
		Title: v.T("console.registry.run." + j.Kind), Lead: v.T("console.registry.run.lead", hand(v, j.By), v.Moment(j.Made)), Slim: true,
		Above: &page.Link{Path: "/registry/runs", Text: v.T("console.registry.runs.title")},
	}
	text := v.T("console.registry.run.at", v.Count(j.Done), v.Count(j.Total))
	if rest := j.Rest(v.Clock()); rest > 0 {
		text += " " + v.T("console.registry.run.rest", v.Count(int64(rest.Minutes())+1))
	}
	screen.Blocks = append(screen.Blocks, page.Progress{Label: v.T("console.registry.job." + j.State.String()), Share: share(j), Text: text, Tone: toneOfJob(j.State)})
	if !j.State.Ended() {
		screen.Refresh = 3
	}
	var did struct {
		Persons int64 `json:"persons"`
		Served  int64 `json:"served"`
	}
	if j.State == job.Done && json.Unmarshal(j.Result, &did) == nil {
		screen.Blocks = append(screen.Blocks, page.Tiles{
			{Label: v.T("console.registry.run.persons"), Value: v.Count(did.Persons)},
			{Label: v.T("console.registry.run.served"), Value: v.Count(did.Served), Tone: page.Good},
		})
	}
	if j.Fault != "" {
		screen.Blocks = append(screen.Blocks, page.Note{Tone: page.Bad, Title: v.T("console.registry.run.fault"), Text: v.T(j.Fault)})
	}
	return v.Show(screen)
}

func toRuns[In any](v *page.Visit, _ *In) *page.Link {
	return &page.Link{Path: "/registry/runs", Text: v.T("console.registry.runs.title")}
}

// announce and expiry order runs, personalise makes a batch of cards.
var (
	announce = page.Form[person.CardRun]{
		Path: "/registry/runs/announce", Roles: seniors, Key: "console.registry.announce.", Above: toRuns[person.CardRun],
		Controls: func(v *page.Visit, _ *person.CardRun) ([]page.Control, error) {
			return grounds(v, "timetable", "office-decision"), nil
		},
		Do: func(v *page.Visit, in *person.CardRun) (page.Done, error) {
			made, proven, err := v.Persons.AnnounceCards(v.Context(), v.Journal, v.Actor(), in)
			if err != nil {
				return page.Done{}, err
			}
			return page.Done{Path: "/registry/runs/" + itoa(made.Job), Code: proven.Code}, nil
		},
	}
	expiry = page.Form[person.ExpiryRun]{
		Path: "/registry/runs/expiry", Roles: seniors, Key: "console.registry.expiry.", Above: toRuns[person.ExpiryRun],
		Begin: func(_ *page.Visit, in *person.ExpiryRun) error {
			in.Months = usualMonths
			return nil
		},
		Controls: func(v *page.Visit, _ *person.ExpiryRun) ([]page.Control, error) {
			return append([]page.Control{own("months", page.Number)}, grounds(v, "timetable", "office-decision")...), nil
		},
		Do: func(v *page.Visit, in *person.ExpiryRun) (page.Done, error) {
			made, proven, err := v.Persons.AnnounceExpiry(v.Context(), v.Journal, v.Actor(), in)
			if err != nil {
				return page.Done{}, err
			}
			return page.Done{Path: "/registry/runs/" + itoa(made.Job), Code: proven.Code}, nil
		},
	}
	personalise = page.Form[person.BatchOrder]{
		Path: "/registry/runs/batch", Roles: seniors, Key: "console.registry.personalise.", Above: toRuns[person.BatchOrder],
		Begin: func(_ *page.Visit, in *person.BatchOrder) error {
			in.Rows = usualBatch
			return nil
		},
		Controls: func(*page.Visit, *person.BatchOrder) ([]page.Control, error) {
			return []page.Control{own("rows", page.Number)}, nil
		},
		Do: func(v *page.Visit, in *person.BatchOrder) (page.Done, error) {
			made, proven, err := v.Persons.Personalise(v.Context(), v.Journal, v.Actor(), in)
			if err != nil {
				return page.Done{}, err
			}
			return page.Done{Screen: &page.Screen{
				Title: v.T("console.registry.personalise.done"), Lead: v.T("console.registry.personalise.done.lead"), Slim: true, Above: toRuns[struct{}](v, nil),
				Blocks: []any{
					page.Tiles{
						{Label: v.T("console.registry.field.batch"), Value: v.Count(made.Batch)},
						{Label: v.T("console.registry.personalise.cards"), Value: v.Count(int64(made.Rows)), Tone: page.Good},
						{Label: v.T("console.registry.personalise.passed"), Value: v.Count(int64(made.Passed)), Note: v.T("console.registry.personalise.passed.note")},
					},
					page.Code{Label: v.T("console.code"), Code: string(proven.Code)},
				},
			}}, nil
		},
	}
)

// What the forms begin with.
const (
	usualMonths = 6
	usualBatch  = 1000
)
