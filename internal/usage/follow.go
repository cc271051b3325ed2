package usage

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Bounds of one transaction: entries it covers, and different counts in memory.
const (
	mostEntries = 1 << 16
	mostCounts  = 1 << 13
)

// errOvertaken: another node has counted the same entries meanwhile.
var errOvertaken = errors.New("usage: another node was first")

// Follow counts what the journal has and the marks have not. A crash leaves
// whole steps; the next call goes on behind them.
func (b *Book) Follow(ctx context.Context) error {
	for {
		sizes, _, err := b.marks(ctx)
		if err != nil {
			return err
		}
		heads, more := b.journal.Heads(), false
		for log, size := range heads {
			more = more || size > sizes[log]
		}
		if !more {
			return nil // Walk would read the list of logs to find the same
		}
		s := newStep(sizes)
		err = b.journal.Walk(ctx, journal.Span{After: sizes}, func(w *journal.Walked) error {
			if s.take(w); s.entries < mostEntries && len(s.counts)+len(s.days) < mostCounts {
				return nil
			}
			defer s.begin()
			return b.write(ctx, s)
		})
		if err == nil {
			err = b.write(ctx, s)
		}
		if !errors.Is(err, errOvertaken) {
			return err
		}
	}
}

// key is what a count is of, N apart.
type key struct {
	agency, behalf int64
	month          int32
	process        string
	purpose        string
	service        string
	outcome        string
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.month, o.month), cmp.Compare(k.agency, o.agency), cmp.Compare(k.behalf, o.behalf),
		strings.Compare(k.process, o.process), strings.Compare(k.purpose, o.purpose),
		strings.Compare(k.service, o.service), strings.Compare(k.outcome, o.outcome))
}

// dayKey is what a day's count is of.
type dayKey struct {
	agency  int64
	day     int32
	outcome string
}

func (k dayKey) compare(o dayKey) int {
	return cmp.Or(cmp.Compare(k.agency, o.agency), cmp.Compare(k.day, o.day), strings.Compare(k.outcome, o.outcome))
}

// span is how far a step has come in one log.
type span struct{ from, to, lost int64 }

// step gathers what one transaction will write.
type step struct {
	entries int64
	logs    map[int]*span
	counts  map[key]int64
	days    map[dayKey]int64 // of inquiries alone

	words map[string]string // each word once: a look-up makes no garbage
	until int64             // seconds: month and day hold for times before
	since int64             // and not before
	month int32
	day   int32
}

func newStep(sizes map[int]int64) *step {
	s := &step{logs: map[int]*span{}, counts: map[key]int64{}, days: map[dayKey]int64{}, words: map[string]string{}}
	for log, size := range sizes {
		s.logs[log] = &span{from: size, to: size}
	}
	return s
}

// begin empties the step after it was written.
func (s *step) begin() {
	s.entries = 0
	clear(s.counts)
	clear(s.days)
	clear(s.words)
	for _, l := range s.logs {
		l.from, l.lost = l.to, 0
	}
}

// take counts one entry.
func (s *step) take(w *journal.Walked) {
	l := s.logs[w.Log]
	if l == nil {
		l = &span{}
		s.logs[w.Log] = l
	}
	l.to = w.Index + 1
	s.entries++
	if w.Kind != receipt.Inquiry && w.Kind != receipt.DeliveryRow {
		return
	}
	if w.Record == nil {
		l.lost++
		return
	}
	var m members
	m.read(w.Record)
	k := key{
		agency: int64(w.Agency), behalf: m.behalfID(), month: s.monthOf(w.Time),
		process: s.word(m.process), purpose: s.word(m.purpose), service: s.word(m.service), outcome: s.word(m.outcome),
	}
	if w.Kind == receipt.DeliveryRow {
		if k.outcome = s.word(m.status); k.service == "" {
			k.service = "delivery"
		}
	}
	s.counts[k]++
	if w.Kind == receipt.Inquiry {
		s.days[dayKey{k.agency, s.day, k.outcome}]++
	}
}

// word is b as a string, one and the same for equal bytes.
func (s *step) word(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if w, ok := s.words[string(b)]; ok {
		return w
	}
	w := string(b)
	s.words[w] = w
	return w
}

// monthOf is the month in Tehran, packed; entries of a day stand together.
func (s *step) monthOf(t time.Time) int32 {
	if at := t.Unix(); at < s.since || at >= s.until {
		day := persian.DateOf(t)
		s.day = day.Pack()
		day.Day = 0
		s.month, s.since, s.until = day.Pack(), at, at+persian.DayLeft(t)
	}
	return s.month
}

// write adds the counts and moves the marks, in one transaction: all of it or
// nothing. Counts are written in order, so that two nodes never wait for each
// other's rows.
func (b *Book) write(ctx context.Context, s *step) error {
	if s.entries == 0 {
		return nil
	}
	logs := make([]int, 0, len(s.logs))
	for log := range s.logs {
		logs = append(logs, log)
	}
	slices.Sort(logs)
	keys := slices.SortedFunc(maps.Keys(s.counts), key.compare)
	days := slices.SortedFunc(maps.Keys(s.days), dayKey.compare)
	overtaken := false
	err := b.db.Write(ctx, func(tx *store.Tx) error {
		overtaken = false
		for _, log := range logs {
			l := s.logs[log]
			if l.from == l.to {
				continue
			}
			if _, err := tx.Exec(markBegin, log); err != nil {
				return err
			}
			n, err := tx.Exec(markMove, l.to, l.lost, log, l.from)
			if err != nil {
				return err
			}
			if n != 1 {
				overtaken = true
				return errOvertaken
			}
		}
		for _, k := range keys {
			if _, err := tx.Exec(countAdd, k.agency, k.behalf, k.month, k.process, k.purpose, k.service, k.outcome, s.counts[k]); err != nil {
				return err
			}
		}
		for _, k := range days {
			if _, err := tx.Exec(dayAdd, k.agency, k.day, k.outcome, s.days[k]); err != nil {
				return err
			}
		}
		return nil
	})
	if overtaken {
		return errOvertaken
	}
	return err
}
