package quarter

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/audit"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/deadline"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/usage"
)

// Config names the parts that a report is drawn from.
type Config struct {
	DB         *store.DB
	Journal    *journal.Journal
	Agencies   *agency.Book
	Agreements *agreement.Book
	Processes  *process.Book
	Usage      *usage.Book
	Exceptions *exception.Book
	Complaints *complaint.Book
	Audits     *audit.Book
	Board      *board.Book
	Deadlines  *deadline.Book
	Clock      func() time.Time // nil: time.Now
}

// Book draws, keeps and shows reports. It is safe for concurrent use.
type Book struct{ c Config }

// Open makes a Book.
func Open(c Config) *Book {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return &Book{c}
}

// Document is all that a report says: figures and remarks. Numbers are whole;
// shares are reckoned where they are shown.
type Document struct {
	Quarter Quarter      `json:"quarter"`
	From    persian.Date `json:"from"`
	Until   persian.Date `json:"until"` // last day, included
	Drawn   time.Time    `json:"drawn"`
	Log     Log          `json:"log"`

	Country   Line       `json:"country"`
	Before    Line       `json:"before"`    // the country in the quarter before
	Provinces []Line     `json:"provinces"` // by name; bodies of the whole country first, without a name
	Agencies  []Line     `json:"agencies"`  // most inquiries first
	Months    []Month    `json:"months"`    // twelve, the quarter's own last
	Services  []Asked    `json:"services"`  // most asked first
	Deadlines []Deadline `json:"deadlines"` // of the law
	Decisions []Decision `json:"decisions"` // of the board, within the quarter
	Remarks   Remarks    `json:"remarks"`

	text []byte // as it is stored
}

// Log is where the public log stood when the figures were drawn.
type Log struct {
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   string `json:"root"` // in hex
}

// Line is the figures of one agency, of a province or of the country. Inquiries
// are those of the quarter; agreements, processes and obstacles are as they
// stood at its end, or stand now if it is not over.
type Line struct {
	Agency     ids.LegalID `json:"agency,omitzero"`
	Name       string      `json:"name,omitempty"`
	Province   string      `json:"province,omitempty"`
	Bodies     int64       `json:"bodies"`     // that the circular binds
	Agreements int64       `json:"agreements"` // of them with one in force
	Inquiries  int64       `json:"inquiries"`
	Refused    int64       `json:"refused"`
	Processes  int64       `json:"processes"`
	Copies     int64       `json:"copies"` // processes that still take a copy
	Online     int64       `json:"online"`
	Exceptions int64       `json:"exceptions"` // processes
	Obstacles  int64       `json:"obstacles"`  // open
	Overdue    int64       `json:"overdue"`    // of them
	OwnCopies  int64       `json:"own_copies"` // copies that bodies made themselves (clause A)
	Tickets    int64       `json:"tickets"`
	Unresolved int64       `json:"unresolved"` // tickets
	Reports    int64       `json:"reports"`    // of demanded copies, by citizens
	Upheld     int64       `json:"upheld"`
	Late       int64       `json:"late"` // answers to reports
	Sampled    int64       `json:"sampled"`
	Misuse     int64       `json:"misuse"`
	Narrowed   int64       `json:"narrowed"`
}

// figure is a number of a line, by its name in the document.
type figure struct {
	name string
	n    *int64
}

func (l *Line) figures() []figure {
	return []figure{
		{"bodies", &l.Bodies},
		{"agreements", &l.Agreements},
		{"inquiries", &l.Inquiries},
		{"refused", &l.Refused},
		{"processes", &l.Processes},
		{"copies", &l.Copies},
		{"online", &l.Online},
		{"exceptions", &l.Exceptions},
		{"obstacles", &l.Obstacles},
		{"overdue", &l.Overdue},
		{"own_copies", &l.OwnCopies},
		{"tickets", &l.Tickets},
		{"unresolved", &l.Unresolved},
		{"reports", &l.Reports},
		{"upheld", &l.Upheld},
		{"late", &l.Late},
		{"sampled", &l.Sampled},
		{"misuse", &l.Misuse},
		{"narrowed", &l.Narrowed},
	}
}

func (l *Line) add(o *Line) {
	of := o.figures()
	for i, f := range l.figures() {
		*f.n += *of[i].n
	}
}

// Month is the inquiries of one month by what came of them.
type Month struct {
	Month    persian.Date `json:"month"`
	Answered int64        `json:"answered"`
	NotFound int64        `json:"not_found"`
	Refused  int64        `json:"refused"`
}

// Asked is how often a service was asked in the quarter.
type Asked struct {
	Service   string `json:"service"`
	Inquiries int64  `json:"inquiries"`
}

// Deadline is how a deadline of the law stands.
type Deadline struct {
	Clause   string       `json:"clause"`
	Fa       string       `json:"fa"` // what must be done
	En       string       `json:"en"`
	State    string       `json:"state"`        // the worst that a body's is
	Due      persian.Date `json:"due,omitzero"` // of what does not recur
	Bodies   int64        `json:"bodies"`       // whose standing is known
	Met      int64        `json:"met"`          // of them
	Late     int64        `json:"late"`         // of them
	MostLate int64        `json:"most_late_days"`
}

// Decision is one of the board's.
type Decision struct {
	Date      persian.Date `json:"date"`
	Reference string       `json:"reference"`
	Text      string       `json:"text"`
}

// canonical is the text that the digest is of.
func (d *Document) canonical() ([]byte, error) {
	type plain Document
	full := plain(*d) // a list of nothing is [], as readers are told
	full.Provinces, full.Agencies = append([]Line{}, d.Provinces...), append([]Line{}, d.Agencies...)
	full.Months, full.Services = append([]Month{}, d.Months...), append([]Asked{}, d.Services...)
	full.Deadlines, full.Decisions = append([]Deadline{}, d.Deadlines...), append([]Decision{}, d.Decisions...)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(full)
	return bytes.TrimSpace(b.Bytes()), err
}

// MarshalJSON writes the text that is stored, so that whoever is given a report
// can reckon its digest from what he was given.
func (d *Document) MarshalJSON() ([]byte, error) {
	if d.text != nil {
		return d.text, nil
	}
	return d.canonical()
}

// draw reckons everything anew from what the registers and the log say.
func (b *Book) draw(ctx context.Context, actor journal.Actor, q Quarter) (*Document, error) {
	if err := b.c.Usage.Follow(ctx); err != nil {
		return nil, err
	}
	s := b.c.Journal.State()
	d := &Document{
		Quarter: q, From: q.From(), Until: q.Until().AddDays(-1), Drawn: b.c.Clock().UTC().Truncate(time.Second),
		Log: Log{s.Origin, s.Size, hex.EncodeToString(s.Root[:])},
	}
	lines, err := b.bodies(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := b.asked(ctx, d, lines); err != nil {
		return nil, err
	}
	d.sum(lines)
	if d.Deadlines, err = b.deadlines(ctx, actor); err != nil {
		return nil, err
	}
	d.Decisions, err = b.decided(ctx, actor, q)
	return d, err
}

// bodies are the figures of each agency, without its inquiries.
func (b *Book) bodies(ctx context.Context, q Quarter) (map[ids.LegalID]*Line, error) {
	from, until := q.From().Start(), q.Until().Start()
	if now := b.c.Clock(); now.Before(until) {
		until = now
	}
	processes, err := b.c.Processes.Figures(ctx, from, until)
	if err != nil {
		return nil, err
	}
	exceptions, err := b.c.Exceptions.Figures(ctx, from, until)
	if err != nil {
		return nil, err
	}
	reports, err := b.c.Complaints.Figures(ctx, from, until)
	if err != nil {
		return nil, err
	}
	audits, err := b.c.Audits.Figures(ctx, from, until)
	if err != nil {
		return nil, err
	}
	lines := map[ids.LegalID]*Line{}
	for _, a := range b.c.Agencies.Agencies() {
		l := &Line{Agency: a.ID, Name: a.Name, Province: a.Province}
		if a.Bound && a.State != agency.Closed {
			l.Bodies = 1
			if _, ok := b.c.Agreements.InForce(a.ID, until.Add(-time.Microsecond)); ok {
				l.Agreements = 1
			}
		}
		p, e, r, u := processes[a.ID], exceptions[a.ID], reports[a.ID], audits[a.ID]
		l.Processes, l.Copies, l.Online, l.Exceptions = p.Processes, p.Copies, p.Online, p.Exception
		l.Obstacles, l.Overdue = p.Obstacles, p.Overdue
		l.OwnCopies, l.Tickets, l.Unresolved = e.Copies, e.Tickets, e.Unresolved
		l.Reports, l.Upheld, l.Late = r.Filed, r.Upheld, r.Late
		l.Sampled, l.Misuse, l.Narrowed = u.Sampled, u.Misuse, u.Narrowed
		lines[a.ID] = l
	}
	return lines, nil
}

// asked counts inquiries: of the quarter by agency and service, of twelve
// months by outcome, and of the quarter before.
func (b *Book) asked(ctx context.Context, d *Document, lines map[ids.LegalID]*Line) error {
	last := month(d.From.AddMonths(2))
	services := map[string]int64{}
	at := map[persian.Date]int{}
	for i := range 12 {
		m := month(d.From.AddMonths(i - 9))
		at[m] = i
		d.Months = append(d.Months, Month{Month: m})
	}
	before := d.Quarter.Before()
	err := b.c.Usage.Each(ctx, usage.Filter{From: month(last.AddMonths(-11)), Until: last}, func(c *usage.Count) {
		i, known := at[c.Month]
		if !known {
			return
		}
		m := &d.Months[i]
		switch c.Outcome {
		case inquiry.Refused:
			m.Refused += c.N
		case inquiry.NotFound:
			m.NotFound += c.N
		default:
			m.Answered += c.N
		}
		switch Of(c.Month) {
		case before:
			d.Before.Inquiries += c.N
			if c.Outcome == inquiry.Refused {
				d.Before.Refused += c.N
			}
		case d.Quarter:
			services[c.Service] += c.N
			l := lines[c.Agency]
			if l == nil {
				l = &Line{Agency: c.Agency}
				lines[c.Agency] = l
			}
			l.Inquiries += c.N
			if c.Outcome == inquiry.Refused {
				l.Refused += c.N
			}
		}
	})
	for name, n := range services {
		d.Services = append(d.Services, Asked{name, n})
	}
	slices.SortFunc(d.Services, func(x, y Asked) int {
		return cmp.Or(cmp.Compare(y.Inquiries, x.Inquiries), cmp.Compare(x.Service, y.Service))
	})
	return err
}

// month is a day's month.
func month(d persian.Date) persian.Date { return persian.Date{Year: d.Year, Month: d.Month} }

// sum adds agencies up to provinces and the country.
func (d *Document) sum(lines map[ids.LegalID]*Line) {
	provinces := map[string]*Line{}
	for _, l := range lines {
		p := provinces[l.Province]
		if p == nil {
			p = &Line{Province: l.Province}
			provinces[l.Province] = p
		}
		p.add(l)
		d.Country.add(l)
		if *l != (Line{Agency: l.Agency, Name: l.Name, Province: l.Province}) {
			d.Agencies = append(d.Agencies, *l)
		}
	}
	for _, p := range provinces {
		d.Provinces = append(d.Provinces, *p)
	}
	slices.SortFunc(d.Provinces, func(x, y Line) int {
		return bytes.Compare(persian.SortKey(x.Province), persian.SortKey(y.Province))
	})
	slices.SortFunc(d.Agencies, func(x, y Line) int {
		return cmp.Or(cmp.Compare(y.Inquiries, x.Inquiries), cmp.Compare(x.Agency, y.Agency))
	})
}

// deadlines sums up how each deadline of the law stands.
func (b *Book) deadlines(ctx context.Context, actor journal.Actor) (all []Deadline, err error) {
	clocks, err := b.c.Deadlines.List(ctx, actor, &deadline.Filter{})
	for i := range clocks {
		c := &clocks[i]
		d := Deadline{
			Clause: c.Clause, Fa: c.Fa, En: c.En, State: c.State, Due: c.Due,
			Bodies: int64(c.Met + c.Running + c.Late), Met: int64(c.Met), Late: int64(c.Late),
		}
		for _, l := range c.Lines {
			if l.State == deadline.Late {
				d.MostLate = max(d.MostLate, int64(l.Late))
			}
		}
		all = append(all, d)
	}
	return all, err
}

// decided lists what the board decided within the quarter.
func (b *Book) decided(ctx context.Context, actor journal.Actor, q Quarter) (all []Decision, err error) {
	f := board.Filter{State: board.Decided}
	for {
		page, err := b.c.Board.Decisions(ctx, actor, &f)
		if err != nil {
			return nil, err
		}
		for _, d := range page {
			if on := persian.DateOf(d.Ended); Of(on) == q {
				all = append(all, Decision{on, d.Reference, d.Text})
			}
			f.After = d.ID
		}
		if len(page) < f.Limit {
			return all, nil
		}
	}
}
