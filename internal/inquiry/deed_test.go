package inquiry

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store/storetest"
)

func seller() PartyForm {
	return PartyForm{Role: "seller", NationalNumber: ali.String(), BirthDate: "1370-01-01", GivenName: "علی", Surname: "رضایی", PostalCode: testHome.String()}
}

func deedOf(parties ...PartyForm) *DeedForm {
	return &DeedForm{Officer: "a.b", Purpose: "deed", File: "12/1405", Kind: "sale", Postal: testHome.String(), Parties: parties}
}

// notary is an agency that may check deeds.
func (d *testDesk) notary(quota int64) Asker {
	return d.agency(3, []agreement.Clause{{
		No: 7, Service: Deed, Modes: []string{Verify}, SearchKeys: []string{KeyBirthDate, KeyShenasnameh}, Fields: deedFields, DailyQuota: quota,
	}})
}

func (d *testDesk) deed(who Asker, f *DeedForm, once Once) (*DeedAnswer, *journal.ProvenBatch) {
	d.Helper()
	q, err := f.Parse(persian.DateOf(d.now))
	if err != nil {
		d.Fatalf("%v %v", err, fault.Of(err).More)
	}
	p, err := d.AskDeed(d.ctx, who, q, once)
	if err != nil {
		d.Fatal(err)
	}
	a, err := ReadDeed(p)
	if err != nil {
		d.Fatal(err)
	}
	return a, p
}

// TestDeed: one act for all parties and the object, one code for the deed, and
// for each party an entry about him alone.
func TestDeed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := openDesk(t, url)
		notary := d.notary(10)
		a, p := d.deed(notary, deedOf(seller(), PartyForm{Role: "buyer", NationalNumber: ali.String(), BirthDate: "1370-01-01", GivenName: "علي", Surname: "رضائی تهرانی"}), Once{})
		if a.Outcome != Confirmed || len(a.Parties) != 2 || !strings.HasSuffix(string(a.Parties[0].Fields), `"postal_code":"match"}`) || a.Object.State != "active" || len(p.Entries) != 3 {
			t.Errorf("%+v", a)
		}
		dead := PartyForm{Role: "lessor", NationalNumber: maryam.String(), ShenasnamehNumber: "123", GivenName: "مریم", Surname: "کریمی"}
		veiled := PartyForm{Role: "witness", NationalNumber: hidden.String(), BirthDate: "1360-01-01", GivenName: "سارا", Surname: "احمدی"}
		wrong := PartyForm{Role: "buyer", NationalNumber: nobody.String(), BirthDate: "1360-01-01", GivenName: "سارا", Surname: "احمدی"}
		invalid := PartyForm{Role: "guarantor", NationalNumber: void.String(), BirthDate: "1350-01-01", GivenName: "رضا", Surname: "نوری"}
		f := deedOf(seller(), dead, veiled, wrong, invalid)
		f.Postal = "1619735745"
		a, p = d.deed(notary, f, Once{})
		var outcomes []string
		for _, party := range a.Parties {
			outcomes = append(outcomes, party.Outcome)
		}
		if want := []string{Confirmed, Dead, Protected, NotFound, Cancelled}; a.Outcome != Differs || !slices.Equal(outcomes, want) || a.Object.State != NotFound {
			t.Errorf("%s: %v, want %v; %+v", a.Outcome, outcomes, want, a.Object)
		}
		if a.Parties[2].Fields != nil || a.Parties[4].Successor != ali.String() {
			t.Errorf("%+v", a.Parties)
		}
		for i, party := range []string{"", ali.String(), maryam.String(), hidden.String(), nobody.String(), void.String()} {
			record := string(p.Entries[i].Record)
			for _, other := range []string{maryam.String(), hidden.String(), nobody.String()} {
				if party != "" && strings.Contains(record, other) != (party == other) {
					t.Errorf("entry %d tells of another party: %s", i, record)
				}
			}
			listed, err := d.journal.AboutPerson(d.ctx, numberIn(party), journal.Page{})
			if party != "" && (err != nil || !slices.ContainsFunc(listed.Entries, func(e journal.Listed) bool { return e.Code == p.Entries[i].Code })) {
				t.Errorf("party %d does not find the deed among who asked", i)
			}
		}
		for i := range p.Entries {
			slip, err := Slip(message.Fa, p.Entries[i].Record, "https://estelam.example")
			if err != nil || strings.Contains(fmt.Sprint(slip), "console.") {
				t.Errorf("the slip of entry %d: %+v, %v", i, slip, err)
			}
		}
		code := p.Entries[0].Code
		for n, want := range map[ids.NationalNumber]bool{maryam: true, doubted: false} {
			if got, _, err := d.MatchCode(d.ctx, d.rest, code, n); err != nil || got != want {
				t.Errorf("the deed's code and %v: %v, want %v, %v", n, got, want, err)
			}
		}
	})
}

func numberIn(s string) ids.NationalNumber {
	n, _ := ids.ParseNationalNumber(s)
	return n
}

// TestDeedOnce: asked again with its key, a deed is answered with the same codes.
func TestDeedOnce(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	notary := d.notary(0)
	once := Once{Key: [16]byte{1}, Digest: [16]byte{2}}
	first, p := d.deed(notary, deedOf(seller()), once)
	again, q := d.deed(notary, deedOf(seller()), once)
	if p.Entries[0].Code != q.Entries[0].Code || !q.Replayed || fmt.Sprint(first.Parties) != fmt.Sprint(again.Parties) {
		t.Errorf("%+v\n%+v", first, again)
	}
}

// TestDeedRefused: who may not ask about one party is told nothing of any, and
// it does not count; a deed counts as many questions as it has parties.
func TestDeedRefused(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	a, p := d.deed(d.bank, deedOf(seller()), Once{})
	if a.Outcome != Refused || a.Parties[0].Outcome != Refused || a.Parties[0].Fields != nil || a.Object != nil || a.Refusal.Reason != "agreement.service" || len(p.Entries) != 2 {
		t.Errorf("%+v %+v", a, a.Refusal)
	}
	notary := d.notary(3)
	buyer := seller()
	buyer.Role = "buyer"
	for i, want := range []string{Confirmed, Refused} {
		if a, _ := d.deed(notary, deedOf(seller(), buyer), Once{}); a.Outcome != want {
			t.Errorf("deed %d: %s, want %s", i+1, a.Outcome, want)
		}
	}
	if a, _ := d.deed(notary, deedOf(seller()), Once{}); a.Outcome != Confirmed {
		t.Error("a refused deed counted:", a.Outcome)
	}
}

// TestDeedGuard: a list of guesses is no deed.
func TestDeedGuard(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	notary := d.notary(0)
	var parties []PartyForm
	for i := range int64(mostParties) {
		parties = append(parties, PartyForm{Role: "party", NationalNumber: numberOf(2_000_001 + i).String(), BirthDate: "1370-01-01", GivenName: "علی", Surname: "رضایی"})
	}
	a, _ := d.deed(notary, deedOf(parties...), Once{})
	stopped := 0
	for _, p := range a.Parties {
		if p.Outcome == Refused {
			stopped++
		}
	}
	if stopped < mostParties-25 || a.Outcome != Refused {
		t.Errorf("%d of %d were stopped: %s", stopped, mostParties, a.Outcome)
	}
}

// TestDeedMistakes: all of them at once, each at its place.
func TestDeedMistakes(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	f := deedOf(seller(), seller(), PartyForm{Role: "king", NationalNumber: "123", GivenName: "علی", FatherName: "7", PostalCode: "1"})
	f.Kind, f.Officer, f.Postal = "promise", "", "12"
	_, err := f.Parse(persian.DateOf(d.now))
	top := fault.Of(err)
	got := []string{top.Field}
	for _, e := range top.More {
		got = append(got, e.Field)
	}
	slices.Sort(got)
	want := []string{
		"deed", "officer", "parties.1.national_number", "parties.2.birth_date", "parties.2.father_name", "parties.2.national_number",
		"parties.2.postal_code", "parties.2.role", "parties.2.surname", "postal_code",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, parties := range [][]PartyForm{nil, make([]PartyForm, mostParties+1)} {
		if _, err := deedOf(parties...).Parse(persian.DateOf(d.now)); err == nil {
			t.Errorf("a deed of %d parties", len(parties))
		}
	}
	if q, err := (&DeedForm{Officer: "a.b", Purpose: "deed", File: "1", Kind: "marriage", Parties: []PartyForm{seller()}}).Parse(persian.DateOf(d.now)); err != nil || q.object != 0 {
		t.Error("a deed without an object", err)
	}
}
