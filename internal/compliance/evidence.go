package compliance

import (
	"context"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/property"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/usage"
)

// Evidence is what the program itself knows of an item, beside what is
// declared. It decides nothing; an inspector reads both.
type Evidence struct {
	Share  *float64       `json:"share,omitempty"` // absent: nothing is known of it
	Part   int64          `json:"part"`            // of Whole
	Whole  int64          `json:"whole"`           // what was counted
	Series []Point        `json:"series"`          // over time, oldest first
	Rows   []register.Row `json:"rows"`            // what it was counted from, oldest first
}

// Point is how it stood at a moment.
type Point struct {
	At    time.Time `json:"at"`
	Part  int64     `json:"part"`
	Whole int64     `json:"whole"`
}

// share fills in the share of the whole.
func (e *Evidence) share() *Evidence {
	if e.Whole > 0 {
		s := float64(e.Part) / float64(e.Whole)
		e.Share = &s
	}
	return e
}

func (e *Evidence) add(noun, id string, at time.Time, part, whole int64) {
	e.Rows = append(e.Rows, register.Row{Noun: noun, ID: id, At: at})
	e.Series = append(e.Series, Point{at, part, whole})
}

// evidence is what is known of an agency's item; nil where nothing is counted:
// what stands on cards and letterheads no program sees.
func (b *Book) evidence(ctx context.Context, of ids.LegalID, clause string) (*Evidence, error) {
	e := &Evidence{Series: []Point{}, Rows: []register.Row{}}
	switch clause {
	case "B.4":
		return e, b.listed(ctx, e, of)
	case "B.6b":
		for _, p := range b.c.Processes.Of(of) {
			if p.Ended {
				continue
			}
			e.Whole++
			if p.BothKeys {
				e.Part++
				e.Rows = append(e.Rows, register.Row{Noun: "process", ID: p.Code, At: p.Since.Start()})
			}
		}
		return e.share(), nil
	case "B.8":
		return e, b.converted(ctx, e, of)
	case "B.11":
		return e, b.asked(ctx, e, of, inquiry.Deed)
	case "B.12":
		return e, b.asked(ctx, e, of, property.Service)
	}
	return nil, nil
}

// listed adds the checks of the agency's lists: the share of rows with valid,
// existing number and postal code, by the newest check of each list.
func (b *Book) listed(ctx context.Context, e *Evidence, of ids.LegalID) error {
	newest, err := b.checks(ctx, of, time.Time{}, b.c.Clock().Add(time.Second))
	if err != nil {
		return err
	}
	for _, c := range newest {
		e.Part, e.Whole = e.Part+c.BothKnown, e.Whole+c.Rows
	}
	scores, err := b.scores(ctx, of)
	for _, c := range scores {
		e.add("quality", strconv.FormatInt(c.ID, 10), c.Made, c.BothKnown, c.Rows)
	}
	e.share()
	return err
}

// converted adds the versions of the agency's conversion tables.
func (b *Book) converted(ctx context.Context, e *Evidence, of ids.LegalID) error {
	all, err := b.tables(ctx, of)
	if err != nil {
		return err
	}
	for _, t := range all {
		for _, v := range t.Versions {
			e.add("conversion", t.Name+"/"+strconv.FormatInt(v.Version, 10), v.At, min(v.Held, v.Declared), v.Declared)
		}
	}
	c := coverageOf(all)
	e.Part, e.Whole = c.Held, c.Declared
	e.share()
	return nil
}

// asked adds what was asked of a service, month by month: in all, and what of
// it was not refused.
func (b *Book) asked(ctx context.Context, e *Evidence, of ids.LegalID, service string) error {
	if err := b.c.Usage.Follow(ctx); err != nil {
		return err
	}
	err := b.c.Usage.Each(ctx, usage.Filter{Agency: of}, func(c *usage.Count) {
		if c.Service != service {
			return
		}
		at := first(c.Month).Start()
		if n := len(e.Series); n == 0 || !e.Series[n-1].At.Equal(at) {
			e.add("usage", service+"/"+c.Month.String(), at, 0, 0)
		}
		last := &e.Series[len(e.Series)-1]
		last.Whole, e.Whole = last.Whole+c.N, e.Whole+c.N
		if c.Outcome != inquiry.Refused {
			last.Part, e.Part = last.Part+c.N, e.Part+c.N
		}
	})
	e.share()
	return err
}
