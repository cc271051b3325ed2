package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/store"
)

// lineSize is a number and its end of line in a ledger.
const lineSize = 11

// kill runs processes that write down every number that they are given, kills
// them again and again, and holds their ledgers against each other.
//
// A number counts as given when the ledger has it on disk, as if a clerk had
// written it into a booklet. What a process was given and could not write down
// any more is lost with it: a gap.
func (a *allotment) kill(ctx context.Context, b *bench) error {
	seed := a.bench.Seed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	fmt.Fprintf(b, "seed      %d\n", seed)
	lives := (a.bench.Kills + a.bench.Processes - 1) / a.bench.Processes
	each := max(a.bench.Numbers/(lives*a.bench.Processes), 1)
	errs := make([]error, a.bench.Processes)
	killed := make([]int, a.bench.Processes)
	start := time.Now()
	var all sync.WaitGroup
	for p := range a.bench.Processes {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(seed, uint64(p)))
			for life := 0; (life < lives || a.given() < int64(a.bench.Numbers)) && errs[p] == nil; life++ {
				// From a life that hardly begins to one twice as long as most.
				errs[p] = a.life(ctx, filepath.Join(a.dir, fmt.Sprintf("ledger-%d-%d", p, life)), dice.IntN(2*each+1))
				killed[p]++
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	kills := 0
	for _, k := range killed {
		kills += k
	}
	took := time.Since(start)
	fmt.Fprintf(b, "%s numbers given by %d writers in each of %d processes at a time; %d processes killed; %d numbers twice, %d wrong (%.0f s)\n",
		count(a.check.numbers), a.bench.Writers, a.bench.Processes, kills, a.check.twice, a.check.wrong, took.Seconds())
	return a.check.err()
}

func (a *allotment) given() int64 {
	a.check.mu.Lock()
	defer a.check.mu.Unlock()
	return a.check.numbers
}

// life starts a process, kills it when its ledger has so many numbers, and
// reads the ledger.
func (a *allotment) life(ctx context.Context, ledger string, numbers int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, self, "bench", "allocate", "--ledger", ledger, "--data", a.bench.Data,
		"--database", a.bench.Database, "--writers", fmt.Sprint(a.bench.Writers))
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	for {
		select {
		case <-ended:
			return fmt.Errorf("bench: a writing process ended by itself: %s", said.Bytes())
		case <-time.After(2 * time.Millisecond):
		}
		if info, err := os.Stat(ledger); err == nil && info.Size() >= int64(numbers)*lineSize {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		return err
	}
	<-ended
	return a.read(ledger)
}

// read judges the numbers of a ledger. Its last line may be torn.
func (a *allotment) read(ledger string) error {
	data, err := os.ReadFile(ledger)
	if err != nil {
		return err
	}
	var numbers []ids.NationalNumber
	for len(data) >= lineSize {
		n := int64(0)
		for _, c := range data[:lineSize-1] {
			n = 10*n + int64(c-'0')
		}
		numbers = append(numbers, ids.NationalNumber(n))
		data = data[lineSize:]
	}
	a.check.see(numbers...)
	return os.Remove(ledger)
}

// write is a process that is killed: its writers take numbers, one or a few at
// a time, and have each on disk before they take the next.
func (c *benchAllocate) write(ctx context.Context) error {
	db, err := store.Open(ctx, c.url(), store.Register)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	book, err := person.Open(ctx, db)
	if err != nil {
		return err
	}
	ledger, err := newBare(c.Ledger)
	if err != nil {
		return err
	}
	errs := make([]error, c.Writers)
	var writers sync.WaitGroup
	for w := range c.Writers {
		writers.Go(func() {
			for i := 0; errs[w] == nil; i++ {
				n := 1
				if (i+w)%10 == 0 {
					n = 2 + i%3
				}
				var numbers []ids.NationalNumber
				if numbers, errs[w] = book.Allocate(ctx, 1+(w+i)%allotOffices, n); errs[w] == nil {
					errs[w] = ledger.note(numbers)
				}
			}
		})
	}
	writers.Wait()
	return errors.Join(errs...)
}

// note writes numbers down and returns when they are on disk.
func (b *bare) note(numbers []ids.NationalNumber) error {
	data := make([]byte, 0, len(numbers)*lineSize)
	for _, n := range numbers {
		data = append(n.AppendTo(data), '\n')
	}
	w := wanted{data, make(chan error, 1)}
	b.lines <- w
	return <-w.ready
}

// benchPerson is somebody who has a number already.
func benchPerson() person.Person {
	name := persian.Name{Display: "-", Key: "-", Phonetic: "-"}
	return person.Person{Given: name, Surname: name, Born: persian.Date{Year: 1350, Month: 1, Day: 1}, Sex: person.Male, State: person.Active}
}
