package inquiry

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/receipt"
)

// HistoryFilter chooses inquiries of the asker's own agency.
type HistoryFilter struct {
	From, Until persian.Date // days in Tehran, both included; zero: no bound
	Officer     string       // login; an officer sees his own, whatever stands here
	Service     string
	Outcome     string
	Purpose     string
	Process     string
	After       journal.Cursor // where the page before ended; zero: from the newest
	Limit       int            // at most MaxHistory; 0: 20
}

// Bounds of a history.
const (
	MaxHistory   = 100
	usualHistory = 20
	mostLooked   = 500     // entries looked through for one page
	mostExported = 1 << 20 // entries looked through for a sheet
	historyStep  = 250     // entries read at once
)

// Past is one inquiry of a history: nothing in it is of the person.
type Past struct {
	Code    ids.TrackingCode
	Time    time.Time
	Officer string
	Service string
	Mode    string
	Purpose string
	Process string
	File    string
	Outcome string
}

// History is a page of what was asked, newest first.
type History struct {
	Inquiries []Past
	Next      journal.Cursor // for the next page; zero at the end
	Looked    int            // entries looked through
	Back      time.Time      // the oldest of these; zero: there was none
}

// History lists what the asker's agency has asked: to its highest officer all
// of it, to an officer what he has asked himself. It looks through so many
// entries and no more; Next goes on from there, also where nothing was found.
// The reading is an entry.
func (d *Desk) History(ctx context.Context, who Asker, f HistoryFilter) (*History, error) {
	f, err := f.checked(who)
	if err != nil {
		return nil, err
	}
	if err := d.readHistory(ctx, who); err != nil {
		return nil, err
	}
	h := &History{}
	h.Next, err = d.past(ctx, who, f, mostLooked, func(at journal.Cursor, e *journal.Listed, p *Past) (bool, error) {
		h.Looked, h.Back = h.Looked+1, e.Time
		if p != nil {
			h.Inquiries = append(h.Inquiries, *p)
		}
		return len(h.Inquiries) < f.Limit, nil
	})
	return h, err
}

// EachPast gives the same one by one, however many they are, for a sheet.
// whole is false if there were more than one sheet may hold.
func (d *Desk) EachPast(ctx context.Context, who Asker, f HistoryFilter, each func(*Past) error) (whole bool, err error) {
	if f, err = f.checked(who); err != nil {
		return false, err
	}
	if err := d.readHistory(ctx, who); err != nil {
		return false, err
	}
	next, err := d.past(ctx, who, f, mostExported, func(_ journal.Cursor, _ *journal.Listed, p *Past) (bool, error) {
		if p == nil {
			return true, nil
		}
		return true, each(p)
	})
	return next.IsZero(), err
}

func (f HistoryFilter) checked(who Asker) (HistoryFilter, error) {
	var bad fault.List
	bad.When(!f.From.IsZero() && !f.Until.IsZero() && f.From.Compare(f.Until) > 0, "until", "inquiry.history.order")
	bad.When(f.Limit < 0 || f.Limit > MaxHistory, "limit", "inquiry.history.limit")
	if f.Limit == 0 {
		f.Limit = usualHistory
	}
	if who.Officer == nil || who.Officer.Role != agency.RoleHead && who.Officer.Role != agency.RoleOfficer {
		return f, fault.New(fault.Forbidden, "inquiry.history.role")
	}
	if who.Officer.Role == agency.RoleOfficer {
		f.Officer = who.Officer.Login
	}
	return f, bad.Err()
}

// readHistory says in the journal that somebody reads.
func (d *Desk) readHistory(ctx context.Context, who Asker) error {
	body := readBody(who, "history", "", "true")
	_, err := d.journal.Commit(ctx, journal.Entry{Kind: receipt.JournalReading, Body: body, Agency: who.Agency.ID})
	return err
}

// listed reads the shortest list that holds all that a filter may mean: an
// officer's own, or the agency's.
func (d *Desk) listed(ctx context.Context, who Asker, f HistoryFilter, p journal.Page) (*journal.Listing, error) {
	if f.Officer != "" {
		return d.journal.ByOfficer(ctx, who.Agency.ID, f.Officer, p)
	}
	return d.journal.ByAgency(ctx, who.Agency.ID, p)
}

// past walks through the entries of that list, newest first, and gives each; p is
// nil for those that are not meant. It ends after most of them, at f.From, or
// where each says so; next is where it would go on.
func (d *Desk) past(ctx context.Context, who Asker, f HistoryFilter, most int, each func(journal.Cursor, *journal.Listed, *Past) (bool, error)) (next journal.Cursor, err error) {
	at, end := f.After, f.Until.AddDays(1) // no day follows the last one of the calendar: no bound
	if at.IsZero() && !end.IsZero() {
		at = journal.Before(end.Start())
	}
	step := f.Limit // mostly the newest are wanted, and all of them
	for looked := 0; ; step = historyStep {
		l, err := d.listed(ctx, who, f, journal.Page{After: at, Limit: step})
		if err != nil {
			return next, err
		}
		for i := range l.Entries {
			e := &l.Entries[i]
			if !f.From.IsZero() && e.Time.Before(f.From.Start()) {
				return journal.Cursor{}, nil
			}
			p, err := f.meant(e)
			if err != nil {
				return next, err
			}
			if !end.IsZero() && !e.Time.Before(end.Start()) { // the cursor is of a list with a later end
				p = nil
			}
			looked++
			more, err := each(e.At, e, p)
			if err != nil {
				return next, err
			}
			if (!more || looked == most) && (i+1 < len(l.Entries) || !l.Next.IsZero()) {
				return e.At, nil
			}
		}
		if at = l.Next; at.IsZero() {
			return at, nil
		}
	}
}

// meant reads an entry; nil if it is no inquiry or not one that is wanted. What
// has been purged says no more than that it was.
func (f *HistoryFilter) meant(e *journal.Listed) (*Past, error) {
	if e.Kind != receipt.Inquiry {
		return nil, nil
	}
	words := []string{f.Officer, f.Service, f.Outcome, f.Purpose, f.Process}
	for _, w := range words {
		if w != "" && !bytes.Contains(e.Record, []byte(`:"`+w+`"`)) { // most are passed over without being parsed
			return nil, nil
		}
	}
	p := &Past{Code: e.Code, Time: e.Time}
	if e.Record == nil {
		return p, nil
	}
	var r struct{ Officer, Service, Mode, Purpose, Process, File, Outcome string }
	if err := json.Unmarshal(e.Record, &r); err != nil {
		return nil, err
	}
	if !slices.EqualFunc(words, []string{r.Officer, r.Service, r.Outcome, r.Purpose, r.Process}, func(want, is string) bool { return want == "" || want == is }) {
		return nil, nil
	}
	p.Officer, p.Service, p.Mode, p.Purpose, p.Process, p.File, p.Outcome = r.Officer, r.Service, r.Mode, r.Purpose, r.Process, r.File, r.Outcome
	return p, nil
}
