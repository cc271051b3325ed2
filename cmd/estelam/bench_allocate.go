package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/sheet"
	"github.com/estelam/estelam/internal/store"
)

// benchAllocate gives national numbers to many writers at once and looks for
// one that was given twice. With --kills it runs the writers in processes of
// their own and kills those with signal 9 in the middle of it (promise P3).
type benchAllocate struct {
	where `embed:""`

	Writers   int    `default:"64" help:"Writers at once, in each process."`
	Numbers   int    `default:"500000" help:"Numbers in a round; with --kills in all."`
	Rounds    int    `default:"3" help:"Rounds."`
	Kills     int    `help:"Kill writing processes so often, instead of measuring the rate."`
	Processes int    `default:"2" help:"Processes at once, with --kills."`
	Seed      uint64 `help:"With --kills: repeat the chance of the run that printed this seed."`
	Out       string `help:"Write text and chart into this directory too." type:"path"`
	Ledger    string `hidden:"" help:"Write into this file until killed." type:"path"`
}

// Run measures, or kills, or is one of those who are killed.
func (c *benchAllocate) Run(ctx context.Context, s streams) error {
	if c.Ledger != "" {
		return c.write(ctx)
	}
	if c.Kills > 0 {
		c.Rounds = 1
	}
	if c.Writers < 1 || c.Numbers < 1 || c.Rounds < 1 || c.Processes < 1 || c.Numbers*c.Rounds > 20_000_000 {
		return errors.New("bench: at least one writer, round, process and number, at most 20 million numbers")
	}
	b, err := newBench("allocate", benchFlags{Rounds: c.Rounds, Seconds: 1, Persons: 100, Out: c.Out}, s)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "estelam-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	c.Data = dir
	a := &allotment{bench: c, dir: dir}
	if err := a.prepare(ctx); err != nil {
		return err
	}
	defer a.close()
	fmt.Fprintf(b, "engine    %s; %d offices that share %d prefixes, %s numbers on record beforehand; %d writers\n\n",
		store.EngineOf(c.url()), allotOffices, allotOffices, count(int64(len(a.legacy))), c.Writers)
	if c.Kills > 0 {
		return a.kill(ctx, b)
	}
	return a.measure(ctx, b)
}

// Offices of the bench have the codes 1 to allotOffices, and each the prefixes
// of its own and of the next office: 100, 101 …
const (
	allotOffices = 40
	allotPrefix  = 100
)

// allotment is numbers that are being given, and what may be given.
type allotment struct {
	bench  *benchAllocate
	dir    string
	db     *store.DB
	book   *person.Book
	legacy []ids.NationalNumber
	check  verdict
}

// prepare makes an empty register with offices, and records in their way.
func (a *allotment) prepare(ctx context.Context) (err error) {
	if err := store.Migrate(ctx, a.bench.url()); err != nil {
		return err
	}
	if a.db, err = store.Open(ctx, a.bench.url(), store.Register); err != nil {
		return err
	}
	if a.book, err = person.Open(ctx, a.db); err != nil {
		return err
	}
	n, err := a.book.Count(ctx)
	if err == nil && (n > 0 || len(a.book.Offices()) > 0) {
		err = errors.New("bench: the database holds persons or offices; numbers must not be wasted there")
	}
	if err != nil {
		return err
	}
	var offices []person.Office
	for i := range allotOffices {
		offices = append(offices, person.Office{
			Code: 1 + i, Name: strconv.Itoa(i), Prefixes: []person.Prefix{person.Prefix(allotPrefix + i), person.Prefix(allotPrefix + (i+1)%allotOffices)},
		})
	}
	if err := person.LoadOffices(ctx, a.db, offices); err != nil {
		return err
	}
	return a.occupy(ctx)
}

// occupy puts records where numbers will be given: every seventh of the first
// two thousand, and three hundred in a row.
func (a *allotment) occupy(ctx context.Context) error {
	one := benchPerson()
	_, err := person.Load(ctx, a.db, func(yield func(person.Person, error) bool) {
		for p := range allotOffices {
			for serial := 1; serial <= 2000; serial++ {
				if serial%7 != 0 && (serial < 1000 || serial >= 1300) {
					continue
				}
				first9 := int64(allotPrefix+p)*1_000_000 + int64(serial)
				one.Number = ids.NationalNumber(first9*10 + ids.CheckDigit(first9))
				a.legacy = append(a.legacy, one.Number)
				if !yield(one, nil) {
					return
				}
			}
		}
	}, nil)
	a.check.expect(a.legacy)
	return err
}

func (a *allotment) close() { _ = a.db.Close() }

// verdict says of each number whether it could be given.
type verdict struct {
	mu           sync.Mutex
	seen         sheet.Seen
	numbers      int64
	twice, wrong int64
	first        string // the first that is bad
}

// expect notes numbers that are on record.
func (v *verdict) expect(numbers []ids.NationalNumber) {
	for _, n := range numbers {
		v.seen.Add(int64(n) / 10)
	}
}

// see judges numbers that were given: right in form, of the office, never seen.
func (v *verdict) see(numbers ...ids.NationalNumber) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, n := range numbers {
		v.numbers++
		prefix := int64(n) / 10_000_000
		if again, err := ids.ParseNationalNumber(n.String()); err != nil || again != n || prefix < allotPrefix || prefix >= allotPrefix+allotOffices {
			v.wrong++
		} else if !v.seen.Add(int64(n) / 10) {
			v.twice++
		} else {
			continue
		}
		if v.first == "" {
			v.first = n.String()
		}
	}
}

// err is what makes the bench fail. Its numbers are nobody's.
func (v *verdict) err() error {
	if v.twice == 0 && v.wrong == 0 {
		return nil
	}
	return fmt.Errorf("bench: %d numbers were given twice or are on record, %d are no numbers of the office, such as %s", v.twice, v.wrong, v.first)
}

// measure has writers take numbers one by one, in this process.
func (a *allotment) measure(ctx context.Context, b *bench) error {
	bare, err := newBare(filepath.Join(a.dir, "bare"))
	if err != nil {
		return err
	}
	defer bare.close()
	var full, plain []heat
	for range b.Rounds {
		yard, err := (&benchJournal{Callers: 1}).heat(1, time.Second, bare.commit(1), bare.count)
		if err != nil {
			return err
		}
		done, err := a.round(ctx)
		if err != nil {
			return err
		}
		plain, full = append(plain, yard), append(full, done)
	}
	t := tabwriter.NewWriter(b, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "allocate\tnumbers/s\tµs/number\tbare file, fdatasyncs/s\t\n")
	for i, h := range full {
		fmt.Fprintf(t, "round %d\t%s\t%.2f\t%s\t\n", i+1, number(h.rate, 0), h.cpu, number(plain[i].rate, 0))
	}
	fmt.Fprintf(t, "median\t%s\t%s\t%s\t\n", over(full, heatRate).text(0), over(full, heatCPU).text(2), over(plain, heatRate).text(0))
	_ = t.Flush()
	fmt.Fprintf(b, "\n%s numbers given, %d twice\n", count(a.check.numbers), a.check.twice)
	p := &chart{}
	p.bars(bars{title: "National numbers a second", note: fmt.Sprintf("%d writers, one number each time", a.bench.Writers), items: []bar{
		{"bare file: fdatasyncs", over(plain, heatRate), 0}, {"numbers, from durable blocks", over(full, heatRate), 1},
	}})
	return errors.Join(a.check.err(), b.finish(p))
}

func (a *allotment) round(ctx context.Context) (heat, error) {
	cpu, err := ownCPU()
	if err != nil {
		return heat{}, err
	}
	var left atomic.Int64
	left.Store(int64(a.bench.Numbers))
	var writers sync.WaitGroup
	errs := make([]error, a.bench.Writers)
	given := make([][]ids.NationalNumber, a.bench.Writers)
	start := time.Now()
	for w := range a.bench.Writers {
		writers.Go(func() {
			for left.Add(-1) >= 0 && errs[w] == nil {
				var one []ids.NationalNumber
				one, errs[w] = a.book.Allocate(ctx, 1+w%allotOffices, 1)
				given[w] = append(given[w], one...)
			}
		})
	}
	writers.Wait()
	elapsed := time.Since(start)
	after, err := ownCPU()
	for _, g := range given {
		a.check.see(g...)
	}
	n := float64(a.bench.Numbers)
	return heat{rate: n / elapsed.Seconds(), cpu: float64((after - cpu).Nanoseconds()) / 1e3 / n}, errors.Join(errors.Join(errs...), err)
}
