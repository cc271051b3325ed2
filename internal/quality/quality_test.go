package quality_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/feed"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	ctx   = context.Background()
	ours  = journal.Actor{Role: "program", Agency: 14003552272, ID: "program"}
	other = journal.Actor{Role: "program", Agency: 10100456787, ID: "program"}
)

const (
	home, gone, next ids.PostalCode = 1416932790, 1416932791, 1416932792
)

func numberOf(nine int64) ids.NationalNumber {
	return ids.NationalNumber(nine*10 + ids.CheckDigit(nine))
}

var followed, stranger, hidden, nobody = numberOf(1_000_001), numberOf(1_000_002), numberOf(1_000_003), numberOf(1_000_004)

type bureau struct {
	*testing.T
	db      *store.DB
	journal *journal.Journal
	book    *quality.Book
}

func (b *bureau) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// open makes a register of three persons, of whom our agency follows two; one of
// these may not be shown any more.
func open(t *testing.T, url string) *bureau {
	t.Helper()
	b := &bureau{T: t}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	b.must(err)
	b.journal, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	b.must(err)
	t.Cleanup(b.journal.Close)
	b.db, err = store.Open(ctx, url, store.Register)
	b.must(err)
	t.Cleanup(func() { _ = b.db.Close() })
	persons, err := person.Open(ctx, b.db)
	b.must(err)
	places, err := place.Open(ctx, b.db)
	b.must(err)
	persons.Places = places
	agreements, err := agreement.Open(ctx, b.db, time.Now)
	b.must(err)
	c := &register.Change{Actor: journal.Actor{Role: register.Operator, ID: "test"}, At: time.Now()}
	name, err := persian.ParseName("زهرا")
	b.must(err)
	b.must(b.db.Write(ctx, func(tx *store.Tx) error {
		for _, p := range []place.Place{
			{Code: home, Province: "تهران", State: place.Active}, {Code: next, Province: "تهران", State: place.Active},
			{Code: gone, Province: "تهران", State: place.Merged, Successors: []ids.PostalCode{next}},
		} {
			if err := place.Put(tx, c, &p); err != nil {
				return err
			}
		}
		for _, n := range []ids.NationalNumber{followed, stranger, hidden} {
			p := &person.Person{Number: n, Given: name, Surname: name, Father: name, Sex: person.Female, Born: persian.Date{Year: 1360, Month: 1, Day: 1}, State: person.Active}
			if err := person.Put(tx, c, p); err != nil {
				return err
			}
		}
		return nil
	}))
	_, err = agreements.Put(ctx, b.journal, c.Actor, &agreement.Agreement{
		Agency: ours.Agency, Service: "1", From: time.Now().Add(-time.Minute), Until: time.Now().AddDate(1, 0, 0),
		Clauses: []agreement.Clause{{No: 1, Service: "follow", Modes: []string{"disclose"}, SearchKeys: []string{"national_number"}, Fields: []string{"life_status"}}},
	})
	b.must(err)
	feeds := feed.Open(b.db, b.journal, persons, agreements)
	in := &feed.Setting{Until: persian.DateOf(time.Now()).AddYears(1), Terms: feed.Terms{Items: []string{"life_status"}}}
	for _, n := range []ids.NationalNumber{followed, hidden} {
		p, err := b.journal.Commit(ctx, journal.Entry{
			Kind: receipt.Inquiry, Body: []byte(`"outcome":"answered","answer":{"values":{"life_status":"alive"}},"register_version":1`), Subject: n, Agency: ours.Agency,
		})
		b.must(err)
		in.Codes = append(in.Codes, p.Code)
	}
	marks, err := feeds.Set(ctx, ours, in)
	b.must(err)
	for _, m := range marks {
		if m.State != "set" {
			t.Fatalf("%+v", m)
		}
	}
	b.must(b.db.Write(ctx, func(tx *store.Tx) error {
		p := &person.Person{Number: hidden, Given: name, Surname: name, Father: name, Sex: person.Female, Born: persian.Date{Year: 1360, Month: 1, Day: 1}, State: person.Protected, Version: 1}
		return person.Put(tx, c, p)
	}))
	b.book = quality.Open(b.db, persons, places, feeds)
	return b
}

// TestCheck: a number is known of the agency's own people alone; all else that
// is well-formed is answered alike.
func TestCheck(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b := open(t, url)
		l := &quality.List{Name: "pensioners"}
		for _, n := range []string{followed.String(), stranger.String(), hidden.String(), nobody.String(), "12", ""} {
			l.Rows = append(l.Rows, quality.Pair{Number: n, Postal: home.String()})
		}
		for i, code := range []ids.PostalCode{gone, 1416932793} {
			l.Rows[i+1].Postal = code.String()
		}
		l.Rows[3].Postal, l.Rows[4].Postal = "", "1"
		out, proven, err := b.book.Check(ctx, b.journal, ours, l)
		b.must(err)
		want := "[{known known []} {unconfirmed gone [1416932792]} {unconfirmed unknown []} {unconfirmed missing []} {malformed malformed []} {missing known []}]"
		if got := fmt.Sprint(out.Answers); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if out.Rows != 6 || out.NumberForm != 4 || out.NumberKnown != 1 || out.PostalForm != 4 || out.PostalKnown != 2 || out.BothKnown != 1 || out.Score.Score != 1./6 {
			t.Errorf("%+v", out.Score)
		}
		if !strings.HasSuffix(string(proven.Record), `"why":"quality","quality":{"list":"pensioners","check":1,"rows":6,"number_known":1,"postal_known":2,"both_known":1}}`) {
			t.Errorf("%s", proven.Record)
		}
		for _, n := range []ids.NationalNumber{followed, stranger, hidden, nobody} {
			if strings.Contains(string(proven.Record), n.String()) {
				t.Error("the record holds a number of the list")
			}
		}
		out, _, err = b.book.Check(ctx, b.journal, other, l)
		b.must(err)
		if out.NumberKnown != 0 || out.Answers[0].Number != quality.Unconfirmed {
			t.Errorf("another agency is told %+v", out.Answers[0])
		}
		_, _, err = b.book.Check(ctx, b.journal, ours, &quality.List{Name: "pensioners", Counts: &quality.Forms{Rows: 10, NumberForm: 9, PostalForm: 8}})
		b.must(err)
		_, _, err = b.book.Check(ctx, b.journal, ours, &quality.List{Name: "staff", Counts: &quality.Forms{Rows: 1}})
		b.must(err)
		for filter, want := range map[quality.Page]int{{}: 3, {List: "pensioners"}: 2, {After: 1, Limit: 1}: 1, {List: "none"}: 0} {
			all, err := b.book.Scores(ctx, ours.Agency, &filter)
			b.must(err)
			if len(all) != want {
				t.Errorf("%+v: %d scores, want %d", filter, len(all), want)
			}
		}
	})
}

// TestMistakes: what cannot be a list is refused.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		list  quality.List
		field string
	}{
		{quality.List{Rows: []quality.Pair{{}}}, "list"},
		{quality.List{Name: "a b", Rows: []quality.Pair{{}}}, "list"},
		{quality.List{Name: "a"}, "rows"},
		{quality.List{Name: "a", Rows: make([]quality.Pair, quality.MostRows+1)}, "rows"},
		{quality.List{Name: "a", Rows: []quality.Pair{{}}, Counts: &quality.Forms{Rows: 1}}, "counts"},
		{quality.List{Name: "a", Counts: &quality.Forms{}}, "counts.rows"},
		{quality.List{Name: "a", Counts: &quality.Forms{Rows: 1, PostalForm: 2}}, "counts.postal_form"},
	} {
		if f := fault.Of(c.list.Check()); f == nil || f.Field != c.field {
			t.Errorf("%+v: %v, want a mistake at %s", c.list.Counts, f, c.field)
		}
	}
}
