package api

import (
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, doubtsLife, deedsLife) }

// doubtsLife: an agency was told a name, doubts it, and is told how it ended;
// another agency sees nothing of it.
func doubtsLife(t *testing.T, k *contract, s *stack) {
	elsewhere, _, _ := s.enrol(42, 0)
	own, other := s.bound(s.bankID, "b.doubt", agency.RoleOfficer), s.bound(elsewhere, "t.doubt", agency.RoleHead)
	clerk, chief := s.staff(register.Clerk), s.staff(register.Supervisor)
	code := s.bankCode(t)
	in := object{"code": code, "field": "surname", "value": "نمونه‌پور", "evidence": "سند ازدواج", "document_sha256": strings.Repeat("0f", 32)}
	var made resultOf[discrepancy.Reported]
	k.act(t, own, "/v1/doubts/report", in.String(), 200, &made)
	k.refused(t, own, "/v1/doubts/report", in.String(), 409, "discrepancy.reported /field")
	k.refused(t, other, "/v1/doubts/report", in.String(), 404, "discrepancy.code /code")
	k.refused(t, clerk, "/v1/doubts/report", in.String(), 403, "register.role")
	k.refused(t, own, "/v1/doubts/report", in.with("field", "postal_code", "value", postal.String()).String(), 422, "discrepancy.untold /field")
	k.refused(t, own, "/v1/doubts/report", `{"field":"x","document_sha256":"1"}`, 422,
		"discrepancy.missing /code", "discrepancy.field /field", "discrepancy.missing /evidence", "discrepancy.paper /document_sha256")

	one := object{"doubt": made.Result.ID}
	k.act(t, own, "/v1/doubts/find", one.String(), 200, nil)
	k.refused(t, other, "/v1/doubts/find", one.String(), 404, "discrepancy.doubt /doubt")
	k.refused(t, own, "/v1/doubts/find", "{}", 422, "discrepancy.missing /doubt")
	k.refused(t, own, "/v1/doubts/list", `{"limit":1001}`, 422, "discrepancy.limit /limit")
	reply := one.with("text", "مقدار ثبت‌شده درست است")
	k.refused(t, clerk, "/v1/doubts/answer", reply.String(), 409, "discrepancy.early /doubt")
	k.refused(t, own, "/v1/doubts/answer", reply.String(), 403, "register.role")
	k.refused(t, clerk, "/v1/doubts/answer", `{"doubt":99,"text":"آری"}`, 404, "discrepancy.doubt /doubt")
	k.refused(t, clerk, "/v1/doubts/answer", one.String(), 422, "discrepancy.missing /text")

	var raised raisedAnswer
	k.act(t, clerk, "/v1/doubts/raised", `{"limit":1}`, 200, &raised)
	if len(raised.Doubts) != 1 || raised.Doubts[0].ID != made.Result.ID || raised.Doubts[0].Agency != s.bankID {
		t.Errorf("%+v", raised)
	}
	k.act(t, chief, "/v1/doubts/raised", object{"before": made.Result.ID}.String(), 200, &raised)
	if len(raised.Doubts) != 0 {
		t.Errorf("%+v", raised)
	}
	k.refused(t, own, "/v1/doubts/raised", "{}", 403, "register.role")
	k.refused(t, clerk, "/v1/doubts/raised", `{"limit":-1}`, 422, "discrepancy.limit /limit")

	var list struct{ Cases []struct{ Case int64 } }
	k.act(t, clerk, "/v1/cases/list", `{"state":"open"}`, 200, &list)
	if len(list.Cases) != 1 {
		t.Fatalf("%+v", list)
	}
	file := object{"case": list.Cases[0].Case}
	if res := k.act(t, clerk, "/v1/cases/find", file.String(), 200, nil); !strings.Contains(string(res.body), code) {
		t.Errorf("the case does not cite what the agency was told: %s", res.body)
	}
	k.act(t, chief, "/v1/cases/take", file.String(), 200, nil)
	k.act(t, chief, "/v1/cases/decide", file.with("decision", "confirm", "reason", "document", "document", "12/1405").String(), 200, nil)
	k.act(t, clerk, "/v1/doubts/answer", reply.String(), 200, nil)
	var told struct {
		Doubts []struct {
			Closed  bool
			Outcome string
		}
	}
	res := k.act(t, own, "/v1/doubts/list", "{}", 200, &told)
	if len(told.Doubts) != 1 || !told.Doubts[0].Closed || told.Doubts[0].Outcome != "confirmed" || strings.Contains(string(res.body), "نمونه‌ای") {
		t.Errorf("%s", res.body)
	}
	k.act(t, other, "/v1/doubts/list", "{}", 200, &told)
	if len(told.Doubts) != 0 {
		t.Errorf("%+v", told)
	}
}

// deedsLife: a notary checks a deed, and is refused one that its agreement does
// not permit.
func deedsLife(t *testing.T, k *contract, s *stack) {
	id, notary, _ := s.enrol(41, 0)
	for _, a := range s.agreements.Of(id) {
		must(s.agreements.End(t.Context(), s.journal, system, a.ID, "test"))(t)
	}
	must(s.agreements.Put(t.Context(), s.journal, system, &agreement.Agreement{
		Agency: id, From: time.Now(), Until: time.Now().AddDate(1, 0, 0), Service: "1",
		Clauses: []agreement.Clause{{
			No: 1, Service: inquiry.Deed, Modes: []string{inquiry.Verify}, SearchKeys: []string{inquiry.KeyBirthDate}, Fields: inquiry.FieldsOf(inquiry.Deed),
		}},
	}))(t)
	seller := object{"role": "seller", "national_number": living.String(), "birth_date": "1370-01-01", "given_name": "آزمون", "surname": "نمونه‌ای"}
	deed := object{"officer": officer, "purpose": "deed", "file": "12", "deed": "sale", "postal_code": postal.String(), "parties": []object{seller, seller.with("role", "attorney")}}
	first := k.check(t, notary, "POST", "/v1/deeds/check", "/v1/deeds/check", deed.String(), "Idempotency-Key", "d-1")
	again := k.check(t, notary, "POST", "/v1/deeds/check", "/v1/deeds/check", deed.String(), "Idempotency-Key", "d-1")
	if !strings.Contains(string(first.body), `"outcome":"confirmed"`) || string(first.body) != string(again.body) {
		t.Errorf("%s\n%s", first.body, again.body)
	}
	k.check(t, notary, "POST", "/v1/deeds/check", "/v1/deeds/check", deed.with("file", "13").String(), "Idempotency-Key", "d-1").problem(t)
	if res := k.check(t, s.bank, "POST", "/v1/deeds/check", "/v1/deeds/check", deed.String()); !strings.Contains(string(res.body), `"reason":"agreement.service"`) {
		t.Errorf("%s", res.body)
	}
	k.refused(t, notary, "/v1/deeds/check", deed.with("deed", "promise", "postal_code", "1").String(), 422, "inquiry.deed.kind /deed", "ids.postal.length /postal_code")
}
