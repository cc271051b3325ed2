package inquiry

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/place"
	"github.com/estelam/estelam/receipt"
)

// A deed is checked in one act (clause B.11): registries, notaries, marriage and
// divorce offices and estate agencies hand in all parties and the object's
// postal code together and get one tracking code to write into the deed.
//
// In the log a deed is one unit of entries that stand side by side and share
// one proof: first the deed's own, about nobody, which sums up; behind it one for
// each party, about him alone, as if he had been asked about by himself. So each
// party finds the deed among "who asked about me", and nothing of the others.

// Deed is the service as agreements and records spell it.
const Deed = "deed"

// deedFields are the fields that a clause of the service can permit: names of a
// party, and postal codes, of parties and of the object.
var deedFields = []string{"given_name", "surname", "father_name", "postal_code"}

// DeedForm is a deed as it came through a door: text, not yet believed.
type DeedForm struct {
	Officer string      `json:"officer"` // login
	Purpose string      `json:"purpose"`
	Process string      `json:"process"`
	File    string      `json:"file"`
	Behalf  string      `json:"on_behalf_of,omitzero"` // as in Form
	Court   *FormCourt  `json:"court,omitzero"`
	Kind    string      `json:"deed"`        // one of DeedKinds
	Postal  string      `json:"postal_code"` // the object's; "": the deed has none
	Parties []PartyForm `json:"parties"`
}

// PartyForm is one party; of BirthDate and ShenasnamehNumber exactly one.
type PartyForm struct {
	Role              string `json:"role"` // one of PartyRoles
	NationalNumber    string `json:"national_number"`
	BirthDate         string `json:"birth_date"`
	ShenasnamehNumber string `json:"shenasnameh_number"`
	GivenName         string `json:"given_name"`
	Surname           string `json:"surname"`
	FatherName        string `json:"father_name"` // may be empty
	PostalCode        string `json:"postal_code"` // of his residence; may be empty
}

// Kinds of deeds, and roles of parties in them.
var (
	DeedKinds  = []string{"sale", "lease", "mortgage", "gift", "settlement", "marriage", "divorce", "attorney", "other"}
	PartyRoles = []string{
		"seller", "buyer", "lessor", "lessee", "mortgagor", "mortgagee", "donor", "donee", "husband", "wife",
		"principal", "attorney", "guardian", "guarantor", "witness", "party",
	}
)

// mostParties of one deed.
const mostParties = 50

// keyNone is the search key of a deed without an object: its own record looks
// nobody up.
const keyNone = "none"

// DeedQuestion is a parsed deed.
type DeedQuestion struct {
	kind    string
	object  ids.PostalCode // 0: none
	roles   []string
	parties []*Question
}

// Parse turns a form into a question. All mistakes are reported at once.
func (f *DeedForm) Parse(today persian.Date) (*DeedQuestion, error) {
	q := &DeedQuestion{kind: f.Kind}
	head := form{Form: &Form{}, q: &Question{}, today: today}
	of := Question{
		Officer: head.token("officer", f.Officer, true), Purpose: head.token("purpose", f.Purpose, true),
		Process: head.token("process", f.Process, false), File: head.file(f.File),
		OnBehalf: head.legal(f.Behalf), Court: head.court(f.Court),
	}
	bad := head.bad
	bad.When(!slices.Contains(DeedKinds, f.Kind), "deed", "inquiry.deed.kind", strings.Join(DeedKinds, ", "))
	if f.Postal != "" {
		var err error
		if q.object, err = ids.ParsePostalCode(f.Postal); err != nil {
			bad.Add("postal_code", err)
		}
	}
	bad.When(len(f.Parties) == 0, "parties", "inquiry.missing")
	bad.When(len(f.Parties) > mostParties, "parties", "inquiry.items", strconv.Itoa(mostParties))
	for i := range f.Parties[:min(len(f.Parties), mostParties)] {
		p := &f.Parties[i]
		at := "parties." + strconv.Itoa(i)
		bad.When(!slices.Contains(PartyRoles, p.Role), at+".role", "inquiry.deed.role", strings.Join(PartyRoles, ", "))
		party, err := p.parse(&of, today)
		bad.Add(at, err)
		for k, other := range q.parties {
			bad.When(err == nil && other != nil && other.Number == party.Number && q.roles[k] == p.Role, at+".national_number", "inquiry.twice")
		}
		q.parties, q.roles = append(q.parties, party), append(q.roles, p.Role)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if q.object != 0 {
		for _, p := range q.parties {
			if !slices.Contains(p.permitFields, "postal_code") {
				p.permitFields = append(p.permitFields, "postal_code")
			}
		}
	}
	return q, nil
}

// parse reads a party as a question of its own, about his identity; of is who
// asks and why.
func (p *PartyForm) parse(of *Question, today persian.Date) (*Question, error) {
	f := Form{
		Service: Identity, Mode: Verify, Officer: "-", Purpose: "-", File: "-",
		NationalNumber: p.NationalNumber, BirthDate: p.BirthDate, ShenasnamehNumber: p.ShenasnamehNumber,
		Claims: []FormClaim{{"given_name", p.GivenName}, {"surname", p.Surname}},
	}
	if p.FatherName != "" {
		f.Claims = append(f.Claims, FormClaim{"father_name", p.FatherName})
	}
	q, err := f.Parse(today)
	var bad fault.List
	bad.Add("", err)
	for i, e := range bad {
		here := *e
		here.Field = strings.TrimPrefix(e.Field, "claims.")
		bad[i] = &here
	}
	home := Claim{field: fieldOf(Residence, "postal_code")}
	if p.PostalCode != "" {
		bad.Add("postal_code", home.field.read(&home, p.PostalCode))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if p.PostalCode != "" {
		q.Claims, q.permitFields = append(q.Claims, home), append(q.permitFields, "postal_code")
	}
	q.Service, q.Officer, q.Purpose, q.Process, q.File = Deed, of.Officer, of.Purpose, of.Process, of.File
	q.OnBehalf, q.Court = of.OnBehalf, of.Court
	return q, nil
}

// object is what the place register says of a deed's postal code.
type object struct {
	code       ids.PostalCode
	state      string // as the place register has it, or not_found
	successors []ids.PostalCode
}

// AskDeed checks a deed: the steps of Ask, for all parties and the object at
// once. A clause that does not permit one party permits none.
func (d *Desk) AskDeed(ctx context.Context, who Asker, q *DeedQuestion, once Once) (*journal.ProvenBatch, error) { // 1, 2: done by the door
	if once.wanted() {
		if p, found, err := d.journal.ReplayAll(ctx, once.Key, once.Digest); found || err != nil {
			return p, err
		}
	}
	now := d.clock()
	today := persian.DateOf(now)
	answers := make([]answer, len(q.parties))
	clauses := make([]permitted, len(q.parties))
	giveBack := func() {
		for i := range clauses {
			d.quotas.giveBack(clauses[i].bucket, today, 1)
			clauses[i] = permitted{}
		}
	}
	refused := -1
	for i, party := range q.parties { // 3
		var err error
		if clauses[i], err = d.permit(ctx, who, party, &answers[i], now, today); err != nil {
			giveBack()
			return nil, err
		}
		if answers[i].refusal.Reason != "" {
			refused = i
			break
		}
	}
	var o object
	if refused >= 0 {
		giveBack()
		for i := range answers {
			answers[i] = answers[refused]
		}
	} else if err := d.judgeDeed(ctx, who, q, answers, &o, today); err != nil { // 4, 5
		giveBack()
		return nil, err
	}
	entries := []journal.Entry{entry(who, &Question{Officer: q.parties[0].Officer}, permitted{}, appendDeed(nil, who, q, answers, &o), Once{})}
	for i, party := range q.parties {
		body := appendPart(appendBody(nil, who, party, &answers[i]), q, i)
		entries = append(entries, entry(who, party, clauses[i], body, Once{}))
	}
	p, err := d.journal.CommitAll(ctx, entries, once.Key, once.Digest) // 6
	if uncounted(p != nil && p.Replayed, err) {
		giveBack()
	}
	return p, err // 7
}

// judgeDeed looks up parties and object and decides on them.
func (d *Desk) judgeDeed(ctx context.Context, who Asker, q *DeedQuestion, answers []answer, o *object, today persian.Date) error {
	seen, err := d.lookUpAll(ctx, q.parties, answers)
	if err != nil {
		return err
	}
	for i, party := range q.parties {
		if err := d.decide(ctx, who, party, &answers[i], seen[i], today); err != nil {
			return err
		}
	}
	if q.object == 0 {
		return nil
	}
	p, found, err := d.places.ByCode(ctx, q.object)
	if err != nil {
		return err
	}
	o.code, o.state = q.object, NotFound
	looked := answer{outcome: NotFound}
	if found {
		o.state, o.successors, looked.outcome = p.State.String(), p.Successors, Answered
	}
	if !d.guard.saw(who.Agency, today, &Question{Service: Place, Postal: q.object}, &looked) {
		answers[0].refuse("agreement.guard")
	}
	return nil
}

// outcomeOf sums a deed up: confirmed if every party is and the object is a
// place in use.
func outcomeOf(answers []answer, o *object) string {
	outcome := Confirmed
	if o.code != 0 && o.state != place.Active.String() {
		outcome = Differs
	}
	for i := range answers {
		switch answers[i].outcome {
		case Refused:
			return Refused
		case Confirmed:
		default:
			outcome = Differs
		}
	}
	return outcome
}

// appendDeed writes the members of the deed's own record.
func appendDeed(b []byte, who Asker, q *DeedQuestion, answers []answer, o *object) []byte {
	first := q.parties[0]
	sum := answer{
		outcome: outcomeOf(answers, o), permission: answers[0].permission,
		principal: answers[0].principal, delegation: answers[0].delegation,
	}
	for i := range answers {
		if sum.outcome == Refused && answers[i].refusal.Reason != "" {
			sum.refusal = answers[i].refusal
		}
	}
	own := Question{
		Service: Deed, Mode: Verify, Key: keyNone, Postal: q.object,
		Officer: first.Officer, Purpose: first.Purpose, Process: first.Process, File: first.File,
		OnBehalf: first.OnBehalf, Court: first.Court,
	}
	if q.object != 0 {
		own.Key = KeyPostalCode
	}
	b = appendBody(b, who, &own, &sum)
	b = receipt.AppendString(append(b, `,"deed":{"kind":`...), q.kind)
	b = append(b, `,"parties":[`...)
	for i, p := range q.parties {
		b = append(comma(b, i), `{"national_number":"`...)
		b = append(p.Number.AppendTo(b), '"')
		b = appendMember(b, "role", q.roles[i])
		b = append(appendMember(b, "outcome", answers[i].outcome), '}')
	}
	b = append(b, ']')
	if o.code != 0 {
		b = append(b, `,"object":{"postal_code":"`...)
		b = append(o.code.AppendTo(b), '"')
		b = appendMember(b, "state", o.state)
		b = append(b, `,"successors":[`...)
		for i, c := range o.successors {
			b = append(c.AppendTo(append(comma(b, i), '"')), '"')
		}
		b = append(b, ']', '}')
	}
	return append(b, '}')
}

// appendPart says in a party's record which part of a deed it is.
func appendPart(b []byte, q *DeedQuestion, i int) []byte {
	b = append(b, `,"deed":{"kind":`...)
	b = receipt.AppendString(b, q.kind)
	b = appendMember(b, "role", q.roles[i])
	b = strconv.AppendInt(append(b, `,"party":`...), int64(i+1), 10)
	b = strconv.AppendInt(append(b, `,"of":`...), int64(len(q.parties)), 10)
	return append(b, '}')
}

// inDeed reports whether a person is a party of the deed of this record, which
// is about nobody by itself.
func inDeed(record []byte, n ids.NationalNumber) bool {
	var r struct {
		Deed struct {
			Parties []struct {
				Number ids.NationalNumber `json:"national_number"`
			} `json:"parties"`
		} `json:"deed"`
	}
	if json.Unmarshal(record, &r) != nil {
		return false
	}
	for i := range r.Deed.Parties {
		if r.Deed.Parties[i].Number == n {
			return true
		}
	}
	return false
}

// DeedAnswer is what became of a deed, as its records say.
type DeedAnswer struct {
	Outcome string        `json:"outcome"`
	Parties []PartyAnswer `json:"parties"`
	Object  *DeedObject   `json:"object,omitempty"`
	Refusal *DeedRefusal  `json:"refusal,omitempty"`
}

// PartyAnswer is what became of one party.
type PartyAnswer struct {
	Code      ids.TrackingCode   `json:"code"` // of the party's own entry
	Number    ids.NationalNumber `json:"national_number"`
	Role      string             `json:"role"`
	Outcome   string             `json:"outcome"`
	Fields    json.RawMessage    `json:"fields,omitempty"` // result by field, in the order of the question
	Warnings  []string           `json:"warnings,omitempty"`
	Successor string             `json:"successor,omitempty"` // of a cancelled number
}

// DeedObject is what the place register says of the object.
type DeedObject struct {
	Postal     ids.PostalCode   `json:"postal_code"`
	State      string           `json:"state"` // as the place register has it, or not_found
	Successors []ids.PostalCode `json:"successors"`
}

// DeedRefusal says why a deed was not checked.
type DeedRefusal struct {
	Reason string `json:"reason"` // message key
	Clause int    `json:"clause,omitzero"`
	Field  string `json:"field,omitempty"`
}

// ReadDeed reads the answer out of the entries of a deed, so that one that is
// asked for again says the same.
func ReadDeed(p *journal.ProvenBatch) (*DeedAnswer, error) {
	var a DeedAnswer
	for i := range p.Entries {
		var r struct {
			Outcome   string       `json:"outcome"`
			Warnings  []string     `json:"warnings"`
			Successor string       `json:"successor"`
			Refusal   *DeedRefusal `json:"refusal"`
			Answer    struct {
				Fields json.RawMessage `json:"fields"`
			} `json:"answer"`
			Question struct {
				Number ids.NationalNumber `json:"national_number"`
			} `json:"question"`
			Deed struct {
				Role   string      `json:"role"`
				Object *DeedObject `json:"object"`
			} `json:"deed"`
		}
		if err := json.Unmarshal(p.Entries[i].Record, &r); err != nil {
			return nil, fault.New(fault.Internal, "fault.internal").Because(err)
		}
		if i == 0 {
			a.Outcome, a.Object, a.Refusal = r.Outcome, r.Deed.Object, r.Refusal
			continue
		}
		a.Parties = append(a.Parties, PartyAnswer{
			Code: p.Entries[i].Code, Number: r.Question.Number, Role: r.Deed.Role, Outcome: r.Outcome,
			Fields: r.Answer.Fields, Warnings: r.Warnings, Successor: r.Successor,
		})
	}
	return &a, nil
}
