package inquiry

import (
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
)

// happen lets two persons of the registry do something to a record.
func (d *testDesk) happen(kind string, in any) {
	d.Helper()
	made, _, err := d.persons.Propose(d.ctx, d.journal, journal.Actor{Role: register.Clerk, ID: "c"}, kind, in)
	if err != nil {
		d.Fatal(err)
	}
	if _, _, err := d.persons.Approve(d.ctx, d.journal, journal.Actor{Role: register.Supervisor, ID: "s"}, made.ID); err != nil {
		d.Fatal(err)
	}
}

func about(n ids.NationalNumber) person.Edit {
	return person.Edit{Number: n, Grounds: register.Grounds{Reason: "court-order", Document: "1"}}
}

// outcome asks for a surname and gives the outcome, the result and the warnings.
func (d *testDesk) outcome(n ids.NationalNumber, born, surname, asOf string) string {
	d.Helper()
	x := d.ask(d.bank, func(f *Form) {
		of(n, born, "surname", surname)(f)
		f.AsOf = asOf
	})
	return strings.TrimSpace(x.Outcome + " " + x.Answer.Fields["surname"] + " " + strings.Join(x.Warnings, " "))
}

// TestAnswersFollowLife: what happens to a person shows in the next answer, and
// every past day keeps what was registered then.
func TestAnswersFollowLife(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := openDesk(t, url)
		today := persian.DateOf(d.now)
		yesterday := today.AddDays(-1).String()
		want := func(got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		now := func(born string) string { t.Helper(); return d.outcome(ali, born, "رضایی تهرانی", "") }
		d.happen("death", &person.Death{Edit: about(ali), On: today})
		want(now("1370-01-01"), "deceased match deceased")
		want(d.outcome(ali, "1370-01-01", "رضایی تهرانی", yesterday), "confirmed match deceased")
		d.happen("death_annulment", &person.DeathAnnulment{Edit: about(ali)})
		want(now("1370-01-01"), "confirmed match")

		// The old date of birth finds nobody any more, for no day.
		d.happen("birth_date", &person.BirthDate{Edit: about(ali), Born: persian.Date{Year: 1370, Month: 1, Day: 2}})
		want(now("1370-01-01"), "not_found")
		want(d.outcome(ali, "1370-01-01", "رضایی تهرانی", yesterday), "not_found")
		want(now("1370-01-02"), "confirmed match card_must_be_replaced")
		want(d.outcome(ali, "1370-01-02", "رضایی تهرانی", yesterday), "confirmed match card_must_be_replaced")

		if _, _, err := d.persons.Review(d.ctx, d.journal, journal.Actor{Role: register.Clerk, ID: "c"}, &person.Review{Edit: about(ali), On: true}); err != nil {
			t.Fatal(err)
		}
		want(now("1370-01-02"), "confirmed match under_review card_must_be_replaced")
		d.happen("death", &person.Death{Edit: about(ali), On: today})
		want(now("1370-01-02"), "deceased match deceased under_review")
		d.happen("protection", &person.Protection{Edit: about(ali), On: true})
		want(now("1370-01-02"), "protected")
		want(d.outcome(ali, "1370-01-02", "رضایی تهرانی", yesterday), "protected")
		d.happen("protection", &person.Protection{Edit: about(ali)})
		d.happen("cancellation", &person.Cancellation{Edit: about(ali), Successor: maryam})
		want(now("1370-01-02"), "cancelled  cancelled")
		for _, n := range []ids.NationalNumber{ali, void} { // void was superseded by ali
			born := map[ids.NationalNumber]string{ali: "1370-01-02", void: "1350-01-01"}[n]
			p, err := d.Ask(d.ctx, d.bank, d.question(of(n, born, "surname", "نوری")), Once{})
			if err != nil || !strings.Contains(string(p.Record), `"warnings":["cancelled"],"successor":"`+maryam.String()+`"`) {
				t.Errorf("%s %v", p.Record, err)
			}
		}
	})
}

// TestAdoptionTellsNothing: whoever knows the names from before an adoption
// gets the answer that any wrong name gets, on every day, and nobody is told
// them.
func TestAdoptionTellsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := openDesk(t, url)
		given := testName(d, "سینا")
		d.happen("adoption", &person.Adoption{Edit: about(ali), Given: &given, Surname: testName(d, "کریمی"), Father: testName(d, "ناصر")})
		today := persian.DateOf(d.now)
		for _, day := range []string{"", today.String(), today.AddDays(-1).String(), "1371-01-01"} {
			for field, names := range map[string][3]string{
				"given_name": {"علی", "نادرست", "سینا"}, "surname": {"رضایی تهرانی", "نادرست", "کریمی"}, "father_name": {"محمدرضا", "نادرست", "ناصر"},
			} {
				var records [3]string
				var results [3]string
				for i, claimed := range names {
					p, err := d.Ask(d.ctx, d.bank, d.question(func(f *Form) {
						of(ali, "1370-01-01", field, claimed)(f)
						f.AsOf = day
					}), Once{})
					if err != nil {
						t.Fatal(err)
					}
					_, rest, _ := strings.Cut(string(p.Record), `"kind"`)
					records[i] = strings.ReplaceAll(rest, claimed, "N")
					results[i] = d.read(p.Record).Answer.Fields[field]
				}
				if records[0] != records[1] || results != [3]string{differs, differs, match} {
					t.Errorf("%s on %q: %v\n%s\n%s", field, day, results, records[0], records[1])
				}
			}
			x := d.ask(d.bank, func(f *Form) {
				f.Mode, f.Fields, f.AsOf = Disclose, []string{"given_name", "surname", "father_name"}, day
			})
			for field, want := range map[string]string{"given_name": "سینا", "surname": "کریمی", "father_name": "ناصر"} {
				if v := x.Answer.Values[field]; v == nil || *v != want {
					t.Errorf("%s on %q: %v", field, day, v)
				}
			}
		}
	})
}
