package api

import (
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, searchesLife, pastLife) }

// searchesLife: a search by name takes two persons through this door too, and
// he alone who asked sees who fits, for an hour.
func searchesLife(t *testing.T, k *contract, s *stack) {
	const path = "/v1/name-searches/"
	clerk, chief := s.staff(register.Clerk), s.staff(register.Supervisor)
	s.people(person.Male, 7_100_001, 7_100_002)
	names := object{"given_name": "آزمون", "surname": "نمونه‌ای", "reason": "lost-number", "document": "5/1405"}
	many := make([]int64, person.MaxFound+1)
	for i := range many {
		many[i] = 7_200_001 + int64(i)
	}

	k.refused(t, s.staff(register.Post), path+"ask", names.String(), 403, "register.role")
	k.refused(t, clerk, path+"ask", object{"given_name": "R2", "birth_year": 3}.String(), 422, "persian.name.letter /given_name")
	k.refused(t, clerk, path+"ask", object{"birth_year": 3}.String(), 422, "person.missing /given_name", "person.missing /surname",
		"person.timetable.year /birth_year", "register.reason /reason")
	var made struct{ Result searchAnswer }
	k.act(t, clerk, path+"ask", names.with("father_name", "فرضی", "birth_year", 1375).String(), 200, &made)
	if made.Result.State != "waiting" || made.Result.By.Login != "clerk" || made.Result.Until != "" {
		t.Errorf("%+v", made)
	}
	id := object{"search": made.Result.ID}
	k.refused(t, clerk, path+"persons", id.String(), 409, "person.search.closed")
	k.refused(t, clerk, path+"approve", id.String(), 403, "register.role")
	k.refused(t, chief, path+"approve", id.with("note", strings.Repeat("a", 600)).String(), 422, "person.long /note")

	// Nobody allows what he has asked for himself.
	var own struct{ Result searchAnswer }
	k.act(t, chief, path+"ask", names.String(), 200, &own)
	mine := object{"search": own.Result.ID}.String()
	k.refused(t, chief, path+"approve", mine, 403, "person.search.same")
	k.refused(t, chief, path+"refuse", mine, 403, "person.search.same")
	other := s.staff(register.Supervisor, 2)
	k.act(t, other, path+"refuse", object{"search": own.Result.ID, "note": "سند کافی نیست"}.String(), 200, nil)
	k.refused(t, other, path+"approve", mine, 409, "person.search.decided")
	k.refused(t, other, path+"refuse", mine, 409, "person.search.decided")

	k.act(t, chief, path+"approve", id.String(), 200, nil)
	k.refused(t, chief, path+"persons", id.String(), 403, "person.search.other")
	size := s.journal.State().Size
	var found struct{ Result foundAnswer }
	k.act(t, clerk, path+"persons", id.String(), 200, &found)
	if len(found.Result.Persons) != 2 || found.Result.Persons[0].Year != 1375 {
		t.Errorf("%+v", found)
	}
	if n := s.journal.State().Size - size; n != 3 {
		t.Errorf("%d entries, want one of the look and one a person", n)
	}
	k.act(t, clerk, path+"find", id.String(), 200, nil)
	k.act(t, chief, path+"find", id.String(), 200, nil)
	k.refused(t, clerk, path+"find", mine, 404, "person.search.unknown")
	var list searchesAnswer
	k.act(t, clerk, path+"list", `{}`, 200, &list)
	if len(list.Searches) != 1 || list.Searches[0].Decider == nil || list.Searches[0].Until == "" {
		t.Errorf("%+v", list)
	}
	k.act(t, chief, path+"list", `{"waiting":true}`, 200, &list)
	if len(list.Searches) != 0 {
		t.Errorf("%+v", list)
	}
	for _, what := range []string{"approve", "refuse", "find", "persons"} {
		k.refused(t, chief, path+what, `{"search":999}`, 404, "person.search.unknown")
	}
	s.people(person.Male, many...)
	k.refused(t, clerk, path+"ask", names.String(), 422, "person.search.many")
}

// pastLife: an officer reads what he has asked, his highest officer what the
// agency has; nobody reads another agency's.
func pastLife(t *testing.T, k *contract, s *stack) {
	const path = "/v1/inquiries/history"
	head := s.bound(s.bankID, "b.head", agency.RoleHead)
	bound := s.bound(s.bankID, "b.second", agency.RoleOfficer)
	program := s.bound(s.bankID, "b.program", agency.RoleProgrammer)
	for range 3 {
		s.bankCode(t)
	}
	read := func(c *client, in object) (out pastPage) {
		t.Helper()
		k.act(t, c, path, in.String(), 200, &out)
		return out
	}
	own := object{"officer": officer}
	if all := read(s.bank, own); len(all.Inquiries) != 3 || all.Inquiries[0].Officer != officer || all.Inquiries[0].Outcome == "" {
		t.Errorf("%+v", all)
	}
	first := read(s.bank, own.with("limit", 2))
	if len(first.Inquiries) != 2 || first.Next.IsZero() || first.Looked < 2 || first.Back == "" {
		t.Fatalf("%+v", first)
	}
	if rest := read(s.bank, own.with("limit", 2, "after", first.Next)); len(rest.Inquiries) != 1 || rest.Inquiries[0].Code == first.Inquiries[1].Code {
		t.Errorf("%+v", rest)
	}
	if none := read(bound, object{"officer": "b.second", "asker": officer}); len(none.Inquiries) != 0 {
		t.Errorf("an officer reads what another has asked: %+v", none)
	}
	if all := read(head, object{"officer": "b.head", "asker": officer}); len(all.Inquiries) != 3 {
		t.Errorf("%+v", all)
	}
	if none := read(head, object{"officer": "b.head", "outcome": "refused", "from": "1400/01/01"}); len(none.Inquiries) != 0 {
		t.Errorf("%+v", none)
	}
	if none := read(s.tax, own); len(none.Inquiries) != 0 {
		t.Errorf("another agency's: %+v", none)
	}
	k.refused(t, bound, path, own.String(), 403, "api.officer.other /officer")
	k.refused(t, s.bank, path, `{}`, 422, "api.missing /officer")
	k.refused(t, s.bank, path, object{"officer": "nobody"}.String(), 403, "api.officer /officer")
	k.refused(t, program, path, object{"officer": "b.program"}.String(), 403, "inquiry.history.role")
	k.refused(t, s.bank, path, own.with("from", "1405-05-01", "until", "1405-04-01", "limit", 101).String(), 422,
		"inquiry.history.order /until", "inquiry.history.limit /limit")
	k.refused(t, s.bank, path, own.with("from", "1405", "until", "1405-04").String(), 422, "person.date.precise /from", "person.date.precise /until")
	k.refused(t, s.bank, path, own.with("after", "no place").String(), 400, "journal.cursor /after")
}
