package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/delivery"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, deliveriesLife) }

// insurer is an agency that may have deliveries.
func (s *stack) insurer() (head, officer *client) {
	s.Helper()
	ten := int64(1_400_000_555)
	id := ids.LegalID(ten*10 + ids.LegalCheckDigit(ten))
	must(s.agencies.Register(s.Context(), s.journal, system, &agency.Agency{ID: id, Name: "بیمه آزمایشی"}))(s.T)
	must(s.agreements.Put(s.Context(), s.journal, system, &agreement.Agreement{
		Agency: id, From: time.Now().Add(-time.Hour), Until: time.Now().AddDate(9, 0, 0), Service: "10031094100",
		Clauses: []agreement.Clause{{
			No: 1, Service: "delivery", Modes: []string{"disclose"}, SearchKeys: []string{"file"}, Fields: agreement.Bulk[0].Fields, Purposes: []string{"pension"},
		}},
	}))(s.T)
	return s.bound(id, "i.head", agency.RoleHead), s.bound(id, "i.officer", agency.RoleOfficer)
}

// deliveriesLife: an agency asks for what the law owes it, and gets it.
func deliveriesLife(t *testing.T, k *contract, s *stack) {
	head, officer := s.insurer()
	board := s.staff(register.Supervisor)
	ground := object{"reason": "pension-act", "document": "12, 1405-01-01"}
	ask := ground.with("purpose", "pension").with("fields", []string{"national_number", "surname"}).with("method", "api").with("coverage", "declared")
	var made struct {
		Result delivery.Delivery
	}
	k.refused(t, head, "/v1/deliveries/request", ask.String(), 422, "delivery.method /method")
	s.decide(delivery.MethodsEffect, `{"methods":["api","media"]}`, "")
	s.decide(delivery.PriorityEffect, object{"agencies": []string{s.bankID.String()}}.String(), "")
	s.decide("start-date", `{"name":"law-entry","day":"1404-01-01"}`, "")
	_, pair, err := delivery.NewIdentity()
	s.ok(err)
	k.act(t, head, "/v1/deliveries/recipient", object{"recipient": pair}.String(), 200, nil)
	k.deliverBad(t, s, head, officer, board)

	for _, method := range []string{"api", "media"} {
		k.act(t, head, "/v1/deliveries/request", ask.with("method", method).String(), 200, &made)
		of := object{"delivery": made.Result.ID}
		if made.Result.State != delivery.Requested || made.Result.Due.IsZero() {
			t.Errorf("%+v", made.Result)
		}
		k.refused(t, officer, "/v1/deliveries/preview", of.String(), 409, "delivery.file.none")
		k.refused(t, head, "/v1/deliveries/start", of.String(), 409, "delivery.not_approved")
		k.upload(t, officer, made.Result.ID, "کد ملی,نام خانوادگی\n"+living.String()+",نمونه\n", 200)
		k.act(t, officer, "/v1/deliveries/preview", of.String(), 200, nil)
		k.act(t, board, "/v1/deliveries/prioritise", ground.with("delivery", made.Result.ID).with("priority", 2).String(), 200, nil)
		k.act(t, head, "/v1/deliveries/start", of.String(), 200, &made)
		s.finish(made.Result.Job)
		var now delivery.Delivery
		k.act(t, officer, "/v1/deliveries/find", of.String(), 200, &now)
		if now.State != delivery.Delivered || now.Rows != 1 {
			t.Fatalf("%+v", now)
		}
		k.refused(t, board, "/v1/deliveries/refuse", ground.with("delivery", now.ID).String(), 409, "delivery.state")
		k.refused(t, head, "/v1/deliveries/withdraw", of.String(), 409, "delivery.state")
		k.refused(t, board, "/v1/deliveries/prioritise", ground.with("delivery", now.ID).with("priority", 2).String(), 409, "delivery.state")
		var pack delivery.Package
		k.act(t, officer, "/v1/deliveries/package", of.String(), 200, &pack)
		if method == "api" {
			k.act(t, officer, "/v1/deliveries/result", of.String(), 200, nil)
		} else {
			k.parts(t, officer, now.ID, pack.Media)
		}
		k.act(t, officer, "/v1/deliveries/acknowledge", of.with("manifest", pack.SHA256).String(), 200, nil)
		k.refused(t, officer, "/v1/deliveries/acknowledge", of.with("manifest", pack.SHA256).String(), 409, "delivery.state")
	}
	k.act(t, officer, "/v1/deliveries/list", "{}", 200, nil)
	k.act(t, board, "/v1/deliveries/clock", "{}", 200, nil)
}

// finish lets the queue work until a job has ended.
func (s *stack) finish(id int64) {
	s.Helper()
	ctx, stop := context.WithCancel(s.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.jobs.Work(ctx) }()
	must(s.jobs.Wait(ctx, id))(s.T)
	stop()
	<-ended
}

// upload hands a file in.
func (k *contract) upload(t *testing.T, c *client, id int64, file string, status int, headers ...string) *answer {
	t.Helper()
	path := "/v1/deliveries/upload?delivery=" + itoa(id)
	res := k.check(t, c, http.MethodPut, "/v1/deliveries/upload", path, file, append([]string{"Content-Type", "text/csv"}, headers...)...)
	if res.StatusCode != status {
		t.Errorf("upload: %d, want %d: %.400s", res.StatusCode, status, res.body)
	}
	return res
}

// parts fetches a package, whole and from the middle.
func (k *contract) parts(t *testing.T, c *client, id int64, m *delivery.MediaPackage) {
	t.Helper()
	path := "/v1/deliveries/part?delivery=" + itoa(id) + "&part="
	get := func(who *client, path string, status int, headers ...string) string {
		t.Helper()
		res := k.check(t, who, http.MethodGet, "/v1/deliveries/part", path, "", headers...)
		if res.StatusCode != status {
			t.Errorf("%s: %d, want %d: %.300s", path, res.StatusCode, status, res.body)
		}
		return string(res.body)
	}
	whole := get(c, path+"0", 200)
	if int64(len(whole)) != m.Size || len(m.Parts) != 1 || !strings.HasPrefix(whole, "age-encryption.org/v1\n") {
		t.Errorf("%d bytes, %+v", len(whole), m)
	}
	if rest := get(c, path+"0", 206, "Range", "bytes=100-"); rest != whole[100:] {
		t.Error("the rest is not the rest")
	}
	get(c, path+"0", 416, "Range", "bytes=99999999-")
	get(c, path+"1", 404)
	get(c, path+"x", 422)
	get(c.s.bank, path+"0", 404)
}

// deliverBad asks for what is not there and sends what is no file.
func (k *contract) deliverBad(t *testing.T, s *stack, head, officer, board *client) {
	t.Helper()
	none := object{"delivery": 99}
	ground := none.with("reason", "no-ground").with("document", "1")
	for _, c := range []struct {
		who  *client
		name string
		in   object
	}{
		{officer, "find", none}, {officer, "preview", none}, {head, "start", none}, {head, "withdraw", none}, {officer, "result", none},
		{officer, "package", none}, {officer, "acknowledge", none.with("manifest", "")},
		{board, "refuse", ground}, {board, "prioritise", ground.with("priority", 1)},
	} {
		k.refused(t, c.who, "/v1/deliveries/"+c.name, c.in.String(), 404, "delivery.unknown /delivery")
	}
	var made struct {
		Result delivery.Delivery
	}
	k.act(t, head, "/v1/deliveries/request", object{
		"reason": "pension-act", "document": "1", "purpose": "pension", "fields": []string{"surname"}, "method": "api", "coverage": "declared",
	}.String(), 200, &made)
	id := made.Result.ID
	k.refused(t, officer, "/v1/deliveries/result", object{"delivery": id}.String(), 409, "delivery.state")
	k.refused(t, officer, "/v1/deliveries/package", object{"delivery": id}.String(), 409, "delivery.state")
	k.upload(t, s.nobody, id, "x", 401)
	k.upload(t, board, id, "x", 403)
	k.upload(t, officer, 99, "x", 404)
	k.upload(t, officer, id, "x", 415, "Content-Type", "text/plain")
	k.upload(t, officer, id, "", 422)
	most := s.deliveries.MostBytes
	s.deliveries.MostBytes = 10
	k.upload(t, officer, id, "نام,نام خانوادگی\n", 413)
	s.deliveries.MostBytes = most
	k.act(t, head, "/v1/deliveries/withdraw", object{"delivery": id}.String(), 200, nil)
	k.upload(t, officer, id, "نام,نام خانوادگی\n", 409)
	k.act(t, head, "/v1/deliveries/request", object{
		"reason": "pension-act", "document": "1", "purpose": "pension", "fields": []string{"surname"}, "method": "api", "coverage": "declared",
	}.String(), 200, &made)
	k.act(t, board, "/v1/deliveries/refuse", ground.with("delivery", made.Result.ID).String(), 200, nil)
}
