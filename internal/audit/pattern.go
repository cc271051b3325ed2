package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// PatternState is what became of a pattern.
type PatternState uint8

// The states; rows store these numbers.
const (
	New       PatternState = 1
	Explained PatternState = 2
	Audited   PatternState = 3 // cases were opened
)

var patternStates = [...]string{New: "new", Explained: "explained", Audited: "audited"}

// String is the state's name.
func (s PatternState) String() string { return word(patternStates[:], int(s)) }

// MarshalText is String.
func (s PatternState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name.
func (s *PatternState) UnmarshalText(b []byte) error {
	i, err := index(patternStates[:], string(b))
	*s = PatternState(i)
	return err
}

// Pattern is something unusual in what one officer asked in the window of a
// draw. It names no person: its evidence is counts and tracking codes.
type Pattern struct {
	ID       int64              `json:"pattern"`
	Draw     int64              `json:"draw"`
	Kind     string             `json:"kind"`
	Agency   ids.LegalID        `json:"agency"`
	Officer  string             `json:"officer"`
	Observed int64              `json:"observed"`
	Asked    int64              `json:"asked"`    // of so many inquiries
	Expected float64            `json:"expected"` // by chance, or of a peer in the middle
	Chance   float64            `json:"chance"`   // log10 of how many such findings chance alone brings for an officer and month
	Codes    []ids.TrackingCode `json:"codes"`    // that show it, at most 20
	Found    time.Time          `json:"found"`
	State    PatternState       `json:"state"`
	Decided  time.Time          `json:"decided,omitzero"`
	Decider  string             `json:"decider,omitempty"`
	Reason   string             `json:"reason,omitempty"`
}

// Rows store both figures as integers, as all numbers that must come back equal.
const (
	expectedUnit = 1e6
	chanceUnit   = -1e3
)

func scanPattern(scan func(...any) error) (*Pattern, error) {
	p := &Pattern{}
	var of, expected, chance, found, state, decided int64
	var codes string
	err := scan(&p.ID, &p.Draw, &p.Kind, &of, &p.Officer, &p.Observed, &p.Asked, &expected, &chance, &codes, &found, &state, &decided, &p.Decider, &p.Reason)
	if err == nil {
		err = json.Unmarshal([]byte(codes), &p.Codes)
	}
	p.Agency, p.Expected, p.Chance = ids.LegalID(of), float64(expected)/expectedUnit, float64(chance)/chanceUnit
	p.Found, p.State, p.Decided = store.Moment(found), PatternState(state), store.Moment(decided)
	return p, err
}

// keep writes what was found in a draw's window, once.
func (b *Book) keep(tx *store.Tx, d *Draw, found []Pattern) error {
	n, id := 0, int64(0)
	if _, err := tx.One(patternOf, []any{d.ID}, &n); err != nil || n > 0 {
		return err
	}
	if _, err := tx.One(patternLast, nil, &id); err != nil {
		return err
	}
	now := b.c.Clock().UnixMicro()
	for i := range found {
		p := &found[i]
		id++
		codes, err := json.Marshal(p.Codes)
		if err != nil {
			return err
		}
		_, err = tx.Exec(patternInsert, id, d.ID, p.Kind, int64(p.Agency), p.Officer, p.Observed, p.Asked,
			int64(p.Expected*expectedUnit), int64(p.Chance*chanceUnit), string(codes), now)
		if err != nil {
			return err
		}
	}
	return nil
}

// PatternFilter chooses patterns.
type PatternFilter struct {
	State PatternState `json:"state"` // 0: any
	After int64        `json:"after"` // the last pattern of the page before
	Limit int          `json:"limit"` // at most 1000; 0: 100
}

// Patterns lists the queue in order of finding.
func (b *Book) Patterns(ctx context.Context, actor journal.Actor, f *PatternFilter) ([]Pattern, error) {
	if err := register.Only(actor, register.Inspector); err != nil {
		return nil, err
	}
	limit, err := page(f.Limit)
	if err != nil {
		return nil, err
	}
	query, args := patternList, []any{f.After, int64(limit)}
	if f.State != 0 {
		query, args = patternIn, []any{int64(f.State), f.After, int64(limit)}
	}
	all := []Pattern{}
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		return tx.Each(query, args, func(scan func(...any) error) error {
			p, err := scanPattern(scan)
			all = append(all, *p)
			return err
		})
	})
	return all, err
}

// Finding is what an inspector makes of a pattern.
type Finding struct {
	Pattern  int64  `json:"pattern"`
	Decision string `json:"decision"` // explained or audited
	Reason   string `json:"reason"`
}

// Examine decides a pattern: it is explained, or cases of the inquiries that show
// it are opened. Faults: audit.pattern, audit.pattern.decided, audit.own.
func (b *Book) Examine(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Finding) (*Pattern, journal.Proven, error) {
	if err := register.Only(actor, register.Inspector); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	bad.When(in.Decision != Explained.String() && in.Decision != Audited.String(), "decision", "audit.word")
	say(&bad, &in.Reason, "reason", true)
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	p, err := b.pattern(ctx, in.Pattern)
	if err == nil && p.Agency == actor.Agency {
		err = errOwn
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	var cases []*Case
	p.State = Explained
	if in.Decision == Audited.String() {
		p.State = Audited
		if cases, err = b.casesOf(ctx, p); err != nil {
			return nil, journal.Proven{}, err
		}
	}
	a := register.Act{Kind: receipt.Audit, Actor: actor, Why: "pattern-" + p.State.String(), Agency: p.Agency, Clock: b.c.Clock}
	proven, err := register.Do(ctx, b.c.DB, j, a, func(tx *store.Tx, ch *register.Change) ([]byte, error) {
		n, err := tx.Exec(patternDecide, int64(p.State), ch.Micros(), actor.ID, in.Reason, p.ID)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "audit.pattern.decided").At("pattern")
		}
		opened := 0
		for i := 0; i < len(cases) && err == nil; i++ {
			made := false
			if made, err = open(tx, ch, cases[i], in.Reason); made {
				opened++
			}
		}
		p.Decided, p.Decider, p.Reason = ch.At, actor.ID, in.Reason
		body := strconv.AppendInt([]byte(`"pattern":`), p.ID, 10)
		return fmt.Appendf(body, `,"what":"%s","opened":%d`, p.Kind, opened), err
	})
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return p, proven, nil
}

func (b *Book) pattern(ctx context.Context, id int64) (p *Pattern, err error) {
	err = b.c.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(patternByID, []any{id}, func(scan func(...any) error) (err error) {
			p, err = scanPattern(scan)
			return err
		})
	})
	if err == nil && p == nil {
		err = fault.New(fault.NotFound, "audit.pattern").At("pattern")
	}
	return p, err
}

// casesOf makes the cases of what shows a pattern.
func (b *Book) casesOf(ctx context.Context, p *Pattern) (cases []*Case, err error) {
	now := b.c.Clock().Truncate(time.Microsecond)
	for _, code := range p.Codes {
		entry, found, err := b.c.Journal.ByCode(ctx, code)
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		c, err := b.file(entry, now)
		if err != nil {
			return nil, err
		}
		if c != nil {
			c.Source, c.SourceID = byPattern, p.ID
			cases = append(cases, c)
		}
	}
	return cases, nil
}
