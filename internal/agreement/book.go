package agreement

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// Book reads and changes agreements. It is safe for concurrent use.
type Book struct {
	// Accountable is the login of the officer who answers for an agency, "" if
	// none is named: then any of its heads signs; false if there is no such
	// agency. Set before use; nil knows every agency and names nobody.
	Accountable func(ids.LegalID) (login string, known bool)

	db    *store.DB
	clock func() time.Time
	all   *register.Snapshot[snapshot]
}

// snapshot is all versions of all agreements at one moment. It is never changed.
type snapshot struct {
	agencies map[ids.LegalID][]line
	byID     map[int64]line

	delegations []*Delegation // by ID
	inForce     map[pair][]*Delegation
}

// line is the versions of one agreement, the newest first.
type line []*Agreement

// at is the version that holds at a moment, in force or not; nil before the
// first.
func (l line) at(t time.Time) *Agreement {
	for _, a := range l {
		if !t.Before(a.From) {
			return a
		}
	}
	return nil
}

// noun is what store.Bump counts.
const noun = "agreement"

// Open makes a Book on the register db; a nil clock is time.Now.
func Open(ctx context.Context, db *store.DB, clock func() time.Time) (*Book, error) {
	if clock == nil {
		clock = time.Now
	}
	b := &Book{db: db, clock: clock}
	var err error
	b.all, err = register.NewSnapshot(ctx, db, noun, b.load)
	return b, err
}

func (b *Book) accountable(of ids.LegalID) (string, bool) {
	if b.Accountable == nil {
		return "", true
	}
	return b.Accountable(of)
}

// InForce is the agreement by which an agency may ask at a moment.
func (b *Book) InForce(agency ids.LegalID, at time.Time) (*Agreement, bool) {
	for _, l := range b.all.Get().agencies[agency] {
		if a := l.at(at); a != nil && a.State == InForce && at.Before(a.Until) {
			return a, true
		}
	}
	return nil, false
}

// ByID is the newest version of an agreement.
func (b *Book) ByID(id int64) (*Agreement, bool) {
	if l := b.all.Get().byID[id]; len(l) > 0 {
		return l[0], true
	}
	return nil, false
}

// Version is one version of an agreement, as answers cite it.
func (b *Book) Version(id int64, version int) (*Agreement, bool) {
	l := b.all.Get().byID[id]
	if version < 1 || version > len(l) {
		return nil, false
	}
	return l[len(l)-version], true
}

// Of lists the newest versions of an agency's agreements by id.
func (b *Book) Of(agency ids.LegalID) (all []*Agreement) {
	for _, l := range b.all.Get().agencies[agency] {
		all = append(all, l[0])
	}
	return all
}

// All lists the newest versions of all agreements by id.
func (b *Book) All() (all []*Agreement) {
	for _, l := range b.all.Get().byID {
		all = append(all, l[0])
	}
	slices.SortFunc(all, func(x, y *Agreement) int { return cmp.Compare(x.ID, y.ID) })
	return all
}

func (b *Book) load(ctx context.Context) (*snapshot, error) {
	var list []*Agreement
	var delegations []*Delegation
	err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		if list, err = readAll(tx, agreementAll); err != nil {
			return err
		}
		if delegations, err = readDelegations(tx, delegationAll); err != nil {
			return err
		}
		versions := map[[2]int64]*Agreement{}
		for _, a := range list {
			versions[[2]int64{a.ID, int64(a.Version)}] = a
		}
		return readClauses(tx, clauseAll, nil, func(agreement, version int64, c Clause) {
			if a := versions[[2]int64{agreement, version}]; a != nil {
				a.Clauses = append(a.Clauses, c)
			}
		})
	})
	if err != nil {
		return nil, err
	}
	s := arrange(list)
	s.delegate(delegations)
	return s, nil
}

// arrange makes a snapshot of versions that come by id and version.
func arrange(list []*Agreement) *snapshot {
	s := &snapshot{agencies: map[ids.LegalID][]line{}, byID: map[int64]line{}}
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].ID == list[0].ID {
			n++
		}
		l := line(slices.Clone(list[:n]))
		slices.Reverse(l)
		s.byID[l[0].ID] = l
		s.agencies[l[0].Agency] = append(s.agencies[l[0].Agency], l)
		list = list[n:]
	}
	return s
}

// readAll reads versions without their clauses.
func readAll(tx *store.Tx, q *store.Query, args ...any) (all []*Agreement, err error) {
	err = tx.Each(q, args, func(scan func(...any) error) error {
		var agency, state, since, until, made int64
		a := &Agreement{}
		if err := scan(&a.ID, &a.Version, &agency, &state, &since, &until, &a.Service, &a.Why, &a.Draft, &a.Narrowed, &made); err != nil {
			return err
		}
		a.Agency, a.State = ids.LegalID(agency), State(state)
		a.From, a.Until = time.UnixMicro(since).UTC(), time.UnixMicro(until).UTC()
		a.Made = time.UnixMicro(made).UTC()
		all = append(all, a)
		return nil
	})
	return all, err
}

func readClauses(tx *store.Tx, q *store.Query, args []any, add func(agreement, version int64, c Clause)) error {
	return tx.Each(q, args, func(scan func(...any) error) error {
		var agreement, version int64
		var c Clause
		var modes, keys, fields, processes, purposes, days string
		var signature int64
		err := scan(&agreement, &version, &c.No, &c.Service, &modes, &keys, &fields, &processes, &purposes, &c.DailyQuota,
			&c.Hours, &days, &signature, &c.CourtDays, &c.AuditDays, &c.Silence, &c.Misuse, &c.Statement, &c.Risk)
		c.Signature = signature == 1
		for _, list := range []struct {
			text string
			to   *[]string
		}{{modes, &c.Modes}, {keys, &c.SearchKeys}, {fields, &c.Fields}, {processes, &c.Processes}, {purposes, &c.Purposes}, {days, &c.Days}} {
			if err == nil {
				err = json.Unmarshal([]byte(list.text), list.to)
			}
		}
		add(agreement, version, c)
		return err
	})
}
