package audit

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// hidden tells whether an inquiry is hidden from the person for the time being,
// by a court's reference.
func hidden(record []byte, today persian.Date) bool {
	var in inquiry
	return json.Unmarshal(record, &in) == nil && in.Court != nil && in.Court.Until.Compare(today) >= 0
}

var (
	overseers = []string{register.Inspector, register.Supervisor, register.Member}
	readers   = append([]string{agency.RoleHead}, overseers...)
)

// seenBy leaves out what is not for the actor's eyes: of the record what the
// agency has to show by itself, and the names of the other side's officers.
func (c *Case) seenBy(a journal.Actor) *Case {
	if c == nil || a.Role != agency.RoleHead {
		return c
	}
	seen := *c
	seen.File, seen.Purpose = "", ""
	seen.Steps = nil
	for _, s := range c.Steps {
		if s.By.Agency != a.Agency {
			s.Officer = ""
		}
		if s.What == "disputed" {
			s.Text = "" // the person's own words are for the inspector
		}
		seen.Steps = append(seen.Steps, s)
	}
	return &seen
}

// Filter chooses cases. A head sees those of his agency, and those about its
// agreements.
type Filter struct {
	Agency   ids.LegalID `json:"agency"`   // 0: any
	State    State       `json:"state"`    // 0: any
	Outcome  Outcome     `json:"outcome"`  // 0: any
	Overdue  bool        `json:"overdue"`  // alone
	Disputed bool        `json:"disputed"` // alone
	Appealed bool        `json:"appealed"` // alone, undecided
	After    int64       `json:"after"`    // the last case of the page before
	Limit    int         `json:"limit"`    // at most 1000; 0: 100
}

const (
	usualPage = 100
	mostPage  = 1000
)

func (f *Filter) chooses(c *Case) bool {
	return (f.State == 0 || c.State == f.State) && (f.Outcome == 0 || c.Outcome == f.Outcome) && (!f.Overdue || c.Overdue) &&
		(!f.Disputed || !c.Disputed.IsZero()) && (!f.Appealed || c.Appeal == Pending) && (f.Agency == 0 || c.Agency == f.Agency)
}

// narrowest is the query that reads the fewest cases of all agencies: of what
// is closed and was justified, which grows for ever, none that is not wanted.
func (f *Filter) narrowest() *store.Query {
	switch {
	case f.Appealed:
		return caseAppealed
	case f.Overdue, f.State == Awaited, f.State == Shown:
		return caseUnclosed
	case f.Disputed:
		return caseDisputed
	case f.Outcome == Misuse, f.Outcome == Silent:
		return caseWrong
	}
	return caseList
}

// page is how many items are wanted.
func page(limit int) (int, error) {
	if limit < 0 || limit > mostPage {
		return 0, fault.New(fault.Invalid, "audit.limit").At("limit")
	}
	if limit == 0 {
		limit = usualPage
	}
	return limit, nil
}

// List lists cases in order of opening, without steps.
func (b *Book) List(ctx context.Context, actor journal.Actor, f *Filter) ([]Case, error) {
	if err := register.Only(actor, readers...); err != nil {
		return nil, err
	}
	limit, err := page(f.Limit)
	if err != nil {
		return nil, err
	}
	of := f.Agency
	if actor.Role == agency.RoleHead {
		of = actor.Agency
	}
	all := []Case{}
	for after := f.After; ; {
		some := 0
		err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
			query, args := f.narrowest(), []any{after, int64(limit)}
			if of != 0 {
				args = []any{after, int64(of), int64(limit)}
				if query == caseUnclosed {
					query = caseUnclosedOf
				} else {
					query = caseOf
				}
			}
			return tx.Each(query, args, func(scan func(...any) error) error {
				c, err := scanCase(scan, b.today())
				if err != nil {
					return err
				}
				some++
				if after = c.ID; len(all) < limit && f.chooses(c) {
					all = append(all, *c.seenBy(actor))
				}
				return nil
			})
		})
		if err != nil || some < limit || len(all) == limit {
			return all, err
		}
	}
}

// Found is one case with its steps. Who oversees sees the record of the inquiry
// too, as long as the journal keeps it.
type Found struct {
	Case
	Record json.RawMessage `json:"record,omitempty"`
}

// Find reads a case. For who oversees it shows a person's data, so that it was
// read is an entry about that person. Faults: audit.unknown, audit.missing.
func (b *Book) Find(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) (*Found, journal.Proven, error) {
	if err := register.Only(actor, readers...); err != nil {
		return nil, journal.Proven{}, err
	}
	c, err := b.stored(ctx, id)
	if err == nil && actor.Role == agency.RoleHead && !c.of(actor) {
		err = errUnknown
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	out := &Found{}
	a := register.Act{Kind: receipt.Audit, Actor: actor, Why: "audit-read", Agency: c.Agency, Clock: b.c.Clock}
	if actor.Role != agency.RoleHead {
		entry, _, err := b.c.Journal.ByCode(ctx, c.Code)
		if err != nil {
			return nil, journal.Proven{}, err
		}
		if entry != nil {
			out.Record, a.Subject = entry.Record, entry.Subject
		}
	}
	proven, err := register.Read(ctx, b.c.DB, j, a, func(tx *store.Tx) (_ []byte, err error) {
		if c, err = b.read(tx, id); err != nil {
			return nil, err
		}
		err = tx.Each(stepAll, []any{id}, func(scan func(...any) error) error {
			s, err := scanStep(scan)
			c.Steps = append(c.Steps, s)
			return err
		})
		return c.body(), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	out.Case = *c.seenBy(actor)
	return out, proven, nil
}

func scanStep(scan func(...any) error) (s Step, err error) {
	var at, of int64
	err = scan(&s.What, &at, &s.Role, &of, &s.Officer, &s.Text)
	s.At, s.By = store.Moment(at), journal.Actor{Role: s.Role, Agency: ids.LegalID(of), ID: s.Officer}
	return s, err
}

// Draws lists the newest draws; with a draw's number, that one with what it
// found of each agency. A head sees those that his agency was drawn in, and its
// own share, so that he can repeat them. Fault: audit.draw.
func (b *Book) Draws(ctx context.Context, actor journal.Actor, id int64) ([]Draw, error) {
	if err := register.Only(actor, readers...); err != nil {
		return nil, err
	}
	hides := func(of ids.LegalID) bool { return actor.Role == agency.RoleHead && of != 0 && of != actor.Agency }
	if id != 0 {
		d, err := b.draw(ctx, id)
		if err != nil {
			return nil, err
		}
		if hides(d.Agency) {
			return nil, errDraw
		}
		d.Shares, err = b.shares(ctx, id)
		d.Shares = slices.DeleteFunc(d.Shares, func(s Share) bool { return hides(s.Agency) })
		return []Draw{*d}, err
	}
	all := []Draw{}
	err := b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		return tx.Each(drawList, []any{int64(usualPage)}, func(scan func(...any) error) error {
			d, err := scanDraw(scan)
			if !hides(d.Agency) {
				all = append(all, *d)
			}
			return err
		})
	})
	return all, err
}

// Figures counts the cases of one agency that were opened within a time.
type Figures struct {
	Sampled  int64 `json:"sampled"`  // by a draw
	Shown    int64 `json:"shown"`    // with a dossier
	InTime   int64 `json:"in_time"`  // … before the deadline had passed
	Late     int64 `json:"late"`     // the deadline has passed without a dossier
	Misuse   int64 `json:"misuse"`   // found, and no appeal was upheld
	Narrowed int64 `json:"narrowed"` // the agreement stands narrowed by it
	Open     int64 `json:"open"`     // not closed yet
	Disputes int64 `json:"disputes"` // disputed by the person concerned
}

// counted says, by the name of a figure, which cases are counted in it.
var counted = map[string]func(*Case) bool{
	"sampled":  func(c *Case) bool { return c.Source == bySample },
	"shown":    func(c *Case) bool { return c.Dossier != nil },
	"in_time":  func(c *Case) bool { return c.Dossier != nil && persian.DateOf(c.Dossier.At).Compare(c.Deadline) <= 0 },
	"late":     func(c *Case) bool { return c.Dossier == nil && (c.Overdue || c.Outcome == Silent) },
	"misuse":   func(c *Case) bool { return c.Outcome == Misuse && c.Appeal != Upheld },
	"narrowed": func(c *Case) bool { return c.Measure == Done || c.Measure == Stands },
	"open":     func(c *Case) bool { return c.State != Closed },
	"disputes": func(c *Case) bool { return !c.Disputed.IsZero() },
}

// Figures counts by agency what was opened from a moment until before another.
func (b *Book) Figures(ctx context.Context, from, until time.Time) (map[ids.LegalID]Figures, error) {
	all := map[ids.LegalID]Figures{}
	err := b.opened(ctx, 0, from, until, func(c *Case) {
		f := all[c.Agency]
		for name, n := range map[string]*int64{
			"sampled": &f.Sampled, "shown": &f.Shown, "in_time": &f.InTime, "late": &f.Late,
			"misuse": &f.Misuse, "narrowed": &f.Narrowed, "open": &f.Open, "disputes": &f.Disputes,
		} {
			if counted[name](c) {
				*n++
			}
		}
		all[c.Agency] = f
	})
	return all, err
}

// mostRows is how many rows stand behind a figure at most.
const mostRows = 10_000

// Rows lists the cases behind one figure of an agency, the oldest first. Fault:
// audit.figure.
func (b *Book) Rows(ctx context.Context, of ids.LegalID, figure string, from, until time.Time) ([]register.Row, error) {
	is := counted[figure]
	if is == nil {
		return nil, fault.New(fault.Invalid, "audit.figure").At("figure")
	}
	var all []register.Row
	err := b.opened(ctx, of, from, until, func(c *Case) {
		if is(c) && len(all) < mostRows {
			all = append(all, register.Row{Noun: "audit", ID: strconv.FormatInt(c.ID, 10), At: c.Opened, Code: string(c.Code)})
		}
	})
	return all, err
}

// opened gives the cases of an agency, 0: of all, that were opened within a
// time.
func (b *Book) opened(ctx context.Context, of ids.LegalID, from, until time.Time, f func(*Case)) error {
	query, args := caseOpened, []any{from.UnixMicro(), until.UnixMicro()}
	if of != 0 {
		query, args = caseOpenedOf, []any{int64(of), from.UnixMicro(), until.UnixMicro()}
	}
	return b.c.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(query, args, func(scan func(...any) error) error {
			c, err := scanCase(scan, b.today())
			if err == nil {
				f(c)
			}
			return err
		})
	})
}
