package office

import (
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/job"
)

func workRoutes() []page.Route {
	return slices.Concat(
		[]page.Route{
			page.Get("/office/jobs", staff, jobs), page.Get("/office/jobs/{job}", staff, showJob), page.Get("/office/corrections", chiefs, corrections),
			page.Get("/office/log", staff, logHealth),
		},
		cancelJob.Routes(),
	)
}

const jobsAPage = 50

// jobs lists later work, the newest first.
func jobs(v *page.Visit) error {
	all, err := v.Jobs.List(v.Context(), v.Asked("before"), jobsAPage)
	if err != nil {
		return err
	}
	counts, err := v.Jobs.Counts(v.Context())
	if err != nil {
		return err
	}
	table := &page.Table{
		Columns: page.Head(
			v.T("console.office.jobs.job"), v.T("console.office.jobs.kind"), v.T("console.office.jobs.state"), v.T("console.office.jobs.done"),
			v.T("console.office.jobs.by"), v.T("console.office.jobs.made"), v.T("console.office.cases.act"),
		),
		Empty: v.T("console.office.jobs.none"),
	}
	running := false
	for i := range all {
		j := &all[i]
		running = running || !j.State.Ended()
		row := page.Row{Cells: []page.Cell{
			{Text: v.No(j.ID), Path: at("/office/jobs/", j.ID)},
			{Text: jobKind(v, j.Kind)},
			{Text: v.T("console.office.job_state." + j.State.String()), Tone: jobTone(j.State), Small: rest(v, j.Rest(v.Clock()))},
			{Text: done(v, j)},
			{Text: j.By.ID, Small: role(v, j.By.Role)},
			{Text: v.Moment(j.Made)},
			{},
		}}
		if mayCancel(v, j) {
			row.Cells[6].Acts = []page.Press{press(v, at("/office/jobs/", j.ID)+"/cancel", "console.office.canceljob.button")}
		}
		table.Rows = append(table.Rows, row)
	}
	if len(all) == jobsAPage {
		table.More = v.Next("before", strconv.FormatInt(all[len(all)-1].ID, 10))
	}
	s := page.Screen{
		Title: v.T("console.office.jobs.title"), Lead: v.T("console.office.jobs.lead"), Blocks: []any{jobTiles(v, counts), table},
	}
	if running {
		s.Refresh = 10
	}
	return v.Show(s)
}

func jobTiles(v *page.Visit, counts map[job.State]int64) (all page.Tiles) {
	for _, s := range []job.State{job.Waiting, job.Running, job.Failed, job.Done} {
		all = append(all, page.Tile{Label: v.T("console.office.job_state." + s.String()), Value: v.Count(counts[s]), Tone: jobTone(s)})
	}
	return all
}

func jobTone(s job.State) string {
	switch s {
	case job.Done:
		return page.Good
	case job.Failed:
		return page.Bad
	case job.Cancelled:
		return page.Plain
	}
	return page.Info
}

// jobKind names the kind of a job; those of one node bear its name at the end.
func jobKind(v *page.Visit, kind string) string {
	word, _, _ := strings.Cut(kind, ".")
	return v.Known("console.office.job_kind.", word)
}

func done(v *page.Visit, j *job.Job) string {
	if j.Total == 0 {
		return v.Count(j.Done)
	}
	return v.T("console.office.jobs.of", v.Count(j.Done), v.Count(j.Total))
}

// progressOf shows how far a job is.
func progressOf(v *page.Visit, j *job.Job) page.Progress {
	p := page.Progress{
		Label: jobKind(v, j.Kind) + " · " + v.T("console.office.job_state."+j.State.String()), Text: done(v, j), Tone: jobTone(j.State),
	}
	if j.Total > 0 {
		p.Share = float64(j.Done) / float64(j.Total)
		p.Text = v.Percent(p.Share) + " · " + p.Text
	}
	if j.State == job.Done {
		p.Share = 1
	}
	if left := rest(v, j.Rest(v.Clock())); left != "" {
		p.Text += " · " + left
	}
	if j.Fault != "" {
		p.Text += " · " + v.T(j.Fault)
	}
	return p
}

// mayCancel reports whether the visitor is offered to end a job: a supervisor
// any, others what they have wanted themselves.
func mayCancel(v *page.Visit, j *job.Job) bool {
	return !j.State.Ended() && (chief(v) || j.By == v.Actor())
}

func jobIn(v *page.Visit) (*job.Job, error) {
	id, err := v.Number("job")
	if err != nil {
		return nil, err
	}
	j, found, err := v.Jobs.ByID(v.Context(), id)
	if err == nil && !found {
		err = page.NotFound()
	}
	return j, err
}

// showJob shows one job, again and again until it has ended.
func showJob(v *page.Visit) error {
	j, err := jobIn(v)
	if err != nil {
		return err
	}
	s := page.Screen{
		Title: v.T("console.office.job.title", v.No(j.ID)), Lead: jobKind(v, j.Kind),
		Above: &page.Link{Path: "/office/jobs", Text: v.T("console.office.jobs.title")},
		Blocks: []any{progressOf(v, j), page.Facts{List: []page.Fact{
			{Label: v.T("console.office.jobs.state"), Value: v.T("console.office.job_state." + j.State.String()), Tone: jobTone(j.State)},
			{Label: v.T("console.office.jobs.by"), Value: j.By.ID, Number: true},
			{Label: v.T("console.office.jobs.made"), Value: v.Moment(j.Made)},
			{Label: v.T("console.office.jobs.began"), Value: v.Moment(j.Began)},
			{Label: v.T("console.office.jobs.ended"), Value: v.Moment(j.Ended)},
		}}},
	}
	if !j.State.Ended() {
		s.Refresh = 3
	}
	if mayCancel(v, j) {
		s.Blocks = append(s.Blocks, press(v, at("/office/jobs/", j.ID)+"/cancel", "console.office.canceljob.button"))
	}
	return v.Show(s)
}

// cancelJob ends a job that has not ended. It is no act on a register, so it
// has no code; the job's row keeps who cancelled it.
var cancelJob = page.Form[struct{}]{
	Path: "/office/jobs/{job}/cancel", Roles: staff, Key: "console.office.canceljob.",
	Do: func(v *page.Visit, _ *struct{}) (page.Done, error) {
		j, err := jobIn(v)
		if err != nil {
			return page.Done{}, err
		}
		if !mayCancel(v, j) && !j.State.Ended() {
			return page.Done{}, errNotYours
		}
		return page.Done{Path: at("/office/jobs/", j.ID)}, v.Jobs.Cancel(v.Context(), v.Actor(), j.ID)
	},
}
