package place

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Decision is the Post's decision on one line of a report.
type Decision struct {
	Line   int              `json:"line"`
	Accept bool             `json:"accept"`
	Reason string           `json:"reason"`       // of a refusal: a code word
	Note   string           `json:"note"`         // words to the municipality
	Area   AreaCode         `json:"area_code"`    // added: where the place gets its code, or
	Codes  []ids.PostalCode `json:"postal_codes"` // added: its code; demolished, renumbered: the places, where the line does not tell
}

// Reviewing is the Post's review of lines of a report.
type Reviewing struct {
	Report int64      `json:"report"`
	Lines  []Decision `json:"lines"`
}

// maxDecisions is how many lines one review decides.
const maxDecisions = 500

// Check reports all mistakes at once.
func (in *Reviewing) Check() error {
	var bad fault.List
	bad.When(in.Report == 0, "report", "place.missing")
	bad.When(len(in.Lines) == 0, "lines", "place.missing")
	bad.When(len(in.Lines) > maxDecisions, "lines", "place.report.many")
	seen := map[int]bool{}
	for i := range in.Lines {
		d, field := &in.Lines[i], indexed("lines", i)
		bad.When(seen[d.Line], field+".line", "place.twice")
		seen[d.Line] = true
		bad.When(d.Accept && d.Reason != "", field+".reason", "place.report.reason")
		if !d.Accept {
			bad.Add(field, (&register.Grounds{Reason: d.Reason, Document: "-"}).Check())
		}
		bad.When(len(d.Codes) > maxSuccessors, field+".postal_codes", "place.successors.many")
		bad.When(utf8.RuneCountInString(d.Note) > maxText, field+".note", "place.long")
		note, err := persian.Display(d.Note)
		bad.Add(field+".note", err)
		d.Note = note
	}
	return bad.Err()
}

// Review decides lines of a report, all of them in one transaction or, if one
// cannot be done, none. Accepting a line changes the register: an added place
// gets its code, a demolished one is retired, a renamed street is renamed in
// all places of it, a renumbered house gets its number.
func (b *Book) Review(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Reviewing) (*Report, journal.Proven, error) {
	if err := register.Only(actor, register.Post); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	found, err := b.searchAll(ctx, in)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	var report *Report
	a := register.Act{Kind: receipt.PlaceChange, Actor: actor, Why: "report", Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		w, err := b.writing(tx, c)
		if err != nil {
			return nil, err
		}
		if report, err = reportByNumber(tx, in.Report); err != nil {
			return nil, err
		}
		v := &review{writing: w, report: report, found: found}
		if err := v.all(in.Lines); err != nil {
			return nil, err
		}
		if err := w.end(); err != nil {
			return nil, err
		}
		return v.record(), nil
	})
	return report, proven, err
}

// review is a review at work.
type review struct {
	*writing
	report *Report
	found  search
	lines  []byte // of the record
}

func (v *review) all(decisions []Decision) error {
	for i := range decisions {
		if err := v.decide(&decisions[i]); err != nil {
			return fault.Of(err).At(indexed("lines", i))
		}
	}
	v.report.Waiting -= len(decisions)
	_, err := v.tx.Exec(reportDecide, int64(len(decisions)), v.report.ID)
	return err
}

// decide writes one decision and, if it accepts, does what the line says.
func (v *review) decide(d *Decision) error {
	var l lineRow
	found, err := v.tx.One(lineOne, []any{v.report.ID, int64(d.Line)}, l.columns()...)
	switch {
	case err != nil:
		return err
	case !found:
		return fault.New(fault.NotFound, "place.report.line").At("line")
	case LineState(l.state) != Waiting:
		return fault.New(fault.Conflict, "place.report.decided").At("line")
	}
	state, first := Refused, len(v.done.Places)
	if d.Accept {
		state = Accepted
		if err := v.perform(&l, d); err != nil {
			return err
		}
	}
	changed := v.done.Places[first:]
	codes := make([]ids.PostalCode, 0, len(changed))
	for i := range changed[:min(len(changed), maxSuccessors)] {
		codes = append(codes, changed[i].Code)
	}
	if len(v.lines) > 0 {
		v.lines = append(v.lines, ',')
	}
	v.lines = fmt.Appendf(v.lines, `{"line":%d,"state":"%s","places":%d}`, d.Line, state, len(changed))
	_, err = v.tx.Exec(lineDecide, int64(state), d.Reason, d.Note, packCodes(codes), int64(len(changed)), v.c.Micros(),
		int64(v.c.Actor.Agency), v.c.Actor.ID, v.c.Act[:], v.report.ID, int64(d.Line))
	return err
}

// perform does what a line says.
func (v *review) perform(l *lineRow, d *Decision) error {
	old, now, err := l.addresses()
	if err != nil {
		return err
	}
	if LineKind(l.kind) == Added {
		if (d.Area == 0) == (len(d.Codes) != 1) {
			return fault.New(fault.Invalid, "place.code.one").At("area_code")
		}
		code := ids.PostalCode(0)
		if d.Area == 0 {
			code = d.Codes[0]
		}
		_, err := v.assign(d.Area, code, now.place())
		return err
	}
	places, err := v.meant(l, d, &old)
	if err != nil {
		return err
	}
	for _, p := range places {
		switch LineKind(l.kind) {
		case Demolished:
			err = v.close(p, Retired, nil)
		case Renamed:
			err = v.change(p, &Address{Street: now.Street, Street2: now.Street2})
		default:
			now.Province, now.County, now.Locality = nil, nil, nil // only said where
			err = v.change(p, &now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// meant are the places that a line is about: those that the Post names, the
// one that the line names, or those that stand at the old address.
func (v *review) meant(l *lineRow, d *Decision, old *Address) (places []*Place, err error) {
	codes := d.Codes
	named := len(codes) > 0
	if !named && l.code != 0 {
		codes, named = []ids.PostalCode{ids.PostalCode(l.code)}, true
	}
	if !named {
		if codes, err = v.candidates(d.Line); err != nil {
			return nil, err
		}
	}
	for i, code := range codes {
		p, err := v.read(code)
		if !named && (fault.Is(err, fault.NotFound) || err == nil && (p.State != Active || !old.matches(p))) {
			continue // it has changed since the search
		}
		if err == nil {
			err = p.stands()
		}
		if err == nil && !v.report.area.holds(p) {
			err = fault.New(fault.Invalid, "place.report.outside")
		}
		if err != nil {
			return nil, fault.Of(err).At(indexed("postal_codes", i))
		}
		places = append(places, p)
	}
	if len(places) == 0 {
		return nil, fault.New(fault.Conflict, "place.nowhere")
	}
	return places, nil
}

// search is what was found at the old addresses of lines before the
// transaction, as of a number of the feed.
type search struct {
	codes map[int][]ids.PostalCode
	asOf  int64
}

// searchAll looks for the places of the lines that name none: before the
// transaction, because a street of a large city takes seconds to find and
// nobody could write meanwhile.
func (b *Book) searchAll(ctx context.Context, in *Reviewing) (s search, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		s.codes = map[int][]ids.PostalCode{}
		var all []*sought
		for _, d := range in.Lines {
			if !d.Accept || len(d.Codes) > 0 {
				continue
			}
			var l lineRow
			found, err := tx.One(lineOne, []any{in.Report, int64(d.Line)}, l.columns()...)
			if err != nil {
				return err
			}
			if !found || l.code != 0 || LineKind(l.kind) == Added {
				continue
			}
			old, _, err := l.addresses()
			if err != nil {
				return err
			}
			all = append(all, &sought{address: old, found: func(p *Place) error {
				s.codes[d.Line] = append(s.codes[d.Line], p.Code)
				return nil
			}})
		}
		if _, err := tx.One(feedLast, nil, &s.asOf); err != nil {
			return err
		}
		return b.standingAt(tx, all...)
	})
	return s, err
}

// candidates are the places found before, and all that have changed since:
// among them what has come to that address meanwhile.
func (v *review) candidates(line int) ([]ids.PostalCode, error) {
	seen := map[ids.PostalCode]bool{}
	codes := slices.Clone(v.found.codes[line])
	for _, code := range codes {
		seen[code] = true
	}
	err := v.tx.Each(codesChanged, []any{v.found.asOf}, func(scan func(...any) error) error {
		var code int64
		err := scan(&code)
		if !seen[ids.PostalCode(code)] {
			codes = append(codes, ids.PostalCode(code))
		}
		return err
	})
	return codes, err
}

func (v *review) record() []byte {
	b := strconv.AppendInt([]byte(`"change":"review","report":`), v.report.ID, 10)
	b = append(append(append(b, `,"lines":[`...), v.lines...), `],`...)
	return append(b, v.members()...)
}

// lineRow is a row of place_report_line, its fields in the order of the columns.
type lineRow struct {
	report, line, kind, code int64
	address                  string
	digest, state            int64
	reason, note, codes      string
	places, decided, agency  int64
	officer                  string
	act                      []byte
}

func (r *lineRow) columns() []any {
	return []any{
		&r.report, &r.line, &r.kind, &r.code, &r.address, &r.digest, &r.state, &r.reason, &r.note, &r.codes,
		&r.places, &r.decided, &r.agency, &r.officer, &r.act,
	}
}

// addresses are the old and the new address as reported.
func (r *lineRow) addresses() (old, now Address, err error) {
	err = json.Unmarshal([]byte(r.address), &addresses{&old, &now})
	return old, now, err
}

func (r *lineRow) reply() (l Reply, err error) {
	l = Reply{
		Number: int(r.line), Kind: LineKind(r.kind), Code: ids.PostalCode(r.code), State: LineState(r.state),
		Reason: r.reason, Note: r.note, Places: int(r.places), Officer: r.officer,
	}
	if r.decided != 0 {
		l.Decided = time.UnixMicro(r.decided).UTC()
	}
	if l.Old, l.New, err = r.addresses(); err == nil {
		l.Codes, err = parseCodes(r.codes)
	}
	return l, err
}
