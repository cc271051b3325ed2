package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	clerk      = journal.Actor{Role: register.Clerk, Agency: 14003552272, ID: "c1"}
	supervisor = journal.Actor{Role: register.Supervisor, Agency: 14003552272, ID: "s1"}
	system     = journal.Actor{Role: register.System, ID: "test"}
)

// numberOf is a national number with its check digit.
func numberOf(nine int64) ids.NationalNumber {
	return ids.NationalNumber(nine*10 + ids.CheckDigit(nine))
}

var (
	ali    = numberOf(1_000_001)
	maryam = numberOf(1_000_002)
	hidden = numberOf(1_000_003) // protected
	sara   = numberOf(1_000_004)
)

const (
	home      ids.PostalCode = 1619735744
	elsewhere ids.PostalCode = 1619735751
)

// world is a register, two agencies that ask, and their feeds.
type world struct {
	*testing.T
	*Book
	ctx  context.Context
	db   *store.DB
	j    *journal.Journal
	desk *inquiry.Desk
	bank inquiry.Asker
	tax  inquiry.Asker

	mu    sync.Mutex
	ahead time.Duration
}

func each(t *testing.T, f func(w *world)) {
	storetest.Each(t, func(t *testing.T, url string) { f(open(t, url)) })
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead)
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

func (w *world) name(s string) persian.Name {
	n, err := persian.ParseName(s)
	w.must(err)
	return n
}

func open(t *testing.T, url string) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context()}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	w.must(err)
	w.j, err = journal.Open(w.ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	w.must(err)
	t.Cleanup(w.j.Close)
	w.db, err = store.Open(w.ctx, url, store.Register)
	w.must(err)
	t.Cleanup(func() { _ = w.db.Close() })
	w.populate()
	places, err := place.Open(w.ctx, w.db)
	w.must(err)
	persons, err := person.Open(w.ctx, w.db)
	w.must(err)
	persons.Places, persons.Clock = places, w.clock
	agreements, err := agreement.Open(w.ctx, w.db, w.clock)
	w.must(err)
	w.desk = inquiry.Open(inquiry.Config{Persons: persons, Places: places, Agreements: agreements, Journal: w.j, Clock: w.clock})
	w.Book = Open(w.db, w.j, persons, agreements)
	w.Book.Clock, w.Book.Logger = w.clock, slog.New(slog.DiscardHandler)
	key, err := LoadKey(filepath.Join(t.TempDir(), "webhook.key"))
	w.must(err)
	w.Caller = NewCaller(key, nil, nil)
	ask := agreement.Clause{
		No: 1, Service: inquiry.Identity, Modes: []string{"verify", "disclose"}, SearchKeys: []string{inquiry.KeyBirthDate},
		Fields: []string{"given_name", "surname", "birth_date", "life_status"},
	}
	follow := agreement.Clause{
		No: 2, Service: "follow", Modes: []string{"disclose"}, SearchKeys: []string{"national_number"},
		Fields: []string{"given_name", "surname", "life_status", "death_date", "postal_code"}, Purposes: []string{"pension"},
	}
	w.bank = w.agency(1, ask, follow)
	onlyVerify := ask
	onlyVerify.Modes = []string{"verify"}
	w.tax = w.agency(2, onlyVerify)
	return w
}

func (w *world) populate() {
	day := func(y, m, d int16) persian.Date { return persian.Date{Year: y, Month: m, Day: d} }
	one := person.Person{
		Given: w.name("علی"), Surname: w.name("رضایی"), Father: w.name("محمدرضا"), Born: day(1340, 1, 1), Sex: person.Male, State: person.Active,
		Postal: home, ResidenceSince: day(1400, 1, 1),
	}
	_, err := person.Load(w.ctx, w.db, func(yield func(person.Person, error) bool) {
		for n, change := range map[ids.NationalNumber]func(*person.Person){
			ali:    func(*person.Person) {},
			maryam: func(p *person.Person) { p.Given, p.Sex = w.name("مریم"), person.Female },
			hidden: func(p *person.Person) { p.State = person.Protected },
			sara:   func(p *person.Person) { p.Given, p.Sex = w.name("سارا"), person.Female },
		} {
			p := one
			p.Number = n
			if change(&p); !yield(p, nil) {
				return
			}
		}
	}, nil)
	w.must(err)
	_, err = place.Load(w.ctx, w.db, func(yield func(place.Place, error) bool) {
		for _, code := range []ids.PostalCode{home, elsewhere} {
			if !yield(place.Place{Code: code, Province: "تهران", State: place.Active}, nil) {
				return
			}
		}
	}, nil)
	w.must(err)
}

func (w *world) agency(n int64, clauses ...agreement.Clause) inquiry.Asker {
	w.Helper()
	first := 9_999_000_000 + n
	id := ids.LegalID(first*10 + ids.LegalCheckDigit(first))
	book, err := agency.Open(w.ctx, w.db, w.clock)
	w.must(err)
	a := &agency.Agency{ID: id, Name: "صندوق نمونه"}
	_, err = book.Register(w.ctx, w.j, system, a)
	w.must(err)
	today := persian.DateOf(w.clock())
	_, err = book.AddOfficer(w.ctx, w.j, system, &agency.Officer{Agency: id, Login: "a.b", Name: "کارشناس", Role: "officer", Until: today.AddYears(1)})
	w.must(err)
	_, err = w.agreements.Put(w.ctx, w.j, system, &agreement.Agreement{Agency: id, Service: "10031094100", From: today.Start(), Until: today.AddYears(1).Start(), Clauses: clauses})
	w.must(err)
	officer, err := book.Officer(id, "a.b")
	w.must(err)
	return inquiry.Asker{Agency: a, Officer: officer}
}

func program(who inquiry.Asker) journal.Actor {
	return journal.Actor{Role: Program, Agency: who.Agency.ID, ID: Program}
}

// ask asks about a person and returns the tracking code.
func (w *world) ask(who inquiry.Asker, n ids.NationalNumber, change func(*inquiry.Form)) ids.TrackingCode {
	w.Helper()
	f := &inquiry.Form{
		Service: "identity", Mode: "verify", NationalNumber: n.String(), BirthDate: "1340-01-01", Officer: "a.b", Purpose: "pension", File: "1",
		Claims: []inquiry.FormClaim{{Field: "surname", Value: "رضایی"}},
	}
	if change != nil {
		change(f)
	}
	q, err := f.Parse(persian.DateOf(w.clock()))
	w.must(err)
	a, err := w.desk.Ask(w.ctx, who, q, inquiry.Once{})
	w.must(err)
	return a.Code
}

func (w *world) setting(codes ...ids.TrackingCode) *Setting {
	return &Setting{
		Codes: codes, Until: w.today().AddYears(1),
		Terms: Terms{Items: []string{"surname", "life_status", "death_date", "postal_code"}, Purpose: "pension"},
	}
}

// follow sets marks by codes and tells the states.
func (w *world) follow(who inquiry.Asker, codes ...ids.TrackingCode) (states []string) {
	w.Helper()
	all, err := w.Set(w.ctx, program(who), w.setting(codes...))
	w.must(err)
	for _, m := range all {
		states = append(states, m.State)
		if (m.State == "set") != (m.Number != 0) || (m.State == "set") != (m.Code != "") {
			w.Errorf("%+v", m)
		}
	}
	return states
}

func grounds() register.Grounds { return register.Grounds{Reason: "court-order", Document: "12/1405"} }

func edit(n ids.NationalNumber) person.Edit { return person.Edit{Number: n, Grounds: grounds()} }

// both proposes an act on a record and has it approved.
func (w *world) both(kind string, in any) {
	w.Helper()
	made, _, err := w.persons.Propose(w.ctx, w.j, clerk, kind, in)
	w.must(err)
	_, _, err = w.persons.Approve(w.ctx, w.j, supervisor, made.ID)
	w.must(err)
}

// read gives the whole feed after a number, as "sequence kind items".
func (w *world) read(who inquiry.Asker, after int64) (events []Event, lines []string) {
	w.Helper()
	w.must(w.Distribute(w.ctx))
	w.must(w.Correct(w.ctx))
	f, err := w.Read(w.ctx, program(who), &Filter{Page: Page{After: after}})
	w.must(err)
	for _, e := range f.Events {
		lines = append(lines, fmt.Sprint(e.Sequence, " ", e.Kind, " ", e.Changed))
	}
	return f.Events, lines
}

func (w *world) want(got []string, want ...string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.Errorf("got  %q\nwant %q", got, want)
	}
}

func (w *world) refused(err error, kind fault.Kind, key, field string) {
	w.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key || f.Field != field || !message.Known(f.Key) {
		w.Errorf("got %v, want %v %s (%s)", err, kind, key, field)
	}
}

// about lists the kinds of entries that the journal has about a person, the
// oldest first, with the agency that each names.
func (w *world) about(n ids.NationalNumber, kind string) (records []string) {
	w.Helper()
	l, err := w.j.AboutPerson(w.ctx, n, journal.Page{Limit: 1000})
	w.must(err)
	for _, e := range l.Entries {
		if strings.Contains(string(e.Record), `"kind":"`+kind+`"`) {
			records = append(records, string(e.Record))
		}
	}
	slices.Reverse(records)
	return records
}

func TestFollow(t *testing.T) {
	each(t, func(w *world) {
		mine, hers, his := w.ask(w.bank, ali, nil), w.ask(w.tax, ali, nil), w.ask(w.bank, hidden, nil)
		none := w.ask(w.bank, maryam, func(f *inquiry.Form) { f.BirthDate = "1341-01-01" })
		// Of one's own answers alone, and of nobody who is protected: the others are
		// all alike.
		w.want(w.follow(w.bank, mine, hers, his, none, mine), "set", "refused", "refused", "refused", "refused")
		if got := w.about(ali, "follow"); len(got) != 1 || !strings.Contains(got[0], `"why":"set","of":"`+string(mine)+`"`) || !strings.Contains(got[0], w.bank.Agency.ID.String()) {
			t.Errorf("%q", got)
		}
		if got := append(w.about(hidden, "follow"), w.about(maryam, "follow")...); len(got) != 0 {
			t.Errorf("%q", got)
		}
		marks, err := w.List(w.ctx, w.bank.Agency.ID, &Page{})
		if err != nil || len(marks) != 1 || marks[0].Number != ali || marks[0].Over || !slices.Contains(marks[0].Items, "surname") {
			t.Errorf("%+v %v", marks, err)
		}
		if all, err := w.Covers(w.ctx, w.bank.Agency.ID, []ids.NationalNumber{0, ali, maryam}); err != nil || !slices.Equal(all, []bool{false, true, false}) {
			t.Error(all, err)
		}
		if marks, err := w.List(w.ctx, w.tax.Agency.ID, &Page{}); err != nil || len(marks) != 0 {
			t.Errorf("%+v %v", marks, err)
		}
		// What the agreement does not permit.
		bad := w.setting(mine)
		bad.Items = append(bad.Items, "card_serial")
		_, err = w.Set(w.ctx, program(w.bank), bad)
		w.refused(err, fault.Forbidden, "agreement.field", "items.4")
		bad = w.setting(mine)
		bad.Purpose = "marketing"
		_, err = w.Set(w.ctx, program(w.bank), bad)
		w.refused(err, fault.Forbidden, "agreement.purpose", "")
		_, err = w.Set(w.ctx, program(w.tax), w.setting(hers))
		w.refused(err, fault.Forbidden, "agreement.service", "")
		// What is wrong by itself.
		bad = &Setting{Until: w.today().AddDays(-1), Terms: Terms{Kinds: []string{"birthday"}}}
		_, err = w.Set(w.ctx, program(w.bank), bad)
		w.refused(err, fault.Invalid, "feed.missing", "tracking_codes")
		if more := fault.Of(err).More; len(more) != 3 {
			t.Errorf("%v", more)
		}

		ended, err := w.End(w.ctx, program(w.bank), &Ending{Numbers: []ids.NationalNumber{maryam, ali, ali, hidden}})
		w.must(err)
		for i, want := range []string{"none", "ended", "none", "none"} {
			if ended[i].State != want {
				t.Errorf("%+v", ended[i])
			}
		}
		if got := w.about(ali, "follow"); len(got) != 2 || !strings.Contains(got[1], `"ended":true`) {
			t.Errorf("%q", got)
		}
		w.both("death", &person.Death{Edit: edit(ali), On: w.today()})
		_, lines := w.read(w.bank, 0)
		w.want(lines)
	})
}

func TestEvents(t *testing.T) {
	each(t, func(w *world) {
		w.want(w.follow(w.bank, w.ask(w.bank, ali, nil), w.ask(w.bank, maryam, nil)), "set", "set")
		_, _, err := w.persons.DeclareResidence(w.ctx, w.j, clerk, &person.ResidenceDeclaration{Number: ali, Postal: elsewhere, Since: w.today(), Grounds: grounds()})
		w.must(err)
		_, _, err = w.persons.Correct(w.ctx, w.j, clerk, &person.Correction{Edit: edit(ali), Father: func() *persian.Name { n := w.name("حسن"); return &n }()})
		w.must(err) // nothing that the bank follows
		w.both("death", &person.Death{Edit: edit(ali), On: w.today()})
		w.both("death", &person.Death{Edit: edit(sara), On: w.today()}) // whom nobody follows
		events, lines := w.read(w.bank, 0)
		w.want(lines, "1 residence [postal_code]", "2 death [life_status death_date]")
		// The state is that after each event, and only what the mark asks for.
		first, second := events[0], events[1]
		if *first.State.Items["postal_code"] != elsewhere.String() || *first.State.Items["life_status"] != "alive" || first.State.Items["death_date"] != nil || len(first.State.Items) != 4 {
			t.Errorf("%+v", first.State)
		}
		if *second.State.Items["life_status"] != "deceased" || *second.State.Items["death_date"] != w.today().String() || second.Version != 4 {
			t.Errorf("%+v", second)
		}
		// Read again, the same; and each event is an entry about the person, under
		// the code that the event bears.
		again, _ := w.read(w.bank, 0)
		if fmt.Sprint(again[1].Code, again[1].At) != fmt.Sprint(second.Code, second.At) {
			t.Errorf("%+v", again)
		}
		entries := w.about(ali, "follow")
		if i := slices.IndexFunc(entries, func(r string) bool { return strings.Contains(r, `"code":"`+string(second.Code)+`"`) }); len(entries) != 3 || i < 0 ||
			!strings.Contains(entries[i], `"event":"death","sequence":2,"told":["surname","life_status","death_date","postal_code"],"register_version":4,"agreement":`) {
			t.Errorf("%q", entries)
		}
		// That a page was read is one entry of the agency's; an empty page is none.
		readings := func() (n int) {
			l, err := w.j.ByAgency(w.ctx, w.bank.Agency.ID, journal.Page{Limit: 1000})
			w.must(err)
			for _, e := range l.Entries {
				if strings.Contains(string(e.Record), `"why":"read","read":{"first":1,"last":2,"events":2}`) {
					n++
				}
			}
			return n
		}
		if n := readings(); n != 2 {
			t.Errorf("%d readings", n)
		}
		if got, _ := w.read(w.bank, 2); len(got) != 0 || readings() != 2 {
			t.Error("an empty page was recorded")
		}
		// By item and kind.
		f, err := w.Read(w.ctx, program(w.bank), &Filter{Kind: Died})
		if err != nil || len(f.Events) != 1 || f.Events[0].Sequence != 2 || f.Next != 2 || f.Last != 2 {
			t.Errorf("%+v %v", f, err)
		}
		if f, err = w.Read(w.ctx, program(w.bank), &Filter{Item: "surname"}); err != nil || len(f.Events) != 0 || f.Next != 2 {
			t.Errorf("%+v %v", f, err)
		}
		_, err = w.Read(w.ctx, program(w.bank), &Filter{Kind: "birthday"})
		w.refused(err, fault.Invalid, "feed.kind", "kind")
		// Nobody else's feed has it.
		if got, _ := w.read(w.tax, 0); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// What an agency may not be told, it is not told in its feed either; and it is
// told what it missed as soon as it may be.
func TestWithheld(t *testing.T) {
	each(t, func(w *world) {
		w.want(w.follow(w.bank, w.ask(w.bank, ali, nil)), "set")
		_, _, err := w.persons.DeclareResidence(w.ctx, w.j, clerk, &person.ResidenceDeclaration{Number: ali, Postal: elsewhere, Since: w.today(), Grounds: grounds()})
		w.must(err)
		if _, lines := w.read(w.bank, 0); len(lines) != 1 {
			t.Fatal(lines)
		}
		w.both("protection", &person.Protection{Edit: edit(ali), On: true})
		surname := w.name("احمدی")
		_, _, err = w.persons.ChangeSurname(w.ctx, w.j, clerk, &person.Surname{Edit: edit(ali), Surname: surname})
		w.must(err)
		events, lines := w.read(w.bank, 0)
		w.want(lines, "1 residence [postal_code]")
		if events[0].State != nil {
			t.Errorf("an event of before tells of who is protected now: %+v", events[0].State)
		}
		begin, err := w.Bootstrap(w.ctx, program(w.bank), &Page{})
		if err != nil || len(begin.Persons) != 1 || begin.Persons[0].State != nil || begin.Persons[0].Code != "" || begin.Sequence != 1 {
			t.Errorf("%+v %v", begin, err)
		}
		w.both("protection", &person.Protection{Edit: edit(ali), On: false})
		events, lines = w.read(w.bank, 1)
		w.want(lines, "2 change [surname]")
		if *events[0].State.Items["surname"] != "احمدی" {
			t.Errorf("%+v", events[0].State)
		}
		begin, err = w.Bootstrap(w.ctx, program(w.bank), &Page{})
		if err != nil || len(begin.Persons) != 1 || *begin.Persons[0].State.Items["surname"] != "احمدی" || begin.Sequence != 2 || begin.Next != 0 {
			t.Errorf("%+v %v", begin, err)
		}
		if got := w.about(ali, "follow"); !strings.Contains(got[len(got)-1], `"why":"bootstrap"`) || !strings.Contains(got[len(got)-1], string(begin.Persons[0].Code)) {
			t.Errorf("%q", got)
		}
		// A mark that is over is asleep.
		w.later(400 * 24 * time.Hour)
		w.both("death", &person.Death{Edit: edit(ali), On: w.today()})
		_, lines = w.read(w.bank, 2)
		w.want(lines)
	})
}

// A name from before an adoption is told nowhere, and that there was one neither;
// but the new names are.
func TestAdoption(t *testing.T) {
	each(t, func(w *world) {
		w.want(w.follow(w.bank, w.ask(w.bank, ali, nil)), "set")
		w.both("adoption", &person.Adoption{Edit: edit(ali), Surname: w.name("نوری"), Father: w.name("حسن")})
		events, lines := w.read(w.bank, 0)
		w.want(lines, "1 change [surname]")
		text, err := json.Marshal(events)
		w.must(err)
		if !strings.Contains(string(text), "نوری") || strings.Contains(string(text), "رضایی") || strings.Contains(string(text), "adoption") {
			t.Errorf("%s", text)
		}
	})
}

// Two nodes at work at the same time make each event once.
func TestTwoNodes(t *testing.T) {
	each(t, func(w *world) {
		w.want(w.follow(w.bank, w.ask(w.bank, ali, nil), w.ask(w.bank, maryam, nil)), "set", "set")
		other := Open(w.db, w.j, w.persons, w.agreements)
		other.Clock = w.clock
		var nodes sync.WaitGroup
		for i := range 6 {
			n := []ids.NationalNumber{ali, maryam}[i%2]
			surname := w.name([]string{"احمدی", "نوری", "کریمی"}[i/2])
			_, _, err := w.persons.ChangeSurname(w.ctx, w.j, clerk, &person.Surname{Edit: edit(n), Surname: surname})
			w.must(err)
			for _, b := range []*Book{w.Book, other} {
				nodes.Go(func() { w.must(b.Distribute(w.ctx)) })
			}
		}
		nodes.Wait()
		events, lines := w.read(w.bank, 0)
		if len(lines) != 6 || events[5].Sequence != 6 {
			t.Errorf("%q", lines)
		}
	})
}

// A crash after the events were written, and before their entries were in the
// log: they cannot be read, until they can be proven.
func TestCrash(t *testing.T) {
	each(t, func(w *world) {
		w.want(w.follow(w.bank, w.ask(w.bank, ali, nil)), "set")
		w.both("death", &person.Death{Edit: edit(ali), On: w.today()})
		changes, err := w.persons.Changes(w.ctx, 0, 100)
		w.must(err)
		events, to, err := w.gather(w.ctx, changes)
		w.must(err)
		_, err = w.post(w.ctx, forEvents, 0, to, events)
		w.must(err)
		f, err := w.Read(w.ctx, program(w.bank), &Filter{})
		if err != nil || len(f.Events) != 0 || f.Last != 0 {
			t.Fatalf("%+v %v", f, err)
		}
		// What was worked through once is not worked through again.
		if err := w.publish(w.ctx, forEvents, 0, to, events); !errors.Is(err, errMoved) {
			t.Error(err)
		}
		_, lines := w.read(w.bank, 0)
		w.want(lines, "1 death [life_status death_date]")
	})
}
