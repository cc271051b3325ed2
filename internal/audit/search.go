package audit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/job"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Looking for patterns goes over the window once to count, and again for the
// persons that were asked about: agencies in groups of so many inquiries, and of
// each officer so many, however many there are. What is over it is a program's
// traffic, of which a part is looked at.
const (
	mostOfGroup   = 2_000_000
	mostOfOfficer = 20_000
)

// office is what one agency's officers asked.
type office struct {
	id    ids.LegalID
	of    map[string]*traffic
	asked int64
}

func (o *office) officer(login string) *traffic {
	t := o.of[login]
	if t == nil {
		t = &traffic{agency: o.id, login: login}
		o.of[login] = t
	}
	return t
}

// officers are those of the office in order of their logins.
func (o *office) officers() []*traffic {
	all := make([]*traffic, 0, len(o.of))
	for _, t := range o.of {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *traffic) int { return strings.Compare(a.login, b.login) })
	return all
}

// search looks for patterns in the window of a draw, and keeps them.
func (b *Book) search(ctx context.Context, r *job.Run, d *Draw) (int, error) {
	offices, err := b.count(ctx, r, d)
	if err != nil {
		return 0, err
	}
	share, err := b.surnames(ctx)
	if err != nil {
		return 0, err
	}
	wide := map[string][]*traffic{} // by kind of agency
	for _, o := range offices {
		wide[b.kind(o.id)] = append(wide[b.kind(o.id)], o.officers()...)
	}
	var found []Pattern
	for len(offices) > 0 {
		n, sum := 1, offices[0].asked
		for n < len(offices) && sum+offices[n].asked <= mostOfGroup {
			sum += offices[n].asked
			n++
		}
		if err := b.gather(ctx, r, d, offices[:n]); err != nil {
			return 0, err
		}
		for _, o := range offices[:n] {
			all := o.officers()
			found = append(found, byCounts(all, wide[b.kind(o.id)])...)
			names, err := b.named(ctx, all, share)
			if err != nil {
				return 0, err
			}
			found = append(found, byPersons(all, names)...)
			for _, t := range all {
				t.asks = nil
			}
		}
		offices = offices[n:]
	}
	return len(found), b.c.DB.Write(ctx, func(tx *store.Tx) error { return b.keep(tx, d, found) })
}

// kind is an agency's kind; officers of few colleagues are compared within it.
func (b *Book) kind(id ids.LegalID) string {
	if a, err := b.c.Agencies.ByID(id); err == nil {
		return a.Kind
	}
	return ""
}

// each gives the inquiries of a window with the login of who asked.
func (b *Book) each(ctx context.Context, r *job.Run, d *Draw, f func(w *journal.Walked, login string)) error {
	seen := int64(0)
	return b.c.Journal.Walk(ctx, journal.Span{From: d.Since, Until: d.Until}, func(w *journal.Walked) error {
		if seen++; seen%passStep == 0 {
			if err := r.Step(ctx, seen, 0, nil); err != nil {
				return err
			}
		}
		if w.Kind != receipt.Inquiry || w.Record == nil || d.Agency != 0 && w.Agency != d.Agency {
			return nil
		}
		if login := text(w.Record, `,"officer":"`); login != "" {
			f(w, login)
		}
		return nil
	})
}

// text is a member of a record whose text holds nothing escaped; "" if there is
// none. Records are canonical: in a text the quotation marks of name would be
// escaped.
func text(record []byte, name string) string {
	_, rest, _ := bytes.Cut(record, []byte(name))
	value, _, _ := bytes.Cut(rest, []byte{'"'})
	if bytes.IndexByte(value, '\\') >= 0 {
		return ""
	}
	return string(value)
}

var notFound = []byte(`"outcome":"not_found"`)

// count is the first pass: how many inquiries each officer made, and of what kind.
func (b *Book) count(ctx context.Context, r *job.Run, d *Draw) ([]*office, error) {
	of := map[ids.LegalID]*office{}
	err := b.each(ctx, r, d, func(w *journal.Walked, login string) {
		o := of[w.Agency]
		if o == nil {
			o = &office{id: w.Agency, of: map[string]*traffic{}}
			of[w.Agency] = o
		}
		t := o.officer(login)
		o.asked++
		t.asked++
		switch {
		case bytes.Contains(w.Record, notFound):
			t.missed++
		case bytes.Contains(w.Record, refused):
			t.denied++
		}
		if b.offHours(w) {
			t.off++
		}
	})
	all := make([]*office, 0, len(of))
	for _, o := range of {
		all = append(all, o)
	}
	slices.SortFunc(all, func(x, y *office) int { return cmp.Compare(x.id, y.id) })
	return all, err
}

// gather is the second pass, for some offices: whom their officers asked about.
func (b *Book) gather(ctx context.Context, r *job.Run, d *Draw, offices []*office) error {
	of := map[ids.LegalID]*office{}
	for _, o := range offices {
		of[o.id] = o
	}
	return b.each(ctx, r, d, func(w *journal.Walked, login string) {
		o := of[w.Agency]
		if o == nil {
			return
		}
		t := o.officer(login)
		if len(t.asks) >= mostOfOfficer || len(w.Code) != len(ask{}.code) {
			return
		}
		t.asks = append(t.asks, ask{
			number: w.Subject, at: w.Time.UnixMicro(), code: [20]byte([]byte(w.Code)), off: b.offHours(w),
			missed: bytes.Contains(w.Record, notFound), denied: bytes.Contains(w.Record, refused),
		})
	})
}

// Working hours in Tehran where the clause says nothing.
const (
	dayBegins = 6
	dayEnds   = 22
)

// holidays are those of the solar calendar, by month and day. Those of the lunar
// one move; peers have them too, so nobody is found by them.
var holidays = map[[2]int16]bool{
	{1, 1}: true, {1, 2}: true, {1, 3}: true, {1, 4}: true, {1, 12}: true, {1, 13}: true,
	{3, 14}: true, {3, 15}: true, {11, 22}: true, {12, 29}: true,
}

// offHours tells whether an inquiry was made outside the hours of the clause that
// it cites; where it has none, at night, on a Friday or a holiday.
func (b *Book) offHours(w *journal.Walked) bool {
	var in inquiry
	if at := bytes.Index(w.Record, []byte(`"agreement":{`)); at >= 0 {
		rest := w.Record[at+len(`"agreement":`):]
		if end := bytes.IndexByte(rest, '}'); end >= 0 && json.Unmarshal(rest[:end+1], &in.Agreement) == nil && in.Agreement.Clause != 0 {
			cl, _ := b.clause(&Case{Agreement: in.Agreement.ID, Version: in.Agreement.Version, Clause: in.Agreement.Clause})
			if cl != nil && (cl.Hours != "" || len(cl.Days) > 0) {
				return !cl.OpenAt(w.Time)
			}
		}
	}
	t := w.Time.In(persian.Tehran)
	day := persian.DateOf(t)
	return t.Hour() < dayBegins || t.Hour() >= dayEnds || t.Weekday() == time.Friday || holidays[[2]int16{day.Month, day.Day}]
}

// The register is sampled for how frequent surnames are: so many stretches of so
// many persons, at equal distances over all numbers.
const (
	stretches = 200
	stretch   = 1000
)

// surnames tells how frequent surnames are in the register. One that the sample
// does not hold is held to be as frequent as a sample of this size may miss.
func (b *Book) surnames(ctx context.Context) (func(key string) float64, error) {
	counts, total := map[string]int{}, 0
	last := ids.NationalNumber(-1)
	for i := range stretches {
		after := ids.NationalNumber(int64(i) * (10_000_000_000 / stretches))
		persons, err := b.c.Persons.Scan(ctx, max(after, last), stretch)
		if err != nil {
			return nil, err
		}
		for k := range persons {
			counts[persons[k].Surname.Key]++
			last = persons[k].Number
			total++
		}
	}
	return func(key string) float64 { return float64(counts[key]+3) / float64(total+3) }, nil
}

// named finds the surnames of whom officers asked about, and those that the
// officers may have themselves.
func (b *Book) named(ctx context.Context, all []*traffic, share func(string) float64) (*names, error) {
	n := &names{of: map[ids.NationalNumber]string{}, share: share}
	var numbers []ids.NationalNumber
	for _, t := range all {
		t.own = b.ownNames(t)
		for i := range t.asks {
			if a := &t.asks[i]; a.number != 0 && !a.missed {
				numbers = append(numbers, a.number)
			}
		}
	}
	slices.Sort(numbers)
	for some := range slices.Chunk(slices.Compact(numbers), stretch) {
		persons, err := b.c.Persons.ByNumbers(ctx, some)
		if err != nil {
			return nil, err
		}
		for i, p := range persons {
			if p != nil {
				n.of[some[i]] = p.Surname.Key
			}
		}
	}
	return n, nil
}

// ownNames are the keys that the surname of an officer may have: where it begins
// in his name nobody has written down.
func (b *Book) ownNames(t *traffic) (keys []string) {
	o, err := b.c.Agencies.Officer(t.agency, t.login)
	if err != nil {
		return nil
	}
	words := strings.Fields(o.Name)
	for i := 1; i < len(words); i++ {
		if name, err := persian.ParseName(strings.Join(words[i:], " ")); err == nil {
			keys = append(keys, name.Key)
		}
	}
	return keys
}
