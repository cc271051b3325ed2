package api

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
)

func init() { lives = append(lives, joinLife, processLife) }

// maker is a key on somebody's own machine, and his request.
type maker struct {
	key     *ecdsa.PrivateKey
	request string
}

func newMaker(t testing.TB, curve elliptic.Curve) *maker {
	key := must(ecdsa.GenerateKey(curve, rand.Reader))(t)
	der := must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key))(t)
	return &maker{key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))}
}

// holds is a client with the certificate that came of the request.
func (m *maker) holds(s *stack, certificate string) *client {
	block, _ := pem.Decode([]byte(certificate))
	return s.client(&tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: m.key})
}

func legal(n int64) ids.LegalID {
	ten := 1_600_000_000 + n
	return ids.LegalID(ten*10 + ids.LegalCheckDigit(ten))
}

func dayFrom(s *stack, n int) string { return persian.DateOf(s.clock()).AddDays(n).String() }

// joinLife: a supervisor enters a body and invites its highest officer, who
// joins with a key of his own and delegates; another agency sees none of it.
func joinLife(t *testing.T, k *contract, s *stack) {
	chief, inspector := s.staff(register.Supervisor), s.staff(register.Inspector)
	stranger := s.bound(s.bankID, "b.head", agency.RoleHead)
	id, branch := legal(1), legal(2)
	body := object{"agency": id, "name": "سازمان نمونه", "reason": "law", "document": "12/1405"}
	k.act(t, chief, "/v1/agencies/register", body.String(), 200, nil)
	k.refused(t, chief, "/v1/agencies/register", body.String(), 409, "agency.version")
	k.refused(t, chief, "/v1/agencies/register", body.with("agency", legal(3), "kind", "registry").String(), 403, "agency.entrusted")
	k.refused(t, chief, "/v1/agencies/register", body.with("agency", legal(3), "parent", legal(9)).String(), 422, "agency.parent /parent")
	k.refused(t, stranger, "/v1/agencies/register", body.String(), 403, "register.role")
	k.act(t, chief, "/v1/agencies/register", body.with("agency", branch, "parent", id, "province", "قم").String(), 200, nil)
	k.refused(t, chief, "/v1/agencies/register", body.with("parent", branch, "province", "قم", "version", 1).String(), 409, "agency.cycle /parent")

	invite := object{"agency": id, "officer": "head", "name": "نمونه فرضی", "until": dayFrom(s, 400)}
	k.refused(t, chief, "/v1/agencies/invite", invite.with("agency", legal(9)).String(), 404, "agency.unknown")
	k.refused(t, chief, "/v1/agencies/invite", invite.with("officer", "H", "until", dayFrom(s, -1)).String(), 422, "agency.login /officer", "agency.until.past /until")
	k.refused(t, chief, "/v1/agencies/invite", invite.with("agency", s.bankID, "officer", officer).String(), 409, "agency.officer.exists /officer")
	var first, second resultOf[agency.Invited]
	k.act(t, chief, "/v1/agencies/invite", invite.String(), 200, &first)
	res := k.act(t, chief, "/v1/agencies/invite", invite.String(), 200, &second)
	var receipt struct{ Receipt json.RawMessage }
	if err := json.Unmarshal(res.body, &receipt); err != nil || bytes.Contains(receipt.Receipt, []byte(second.Result.Code)) {
		t.Errorf("the code stands in the log: %v", err)
	}

	own := newMaker(t, elliptic.P256())
	join := object{"code": second.Result.Code, "request": own.request}
	k.refused(t, s.nobody, "/v1/enrolment", join.with("request", newMaker(t, elliptic.P224()).request).String(), 422, "agency.request.key /request")
	k.refused(t, s.nobody, "/v1/enrolment", join.with("code", "x").String(), 404, "agency.invitation /code")
	k.refused(t, s.nobody, "/v1/enrolment", join.with("code", first.Result.Code).String(), 404, "agency.invitation /code")
	s.ahead.Store(int64(73 * time.Hour))
	k.refused(t, s.nobody, "/v1/enrolment", join.String(), 404, "agency.invitation /code")
	s.ahead.Store(0)
	var joined resultOf[agency.Joined]
	k.act(t, s.nobody, "/v1/enrolment", join.with("code", strings.ToLower(strings.ReplaceAll(second.Result.Code, "-", " "))).String(), 200, &joined)
	k.refused(t, s.nobody, "/v1/enrolment", join.String(), 404, "agency.invitation /code")
	var third resultOf[agency.Invited]
	k.act(t, chief, "/v1/agencies/invite", invite.String(), 200, &third)
	k.refused(t, s.nobody, "/v1/enrolment", join.with("code", third.Result.Code).String(), 409, "agency.request.used /request")

	head := own.holds(s, joined.Result.Certificate)
	var seen agency.Listed
	k.act(t, head, "/v1/agencies/find", "{}", 200, &seen)
	if seen.ID != id || seen.Accountable != "head" || !seen.Bound || seen.Level != agency.National {
		t.Errorf("%+v", seen)
	}
	k.refused(t, head, "/v1/agencies/find", object{"agency": s.bankID}.String(), 404, "agency.unknown /agency")
	k.delegates(t, s, head, stranger)
	k.lists(t, s, head, inspector, id, branch)
	k.succeeds(t, s, head, chief, id)
}

// delegates: the highest officer of one agency, and what he may not.
func (k *contract) delegates(t *testing.T, s *stack, head, stranger *client) {
	clerk := object{"officer": "k1", "name": "کارشناس نمونه", "role": "officer", "until": dayFrom(s, 90)}
	k.act(t, head, "/v1/staff/add", clerk.String(), 200, nil)
	k.refused(t, head, "/v1/staff/add", clerk.String(), 409, "agency.officer.exists /officer")
	k.refused(t, head, "/v1/staff/add", clerk.with("officer", "k2", "role", "supervisor").String(), 422, "agency.role /role")
	k.refused(t, head, "/v1/staff/add", clerk.with("officer", "k2", "until", dayFrom(s, -1), "state", "closed").String(), 422,
		"agency.staff.state /state", "agency.until.past /until")
	k.act(t, head, "/v1/staff/change", clerk.with("role", "programmer").String(), 200, nil)
	k.refused(t, head, "/v1/staff/change", clerk.with("officer", "k9").String(), 404, "agency.officer.unknown /officer")
	k.refused(t, head, "/v1/staff/change", clerk.with("officer", "head", "role", "head").String(), 403, "agency.self /officer")

	own := newMaker(t, elliptic.P256())
	var enrolled resultOf[agency.Enrolled]
	k.act(t, head, "/v1/staff/enrol", object{"officer": "k1", "request": own.request}.String(), 200, &enrolled)
	k.refused(t, head, "/v1/staff/enrol", object{"request": own.request}.String(), 409, "agency.request.used /request")
	k.refused(t, head, "/v1/staff/enrol", object{"officer": "k9", "request": own.request}.String(), 404, "agency.officer.unknown /officer")
	k.refused(t, head, "/v1/staff/enrol", object{"officer": "k1", "request": "x"}.String(), 422, "agency.request.form /request")
	program := newMaker(t, elliptic.P256())
	var machine resultOf[agency.Enrolled]
	k.act(t, head, "/v1/staff/enrol", object{"request": program.request}.String(), 200, &machine)
	clerkHimself := own.holds(s, enrolled.Result.Certificate)
	if res := clerkHimself.post("/v1/processes/list", "{}"); res.StatusCode != 200 {
		t.Errorf("%s", res.body)
	}
	k.refused(t, clerkHimself, "/v1/staff/add", clerk.with("officer", "k3").String(), 403, "register.role")

	block, _ := pem.Decode([]byte(machine.Result.Certificate))
	cert := fingerprint(tls.Certificate{Certificate: [][]byte{block.Bytes}})
	revoke := object{"certificate": hex.EncodeToString(cert[:]), "reason": "key-lost"}
	k.refused(t, stranger, "/v1/staff/revoke", revoke.String(), 404, "agency.certificate.none /certificate")
	k.refused(t, head, "/v1/staff/revoke", `{"certificate":"ab"}`, 422, "agency.fingerprint /certificate", "register.reason /reason")
	k.act(t, head, "/v1/staff/revoke", revoke.String(), 200, nil)
	k.refused(t, head, "/v1/staff/revoke", revoke.String(), 409, "agency.certificate.revoked")

	k.refused(t, stranger, "/v1/staff/end", `{"officer":"k1","reason":"left"}`, 404, "agency.officer.unknown /officer")
	k.act(t, head, "/v1/staff/end", `{"officer":"k1","reason":"left"}`, 200, nil)
	if p := clerkHimself.post("/v1/processes/list", "{}").problem(t); p.Key != "agency.certificate.revoked" {
		t.Errorf("one whose delegation has ended is told %s", p.Key)
	}
	var people agency.People
	k.act(t, head, "/v1/staff/list", "{}", 200, &people)
	if len(people.Officers) != 2 || people.Officers[1].State != "closed" || len(people.Certificates) != 3 {
		t.Errorf("%+v", people)
	}
	k.refused(t, stranger, "/v1/staff/list", object{"agency": legal(1)}.String(), 404, "agency.unknown /agency")
}

// lists: the tree, and what ends soon.
func (k *contract) lists(t *testing.T, s *stack, head, inspector *client, id, branch ids.LegalID) {
	var tree struct{ Bodies []agency.Branch }
	k.act(t, head, "/v1/agencies/tree", "{}", 200, &tree)
	if len(tree.Bodies) != 2 || tree.Bodies[1].ID != branch || tree.Bodies[1].Depth != 1 || tree.Bodies[1].Level != agency.Provincial {
		t.Errorf("%+v", tree)
	}
	k.refused(t, head, "/v1/agencies/tree", object{"agency": s.bankID}.String(), 404, "agency.unknown /agency")
	k.act(t, inspector, "/v1/agencies/tree", "{}", 200, &tree)
	if len(tree.Bodies) < 4 {
		t.Errorf("%+v", tree)
	}
	var list struct{ Agencies []agency.Listed }
	k.act(t, inspector, "/v1/agencies/list", `{"province":"قم","limit":5}`, 200, &list)
	if len(list.Agencies) != 1 || list.Agencies[0].Parent != id {
		t.Errorf("%+v", list)
	}
	k.refused(t, inspector, "/v1/agencies/list", `{"limit":-1,"state":"gone"}`, 422, "agency.limit /limit", "agency.state /state")

	var ends struct{ Endings []agency.Ending }
	k.act(t, head, "/v1/agencies/expiring", `{"days":400}`, 200, &ends)
	if len(ends.Endings) != 1 || ends.Endings[0].What != agency.EndingCertificate || ends.Endings[0].Login != "head" {
		t.Errorf("%+v", ends)
	}
	k.act(t, inspector, "/v1/agencies/expiring", `{"days":1}`, 200, &ends)
	k.refused(t, head, "/v1/agencies/expiring", object{"agency": s.bankID}.String(), 404, "agency.unknown /agency")
	k.refused(t, head, "/v1/agencies/expiring", `{"days":401}`, 422, "agency.days /days")
}

// succeeds: who answered for the agency has left; another one does.
func (k *contract) succeeds(t *testing.T, s *stack, head, chief *client, id ids.LegalID) {
	deputy := object{"officer": "deputy", "name": "جانشین", "role": "head", "until": dayFrom(s, 90)}
	k.act(t, head, "/v1/staff/add", deputy.String(), 200, nil)
	change := object{"agency": id, "officer": "deputy", "reason": "left", "document": "14/1405"}
	k.refused(t, chief, "/v1/agencies/accountable", change.with("officer", "nobody").String(), 404, "agency.officer.unknown /officer")
	k.refused(t, chief, "/v1/agencies/accountable", change.with("officer", "head").String(), 409, "agency.accountable.same /officer")
	k.refused(t, chief, "/v1/agencies/accountable", change.with("reason", nil).String(), 422, "register.reason /reason")
	var now resultOf[agency.Listed]
	k.act(t, chief, "/v1/agencies/accountable", change.String(), 200, &now)
	if now.Result.Accountable != "deputy" {
		t.Errorf("%+v", now)
	}
	if p := head.post("/v1/staff/list", "{}").problem(t); p.Key != "agency.certificate.revoked" {
		t.Errorf("one who has left is told %s", p.Key)
	}
	turn := object{"agency": id, "state": "suspended", "reason": "law", "document": "15/1405"}
	k.act(t, chief, "/v1/agencies/state", turn.String(), 200, nil)
	k.refused(t, chief, "/v1/agencies/state", turn.with("agency", legal(9)).String(), 404, "agency.unknown")
	k.refused(t, chief, "/v1/agencies/state", `{"state":"gone"}`, 422, "agency.state /state", "register.reason /reason")
}

// processLife: a catalogue, its evidence, an obstacle and a wave.
func processLife(t *testing.T, k *contract, s *stack) {
	head, chief := s.bound(s.bankID, "b.head", agency.RoleHead), s.staff(register.Supervisor)
	elsewhere, _, _ := s.enrol(42, 0)
	other := s.bound(elsewhere, "t.head", agency.RoleHead)
	put := object{"process": "loan", "title": "پرداخت تسهیلات", "documents": []string{"national-card"}, "monthly": 30}
	k.act(t, head, "/v1/processes/put", put.String(), 200, nil)
	k.refused(t, head, "/v1/processes/put", put.String(), 409, "process.version /version")
	k.refused(t, head, "/v1/processes/put", put.with("process", nil).String(), 422, "process.code.missing /process")
	turn := object{"process": "loan", "state": "online", "reason": "برخط شد", "since": dayFrom(s, -9)}
	k.refused(t, head, "/v1/processes/state", turn.with("state", "gone").String(), 422, "process.state /state")
	k.refused(t, other, "/v1/processes/state", turn.String(), 404, "process.unknown /process")
	k.act(t, head, "/v1/processes/state", turn.String(), 200, nil)
	k.refused(t, head, "/v1/processes/state", turn.String(), 409, "process.same /state")

	s.bank.post("/v1/inquiries", verifyLiving().with("process", "loan").String())
	s.ok(s.usage.Follow(t.Context()))
	var evidence struct{ Processes []process.Evidence }
	k.act(t, head, "/v1/processes/evidence", `{"process":"loan"}`, 200, &evidence)
	if len(evidence.Processes) != 1 || evidence.Processes[0].Months[2].Inquiries != 1 {
		t.Errorf("%+v", evidence)
	}
	k.refused(t, other, "/v1/processes/evidence", `{"process":"loan"}`, 404, "process.unknown /process")
	k.refused(t, head, "/v1/processes/evidence", `{"from":"1405-01-01"}`, 422, "process.month /from")
	k.refused(t, head, "/v1/processes/list", object{"agency": elsewhere}.String(), 404, "agency.unknown /agency")
	var list struct{ Processes []process.Process }
	k.act(t, chief, "/v1/processes/list", `{"state":"online"}`, 200, &list)
	if len(list.Processes) != 1 {
		t.Errorf("%+v", list)
	}

	k.act(t, s.nobody, "/v1/processes/documents", "{}", 200, nil)
	k.refused(t, s.nobody, "/v1/processes/documents", `{"x":1}`, 422, "api.json.unknown")
	kind := object{"code": "hunting-licence", "fa": "پروانه شکار", "en": "hunting licence"}
	k.act(t, chief, "/v1/processes/document", kind.String(), 200, nil)
	k.refused(t, chief, "/v1/processes/document", kind.String(), 409, "process.document.exists /code")

	k.obstructed(t, s, head, other)
	k.rolledOut(t, s, chief)
	k.refused(t, head, "/v1/processes/end", `{"process":"none","reason":"x"}`, 404, "process.unknown /process")
	k.refused(t, head, "/v1/processes/end", `{"process":"loan"}`, 422, "process.missing /reason")
	k.act(t, head, "/v1/processes/end", `{"process":"loan","reason":"ادغام"}`, 200, nil)
	k.refused(t, head, "/v1/processes/end", `{"process":"loan","reason":"ادغام"}`, 409, "process.ended /process")
}

func (k *contract) obstructed(t *testing.T, s *stack, head, other *client) {
	put := object{"process": "loan", "text": "آیین‌نامه رونوشت می‌خواهد", "owner": "اداره حقوقی", "due": dayFrom(s, 30)}
	var made resultOf[process.Obstacle]
	k.act(t, head, "/v1/obstacles/put", put.String(), 200, &made)
	put = put.with("obstacle", made.Result.ID, "due", dayFrom(s, 40))
	k.act(t, head, "/v1/obstacles/put", put.String(), 200, nil)
	k.refused(t, other, "/v1/obstacles/put", put.with("process", nil).String(), 404, "process.obstacle /obstacle")
	k.refused(t, head, "/v1/obstacles/put", put.with("due", dayFrom(s, -1)).String(), 422, "process.due /due")
	gone := object{"obstacle": made.Result.ID, "evidence": "بخشنامه ۱۲"}
	k.refused(t, other, "/v1/obstacles/remove", gone.String(), 404, "process.obstacle /obstacle")
	k.refused(t, head, "/v1/obstacles/remove", gone.with("evidence", nil).String(), 422, "process.missing /evidence")
	k.act(t, head, "/v1/obstacles/remove", gone.String(), 200, nil)
	k.refused(t, head, "/v1/obstacles/remove", gone.String(), 409, "process.removed /obstacle")
	k.refused(t, head, "/v1/obstacles/put", put.String(), 409, "process.removed /obstacle")
	var list struct{ Obstacles []process.Obstacle }
	k.act(t, head, "/v1/obstacles/list", `{"state":"removed"}`, 200, &list)
	if len(list.Obstacles) != 1 || list.Obstacles[0].First.String() != dayFrom(s, 30) {
		t.Errorf("%+v", list)
	}
	k.refused(t, other, "/v1/obstacles/list", object{"agency": s.bankID}.String(), 404, "agency.unknown /agency")
	k.refused(t, head, "/v1/obstacles/list", `{"limit":1001}`, 422, "process.limit /limit")
}

func (k *contract) rolledOut(t *testing.T, s *stack, chief *client) {
	put := object{"name": "پایلوت", "provinces": []string{"خوزستان", "قم", "سمنان"}, "from": dayFrom(s, 0), "until": dayFrom(s, 30)}
	var made resultOf[process.Wave]
	k.act(t, chief, "/v1/waves/put", put.String(), 200, &made)
	k.refused(t, chief, "/v1/waves/put", put.with("provinces", []string{"آتلانتیس"}).String(), 422, "process.province /provinces/0")
	k.refused(t, chief, "/v1/waves/put", put.with("wave", 9).String(), 404, "process.wave /wave")
	k.refused(t, chief, "/v1/waves/put", put.with("wave", made.Result.ID, "version", 5).String(), 409, "process.wave.version /version")
	k.act(t, chief, "/v1/waves/list", "{}", 200, nil)
	k.act(t, chief, "/v1/waves/progress", object{"wave": made.Result.ID}.String(), 200, nil)
	k.refused(t, chief, "/v1/waves/progress", `{"wave":9}`, 404, "process.wave /wave")
}
