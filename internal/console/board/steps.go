package board

import (
	"context"

	"github.com/estelam/estelam/internal/console/page"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/quarter"
)

// drawing is an order to draw, and the digest of the report that stood there
// when it was given.
type drawing struct {
	quarter.Drafting
	Seen string `json:"seen"`
}

// drawQuarter draws a report from live data, with the members' remarks.
var drawQuarter = page.Form[drawing]{
	Path: "/board/quarters/{quarter}/draw", Roles: members, Key: "console.board.draw.",
	Begin: func(v *page.Visit, in *drawing) (err error) {
		if in.Quarter, err = quarterAt(v); err != nil || v.R.Method == "POST" {
			return err
		}
		r, err := standing(v, in.Quarter)
		if r != nil {
			in.Seen, in.Remarks = r.Digest, r.Document.Remarks
		}
		return err
	},
	Above: func(v *page.Visit, _ *drawing) *page.Link {
		return &page.Link{Path: "/board/quarters", Text: v.T("console.board.quarters.title")}
	},
	Around: func(v *page.Visit, in *drawing) ([]any, error) {
		return []any{page.Note{Tone: page.Info, Title: quarterName(v, in.Quarter), Text: v.T("console.board.draw.note")}}, nil
	},
	Controls: func(*page.Visit, *drawing) ([]page.Control, error) {
		return []page.Control{
			{Name: "summary", Kind: page.Paragraphs, Optional: true, Label: "quarter.remark.summary"},
			{Name: "obstacles", Kind: page.Paragraphs, Optional: true, Label: "quarter.remark.obstacles"},
			{Name: "proposals", Kind: page.Paragraphs, Optional: true, Label: "quarter.remark.proposals"},
			{Name: "seen", Kind: page.Carried},
		}, nil
	},
	Do: func(v *page.Visit, in *drawing) (page.Done, error) {
		r, err := standing(v, in.Quarter)
		switch {
		case err != nil:
			return page.Done{}, err
		case r != nil && r.Digest != in.Seen:
			return page.Done{}, page.ErrChanged
		}
		made, proven, err := v.Quarters.Draft(v.Context(), v.Actor(), &in.Drafting)
		if err != nil {
			return page.Done{}, err
		}
		return page.Done{Path: "/board/quarters/" + made.Quarter.String(), Code: proven.Code}, nil
	},
}

// standing is the report of a quarter; nil: there is none yet.
func standing(v *page.Visit, q quarter.Quarter) (*quarter.Report, error) {
	r, err := v.Quarters.Find(v.Context(), v.Actor(), q)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return r, err
}

// step makes the form of one step on a draft that was read: its digest says
// which.
func step(name string, danger bool, controls []page.Control, act func(*quarter.Book, context.Context, journal.Actor, *quarter.Step) (*quarter.Report, journal.Proven, error)) page.Form[quarter.Step] {
	return page.Form[quarter.Step]{
		Path: "/board/quarters/{quarter}/" + name, Roles: members, Key: "console.board." + name + ".", Danger: danger, Wide: true,
		Begin: func(v *page.Visit, in *quarter.Step) error {
			r, err := reportIn(v)
			if err == nil {
				in.Quarter, in.Digest = r.Quarter, r.Digest
			}
			return err
		},
		Above: func(v *page.Visit, in *quarter.Step) *page.Link {
			return &page.Link{Path: "/board/quarters/" + in.Quarter.String(), Text: v.T("console.board.quarter.title", quarterName(v, in.Quarter))}
		},
		Around: func(v *page.Visit, in *quarter.Step) ([]any, error) {
			r, err := v.Quarters.Find(v.Context(), v.Actor(), in.Quarter)
			if err != nil {
				return nil, err
			}
			return []any{page.Panel{Title: quarterName(v, in.Quarter), Lead: v.T("console.board.step.read"), Blocks: []any{quarterTiles(v, r.Document)}}, hands(v, r)}, nil
		},
		Controls: func(*page.Visit, *quarter.Step) ([]page.Control, error) {
			return append([]page.Control{{Name: "digest", Kind: page.Carried}}, controls...), nil
		},
		Do: func(v *page.Visit, in *quarter.Step) (page.Done, error) {
			r, proven, err := act(v.Quarters, v.Context(), v.Actor(), in)
			if err != nil {
				return page.Done{}, err
			}
			return page.Done{Path: "/board/quarters/" + r.Quarter.String(), Code: proven.Code}, nil
		},
	}
}

var (
	reviewQuarter = step("review", false, nil, (*quarter.Book).Review)
	returnQuarter = step("return", false, []page.Control{{Name: "note", Kind: page.Paragraphs}}, (*quarter.Book).Return)
	issueQuarter  = step("issue", true, nil, (*quarter.Book).Issue)
)
