package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

// benchHistory measures a person's whole story as his page shows it, alone and
// as staff read it, which is an entry in the log first. Beside it the look-up
// of the same persons' current records.
type benchHistory struct {
	benchFlags `embed:""`

	Lives    int `default:"40" help:"Persons who get a long history."`
	Versions int `default:"30" help:"Versions of the record of each."`
}

// Run gives some persons long lives, then reads them in rounds.
func (c *benchHistory) Run(ctx context.Context, s streams) error {
	if c.Lives < 1 || c.Versions < 2 {
		return errors.New("bench: at least one life of two versions")
	}
	b, err := newBench("history", c.benchFlags, s)
	if err != nil {
		return err
	}
	k, remove, err := b.country(ctx)
	if err != nil {
		return err
	}
	defer remove()
	h, err := open(ctx, siteIn(k.dir), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer h.close()
	lived, err := c.live(ctx, h, k)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "persons   %d with %d versions and as many events each, among %s on record\n\n", len(lived), c.Versions, count(int64(c.Persons)))
	var look, story, read []pace
	for range c.Rounds {
		for _, of := range []struct {
			to *[]pace
			do func(n ids.NationalNumber) error
		}{{&look, finder(ctx, h)}, {&story, c.teller(ctx, h)}, {&read, c.reader(ctx, h)}} {
			p, err := paceOf(lived, b.round(), of.do)
			if err != nil {
				return err
			}
			*of.to = append(*of.to, p)
		}
	}
	t := tabwriter.NewWriter(b, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\tmedian µs\tp99 µs\tslowest µs\t\n")
	for _, row := range []struct {
		name string
		of   []pace
	}{{"look-up", look}, {"whole history", story}, {"whole history, recorded first", read}} {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t\n", row.name, over(row.of, func(p pace) float64 { return p.mid }).text(1),
			over(row.of, func(p pace) float64 { return p.p99 }).text(1), over(row.of, func(p pace) float64 { return p.most }).text(1))
	}
	_ = t.Flush()
	p := &chart{}
	p.bars(bars{title: "A person's record, median µs", note: fmt.Sprintf("%d versions, one reader", c.Versions), digits: 1, items: []bar{
		{"look-up", over(look, func(p pace) float64 { return p.mid }), 0},
		{"whole history", over(story, func(p pace) float64 { return p.mid }), 1},
		{"whole history, recorded first", over(read, func(p pace) float64 { return p.mid }), 1},
	}})
	return b.finish(p)
}

// live lets things happen to some grown persons until they have their versions.
func (c *benchHistory) live(ctx context.Context, h *house, k *country) ([]ids.NationalNumber, error) {
	var names []persian.Name
	var lived []ids.NationalNumber
	for _, p := range sample(k, 50*c.Lives) {
		if p.State == person.Active && p.Version == 0 && p.Born.Year < 1380 && len(lived) < c.Lives {
			lived, names = append(lived, p.Number), append(names, p.Given)
		}
	}
	grounds := register.Grounds{Reason: "bench", Document: "0"}
	for i, n := range lived {
		now, found, err := h.persons.ByNumber(ctx, n)
		if err != nil || !found {
			return nil, errors.Join(err, errors.New("bench: an invented person is not on record"))
		}
		for v := now.Version; v < int64(c.Versions); v++ {
			e := person.Edit{Number: n, Grounds: grounds}
			if v%2 == 0 {
				_, _, err = h.persons.Review(ctx, h.journal, clerk(), &person.Review{Edit: e, On: now.State != person.UnderReview})
			} else {
				_, _, err = h.persons.ChangeSurname(ctx, h.journal, clerk(), &person.Surname{Edit: e, Surname: other(names, i+int(v), now.Surname)})
			}
			if err != nil {
				return nil, err
			}
			if now, _, err = h.persons.ByNumber(ctx, n); err != nil {
				return nil, err
			}
		}
	}
	return lived, nil
}

// other is a name that is not this one.
func other(names []persian.Name, i int, not persian.Name) persian.Name {
	for range names {
		if n := names[i%len(names)]; n != not {
			return n
		}
		i++
	}
	return names[0]
}

func finder(ctx context.Context, h *house) func(ids.NationalNumber) error {
	var p person.Person
	return func(n ids.NationalNumber) error {
		_, err := h.persons.Find(ctx, n, &p)
		return err
	}
}

func (c *benchHistory) teller(ctx context.Context, h *house) func(ids.NationalNumber) error {
	return func(n ids.NationalNumber) error {
		t, found, err := h.persons.Timeline(ctx, n)
		if err == nil && (!found || len(t.Moments) < c.Versions) {
			err = errors.New("bench: a history is not whole")
		}
		return err
	}
}

func (c *benchHistory) reader(ctx context.Context, h *house) func(ids.NationalNumber) error {
	return func(n ids.NationalNumber) error {
		_, _, err := h.persons.ReadHistory(ctx, h.journal, clerk(), &person.Reading{Number: n, Reason: "bench", File: "0"})
		return err
	}
}

// pace is how long the calls of a round took, in µs.
type pace struct{ mid, p99, most float64 }

// paceOf calls for one person after another until d is over.
func paceOf(lived []ids.NationalNumber, d time.Duration, do func(ids.NationalNumber) error) (pace, error) {
	var all []float64
	for start, i := time.Now(), 0; time.Since(start) < d; i++ {
		began := time.Now()
		if err := do(lived[i*7%len(lived)]); err != nil {
			return pace{}, err
		}
		all = append(all, float64(time.Since(began).Nanoseconds())/1e3)
	}
	slices.Sort(all)
	return pace{all[len(all)/2], all[len(all)*99/100], all[len(all)-1]}, nil
}
