package person

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
)

var chief = journal.Actor{Role: register.Supervisor, ID: "chief"}

// registries registers office 11 of Tehran and 22 of Shiraz.
func registries(t testing.TB, b *Book, j *journal.Journal) {
	t.Helper()
	if _, err := b.PutOffices(context.Background(), j, chief, []Office{
		{Code: 11, Name: "تهران", Province: "تهران", County: "تهران", Prefixes: []Prefix{1}},
		{Code: 22, Name: "شیراز", Province: "فارس", County: "شیراز", Prefixes: []Prefix{228}},
	}); err != nil {
		t.Fatal(err)
	}
}

func stock(t testing.TB, b *Book, j *journal.Journal, office int, serie, first, last string) {
	t.Helper()
	in := BookletStock{Office: office, Serie: ids.Serie(serie), First: ids.Serial(first), Last: ids.Serial(last), Grounds: papers}
	if _, _, err := b.ReceiveBooklets(context.Background(), j, chief, &in); err != nil {
		t.Fatal(err)
	}
}

// bare is a new person of the town without any papers.
func bare(t testing.TB, b *Book, j *journal.Journal, first9 int64, born string) Person {
	t.Helper()
	p := sample(t)
	p.Number, p.Born, p.Postal, p.ResidenceSince = nth(first9), date(t, born), here, date(t, "1405-01-01")
	p.Shenasnameh, p.Card = Shenasnameh{}, Card{}
	save(t, b, j, &p)
	return p
}

// TestBooklets: a person's booklets one after the other, and what the record
// says of them.
func TestBooklets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j, _ := town(t, url)
		registries(t, b, j)
		child := bare(t, b, j, 1_000_001, "1405-02-02")
		in := BookletIssue{Number: child.Number, Office: 11, Grounds: papers}
		_, _, err := b.IssueShenasnameh(ctx, j, clerk, &in)
		wants(t, "without stock", err, fault.Conflict, "person.stock.exhausted", "")
		stock(t, b, j, 11, "الف12", "000007", "000008")
		got, _, err := b.IssueShenasnameh(ctx, j, clerk, &in)
		if err != nil || got.Booklet.Serial != "000007" || got.Booklet.Number != child.Number.String() || got.Version != 2 {
			t.Fatal(got, err)
		}
		want := Shenasnameh{Serie: "الف12", Serial: "000007", Office: 11, IssuePlace: "تهران"}
		if p := find(t, b, child.Number); p.Shenasnameh != want {
			t.Errorf("%+v", p.Shenasnameh)
		}
		_, _, err = b.IssueShenasnameh(ctx, j, clerk, &in)
		wants(t, "a second first one", err, fault.Conflict, "person.shenasnameh.has", "")
		_, _, err = b.ReissueShenasnameh(ctx, j, clerk, &in)
		wants(t, "another reason", err, fault.Invalid, "person.shenasnameh.reason", "reason")
		in.Reason = "lost"
		if got, _, err = b.ReissueShenasnameh(ctx, j, clerk, &in); err != nil || got.Booklet.Serial != "000008" {
			t.Fatal(got, err)
		}
		_, _, err = b.ReissueShenasnameh(ctx, j, clerk, &in)
		wants(t, "an exhausted stock", err, fault.Conflict, "person.stock.exhausted", "")
		if p := find(t, b, child.Number); p.Shenasnameh.Serial != "000008" || p.Version != 3 {
			t.Errorf("a refused re-issue left %+v", p)
		}
		out := BookletAnnulment{Number: child.Number, Grounds: papers}
		_, _, err = b.AnnulShenasnameh(ctx, j, clerk, &out)
		wants(t, "a clerk", err, fault.Forbidden, "register.role", "")
		if _, _, err := b.AnnulShenasnameh(ctx, j, chief, &out); err != nil {
			t.Fatal(err)
		}
		_, _, err = b.AnnulShenasnameh(ctx, j, chief, &out)
		wants(t, "a second annulment", err, fault.Conflict, "person.shenasnameh.none", "")
		all, _, err := b.Shenasnamehs(ctx, j, clerk, &Reading{Number: child.Number, Reason: "dossier", File: "1"})
		if err != nil || len(all) != 2 || all[0].EndReason != "lost" || all[1].EndReason != papers.Reason || all[1].State != "annulled" {
			t.Errorf("%+v %v", all, err)
		}
		if p := find(t, b, child.Number); p.Shenasnameh != (Shenasnameh{}) {
			t.Errorf("an annulled booklet stands in the record: %+v", p.Shenasnameh)
		}
	})
}

// TestOldBooklet: a booklet from before this register is listed, ends when a
// new one is issued, and its serial is passed over if the stock has it too.
func TestOldBooklet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j, _ := town(t, url)
		registries(t, b, j)
		p := settler(t, b, j, 1_000_001, "1350-02-03") // has الف12 001234
		stock(t, b, j, 22, "الف12", "001233", "001235")
		for i, serial := range []ids.Serial{"001233", "001235"} {
			got, _, err := b.ReissueShenasnameh(ctx, j, clerk, &BookletIssue{Number: p.Number, Office: 22, Grounds: register.Grounds{Reason: "worn", Document: "1"}})
			if err != nil || got.Booklet.Serial != serial || got.Booklet.Number != "1234" {
				t.Fatal(i, got, err)
			}
		}
		all, _, err := b.Shenasnamehs(ctx, j, clerk, &Reading{Number: p.Number, Reason: "dossier", File: "1"})
		if err != nil || len(all) != 3 || all[0].Serial != "001234" || !all[0].IssuedOn.IsZero() || all[0].Place != "تهران" || all[2].State != "current" {
			t.Errorf("%+v %v", all, err)
		}
	})
}

// TestStock: bad ranges are refused, levels are right.
func TestStock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j, _ := town(t, url)
		registries(t, b, j)
		stock(t, b, j, 11, "ب1", "000010", "000019")
		stock(t, b, j, 11, "ب1", "000001", "000009")
		stock(t, b, j, 22, "ب1", "000020", "000022")
		try := func(what string, in BookletStock, kind fault.Kind, key, field string) {
			t.Helper()
			in.Grounds = papers
			_, _, err := b.ReceiveBooklets(ctx, j, chief, &in)
			wants(t, what, err, kind, key, field)
		}
		try("an overlap", BookletStock{Office: 22, Serie: "ب1", First: "000019", Last: "000030"}, fault.Conflict, "person.stock.overlap", "")
		try("the wrong way round", BookletStock{Office: 22, Serie: "ب2", First: "000019", Last: "000018"}, fault.Invalid, "person.stock.range", "last")
		try("an unknown office", BookletStock{Office: 33, Serie: "ب2", First: "000019", Last: "000019"}, fault.Invalid, "person.office.unknown", "office")
		try("no serie", BookletStock{Office: 22, Serie: "", First: "000019", Last: "000019"}, fault.Invalid, "person.missing", "serie")
		try("no last", BookletStock{Office: 22, Serie: "ب2", First: "000019"}, fault.Invalid, "person.missing", "last")
		try("no office", BookletStock{Serie: "ب2", First: "000019", Last: "000019"}, fault.Invalid, "person.missing", "office")
		try("no serial", BookletStock{Office: 22, Serie: "ب2", First: "19", Last: "000019"}, fault.Invalid, "ids.serial.form", "first")
		all, err := b.BookletStocks(ctx, clerk, &StockQuery{})
		if err != nil || fmt.Sprint(all) != "[{22 3} {11 19}]" {
			t.Error(all, err)
		}
		if all, err = b.BookletStocks(ctx, clerk, &StockQuery{Below: 4}); err != nil || fmt.Sprint(all) != "[{22 3}]" {
			t.Error(all, err)
		}
		cards := CardStock{Prefix: "9G", First: "00000001", Last: "00000005", Grounds: papers}
		if l, _, err := b.ReceiveCards(ctx, j, chief, &cards); err != nil || l.Remaining != 5 {
			t.Error(l, err)
		}
		_, _, err = b.ReceiveCards(ctx, j, chief, &cards)
		wants(t, "cards twice", err, fault.Conflict, "person.stock.overlap", "")
		cards.Prefix = "g9"
		_, _, err = b.ReceiveCards(ctx, j, chief, &cards)
		wants(t, "a prefix", err, fault.Invalid, "person.stock.prefix", "prefix")
	})
}

// TestSerialsOnce: 64 clerks at once; no two booklets share a serial, and of
// the stock's 60 exactly 60 are issued.
func TestSerialsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		ctx := context.Background()
		b, j, _ := town(t, url)
		registries(t, b, j)
		stock(t, b, j, 11, "پ5", "000001", "000040")
		stock(t, b, j, 11, "ت5", "999980", "999999")
		persons := make([]Person, 64)
		for i := range persons {
			persons[i] = bare(t, b, j, 1_000_000+int64(i), "1400-01-01")
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		seen, none := map[string]int{}, 0
		for i := range persons {
			all.Go(func() {
				got, _, err := b.IssueShenasnameh(ctx, j, clerk, &BookletIssue{Number: persons[i].Number, Office: 11, Grounds: papers})
				mu.Lock()
				defer mu.Unlock()
				switch f := fault.Of(err); {
				case err == nil:
					seen[string(got.Booklet.Serie)+string(got.Booklet.Serial)]++
				case f.Key == "person.stock.exhausted":
					none++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(seen) != 60 || none != 4 {
			t.Errorf("%d serials, %d clerks without one", len(seen), none)
		}
		for serial, n := range seen {
			if n != 1 {
				t.Errorf("%s was issued %d times", serial, n)
			}
		}
	})
}
