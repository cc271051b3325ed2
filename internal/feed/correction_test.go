package feed

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/receipt"
)

// disclose asks to be told items.
func disclose(items ...string) func(*inquiry.Form) {
	return func(f *inquiry.Form) { f.Mode, f.Claims, f.Fields = "disclose", nil, items }
}

func claim(item, value string) func(*inquiry.Form) {
	return func(f *inquiry.Form) { f.Claims = []inquiry.FormClaim{{Field: item, Value: value}} }
}

// Whoever was told a value that turns out wrong is told so, under the code of
// the answer; nobody else is.
func TestCorrection(t *testing.T) {
	each(t, func(w *world) {
		told := w.ask(w.bank, ali, disclose("surname", "given_name"))
		matched := w.ask(w.tax, ali, claim("surname", "رضایی"))
		contradicted := w.ask(w.tax, ali, claim("surname", "رضائیان"))
		w.ask(w.bank, ali, disclose("given_name"))                               // says nothing of the surname
		w.ask(w.bank, ali, func(f *inquiry.Form) { f.BirthDate = "1341-01-01" }) // not found
		w.ask(w.bank, maryam, disclose("surname"))                               // another person
		surname := w.name("رضائیان")
		_, _, err := w.persons.Correct(w.ctx, w.j, clerk, &person.Correction{Edit: edit(ali), Surname: &surname})
		w.must(err)
		w.ask(w.bank, ali, disclose("surname")) // the right one

		events, lines := w.read(w.bank, 0)
		w.want(lines, "1 correction [surname]")
		if c := events[0].Correction; !slices.Contains(c.Codes, told) || len(c.Codes) != 1 || !slices.Equal(c.Items, []string{"surname"}) {
			t.Errorf("%+v, want %s", c, told)
		}
		if got := events[0].State; got == nil || *got.Items["surname"] != "رضائیان" || len(got.Items) != 1 {
			t.Errorf("%+v", got)
		}
		// Of the other agency the agreement permits to verify only.
		events, lines = w.read(w.tax, 0)
		w.want(lines, "1 correction [surname]")
		if c := events[0].Correction; !slices.Equal(c.Codes, []ids.TrackingCode{contradicted, matched}) {
			t.Errorf("%+v", c)
		}
		if got := events[0].State; len(got.Items) != 0 {
			t.Errorf("told what it may not be told: %+v", got)
		}
		// The person sees who was told.
		entries := w.about(ali, "correction-notice")
		if len(entries) != 2 || !strings.Contains(fmt.Sprint(entries), `"of":["`+string(contradicted)+`","`+string(matched)+`"]`) || strings.Contains(fmt.Sprint(entries), "رضا") {
			t.Errorf("%q", entries)
		}
		// Once more: nothing new.
		if _, lines = w.read(w.bank, 1); len(lines) != 0 {
			t.Errorf("%q", lines)
		}
	})
}

// What an answer rested on counts too: the date of birth by which somebody was
// found, and an age that was told from it.
func TestCorrectionOfBirth(t *testing.T) {
	each(t, func(w *world) {
		w.ask(w.tax, ali, nil)
		w.ask(w.tax, ali, func(f *inquiry.Form) { f.BirthDate = "1341-01-01" }) // was right, and not found: is told nothing
		w.both("birth_date", &person.BirthDate{Edit: edit(ali), Born: persian.Date{Year: 1341, Month: 1, Day: 1}})
		events, lines := w.read(w.tax, 0)
		w.want(lines, "1 correction [birth_date]")
		if len(events[0].Correction.Codes) != 1 {
			t.Errorf("%+v", events[0].Correction)
		}
	})
}

// A death that was registered wrongly and taken back reaches everybody who was
// told of it: by an answer, by a feed.
func TestCorrectionOfDeath(t *testing.T) {
	each(t, func(w *world) {
		w.want(w.follow(w.bank, w.ask(w.bank, ali, nil)), "set")
		w.both("death", &person.Death{Edit: edit(ali), On: w.today()})
		w.read(w.bank, 0)
		w.ask(w.tax, ali, nil) // the name alone, and learns of the death
		w.both("death_annulment", &person.DeathAnnulment{Edit: edit(ali)})
		_, lines := w.read(w.bank, 0)
		slices.Sort(lines[1:])
		w.want(lines, "1 death [life_status death_date]", "2 death_annulment [life_status death_date]", "3 correction [life_status death_date]")
		_, lines = w.read(w.tax, 0)
		w.want(lines, "1 correction [life_status death_date]")
		// A name given by a court was right before: that is no correction.
		_, _, err := w.persons.ChangeSurname(w.ctx, w.j, clerk, &person.Surname{Edit: edit(ali), Surname: w.name("نوری")})
		w.must(err)
		_, lines = w.read(w.tax, 1)
		w.want(lines)
	})
}

// A number that is cancelled was wrong for whoever was told of the person; and
// if that is taken back, for whoever was told of the cancellation.
func TestCorrectionOfNumber(t *testing.T) {
	each(t, func(w *world) {
		w.ask(w.bank, sara, nil)
		w.both("cancellation", &person.Cancellation{Edit: edit(sara), Successor: ali})
		events, lines := w.read(w.bank, 0)
		w.want(lines, "1 correction [national_number]")
		if s := events[0].State; !s.Cancelled || s.Successor != ali || s.Items != nil {
			t.Errorf("%+v", s)
		}
		w.ask(w.tax, sara, nil) // is told that it is cancelled
		w.both("cancellation_annulment", &person.CancellationAnnulment{Edit: edit(sara)})
		_, lines = w.read(w.tax, 0)
		w.want(lines, "1 correction [national_number]")
		_, lines = w.read(w.bank, 1)
		w.want(lines, "2 correction [national_number]")
	})
}

// A row of a delivery is an answer like any other: it names whom to follow, and
// is corrected.
func TestDeliveryRow(t *testing.T) {
	each(t, func(w *world) {
		row := func(members string) ids.TrackingCode {
			p, err := w.j.Commit(w.ctx, journal.Entry{
				Kind: receipt.DeliveryRow, Agency: w.bank.Agency.ID, Subject: ali,
				Body: []byte(`"agency":{"id":"` + w.bank.Agency.ID.String() + `","name":"صندوق"},"delivery":{"id":1,"row":2},` + members),
			})
			w.must(err)
			return p.Code
		}
		told := row(`"status":"corrected","register_version":1,"answer":{"values":{"surname":"رضایی","postal_code":null}}`)
		w.want(w.follow(w.bank, told, row(`"status":"ambiguous"`)), "set", "refused")
		surname := w.name("رضائیان")
		_, _, err := w.persons.Correct(w.ctx, w.j, clerk, &person.Correction{Edit: edit(ali), Surname: &surname})
		w.must(err)
		events, lines := w.read(w.bank, 0)
		w.want(lines, "1 change [surname]", "2 correction [surname]")
		if got := events[1].Correction.Codes; !slices.Equal(got, []ids.TrackingCode{told}) {
			t.Errorf("%q", got)
		}
	})
}

func TestAcknowledge(t *testing.T) {
	each(t, func(w *world) {
		w.ask(w.bank, ali, nil)
		surname := w.name("رضائیان")
		_, _, err := w.persons.Correct(w.ctx, w.j, clerk, &person.Correction{Edit: edit(ali), Surname: &surname})
		w.must(err)
		w.must(w.Correct(w.ctx))
		all, err := w.Corrections(w.ctx, w.bank.Agency.ID, &CorrectionFilter{Waiting: true})
		if err != nil || len(all) != 1 || all[0].Number != ali || all[0].Answers != 1 {
			t.Fatalf("%+v %v", all, err)
		}
		waiting := func(want int64) {
			t.Helper()
			n, err := w.Waiting(w.ctx, w.bank.Agency.ID)
			w.must(err)
			list, err := w.Corrections(w.ctx, w.bank.Agency.ID, &CorrectionFilter{Waiting: true})
			w.must(err)
			whole, err := w.Corrections(w.ctx, w.bank.Agency.ID, &CorrectionFilter{Page: Page{Limit: 1}})
			w.must(err)
			rest, err := w.Corrections(w.ctx, w.bank.Agency.ID, &CorrectionFilter{Page: Page{After: all[0].ID}})
			if w.must(err); n != want || int64(len(list)) != want || len(whole) != 1 || len(rest) != 0 {
				t.Errorf("%d wait, %d listed, of %d and %d more", n, len(list), len(whole), len(rest))
			}
		}
		waiting(1)
		w.later(50 * time.Hour)
		if _, err := w.Unacknowledged(w.ctx, clerk, &Page{}); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
		open, err := w.Unacknowledged(w.ctx, supervisor, &Page{})
		if err != nil || len(open) != 1 || open[0].Days != 2 || open[0].Number != 0 || open[0].Agency != w.bank.Agency.ID {
			t.Errorf("%+v %v", open, err)
		}
		in := &Acknowledging{Correction: all[0].ID}
		_, _, err = w.Acknowledge(w.ctx, program(w.tax), in)
		w.refused(err, fault.NotFound, "feed.correction", "correction")
		officer := journal.Actor{Role: "officer", Agency: w.bank.Agency.ID, ID: "a.b"}
		done, proven, err := w.Acknowledge(w.ctx, officer, in)
		if err != nil || done.Officer != "a.b" || done.Days != 2 || proven.Subject != ali {
			t.Errorf("%+v %v", done, err)
		}
		_, _, err = w.Acknowledge(w.ctx, officer, in)
		w.refused(err, fault.Conflict, "feed.acknowledged", "correction")
		if open, err := w.Unacknowledged(w.ctx, supervisor, &Page{}); err != nil || len(open) != 0 {
			t.Errorf("%+v %v", open, err)
		}
	})
}
