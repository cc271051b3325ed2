package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/linkage"
	"github.com/estelam/estelam/internal/person"
)

// linkRun is one round over one set: what it took and how right it was.
type linkRun struct {
	records             int
	building, linking   time.Duration
	processor           time.Duration // of linking, all processors together
	buildPeak, linkPeak int64         // bytes resident, mapped files included
	imageSize           int64
	estimated           float64 // recall, as the engine says
	present             int     // rows whose person is in the register
	guesses             []guess // in the order of rows
	usual, automatic    tallied
	statuses            map[string]*linkStatus
}

// csvTable reads a table with heads, in the order of columns.
type csvTable struct {
	r      *csv.Reader
	file   *os.File
	at     []int // for each column, where it stands in the file; -1: it does not
	values []string
	line   []string
}

func openCSV(path string, columns []string) (*csvTable, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &csvTable{r: csv.NewReader(bufio.NewReaderSize(f, 1<<18)), file: f, values: make([]string, len(columns))}
	t.r.ReuseRecord = true
	heads, err := t.r.Read()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	for _, c := range columns {
		at := -1
		for i, h := range heads {
			if strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")) == c {
				at = i
			}
		}
		t.at = append(t.at, at)
	}
	return t, nil
}

// next is the next line's values; they are valid until the next call.
func (t *csvTable) next() ([]string, error) {
	line, err := t.r.Read()
	if err != nil {
		return nil, err
	}
	t.line = line
	for i, at := range t.at {
		if t.values[i] = ""; at >= 0 {
			t.values[i] = strings.TrimSpace(line[at])
		}
	}
	return t.values, nil
}

func (t *csvTable) close() { _ = t.file.Close() }

// build makes the image of a register that is a table of the set's columns,
// with one more for the key and, if it has one, one for the state.
func (r *linkRun) build(ctx context.Context, set *linkSet, register, image string) error {
	p := newPeak()
	start := time.Now()
	columns := append(set.columns(), set.key, "state")
	t, err := openCSV(register, columns)
	if err != nil {
		return err
	}
	defer t.close()
	key, state := len(columns)-2, len(columns)-1
	if t.at[key] < 0 {
		return fmt.Errorf("the register has no column %s", set.key)
	}
	b := linkage.NewBuilder(set.profile)
	for {
		v, err := t.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		rec := linkage.Record{State: uint8(person.Active), Version: 1, Values: v[:key:key]}
		if rec.Key, err = strconv.ParseUint(v[key], 10, 64); err != nil {
			return errors.New("a key of the register is not a number")
		}
		for s := person.Active; s <= person.Protected; s++ {
			if s.String() == v[state] {
				rec.State = uint8(s)
			}
		}
		if err := b.Add(&rec); err != nil {
			return err
		}
		r.records++
	}
	if err := b.Write(ctx, image, nil, nil); err != nil {
		return err
	}
	r.building = time.Since(start)
	r.buildPeak, err = p.bytes()
	if info, err := os.Stat(image); err == nil {
		r.imageSize = info.Size()
	}
	return err
}

// linked is what a linkage leaves to be judged.
type linked struct {
	set      *linkSet
	register *linkage.Register
	result   *linkage.Result
}

func (l *linked) close() { _ = l.register.Close() }

// link reads the file and links it against the image.
func (r *linkRun) link(ctx context.Context, set *linkSet, file, image string) (*linked, error) {
	register, err := linkage.Open(image)
	if err != nil {
		return nil, err
	}
	p := newPeak()
	before, err := ownCPU()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	t, err := openCSV(file, set.columns())
	if err != nil {
		return nil, err
	}
	defer t.close()
	table := register.NewTable()
	for row := 1; ; row++ {
		v, err := t.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		table.Add(row, v)
	}
	result, err := table.Link(ctx, linkage.Options{})
	if err != nil {
		return nil, err
	}
	r.linking = time.Since(start)
	after, err := ownCPU()
	if err != nil {
		return nil, err
	}
	r.processor = after - before
	if r.linkPeak, err = p.bytes(); err != nil {
		return nil, err
	}
	return &linked{set, register, result}, nil
}

// peak finds the most memory that this process has had since it began.
type peak struct{}

// newPeak gives back what is free and begins anew.
func newPeak() peak {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // where this is not possible the peak is the process's whole
	return peak{}
}

func (peak) bytes() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(v), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("/proc/self/status has no VmHWM")
}
