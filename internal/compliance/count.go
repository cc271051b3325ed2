package compliance

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/usage"
)

// Period is whole months, both included.
type Period struct {
	From  persian.Date `json:"from"` // a month: its day is 0
	Until persian.Date `json:"until"`
}

func (p Period) start() time.Time { return first(p.From).Start() }
func (p Period) end() time.Time   { return first(p.Until).AddMonths(1).Start() }

func first(month persian.Date) persian.Date {
	month.Day = 1
	return month
}

// months is how many there are.
func (p Period) months() int64 {
	return int64(p.Until.Year-p.From.Year)*12 + int64(p.Until.Month-p.From.Month) + 1
}

// evaluated lists the agencies that are evaluated: bound by the circular and
// not closed. The bodies that keep the registers are, if they have put
// processes into the catalogue.
func (b *Book) evaluated() (all []*agency.Agency) {
	for _, a := range b.c.Agencies.Agencies() {
		if a.Bound && a.State != agency.Closed && (a.Kind == "" || b.c.Processes.Has(a.ID)) {
			all = append(all, a)
		}
	}
	return all
}

// collect gathers the figures of all agencies.
func (b *Book) collect(ctx context.Context, p Period) ([]*Unit, error) {
	bodies := b.evaluated()
	raw := map[ids.LegalID]map[string]int64{}
	for _, a := range bodies {
		raw[a.ID] = map[string]int64{}
	}
	if err := b.collectSources(ctx, p, raw); err != nil {
		return nil, err
	}
	inquiries := map[key]int64{}
	err := b.c.Usage.Each(ctx, usage.Filter{From: p.From, Until: p.Until}, func(c *usage.Count) {
		if answered(c) {
			inquiries[key{c.For(), c.Process}] += c.N
		}
	})
	if err != nil {
		return nil, err
	}
	for _, a := range bodies {
		volume(b.c.Processes.Of(a.ID), p.months(), inquiries, raw[a.ID])
		checks, err := b.checks(ctx, a.ID, p.start(), p.end())
		if err != nil {
			return nil, err
		}
		for _, c := range checks {
			raw[a.ID]["list_rows"] += c.Rows
			raw[a.ID]["list_rows_known"] += c.BothKnown
		}
	}
	below := b.below(bodies)
	units := make([]*Unit, len(bodies))
	for i, a := range bodies {
		units[i] = unitOf(a, below[a.ID], raw[a.ID])
	}
	return units, nil
}

// below lists, of each agency, those of bodies that stand under it in the tree.
func (b *Book) below(bodies []*agency.Agency) map[ids.LegalID][]ids.LegalID {
	parent := map[ids.LegalID]ids.LegalID{}
	for _, a := range b.c.Agencies.Agencies() {
		parent[a.ID] = a.Parent
	}
	below := map[ids.LegalID][]ids.LegalID{}
	for _, a := range bodies {
		for up := a.Parent; up != 0; up = parent[up] {
			below[up] = append(below[up], a.ID)
		}
	}
	return below
}

// collectSources takes the figures that other nouns give. Who stands in none of
// a noun's figures has none of what it counts.
func (b *Book) collectSources(ctx context.Context, p Period, raw map[ids.LegalID]map[string]int64) error {
	given := map[string]map[ids.LegalID]map[string]int64{}
	for _, t := range taken {
		source, ok := b.c.Sources[t.source]
		if !ok {
			continue // its figures are missing
		}
		if given[t.source] == nil {
			all, err := source.Figures(ctx, p.start(), p.end())
			if err != nil {
				return err
			}
			given[t.source] = all
		}
		for id, figures := range raw {
			figures[t.figure] = given[t.source][id][t.member]
		}
	}
	return nil
}

// key is a process of an agency.
type key struct {
	agency  ids.LegalID
	process string
}

// answered: an inquiry that named its process and was not refused.
func answered(c *usage.Count) bool {
	return c.Process != "" && c.Outcome != inquiry.Refused
}

// volume counts what an agency declares of its processes, and what of it was
// asked online: of each process at most what is declared, so that one cannot
// make up for another. Without a process the figures are missing.
func volume(all []*process.Process, months int64, inquiries map[key]int64, raw map[string]int64) {
	for _, p := range all {
		if p.Ended {
			continue
		}
		n := p.Monthly * months
		raw["volume"] += n
		raw["inquiries"] += min(n, inquiries[key{p.Agency, p.Code}])
		if p.State == process.Copies {
			raw["volume_on_copies"] += n
		} else {
			raw["volume_on_copies"] += 0 // known, and none
		}
	}
}

// checks are the newest ones, in a stretch of time, of each list of an agency
// that was checked row by row; what an agency counts itself is not known here.
func (b *Book) checks(ctx context.Context, of ids.LegalID, from, until time.Time) (newest []quality.Score, err error) {
	at := map[string]int{}
	err = b.eachCheck(ctx, of, func(s *quality.Score) {
		if !s.Here || s.Made.Before(from) || !s.Made.Before(until) {
			return
		}
		if i, ok := at[s.List]; ok {
			newest[i] = *s
			return
		}
		at[s.List] = len(newest)
		newest = append(newest, *s)
	})
	return newest, err
}

// scores are all checks here of an agency's lists, oldest first.
func (b *Book) scores(ctx context.Context, of ids.LegalID) (all []quality.Score, err error) {
	err = b.eachCheck(ctx, of, func(s *quality.Score) {
		if s.Here {
			all = append(all, *s)
		}
	})
	return all, err
}

func (b *Book) eachCheck(ctx context.Context, of ids.LegalID, f func(*quality.Score)) error {
	const page = 1000
	for after := int64(0); ; {
		scores, err := b.c.Quality.Scores(ctx, of, &quality.Page{After: after, Limit: page})
		if err != nil {
			return err
		}
		for i := range scores {
			f(&scores[i])
			after = scores[i].ID
		}
		if len(scores) < page {
			return nil
		}
	}
}

// TraceRow is one row behind a figure.
type TraceRow struct {
	Agency ids.LegalID `json:"agency"`
	register.Row
	Count int64 `json:"count"` // what it adds to the figure
}

// rowsOf are the rows behind a figure of one agency, as they stand now.
func (b *Book) rowsOf(ctx context.Context, of ids.LegalID, figure string, p Period) (all []TraceRow, err error) {
	for _, t := range taken {
		if t.figure != figure {
			continue
		}
		source, ok := b.c.Sources[t.source]
		if !ok {
			return nil, nil
		}
		rows, err := source.Rows(ctx, of, t.member, p.start(), p.end())
		for _, r := range rows {
			all = append(all, TraceRow{of, r, 1})
		}
		return all, err
	}
	switch figure {
	case "volume", "volume_on_copies":
		for _, r := range b.c.Processes.Of(of) {
			if !r.Ended && (figure == "volume" || r.State == process.Copies) {
				all = append(all, TraceRow{of, register.Row{Noun: "process", ID: r.Code, At: r.Since.Start()}, r.Monthly * p.months()})
			}
		}
		return all, nil
	case "inquiries":
		return b.inquiryRows(ctx, of, p)
	case "list_rows", "list_rows_known":
		checks, err := b.checks(ctx, of, p.start(), p.end())
		for _, c := range checks {
			n := c.Rows
			if figure == "list_rows_known" {
				n = c.BothKnown
			}
			all = append(all, TraceRow{of, register.Row{Noun: "quality", ID: strconv.FormatInt(c.ID, 10), At: c.Made}, n})
		}
		return all, err
	}
	return nil, fault.New(fault.Invalid, "evaluation.figure").At("figure")
}

// inquiryRows are the counts of inquiries on an agency's processes, by month.
func (b *Book) inquiryRows(ctx context.Context, of ids.LegalID, p Period) (all []TraceRow, err error) {
	err = b.c.Usage.Served(ctx, usage.Filter{Agency: of, From: p.From, Until: p.Until}, func(c *usage.Count) {
		if r, ok := b.c.Processes.Find(of, c.Process); ok && !r.Ended && answered(c) {
			id := c.Process + "/" + c.Service + "/" + c.Outcome + "/" + c.Month.String()
			all = append(all, TraceRow{of, register.Row{Noun: "usage", ID: id, At: first(c.Month).Start()}, c.N})
		}
	})
	slices.SortStableFunc(all, func(x, y TraceRow) int { return x.At.Compare(y.At) })
	return all, err
}
