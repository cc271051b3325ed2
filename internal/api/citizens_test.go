package api

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/complaint"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, citizenLife, complaintLife) }

// citizenLife: a clerk gives a person access; the person sees who asked, and
// locks his number.
func citizenLife(t *testing.T, k *contract, s *stack) {
	s.citizens.Purposes = func(persian.Date) []string { return []string{"marketing"} }
	clerk := s.staff(register.Clerk)
	code := s.bankCode(t)
	in := object{"national_number": living.String(), "reason": "seen", "document": "کارت ملی"}
	var given resultOf[citizen.Given]
	k.act(t, clerk, "/v1/citizens/access", in.String(), 200, &given)
	k.refused(t, clerk, "/v1/citizens/access", in.with("national_number", "0084575948").String(), 404, "citizen.unknown /national_number")
	k.refused(t, clerk, "/v1/citizens/access", in.with("national_number", dead.String()).String(), 409, "citizen.state /national_number")
	k.refused(t, clerk, "/v1/citizens/access", `{"reason":"seen","document":"x"}`, 422, "citizen.missing /national_number")
	k.refused(t, s.bound(s.bankID, "b.citizen", agency.RoleOfficer), "/v1/citizens/access", in.String(), 403, "register.role")

	me := object{"national_number": living.String(), "access": given.Result.Access}
	var asked resultOf[citizen.Asked]
	res := k.act(t, s.nobody, "/v1/me/inquiries", me.String(), 200, &asked)
	first := asked.Result
	if c := first.Count; !strings.Contains(string(res.body), code) || c.Total != c.Shown+c.Own+c.Hidden+c.Purged || len(first.UpTo) == 0 {
		t.Errorf("%+v", c)
	}
	if strings.Contains(string(res.body), officer) || first.Words["service:identity"].Fa == "" || first.Words["kind:inquiry"].Fa == "" || first.Words["role:officer"].Fa == "" {
		t.Errorf("an officer is named, or a word has no meaning: %v", first.Words)
	}
	k.act(t, s.nobody, "/v1/me/inquiries", me.with("limit", 1).String(), 200, &asked)
	next, _ := asked.Result.Next.MarshalText()
	k.act(t, s.nobody, "/v1/me/inquiries", me.with("limit", 1).with("after", string(next)).String(), 200, &asked)
	k.refused(t, s.nobody, "/v1/me/inquiries", me.with("limit", 201).String(), 422, "citizen.limit /limit")
	k.act(t, s.nobody, "/v1/me/corrections", me.String(), 200, nil)
	k.refused(t, s.nobody, "/v1/me/corrections", `{"access":"x"}`, 422, "citizen.missing /national_number")

	lock := me.with("purpose", "marketing")
	k.act(t, s.nobody, "/v1/me/lock", lock.String(), 200, nil)
	k.refused(t, s.nobody, "/v1/me/lock", lock.String(), 409, "citizen.locked /purpose")
	k.refused(t, s.nobody, "/v1/me/lock", me.with("purpose", "kyc").String(), 422, "citizen.purpose /purpose")
	k.act(t, s.nobody, "/v1/me/locks", me.String(), 200, nil)
	k.act(t, s.nobody, "/v1/me/unlock", lock.String(), 200, nil)
	k.refused(t, s.nobody, "/v1/me/unlock", lock.String(), 409, "citizen.unlocked /purpose")
	for _, path := range []string{"/v1/me/unlock", "/v1/me/locks"} {
		k.refused(t, s.nobody, path, `{"access":"x"}`, 422, "citizen.missing /national_number")
	}
	dispute := me.with("tracking_code", code).with("text", "حسابی ندارم")
	k.act(t, s.nobody, "/v1/me/dispute", dispute.String(), 200, nil)
	k.refused(t, s.nobody, "/v1/me/dispute", dispute.String(), 409, "audit.disputed /code")
	k.refused(t, s.nobody, "/v1/me/dispute", dispute.with("text", "").String(), 422, "audit.missing /text")
	foreign := newStack(t).bankCode(t)
	k.refused(t, s.nobody, "/v1/me/dispute", dispute.with("tracking_code", foreign).String(), 404, "citizen.entry /tracking_code")
	for _, path := range []string{"/v1/me/inquiries", "/v1/me/corrections", "/v1/me/lock", "/v1/me/unlock", "/v1/me/locks", "/v1/me/dispute"} {
		k.refused(t, s.nobody, path, me.with("access", "0000-0000-0000-0000-0000").String(), 403, "citizen.access")
	}
}

// complaintLife: a report is filed, answered, judged and opened again.
func complaintLife(t *testing.T, k *contract, s *stack) {
	id, _, _ := s.enrol(43, 0)
	of := s.bound(id, "b.head", agency.RoleHead)
	inspector, second := s.staff(register.Inspector), s.staff(register.Inspector, 2)
	in := object{
		"agency": id.String(), "document": "national-card", "date": persian.DateOf(time.Now()).AddDays(-2).String(),
		"province": "تهران", "text": "رونوشت خواستند", "contact": "a@example.org",
	}
	k.act(t, s.nobody, "/v1/complaints/choices", object{"name": "آزمایشی", "agency": id.String()}.String(), 200, nil)
	k.refused(t, s.nobody, "/v1/complaints/choices", `{"agency":"12"}`, 422, "ids.legal.length /agency")
	var filed resultOf[complaint.Filed]
	k.act(t, s.nobody, "/v1/complaints", in.String(), 200, &filed)
	key := object{"tracking_code": filed.Code, "secret": filed.Result.Secret}
	k.refused(t, s.nobody, "/v1/complaints", in.with("agency", "14003552272").String(), 422, "complaint.agency /agency")
	k.act(t, s.nobody, "/v1/complaints/follow", key.String(), 200, nil)
	k.refused(t, s.nobody, "/v1/complaints/follow", key.with("secret", "x").String(), 404, "complaint.follow")
	k.refused(t, s.nobody, "/v1/complaints/follow", key.with("tracking_code", "12").String(), 422, "ids.code.length /tracking_code")

	var list struct {
		Complaints []struct{ Complaint int64 }
	}
	k.act(t, of, "/v1/complaints/list", "{}", 200, &list)
	if len(list.Complaints) != 1 {
		t.Fatalf("%+v", list)
	}
	k.refused(t, of, "/v1/complaints/list", object{"agency": s.bankID.String()}.String(), 404, "complaint.agency /agency")
	k.refused(t, inspector, "/v1/complaints/list", `{"limit":-1}`, 422, "complaint.limit /limit")
	one := object{"complaint": list.Complaints[0].Complaint}
	res := k.act(t, of, "/v1/complaints/find", one.String(), 200, nil)
	if strings.Contains(string(res.body), "example.org") {
		t.Error("the agency learns who reported")
	}
	if res = k.act(t, inspector, "/v1/complaints/find", one.String(), 200, nil); !strings.Contains(string(res.body), "example.org") {
		t.Error("the inspector cannot reach who reported")
	}
	k.refused(t, inspector, "/v1/complaints/find", `{"complaint":99}`, 404, "complaint.unknown /complaint")
	k.refused(t, inspector, "/v1/complaints/find", `{}`, 422, "complaint.missing /complaint")
	clerk := s.staff(register.Clerk)
	for _, path := range []string{"list", "find", "answer", "judge"} {
		k.refused(t, clerk, "/v1/complaints/"+path, "{}", 403, "register.role")
	}
	judge := one.with("decision", "rejected").with("reason", "مدرکی نیست")
	k.refused(t, inspector, "/v1/complaints/judge", judge.String(), 409, "complaint.early")
	k.refused(t, of, "/v1/complaints/answer", one.String(), 422, "complaint.missing /text")
	k.refused(t, of, "/v1/complaints/answer", object{"complaint": 99, "text": "x"}.String(), 404, "complaint.unknown /complaint")
	k.act(t, of, "/v1/complaints/answer", one.with("text", "چنین نبود").String(), 200, nil)
	k.refused(t, inspector, "/v1/complaints/judge", judge.with("decision", "maybe").String(), 422, "complaint.word /decision")
	k.refused(t, inspector, "/v1/complaints/judge", judge.with("complaint", 99).String(), 404, "complaint.unknown /complaint")
	k.act(t, inspector, "/v1/complaints/judge", judge.String(), 200, nil)
	k.refused(t, of, "/v1/complaints/answer", one.with("text", "باز").String(), 409, "complaint.state")
	again := key.with("text", "رسید دارم")
	k.refused(t, s.nobody, "/v1/complaints/reopen", key.String(), 422, "complaint.missing /text")
	k.refused(t, s.nobody, "/v1/complaints/reopen", again.with("secret", "x").String(), 404, "complaint.follow")
	k.act(t, s.nobody, "/v1/complaints/reopen", again.String(), 200, nil)
	k.refused(t, s.nobody, "/v1/complaints/reopen", again.String(), 409, "complaint.state")
	k.act(t, of, "/v1/complaints/answer", one.with("text", "آری").String(), 200, nil)
	k.refused(t, inspector, "/v1/complaints/judge", judge.with("decision", "upheld").String(), 403, "complaint.judge")
	k.act(t, second, "/v1/complaints/judge", judge.with("decision", "upheld").String(), 200, nil)
	k.act(t, s.nobody, "/v1/complaints/follow", key.String(), 200, nil)
}

// TestNothingLeaks: whether a number exists, has an access or another one, and
// whether a report exists, makes no difference of a byte. Who tries is slowed
// down; who has the right code is not.
func TestNothingLeaks(t *testing.T) {
	s := newStack(t)
	var given resultOf[citizen.Given]
	in := object{"national_number": living.String(), "reason": "seen", "document": "کارت ملی"}
	newContract(t).act(t, s.staff(register.Clerk), "/v1/citizens/access", in.String(), 200, &given)
	var before []byte
	for _, number := range []string{living.String(), dead.String(), hidden.String(), "0084575948"} {
		res := s.nobody.do("POST", "/v1/me/inquiries", object{"national_number": number, "access": "0000-0000-0000-0000-0000"}.String())
		if before != nil && !bytes.Equal(res.body, before) || res.StatusCode != 403 || len(res.body) == 0 {
			t.Errorf("%d %s\n%s", res.StatusCode, res.body, before)
		}
		before = res.body
	}
	right := object{"national_number": living.String(), "access": given.Result.Access}.String()
	if res := s.nobody.do("POST", "/v1/me/locks", right); res.StatusCode != 200 {
		t.Errorf("%d %s", res.StatusCode, res.body)
	}
	for i := range 30 {
		res := s.nobody.do("POST", "/v1/me/locks", object{"national_number": living.String(), "access": "x"}.String())
		if slow := res.StatusCode == 429; slow != (i >= 16) || slow && res.Header.Get("Retry-After") == "" {
			t.Fatalf("try %d: %d %s", i, res.StatusCode, res.body)
		}
	}
	elsewhere := netip.MustParseAddr("192.0.2.7")
	if err := s.api.wrong.spent(elsewhere, s.clock()); err != nil {
		t.Errorf("who comes from elsewhere is slowed down: %v", err)
	}

	filed := s.nobody.do("POST", "/v1/complaints", object{
		"agency": s.bankID.String(), "document": "national-card", "date": persian.DateOf(time.Now()).String(), "province": "تهران", "text": "x",
	}.String())
	var made resultOf[complaint.Filed]
	if err := json.Unmarshal(filed.body, &made); err != nil {
		t.Fatal(err)
	}
	code := made.Code
	before = nil
	for _, key := range []object{{"tracking_code": code, "secret": "x"}, {"tracking_code": s.bankCode(t), "secret": "x"}, {"tracking_code": code, "secret": strings.Repeat("y", 90)}} {
		res := s.nobody.do("POST", "/v1/complaints/follow", key.String())
		if before != nil && !bytes.Equal(res.body, before) || res.StatusCode != 404 {
			t.Errorf("%d %s\n%s", res.StatusCode, res.body, before)
		}
		before = res.body
	}
	for i := range 25 {
		res := s.nobody.do("POST", "/v1/complaints", object{
			"agency": s.bankID.String(), "document": "national-card", "date": persian.DateOf(time.Now()).String(), "province": "تهران", "text": itoa(int64(i)),
		}.String())
		if slow := res.StatusCode == 429; slow != (i >= 19) {
			t.Fatalf("report %d: %d %s", i, res.StatusCode, res.body)
		}
	}
}
