package api

import (
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

func init() { lives = append(lives, reviewsLife) }

// reviewsLife: an automatic link that was drawn goes to two clerks, who deny it;
// the agency is answered again, and the estimates learn from it.
func reviewsLife(t *testing.T, k *contract, s *stack) {
	s.populate(300)
	head, agent := s.insurer()
	clerk, other, board := s.staff(register.Clerk), s.staff(register.Clerk, 2), s.staff(register.Supervisor)
	ground := object{"reason": "pension-act", "document": "12, 1405-01-01"}
	s.decide(delivery.MethodsEffect, `{"methods":["api"]}`, "")
	var made struct{ Result delivery.Delivery }
	k.act(t, head, "/v1/deliveries/request", ground.with("purpose", "pension").with("fields", []string{"surname"}).with("method", "api").with("coverage", "declared").String(), 200, &made)
	of := object{"delivery": made.Result.ID}
	k.upload(t, agent, made.Result.ID, "کد ملی,نام,نام خانوادگی,نام پدر,تاریخ تولد\n"+living.String()+",آزمون,نمونه‌ای,فرضی,1370/01/01\n", 200)
	k.refused(t, head, "/v1/deliveries/report", of.String(), 409, "delivery.report.none")
	k.refused(t, agent, "/v1/deliveries/supplement", of.String(), 409, "delivery.state")
	k.refused(t, board, "/v1/reviews/supplement", of.String(), 409, "delivery.state")
	k.refused(t, clerk, "/v1/reviews/next", "{}", 404, "delivery.review.none")
	k.act(t, board, "/v1/deliveries/prioritise", ground.with("delivery", made.Result.ID).with("priority", 1).String(), 200, nil)
	k.act(t, head, "/v1/deliveries/start", of.String(), 200, &made)
	s.finish(made.Result.Job)

	var taken struct{ Result delivery.Review }
	k.act(t, clerk, "/v1/reviews/next", of.String(), 200, &taken)
	one := object{"review": taken.Result.ID}
	if r := taken.Result; len(r.Candidates) == 0 || r.Candidates[0].Number != living || r.Sample || r.Taker == "" {
		t.Fatalf("%+v", r)
	}
	k.act(t, clerk, "/v1/reviews/find", one.String(), 200, nil)
	k.refused(t, other, "/v1/reviews/find", one.String(), 403, "delivery.review.taker")
	k.act(t, clerk, "/v1/reviews/release", one.String(), 200, nil)
	k.reviewBad(t, head, clerk, board)

	deny := one.with("decision", "none").with("reason", "different-person")
	for _, who := range []*client{clerk, other} {
		k.act(t, who, "/v1/reviews/next", "{}", 200, nil)
		k.act(t, who, "/v1/reviews/decide", deny.String(), 200, &taken)
		if who == clerk {
			k.refused(t, board, "/v1/reviews/supplement", of.String(), 409, "delivery.review.nothing")
			k.refused(t, who, "/v1/reviews/next", "{}", 404, "delivery.review.none")
		}
	}
	if taken.Result.State != delivery.ReviewDecided || !taken.Result.Sample {
		t.Errorf("%+v", taken.Result)
	}
	var list struct{ Reviews []delivery.Review }
	k.act(t, clerk, "/v1/reviews/list", `{"state":"decided"}`, 200, &list)
	if len(list.Reviews) != 1 {
		t.Errorf("%+v", list)
	}
	k.act(t, other, "/v1/reviews/undo", one.with("reason", "slip").String(), 200, nil)
	k.refused(t, other, "/v1/reviews/undo", one.with("reason", "slip").String(), 409, "delivery.review.undecided")
	for _, who := range []*client{clerk, other} {
		k.act(t, who, "/v1/reviews/next", "{}", 200, nil)
		k.act(t, who, "/v1/reviews/decide", deny.String(), 200, nil)
	}
	k.act(t, board, "/v1/reviews/productivity", "{}", 200, nil)
	k.refused(t, board, "/v1/reviews/recalibrate", "{}", 409, "delivery.review.few")
	s.deliveries.Least = 1
	k.act(t, board, "/v1/reviews/recalibrate", "{}", 200, nil)
	k.act(t, board, "/v1/reviews/supplement", of.String(), 200, nil)
	var rows struct{ Rows []struct{ Status string } }
	k.act(t, agent, "/v1/deliveries/supplement", of.String(), 200, &rows)
	if len(rows.Rows) != 1 || rows.Rows[0].Status != "not_found" {
		t.Errorf("%+v", rows)
	}
	for _, format := range []string{"html", "pdf"} {
		res := k.act(t, head, "/v1/deliveries/report", of.with("format", format).with("language", "en").String(), 200, nil)
		if head := string(res.body[:20]); !strings.HasPrefix(head, map[string]string{"html": "<!doctype html>", "pdf": "%PDF-1.7"}[format]) {
			t.Errorf("%s: %q", format, head)
		}
	}
}

// populate registers persons of whom each is somebody: in a register of three no
// row is sure of anybody.
func (s *stack) populate(n int) {
	s.Helper()
	given, surname := []string{"زهرا", "علی", "نرگس", "امیر", "لیلا", "کاظم", "پرویز"}, []string{"کریمی", "رضایی", "احمدی", "موسوی", "جعفری", "صادقی", "رستمی", "نوری", "یزدانی"}
	a := register.Act{Kind: receipt.PersonChange, Actor: system, Why: "test"}
	must(register.Do(s.Context(), s.db, s.journal, a, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		for i := range n {
			p := person.Person{
				Number: numberOf(2_000_001 + 13*int64(i)), Given: name(given[i%7]), Surname: name(surname[i%9]), Father: name(given[i%5]),
				Born: persian.Date{Year: int16(1330 + i%53), Month: int16(1 + i%12), Day: int16(1 + i%29)}, Sex: person.Sex(1 + i%2), State: person.Active,
			}
			if err := person.Put(tx, c, &p); err != nil {
				return nil, err
			}
		}
		return []byte(`"done":true`), nil
	}))(s.T)
}

// reviewBad asks for what is not there.
func (k *contract) reviewBad(t *testing.T, head, clerk, board *client) {
	t.Helper()
	none := object{"review": 99, "reason": "slip"}
	k.refused(t, clerk, "/v1/reviews/find", `{"review":99}`, 404, "delivery.review.unknown /review")
	k.refused(t, clerk, "/v1/reviews/release", `{"review":99}`, 404, "delivery.review.unknown /review")
	k.refused(t, clerk, "/v1/reviews/undo", none.String(), 404, "delivery.review.unknown /review")
	k.refused(t, clerk, "/v1/reviews/decide", none.with("decision", "none").String(), 404, "delivery.review.unknown /review")
	k.refused(t, clerk, "/v1/reviews/decide", none.with("decision", "both").String(), 422, "delivery.word /decision")
	k.refused(t, board, "/v1/reviews/supplement", `{"delivery":99}`, 404, "delivery.unknown /delivery")
	k.refused(t, head, "/v1/deliveries/supplement", `{"delivery":99}`, 404, "delivery.unknown /delivery")
	k.refused(t, head, "/v1/deliveries/report", `{"delivery":99}`, 404, "delivery.unknown /delivery")
	k.refused(t, board, "/v1/reviews/productivity", `{"from":"1405-02-01","to":"1405-01-01"}`, 422, "delivery.review.period /from")
}
