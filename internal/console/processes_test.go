package console

import (
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/inquiry"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/process"
)

// TestCatalogue: an agency with a catalogue chooses one of its open processes by
// title, and gives the postal code where the process demands it.
func TestCatalogue(t *testing.T) {
	s := newStage(t)
	v := s.signedIn(bank, officer)
	head := journal.Actor{Role: agency.RoleHead, Agency: legal(t, bank), ID: "head"}
	for code, title := range map[string]string{"deposit": "گشایش سپرده", "loan": "پرداخت وام", "cheque": "دسته چک"} {
		_, _, err := s.processes.Put(t.Context(), s.journal, head, &process.Entry{Code: code, Title: title, Monthly: 10, BothKeys: code == "loan"})
		must(t, err)
	}
	p := v.get("/officer/ask")
	p.shows(t, "گشایش سپرده", "پرداخت وام", "کد پستی که شخص اظهار کرده است")
	if strings.Contains(p.text(), "دسته چک") {
		t.Error("a process is offered that no clause permits")
	}
	p = v.post("/officer/ask", aboutAli("process", "loan"))
	if !strings.Contains(p.body, `id="f-postal-code-wrong"`) {
		t.Error("the postal code that the process demands is not asked for")
	}
	_, p = v.ask(aboutAli("process", "loan", "postal_code", "۱۶۱۹۷-۳۵۷۴۴"))
	p.shows(t, "مشخصات مطابق است", "۱۶۱۹۷۳۵۷۴۴")
	_, _, err := s.processes.End(t.Context(), s.journal, head, &process.Closing{Code: "deposit", Reason: "پایان"})
	must(t, err)
	_, p = v.ask(aboutAli("process", "deposit")) // the form was open when the process ended
	p.shows(t, "این فرایند در فهرست فرایندهای دستگاه پایان یافته است")
}

// TestSignedClause: a browser does not sign, so a clause that demands it offers
// nothing here.
func TestSignedClause(t *testing.T) {
	a := &agreement.Agreement{Clauses: []agreement.Clause{{
		No: 1, Service: "identity", Modes: []string{"verify"}, SearchKeys: []string{inquiry.KeyBirthDate}, Fields: []string{"surname"}, Signature: true,
	}}}
	if got := offersOf(a); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
