package api

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, agreementsLife, delegationsLife) }

// agreementsLife: an agency's agreement from its first draft to its end, with
// an amendment, and everyone who may not.
func agreementsLife(t *testing.T, k *contract, s *stack) {
	id, _, _ := s.enrol(51, 0)
	for _, a := range s.agreements.Of(id) {
		must(s.agreements.End(t.Context(), s.journal, system, a.ID, "test"))(t)
	}
	officer, head := s.bound(id, "a.officer", agency.RoleOfficer), s.bound(id, "a.head", agency.RoleHead)
	stranger, clerk := s.bound(s.bankID, "b.head2", agency.RoleHead), s.staff(register.Clerk)
	first, second := s.staff(register.Supervisor), s.staff(register.Supervisor, 2)
	clause := object{
		"no": 1, "service": "identity", "modes": []string{"verify"}, "search_keys": []string{"national_number+birth_date"}, "fields": []string{"surname"},
		"hours": "07:00-19:00", "days": []string{"sat", "sun"}, "signature": true, "court_days": 30, "audit_days": 7, "misuse": "end_clause", "silence": "suspend",
		"daily_quota": 10, "statement": "شناخت مشتری", "risk": "پرسش بی‌جا",
	}
	today := persian.DateOf(s.clock())
	text := object{"service": "10031094100", "from": today.String(), "until": today.AddYears(1).String(), "clauses": []object{clause}}
	type drafted = resultOf[struct {
		Draft, Agreement int64
		Digest, State    string
		Version          int
	}]
	var d drafted
	p := "/v1/agreements/"
	k.refused(t, officer, p+"draft", object{"text": text.with("agency", s.bankID.String())}.String(), 422, "agreement.agency /text/agency")
	k.refused(t, officer, p+"draft", object{"text": text.with("clauses", []object{clause.with("no", 0, "hours", "19")})}.String(), 422,
		"agreement.no /text/clauses/0/no", "agreement.hours.form /text/clauses/0/hours")
	k.refused(t, officer, p+"draft", object{"draft": 9, "text": text}.String(), 404, "agreement.draft.unknown /draft")
	k.act(t, officer, p+"draft", object{"text": text.with("clauses", []object{clause.with("risk", nil)})}.String(), 200, &d)
	word := func() object { return object{"draft": d.Result.Draft, "digest": d.Result.Digest} }
	k.refused(t, head, p+"request", word().String(), 422, "agreement.missing /text/clauses/0/risk")
	k.refused(t, officer, p+"draft", object{"draft": 1, "digest": strings.Repeat("0", 64), "text": text}.String(), 409, "agreement.digest /digest")
	k.act(t, officer, p+"draft", word().with("text", text).String(), 200, &d)
	k.refused(t, head, p+"sign", word().String(), 409, "agreement.draft.state /draft")
	k.refused(t, stranger, p+"request", word().String(), 404, "agreement.draft.unknown /draft")
	for _, path := range []string{"request", "review", "return", "sign", "countersign"} {
		who := map[bool]*client{true: head, false: first}[path == "request" || path == "sign"]
		body := object{"draft": 99, "digest": "", "note": "x"}
		if path != "return" {
			body = body.with("note", nil)
		}
		k.refused(t, who, p+path, body.String(), 404, "agreement.draft.unknown /draft")
		stale := word().with("digest", strings.Repeat("0", 64))
		if path == "return" {
			stale = stale.with("note", "x")
		}
		key := "agreement.draft.state /draft"
		if path == "request" {
			key = "agreement.digest /digest"
		}
		k.refused(t, who, p+path, stale.String(), 409, key)
	}
	k.act(t, head, p+"request", word().String(), 200, &d)
	k.refused(t, first, p+"return", word().String(), 422, "agreement.missing /note")
	k.act(t, first, p+"return", word().with("note", "سهمیه را بنویسید").String(), 200, &d)
	k.act(t, head, p+"request", word().String(), 200, &d)
	k.act(t, first, p+"review", word().String(), 200, &d)
	k.act(t, head, p+"sign", word().String(), 200, &d)
	k.refused(t, first, p+"countersign", word().String(), 403, "agreement.signer.second")
	k.act(t, second, p+"countersign", word().String(), 200, &d)
	if d.Result.State != "in_force" || d.Result.Version != 1 {
		t.Fatalf("%+v", d)
	}
	if in, ok := s.agreements.InForce(id, s.clock().Add(time.Second)); !ok || !in.Clauses[0].Signature || in.Clauses[0].CourtDays != 30 {
		t.Errorf("%+v", in)
	}
	one := object{"agreement": d.Result.Agreement}

	k.refused(t, stranger, p+"amend", one.String(), 404, "agreement.unknown")
	k.act(t, officer, p+"amend", one.String(), 200, &d)
	k.act(t, officer, p+"draft", word().with("text", text.with("clauses", []object{clause.with("daily_quota", 20), clause.with("no", 2)})).String(), 200, &d)
	var diff struct {
		Clauses []agreement.ClauseChanged
		Fa      []string
	}
	k.act(t, officer, p+"diff", object{"draft": d.Result.Draft}.String(), 200, &diff)
	if len(diff.Clauses) != 2 || diff.Clauses[0].Members[0].Member != "daily_quota" || diff.Clauses[1].What != "added" || len(diff.Fa) != 2 {
		t.Errorf("%+v", diff)
	}
	k.refused(t, officer, p+"diff", "{}", 422, "agreement.pick /agreement")
	k.refused(t, stranger, p+"diff", one.String(), 404, "agreement.unknown /agreement")

	order := one.with("reason", "agency-request", "document", "نامه ۱")
	for _, path := range []string{"suspend", "resume", "end"} {
		k.refused(t, first, p+path, order.with("agreement", 99).String(), 404, "agreement.unknown")
		k.refused(t, first, p+path, one.String(), 422, "register.reason /reason")
	}
	k.act(t, first, p+"suspend", order.String(), 200, nil)
	k.refused(t, first, p+"suspend", order.String(), 409, "agreement.version")
	k.refused(t, head, p+"suspend", order.String(), 403, "register.role")
	k.act(t, first, p+"resume", order.String(), 200, nil)
	k.refused(t, first, p+"resume", order.String(), 409, "agreement.version")

	printed := k.act(t, head, p+"pdf", one.with("version", 1).String(), 200, nil)
	if !bytes.HasPrefix(printed.body, []byte("%PDF-")) {
		t.Errorf("%.40s", printed.body)
	}
	k.act(t, head, p+"pdf", object{"draft": d.Result.Draft, "language": "en"}.String(), 200, nil)
	k.act(t, head, p+"pdf", one.String(), 200, nil) // the newest was made without a draft
	k.refused(t, head, p+"pdf", one.with("language", "de").String(), 422, "api.language /language")
	k.refused(t, stranger, p+"pdf", one.String(), 404, "agreement.unknown /agreement")

	k.refused(t, stranger, p+"end", order.String(), 404, "agreement.unknown")
	k.act(t, head, p+"end", order.String(), 200, nil)
	k.refused(t, head, p+"end", order.String(), 409, "agreement.ended")
	k.refused(t, officer, p+"amend", one.String(), 409, "agreement.ended")
	k.refused(t, officer, p+"amend", "[]", 422, "api.json.object")

	var found struct {
		Version  struct{ Version int }
		Versions []struct{ Version int }
	}
	k.act(t, clerk, p+"find", one.with("version", 1).String(), 200, &found)
	if found.Version.Version != 1 || len(found.Versions) != 4 {
		t.Errorf("%+v", found)
	}
	k.act(t, officer, p+"find", object{"draft": d.Result.Draft}.String(), 200, nil)
	k.refused(t, clerk, p+"find", one.with("version", 9).String(), 404, "agreement.version.unknown /version")
	k.refused(t, stranger, p+"find", object{"draft": d.Result.Draft}.String(), 404, "agreement.draft.unknown /draft")
	k.refused(t, clerk, p+"find", "{}", 422, "agreement.pick /agreement")
	var list struct{ Agreements, Drafts []object }
	k.act(t, officer, p+"list", "{}", 200, &list)
	mine := len(list.Agreements)
	k.act(t, officer, p+"list", `{"drafts":true}`, 200, &list)
	if mine == 0 || len(list.Agreements) != 0 || len(list.Drafts) != 2 {
		t.Errorf("%d, %+v", mine, list)
	}
	k.refused(t, officer, p+"list", `{"limit":-1}`, 422, "agreement.limit /limit")
}

// delegationsLife: one agency lets another ask in its name.
func delegationsLife(t *testing.T, k *contract, s *stack) {
	id, _, _ := s.enrol(52, 0)
	third, _, _ := s.enrol(53, 0)
	from, to, chief := s.bound(s.bankID, "d.from", agency.RoleHead), s.bound(id, "d.to", agency.RoleHead), s.staff(register.Supervisor)
	stranger := s.bound(third, "d.third", agency.RoleHead)
	today := persian.DateOf(s.clock())
	in := object{"delegate": id.String(), "services": []string{"identity"}, "from": today.String(), "until": today.AddYears(1).String(), "reference": "نامه ۷"}
	p := "/v1/agreements/"
	k.refused(t, from, p+"delegate", in.with("services", []string{"follow"}).String(), 422, "agreement.word /services/0")
	k.act(t, from, p+"delegate", in.String(), 200, nil)
	k.refused(t, from, p+"delegate", in.String(), 409, "agreement.delegation.overlap")
	one := object{"delegation": 1}
	k.refused(t, chief, p+"confirm", one.String(), 409, "agreement.delegation.state /delegation")
	k.refused(t, chief, p+"confirm", `{"delegation":9}`, 404, "agreement.delegation.unknown /delegation")
	k.refused(t, chief, p+"confirm", `{"delegation":"x"}`, 422, "api.json.integer /delegation")
	k.refused(t, stranger, p+"accept", one.String(), 404, "agreement.delegation.unknown /delegation")
	k.refused(t, from, p+"accept", one.String(), 403, "agreement.signer")
	k.act(t, to, p+"accept", one.String(), 200, nil)
	k.refused(t, to, p+"accept", one.String(), 409, "agreement.delegation.state /delegation")
	k.act(t, chief, p+"confirm", one.String(), 200, nil)
	if _, ok := s.agreements.DelegationAt(s.bankID, id, "identity", s.clock().Add(time.Second)); !ok {
		t.Error("it does not hold")
	}
	var list struct{ Delegations []object }
	k.act(t, to, p+"delegations", "{}", 200, &list)
	if len(list.Delegations) != 1 {
		t.Errorf("%+v", list)
	}
	k.act(t, stranger, p+"delegations", "{}", 200, &list)
	if len(list.Delegations) != 0 {
		t.Errorf("%+v", list)
	}
	end := one.with("reason", "done", "document", "نامه ۸")
	k.refused(t, stranger, p+"undelegate", end.String(), 404, "agreement.delegation.unknown /delegation")
	k.refused(t, to, p+"undelegate", one.String(), 422, "register.reason /reason")
	k.act(t, to, p+"undelegate", end.String(), 200, nil)
	k.refused(t, to, p+"undelegate", end.String(), 409, "agreement.delegation.state /delegation")
}
