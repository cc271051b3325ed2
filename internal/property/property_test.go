package property_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/mirror"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/internal/property"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/internal/synth"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	ctx    = context.Background()
	system = journal.Actor{Role: "system", ID: "test"}
)

// deeds is an invented country whose deeds organisation checks its list.
type deeds struct {
	*testing.T
	journal    *journal.Journal
	agreements *agreement.Book
	book       *property.Book
	who        inquiry.Asker
	people     []person.Person
	flats      []place.Place
	ours       int64 // the agreement
}

func (d *deeds) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func open(t *testing.T, url string, quota int64, items ...string) *deeds {
	t.Helper()
	d := &deeds{T: t}
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	d.must(err)
	d.journal, err = journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	d.must(err)
	t.Cleanup(d.journal.Close)
	db, err := store.Open(ctx, url, store.Register)
	d.must(err)
	t.Cleanup(func() { _ = db.Close() })
	country := synth.New(synth.Config{Seed: 12, Persons: 3000, Places: 800})
	_, err = person.Load(ctx, db, func(yield func(person.Person, error) bool) {
		for p := range country.Persons() {
			if d.people = append(d.people, p); !yield(p, nil) {
				return
			}
		}
	}, nil)
	d.must(err)
	_, err = place.Load(ctx, db, func(yield func(place.Place, error) bool) {
		for p := range country.Places() {
			if d.flats = append(d.flats, p); !yield(p, nil) {
				return
			}
		}
	}, nil)
	d.must(err)
	persons, err := person.Open(ctx, db)
	d.must(err)
	places, err := place.Open(ctx, db)
	d.must(err)
	agencies, err := agency.Open(ctx, db, time.Now)
	d.must(err)
	d.agreements, err = agreement.Open(ctx, db, time.Now)
	d.must(err)
	a := &agency.Agency{ID: 14003552272, Name: "سازمان ثبت نمونه"}
	_, err = agencies.Register(ctx, d.journal, system, a)
	d.must(err)
	today := persian.DateOf(time.Now())
	ours := &agreement.Agreement{
		Agency: a.ID, Service: "1", From: time.Now().Add(-time.Minute), Until: time.Now().AddDate(1, 0, 0),
		Clauses: []agreement.Clause{{No: 4, Service: property.Service, Modes: []string{"verify"}, SearchKeys: []string{"file"}, Fields: items, Purposes: []string{"cadastre"}, DailyQuota: quota}},
	}
	_, err = d.agreements.Put(ctx, d.journal, system, ours)
	d.must(err)
	d.ours, d.who = ours.ID, inquiry.Asker{Agency: a, Officer: &agency.Officer{Agency: a.ID, Login: "d.sample", Role: agency.RoleOfficer, Until: today.AddYears(1)}}
	image, err := mirror.Open(mirror.Config{Dir: t.TempDir(), Persons: persons, Journal: d.journal})
	d.must(err)
	d.book = property.Open(property.Config{Journal: d.journal, Persons: persons, Places: places, Agreements: d.agreements, Mirror: image})
	return d
}

func (d *deeds) check(l *property.List, once inquiry.Once) (*property.Result, *journal.ProvenBatch) {
	d.Helper()
	p, err := d.book.Check(ctx, d.who, l, once)
	d.must(err)
	out, err := property.Read(p)
	d.must(err)
	return out, p
}

func list(items []string, rows ...property.Owner) *property.List {
	return &property.List{Officer: "d.sample", Purpose: "cadastre", File: "12", Items: items, Rows: rows}
}

// owner is a person as a deed of the archive has him, and a flat.
func owner(p *person.Person, number bool, flat string) property.Owner {
	o := property.Owner{Postal: flat, Given: p.Given.Display, Surname: p.Surname.Display, Father: p.Father.Display, Born: p.Born.String(), Issued: p.Shenasnameh.IssuePlace}
	if number {
		o.Number = p.Number.String()
	}
	return o
}

func (d *deeds) refused(err error, kind fault.Kind, key string) {
	d.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		d.Errorf("got %v, want %v %s", err, kind, key)
	}
}

// TestCheck: owners are found by number or without, each row is an entry about
// the owner whom it names, and nobody's residence is told.
func TestCheck(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url, 0, property.Items...)
		var rows []property.Owner
		var who []*person.Person
		for i := range d.people {
			p := &d.people[i]
			if len(rows) < 400 && p.Born.Precise() && p.Father.Key != "" {
				rows, who = append(rows, owner(p, i%2 == 0, d.flats[i%len(d.flats)].Code.String())), append(who, p)
			}
		}
		rows[0].Postal, rows[1].Postal, rows[2].Postal = "", "12", "9999999999"
		out, p := d.check(list([]string{"national_number", "postal_code", "successors"}, rows...), inquiry.Once{})
		linked := 0
		for i, a := range out.Rows {
			record := string(p.Entries[i].Record)
			hidden := who[i].State == person.Protected || who[i].State == person.Cancelled
			switch {
			case a.Number != 0 && a.Number != who[i].Number:
				t.Errorf("row %d names somebody else", i)
			case hidden && (a.Number != 0 || strings.Contains(record, who[i].Number.String())):
				t.Errorf("row %d tells of a %v person: %s", i, who[i].State, record)
			case a.Number != 0:
				linked++
				if dead := who[i].State == person.Deceased; dead != (a.Status == "deceased") {
					t.Errorf("row %d: %v is %s", i, who[i].State, a.Status)
				}
			}
			if a.Residence != "" || i > 2 && who[i].Postal != 0 && rows[i].Postal != who[i].Postal.String() && strings.Contains(record, who[i].Postal.String()) {
				t.Errorf("row %d tells where the owner lives: %s", i, record)
			}
			if want := d.flats; i > 2 && a.Property.Postal.String() != rows[i].Postal {
				t.Errorf("row %d: %+v of %d", i, a.Property, len(want))
			}
		}
		if linked < 380 {
			t.Errorf("%d of %d owners were found: %v", linked, len(rows), out.Counts)
		}
		for i, want := range []string{"missing", "malformed", "not_found"} {
			if got := out.Rows[i].Property.State; got != want {
				t.Errorf("property %d is %s, want %s", i, got, want)
			}
		}
		listed, err := d.journal.AboutPerson(ctx, out.Rows[10].Number, journal.Page{})
		d.must(err)
		if len(listed.Entries) != 1 || listed.Entries[0].Code != out.Rows[10].Code {
			t.Errorf("the owner of row 11 finds %d entries", len(listed.Entries))
		}
	})
}

// TestResidence: whether the owner lives there is told only by permission.
func TestResidence(t *testing.T) {
	d := open(t, storetest.SQLite(t), 0, property.Items...)
	for i := range d.people {
		p := &d.people[i]
		if p.State != person.Active || p.Postal == 0 || !p.Born.Precise() {
			continue
		}
		elsewhere := d.flats[0].Code
		if elsewhere == p.Postal {
			elsewhere = d.flats[1].Code
		}
		out, _ := d.check(list([]string{"residence"}, owner(p, true, p.Postal.String()), owner(&d.people[i], true, elsewhere.String())), inquiry.Once{})
		told := fmt.Sprint(out.Rows[0].Residence, " ", out.Rows[1].Residence)
		if told != "same other" || out.Rows[0].Number != 0 || out.Rows[0].Property != nil {
			t.Errorf("%s: %+v", told, out.Rows)
		}
		return
	}
}

// TestRefused: agreement, quota and guard, each before any row is answered.
func TestRefused(t *testing.T) {
	d := open(t, storetest.SQLite(t), 5, "national_number", "postal_code")
	row := owner(&d.people[3], true, d.flats[3].Code.String())
	items := []string{"national_number"}
	_, err := d.book.Check(ctx, d.who, list([]string{"residence"}, row), inquiry.Once{})
	d.refused(err, fault.Forbidden, "property.agreement")
	l := list(items, row)
	l.Purpose = "curiosity"
	_, err = d.book.Check(ctx, d.who, l, inquiry.Once{})
	d.refused(err, fault.Forbidden, "property.agreement")
	once := inquiry.Once{Key: [16]byte{1}, Digest: [16]byte{2}}
	first, p := d.check(list(items, row, row, row), once)
	again, q := d.check(list(items, row, row, row), once)
	if fmt.Sprint(first) != fmt.Sprint(again) || p.Entries[0].Index != q.Entries[0].Index {
		t.Errorf("%+v\n%+v", first, again)
	}
	_, err = d.book.Check(ctx, d.who, list(items, row, row, row), inquiry.Once{})
	d.refused(err, fault.TooMany, "property.quota")
	d.must(discard(d.agreements.End(ctx, d.journal, system, d.ours, "test")))
	_, err = d.book.Check(ctx, d.who, list(items, row), inquiry.Once{})
	d.refused(err, fault.Forbidden, "property.agreement")
}

func discard(_ journal.Proven, err error) error { return err }

// TestGuesses: a list of guessed numbers is stopped; that is an entry, and no
// row is answered.
func TestGuesses(t *testing.T) {
	d := open(t, storetest.SQLite(t), 0, property.Items...)
	var rows []property.Owner
	for i := range int64(40) {
		nine := int64(d.people[0].Number)/10 + i
		number := ids.NationalNumber(nine*10 + ids.CheckDigit(nine))
		rows = append(rows, property.Owner{Postal: d.flats[0].Code.String(), Number: number.String(), Given: "آرش", Surname: "ناشناس‌نژاد"})
	}
	size := d.journal.State().Size
	_, err := d.book.Check(ctx, d.who, list([]string{"national_number"}, rows...), inquiry.Once{})
	d.refused(err, fault.Forbidden, "delivery.guard.misses")
	if now := d.journal.State().Size; now != size+1 {
		t.Errorf("the stop left %d entries", now-size)
	}
}

// TestDescriptions: what disagrees is told of each row, so nobody is described
// again and again until it does not; many properties of one owner are no guesses.
func TestDescriptions(t *testing.T) {
	d := open(t, storetest.SQLite(t), 0, property.Items...)
	var honest, guesses []property.Owner
	for i := range 100 {
		o := owner(&d.people[0], true, d.flats[0].Code.String())
		honest = append(honest, o)
		o.Father = someFathers[i%5] + someFathers[i/5%5] + someFathers[i/25]
		guesses = append(guesses, o)
	}
	_, _ = d.check(list([]string{"national_number"}, honest...), inquiry.Once{})
	_, err := d.book.Check(ctx, d.who, list([]string{"national_number"}, append(honest, guesses...)...), inquiry.Once{})
	d.refused(err, fault.Forbidden, "delivery.guard.person")
}

// TestMistakes: all at once, each at its place.
func TestMistakes(t *testing.T) {
	l := &property.List{Items: []string{"owner", "residence", "residence"}, Rows: []property.Owner{{}, {Given: strings.Repeat("ا", 201)}}}
	f := fault.Of(l.Check())
	got := []string{f.Field}
	for _, e := range f.More {
		got = append(got, e.Field)
	}
	if want := "[officer purpose file items.0 items.2 rows.1]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if err := list(property.Items, make([]property.Owner, property.MostRows+1)...).Check(); err == nil {
		t.Error("a list of any length")
	}
}

var someFathers = []string{"علی", "حسن", "رضا", "اکبر", "محمد"}
