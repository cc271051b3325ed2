package person

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

var (
	papers = register.Grounds{Reason: "declaration", Document: "12/1405"}
	// Places of town: two in use in Tehran, one in Fars, one split, one retired.
	here, there, south, split, retired = ids.PostalCode(1416932790), ids.PostalCode(1416932791), ids.PostalCode(7134512345), ids.PostalCode(1416932793), ids.PostalCode(1416932794)
)

// town opens a book with places, on 1405-03-10 at noon.
func town(t testing.TB, url string) (*Book, *journal.Journal, *ticking) {
	t.Helper()
	clock := &ticking{date(t, "1405-03-10").Start().Add(12 * time.Hour)}
	var mu sync.Mutex // many may act at once
	b, j := open(t, url, func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return clock.now()
	})
	places, err := place.Open(context.Background(), b.db)
	if err != nil {
		t.Fatal(err)
	}
	b.Places = places
	all := []place.Place{
		{Code: here, Province: "تهران", State: place.Active},
		{Code: there, Province: "تهران", State: place.Active},
		{Code: south, Province: "فارس", State: place.Active},
		{Code: split, Province: "تهران", State: place.Split, Successors: []ids.PostalCode{here, there}},
		{Code: retired, Province: "تهران", State: place.Retired},
	}
	if _, err := place.Load(context.Background(), b.db, func(yield func(place.Place, error) bool) {
		for i := range all {
			if !yield(all[i], nil) {
				return
			}
		}
	}, nil); err != nil {
		t.Fatal(err)
	}
	return b, j, clock
}

// settler is a new person of the town, with an issued card.
func settler(t testing.TB, b *Book, j *journal.Journal, first9 int64, born string) Person {
	t.Helper()
	p := sample(t)
	p.Number, p.Born, p.Postal, p.ResidenceSince = nth(first9), date(t, born), here, date(t, "1399-05-06")
	if p.ResidenceSince.Compare(p.Born) < 0 {
		p.Postal, p.ResidenceSince = 0, persian.Date{}
	}
	save(t, b, j, &p)
	return p
}

// wants checks that an act failed in the way it should.
func wants(t testing.TB, what string, err error, kind fault.Kind, key, field string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key || f.Field != field {
		t.Errorf("%s: %v, want %s: %s (%s)", what, err, kind, key, field)
	}
}

func events(t testing.TB, b *Book, n ids.NationalNumber) (all []Event) {
	t.Helper()
	if err := b.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		all, err = eventsOf(tx, n)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDeclareResidence: a move is registered with its day, stays in the
// history, and marks the card.
func TestDeclareResidence(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j, _ := town(t, url)
		p := settler(t, b, j, 1_000_001, "1350-02-03")
		in := ResidenceDeclaration{Number: p.Number, Postal: there, Since: date(t, "1405-03-01"), Version: p.Version, Grounds: papers}
		r, _, err := b.DeclareResidence(ctx, j, clerk, &in)
		if err != nil || *r != (Resident{p.Number, there, in.Since, "must_be_replaced", 2}) {
			t.Fatal(r, err)
		}
		if got := find(t, b, p.Number); got.Postal != there || got.ResidenceSince != in.Since || got.Card.Reason != Moved {
			t.Errorf("%+v", got)
		}
		e := events(t, b, p.Number)
		if len(e) != 1 || e[0].Kind != "residence" || e[0].On != in.Since || e[0].Version != 2 || e[0].Grounds != papers || e[0].By != clerk {
			t.Errorf("%+v", e)
		}
		in.Postal = south
		_, _, err = b.DeclareResidence(ctx, j, clerk, &in)
		wants(t, "an old version", err, fault.Conflict, "person.version", "version")
		gone := ResidenceWithdrawal{Number: p.Number, Grounds: papers}
		if r, _, err := b.WithdrawResidence(ctx, j, clerk, &gone); err != nil || r.Postal != 0 || !r.Since.IsZero() {
			t.Error(r, err)
		}
		_, _, err = b.WithdrawResidence(ctx, j, clerk, &gone)
		wants(t, "a second withdrawal", err, fault.Conflict, "person.residence.none", "")
		all, err := b.Residences(ctx, p.Number)
		if err != nil || len(all) != 2 || all[0].Postal != here || all[1].Postal != there {
			t.Error(all, err)
		}
	})
}

// TestBadResidence: what cannot be declared is refused, and nothing happens.
func TestBadResidence(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j, _ := town(t, url)
		adult, child := settler(t, b, j, 1_000_001, "1350-02-03"), settler(t, b, j, 1_000_002, "1395-02-03")
		dead := settler(t, b, j, 1_000_003, "1340-01-01")
		dead.State = Deceased
		save(t, b, j, &dead)
		good := ResidenceDeclaration{Number: adult.Number, Postal: there, Since: date(t, "1405-03-01"), Grounds: papers}
		try := func(what string, actor journal.Actor, alter func(*ResidenceDeclaration), kind fault.Kind, key, field string) {
			t.Helper()
			in := good
			alter(&in)
			_, _, err := b.DeclareResidence(context.Background(), j, actor, &in)
			wants(t, what, err, kind, key, field)
		}
		printer := journal.Actor{Role: register.Printer, ID: "r1"}
		try("another role", printer, func(*ResidenceDeclaration) {}, fault.Forbidden, "register.role", "")
		try("tomorrow", clerk, func(in *ResidenceDeclaration) { in.Since = date(t, "1405-03-11") }, fault.Invalid, "person.date.future", "since")
		try("no day", clerk, func(in *ResidenceDeclaration) { in.Since = date(t, "1404-00-00") }, fault.Invalid, "person.date.precise", "since")
		try("no paper", clerk, func(in *ResidenceDeclaration) { in.Document = "" }, fault.Invalid, "register.document", "document")
		try("nobody", clerk, func(in *ResidenceDeclaration) { in.Number = nth(1_999_999) }, fault.NotFound, "person.unknown", "national_number")
		try("nowhere", clerk, func(in *ResidenceDeclaration) { in.Postal = 1111111111 }, fault.Invalid, "person.residence.place", "postal_code")
		try("a retired place", clerk, func(in *ResidenceDeclaration) { in.Postal = retired }, fault.Invalid, "person.residence.retired", "postal_code")
		try("a split place", clerk, func(in *ResidenceDeclaration) { in.Postal = split }, fault.Invalid, "person.residence.moved", "postal_code")
		try("the same place", clerk, func(in *ResidenceDeclaration) { in.Postal = here }, fault.Conflict, "person.residence.same", "")
		try("before the last", clerk, func(in *ResidenceDeclaration) { in.Since = date(t, "1390-01-01") }, fault.Invalid, "person.residence.order", "since")
		try("the dead", clerk, func(in *ResidenceDeclaration) { in.Number = dead.Number }, fault.Conflict, "person.holder.deceased", "")
		try("a child alone", clerk, func(in *ResidenceDeclaration) { in.Number = child.Number }, fault.Invalid, "person.guardian.needed", "guardian")
		try("before the birth", clerk, func(in *ResidenceDeclaration) {
			in.Number, in.Guardian, in.Since = child.Number, adult.Number, date(t, "1395-02-02")
		}, fault.Invalid, "person.residence.born", "since")
		try("a child's guardian", clerk, func(in *ResidenceDeclaration) { in.Guardian = child.Number }, fault.Invalid, "person.guardian.fit", "guardian")
		try("a dead guardian", clerk, func(in *ResidenceDeclaration) { in.Number, in.Guardian = child.Number, dead.Number }, fault.Invalid, "person.guardian.fit", "guardian")
		try("himself", clerk, func(in *ResidenceDeclaration) { in.Guardian = in.Number }, fault.Invalid, "person.guardian.self", "guardian")
		if p := find(t, b, adult.Number); p.Version != 1 || len(events(t, b, adult.Number)) != 0 {
			t.Errorf("a refused act left traces: version %d", p.Version)
		}
		in := good
		in.Number, in.Guardian = child.Number, adult.Number
		if _, _, err := b.DeclareResidence(context.Background(), j, clerk, &in); err != nil {
			t.Error(err)
		}
		if e := events(t, b, child.Number); len(e) != 1 || e[0].Detail != `{"guardian":"`+adult.Number.String()+`"}` {
			t.Errorf("%+v", e)
		}
	})
}

// TestReaches: with the day unknown, only certain age counts.
func TestReaches(t *testing.T) {
	for born, want := range map[string]string{
		"1390-05-06": "1405-05-06", "1391-12-30": "1406-12-29", "1390-05-00": "1405-06-01", "1390-12-00": "1406-01-01", "1390-00-00": "1406-01-01",
	} {
		if got := reaches(date(t, born), 15); got.String() != want {
			t.Errorf("%s: %s, want %s", born, got, want)
		}
	}
	if !reaches(persian.Date{}, 15).IsZero() || aged(persian.Date{}, 15, date(t, "1405-01-01")) {
		t.Error("an unknown birth date reaches an age")
	}
	if !aged(date(t, "1390-05-06"), 15, date(t, "1405-05-06")) || aged(date(t, "1390-05-06"), 15, date(t, "1405-05-05")) {
		t.Error("the birthday itself counts, the day before does not")
	}
}
