package inquiry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// bench is a desk on real registers and a real journal.
type testDesk struct {
	testing.TB
	*Desk
	ctx  context.Context
	url  string
	keys *journal.Keys
	db   *store.DB
	bank Asker
	rest Asker // another agency, which may ask the same

	mu  sync.Mutex
	now time.Time
}

var testActor = journal.Actor{Role: "system", ID: "test"}

// numberOf is a national number with its check digit.
func numberOf(nine int64) ids.NationalNumber {
	return ids.NationalNumber(nine*10 + ids.CheckDigit(nine))
}

var (
	ali      = numberOf(1_000_001) // born 1370-01-01, active
	maryam   = numberOf(1_000_002) // born 1340-05-05, shenasnameh 123, dead since 1400-01-01
	hidden   = numberOf(1_000_003) // protected
	void     = numberOf(1_000_004) // cancelled
	doubted  = numberOf(1_000_005) // under review, only the year of birth known
	nobody   = numberOf(1_000_099)
	testHome = ids.PostalCode(1619735744)
)

func testName(t testing.TB, s string) persian.Name {
	t.Helper()
	n, err := persian.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func openDesk(t testing.TB, url string) *testDesk {
	t.Helper()
	d := &testDesk{TB: t, ctx: t.Context(), url: url, now: time.Now()}
	var err error
	if d.keys, err = journal.NewKeys(filepath.Join(t.TempDir(), "keys")); err != nil {
		t.Fatal(err)
	}
	if d.db, err = store.Open(d.ctx, url, store.Register); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.db.Close() })
	d.populate()
	j := d.journal0()
	d.open(j)
	d.bank = d.agency(1, []agreement.Clause{
		{No: 1, Service: Identity, Modes: []string{Verify, Disclose}, SearchKeys: []string{KeyBirthDate, KeyShenasnameh}, Fields: []string{"given_name", "surname", "father_name", "sex", "birth_date", "life_status"}},
		{No: 2, Service: Predicates, Modes: []string{Verify}, SearchKeys: []string{KeyBirthDate}, Fields: []string{Alive, AgeAtLeast}, DailyQuota: 3},
		{No: 3, Service: Residence, Modes: []string{Verify, Disclose}, SearchKeys: []string{KeyBirthDate}, Fields: []string{"postal_code", "residence_since"}},
		{No: 4, Service: Place, Modes: []string{Verify, Disclose}, SearchKeys: []string{KeyPostalCode}, Fields: []string{"province", "street"}},
		{No: 5, Service: Shenasnameh, Modes: []string{Verify}, SearchKeys: []string{KeyBirthDate}, Fields: []string{"shenasnameh_number", "shenasnameh_serial"}, Processes: []string{"p1"}},
	})
	d.rest = d.agency(2, []agreement.Clause{{No: 1, Service: Identity, Modes: []string{Verify}, SearchKeys: []string{KeyBirthDate}, Fields: []string{"surname"}}})
	return d
}

func (d *testDesk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *testDesk) journal0() *journal.Journal {
	d.Helper()
	j, err := journal.Open(d.ctx, journal.Config{URL: d.url, Keys: d.keys})
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(j.Close)
	return j
}

func (d *testDesk) open(j *journal.Journal) {
	d.Helper()
	persons, err := person.Open(d.ctx, d.db)
	if err != nil {
		d.Fatal(err)
	}
	places, err := place.Open(d.ctx, d.db)
	if err != nil {
		d.Fatal(err)
	}
	agencies, err := agency.Open(d.ctx, d.db, d.clock)
	if err != nil {
		d.Fatal(err)
	}
	agreements, err := agreement.Open(d.ctx, d.db, d.clock)
	if err != nil {
		d.Fatal(err)
	}
	processes, err := process.Open(d.ctx, process.Config{DB: d.db, Agencies: agencies, Agreements: agreements, Clock: d.clock})
	if err != nil {
		d.Fatal(err)
	}
	citizens, err := citizen.Open(d.ctx, d.db, persons, agencies)
	if err != nil {
		d.Fatal(err)
	}
	citizens.Purposes = func(persian.Date) []string { return []string{"marketing"} }
	d.Desk = Open(Config{
		Persons: persons, Places: places, Agencies: agencies, Agreements: agreements,
		Processes: processes, Citizens: citizens, Journal: j, Clock: d.clock,
	})
}

func (d *testDesk) populate() {
	d.Helper()
	day := func(y, m, dd int16) persian.Date { return persian.Date{Year: y, Month: m, Day: dd} }
	people := []person.Person{
		{Number: ali, Given: testName(d, "علی"), Surname: testName(d, "رضایی تهرانی"), Father: testName(d, "محمدرضا"), Born: day(1370, 1, 1), Sex: person.Male, State: person.Active, Postal: testHome, ResidenceSince: day(1400, 1, 1), Card: person.Card{State: person.Issued, Valid: day(1410, 1, 1)}},
		{Number: maryam, Given: testName(d, "مریم"), Surname: testName(d, "کریمی"), Born: day(1340, 5, 5), Died: day(1400, 1, 1), Sex: person.Female, State: person.Deceased, Shenasnameh: person.Shenasnameh{Number: 123}},
		{Number: hidden, Given: testName(d, "سارا"), Surname: testName(d, "احمدی"), Born: day(1360, 1, 1), Sex: person.Female, State: person.Protected},
		{Number: void, Given: testName(d, "رضا"), Surname: testName(d, "نوری"), Born: day(1350, 1, 1), Sex: person.Male, State: person.Cancelled, Successor: ali},
		{Number: doubted, Given: testName(d, "زهرا"), Surname: testName(d, "موسوی"), Born: persian.Date{Year: 1310}, Sex: person.Female, State: person.UnderReview, Card: person.Card{State: person.MustReplace, Reason: person.Moved}},
	}
	if _, err := person.Load(d.ctx, d.db, seq(people), nil); err != nil {
		d.Fatal(err)
	}
	if _, err := place.Load(d.ctx, d.db, seq([]place.Place{{Code: testHome, Province: "تهران", Street: "ولیعصر", State: place.Active}}), nil); err != nil {
		d.Fatal(err)
	}
}

func seq[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func (d *testDesk) agency(n int64, clauses []agreement.Clause) Asker {
	d.Helper()
	first := 9_999_000_000 + n
	id := ids.LegalID(first*10 + ids.LegalCheckDigit(first))
	book := d.agencies
	a := &agency.Agency{ID: id, Name: "بانک نمونه"}
	if _, err := book.Register(d.ctx, d.journal, testActor, a); err != nil {
		d.Fatal(err)
	}
	today := persian.DateOf(d.now)
	if _, err := book.AddOfficer(d.ctx, d.journal, testActor, &agency.Officer{Agency: id, Login: "a.b", Name: "کارشناس", Role: "officer", Until: today.AddYears(1)}); err != nil {
		d.Fatal(err)
	}
	if _, err := d.agreements.Put(d.ctx, d.journal, testActor, &agreement.Agreement{Agency: id, Service: "10031094100", From: today.Start(), Until: today.AddYears(1).Start(), Clauses: clauses}); err != nil {
		d.Fatal(err)
	}
	officer, err := book.Officer(id, "a.b")
	if err != nil {
		d.Fatal(err)
	}
	return Asker{Agency: a, Officer: officer}
}

// question parses a form that must be good.
func (d *testDesk) question(change func(*Form)) *Question {
	d.Helper()
	f := &Form{Service: Identity, Mode: Verify, NationalNumber: ali.String(), BirthDate: "1370-01-01", Officer: "a.b", Purpose: "kyc", File: "1"}
	change(f)
	q, err := f.Parse(persian.DateOf(d.now))
	if err != nil {
		d.Fatalf("%v %v", err, fault.Of(err).More)
	}
	return q
}

// told is the part of a record that the tests look at.
type told struct {
	Outcome string
	Answer  struct {
		Fields     map[string]string
		Values     map[string]*string
		Predicates map[string]string
	}
	Warnings []string
	Refusal  struct {
		Reason string
		Clause int
		Field  string
	}
	RegisterVersion int64 `json:"register_version"`
}

func (d *testDesk) ask(who Asker, change func(*Form)) told {
	d.Helper()
	p, err := d.Ask(d.ctx, who, d.question(change), Once{})
	if err != nil {
		d.Fatal(err)
	}
	return d.read(p.Record)
}

func (d *testDesk) read(record []byte) (x told) {
	d.Helper()
	if err := json.Unmarshal(record, &x); err != nil {
		d.Fatalf("%v in %s", err, record)
	}
	return x
}

func of(n ids.NationalNumber, born, field, value string) func(*Form) {
	return func(f *Form) {
		f.NationalNumber, f.BirthDate = n.String(), born
		f.Claims = []FormClaim{{field, value}}
	}
}

func TestOutcomes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := openDesk(t, url)
		for _, c := range []struct {
			why     string
			ask     func(*Form)
			outcome string
			result  string // of the one claim or predicate
			warning string
		}{
			{"the same name", of(ali, "1370-01-01", "given_name", "علی"), Confirmed, match, ""},
			{"Arabic letters", of(ali, "1370-01-01", "given_name", "علي"), Confirmed, match, ""},
			{"a title", of(ali, "1370-01-01", "given_name", "سید علی"), Confirmed, match, ""},
			{"a dropped tail", of(ali, "1370-01-01", "surname", "رضایی"), Confirmed, variant, ""},
			{"another name", of(ali, "1370-01-01", "given_name", "حسن"), Differs, differs, ""},
			{"nothing on record", of(maryam, "1340-05-05", "father_name", "علی"), Dead, notOnRecord, "deceased"},
			{"a dead person", of(maryam, "1340-05-05", "surname", "کریمی"), Dead, match, "deceased"},
			{"protected", of(hidden, "1360-01-01", "surname", "احمدی"), Protected, "", ""},
			{"cancelled", of(void, "1350-01-01", "surname", "نوری"), Cancelled, "", "cancelled"},
			{"under review, card to be replaced", of(doubted, "1310", "surname", "موسوی"), Confirmed, match, "under_review card_must_be_replaced"},
			{"unknown number", of(nobody, "1370-01-01", "surname", "احمدی"), NotFound, "", ""},
			{"wrong birth date", of(ali, "1370-01-02", "surname", "رضایی"), NotFound, "", ""},
			{"the birth year alone is no key where the day is known", of(ali, "1370", "surname", "رضایی"), NotFound, "", ""},
			{"protected, wrong birth date", of(hidden, "1360-01-02", "surname", "احمدی"), NotFound, "", ""},
		} {
			x := d.ask(d.bank, c.ask)
			result := ""
			for _, r := range x.Answer.Fields {
				result = r
			}
			if x.Outcome != c.outcome || result != c.result || strings.Join(x.Warnings, " ") != c.warning {
				t.Errorf("%s: %s %q %v, want %s %q %q", c.why, x.Outcome, result, x.Warnings, c.outcome, c.result, c.warning)
			}
		}
	})
}

// Number unknown and key wrong are alike in every byte but what was asked.
func TestNotFoundTellsNothing(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	body := func(n ids.NationalNumber, born string) string {
		p, err := d.Ask(d.ctx, d.bank, d.question(of(n, born, "surname", "رضایی")), Once{})
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(p.Record), `"kind"`)
		return strings.NewReplacer(n.String(), "N", born, "B").Replace(rest)
	}
	unknown := body(nobody, "1370-01-02")
	if wrong := body(ali, "1370-01-02"); wrong != unknown {
		t.Errorf("a wrong key shows:\n%s\n%s", unknown, wrong)
	}
	if shielded := body(hidden, "1370-01-02"); shielded != unknown {
		t.Errorf("a protected record shows:\n%s\n%s", unknown, shielded)
	}
}

func TestSecondKeyShenasnameh(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	by := func(n ids.NationalNumber, booklet string) func(*Form) {
		return func(f *Form) {
			f.NationalNumber, f.BirthDate, f.ShenasnamehNumber = n.String(), "", booklet
			f.Claims = []FormClaim{{"surname", "کریمی"}}
		}
	}
	if x := d.ask(d.bank, by(maryam, "۱۲۳")); x.Outcome != Dead {
		t.Errorf("right booklet: %s", x.Outcome)
	}
	if x := d.ask(d.bank, by(maryam, "124")); x.Outcome != NotFound {
		t.Errorf("wrong booklet: %s", x.Outcome)
	}
	if x := d.ask(d.bank, by(ali, "5")); x.Outcome != NotFound {
		t.Errorf("a booklet number for somebody who has none: %s", x.Outcome)
	}
}

func TestRefusals(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	for _, c := range []struct {
		why    string
		who    Asker
		ask    func(*Form)
		reason string
		clause int
		field  string
	}{
		{"no such field in the clause", d.bank, func(f *Form) { f.Claims = []FormClaim{{"death_date", "1400-01-01"}} }, "agreement.field", 1, "death_date"},
		{"no such service", d.rest, func(f *Form) { f.Service = Card; f.Claims = []FormClaim{{"card_state", "issued"}} }, "agreement.service", 0, ""},
		{"no such mode", d.rest, func(f *Form) { f.Mode = Disclose; f.Fields = []string{"surname"} }, "agreement.mode", 1, ""},
		{"no such key", d.rest, func(f *Form) {
			f.BirthDate, f.ShenasnamehNumber, f.Claims = "", "7", []FormClaim{{"surname", "احمدی"}}
		}, "agreement.key", 1, ""},
		{"no such process", d.bank, func(f *Form) { f.Service = Shenasnameh; f.Claims = []FormClaim{{"shenasnameh_number", "1"}} }, "agreement.process", 5, ""},
		{"no officer", Asker{Agency: d.bank.Agency}, of(ali, "1370-01-01", "surname", "رضایی"), "agreement.officer", 0, "officer"},
	} {
		x := d.ask(c.who, c.ask)
		if x.Outcome != Refused || x.Refusal.Reason != c.reason || x.Refusal.Clause != c.clause || x.Refusal.Field != c.field || x.RegisterVersion != 0 {
			t.Errorf("%s: %+v", c.why, x)
		}
		if g, err := d.Diagnose(d.ctx, c.who, d.question(c.ask)); err != nil || g.Permitted || g.Reason != c.reason {
			t.Errorf("%s: diagnosis %+v, %v", c.why, g, err)
		}
	}
}

// The daily quota holds over a restart, is not used up by refusals, and a new
// day begins in Tehran.
func TestQuota(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := openDesk(t, url)
		alive := func(f *Form) { f.Service = Predicates; f.Predicates = []FormPredicate{{Name: Alive}} }
		for i := range 2 {
			if x := d.ask(d.bank, alive); x.Answer.Predicates[Alive] != yes {
				t.Fatalf("question %d: %+v", i, x)
			}
		}
		d.journal.Close()
		d.open(d.journal0())
		if g, err := d.Diagnose(d.ctx, d.bank, d.question(alive)); err != nil || g.Left != 1 {
			t.Fatalf("after a restart: %+v, %v", g, err)
		}
		if x := d.ask(d.bank, alive); x.Outcome != Answered {
			t.Fatalf("the third: %+v", x)
		}
		for range 2 {
			if x := d.ask(d.bank, alive); x.Outcome != Refused || x.Refusal.Reason != "agreement.quota" || x.Refusal.Clause != 2 {
				t.Fatalf("beyond the quota: %+v", x)
			}
		}
		d.mu.Lock()
		d.now = d.now.Add(24 * time.Hour)
		d.mu.Unlock()
		if x := d.ask(d.bank, alive); x.Outcome != Answered {
			t.Fatalf("the next day: %+v", x)
		}
	})
}

// A batch answers as single questions do, side by side in the log.
// gone is the context of a caller who hangs up while the journal writes.
type gone struct{ context.Context }

func (gone) Done() <-chan struct{} {
	over := make(chan struct{})
	close(over)
	return over
}

// A question whose asker hung up before the answer may be in the log, so it
// counts; one that was answered before does not count again.
func TestQuotaOfUnheardAnswers(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t)) // whose reads do not ask a context that is about to end
	q := d.question(func(f *Form) { f.Service = Predicates; f.Predicates = []FormPredicate{{Name: Alive}} })
	once := Once{Key: [16]byte{1}, Digest: [16]byte{2}}
	left := func(want int64) {
		t.Helper()
		if g, err := d.Diagnose(d.ctx, d.bank, q); err != nil || g.Left != want {
			t.Fatalf("%+v, %v: want %d left", g, err, want)
		}
	}
	if _, err := d.Ask(gone{d.ctx}, d.bank, q, once); !journal.InDoubt(err) {
		t.Fatal(err)
	}
	left(2)
	for range 2 {
		if _, err := d.Ask(d.ctx, d.bank, q, once); err != nil {
			t.Fatal(err)
		}
		left(2)
	}
}

func TestBatchIsTheSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := openDesk(t, url)
		forms := []func(*Form){
			of(ali, "1370-01-01", "given_name", "علی"), of(maryam, "1340-05-05", "surname", "کریمی"), of(hidden, "1360-01-01", "surname", "احمدی"),
			of(nobody, "1370-01-01", "surname", "احمدی"), of(void, "1350-01-01", "surname", "نوری"), of(ali, "1370-01-01", "death_date", "1400-01-01"),
			func(f *Form) {
				f.Service, f.NationalNumber, f.BirthDate, f.PostalCode = Place, "", "", testHome.String()
				f.Claims = []FormClaim{{"province", "تهران"}}
			},
			func(f *Form) {
				f.Service, f.Mode, f.Fields = Residence, Disclose, []string{"postal_code", "residence_since"}
			},
		}
		var qs []*Question
		for _, f := range forms {
			qs = append(qs, d.question(f))
		}
		batch, err := d.AskAll(d.ctx, d.bank, qs, Once{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := batch.Receipts().Split(); err != nil {
			t.Error(err)
		}
		codes := map[ids.TrackingCode]bool{}
		for i, e := range batch.Entries {
			single, err := d.Ask(d.ctx, d.bank, qs[i], Once{})
			if err != nil {
				t.Fatal(err)
			}
			_, a, _ := bytes.Cut(e.Record, []byte(`"kind"`))
			_, b, _ := bytes.Cut(single.Record, []byte(`"kind"`))
			if !bytes.Equal(a, b) {
				t.Errorf("question %d:\nin the batch %s\nalone        %s", i, a, b)
			}
			codes[e.Code], codes[single.Code] = true, true
			if e.Index != batch.Entries[0].Index+int64(i) {
				t.Errorf("entry %d stands at %d", i, e.Index)
			}
		}
		if len(codes) != 2*len(forms) {
			t.Errorf("%d codes for %d answers", len(codes), 2*len(forms))
		}
	})
}

func TestOnce(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	once := Once{Key: [16]byte{1}, Digest: [16]byte{2}}
	q := d.question(of(ali, "1370-01-01", "surname", "رضایی"))
	first, err := d.Ask(d.ctx, d.bank, q, once)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Ask(d.ctx, d.bank, q, once)
	if err != nil || !again.Replayed || !bytes.Equal(first.Receipt().Append(nil), again.Receipt().Append(nil)) {
		t.Errorf("again: %v %+v", err, again)
	}
	if _, err := d.Ask(d.ctx, d.bank, q, Once{Key: once.Key, Digest: [16]byte{3}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("the same key with another digest: %v", err)
	}
}

// P14: a credential that probes blindly is stopped within 25 inquiries, alone
// or in a batch, and an honest agency with a fifth of misses goes on.
func TestGuessingIsStopped(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	probe := func(i int64) *Question {
		return d.question(of(numberOf(5_000_000+i), "1370-01-01", "surname", "احمدی"))
	}
	missed := 0
	for i := range int64(40) {
		p, err := d.Ask(d.ctx, d.bank, probe(i), Once{})
		if err != nil {
			t.Fatal(err)
		}
		if d.read(p.Record).Outcome == NotFound {
			missed++
		}
	}
	if missed > 25 {
		t.Errorf("%d blind inquiries were answered", missed)
	}
	if x := d.ask(d.rest, of(ali, "1370-01-01", "surname", "رضایی")); x.Outcome != Confirmed {
		t.Errorf("another agency: %+v", x)
	}
	var qs []*Question
	for i := range int64(100) {
		qs = append(qs, probe(1000+i))
	}
	batch, err := d.AskAll(d.ctx, d.rest, qs, Once{})
	if err != nil {
		t.Fatal(err)
	}
	missed = 0
	for _, e := range batch.Entries {
		if d.read(e.Record).Outcome == NotFound {
			missed++
		}
	}
	if missed > 25 {
		t.Errorf("a batch got %d blind answers", missed)
	}
	// Any act of the registry on the agency lets it ask again.
	book, err := agency.Open(d.ctx, d.db, d.clock)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.SetState(d.ctx, d.journal, testActor, d.bank.Agency.ID, agency.Active, "resumed"); err != nil {
		t.Fatal(err)
	}
	if d.bank.Agency, err = book.ByID(d.bank.Agency.ID); err != nil {
		t.Fatal(err)
	}
	if x := d.ask(d.bank, of(ali, "1370-01-01", "surname", "رضایی")); x.Outcome != Confirmed {
		t.Errorf("resumed: %+v", x)
	}
}

// Honest agencies are not stopped: a million questions of which a fifth miss.
func TestHonestAgencyGoesOn(t *testing.T) {
	var g guard
	rnd := uint64(1405)
	for i := range 1_000_000 {
		rnd = rnd*6364136223846793005 + 1442695040888963407
		a := answer{outcome: Confirmed}
		if rnd>>33%5 == 0 {
			a.outcome = NotFound
		}
		g.saw(&seven, testDay, &Question{Number: ids.NationalNumber(i + 1)}, &a)
		if g.stopped(&seven) {
			t.Fatal("stopped")
		}
	}
}

func TestMatchCode(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	p, err := d.Ask(d.ctx, d.bank, d.question(of(ali, "1370-01-01", "surname", "رضایی")), Once{})
	if err != nil {
		t.Fatal(err)
	}
	if genuine, err := d.CheckCode(d.ctx, p.Code); err != nil || !genuine {
		t.Errorf("genuine %v, %v", genuine, err)
	}
	if ok, _, err := d.MatchCode(d.ctx, d.rest, p.Code, ali); err != nil || !ok {
		t.Errorf("the right number: %v, %v", ok, err)
	}
	for i := range maxTries {
		if ok, _, err := d.MatchCode(d.ctx, d.rest, p.Code, numberOf(2_000_000+int64(i))); err != nil || ok {
			t.Errorf("wrong number %d: %v, %v", i, ok, err)
		}
	}
	if _, _, err := d.MatchCode(d.ctx, d.rest, p.Code, ali); !fault.Is(err, fault.TooMany) {
		t.Errorf("after five wrong ones: %v", err)
	}
	d.journal.Close()
	d.open(d.journal0())
	if _, _, err := d.MatchCode(d.ctx, d.rest, p.Code, ali); !fault.Is(err, fault.TooMany) {
		t.Errorf("after a restart: %v", err)
	}
	if _, err := d.OwnReceipt(d.ctx, d.rest, p.Code); !fault.Is(err, fault.NotFound) {
		t.Errorf("another agency's receipt: %v", err)
	}
	size := d.journal.State().Size
	own, err := d.OwnReceipt(d.ctx, d.bank, p.Code)
	if err != nil || !bytes.Equal(own.Record, p.Record) {
		t.Errorf("own receipt: %v", err)
	}
	if got := d.journal.State().Size; got != size+1 {
		t.Errorf("reading the journal left %d entries, want 1", got-size)
	}
}

// as_of answers from the history, and only what was registered by then.
func TestAsOf(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	x := d.ask(d.bank, func(f *Form) {
		of(maryam, "1340-05-05", "surname", "کریمی")(f)
		f.AsOf = "1399-01-01"
	})
	if x.Outcome != Confirmed || fmt.Sprint(x.Warnings) != "[deceased]" {
		t.Errorf("before her death: %+v", x)
	}
	x = d.ask(d.bank, func(f *Form) {
		f.Service, f.Predicates, f.AsOf = Predicates, []FormPredicate{{AgeAtLeast, 18}}, "1380-01-01"
	})
	if x.Answer.Predicates[AgeAtLeast] != no {
		t.Errorf("at ten years of age: %+v", x)
	}
	x = d.ask(d.bank, func(f *Form) {
		of(ali, "1370-01-01", "surname", "رضایی")(f)
		f.AsOf = "1369-12-29"
	})
	if x.Outcome != NotFound {
		t.Errorf("before his birth: %+v", x)
	}
}

// A death on record counts, also while the record is under review.
func TestDeathUnderReview(t *testing.T) {
	p := &person.Person{State: person.UnderReview, Died: persian.Date{Year: 1400, Month: 1, Day: 1}}
	s := &seen{person: p, now: p}
	var a answer
	a.judge(&Question{Service: Predicates, Predicates: []Predicate{{Name: Alive}}}, s, persian.Date{Year: 1405, Month: 1, Day: 1})
	if status := lifeStatus(p); status != "deceased" || a.results[0] != no || !slices.Equal(a.warnings, []string{"deceased", "under_review"}) {
		t.Errorf("alive: %s, life status: %s, warnings: %s", a.results[0], status, a.warnings)
	}
}
