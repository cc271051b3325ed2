package api

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, complianceLife, evaluationLife) }

var paperDigest = strings.Repeat("ab", 32)

// complianceLife: an agency declares, hands in its table of place codes, and is
// judged by an inspector; another agency sees nothing of it.
func complianceLife(t *testing.T, k *contract, s *stack) {
	elsewhere, _, _ := s.enrol(43, 0)
	head, own, other := s.bound(s.bankID, "b.head", agency.RoleHead), s.bound(s.bankID, "b.one", agency.RoleOfficer), s.bound(elsewhere, "t.head", agency.RoleHead)
	inspector, chief := s.staff(register.Inspector), s.staff(register.Supervisor)
	in := object{"clause": "B.8", "done": "1405-01-01", "share": .5, "document": "نامه ۱۲", "sha256": paperDigest}
	k.act(t, head, "/v1/compliance/put", in.String(), 200, nil)
	k.refused(t, own, "/v1/compliance/put", in.String(), 403, "register.role")
	k.refused(t, head, "/v1/compliance/put", in.with("clause", "B.8n", "share", 2).String(), 422, "compliance.clause /clause", "compliance.share /share")
	for _, a := range s.agreements.Of(elsewhere) {
		must(s.agreements.End(t.Context(), s.journal, system, a.ID, "test"))(t)
	}
	k.refused(t, other, "/v1/compliance/put", in.with("clause", "B.11", "share", nil).String(), 409, "compliance.concern /clause")

	one := object{"agency": s.bankID.String(), "clause": "B.8", "version": 1, "accept": true}
	k.refused(t, chief, "/v1/compliance/judge", one.String(), 403, "register.role")
	k.refused(t, inspector, "/v1/compliance/judge", one.with("clause", "B.4").String(), 404, "compliance.undeclared /clause")
	k.act(t, inspector, "/v1/compliance/judge", one.String(), 200, nil)
	k.refused(t, inspector, "/v1/compliance/judge", one.String(), 409, "compliance.version /version")
	k.refused(t, inspector, "/v1/compliance/judge", one.with("accept", false).String(), 422, "compliance.text /note")

	file := base64.StdEncoding.EncodeToString([]byte("own_code,postal_code\nA1," + postal.String() + "\nA2,1416932799\n"))
	table := object{"table": "branches", "declared": 4, "file": file}
	if res := k.act(t, own, "/v1/conversions/upload", table.String(), 200, nil); !strings.Contains(string(res.body), `"held":1`) {
		t.Errorf("%s", res.body)
	}
	k.refused(t, own, "/v1/conversions/upload", `{"table":"1 2"}`, 422, "compliance.table /table", "compliance.declared /declared", "compliance.missing /file")
	which := object{"table": "branches"}
	k.act(t, own, "/v1/conversions/find", which.with("own_code", "A1").String(), 200, nil)
	k.refused(t, own, "/v1/conversions/find", which.with("own_code", "A2").String(), 404, "compliance.own.unknown /own_code")
	k.act(t, chief, "/v1/conversions/coverage", "{}", 200, nil)
	k.act(t, own, "/v1/conversions/download", which.String(), 200, nil)
	k.refused(t, other, "/v1/conversions/download", which.String(), 404, "compliance.table.unknown /table")
	k.refused(t, other, "/v1/conversions/coverage", object{"agency": s.bankID.String()}.String(), 404, "compliance.unknown /agency")

	if res := k.act(t, head, "/v1/compliance/list", "{}", 200, nil); !strings.Contains(string(res.body), `"state":"accepted"`) || !strings.Contains(string(res.body), `"share":0.25`) {
		t.Errorf("%s", res.body)
	}
	k.refused(t, other, "/v1/compliance/list", object{"agency": s.bankID.String()}.String(), 404, "compliance.unknown /agency")
	k.refused(t, chief, "/v1/compliance/list", `{"limit":-1,"state":"x"}`, 422, "compliance.limit /limit", "compliance.word /state")
}

// evaluationLife: the year before is evaluated, appealed against and waits.
func evaluationLife(t *testing.T, k *contract, s *stack) {
	head, inspector, second := s.bound(s.bankID, "b.head", agency.RoleHead), s.staff(register.Inspector), s.staff(register.Inspector, 2)
	k.act(t, s.nobody, "/v1/evaluations/formula", "{}", 200, nil)
	k.refused(t, s.nobody, "/v1/evaluations/formula", `{"on":"1405"}`, 422, "compliance.day /on")
	var made resultOf[struct{ Evaluation int64 }]
	k.act(t, inspector, "/v1/evaluations/compute", `{"year":1404}`, 200, &made)
	one := object{"evaluation": made.Result.Evaluation}
	none := object{"evaluation": 99}
	k.act(t, head, "/v1/evaluations/list", "{}", 200, nil)
	k.act(t, inspector, "/v1/evaluations/find", one.String(), 200, nil)
	if res := k.act(t, head, "/v1/evaluations/find", one.String(), 200, nil); !strings.Contains(string(res.body), `"state":"missing"`) {
		t.Errorf("%s", res.body)
	}
	k.refused(t, head, "/v1/evaluations/find", none.String(), 404, "evaluation.unknown /evaluation")
	k.act(t, head, "/v1/evaluations/trace", one.with("criterion", "obstacles").String(), 200, nil)
	k.refused(t, head, "/v1/evaluations/trace", none.with("criterion", "copies").String(), 404, "evaluation.unknown /evaluation")
	for path := range strings.FieldsSeq("pdf page table") {
		k.act(t, head, "/v1/evaluations/"+path, one.String(), 200, nil)
		k.act(t, inspector, "/v1/evaluations/"+path, one.String(), 200, nil)
		k.refused(t, head, "/v1/evaluations/"+path, none.String(), 404, "evaluation.unknown /evaluation")
	}
	appeal := one.with("criterion", "copies", "grounds", "فرایندها در سال پیش ثبت شد", "document", "نامه ۱", "sha256", paperDigest)
	var filed resultOf[struct{ Appeal int64 }]
	k.act(t, head, "/v1/evaluations/appeal", appeal.String(), 200, &filed)
	k.refused(t, head, "/v1/evaluations/appeal", appeal.String(), 409, "evaluation.appeals.again /criterion")
	k.refused(t, head, "/v1/evaluations/appeal", appeal.with("evaluation", 99).String(), 404, "evaluation.unknown /evaluation")
	k.refused(t, inspector, "/v1/evaluations/compute", `{"year":1404}`, 409, "evaluation.appealed")
	k.refused(t, inspector, "/v1/evaluations/freeze", one.String(), 409, "evaluation.appeals.open")
	k.refused(t, inspector, "/v1/evaluations/freeze", none.String(), 404, "evaluation.unknown /evaluation")
	ruling := object{"appeal": filed.Result.Appeal, "uphold": true, "reason": "سند درست است", "figure": "volume", "value": 10}
	k.refused(t, inspector, "/v1/evaluations/decide", ruling.String(), 403, "evaluation.decider")
	k.refused(t, second, "/v1/evaluations/decide", ruling.with("appeal", 99).String(), 404, "evaluation.appeal.unknown /appeal")
	k.act(t, second, "/v1/evaluations/decide", ruling.String(), 200, nil)
	k.refused(t, second, "/v1/evaluations/decide", ruling.String(), 409, "evaluation.appeal.decided /appeal")

	k.act(t, inspector, "/v1/evaluations/compute", `{"from":"1405-06","until":"1405-07"}`, 200, &made)
	trial := object{"evaluation": made.Result.Evaluation}
	k.refused(t, inspector, "/v1/evaluations/freeze", trial.String(), 409, "evaluation.missing /note")
	k.act(t, inspector, "/v1/evaluations/freeze", trial.with("note", "آزمایش").String(), 200, nil)
	k.act(t, inspector, "/v1/evaluations/find", trial.String(), 200, nil)
}
