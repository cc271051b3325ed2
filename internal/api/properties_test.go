package api

import (
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/property"
	"github.com/estelam/estelam/internal/quality"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, propertiesLife, qualityLife, releaseLife) }

// propertiesLife: the deeds organisation checks a list; sent again with its key
// it is answered alike; a list of guesses is stopped.
func propertiesLife(t *testing.T, k *contract, s *stack) {
	id, deeds, _ := s.enrol(43, 0)
	for _, a := range s.agreements.Of(id) {
		must(s.agreements.End(t.Context(), s.journal, system, a.ID, "test"))(t)
	}
	must(s.agreements.Put(t.Context(), s.journal, system, &agreement.Agreement{
		Agency: id, From: time.Now(), Until: time.Now().AddDate(1, 0, 0), Service: "1",
		Clauses: []agreement.Clause{{No: 1, Service: property.Service, Modes: []string{inquiry.Verify}, SearchKeys: []string{"file"}, Fields: property.Items}},
	}))(t)
	own := object{"postal_code": postal.String(), "national_number": living.String(), "given_name": "آزمون", "surname": "نمونه‌ای", "father_name": "فرضی", "birth_date": "1370-01-01"}
	list := object{"officer": officer, "purpose": "cadastre", "file": "1", "items": []string{"national_number", "postal_code", "residence"}, "rows": []object{own, own.with("postal_code", "12")}}
	path := "/v1/properties/check"
	first := k.check(t, deeds, "POST", path, path, list.String(), "Idempotency-Key", "p-1")
	again := k.check(t, deeds, "POST", path, path, list.String(), "Idempotency-Key", "p-1")
	if !strings.Contains(string(first.body), `"state":"malformed"`) || string(first.body) != string(again.body) {
		t.Errorf("%s\n%s", first.body, again.body)
	}
	k.refused(t, s.bank, path, list.String(), 403, "property.agreement")
	k.refused(t, deeds, path, list.with("officer", "nobody").String(), 403, "api.officer /officer")
	k.refused(t, deeds, path, list.with("items", []string{"father"}).String(), 422, "property.item /items/0")
	var guesses []object
	for i := range int64(30) {
		guesses = append(guesses, object{"national_number": numberOf(5_000_001 + 97*i).String()})
	}
	k.refused(t, deeds, path, list.with("rows", guesses).String(), 403, "delivery.guard.bare")
}

// releaseLife: the guard stops a list of guesses, and a supervisor lets it go on.
func releaseLife(t *testing.T, k *contract, s *stack) {
	head, officer := s.insurer()
	board := s.staff(register.Supervisor)
	ground := object{"reason": "pension-act", "document": "12"}
	var made resultOf[delivery.Delivery]
	k.act(t, head, "/v1/deliveries/request", ground.with("purpose", "pension", "fields", []string{"surname"}, "method", "terminal", "coverage", "declared").String(), 200, &made)
	of := ground.with("delivery", made.Result.ID)
	file := "کد ملی,نام خانوادگی\n"
	for i := range int64(20) {
		file += numberOf(5_000_001+97*i).String() + ",\n"
	}
	k.upload(t, officer, made.Result.ID, file, 200)
	k.refused(t, board, "/v1/deliveries/release", of.String(), 409, "delivery.state")
	k.refused(t, board, "/v1/deliveries/release", of.with("delivery", 99).String(), 404, "delivery.unknown /delivery")
	k.act(t, board, "/v1/deliveries/prioritise", of.with("priority", 1).String(), 200, nil)
	k.act(t, head, "/v1/deliveries/start", object{"delivery": made.Result.ID}.String(), 200, &made)
	s.finish(made.Result.Job)
	var list struct{ Deliveries []delivery.Delivery }
	k.act(t, board, "/v1/deliveries/list", `{"state":"stopped"}`, 200, &list)
	if len(list.Deliveries) != 1 || list.Deliveries[0].Note != "delivery.guard.bare" {
		t.Fatalf("%+v", list)
	}
	k.act(t, board, "/v1/deliveries/release", of.String(), 200, &made)
	s.finish(made.Result.Job)
	var now delivery.Delivery
	k.act(t, officer, "/v1/deliveries/find", object{"delivery": made.Result.ID}.String(), 200, &now)
	if now.State != delivery.Delivered {
		t.Errorf("%+v", now)
	}
}

// qualityLife: an agency has two lists measured, and sees its scores and nobody
// else's.
func qualityLife(t *testing.T, k *contract, s *stack) {
	var checked resultOf[quality.Checked]
	rows := []object{
		{"national_number": living.String(), "postal_code": postal.String()},
		{"national_number": absent.String(), "postal_code": "9999999999"},
		{"national_number": "12", "postal_code": "12"},
		{},
	}
	k.act(t, s.bank, "/v1/quality/check", object{"list": "customers", "rows": rows}.String(), 200, &checked)
	if a := checked.Result.Answers; len(a) != 4 || a[0].Number != a[1].Number || checked.Result.PostalKnown != 1 || checked.Result.NumberKnown != 0 {
		t.Errorf("%+v", checked.Result)
	}
	k.act(t, s.bank, "/v1/quality/check", `{"list":"customers","counts":{"rows":100,"number_form":90,"postal_form":80}}`, 200, nil)
	k.refused(t, s.bank, "/v1/quality/check", `{"list":"Customers","counts":{"rows":1,"number_form":2,"postal_form":0}}`, 422,
		"quality.list /list", "quality.count /counts/number_form")
	var told struct{ Scores []quality.Score }
	k.act(t, s.bank, "/v1/quality/score", `{"list":"customers"}`, 200, &told)
	if len(told.Scores) != 2 || told.Scores[0].Rows != 4 || told.Scores[1].NumberForm != 90 || told.Scores[1].Here {
		t.Errorf("%+v", told)
	}
	k.act(t, s.tax, "/v1/quality/score", "{}", 200, &told)
	if len(told.Scores) != 0 {
		t.Errorf("%+v", told)
	}
	k.refused(t, s.bank, "/v1/quality/score", `{"limit":1001}`, 422, "quality.limit /limit")
}
