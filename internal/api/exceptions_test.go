package api

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	ours "github.com/estelam/estelam/client"
	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/exception"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/usage"
)

func init() { lives = append(lives, usageLife, copiesLife, ticketsLife) }

// usageLife: an agency sees what it asked, overseers see all.
func usageLife(t *testing.T, k *contract, s *stack) {
	elsewhere, _, _ := s.enrol(61, 0)
	own, other := s.bound(s.bankID, "b.usage", agency.RoleOfficer), s.bound(elsewhere, "t.usage", agency.RoleProgrammer)
	s.bankCode(t)
	s.ok(s.api.usage.Follow(context.Background()))
	month := persian.DateOf(time.Now())
	month.Day = 0
	var list struct {
		Counts []usage.Count
		Behind int64
	}
	k.act(t, own, "/v1/usage/list", object{"from": month.String()}.String(), 200, &list)
	found := false
	for _, c := range list.Counts {
		found = found || c.Purpose == "account-opening" && c.Service == "identity" && c.Outcome == "confirmed" && c.N > 0
		if c.Agency != s.bankID {
			t.Errorf("the bank sees %+v", c)
		}
	}
	if !found {
		t.Errorf("%+v", list)
	}
	k.act(t, other, "/v1/usage/list", "{}", 200, &list)
	if len(list.Counts) != 0 {
		t.Errorf("%+v", list)
	}
	k.refused(t, other, "/v1/usage/list", object{"agency": s.bankID.String()}.String(), 404, "usage.agency /agency")
	k.refused(t, own, "/v1/usage/list", `{"from":"1405","until":"1404-02"}`, 422, "usage.month /from", "usage.months /until")
	for _, role := range []string{register.Supervisor, register.Inspector, register.Member} {
		k.act(t, s.staff(role), "/v1/usage/list", object{"agency": s.bankID.String(), "until": month.String()}.String(), 200, &list)
		if len(list.Counts) == 0 {
			t.Errorf("%s sees nothing", role)
		}
	}
	k.refused(t, s.staff(register.Clerk), "/v1/usage/list", "{}", 403, "register.role")
}

// catalogue gives an agency a process, and names a type of document.
func (s *stack) catalogue(code string) (document string) {
	s.Helper()
	head := journal.Actor{Role: agency.RoleHead, Agency: s.bankID, ID: "b.head"}
	_, _, err := s.api.processes.Put(s.Context(), s.journal, head, &process.Entry{Code: code, Title: "افتتاح حساب", Monthly: 10})
	s.ok(err)
	types := s.api.processes.DocumentTypes()
	if len(types) == 0 {
		s.Fatal("there are no types of document")
	}
	return types[0].Code
}

// copiesLife: a copy is recorded, listed, destroyed; every mistake is told.
func copiesLife(t *testing.T, k *contract, s *stack) {
	elsewhere, _, _ := s.enrol(62, 0)
	own, other := s.bound(s.bankID, "b.copy", agency.RoleOfficer), s.bound(elsewhere, "t.copy", agency.RoleHead)
	document := s.catalogue("open")
	copied := object{
		"process": "open", "document": document, "reason": "service-failed", "law": "بخشنامه ۳۹۴۶۹۵", "article": "۲", "national_number": living.String(),
		"reference": "1405-77", "destroy_by": persian.DateOf(time.Now()).AddDays(30).String(), "fee": 0,
	}
	var made resultOf[exception.Copy]
	res := k.act(t, own, "/v1/exceptions/copy", copied.String(), 200, &made)
	if strings.Contains(string(res.body), living.String()) {
		t.Errorf("the number stands in the answer: %s", res.body)
	}
	k.refused(t, own, "/v1/exceptions/copy", copied.with("fee", 10_000).String(), 422, "exception.fee /fee")
	k.refused(t, own, "/v1/exceptions/copy", copied.with("destroy_by", "1450-01-01").String(), 422, "exception.kept /destroy_by")
	k.refused(t, own, "/v1/exceptions/copy", copied.with("destroy_by", "1400-01-01").String(), 422, "exception.past /destroy_by")
	k.refused(t, own, "/v1/exceptions/copy", copied.with("destroy_by", "1406").String(), 422, "exception.day /destroy_by")
	k.refused(t, own, "/v1/exceptions/copy", `{"reason":"habit"}`, 422, "exception.reason /reason", "exception.missing /law", "exception.missing /article",
		"exception.missing /reference", "exception.process /process", "exception.document /document", "exception.missing /destroy_by")
	k.refused(t, other, "/v1/exceptions/copy", copied.String(), 422, "exception.process /process")
	k.refused(t, own, "/v1/exceptions/copy", copied.with("law", strings.Repeat("x", 301)).String(), 422, "exception.long /law")

	var list struct{ Copies []exception.Copy }
	k.act(t, s.staff(register.Inspector), "/v1/exceptions/list", object{"agency": s.bankID.String()}.String(), 200, &list)
	if len(list.Copies) != 1 || !list.Copies[0].Person || list.Copies[0].Overdue {
		t.Errorf("%+v", list)
	}
	k.act(t, own, "/v1/exceptions/list", `{"overdue":true}`, 200, &list)
	if len(list.Copies) != 0 {
		t.Errorf("%+v", list)
	}
	k.refused(t, other, "/v1/exceptions/list", object{"agency": s.bankID.String()}.String(), 404, "exception.agency /agency")
	k.refused(t, own, "/v1/exceptions/list", `{"limit":1001}`, 422, "exception.limit /limit")
	gone := object{"copy": made.Result.ID, "minutes": "صورت‌جلسه ۴"}
	k.refused(t, other, "/v1/exceptions/destroy", gone.String(), 404, "exception.copy /copy")
	k.refused(t, own, "/v1/exceptions/destroy", gone.with("minutes", nil).String(), 422, "exception.missing /minutes")
	k.act(t, own, "/v1/exceptions/destroy", gone.String(), 200, nil)
	k.refused(t, own, "/v1/exceptions/destroy", gone.String(), 409, "exception.destroyed /copy")
}

// issue makes the next ticket for the living person, as an agency's program does.
func issue(t *testing.T, cert tls.Certificate, of string, before *ours.Ticket, salt [32]byte, at time.Time) *ours.Ticket {
	t.Helper()
	n := &ours.Ticket{
		Agency: of, Certificate: sha256.Sum256(cert.Certificate[0]), Number: 1, Officer: officer, Purpose: "account-opening", File: "1405-1001",
		Service: "identity", Asked: ours.Asking(salt, living.String()), Since: at.UTC().Truncate(time.Microsecond), Error: ours.Unreachable,
	}
	if n.Time = n.Since; before != nil {
		n.Number, n.Before = before.Number+1, before.Hash()
	}
	if err := n.Sign(cert.PrivateKey.(crypto.Signer)); err != nil {
		t.Fatal(err)
	}
	return n
}

func handing(n *ours.Ticket) string { return object{"ticket": string(n.Append(nil))}.String() }

// ticketsLife: a ticket is handed in by the program, completed with the inquiry,
// and seen by those who oversee.
func ticketsLife(t *testing.T, k *contract, s *stack) {
	id, shop, cert := s.enrol(63, 0)
	head := s.bound(id, "t.head", agency.RoleHead)
	salt := [32]byte{1, 2, 3}
	n := issue(t, cert, id.String(), nil, salt, time.Now().Add(-time.Minute))
	res := k.check(t, shop, "POST", "/v1/tickets/register", "/v1/tickets/register", handing(n))
	if !strings.Contains(string(res.body), `"state":"open"`) || !strings.Contains(string(res.body), n.Code()) {
		t.Fatalf("%s", res.body)
	}
	k.refused(t, shop, "/v1/tickets/register", handing(n), 409, "exception.ticket.known /ticket")
	k.refused(t, s.bank, "/v1/tickets/register", handing(n), 422, "exception.ticket.certificate /ticket")
	k.refused(t, shop, "/v1/tickets/register", `{"ticket":"{}"}`, 422, "exception.ticket.form /ticket")
	k.refused(t, s.staff(register.Clerk), "/v1/tickets/register", handing(n), 422, "exception.ticket.certificate /ticket")

	sum := n.Hash()
	done := object{"ticket": hex.EncodeToString(sum[:]), "code": s.bankCode(t), "salt": hex.EncodeToString(salt[:])}
	k.refused(t, shop, "/v1/tickets/complete", done.String(), 404, "exception.code /code")
	k.refused(t, s.bank, "/v1/tickets/complete", done.String(), 404, "exception.ticket.unknown /ticket")
	done["code"] = shop.post("/v1/inquiries", verifyLiving().String()).codeOf(t)
	k.refused(t, shop, "/v1/tickets/complete", done.with("salt", "12").String(), 422, "exception.salt /salt")
	k.refused(t, shop, "/v1/tickets/complete", done.with("salt", strings.Repeat("0", 64)).String(), 422, "exception.code.person /code")
	k.check(t, shop, "POST", "/v1/tickets/complete", "/v1/tickets/complete", done.String())
	k.refused(t, shop, "/v1/tickets/complete", done.String(), 409, "exception.ticket.completed /ticket")

	var list struct{ Tickets []json.RawMessage }
	k.act(t, s.staff(register.Inspector), "/v1/tickets/list", object{"provisional_code": strings.ToLower(n.Code())}.String(), 200, &list)
	if len(list.Tickets) != 1 || !strings.Contains(string(list.Tickets[0]), `"state":"completed"`) {
		t.Errorf("%s", list.Tickets)
	}
	k.act(t, head, "/v1/tickets/list", `{"unresolved":true,"flagged":true}`, 200, &list)
	if len(list.Tickets) != 0 {
		t.Errorf("%s", list.Tickets)
	}
	k.refused(t, head, "/v1/tickets/list", object{"agency": s.bankID.String()}.String(), 404, "exception.agency /agency")
	k.refused(t, head, "/v1/tickets/list", `{"provisional_code":"T-1"}`, 422, "exception.ticket.code /provisional_code")
	k.refused(t, head, "/v1/tickets/list", `{"limit":-1}`, 422, "exception.limit /limit")
}
