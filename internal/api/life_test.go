package api

import (
	"slices"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, personsLife) }

// people puts persons with these numbers into the register.
func (s *stack) people(sex person.Sex, nines ...int64) (all []string) {
	s.Helper()
	_, err := person.Load(s.Context(), s.db, func(yield func(person.Person, error) bool) {
		for _, nine := range nines {
			p := person.Person{
				Number: numberOf(nine), Given: name("آزمون"), Surname: name("نمونه‌ای"), Father: name("فرضی"), State: person.Active,
				Born: persian.Date{Year: 1375, Month: 2, Day: 3}, Sex: sex, Card: person.Card{State: person.Issued, Serial: "9G12345678"},
			}
			if all = append(all, p.Number.String()); !yield(p, nil) {
				return
			}
		}
	}, nil)
	s.ok(err)
	return all
}

// personsLife: everything that can happen to a person, by one officer or by two.
func personsLife(t *testing.T, k *contract, s *stack) {
	l := &lifeTest{T: t, k: k, s: s, clerk: s.staff(register.Clerk), chief: s.staff(register.Supervisor)}
	men := s.people(person.Male, 7_000_001, 7_000_002, 7_000_003)
	wife := s.people(person.Female, 7_000_011)[0]
	l.alone(men[0])
	l.marry(men[0], men[1], wife)
	l.proposals(men[1])
	for _, c := range []struct {
		path   string
		change []any
	}{
		{"death", []any{"died_on", "1405/01/01"}},
		{"death-annulment", nil},
		{"adoption", []any{"surname", "کریمی", "father_name", "ناصر", "father_number", men[1]}},
		{"birth-date", []any{"birth_date", "1375-02-04"}},
		{"sex", []any{"sex", "female", "given_name", "نمونه"}},
		{"protection", []any{"protected", true}},
		{"cancellation", []any{"successor", men[1]}},
		{"cancellation-annulment", nil},
		{"cancellation", []any{"successor", men[1]}},
	} {
		l.proposed("/v1/events/"+c.path, l.event(men[2], c.change...))
	}
	l.readings(men[2])
}

type lifeTest struct {
	*testing.T
	k            *contract
	s            *stack
	clerk, chief *client
}

var nowhereNumber = numberOf(7_999_999)

func (l *lifeTest) event(number string, more ...any) object {
	return object{"national_number": number, "reason": "court-order", "document": "12/1405"}.with(more...)
}

func ofNobody(o object) string { return o.with("national_number", nowhereNumber.String()).String() }

// alone: what one officer registers.
func (l *lifeTest) alone(number string) {
	for _, c := range []struct {
		path string
		good object
	}{
		{"/v1/events/name", l.event(number, "given_name", "رضا")},
		{"/v1/events/surname", l.event(number, "surname", "رضایی", "version", 2)},
		{"/v1/events/review", l.event(number, "under_review", true)},
		{"/v1/events/correction", l.event(number, "father_name", "حسن", "shenasnameh_serial", "۰۰۰۱۲۳", "sayyed", true)},
	} {
		var done struct {
			Result person.Done `json:"result"`
		}
		l.k.act(l, l.clerk, c.path, c.good.String(), 200, &done)
		if done.Result.Version < 2 || done.Result.Proposal != 0 || done.Result.Event == "" {
			l.Errorf("%s: %+v", c.path, done)
		}
		l.k.refused(l, l.clerk, c.path, c.good.with("version", 1).String(), 409, "person.version /version")
		l.k.refused(l, l.chief, c.path, ofNobody(c.good), 404, "person.unknown /national_number")
		l.k.refused(l, l.s.staff(register.Post), c.path, c.good.String(), 403, "register.role")
		l.k.refused(l, l.clerk, c.path, c.good.with("document", "").with("reason", "No!").String(), 422, "register.reason /reason")
	}
	l.k.refused(l, l.clerk, "/v1/events/name", l.event(number, "given_name", "R2").with("national_number", "1").String(), 422,
		"ids.number.length /national_number", "persian.name.letter /given_name")
}

func (l *lifeTest) marry(man, other, wife string) {
	couple := object{"husband": man, "wife": wife, "on": "1400-01-01", "reason": "deed", "document": "7"}
	l.k.act(l, l.clerk, "/v1/events/marriage", couple.String(), 200, nil)
	l.k.refused(l, l.clerk, "/v1/events/marriage", couple.with("husband", other).String(), 409, "person.marriage.wife")
	l.k.refused(l, l.clerk, "/v1/events/divorce", couple.with("husband", other).String(), 409, "person.divorce.none")
	l.k.act(l, l.clerk, "/v1/events/divorce", couple.with("on", "1404").String(), 200, nil)
}

// proposed: an event that a clerk proposes and a supervisor approves.
func (l *lifeTest) proposed(path string, in object) {
	l.Helper()
	l.k.refused(l, l.clerk, path, ofNobody(in), 404, "person.unknown /national_number")
	l.k.refused(l, l.clerk, path, in.with("version", 99).String(), 409, "person.version /version")
	var made struct{ Result proposalAnswer }
	l.k.act(l, l.clerk, path, in.String(), 200, &made)
	if made.Result.State != "waiting" || made.Result.By.Login != "clerk" {
		l.Errorf("%s: %+v", path, made)
	}
	if path == "/v1/events/sex" {
		return // it would be in the way of nothing, and is overtaken later
	}
	id := object{"proposal": made.Result.ID}.String()
	l.k.refused(l, l.clerk, "/v1/proposals/approve", id, 403, "register.role")
	l.k.act(l, l.chief, "/v1/proposals/approve", id, 200, nil)
	l.k.refused(l, l.chief, "/v1/proposals/approve", id, 409, "person.proposal.decided")
}

func (l *lifeTest) proposals(number string) {
	in := l.event(number, "birth_date", "1375-05-05")
	var made struct{ Result proposalAnswer }
	l.k.act(l, l.chief, "/v1/events/correction", in.String(), 200, &made)
	id := object{"proposal": made.Result.ID}
	l.k.refused(l, l.chief, "/v1/proposals/approve", id.String(), 403, "person.proposal.same")
	l.k.refused(l, l.chief, "/v1/proposals/refuse", id.String(), 403, "person.proposal.same")
	l.k.refused(l, l.clerk, "/v1/proposals/withdraw", id.String(), 403, "person.proposal.other")
	l.k.act(l, l.chief, "/v1/proposals/withdraw", id.with("note", "نادرست").String(), 200, nil)
	l.k.refused(l, l.chief, "/v1/proposals/withdraw", id.String(), 409, "person.proposal.decided")
	l.k.act(l, l.clerk, "/v1/events/correction", in.String(), 200, &made)
	id = object{"proposal": made.Result.ID}
	l.k.act(l, l.chief, "/v1/proposals/find", id.String(), 200, &made)
	if !strings.Contains(string(made.Result.Input), `"birth_date":"1375-05-05"`) {
		l.Errorf("%+v", made)
	}
	l.k.act(l, l.chief, "/v1/proposals/refuse", id.String(), 200, nil)
	l.k.refused(l, l.chief, "/v1/proposals/refuse", id.String(), 409, "person.proposal.decided")
	for _, path := range []string{"find", "approve", "refuse", "withdraw"} {
		l.k.refused(l, l.chief, "/v1/proposals/"+path, `{"proposal":999}`, 404, "person.proposal.unknown")
	}
	var page struct {
		Proposals []proposalAnswer
		Next      int64
	}
	l.k.act(l, l.clerk, "/v1/proposals/list", object{"national_number": number, "limit": 1}.String(), 200, &page)
	if len(page.Proposals) != 1 || page.Proposals[0].State != "withdrawn" || page.Proposals[0].Input != nil || page.Next == 0 {
		l.Errorf("%+v", page)
	}
	l.k.refused(l, l.clerk, "/v1/proposals/list", `{"limit":101}`, 422, "api.limit /limit")
	l.k.refused(l, l.clerk, "/v1/proposals/list", `{"state":"x","kind":"y"}`, 422, "person.word /state", "person.word /kind")
	l.k.refused(l, l.s.staff(register.Printer), "/v1/proposals/list", `{}`, 403, "register.role")
}

// readings: by now this person has died, lived again, been adopted, protected
// and cancelled.
func (l *lifeTest) readings(number string) {
	in := object{"national_number": number, "reason": "dossier", "file": "9"}
	var one struct {
		Result struct {
			Record map[string]string `json:"record"`
		}
	}
	l.k.act(l, l.clerk, "/v1/persons/find", in.String(), 200, &one)
	if r := one.Result.Record; r["state"] != "cancelled" || r["surname"] != "کریمی" || r["birth_date"] != "1375-02-04" {
		l.Errorf("%+v", one)
	}
	var story struct{ Result historyAnswer }
	l.k.act(l, l.clerk, "/v1/persons/history", in.String(), 200, &story)
	var kinds []string
	for _, m := range story.Result.Moments {
		kinds = append(kinds, m.Kind)
		for _, c := range m.Changes {
			if c.Is == "نمونه‌ای" {
				l.Error("the history tells the name before the adoption")
			}
		}
	}
	want := []string{"record", "death", "death_annulment", "adoption", "birth_date", "protection", "cancellation", "cancellation_annulment", "cancellation"}
	if !slices.Equal(kinds, want) {
		l.Error(kinds)
	}
	l.k.refused(l, l.clerk, "/v1/persons/sealed", in.String(), 403, "register.role")
	res := l.k.act(l, l.chief, "/v1/persons/sealed", in.String(), 200, nil)
	if !strings.Contains(string(res.body), "نمونه‌ای") {
		l.Error("a supervisor does not see what is sealed")
	}
	for _, path := range []string{"find", "history", "sealed"} {
		l.k.refused(l, l.chief, "/v1/persons/"+path, in.with("national_number", nowhereNumber.String()).String(), 404, "person.unknown /national_number")
		l.k.refused(l, l.chief, "/v1/persons/"+path, in.with("file", "").String(), 422, "person.missing /file")
	}
}
