package head

import (
	"slices"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
)

func entryControls(v *page.Visit) []page.Control {
	documents := page.Control{Name: "documents", Kind: page.Ticks}
	for _, d := range v.Processes.DocumentTypes() {
		documents.Options = append(documents.Options, page.Option{Value: d.Code, Text: v.Either(d.Fa, d.En)})
	}
	return []page.Control{{Name: "title", Kind: page.Words, Label: "console.head.process.field.title"}, documents, {Name: "monthly", Kind: page.Number}, {Name: "both_keys", Kind: page.Yes}}
}

var newProcess = page.Form[process.Entry]{
	Path: "/head/processes/new", Roles: only, Key: "console.head.entry.",
	Above: func(v *page.Visit, _ *process.Entry) *page.Link { return above(v, "/head/processes", "processes") },
	Controls: func(v *page.Visit, _ *process.Entry) ([]page.Control, error) {
		return append(entryControls(v), page.Control{Name: "process", Kind: page.Latin}), nil
	},
	Do: putProcess,
}

func putProcess(v *page.Visit, in *process.Entry) (page.Done, error) {
	p, proven, err := v.Processes.Put(v.Context(), v.Journal, v.Actor(), in)
	if err != nil {
		return page.Done{}, err
	}
	return page.Done{Path: "/head/processes/of/" + p.Code, Code: proven.Code}, nil
}

var editProcess = page.Form[process.Entry]{
	Path: "/head/processes/of/{code}/change", Roles: only, Key: "console.head.entry.change.",
	Begin: func(v *page.Visit, in *process.Entry) error {
		p, err := processOf(v)
		if err != nil {
			return err
		}
		if in.Code = p.Code; asking(v) {
			in.Title, in.Documents, in.Monthly, in.BothKeys, in.Version = p.Title, p.Documents, p.Monthly, p.BothKeys, p.Version
		}
		return nil
	},
	Above: func(v *page.Visit, in *process.Entry) *page.Link { return processLink(v, in.Code) },
	Controls: func(v *page.Visit, _ *process.Entry) ([]page.Control, error) {
		controls := entryControls(v)
		for i, name := range []string{"", "documents", "monthly", "both_keys"} {
			if name != "" {
				controls[i].Label = "console.head.entry." + name
			}
		}
		return append(controls, page.Control{Name: "version", Kind: page.Carried}), nil
	},
	Do: putProcess,
}

// turning is a change of state. Version is that of the process that was shown.
type turning struct {
	process.Turning
	Version int64 `json:"version"`
}

var turnProcess = page.Form[turning]{
	Path: "/head/processes/of/{code}/state", Roles: only, Key: "console.head.turn.",
	Begin: func(v *page.Visit, in *turning) error {
		p, err := processOf(v)
		if err != nil {
			return err
		}
		if in.Code = p.Code; asking(v) {
			in.Version, in.Since = p.Version, persian.DateOf(v.Clock())
		}
		return nil
	},
	Above: func(v *page.Visit, in *turning) *page.Link { return processLink(v, in.Code) },
	Around: func(v *page.Visit, _ *turning) ([]any, error) {
		p, err := processOf(v)
		if err != nil {
			return nil, err
		}
		return []any{page.Note{Tone: page.Info, Title: v.T("console.head.turn.now", p.Title, v.T("console.head.state.process."+p.State.String())), Text: v.T("console.head.turn.note")}}, nil
	},
	Controls: func(v *page.Visit, _ *turning) ([]page.Control, error) {
		p, err := processOf(v)
		if err != nil {
			return nil, err
		}
		states := slices.DeleteFunc([]string{"online", "exception", "copies"}, func(s string) bool { return s == p.State.String() })
		return []page.Control{
			{Name: "state", Kind: page.Choose1, Options: page.Blank(v.T("console.form.choose"), options(v, "console.head.state.process.", states))},
			{Name: "since", Kind: page.Date},
			{Name: "reason", Kind: page.LongText},
			{Name: "version", Kind: page.Carried},
		}, nil
	},
	Do: func(v *page.Visit, in *turning) (page.Done, error) {
		if p, err := processOf(v); err != nil || p.Version != in.Version {
			return page.Done{}, page.ErrChanged
		}
		_, proven, err := v.Processes.Turn(v.Context(), v.Journal, v.Actor(), &in.Turning)
		return page.Done{Path: "/head/processes/of/" + in.Code, Code: proven.Code}, err
	},
}

var endProcess = page.Form[process.Closing]{
	Path: "/head/processes/of/{code}/end", Roles: only, Key: "console.head.giveup.", Danger: true,
	Begin: func(v *page.Visit, in *process.Closing) error {
		p, err := processOf(v)
		if err == nil {
			in.Code = p.Code
		}
		return err
	},
	Above: func(v *page.Visit, in *process.Closing) *page.Link { return processLink(v, in.Code) },
	Controls: func(*page.Visit, *process.Closing) ([]page.Control, error) {
		return []page.Control{{Name: "reason", Kind: page.LongText}}, nil
	},
	Do: func(v *page.Visit, in *process.Closing) (page.Done, error) {
		_, proven, err := v.Processes.End(v.Context(), v.Journal, v.Actor(), in)
		return page.Done{Path: "/head/processes", Code: proven.Code}, err
	},
}
