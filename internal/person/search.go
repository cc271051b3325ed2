package person

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Sought is whom somebody of the registry looks for by name. Whoever may look
// through the register by names can look anybody up, so it takes two persons: one
// asks and states his grounds, a supervisor who is another person allows it, and
// then the asker alone sees who fits, for an hour and at most MaxFound of them.
// Each step is an entry of the log, and so is each person who is shown.
type Sought struct {
	Given    persian.Name `json:"given_name"`
	Surname  persian.Name `json:"surname"`
	Father   persian.Name `json:"father_name,omitzero"` // zero: any
	BornYear int          `json:"birth_year,omitzero"`  // Jalali; 0: any
	register.Grounds
}

// NameSearch is a search by name on its way.
type NameSearch struct {
	ID int64
	Sought
	By        journal.Actor
	At        time.Time
	State     string        // waiting, approved, refused
	Decider   journal.Actor // zero: waiting
	DecidedAt time.Time
	Note      string
}

const approved = "approved"

// SearchOpen is how long the asker may look after the approval.
const SearchOpen = time.Hour

// MaxFound is how many persons a search shows at most. Names that more of them
// bear must be asked for with more particulars.
const MaxFound = 20

var (
	errSearchUnknown = fault.New(fault.NotFound, "person.search.unknown")
	errSearchDecided = fault.New(fault.Conflict, "person.search.decided")
	errSearchMany    = fault.New(fault.Invalid, "person.search.many", strconv.Itoa(MaxFound))
)

// Until is the last moment at which the asker sees who fits; zero: never.
func (s *NameSearch) Until() time.Time {
	if s.State != approved {
		return time.Time{}
	}
	return s.DecidedAt.Add(SearchOpen)
}

// Mine reports whether an actor is who asked.
func (s *NameSearch) Mine(a journal.Actor) bool { return same(a, s.By) }

// Check reports all that is wrong with it by itself.
func (in *Sought) check(today persian.Date) error {
	var bad mistakes
	bad.missing(in.Given.Display == "", "given_name")
	bad.missing(in.Surname.Display == "", "surname")
	bad.When(in.BornYear != 0 && (in.BornYear < persian.FirstYear || in.BornYear > int(today.Year)), "birth_year", "person.timetable.year")
	bad.Add("", in.Grounds.Check())
	return bad.Err()
}

// SeekByName asks for a search. Names that too many persons bear are refused
// here, so that nobody approves what then cannot be shown.
func (b *Book) SeekByName(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Sought) (*NameSearch, journal.Proven, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.check(b.today()); err != nil {
		return nil, journal.Proven{}, err
	}
	if _, err := b.bearers(ctx, in); err != nil {
		return nil, journal.Proven{}, err
	}
	made := NameSearch{Sought: *in, By: actor, State: waiting}
	a := register.Act{Kind: receipt.RegisterReading, Actor: actor, Why: in.Reason, Clock: b.Clock}
	proven, err := register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		if _, err := tx.One(searchLast, nil, &made.ID); err != nil {
			return nil, err
		}
		made.ID, made.At = made.ID+1, c.At
		_, err := tx.Exec(searchInsert, made.ID, in.Given.Display, in.Surname.Display, in.Father.Display, in.BornYear, in.Reason, in.Document,
			c.Micros(), actor.Role, int64(actor.Agency), actor.ID, made.State)
		return made.appendBody(nil), err
	})
	if err != nil {
		return nil, proven, err
	}
	return &made, proven, nil
}

// appendBody is what the journal says of a search.
func (s *NameSearch) appendBody(b []byte) []byte {
	b = strconv.AppendInt(append(b, `"search":{"id":`...), s.ID, 10)
	b = append(append(append(b, `,"state":"`...), s.State...), `","given_name":`...)
	b = receipt.AppendString(b, s.Given.Display)
	b = receipt.AppendString(append(b, `,"surname":`...), s.Surname.Display)
	if s.Father.Display != "" {
		b = receipt.AppendString(append(b, `,"father_name":`...), s.Father.Display)
	}
	if s.BornYear != 0 {
		b = strconv.AppendInt(append(b, `,"birth_year":`...), int64(s.BornYear), 10)
	}
	b = receipt.AppendString(append(b, `,"document":`...), s.Document)
	return append(s.By.AppendTo(append(b, `,"by":`...)), '}')
}

// DecideSearch allows a search or refuses it: a supervisor other than who asked.
func (b *Book) DecideSearch(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64, allow bool, note string) (journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return journal.Proven{}, err
	}
	var bad mistakes
	if bad.text(&note, "note", false, maxNote); len(bad.List) > 0 {
		return journal.Proven{}, bad.Err()
	}
	stands, err := b.search(ctx, id)
	if err != nil {
		return journal.Proven{}, err
	}
	a := register.Act{Kind: receipt.RegisterReading, Actor: actor, Why: stands.Reason, Clock: b.Clock}
	return register.Do(ctx, b.db, j, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		s, err := searchIn(tx, id)
		switch {
		case err != nil:
			return nil, err
		case s.State != waiting:
			return nil, errSearchDecided
		case same(actor, s.By):
			return nil, fault.New(fault.Forbidden, "person.search.same")
		}
		if s.State = refused; allow {
			s.State = approved
		}
		_, err = tx.Exec(searchDecide, s.State, c.Micros(), int64(actor.Agency), actor.ID, note, id)
		return s.appendBody(nil), err
	})
}

// Found is a person who fits a search: what tells him from others of his name,
// and his number.
type Found struct {
	Number  ids.NationalNumber `json:"national_number"`
	Given   string             `json:"given_name"`
	Surname string             `json:"surname"`
	Father  string             `json:"father_name,omitzero"`
	Year    int                `json:"birth_year,omitzero"`
	Place   string             `json:"issue_place,omitzero"`
	State   string             `json:"state"`
}

// FoundByName shows the asker of an approved search who fits it now. Whom the
// register protects is not among them. The first entry is the reading, the others
// are of those who are shown.
func (b *Book) FoundByName(ctx context.Context, j *journal.Journal, actor journal.Actor, id int64) ([]Found, *journal.ProvenBatch, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, nil, err
	}
	s, err := b.search(ctx, id)
	switch {
	case err != nil:
		return nil, nil, err
	case !same(actor, s.By):
		return nil, nil, fault.New(fault.Forbidden, "person.search.other")
	case s.State != approved:
		return nil, nil, fault.New(fault.Conflict, "person.search.closed")
	case b.Clock().After(s.Until()):
		return nil, nil, fault.New(fault.Conflict, "person.search.over")
	}
	persons, err := b.bearers(ctx, &s.Sought)
	if err != nil {
		return nil, nil, err
	}
	entries := make([]journal.Entry, 0, len(persons)+1)
	body := append(actor.AppendTo([]byte(`"actor":`)), `,"why":"name-search","read":"names"`...)
	body = fmt.Appendf(body, `,"file":"%d","result":%t`, id, len(persons) > 0)
	entries = append(entries, journal.Entry{Kind: receipt.RegisterReading, Body: body})
	found := make([]Found, 0, len(persons))
	for i := range persons {
		p := &persons[i]
		found = append(found, Found{
			p.Number, p.Given.Display, p.Surname.Display, p.Father.Display, int(p.Born.Year), p.Shenasnameh.IssuePlace, p.State.String(),
		})
		in := Reading{Number: p.Number, Reason: "name-search", File: strconv.FormatInt(id, 10)}
		entries = append(entries, journal.Entry{
			Kind: receipt.RegisterReading, Body: in.appendBody(nil, actor, "names", p.Version), Subject: p.Number,
		})
	}
	proven, err := j.CommitAll(ctx, entries, [16]byte{}, [16]byte{})
	if err != nil {
		return nil, nil, err
	}
	return found, proven, nil
}

// bearers are those who bear a name, by their birth; more than MaxFound are a
// fault. A name fits that is the same or a variant by package persian; the sound
// only says which spellings are worth comparing.
func (b *Book) bearers(ctx context.Context, in *Sought) ([]Person, error) {
	var rows []row
	err := b.db.Read(ctx, func(tx *store.Tx) error {
		rows = rows[:0]
		surnames, err := spellings(tx, in.Surname, persian.CompareSurname)
		if err != nil {
			return err
		}
		given, err := spellings(tx, in.Given, persian.CompareGiven)
		if err != nil {
			return err
		}
		fathers, err := spellings(tx, in.Father, persian.CompareGiven)
		if err != nil {
			return err
		}
		for _, s := range surnames {
			for _, g := range given {
				if rows, err = in.named(tx, s, g, fathers, rows); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	persons, err := b.fillAll(ctx, rows)
	slices.SortFunc(persons, func(x, y Person) int { return cmp.Or(x.Born.Compare(y.Born), cmp.Compare(x.Number, y.Number)) })
	return persons, err
}

// spellings are the ids of the names on record that are a name, as people write
// it.
func spellings(tx *store.Tx, of persian.Name, compare func(onRecord, claimed persian.Name) persian.Likeness) (all []int64, err error) {
	if of.Display == "" {
		return nil, nil
	}
	err = tx.Each(namesBySound, []any{of.Phonetic}, func(scan func(...any) error) error {
		var id int64
		var n persian.Name
		err := scan(&id, &n.Display, &n.Key, &n.Phonetic)
		if compare(n, of) != persian.Different {
			all = append(all, id)
		}
		return err
	})
	return all, err
}

// named adds those who bear two names.
func (in *Sought) named(tx *store.Tx, surname, given int64, fathers []int64, rows []row) ([]row, error) {
	err := tx.Each(personsByName, []any{surname, given}, func(scan func(...any) error) error {
		var r row
		if err := scan(r.columns()...); err != nil {
			return err
		}
		var p Person
		r.unpack(&p)
		switch {
		case p.State == Protected, in.BornYear != 0 && int(p.Born.Year) != in.BornYear:
			return nil
		case in.Father.Display != "" && !slices.Contains(fathers, r.father):
			return nil
		case len(rows) == MaxFound:
			return errSearchMany
		}
		rows = append(rows, r)
		return nil
	})
	return rows, err
}

// NameSearches lists searches, the newest first, at most 100: those that wait
// for a supervisor, or else one's own.
func (b *Book) NameSearches(ctx context.Context, actor journal.Actor, waitingOnly bool) (all []NameSearch, err error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	query, args := searchesOf, []any{int64(actor.Agency), actor.ID, MaxProposals}
	if waitingOnly {
		query, args = searchesIn, []any{waiting, MaxProposals}
	}
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = all[:0]
		return tx.Each(query, args, func(scan func(...any) error) error {
			s, err := scanSearch(scan)
			all = append(all, s)
			return err
		})
	})
	return all, err
}

// NameSearch finds a search: one's own, and for a supervisor anybody's.
func (b *Book) NameSearch(ctx context.Context, actor journal.Actor, id int64) (*NameSearch, error) {
	if err := register.Only(actor, register.Clerk, register.Supervisor); err != nil {
		return nil, err
	}
	s, err := b.search(ctx, id)
	if err == nil && !same(actor, s.By) && actor.Role != register.Supervisor {
		err = errSearchUnknown
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (b *Book) search(ctx context.Context, id int64) (s *NameSearch, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		s, err = searchIn(tx, id)
		return err
	})
	return s, err
}

func searchIn(tx *store.Tx, id int64) (*NameSearch, error) {
	var s NameSearch
	found := false
	err := tx.Each(searchByID, []any{id}, func(scan func(...any) error) (err error) {
		found = true
		s, err = scanSearch(scan)
		return err
	})
	if err == nil && !found {
		err = errSearchUnknown
	}
	return &s, err
}

func scanSearch(scan func(...any) error) (s NameSearch, err error) {
	var given, surname, father string
	var made, agency, decided, deciderAgency int64
	err = scan(&s.ID, &given, &surname, &father, &s.BornYear, &s.Reason, &s.Document, &made, &s.By.Role, &agency, &s.By.ID,
		&s.State, &decided, &deciderAgency, &s.Decider.ID, &s.Note)
	if err != nil {
		return s, err
	}
	s.At, s.By.Agency = time.UnixMicro(made).UTC(), ids.LegalID(agency)
	if decided != 0 {
		s.DecidedAt = time.UnixMicro(decided).UTC()
		s.Decider.Role, s.Decider.Agency = register.Supervisor, ids.LegalID(deciderAgency)
	}
	for _, n := range []struct {
		to   *persian.Name
		text string
	}{{&s.Given, given}, {&s.Surname, surname}, {&s.Father, father}} {
		if n.text != "" && err == nil {
			*n.to, err = persian.ParseName(n.text)
		}
	}
	return s, err
}
