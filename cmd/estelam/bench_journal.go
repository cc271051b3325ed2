package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/receipt"
)

// benchJournal measures the journal alone, without TLS and HTTP: entries go in
// as units of several sizes. Beside it a bare file takes the same bytes with
// one fdatasync for whatever waits.
type benchJournal struct {
	benchFlags `embed:""`

	Sizes   []int `default:"1,16,64,256,1000" help:"Entries in a unit."`
	Callers int   `default:"2" help:"Callers, each with one unit at a time: while one is made durable, the next gathers."`
}

// heat is one round of one size.
type heat struct {
	size    int
	rate    float64 // entries a second
	cpu     float64 // µs of processor time per entry, of everything
	commits float64 // entries in one commit
}

// Run goes through the sizes, the file and the journal in turn.
func (c *benchJournal) Run(ctx context.Context, s streams) error {
	b, err := newBench("journal", c.benchFlags, s)
	if err != nil {
		return err
	}
	dir := b.Data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "estelam-bench-"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
	}
	if err := initialise(ctx, where{Data: dir}, "Estelam Sample CA"); err != nil {
		return err
	}
	j, err := openJournal(ctx, dir)
	if err != nil {
		return err
	}
	defer j.Close()
	bare, err := newBare(filepath.Join(dir, "bare"))
	if err != nil {
		return err
	}
	defer bare.close()
	fmt.Fprintf(b, "entries   of %d bytes; %d callers\n\n", len(entryBody()), c.Callers)
	full, plain, tree, err := c.heats(ctx, b, j, bare)
	if err != nil {
		return err
	}
	c.print(b, full, plain)
	fmt.Fprintf(b, "tree and proofs alone, units of %d: %.2f µs an entry (CPU profile)\n", c.Sizes[len(c.Sizes)-1], tree)
	return b.finish(c.chart(full, plain))
}

func openJournal(ctx context.Context, dir string) (*journal.Journal, error) {
	keys, err := journal.LoadKeys(keyDir(dir))
	if err != nil {
		return nil, err
	}
	return journal.Open(ctx, journal.Config{URL: dir, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
}

// heats runs all rounds. tree is the time of tree and proofs in the last one.
func (c *benchJournal) heats(ctx context.Context, b *bench, j *journal.Journal, bare *bare) (full, plain [][]heat, tree float64, err error) {
	full, plain = make([][]heat, len(c.Sizes)), make([][]heat, len(c.Sizes))
	for round := range c.Rounds {
		for i, size := range c.Sizes {
			last := round == c.Rounds-1 && i == len(c.Sizes)-1
			h, err := c.heat(size, b.round(), bare.commit(size), bare.count)
			if err != nil {
				return nil, nil, 0, err
			}
			plain[i] = append(plain[i], h)
			var profile bytes.Buffer
			if last {
				if err := pprof.StartCPUProfile(&profile); err != nil {
					return nil, nil, 0, err
				}
			}
			h, err = c.heat(size, b.round(), commitUnits(ctx, j, size), nil)
			if last {
				pprof.StopCPUProfile()
			}
			if err != nil {
				return nil, nil, 0, err
			}
			full[i] = append(full[i], h)
			if last {
				if tree, err = c.tree(b, profile.Bytes(), h); err != nil {
					return nil, nil, 0, err
				}
			}
		}
	}
	return full, plain, tree, nil
}

// tree reads the time of tree and proofs out of a profile.
func (c *benchJournal) tree(b *bench, profile []byte, h heat) (µs float64, err error) {
	if b.Profile != "" {
		if err := os.WriteFile(b.Profile, profile, 0o644); err != nil {
			return 0, err
		}
	}
	list, err := shares(profile)
	if err != nil {
		return 0, err
	}
	printShares(b, "an entry's", list, h.cpu)
	for _, s := range list {
		if s.name == "tree" || s.name == "proofs" {
			µs += s.of * h.cpu
		}
	}
	return µs, nil
}

// heat lets the callers commit units for a while. commits counts commits where
// that is known.
func (c *benchJournal) heat(size int, d time.Duration, commit func() error, commits func() int64) (heat, error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	var units, first int64
	if commits != nil {
		first = commits()
	}
	before, err := ownCPU()
	if err != nil {
		return heat{}, err
	}
	start := time.Now()
	for range c.Callers {
		wg.Go(func() {
			n := int64(0)
			var err error
			for time.Since(start) < d && err == nil {
				if err = commit(); err == nil {
					n++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			units += n
			failed = errors.Join(failed, err)
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	after, err := ownCPU()
	if err = errors.Join(failed, err); err != nil {
		return heat{}, err
	}
	entries := float64(units) * float64(size)
	h := heat{size: size, rate: entries / elapsed.Seconds(), cpu: float64((after - before).Nanoseconds()) / 1e3 / entries}
	if commits != nil {
		h.commits = entries / float64(max(commits()-first, 1))
	}
	return h, nil
}

// ownCPU is the processor time of this process so far.
func ownCPU() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}

// entryBody is as long as an ordinary inquiry's.
func entryBody() []byte {
	return []byte(`"agency":{"id":"99990000010","name":"a sample bank of this invented country"},"officer":"b.sample","purpose":"account-opening",` +
		`"file":"1405/12345","agreement":{"id":1,"version":1,"clause":1},"service":"identity","mode":"verify",` +
		`"question":{"national_number":"0012345679","birth_date":"1370-01-01","claims":{"given_name":"a given name","surname":"a family name","father_name":"a name"}},` +
		`"outcome":"confirmed","answer":{"fields":{"given_name":"match","surname":"match","father_name":"match"}},"register_version":1`)
}

// commitUnits commits units of a size and looks at their proofs.
func commitUnits(ctx context.Context, j *journal.Journal, size int) func() error {
	body := entryBody()
	return func() error {
		entries := make([]journal.Entry, size)
		for i := range entries {
			entries[i] = journal.Entry{Kind: receipt.Inquiry, Body: body, Subject: ids.NationalNumber(12345679 + i), Agency: sampleID(1), Bucket: 1}
		}
		if size == 1 {
			_, err := j.Commit(ctx, entries[0])
			return err
		}
		p, err := j.CommitAll(ctx, entries, [16]byte{}, [16]byte{})
		if err == nil && len(p.Entries) != size {
			err = errors.New("a unit lost entries")
		}
		return err
	}
}

// bare is a file that group-commits: whoever comes while a sync is under way
// shares the next one.
type bare struct {
	file  *os.File
	lines chan wanted
	done  sync.WaitGroup
	mu    sync.Mutex
	syncs int64
}

type wanted struct {
	data  []byte
	ready chan error
}

func newBare(path string) (*bare, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	b := &bare{file: f, lines: make(chan wanted, 1024)}
	b.done.Go(b.write)
	return b, nil
}

// write makes durable what waits, as often as something does.
func (b *bare) write() {
	for first := range b.lines {
		group := []wanted{first}
		for more := true; more; {
			select {
			case w, open := <-b.lines:
				if more = open; open {
					group = append(group, w)
				}
			default:
				more = false
			}
		}
		var all []byte
		for _, w := range group {
			all = append(all, w.data...)
		}
		_, err := b.file.Write(all)
		if err == nil {
			err = syscall.Fdatasync(int(b.file.Fd()))
		}
		b.mu.Lock()
		b.syncs++
		b.mu.Unlock()
		for _, w := range group {
			w.ready <- err
		}
	}
}

func (b *bare) count() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.syncs
}

// commit writes as many bytes as the journal does for a unit: leaf, salt,
// place, fields and record of each entry.
func (b *bare) commit(size int) func() error {
	const fixed = receipt.LeafSize + 32 + 4 + 25 + 170 // and the record's head
	data := bytes.Repeat([]byte{'x'}, size*(fixed+len(entryBody())))
	return func() error {
		w := wanted{data, make(chan error, 1)}
		b.lines <- w
		return <-w.ready
	}
}

func (b *bare) close() {
	close(b.lines)
	b.done.Wait()
	_ = b.file.Close()
	_ = os.Remove(b.file.Name())
}

func (c *benchJournal) print(b *bench, full, plain [][]heat) {
	t := tabwriter.NewWriter(b, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "unit\tbare file, entries/s\tµs/entry\tjournal, entries/s\tµs/entry\tjournal/file\t\n")
	for i, size := range c.Sizes {
		shareOf := make([]float64, len(full[i]))
		for k := range shareOf {
			shareOf[k] = full[i][k].rate / plain[i][k].rate
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t\n", count(int64(size)),
			over(plain[i], heatRate).text(0), over(plain[i], heatCPU).text(2),
			over(full[i], heatRate).text(0), over(full[i], heatCPU).text(2), spanOf(shareOf).text(2))
	}
	_ = t.Flush()
	fmt.Fprintln(b)
}

func heatRate(h heat) float64 { return h.rate }
func heatCPU(h heat) float64  { return h.cpu }

func (c *benchJournal) chart(full, plain [][]heat) *chart {
	curve := func(heats [][]heat, figure func(heat) float64) (points []point) {
		for i, size := range c.Sizes {
			points = append(points, point{float64(size), over(heats[i], figure).mid})
		}
		return points
	}
	p := &chart{}
	p.ladder("Durable entries a second, by entries in a unit",
		fmt.Sprintf("%d callers, median of %d rounds", c.Callers, c.Rounds), "entries in a unit", c.Sizes, []line{
			{"bare file, write and fdatasync of the same bytes", curve(plain, heatRate), 0},
			{"journal: hashed, in the tree, durable, signed, proven", curve(full, heatRate), 1},
		})
	p.ladder("Processor time per entry, µs", "tree, hashing, SQLite, signature, proofs and everything behind the commit", "entries in a unit", c.Sizes, []line{
		{"bare file", curve(plain, heatCPU), 0},
		{"journal", curve(full, heatCPU), 1},
	})
	return p
}
