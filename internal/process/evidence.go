package process

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/usage"
)

// Evidence of a process is what was really asked on it, month by month, beside
// what its agency says: how often it is done, and that all of it is online.
type Evidence struct {
	Process
	Months  []Month `json:"months"`  // oldest first
	Flagged bool    `json:"flagged"` // one of the months is
}

// Month is one month of a process.
type Month struct {
	Month     persian.Date `json:"month"`
	Inquiries int64        `json:"inquiries"` // that named the process and were answered
	Refused   int64        `json:"refused"`
	Expected  int64        `json:"expected"` // what was declared, for the days of the month on which the process was online
	Flagged   bool         `json:"flagged"`  // far fewer than expected were asked
}

// far: online means nothing where not even a tenth of what is declared was asked.
const far = 10

// EvidenceFilter chooses processes and months.
type EvidenceFilter struct {
	Agency  ids.LegalID  `json:"agency"`  // 0: the actor's own; of those who see all: all
	Process string       `json:"process"` // "": all that are not ended
	From    persian.Date `json:"from"`    // month; zero: two months before until
	Until   persian.Date `json:"until"`   // month; zero: this one
	Flagged bool         `json:"flagged"` // only those that are
}

const maxMonths = 24

// Evidence lists what was asked on processes. Faults: process.unknown,
// process.month, process.months, agency.unknown.
func (b *Book) Evidence(ctx context.Context, actor journal.Actor, in *EvidenceFilter) ([]Evidence, error) {
	whose, err := of(actor, in.Agency)
	if err != nil {
		return nil, err
	}
	f := *in
	if err := b.months(&f); err != nil {
		return nil, err
	}
	list, counts := b.All(), b.Usage.Each
	if whose != 0 {
		list, counts = b.Of(whose), b.Usage.Served
	}
	asked := map[askedKey][2]int64{}
	err = counts(ctx, usage.Filter{Agency: whose, From: f.From, Until: f.Until}, func(c *usage.Count) {
		key := askedKey{c.For(), c.Process, c.Month}
		n := asked[key]
		if c.Outcome == "refused" {
			n[1] += c.N
		} else {
			n[0] += c.N
		}
		asked[key] = n
	})
	if err != nil {
		return nil, err
	}
	all, found := []Evidence{}, false
	for _, p := range list {
		if f.Process != "" && p.Code != f.Process || f.Process == "" && p.Ended {
			continue
		}
		found = true
		if e := b.weigh(p, &f, asked); e.Flagged || !f.Flagged {
			all = append(all, e)
		}
	}
	if f.Process != "" && !found {
		return nil, errUnknown
	}
	return all, nil
}

// months fills in the months that were left out.
func (b *Book) months(f *EvidenceFilter) error {
	if f.Until.IsZero() {
		f.Until = monthOf(persian.DateOf(b.c.Clock()))
	}
	if f.From.IsZero() {
		f.From = monthOf(first(f.Until).AddMonths(-2))
	}
	var bad fault.List
	bad.When(f.From.Month == 0 || f.From.Precise(), "from", "process.month")
	bad.When(f.Until.Month == 0 || f.Until.Precise(), "until", "process.month")
	if err := bad.Err(); err != nil {
		return err
	}
	n := int(f.Until.Year-f.From.Year)*12 + int(f.Until.Month) - int(f.From.Month) + 1
	if n < 1 || n > maxMonths {
		return fault.New(fault.Invalid, "process.months").At("from")
	}
	return nil
}

func monthOf(d persian.Date) persian.Date { d.Day = 0; return d }

func first(month persian.Date) persian.Date { month.Day = 1; return month }

// askedKey is a process in a month.
type askedKey struct {
	of    ids.LegalID
	code  string
	month persian.Date
}

// weigh holds a process against what was asked on it.
func (b *Book) weigh(p *Process, f *EvidenceFilter, asked map[askedKey][2]int64) Evidence {
	e := Evidence{Process: *p, Months: []Month{}}
	for month := f.From; month.Pack() <= f.Until.Pack(); month = monthOf(first(month).AddMonths(1)) {
		n := asked[askedKey{p.Agency, p.Code, month}]
		m := Month{Month: month, Inquiries: n[0], Refused: n[1], Expected: expected(p, month, b.c.Clock())}
		m.Flagged = m.Expected > 0 && m.Inquiries*far < m.Expected
		e.Months = append(e.Months, m)
		e.Flagged = e.Flagged || m.Flagged
	}
	return e
}

// expected is how many inquiries the declared number makes of the whole days of
// a month on which the process was online.
func expected(p *Process, month persian.Date, now time.Time) int64 {
	if p.State != Online || p.Ended {
		return 0
	}
	begin, end := first(month), first(month).AddMonths(1)
	days := int64(end.Days() - begin.Days())
	if p.Since.Compare(begin) > 0 {
		begin = p.Since
	}
	if today := persian.DateOf(now); today.Compare(end) < 0 {
		end = today
	}
	return max(0, int64(end.Days()-begin.Days())) * p.Monthly / days
}
