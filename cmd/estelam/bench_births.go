package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
)

// benchBirths measures the registration of births in bulk: checks, parents,
// number, rows, entry in the log and its proof, all durable. Beside it a bare
// file takes as many bytes as the journal alone, with one fdatasync a batch.
type benchBirths struct {
	benchFlags `embed:""`

	Births  int `default:"200000" help:"Births in a round; --seconds is not used."`
	Size    int `default:"1000" help:"Births in a call, which is one transaction."`
	Callers int `default:"2" help:"Callers, each with one call at a time."`
}

// Run registers births in rounds and says how long a million would take.
func (c *benchBirths) Run(ctx context.Context, s streams) error {
	if c.Size < 1 || c.Size > person.MaxBirths || c.Births < c.Size || c.Callers < 1 {
		return fmt.Errorf("bench: a call holds 1 to %d births, a round one call or more", person.MaxBirths)
	}
	b, err := newBench("births", c.benchFlags, s)
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
	bare, err := newBare(filepath.Join(k.dir, "bare"))
	if err != nil {
		return err
	}
	defer bare.close()
	m := &maternity{bench: c, house: h, run: fmt.Sprintf("%X", time.Now().UnixNano())}
	m.gather(k)
	fmt.Fprintf(b, "births    %s a round, %d a call, %d callers; %s persons on record\n\n", count(int64(c.Births)), c.Size, c.Callers, count(int64(c.Persons)))
	var full, plain []heat
	for r := range c.Rounds {
		yard, err := (&benchJournal{Callers: c.Callers}).heat(c.Size, time.Second, bare.commit(c.Size), bare.count)
		if err != nil {
			return err
		}
		stop, err := b.profileLast(r)
		if err != nil {
			return err
		}
		done, err := m.round(ctx, r)
		stop()
		if err != nil {
			return err
		}
		plain, full = append(plain, yard), append(full, done)
	}
	if err := m.check(ctx); err != nil {
		return err
	}
	m.print(b, full, plain)
	p := &chart{}
	p.bars(bars{title: "Births a second", note: "checked, numbered, durable, in the log, proven", items: []bar{
		{"bare file: the same bytes in the same units", over(plain, heatRate), 0}, {"births", over(full, heatRate), 1},
	}})
	return b.finish(p)
}

// maternity makes births and registers them.
type maternity struct {
	bench   *benchBirths
	house   *house
	run     string
	fathers []person.Person
	mothers []person.Person

	mu     sync.Mutex
	given  map[ids.NationalNumber]bool
	twice  int
	before int64 // persons on record at the beginning
}

// gather picks parents of an age.
func (m *maternity) gather(k *country) {
	today := persian.DateOf(time.Now())
	m.given = map[ids.NationalNumber]bool{}
	for _, p := range sample(k, 40_000) {
		if p.State != person.Active || p.Born.Compare(today.AddYears(-20)) > 0 || p.Born.Compare(today.AddYears(-45)) < 0 {
			continue
		}
		if p.Sex == person.Male {
			m.fathers = append(m.fathers, p)
		} else {
			m.mothers = append(m.mothers, p)
		}
	}
}

// birth is birth i of a round. Every eightieth is a twin of the one before.
func (m *maternity) birth(round, i int, today persian.Date) person.Birth {
	order, of := 1, i
	if i%80 == 1 {
		order, of = 2, i-1
	}
	father, mother := &m.fathers[of*7919%len(m.fathers)], &m.mothers[of*7907%len(m.mothers)]
	child := father
	sex := person.Male
	if i%2 == 1 {
		child, sex = &m.mothers[(i*31+round)%len(m.mothers)], person.Female
	}
	return person.Birth{
		Notification: fmt.Sprintf("%s-%d-%d", m.run, round, of), Order: order, Office: mother.Shenasnameh.Office,
		Given: child.Given, Surname: father.Surname, Sayyed: father.Sayyed, Sex: sex, Born: today.AddDays(-of % 15),
		Place: mother.Shenasnameh.IssuePlace, Father: father.Number, Mother: mother.Number, MotherName: mother.Given,
		Declarant: person.ByFather,
	}
}

// round registers a round of births.
func (m *maternity) round(ctx context.Context, round int) (heat, error) {
	if len(m.fathers) == 0 || len(m.mothers) == 0 {
		return heat{}, errors.New("bench: too few persons to have children")
	}
	if m.before == 0 {
		n, err := m.house.persons.Count(ctx)
		if err != nil {
			return heat{}, err
		}
		m.before = n
	}
	cpu, err := ownCPU()
	if err != nil {
		return heat{}, err
	}
	start := time.Now()
	today := persian.DateOf(start)
	calls := make(chan int)
	var callers sync.WaitGroup
	var failed error
	for range m.bench.Callers {
		callers.Go(func() {
			for first := range calls {
				if err := m.call(ctx, round, first, today); err != nil {
					m.mu.Lock()
					failed = errors.Join(failed, err)
					m.mu.Unlock()
				}
			}
		})
	}
	births := m.bench.Births / m.bench.Size * m.bench.Size
	for first := 0; first < births; first += m.bench.Size {
		calls <- first
	}
	close(calls)
	callers.Wait()
	elapsed := time.Since(start)
	after, err := ownCPU()
	return heat{rate: float64(births) / elapsed.Seconds(), cpu: float64((after - cpu).Nanoseconds()) / 1e3 / float64(births)}, errors.Join(failed, err)
}

func (m *maternity) call(ctx context.Context, round, first int, today persian.Date) error {
	in := make([]person.Birth, m.bench.Size)
	for i := range in {
		in[i] = m.birth(round, first+i, today)
	}
	born, proven, err := m.house.persons.RegisterBirths(ctx, m.house.journal, clerk(), in)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range born {
		if m.given[born[i].Number] || born[i].Again || proven[i].Subject != born[i].Number {
			m.twice++
		}
		m.given[born[i].Number] = true
	}
	return nil
}

// clerk is the actor of births in benches.
func clerk() journal.Actor { return journal.Actor{Role: "clerk", ID: "bench"} }

// check counts: no number twice, and everybody is on record and in the log.
func (m *maternity) check(ctx context.Context) error {
	n, err := m.house.persons.Count(ctx)
	if err != nil {
		return err
	}
	want := int64(len(m.given))
	if m.twice > 0 || n-m.before != want {
		return fmt.Errorf("bench: %d numbers were given twice; %d births, %d new persons", m.twice, want, n-m.before)
	}
	return nil
}

func (m *maternity) print(b *bench, full, plain []heat) {
	t := tabwriter.NewWriter(b, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "births\tbirths/s\tµs/birth\tbare file, units of the same size/s\ta million takes, s\t\n")
	for i, h := range full {
		fmt.Fprintf(t, "round %d\t%s\t%.1f\t%s\t%.0f\t\n", i+1, number(h.rate, 0), h.cpu, number(plain[i].rate/float64(m.bench.Size), 0), 1e6/h.rate)
	}
	million := over(full, func(h heat) float64 { return 1e6 / h.rate })
	fmt.Fprintf(t, "median\t%s\t%s\t\t%s\t\n", over(full, heatRate).text(0), over(full, heatCPU).text(1), million.text(0))
	_ = t.Flush()
	fmt.Fprintf(b, "\n%s births, each with its own number, record and proven entry; 0 numbers twice\n", count(int64(len(m.given))))
}

// profileLast profiles this process in the last round, if --profile asks for it.
func (b *bench) profileLast(round int) (stop func(), err error) {
	if b.Profile == "" || round < b.Rounds-1 {
		return func() {}, nil
	}
	f, err := os.Create(b.Profile)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}
