package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/synth"
)

// benchLookup measures finding a person by number, whole and with names,
// beside a pread of as many bytes from a place in a file that is known.
type benchLookup struct {
	benchFlags `embed:""`
}

// Run fills a register, then reads at random.
func (c *benchLookup) Run(ctx context.Context, s streams) error {
	b, err := newBench("lookup", c.benchFlags, s)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "estelam-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	numbers, size, err := c.fill(ctx, b, dir)
	if err != nil {
		return err
	}
	each := float64(size) / float64(len(numbers))
	fmt.Fprintf(b, "register  %s persons, %.1f bytes each on disk: row, names, series, offices, card serials; read at random, all of it in the page cache\n\n",
		count(int64(len(numbers))), each)
	db, err := store.Open(ctx, dir, store.Register)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	book, err := person.Open(ctx, db)
	if err != nil {
		return err
	}
	flat, err := flatFile(filepath.Join(dir, "rows"), len(numbers))
	if err != nil {
		return err
	}
	defer flat.Close()
	pread, find, err := c.race(ctx, b, book, flat, numbers)
	if err != nil {
		return err
	}
	ratios := make([]float64, len(find))
	t := tabwriter.NewWriter(b, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\tpread µs\tlook-up µs\tratio\t\n")
	for i := range find {
		ratios[i] = find[i] / pread[i]
		fmt.Fprintf(t, "round %d\t%.2f\t%.2f\t%.2f\t\n", i+1, pread[i], find[i], ratios[i])
	}
	fmt.Fprintf(t, "median\t%s\t%s\t%s\t\n", spanOf(pread).text(2), spanOf(find).text(2), spanOf(ratios).text(2))
	_ = t.Flush()
	picture := &chart{}
	picture.bars(bars{
		title: "Finding a person by number, µs",
		note:  fmt.Sprintf("%s persons in random order, one caller, page cache warm", count(int64(len(numbers)))),
		items: []bar{
			{"pread of 48 bytes at a known place", spanOf(pread), 0},
			{"look-up in the register: row, names, card", spanOf(find), 1},
		},
		digits: 2,
	})
	return b.finish(picture)
}

// fill loads the persons; size is by how much the register's file grew.
func (c *benchLookup) fill(ctx context.Context, b *bench, dir string) (numbers []ids.NationalNumber, size int64, err error) {
	if err := store.Migrate(ctx, dir); err != nil {
		return nil, 0, err
	}
	file := filepath.Join(dir, "register.db")
	before, err := os.Stat(file)
	if err != nil {
		return nil, 0, err
	}
	db, err := store.Open(ctx, dir, store.Register)
	if err != nil {
		return nil, 0, err
	}
	bar := newProgress(b.progress, "persons")
	people := synth.New(synth.Config{Seed: benchSeed, Persons: b.Persons, Places: max(b.Persons/3, 10)})
	counted := func(yield func(person.Person, error) bool) {
		for p := range people.Persons() {
			numbers = append(numbers, p.Number)
			if !yield(p, nil) {
				return
			}
		}
	}
	n, err := person.Load(ctx, db, counted, func(n int64) { bar.at(n, int64(b.Persons)) })
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, 0, err
	}
	bar.done(n)
	after, err := os.Stat(file)
	if err != nil {
		return nil, 0, err
	}
	return numbers, after.Size() - before.Size(), nil
}

// rowBytes is about what a row takes.
const rowBytes = 48

// flatFile is a file of rows without any structure.
func flatFile(path string, rows int) (*os.File, error) {
	if err := os.WriteFile(path, bytes.Repeat([]byte{'r'}, rows*rowBytes), 0o600); err != nil {
		return nil, err
	}
	return os.Open(path)
}

// race reads the same persons in the same order from both, round by round, and
// gives µs a read. A first round, not counted, brings everything into memory.
func (c *benchLookup) race(ctx context.Context, b *bench, book *person.Book, flat *os.File, numbers []ids.NationalNumber) (pread, find []float64, err error) {
	for round := range c.Rounds + 1 {
		order := rand.New(rand.NewPCG(1405, uint64(round))).Perm(len(numbers))
		var row [rowBytes]byte
		p, err := timed(order, b.round(), func(i int) error {
			_, err := flat.ReadAt(row[:], int64(i)*rowBytes)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		var who person.Person
		f, err := timed(order, b.round(), func(i int) error {
			found, err := book.Find(ctx, numbers[i], &who)
			if err == nil && (!found || who.Number != numbers[i] || who.Given.Display == "") {
				err = errors.New("a person was not found, or another one")
			}
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		if round > 0 {
			pread, find = append(pread, p), append(find, f)
		}
	}
	return pread, find, nil
}

// timed does work on each of order, around and around until d is over, and
// gives µs a piece.
func timed(order []int, d time.Duration, work func(i int) error) (float64, error) {
	start := time.Now()
	n := 0
	for time.Since(start) < d {
		for range 1000 {
			if err := work(order[n%len(order)]); err != nil {
				return 0, err
			}
			n++
		}
	}
	return float64(time.Since(start).Nanoseconds()) / 1e3 / float64(n), nil
}
