package deadline

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/board"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

// Measure tells how those whom a deadline concerns stand with it.
type Measure func(ctx context.Context) ([]Standing, error)

// Config names what a Book stands on.
type Config struct {
	Board    *board.Book
	Agencies *agency.Book
	Measures map[string]Measure // by the deadline's name
	Clock    func() time.Time   // nil: time.Now
}

// Book tells how deadlines stand. It is safe for concurrent use.
type Book struct{ c Config }

// Open makes a Book, and tells the board the days that it may decide.
func Open(c Config) *Book {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	c.Board.Obey(board.StartDate, checkStart, nil)
	return &Book{c}
}

// checkStart reads the params of a start-date.
func checkStart(params json.RawMessage) error {
	var in board.Start
	if err := board.Params(params, &in); err != nil {
		return err
	}
	var bad fault.List
	_, known := starts[in.Name]
	bad.When(!known, "name", "deadline.start", strings.Join(slices.Sorted(maps.Keys(starts)), ", "))
	bad.When(!in.Day.Precise(), "day", "board.day")
	return bad.Err()
}

// Start is the day of this name, and the decision that says so, if one does;
// zero if nobody knows it yet.
func (b *Book) Start(name string) (day persian.Date, by *board.Decision) {
	if day, by = b.c.Board.Start(name, b.today()); by == nil {
		day = starts[name]
	}
	return day, by
}

func (b *Book) today() persian.Date { return persian.DateOf(b.c.Clock()) }

// Clock is one deadline and how everybody stands with it.
type Clock struct {
	Name   string       `json:"deadline"`
	Clause string       `json:"clause"`
	Fa     string       `json:"fa"` // what must be done
	En     string       `json:"en"`
	Who    string       `json:"who"`
	Amount int          `json:"amount,omitzero"`
	Unit   string       `json:"unit"`
	Start  string       `json:"start,omitzero"`
	Day    persian.Date `json:"start_day,omitzero"`
	Due    persian.Date `json:"due,omitzero"` // of what does not recur and has no clock of its own

	Met     int    `json:"met"` // how many stand so
	Running int    `json:"running"`
	Late    int    `json:"late"`
	State   string `json:"state"` // the worst that somebody's is
	Lines   []Line `json:"lines"`
}

// Line is how one body stands with one deadline.
type Line struct {
	Agency ids.LegalID  `json:"agency,omitzero"`
	Name   string       `json:"name,omitzero"`
	State  string       `json:"state"`
	Met    persian.Date `json:"met,omitzero"` // done, or last done
	Due    persian.Date `json:"due,omitzero"`
	Late   int          `json:"days_late"`
	Open   int64        `json:"open,omitzero"` // how many cases, copies, items … are open
	Note   string       `json:"note,omitzero"` // message key
}

// Filter chooses deadlines.
type Filter struct {
	Agency   ids.LegalID `json:"agency"`   // 0: everybody; an agency's head sees his own
	Deadline string      `json:"deadline"` // "": all
}

// readers may see how deadlines stand; an agency's head his agency's.
var readers = []string{
	register.Member, register.Inspector, register.Supervisor, register.Clerk, register.Post, register.Municipality, agency.RoleHead,
}

// scope is whose standings the actor may see; 0: everybody's. Who is not of the
// registry, the board or the inspection sees his own body's.
func scope(actor journal.Actor, wanted ids.LegalID) (ids.LegalID, error) {
	if err := register.Only(actor, readers...); err != nil {
		return 0, err
	}
	switch actor.Role {
	case register.Municipality, agency.RoleHead:
		if wanted != 0 && wanted != actor.Agency {
			return 0, fault.New(fault.NotFound, "deadline.agency").At("agency")
		}
		return actor.Agency, nil
	}
	return wanted, nil
}

// List tells how every deadline stands.
func (b *Book) List(ctx context.Context, actor journal.Actor, f *Filter) (all []Clock, err error) {
	of, err := scope(actor, f.Agency)
	if err != nil {
		return nil, err
	}
	known := f.Deadline == ""
	for i := range Law {
		d := &Law[i]
		if f.Deadline != "" && f.Deadline != d.Name {
			continue
		}
		known = true
		c, err := b.clock(ctx, d, of)
		if err != nil {
			return nil, err
		}
		all = append(all, *c)
	}
	if !known {
		return nil, fault.New(fault.NotFound, "deadline.unknown").At("deadline")
	}
	return all, nil
}

// clock computes one deadline.
func (b *Book) clock(ctx context.Context, d *Deadline, of ids.LegalID) (*Clock, error) {
	day, _ := b.Start(d.Start)
	c := &Clock{
		Name: d.Name, Clause: d.Clause, Fa: message.Text(message.Fa, "deadline.text."+d.Name), En: message.Text(message.En, "deadline.text."+d.Name),
		Who: d.Who, Amount: d.Amount, Unit: d.Unit, Start: d.Start, Day: day, State: NotMeasured,
	}
	if d.recurs() == 0 {
		c.Due = d.due(day, persian.Date{})
	}
	if d.Unit == Repealed {
		c.State = Repealed
	}
	measure := b.c.Measures[d.Name]
	if measure == nil {
		return c, nil
	}
	standings, err := measure(ctx)
	if err != nil {
		return nil, err
	}
	today := b.today()
	for i := range standings {
		s := &standings[i]
		if of != 0 && s.Agency != of {
			continue
		}
		l := Line{Agency: s.Agency, Met: s.Met, Open: s.Open, Note: s.Note}
		l.State, l.Due, l.Late = d.state(s, day, today)
		if a, err := b.c.Agencies.ByID(s.Agency); err == nil {
			l.Name = a.Name
		}
		c.count(&l)
		c.Lines = append(c.Lines, l)
	}
	slices.SortStableFunc(c.Lines, func(x, y Line) int {
		return cmp.Or(cmp.Compare(worst(y.State), worst(x.State)), y.Late-x.Late, cmp.Compare(x.Agency, y.Agency))
	})
	return c, nil
}

// worst orders states: the one that wants most attention is the largest.
func worst(state string) int {
	return slices.Index([]string{NotMeasured, Met, NotBegun, Running, Late}, state)
}

func (c *Clock) count(l *Line) {
	switch l.State {
	case Met:
		c.Met++
	case Running:
		c.Running++
	case Late:
		c.Late++
	}
	if worst(l.State) > worst(c.State) {
		c.State = l.State
	}
}

// Missed is a deadline that somebody has not met.
type Missed struct {
	Name   string `json:"deadline"`
	Clause string `json:"clause"`
	Fa     string `json:"fa"`
	En     string `json:"en"`
	Line
}

// Missed lists who is late with what, the latest first.
func (b *Book) Missed(ctx context.Context, actor journal.Actor, f *Filter) (all []Missed, err error) {
	clocks, err := b.List(ctx, actor, f)
	for i := range clocks {
		c := &clocks[i]
		for _, l := range c.Lines {
			if l.State == Late {
				all = append(all, Missed{c.Name, c.Clause, c.Fa, c.En, l})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y Missed) int { return y.Late - x.Late })
	return all, err
}

// Start is a day from which clocks count.
type Start struct {
	Name      string       `json:"name"`
	Day       persian.Date `json:"day,omitzero"`      // none: not decided
	Decision  int64        `json:"decision,omitzero"` // of the board, if it decided the day
	Reference string       `json:"reference,omitzero"`
}

// Starts lists the days from which clocks count.
func (b *Book) Starts() (all []Start) {
	for _, name := range slices.Sorted(maps.Keys(starts)) {
		s := Start{Name: name}
		day, by := b.Start(name)
		if s.Day = day; by != nil {
			s.Decision, s.Reference = by.ID, by.Reference
		}
		all = append(all, s)
	}
	return all
}
