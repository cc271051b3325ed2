package inquiry

import (
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
)

// delegated finds the delegation by which an agency may ask in the name of
// another. A body that may not ask itself has nobody asked in its name.
func (d *Desk) delegated(who Asker, q *Question, a *answer, now time.Time) bool {
	if d.agencies == nil {
		return false
	}
	principal, err := d.agencies.ByID(q.OnBehalf)
	if err != nil {
		return false
	}
	a.principal = principal
	g, ok := d.agreements.DelegationAt(q.OnBehalf, who.Agency.ID, q.Service, now)
	if !ok || principal.State != agency.Active {
		return false
	}
	a.delegation = g.ID
	return true
}

// clause finds the first clause that permits the question whole and whose
// conditions hold. If there is none, the clause that came closest is the reason.
func (d *Desk) clause(in *agreement.Agreement, who Asker, q *Question, a *answer, now time.Time) *agreement.Clause {
	asked := agreement.Asked{
		Service: q.Service, Mode: q.Mode, Key: q.Key, Fields: q.permitFields, Process: q.Process, Purpose: q.Purpose,
	}
	clause, refusal := in.Permit(asked)
	if refusal != nil {
		a.refusal = *refusal
		if refusal.Reason == "agreement.process" && q.Process == "" && d.processes != nil && d.processes.Has(in.Agency) {
			a.refusal.Reason, a.refusal.Field = "agreement.process.missing", "process"
		}
		return nil
	}
	for clause != nil {
		reason, field := bars(clause, who, q, now)
		if reason == "" {
			a.refusal = agreement.Refusal{}
			return clause
		}
		if a.refusal.Reason == "" {
			a.refusal = agreement.Refusal{Clause: clause.No, Reason: reason, Field: field}
		}
		clause = after(in, clause, asked)
	}
	return nil
}

// bars is the condition of a clause that keeps a question out which it is
// otherwise wide enough for.
func bars(c *agreement.Clause, who Asker, q *Question, now time.Time) (reason, field string) {
	switch {
	case (c.Hours != "" || len(c.Days) > 0) && !c.OpenAt(now):
		return "agreement.hours", "time"
	case c.Signature && who.Signed == nil:
		return "agreement.signature", "signature"
	case q.Court != nil && q.Court.Until.Compare(persian.DateOf(now).AddDays(c.CourtDays)) > 0:
		return "agreement.court", "court"
	}
	return "", ""
}

// after is the next clause behind c that permits the question whole.
func after(in *agreement.Agreement, c *agreement.Clause, asked agreement.Asked) *agreement.Clause {
	for i := range in.Clauses {
		if &in.Clauses[i] == c {
			rest := agreement.Agreement{Clauses: in.Clauses[i+1:]}
			next, _ := rest.Permit(asked)
			return next
		}
	}
	return nil
}

// process holds the question against the catalogue of the body in whose name it
// is asked. A place is asked for by its code alone, so a process that demands
// both keys demands them of questions about persons.
func (d *Desk) process(of ids.LegalID, q *Question) (reason, field string) {
	if d.processes == nil || !d.processes.Has(of) {
		return "", ""
	}
	if q.Process == "" {
		return "agreement.process.missing", "process"
	}
	p, ok := d.processes.Find(of, q.Process)
	switch {
	case !ok:
		return "agreement.process.unknown", "process"
	case p.Ended:
		return "agreement.process.closed", "process"
	case p.BothKeys && q.Service != Place && !q.declares():
		return "agreement.both_keys", "postal_code"
	}
	return "", ""
}

// declares reports whether the person's postal code was given beside his
// number: declared, or claimed to be compared.
func (q *Question) declares() bool {
	if q.Declared != 0 {
		return true
	}
	for i := range q.Claims {
		if q.Claims[i].field.name == "postal_code" {
			return true
		}
	}
	return false
}
