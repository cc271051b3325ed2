package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, auditLife, patternLife) }

// audited is an audit case as programs read it.
type audited struct {
	Audit   int64  `json:"audit"`
	Code    string `json:"code"`
	File    string `json:"file"`
	State   string `json:"state"`
	Outcome string `json:"outcome"`
	Measure string `json:"measure"`
	How     string `json:"how"`
	Dossier struct {
		FileAgrees    bool `json:"file_agrees"`
		PurposeAgrees bool `json:"purpose_agrees"`
	} `json:"dossier"`
	Record map[string]any `json:"record"`
	Steps  []struct {
		What string `json:"what"`
	} `json:"steps"`
}

// sampled draws from what the bank has asked in this month.
func (s *stack) sampled(t *testing.T, k *contract) (draw int64) {
	var made resultOf[struct {
		Draw, Job int64
	}]
	month := persian.DateOf(time.Now())
	month.Day = 0
	k.act(t, s.staff(register.Inspector), "/v1/audits/draw", object{"month": month.String(), "agency": s.bankID.String()}.String(), 200, &made)
	s.finish(made.Result.Job)
	return made.Result.Draw
}

// auditLife: a sample is drawn, the head shows, the inspector judges, the
// agreement narrows by itself, and an appeal gives it back.
func auditLife(t *testing.T, k *contract, s *stack) {
	elsewhere, _, _ := s.enrol(71, 0)
	head, other := s.bound(s.bankID, "b.audited", agency.RoleHead), s.bound(elsewhere, "t.audited", agency.RoleHead)
	inspector, member := s.staff(register.Inspector), s.staff(register.Member)
	codes := s.bankCode(t) + " " + s.bankCode(t)
	k.refused(t, inspector, "/v1/audits/draw", `{"month":"1450-01"}`, 422, "audit.month /month")
	k.refused(t, inspector, "/v1/audits/draw", object{"month": persian.DateOf(time.Now()).String()[:7], "agency": "14003552272"}.String(), 404, "agency.unknown /agency")
	draw := s.sampled(t, k)

	var draws struct {
		Draws []struct {
			Size   int64
			Shares []struct{ Chosen int }
		}
	}
	k.act(t, member, "/v1/audits/draws", fmt.Sprintf(`{"draw":%d}`, draw), 200, &draws)
	if len(draws.Draws) != 1 || draws.Draws[0].Size == 0 || draws.Draws[0].Shares[0].Chosen != 2 {
		t.Errorf("%+v", draws)
	}
	k.act(t, s.staff(register.Supervisor), "/v1/audits/draws", `{}`, 200, nil)
	k.refused(t, member, "/v1/audits/draws", `{"draw":99}`, 404, "audit.draw /draw")

	var list struct{ Audits []audited }
	k.act(t, head, "/v1/audits/list", `{"state":"open"}`, 200, &list)
	if len(list.Audits) != 2 || list.Audits[0].File != "" || !strings.Contains(codes, list.Audits[0].Code) {
		t.Fatalf("%+v", list)
	}
	one, two := list.Audits[0].Audit, list.Audits[1].Audit
	k.act(t, other, "/v1/audits/list", `{}`, 200, &list)
	if len(list.Audits) != 0 {
		t.Errorf("another agency sees %+v", list)
	}
	k.refused(t, inspector, "/v1/audits/list", `{"limit":5000}`, 422, "audit.limit /limit")

	shows := func(id int64, file string) string {
		return object{"audit": id, "file": file, "purpose": "account-opening", "words": "گشایش حساب", "ground": "درخواست مشتری"}.String()
	}
	var seen resultOf[audited]
	k.refused(t, head, "/v1/audits/show", object{"audit": one, "file": "", "purpose": "x", "words": "x", "ground": "x", "document_sha256": "1"}.String(), 422,
		"audit.missing /file", "audit.paper /document_sha256")
	k.refused(t, other, "/v1/audits/show", shows(one, "1405-1001"), 404, "audit.unknown /audit")
	k.act(t, head, "/v1/audits/show", shows(one, "۱۴۰۵-۱۰۰۱"), 200, &seen)
	if d := seen.Result.Dossier; !d.FileAgrees || !d.PurposeAgrees {
		t.Errorf("%+v", seen.Result)
	}
	k.act(t, head, "/v1/audits/show", shows(two, "1405-9999"), 200, &seen)
	if d := seen.Result.Dossier; d.FileAgrees || !d.PurposeAgrees {
		t.Errorf("%+v", seen.Result)
	}
	k.refused(t, head, "/v1/audits/show", shows(two, "1405-1001"), 409, "audit.state /audit")
	s.judged(t, k, one, two)
	s.appealed(t, k, head, other, two)
}

// judged judges one justified and the other a misuse.
func (s *stack) judged(t *testing.T, k *contract, one, two int64) {
	inspector := s.staff(register.Inspector)
	judges := func(id int64, outcome string) string {
		return object{"audit": id, "outcome": outcome, "reason": "پرونده دیده شد"}.String()
	}
	var seen resultOf[audited]
	k.refused(t, inspector, "/v1/audits/judge", judges(one, "silent"), 422, "audit.word /outcome")
	k.refused(t, inspector, "/v1/audits/judge", judges(99, "misuse"), 404, "audit.unknown /audit")
	k.act(t, inspector, "/v1/audits/judge", judges(one, "justified"), 200, &seen)
	k.refused(t, inspector, "/v1/audits/judge", judges(one, "misuse"), 409, "audit.state /audit")
	k.act(t, inspector, "/v1/audits/judge", judges(two, "misuse"), 200, &seen)
	if seen.Result.Measure != "narrowed" || seen.Result.How != "verify_only" {
		t.Errorf("%+v", seen.Result)
	}
	if a, ok := s.agreements.InForce(s.bankID, s.clock()); !ok || a.Version != 2 || len(a.Clauses[0].Modes) != 1 {
		t.Errorf("the agreement is %+v", a)
	}
	k.act(t, inspector, "/v1/audits/find", fmt.Sprintf(`{"audit":%d}`, two), 200, &seen)
	if seen.Result.Record["file"] != "1405-1001" || len(seen.Result.Steps) != 4 {
		t.Errorf("%+v", seen.Result)
	}
	k.refused(t, inspector, "/v1/audits/find", `{"audit":99}`, 404, "audit.unknown /audit")
}

// appealed appeals, and somebody else decides.
func (s *stack) appealed(t *testing.T, k *contract, head, other *client, id int64) {
	inspector, member := s.staff(register.Inspector), s.staff(register.Member)
	var seen resultOf[audited]
	protest := object{"audit": id, "text": "پرونده دیگری بود"}.String()
	decides := object{"audit": id, "decision": "upheld", "reason": "درست است"}.String()
	k.refused(t, other, "/v1/audits/appeal", protest, 404, "audit.unknown /audit")
	k.act(t, head, "/v1/audits/appeal", protest, 200, &seen)
	k.refused(t, head, "/v1/audits/appeal", protest, 409, "audit.state /audit")
	k.refused(t, member, "/v1/audits/decide", `{"audit":99,"decision":"upheld","reason":"x"}`, 404, "audit.unknown /audit")
	k.refused(t, inspector, "/v1/audits/decide", decides, 403, "audit.judge")
	k.act(t, member, "/v1/audits/decide", decides, 200, &seen)
	if seen.Result.Measure != "restored" {
		t.Errorf("%+v", seen.Result)
	}
	k.refused(t, member, "/v1/audits/decide", decides, 409, "audit.state /audit")
	if a, ok := s.agreements.InForce(s.bankID, s.clock()); !ok || a.Version != 3 || len(a.Clauses[0].Modes) != 2 {
		t.Errorf("the agreement is %+v", a)
	}
	k.act(t, head, "/v1/audits/find", fmt.Sprintf(`{"audit":%d}`, id), 200, &seen)
	if len(seen.Result.Record) > 0 {
		t.Errorf("the head is shown the record: %+v", seen.Result)
	}
}

// patternLife: an officer goes through the numbers; he is found, and audited.
func patternLife(t *testing.T, k *contract, s *stack) {
	inspector := s.staff(register.Inspector)
	for i := range int64(12) {
		q := verifyLiving()
		q["national_number"] = numberOf(2_000_001 + i).String()
		s.bank.post("/v1/inquiries", q.String())
	}
	s.sampled(t, k)
	var list struct {
		Patterns []struct {
			Pattern  int64
			Kind     string
			Observed int64
			Codes    []string
		}
	}
	k.act(t, inspector, "/v1/audits/patterns", `{"state":"new"}`, 200, &list)
	if len(list.Patterns) != 2 || list.Patterns[0].Kind != "run" || list.Patterns[0].Observed != 12 || len(list.Patterns[0].Codes) != 12 || list.Patterns[1].Kind != "steps" {
		t.Fatalf("%+v", list)
	}
	decides := func(id int64, word string) string {
		return object{"pattern": id, "decision": word, "reason": "فهرست یک مدرسه"}.String()
	}
	k.refused(t, inspector, "/v1/audits/pattern", decides(list.Patterns[0].Pattern, "fine"), 422, "audit.word /decision")
	k.refused(t, inspector, "/v1/audits/pattern", decides(99, "explained"), 404, "audit.pattern /pattern")
	k.act(t, inspector, "/v1/audits/pattern", decides(list.Patterns[0].Pattern, "audited"), 200, nil)
	k.refused(t, inspector, "/v1/audits/pattern", decides(list.Patterns[0].Pattern, "explained"), 409, "audit.pattern.decided /pattern")
	k.act(t, inspector, "/v1/audits/pattern", decides(list.Patterns[1].Pattern, "explained"), 200, nil)
	var all struct{ Audits []audited }
	k.act(t, inspector, "/v1/audits/list", `{}`, 200, &all)
	if len(all.Audits) != 12 { // ten by the draw, two more by the pattern
		t.Errorf("%d cases", len(all.Audits))
	}
}
