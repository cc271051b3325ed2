package api

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, agreementsLife, delegationsLife) }

// pact is an agency on its way to an agreement, and who acts on it.
type pact struct {
	*testing.T
	k                              *contract
	s                              *stack
	id                             ids.LegalID
	officer, head, stranger, clerk *client
	first, second                  *client // supervisors
	clause, text                   object
	d                              resultOf[struct {
		Draft, Agreement int64
		Digest, State    string
		Version          int
	}]
}

const agreements = "/v1/agreements/"

// word names the draft and its text.
func (p *pact) word() object { return object{"draft": p.d.Result.Draft, "digest": p.d.Result.Digest} }

func (p *pact) act(who *client, path string, in object) {
	p.Helper()
	p.k.act(p.T, who, agreements+path, in.String(), 200, &p.d)
}

func (p *pact) refused(who *client, path string, in object, status int, mistakes ...string) {
	p.Helper()
	p.k.refused(p.T, who, agreements+path, in.String(), status, mistakes...)
}

// agreementsLife: an agency's agreement from its first draft to its end, with
// an amendment, and everyone who may not.
func agreementsLife(t *testing.T, k *contract, s *stack) {
	id, _, _ := s.enrol(51, 0)
	for _, a := range s.agreements.Of(id) {
		must(s.agreements.End(t.Context(), s.journal, system, a.ID, "test"))(t)
	}
	today := persian.DateOf(s.clock())
	p := &pact{
		T: t, k: k, s: s, id: id,
		officer: s.bound(id, "a.officer", agency.RoleOfficer), head: s.bound(id, "a.head", agency.RoleHead),
		stranger: s.bound(s.bankID, "b.head2", agency.RoleHead), clerk: s.staff(register.Clerk),
		first: s.staff(register.Supervisor), second: s.staff(register.Supervisor, 2),
		clause: object{
			"no": 1, "service": "identity", "modes": []string{"verify"}, "search_keys": []string{"national_number+birth_date"}, "fields": []string{"surname"},
			"hours": "07:00-19:00", "days": []string{"sat", "sun"}, "signature": true, "court_days": 30, "audit_days": 7, "misuse": "end_clause", "silence": "suspend",
			"daily_quota": 10, "statement": "شناخت مشتری", "risk": "پرسش بی‌جا",
		},
	}
	p.text = object{"service": "10031094100", "from": today.String(), "until": today.AddYears(1).String(), "clauses": []object{p.clause}}
	p.drafted()
	p.outOfTurn()
	p.signed()
	p.amended()
	p.turned()
	p.printed()
	p.ended()
	p.looked()
}

// drafted: whose text it is, and what is wrong with it.
func (p *pact) drafted() {
	p.refused(p.officer, "draft", object{"text": p.text.with("agency", p.s.bankID.String())}, 422, "agreement.agency /text/agency")
	p.refused(p.officer, "draft", object{"text": p.text.with("clauses", []object{p.clause.with("no", 0, "hours", "19")})}, 422,
		"agreement.no /text/clauses/0/no", "agreement.hours.form /text/clauses/0/hours")
	p.refused(p.officer, "draft", object{"draft": 9, "text": p.text}, 404, "agreement.draft.unknown /draft")
	p.act(p.officer, "draft", object{"text": p.text.with("clauses", []object{p.clause.with("risk", nil)})})
	p.refused(p.head, "request", p.word(), 422, "agreement.missing /text/clauses/0/risk")
	p.refused(p.officer, "draft", object{"draft": 1, "digest": strings.Repeat("0", 64), "text": p.text}, 409, "agreement.digest /digest")
	p.act(p.officer, "draft", p.word().with("text", p.text))
	p.refused(p.head, "sign", p.word(), 409, "agreement.draft.state /draft")
	p.refused(p.stranger, "request", p.word(), 404, "agreement.draft.unknown /draft")
}

// outOfTurn: drafts that are not there, and steps before their time.
func (p *pact) outOfTurn() {
	for _, path := range []string{"request", "review", "return", "sign", "countersign"} {
		who := map[bool]*client{true: p.head, false: p.first}[path == "request" || path == "sign"]
		absent, stale := object{"draft": 99, "digest": ""}, p.word().with("digest", strings.Repeat("0", 64))
		if path == "return" {
			absent, stale = absent.with("note", "x"), stale.with("note", "x")
		}
		p.refused(who, path, absent, 404, "agreement.draft.unknown /draft")
		key := "agreement.draft.state /draft"
		if path == "request" {
			key = "agreement.digest /digest"
		}
		p.refused(who, path, stale, 409, key)
	}
}

// signed: it comes into force.
func (p *pact) signed() {
	p.act(p.head, "request", p.word())
	p.refused(p.first, "return", p.word(), 422, "agreement.missing /note")
	p.act(p.first, "return", p.word().with("note", "سهمیه را بنویسید"))
	p.act(p.head, "request", p.word())
	p.act(p.first, "review", p.word())
	p.act(p.head, "sign", p.word())
	p.refused(p.first, "countersign", p.word(), 403, "agreement.signer.second")
	p.act(p.second, "countersign", p.word())
	if p.d.Result.State != "in_force" || p.d.Result.Version != 1 {
		p.Fatalf("%+v", p.d)
	}
	if in, ok := p.s.agreements.InForce(p.id, p.s.clock().Add(time.Second)); !ok || !in.Clauses[0].Signature || in.Clauses[0].CourtDays != 30 {
		p.Errorf("%+v", in)
	}
}

func (p *pact) one() object { return object{"agreement": p.d.Result.Agreement} }

// amended: what an amendment would change.
func (p *pact) amended() {
	p.refused(p.stranger, "amend", p.one(), 404, "agreement.unknown")
	p.act(p.officer, "amend", p.one())
	p.act(p.officer, "draft", p.word().with("text", p.text.with("clauses", []object{p.clause.with("daily_quota", 20), p.clause.with("no", 2)})))
	var diff agreement.Difference
	p.k.act(p.T, p.officer, agreements+"diff", object{"draft": p.d.Result.Draft}.String(), 200, &diff)
	if len(diff.Clauses) != 2 || diff.Clauses[0].Members[0].Member != "daily_quota" || diff.Clauses[1].What != "added" || len(diff.Persian) != 2 {
		p.Errorf("%+v", diff)
	}
	p.refused(p.officer, "diff", object{}, 422, "agreement.pick /agreement")
	p.refused(p.stranger, "diff", p.one(), 404, "agreement.unknown /agreement")
}

func (p *pact) order() object {
	return p.one().with("reason", "agency-request", "document", "نامه ۱")
}

// turned: suspended and resumed by a supervisor.
func (p *pact) turned() {
	for _, path := range []string{"suspend", "resume", "end"} {
		p.refused(p.first, path, p.order().with("agreement", 99), 404, "agreement.unknown")
		p.refused(p.first, path, p.one(), 422, "register.reason /reason")
	}
	p.k.act(p.T, p.first, agreements+"suspend", p.order().String(), 200, nil)
	p.refused(p.first, "suspend", p.order(), 409, "agreement.version")
	p.refused(p.head, "suspend", p.order(), 403, "register.role")
	p.k.act(p.T, p.first, agreements+"resume", p.order().String(), 200, nil)
	p.refused(p.first, "resume", p.order(), 409, "agreement.version")
}

// printed: on paper.
func (p *pact) printed() {
	for _, in := range []object{p.one().with("version", 1), {"draft": p.d.Result.Draft, "language": "en"}, p.one()} { // the newest was made without a draft
		if res := p.k.act(p.T, p.head, agreements+"pdf", in.String(), 200, nil); !bytes.HasPrefix(res.body, []byte("%PDF-")) {
			p.Errorf("%.40s", res.body)
		}
	}
	p.refused(p.head, "pdf", p.one().with("language", "de"), 422, "api.language /language")
	p.refused(p.stranger, "pdf", p.one(), 404, "agreement.unknown /agreement")
}

// ended: for good, by its own head.
func (p *pact) ended() {
	p.refused(p.stranger, "end", p.order(), 404, "agreement.unknown")
	p.k.act(p.T, p.head, agreements+"end", p.order().String(), 200, nil)
	p.refused(p.head, "end", p.order(), 409, "agreement.ended")
	p.refused(p.officer, "amend", p.one(), 409, "agreement.ended")
}

// looked: what is seen, and by whom.
func (p *pact) looked() {
	var found struct {
		Version  struct{ Version int }
		Versions []struct{ Version int }
	}
	p.k.act(p.T, p.clerk, agreements+"find", p.one().with("version", 1).String(), 200, &found)
	if found.Version.Version != 1 || len(found.Versions) != 4 {
		p.Errorf("%+v", found)
	}
	p.k.act(p.T, p.officer, agreements+"find", object{"draft": p.d.Result.Draft}.String(), 200, nil)
	p.refused(p.clerk, "find", p.one().with("version", 9), 404, "agreement.version.unknown /version")
	p.refused(p.stranger, "find", object{"draft": p.d.Result.Draft}, 404, "agreement.draft.unknown /draft")
	p.refused(p.clerk, "find", object{}, 422, "agreement.pick /agreement")
	var list struct{ Agreements, Drafts []object }
	p.k.act(p.T, p.officer, agreements+"list", "{}", 200, &list)
	mine := len(list.Agreements)
	p.k.act(p.T, p.officer, agreements+"list", `{"drafts":true}`, 200, &list)
	if mine == 0 || len(list.Agreements) != 0 || len(list.Drafts) != 2 {
		p.Errorf("%d, %+v", mine, list)
	}
	p.refused(p.officer, "list", object{"limit": -1}, 422, "agreement.limit /limit")
}

// delegationsLife: one agency lets another ask in its name.
func delegationsLife(t *testing.T, k *contract, s *stack) {
	id, _, _ := s.enrol(52, 0)
	third, _, _ := s.enrol(53, 0)
	from, to, chief := s.bound(s.bankID, "d.from", agency.RoleHead), s.bound(id, "d.to", agency.RoleHead), s.staff(register.Supervisor)
	stranger := s.bound(third, "d.third", agency.RoleHead)
	today := persian.DateOf(s.clock())
	in := object{"delegate": id.String(), "services": []string{"identity"}, "from": today.String(), "until": today.AddYears(1).String(), "reference": "نامه ۷"}
	p := agreements
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
