package head

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
)

func obstacleRoutes() []page.Route {
	return slices.Concat([]page.Route{get("/head/obstacles", obstacles)}, newObstacle.Routes(), editObstacle.Routes(), removeObstacle.Routes())
}

// obstacles lists what is in the way of giving up copies.
func obstacles(v *page.Visit) error {
	open, err := v.Processes.ListObstacles(v.Context(), v.Actor(), &process.ObstacleFilter{State: "open", Order: process.ByDue, After: v.Asked("after"), Limit: pageRows})
	if err != nil {
		return err
	}
	gone, err := v.Processes.ListObstacles(v.Context(), v.Actor(), &process.ObstacleFilter{State: "removed", Order: process.ByNewest, After: v.Asked("removed"), Limit: pageRows})
	if err != nil {
		return err
	}
	t := obstacleTable(v, v.T("console.head.obstacles.open"), open)
	t.Empty = v.T("console.head.obstacles.none")
	if n := len(open); n > 0 {
		t.More = more(v, n, open[n-1].ID)
	}
	return showObstacles(v, t, removedTable(v, gone))
}

// removedTable lists those that are gone; nil: none is.
func removedTable(v *page.Visit, gone []process.Obstacle) *page.Table {
	if len(gone) == 0 {
		return nil
	}
	t := &page.Table{
		Title:   v.T("console.head.obstacles.removed"),
		Columns: page.Head(v.T("console.head.column.obstacle"), v.T("console.head.column.process"), v.T("console.head.column.removed"), v.T("console.head.column.evidence")),
	}
	for _, o := range gone {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: o.Text, Small: o.Owner}, {Text: processName(v, o.Process)}, {Text: v.ShortDay(persian.DateOf(o.Removed)), Number: true}, {Text: o.Evidence},
		}})
	}
	if len(gone) == pageRows {
		t.More = v.Next("removed", strconv.FormatInt(gone[pageRows-1].ID, 10))
	}
	return t
}

func showObstacles(v *page.Visit, blocks ...any) error {
	return v.Show(page.Screen{
		Title: v.T("console.head.obstacles.title"), Lead: v.T("console.head.obstacles.lead"), Blocks: blocks,
		Buttons: []page.Button{{Path: "/head/obstacles/new", Text: v.T("console.head.obstacles.new"), Icon: "warn"}},
	})
}

func obstacleTable(v *page.Visit, title string, all []process.Obstacle) *page.Table {
	t := &page.Table{
		Title: title, Empty: v.T("console.head.obstacles.of.none"),
		Columns: page.Head(v.T("console.head.column.obstacle"), v.T("console.head.column.process"), v.T("console.head.column.owner"), v.T("console.head.column.due"), v.T("console.head.column.act")),
	}
	for _, o := range all {
		text := page.Cell{Text: o.Text}
		act := page.Cell{Text: v.T("console.head.obstacle.remove"), Path: fmt.Sprintf("/head/obstacles/%d/remove", o.ID)}
		due := dueCell(v, o.Due)
		if o.State == "open" {
			text.Path = fmt.Sprintf("/head/obstacles/%d", o.ID)
		} else {
			act, due = badge(v, "obstacle", o.State), page.Cell{Text: v.ShortDay(o.Due), Number: true}
		}
		if o.First != o.Due {
			text.Small = v.T("console.head.obstacle.first", v.ShortDay(o.First))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{text, {Text: processName(v, o.Process)}, {Text: o.Owner}, due, act}})
	}
	return t
}

// hindering is an obstacle as it is registered or changed. Was is what was on
// record.
type hindering struct {
	process.Hindrance
	Was string `json:"was"`
}

func obstacleMark(o *process.Obstacle) string {
	return mark(o.Process, o.Text, o.Owner, o.Due.String(), o.State)
}

func obstacleControls(v *page.Visit) []page.Control {
	of := page.Control{Name: "process", Kind: page.Choose1, Optional: true, Options: []page.Option{{Text: v.T("console.head.process.all")}}}
	for _, p := range v.Processes.Of(v.Asker.Agency.ID) {
		if !p.Ended {
			of.Options = append(of.Options, page.Option{Value: p.Code, Text: p.Title})
		}
	}
	return []page.Control{{Name: "text", Kind: page.LongText}, of, {Name: "owner", Kind: page.Words}, {Name: "due", Kind: page.Date}}
}

func hinderingAbove(v *page.Visit, _ *hindering) *page.Link {
	return above(v, "/head/obstacles", "obstacles")
}

var newObstacle = page.Form[hindering]{
	Path: "/head/obstacles/new", Roles: only, Key: "console.head.obstacle.", Above: hinderingAbove,
	Controls: func(v *page.Visit, _ *hindering) ([]page.Control, error) { return obstacleControls(v), nil },
	Do: func(v *page.Visit, in *hindering) (page.Done, error) {
		_, proven, err := v.Processes.PutObstacle(v.Context(), v.Journal, v.Actor(), &in.Hindrance)
		return page.Done{Path: "/head/obstacles", Code: proven.Code}, err
	},
}

var editObstacle = page.Form[hindering]{
	Path: "/head/obstacles/{id}", Roles: only, Key: "console.head.obstacle.", Above: hinderingAbove,
	Begin: func(v *page.Visit, in *hindering) error {
		o, err := obstacleOf(v)
		if err != nil {
			return err
		}
		if in.ID = o.ID; asking(v) {
			in.Process, in.Text, in.Owner, in.Due, in.Was = o.Process, o.Text, o.Owner, o.Due, obstacleMark(o)
		}
		return nil
	},
	Controls: func(v *page.Visit, _ *hindering) ([]page.Control, error) {
		return append(obstacleControls(v), page.Control{Name: "was", Kind: page.Carried}), nil
	},
	Do: func(v *page.Visit, in *hindering) (page.Done, error) {
		if o, err := obstacleOf(v); err != nil || obstacleMark(o) != in.Was {
			return page.Done{}, page.ErrChanged
		}
		_, proven, err := v.Processes.PutObstacle(v.Context(), v.Journal, v.Actor(), &in.Hindrance)
		return page.Done{Path: "/head/obstacles", Code: proven.Code}, err
	},
}

// obstacleOf is the agency's obstacle that the address names.
func obstacleOf(v *page.Visit) (*process.Obstacle, error) {
	id, err := v.Number("id")
	if err != nil {
		return nil, err
	}
	all, err := v.Processes.ListObstacles(v.Context(), v.Actor(), &process.ObstacleFilter{After: id - 1, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || all[0].ID != id {
		return nil, page.NotFound()
	}
	return &all[0], nil
}

var removeObstacle = page.Form[process.Removal]{
	Path: "/head/obstacles/{id}/remove", Roles: only, Key: "console.head.remove.",
	Above: func(v *page.Visit, _ *process.Removal) *page.Link { return above(v, "/head/obstacles", "obstacles") },
	Begin: func(v *page.Visit, in *process.Removal) error {
		o, err := obstacleOf(v)
		if err == nil {
			in.ID = o.ID
		}
		return err
	},
	Around: func(v *page.Visit, _ *process.Removal) ([]any, error) {
		o, err := obstacleOf(v)
		if err != nil {
			return nil, err
		}
		return []any{page.Facts{List: []page.Fact{
			fact(v, "text", o.Text), fact(v, "process", processName(v, o.Process)), fact(v, "owner", o.Owner), fact(v, "due", v.Day(o.Due)),
		}}}, nil
	},
	Controls: func(*page.Visit, *process.Removal) ([]page.Control, error) {
		return []page.Control{{Name: "evidence", Kind: page.LongText}}, nil
	},
	Do: func(v *page.Visit, in *process.Removal) (page.Done, error) {
		_, proven, err := v.Processes.Remove(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/head/obstacles", Code: proven.Code}, err
	},
}
