package api

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

func init() {
	lives = append(lives, noticesLife)
	openapi3filter.RegisterBodyDecoder("application/pdf", openapi3filter.FileBodyDecoder)
}

// objectionCode reads what stands on paper only.
var objectionCode = store.Q(store.Register, "sample.notice.code", `SELECT code FROM notice_letter WHERE id = $1`)

// resultOf is the answer of an act about letters or cases.
type resultOf[T any] struct {
	Code   string `json:"tracking_code"`
	Result T      `json:"result"`
}

// noticesLife: a campaign is counted, ordered, printed, posted and comes back;
// one person objects, and the record is corrected by two others.
func noticesLife(t *testing.T, k *contract, s *stack) {
	chief, printer, post := s.staff(register.Supervisor), s.staff(register.Printer), s.staff(register.Post)
	order := object{"name": "نوبت یکم", "choice": object{"persons": []string{living.String()}}}
	var job struct{ Campaign, Job int64 }
	k.act(t, chief, "/v1/notices/preview", order.String(), 200, &job)
	if counts := s.finished(job.Job); counts != `{"letters":1,"no_address":0}` {
		t.Error("preview", counts)
	}
	k.refused(t, s.staff(register.Clerk), "/v1/notices/preview", order.String(), 403, "register.role")
	k.refused(t, chief, "/v1/notices/preview", object{"name": "نوبت", "choice": object{}}.String(), 422, "notice.choice.empty /choice")
	var made resultOf[struct{ Campaign, Job int64 }]
	k.act(t, chief, "/v1/notices/campaign", order.String(), 200, &made)
	k.refused(t, chief, "/v1/notices/campaign", object{"name": "نوبت", "choice": object{"persons": []string{living.String(), dead.String(), absent.String()}}}.String(), 422,
		"notice.person.state /choice/persons/1", "notice.person.unknown /choice/persons/2")
	campaign := object{"campaign": made.Result.Campaign}
	k.refused(t, printer, "/v1/notices/batches", campaign.String(), 409, "notice.composing")
	none := object{"campaign": 99}.String()
	k.act(t, chief, "/v1/notices/resume", campaign.String(), 200, &made)
	s.finished(made.Result.Job)
	k.refused(t, chief, "/v1/notices/resume", campaign.String(), 409, "notice.composed")
	for _, path := range []string{"report", "batches", "letters", "unaddressed", "resume"} {
		k.refused(t, chief, "/v1/notices/"+path, none, 404, "notice.campaign.unknown /campaign")
	}
	if res := k.act(t, post, "/v1/notices/campaigns", `{"limit":1}`, 200, nil); bytes.Contains(res.body, []byte(living.String())) {
		t.Error("the Post is told whom a list names")
	}
	k.refused(t, post, "/v1/notices/campaigns", `{"limit":101}`, 422, "api.limit /limit")
	k.act(t, chief, "/v1/notices/unaddressed", campaign.String(), 200, nil)

	letter := s.printed(t, k, campaign)
	s.posted(t, k, campaign, letter)
	s.objected(t, k, letter)
}

// finished lets the queue work until a job has ended, and gives its result.
func (s *stack) finished(id int64) string {
	s.Helper()
	ctx, stop := context.WithCancel(s.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.jobs.Work(ctx) }()
	j := must(s.jobs.Wait(ctx, id))(s.T)
	stop()
	s.ok(<-ended)
	return string(j.Result)
}

// printed makes and prints the batch of a campaign of one letter.
func (s *stack) printed(t *testing.T, k *contract, campaign object) int64 {
	printer := s.staff(register.Printer)
	var b resultOf[struct {
		Batch, Letters int64
		LastDay        string `json:"last_day"`
	}]
	k.act(t, printer, "/v1/notices/batches", campaign.String(), 200, &b)
	if b.Result.Letters != 1 || b.Result.LastDay != persian.DateOf(time.Now()).AddMonths(3).String() {
		t.Errorf("%+v", b)
	}
	batch := object{"batch": b.Result.Batch}
	for _, path := range []string{"print", "cover"} {
		res := k.act(t, printer, "/v1/notices/"+path, batch.String(), 200, nil)
		if !bytes.HasPrefix(res.body, []byte("%PDF-")) || res.Header.Get("Content-Type") != "application/pdf" {
			t.Errorf("%s: no PDF: %.40s", path, res.body)
		}
		k.refused(t, printer, "/v1/notices/"+path, `{"batch":99}`, 404, "notice.batch.unknown /batch")
	}
	k.refused(t, s.staff(register.Post), "/v1/notices/posted", batch.String(), 409, "notice.batch.post")
	var page resultOf[struct{ Letters []struct{ Letter int64 } }]
	k.act(t, s.staff(register.Clerk), "/v1/notices/letters", campaign.with("state", "batched").String(), 200, &page)
	letter := page.Result.Letters[0].Letter
	k.refused(t, printer, "/v1/notices/printed", object{"batch": 99}.String(), 404, "notice.batch.unknown /batch")
	k.refused(t, printer, "/v1/notices/printed", batch.with("failed", []int64{letter, 99}).String(), 422, "notice.batch.letter /failed/1")
	k.act(t, printer, "/v1/notices/printed", batch.String(), 200, nil)
	k.refused(t, printer, "/v1/notices/printed", batch.String(), 409, "notice.batch.printed")
	k.refused(t, printer, "/v1/notices/print", batch.String(), 409, "notice.batch.printed")
	k.act(t, s.staff(register.Post), "/v1/notices/posted", batch.String(), 200, nil)
	k.refused(t, s.staff(register.Post), "/v1/notices/posted", `{"batch":99}`, 404, "notice.batch.unknown /batch")
	return letter
}

// posted reports the letter as delivered, and another that does not exist.
func (s *stack) posted(t *testing.T, k *contract, campaign object, letter int64) {
	post := s.staff(register.Post)
	var done resultOf[struct{ Rows, Accepted, Refused int64 }]
	k.act(t, post, "/v1/notices/delivered", object{"letters": []object{{"letter": letter}, {"letter": 99}}}.String(), 200, &done)
	if done.Result.Accepted != 1 || done.Result.Refused != 1 {
		t.Errorf("%+v", done)
	}
	k.act(t, post, "/v1/notices/returned", object{"csv": "letter,reason\n" + itoa(letter) + ",moved\n"}.String(), 200, &done)
	if done.Result.Accepted != 0 || done.Result.Refused != 1 {
		t.Errorf("a delivered letter came back: %+v", done)
	}
	k.refused(t, post, "/v1/notices/returned", `{"letters":[{"letter":1,"reason":"lost"}]}`, 422, "notice.word /letters/0/reason")
	k.refused(t, post, "/v1/notices/delivered", `{}`, 422, "notice.mail.list /letters")
	k.refused(t, s.staff(register.Clerk), "/v1/notices/delivered", `{}`, 403, "register.role")
	var report struct {
		Provinces []struct{ States map[string]int64 }
	}
	k.act(t, post, "/v1/notices/report", campaign.String(), 200, &report)
	if len(report.Provinces) != 1 || report.Provinces[0].States["delivered"] != 1 {
		t.Errorf("%+v", report)
	}
}

// objected: the person objects, a clerk takes the case and proposes, a
// supervisor approves.
func (s *stack) objected(t *testing.T, k *contract, letter int64) {
	var code int64
	s.ok(s.db.Read(t.Context(), func(tx *store.Tx) error {
		_, err := tx.One(objectionCode, []any{letter}, &code)
		return err
	}))
	claim := object{"objection_code": itoa(code), "national_number": living.String(), "items": []object{{"field": "father_name", "value": "فرهاد"}}}
	k.refused(t, s.nobody, "/v1/objections", claim.with("objection_code", "1234").String(), 422, "notice.code /objection_code")
	k.refused(t, s.nobody, "/v1/objections", claim.with("items", []object{{"field": "surname", "value": "12"}}).String(), 422, "persian.name.letter /items/0/value")
	var opened resultOf[struct {
		Case     int64
		Deadline string
	}]
	k.act(t, s.nobody, "/v1/objections", claim.String(), 200, &opened)

	clerk, colleague, chief := s.staff(register.Clerk), s.staff(register.Clerk, 2), s.staff(register.Supervisor)
	one := object{"case": opened.Result.Case}
	k.act(t, clerk, "/v1/cases/take", one.String(), 200, nil)
	k.refused(t, colleague, "/v1/cases/take", one.String(), 409, "discrepancy.taken")
	k.refused(t, clerk, "/v1/cases/take", `{"case":99}`, 404, "discrepancy.unknown /case")
	decision := one.with("decision", "correct").with("reason", "objection").with("document", "نامه ۱۲")
	k.refused(t, colleague, "/v1/cases/decide", decision.String(), 403, "discrepancy.taker")
	k.refused(t, clerk, "/v1/cases/decide", decision.with("decision", "forget").String(), 422, "discrepancy.word /decision")
	k.refused(t, clerk, "/v1/cases/decide", decision.with("case", 99).String(), 404, "discrepancy.unknown /case")
	var now resultOf[struct {
		State, Outcome string
		Proposal       int64
		Items          []struct{ OnRecord, Claimed string }
	}]
	k.act(t, clerk, "/v1/cases/decide", decision.String(), 200, &now)
	if now.Result.State != "proposed" || now.Result.Proposal == 0 {
		t.Errorf("%+v", now)
	}
	k.refused(t, clerk, "/v1/cases/decide", decision.String(), 409, "discrepancy.proposed")
	k.refused(t, s.nobody, "/v1/objections", claim.String(), 409, "discrepancy.proposed")
	k.refused(t, s.nobody, "/v1/objections", claim.with("national_number", dead.String()).String(), 404, "notice.objection.unknown")
	for range 4 {
		s.nobody.post("/v1/objections", claim.with("national_number", dead.String()).String())
	}
	k.refused(t, s.nobody, "/v1/objections", claim.String(), 429, "notice.objection.tries")
	s.approved(now.Result.Proposal)
	k.act(t, chief, "/v1/cases/find", one.String(), 200, &now)
	if now.Result.State != "closed" || now.Result.Outcome != "corrected" {
		t.Errorf("%+v", now)
	}
	k.refused(t, clerk, "/v1/cases/find", `{"case":99}`, 404, "discrepancy.unknown /case")
	var page struct{ Cases []json.RawMessage }
	k.act(t, clerk, "/v1/cases/list", `{"state":"closed"}`, 200, &page)
	if len(page.Cases) != 1 {
		t.Errorf("%s", page.Cases)
	}
	k.refused(t, clerk, "/v1/cases/list", `{"limit":1001}`, 422, "discrepancy.limit /limit")
}

// approved carries a proposal out, as another supervisor than the clerk.
func (s *stack) approved(proposal int64) {
	s.Helper()
	_, _, err := s.api.persons.Approve(s.Context(), s.journal, journal.Actor{Role: register.Supervisor, Agency: s.bankID, ID: "s9"}, proposal)
	s.ok(err)
}
