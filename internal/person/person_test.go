package person

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var clerk = journal.Actor{Role: "clerk", ID: "tester"}

// openStore opens the register of a clean database.
func openStore(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), url, store.Register)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// open opens a Book and a journal; the clock is the test's.
func open(t testing.TB, url string, clock func() time.Time) (*Book, *journal.Journal) {
	t.Helper()
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(context.Background(), journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	b, err := Open(context.Background(), openStore(t, url))
	if err != nil {
		t.Fatal(err)
	}
	if clock != nil {
		b.Clock = clock
	}
	return b, j
}

// ticking is a clock that never stands still and can be moved.
type ticking struct{ t time.Time }

func (c *ticking) now() time.Time {
	c.t = c.t.Add(time.Millisecond)
	return c.t
}

func name(t testing.TB, s string) persian.Name {
	t.Helper()
	n, err := persian.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func date(t testing.TB, s string) persian.Date {
	t.Helper()
	d, err := persian.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// nth makes a valid number of its first nine digits.
func nth(first9 int64) ids.NationalNumber {
	return ids.NationalNumber(first9*10 + ids.CheckDigit(first9))
}

// sample is a person with everything on record.
func sample(t testing.TB) Person {
	return Person{
		Number: nth(1_234_567), Given: name(t, "محمدرضا"), Surname: name(t, "حسینی تهرانی"), Father: name(t, "علی"),
		Born: date(t, "1350-02-03"), Sex: Male, State: Active, Sayyed: true,
		Shenasnameh: Shenasnameh{Number: 1234, Serie: "الف12", Serial: "001234", Office: 17, IssuePlace: "تهران"},
		Postal:      1416932790, ResidenceSince: date(t, "1399-05-06"),
		Card: Card{State: Issued, Valid: date(t, "1409-01-01"), Serial: "0G12345678"},
	}
}

func find(t testing.TB, b *Book, n ids.NationalNumber) Person {
	t.Helper()
	p, found, err := b.ByNumber(context.Background(), n)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	return *p
}

func save(t testing.TB, b *Book, j *journal.Journal, p *Person) {
	t.Helper()
	if _, err := b.Save(context.Background(), j, clerk, receipt.PersonChange, "test", p); err != nil {
		t.Fatal(err)
	}
}

func TestSaveAndFind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		clock := &ticking{date(t, "1405-08-30").Start()}
		b, j := open(t, url, clock.now)
		p := sample(t)
		proven, err := b.Save(ctx, j, clerk, receipt.PersonChange, "test", &p)
		if err != nil {
			t.Fatal(err)
		}
		if canon, err := receipt.Compact(proven.Record); err != nil || !bytes.Equal(canon, proven.Record) {
			t.Errorf("the record is not canonical: %v: %s", err, proven.Record)
		}
		if got := find(t, b, p.Number); got != p || p.Version != 1 {
			t.Errorf("got %+v\nwant %+v", got, p)
		}
		if _, found, err := b.ByNumber(ctx, nth(999)); found || err != nil {
			t.Error("found nobody", err)
		}
		all, err := b.ByNumbers(ctx, []ids.NationalNumber{nth(999), p.Number, nth(998), p.Number})
		if err != nil || len(all) != 4 || all[0] != nil || all[2] != nil || *all[1] != p || *all[3] != p {
			t.Error(all, err)
		}
		if n, err := b.Count(ctx); n != 1 || err != nil {
			t.Error(n, err)
		}
		again := p
		save(t, b, j, &again)
		if again.Version != 1 {
			t.Error("what changes nothing makes a version")
		}
	})
}

func TestVersionsConflict(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, nil)
		p := sample(t)
		stale := p // Version 0: it thinks the person is new
		save(t, b, j, &p)
		q := p
		q.Father = name(t, "حسن")
		save(t, b, j, &q)
		p.Father = name(t, "حسین") // made from version 1
		for _, wrong := range []*Person{&stale, &p, {Number: nth(5), Given: p.Given, Surname: p.Surname, State: Active, Version: 3}} {
			before := *wrong
			_, err := b.Save(ctx, j, clerk, receipt.PersonChange, "test", wrong)
			if f := fault.Of(err); f == nil || f.Kind != fault.Conflict || f.Key != "person.version" {
				t.Errorf("got %v", err)
			}
			if *wrong != before {
				t.Error("a refused person was changed")
			}
		}
		if got := find(t, b, q.Number); got != q || got.Version != 2 {
			t.Errorf("got %+v", got)
		}
	})
}

// TestManyWriters: writers who collide on names and on one person lose
// nothing; each version is somebody's, and the history has them all.
func TestManyWriters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j := open(t, url, nil)
		given, shared := names(t, 12, "مه"), sample(t)
		save(t, b, j, &shared)
		const writers, each = 6, 5
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range each {
					p := sample(t)
					p.Number = nth(int64(100 + w*each + i))
					p.Given, p.Father = given[(w+i)%12], given[(w*i)%12]
					if _, err := b.Save(ctx, j, clerk, receipt.PersonChange, "test", &p); err != nil {
						t.Error(err)
						return
					}
					for { // until this writer's change of the shared person is in
						p, _, err := b.ByNumber(ctx, shared.Number)
						if err == nil {
							p.Shenasnameh.Number = ids.ShenasnamehNumber(10_000 + w*each + i)
							_, err = b.Save(ctx, j, clerk, receipt.PersonChange, "test", p)
						}
						if err == nil {
							break
						}
						if !fault.Is(err, fault.Conflict) {
							t.Error(err)
							return
						}
					}
				}
			})
		}
		all.Wait()
		past, err := b.History(ctx, shared.Number)
		if err != nil || len(past) != writers*each {
			t.Errorf("%d versions in the history: %v", len(past), err)
		}
		seen := map[ids.ShenasnamehNumber]bool{}
		for i, v := range append(past, Version{Person: find(t, b, shared.Number)}) {
			if v.Person.Version != int64(i+1) || seen[v.Person.Shenasnameh.Number] {
				t.Errorf("version %d at %d", v.Person.Version, i)
			}
			seen[v.Person.Shenasnameh.Number] = true
		}
		for w := range writers {
			for i := range each {
				if p := find(t, b, nth(int64(100+w*each+i))); p.Given != given[(w+i)%12] || p.Father != given[(w*i)%12] {
					t.Errorf("%+v", p)
				}
			}
		}
	})
}

func TestHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		clock := &ticking{date(t, "1400-01-10").Start()}
		b, j := open(t, url, clock.now)
		p := sample(t)
		save(t, b, j, &p)
		first := p
		clock.t = date(t, "1401-06-01").Start()
		p.Postal, p.ResidenceSince, p.Card.Serial = 5951412749, date(t, "1401-05-30"), "new"
		if _, err := b.Save(ctx, j, clerk, receipt.ResidenceChange, "declared", &p); err != nil {
			t.Fatal(err)
		}
		past, err := b.History(ctx, p.Number)
		if err != nil || len(past) != 1 {
			t.Fatal(past, err)
		}
		u := past[0].Until
		if past[0].Person != first || u.Actor != clerk || u.Why != "declared" || u.Act == (journal.ActID{}) || persian.DateOf(u.At) != date(t, "1401-06-01") {
			t.Errorf("%+v", past[0])
		}
		residences, err := b.Residences(ctx, p.Number)
		if want := []Residence{{first.Postal, first.ResidenceSince}, {p.Postal, p.ResidenceSince}}; err != nil || fmt.Sprint(residences) != fmt.Sprint(want) {
			t.Error(residences, err)
		}
		for day, want := range map[string]*Person{
			"1349-12-01": nil, "1350-02-03": &first, "1401-05-31": &first, "1401-06-01": &p, "1405-01-01": &p,
		} {
			got, found, err := b.AsOf(ctx, p.Number, date(t, day))
			switch {
			case err != nil || found != (want != nil):
				t.Error(day, found, err)
			case found && (got.Version != want.Version || got.Card.Serial != want.Card.Serial):
				t.Errorf("%s: %+v", day, got)
			case day == "1350-02-03" && (got.Postal != 0 || got.State != Active):
				t.Error("a later fact is told of an earlier day")
			}
		}
	})
}

// TestDeath: the card of the deceased is void in the same transaction, and an
// annulled death restores it (bylaw of 1378, note to art. 3).
func TestDeath(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		clock := &ticking{date(t, "1405-08-30").Start()}
		b, j := open(t, url, clock.now)
		p := sample(t)
		save(t, b, j, &p)
		p.State, p.Died = Deceased, date(t, "1405-08-01")
		save(t, b, j, &p)
		if got := find(t, b, p.Number); got.Card.State != Void || got.Card.MustBeReplaced() {
			t.Errorf("card %v after a death", got.Card)
		}
		if got, _, err := b.AsOf(ctx, p.Number, date(t, "1405-07-30")); err != nil || got.State != Active || !got.Died.IsZero() {
			t.Error("dead before his death", err)
		}
		p.State, p.Died = Active, persian.Date{}
		save(t, b, j, &p)
		if got := find(t, b, p.Number); got.Card.State != Issued || got.Card.Valid != p.Card.Valid {
			t.Errorf("card %v after an annulled death", got.Card)
		}
	})
}

// TestCardFollows: a change of residence or of a printed item marks the card
// (bylaw of 1378, art. 3).
func TestCardFollows(t *testing.T) {
	url := storetest.SQLite(t)
	clock := &ticking{date(t, "1405-08-30").Start()}
	b, j := open(t, url, clock.now)
	for i, c := range []struct {
		change func(*Person)
		state  CardState
		reason CardReason
	}{
		{func(p *Person) { p.Postal = 5951412749 }, MustReplace, Moved},
		{func(p *Person) { p.Given = name(t, "رضا") }, MustReplace, ItemChanged},
		{func(p *Person) { p.Surname, p.Postal = name(t, "رضایی"), 5951412749 }, MustReplace, ItemChanged},
		{func(p *Person) { p.Born = date(t, "1350-02-04") }, MustReplace, ItemChanged},
		{func(p *Person) { p.Shenasnameh.Serial = "000001" }, Issued, 0},
		{func(p *Person) { p.State = UnderReview }, Issued, 0},
		{func(p *Person) { p.Card.State, p.Postal = Lost, 5951412749 }, Lost, 0},
		{func(p *Person) { p.Card.State, p.Card.Reason = MustReplace, Damaged }, MustReplace, Damaged},
	} {
		p := sample(t)
		p.Number = nth(int64(1000 + i))
		save(t, b, j, &p)
		c.change(&p)
		save(t, b, j, &p)
		got := find(t, b, p.Number).Card
		if got.State != c.state || got.Reason != c.reason || got.MustBeReplaced() != (c.state != Issued) {
			t.Errorf("%d: %+v", i, got)
		}
	}
	p := sample(t)
	save(t, b, j, &p)
	clock.t = date(t, "1409-01-02").Start()
	got := find(t, b, p.Number)
	if got.Card.State != Expired || !got.Card.MustBeReplaced() {
		t.Errorf("after its last day the card is %v", got.Card.State)
	}
	got.Father = name(t, "حسن")
	save(t, b, j, &got)
	if got = find(t, b, p.Number); got.Card.State != MustReplace {
		t.Errorf("an expired card was stored as %v", got.Card.State)
	}
}

func TestSuccessor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j := open(t, url, nil)
		p := sample(t)
		save(t, b, j, &p)
		p.State, p.Successor = Cancelled, nth(77)
		save(t, b, j, &p)
		if got := find(t, b, p.Number); got.Successor != nth(77) {
			t.Errorf("%+v", got)
		}
		p.State, p.Successor = Active, 0
		save(t, b, j, &p)
		past, err := b.History(context.Background(), p.Number)
		if err != nil || len(past) != 2 || past[1].Person.Successor != nth(77) {
			t.Error(past, err)
		}
		if got := find(t, b, p.Number); got.Successor != 0 {
			t.Errorf("%+v", got)
		}
	})
}

func TestCardValidity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, _ := open(t, url, nil)
		decide(t, b, &Validity{date(t, "1392-04-01"), 10, `هیئت وزیران، "مصوبه" ۱۲`})
		for issued, want := range map[string]string{"1380-12-30": "", "1379-01-31": "1386-01-31", "1392-03-31": "1399-03-31", "1392-04-01": "1402-04-01"} {
			d, err := persian.ParseDate(issued)
			if err != nil {
				continue // 1380 is no leap year
			}
			if got, err := b.CardValidUntil(ctx, d); err != nil || got.String() != want {
				t.Errorf("%s: %v %v", issued, got, err)
			}
		}
		if _, err := b.CardValidUntil(ctx, date(t, "1370-01-01")); fault.Of(err) == nil {
			t.Error("a card before all decisions")
		}
		if err := new(Validity).Check(); fault.Of(err) == nil {
			t.Error("an empty decision")
		}
	})
}

// decide writes a decision on validity down.
func decide(t *testing.T, b *Book, v *Validity) {
	t.Helper()
	if err := v.Check(); err != nil {
		t.Fatal(err)
	}
	if err := b.db.Write(t.Context(), func(tx *store.Tx) error { return DecideCardValidity(tx, v) }); err != nil {
		t.Fatal(err)
	}
}

func TestCheck(t *testing.T) {
	for want, change := range map[string]func(*Person){
		"national_number person.missing":       func(p *Person) { p.Number = 0 },
		"given_name person.missing":            func(p *Person) { p.Given = persian.Name{} },
		"surname person.missing":               func(p *Person) { p.Surname = persian.Name{} },
		"state person.word":                    func(p *Person) { p.State = 0 },
		"death_date person.death.alive":        func(p *Person) { p.Died = p.Born },
		"death_date person.death.early":        func(p *Person) { p.State, p.Died = Deceased, persian.Date{Year: 1349} },
		"successor person.successor.state":     func(p *Person) { p.Successor = nth(1) },
		"successor person.successor.self":      func(p *Person) { p.State, p.Successor = Cancelled, p.Number },
		"residence_since person.date.precise":  func(p *Person) { p.ResidenceSince = persian.Date{Year: 1400} },
		"card_valid_until person.date.precise": func(p *Person) { p.Card.Valid = persian.Date{Year: 1400} },
		"":                                     func(p *Person) { p.State, p.Died = Deceased, persian.Date{Year: 1350} },
	} {
		p := sample(t)
		change(&p)
		got := ""
		if f := fault.Of(p.check()); f != nil {
			got = f.Field + " " + f.Key
			if !message.Known(f.Key) {
				t.Errorf("no text for %s", f.Key)
			}
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// draw makes persons of all sorts, with name frequencies like a country's.
func draw(r *rand.Rand, first9 int64, given, surnames []persian.Name) Person {
	pick := func(from []persian.Name) persian.Name {
		return from[int(float64(len(from))*r.Float64()*r.Float64()*r.Float64())]
	}
	born := persian.DateFromDays(int32(40_000 + r.IntN(42_500)))
	p := Person{
		Number: nth(first9), Given: pick(given), Surname: pick(surnames), Father: pick(given),
		Born: born, Sex: Sex(1 + r.IntN(2)), State: Active, Sayyed: r.IntN(20) == 0,
		Shenasnameh: Shenasnameh{
			Serie: ids.Serie(fmt.Sprintf("الف%02d", r.IntN(100))), Serial: ids.Serial(fmt.Sprintf("%06d", 1+r.IntN(999_999))),
			Office: 1 + r.IntN(900),
		},
	}
	if p.Born.Year < 1368 {
		p.Shenasnameh.Number = ids.ShenasnamehNumber(1 + r.IntN(30_000))
	}
	if r.IntN(50) > 0 {
		p.Postal = ids.PostalCode(1111100000 + int64(r.IntN(8_000_000_000)))
		p.ResidenceSince = persian.DateFromDays(int32(75_000 + r.IntN(7_500)))
	}
	switch {
	case p.Born.Year < 1320 || r.IntN(20) == 0:
		p.State, p.Died = Deceased, persian.DateFromDays(min(born.Days()+int32(r.IntN(30_000)), 82_500))
	case p.Born.Year < 1388:
		p.Card = Card{State: Issued, Valid: persian.DateFromDays(int32(82_500 + r.IntN(2_500))), Serial: fmt.Sprintf("%dG%08d", r.IntN(10), r.IntN(100_000_000))}
	}
	return p
}

func names(t testing.TB, n int, stem string) []persian.Name {
	letters := []rune("ابپتجچحخدرزسشعغفقکگلمنوهی")
	all := make([]persian.Name, n)
	for i := range all {
		s := []rune(stem)
		for k := i; ; k /= len(letters) {
			s = append(s, letters[k%len(letters)])
			if k < len(letters) {
				break
			}
		}
		all[i] = name(t, string(s))
	}
	return all
}

// population yields n persons in the order of their numbers.
func population(t testing.TB, n int) func(yield func(Person, error) bool) {
	given, surnames := names(t, 2_000, "مه"), names(t, 20_000, "فر")
	return func(yield func(Person, error) bool) {
		r := rand.New(rand.NewPCG(1, 2))
		step := int64(999_999_998 / n)
		for i := range int64(n) {
			if !yield(draw(r, i*step+r.Int64N(step)+1, given, surnames), nil) {
				return
			}
		}
	}
}

// TestRow: whatever the columns can hold comes back.
func TestRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := rapid.Custom(func(t *rapid.T) persian.Date {
			if rapid.Bool().Draw(t, "known") {
				return persian.DateFromDays(rapid.Int32Range(0, 118_000).Draw(t, "day"))
			}
			return persian.Date{}
		})
		p := Person{
			Number: nth(rapid.Int64Range(1, 999_999_999).Draw(t, "number")), Born: day.Draw(t, "born"), Died: day.Draw(t, "died"),
			Sex: Sex(rapid.IntRange(0, 2).Draw(t, "sex")), State: State(rapid.IntRange(1, 5).Draw(t, "state")), Sayyed: rapid.Bool().Draw(t, "sayyed"),
			Postal: ids.PostalCode(rapid.Int64Range(0, 9_999_999_999).Draw(t, "postal")), ResidenceSince: day.Draw(t, "since"),
			Card: Card{State: CardState(rapid.IntRange(0, 9).Draw(t, "card")), Valid: day.Draw(t, "valid")}, Version: 3,
		}
		p.Card.Serial = rapid.StringMatching(`([0-9][A-Z][0-9]{8})?`).Draw(t, "card serial")
		if p.Card.State == MustReplace {
			p.Card.Reason = CardReason(rapid.IntRange(0, 3).Draw(t, "reason"))
		}
		p.Shenasnameh.Number = ids.ShenasnamehNumber(rapid.Int64Range(0, 9_999_999_999).Draw(t, "shenasnameh"))
		if serial := rapid.IntRange(0, 999_999).Draw(t, "serial"); serial > 0 {
			p.Shenasnameh.Serial = ids.Serial(fmt.Sprintf("%06d", serial))
		}
		var r row
		var got Person
		r.pack(&p, p.Version-1)
		r.booklet = packBooklet(p.Shenasnameh.Serial, 17, 29)
		r.unpack(&got)
		if got != p || r.serialElsewhere() || r.booklet/bookletOffice != 29 || r.booklet/bookletSerie%(maxSerie+1) != 17 {
			t.Fatalf("got %+v\nwant %+v", got, p)
		}
	})
}
