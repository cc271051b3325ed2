package inquiry

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/agreement"
	"github.com/estelam/estelam/internal/citizen"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/process"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/signature"
)

func (d *testDesk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// surnames is a clause that lets the surname be verified.
func surnames(no int, change func(*agreement.Clause)) agreement.Clause {
	c := agreement.Clause{No: no, Service: Identity, Modes: []string{Verify}, SearchKeys: []string{KeyBirthDate}, Fields: []string{"surname"}}
	change(&c)
	return c
}

func head(a Asker) journal.Actor {
	return journal.Actor{Role: agency.RoleHead, Agency: a.Agency.ID, ID: "head"}
}

// wants asks a good question, changed, and wants the reason of its refusal; ""
// wants an answer. Diagnose must say the same, unless the register decides.
func (d *testDesk) wants(why string, who Asker, reason string, clause int, field string, change func(*Form)) told {
	d.Helper()
	q := d.question(func(f *Form) {
		f.Claims = []FormClaim{{"surname", "رضایی"}}
		change(f)
	})
	p, err := d.Ask(d.ctx, who, q, Once{})
	d.must(err)
	x := d.read(p.Record)
	if x.Refusal.Reason != reason || x.Refusal.Clause != clause || x.Refusal.Field != field || (x.Outcome == Refused) != (reason != "") {
		d.Errorf("%s: %s %+v, want %s %d %s", why, x.Outcome, x.Refusal, reason, clause, field)
	}
	g, err := d.Diagnose(d.ctx, who, q)
	d.must(err)
	if reason != "agreement.locked" && (g.Permitted != (reason == "") || g.Reason != reason || g.Permitted == false && g.Clause != clause) {
		d.Errorf("%s: the diagnosis says %+v", why, g)
	}
	return x
}

func asIs(*Form) {}

func TestHours(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	sunday := time.Date(2027, 1, 3, 5, 0, 0, 0, time.UTC) // 08:30 in Tehran
	d.now = sunday
	who := d.agency(3, []agreement.Clause{
		surnames(1, func(c *agreement.Clause) { c.Hours, c.Days = "08:30-14:00", []string{"sun", "mon"} }),
		surnames(2, func(c *agreement.Clause) { c.Hours, c.Purposes = "00:00-24:00", []string{"emergency"} }),
	})
	at := func(t time.Time) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.now = t
	}
	d.wants("as the door opens", who, "", 0, "", asIs)
	at(sunday.Add(-time.Minute))
	d.wants("a minute before", who, "agreement.hours", 1, "time", asIs)
	d.wants("another clause is open", who, "", 0, "", func(f *Form) { f.Purpose = "emergency" })
	at(sunday.Add(5*time.Hour + 30*time.Minute))
	d.wants("as it closes", who, "agreement.hours", 1, "time", asIs)
	at(sunday.Add(24 * time.Hour))
	d.wants("on Monday", who, "", 0, "", asIs)
	at(sunday.Add(48 * time.Hour))
	d.wants("on Tuesday", who, "agreement.hours", 1, "time", asIs)
}

// What the signature says is kept to the byte, so an outsider can check it.
func TestSignatureIsRecorded(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	who := d.agency(3, []agreement.Clause{surnames(1, func(c *agreement.Clause) { c.Signature = true })})
	d.wants("unsigned", who, "agreement.signature", 1, "signature", asIs)
	s := &signature.Signed{Certificate: [32]byte{1}, Digest: [32]byte{2}, Base: "\"@method\": POST\n\"@signature-params\": ()", Value: []byte{3}}
	who.Signed = s
	d.wants("signed", who, "", 0, "", asIs)
	qs := []*Question{d.question(of(ali, "1370-01-01", "surname", "رضایی")), d.question(of(ali, "1370-01-01", "surname", "رضایی"))}
	p, err := d.AskAll(d.ctx, who, qs, Once{})
	d.must(err)
	for i := range p.Entries {
		var r struct {
			Outcome   string
			Signature struct {
				Certificate, Digest, Input string
				Value                      []byte
			}
		}
		d.must(json.Unmarshal(p.Entries[i].Record, &r))
		if r.Outcome != Confirmed || r.Signature.Certificate != "01"+strings.Repeat("0", 62) || r.Signature.Digest != "02"+strings.Repeat("0", 62) ||
			r.Signature.Input != s.Base || !bytes.Equal(r.Signature.Value, s.Value) {
			t.Errorf("%+v", r)
		}
	}
}

func TestCourt(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	who := d.agency(3, []agreement.Clause{
		surnames(1, func(c *agreement.Clause) { c.Purposes = []string{"kyc"} }),
		surnames(2, func(c *agreement.Clause) { c.CourtDays, c.Purposes = 30, []string{"court"} }),
	})
	court := func(purpose string, days int) func(*Form) {
		return func(f *Form) {
			f.Purpose = purpose
			f.Court = &FormCourt{"شعبه ۱، پرونده ۱۴۰۵/۱۲", persian.DateOf(d.now).AddDays(days).String()}
		}
	}
	d.wants("no court", who, "", 0, "", asIs)
	d.wants("a clause without courts", who, "agreement.court", 1, "court", court("kyc", 1))
	d.wants("as long as may be", who, "", 0, "", court("court", 30))
	d.wants("a day longer", who, "agreement.court", 2, "court", court("court", 31))
	p, err := d.Ask(d.ctx, who, d.question(func(f *Form) {
		f.Claims = []FormClaim{{"surname", "رضایی"}}
		court("court", 7)(f)
	}), Once{})
	d.must(err)
	refused, err := d.Ask(d.ctx, who, d.question(func(f *Form) {
		f.Claims = []FormClaim{{"surname", "رضایی"}}
		court("court", 31)(f)
	}), Once{})
	d.must(err)
	if strings.Contains(string(refused.Record), `"court":`) {
		t.Errorf("what no clause permits is hidden: %s", refused.Record)
	}
	var r struct {
		Court struct{ Reference, Until string }
	}
	d.must(json.Unmarshal(p.Record, &r))
	if r.Court.Reference != "شعبه ۱، پرونده ۱۴۰۵/۱۲" || r.Court.Until != persian.DateOf(d.now).AddDays(7).String() {
		t.Errorf("%+v in %s", r, p.Record)
	}
}

func TestProcesses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := openDesk(t, url)
		on := func(code string) func(*Form) { return func(f *Form) { f.Process = code } }
		put := func(code string, both bool) {
			t.Helper()
			_, _, err := d.processes.Put(d.ctx, d.journal, head(d.bank), &process.Entry{Code: code, Title: "خدمت نمونه", Monthly: 10, BothKeys: both})
			d.must(err)
		}
		d.wants("no catalogue", d.bank, "", 0, "", on("anything"))
		put("loan", false)
		put("deposit", true)
		d.wants("no process", d.bank, "agreement.process.missing", 1, "process", asIs)
		d.wants("one that the clause demands", d.bank, "agreement.process.missing", 5, "process", func(f *Form) {
			f.Service, f.Claims = Shenasnameh, []FormClaim{{"shenasnameh_number", "1"}}
		})
		d.wants("an unknown one", d.bank, "agreement.process.unknown", 1, "process", on("other"))
		d.wants("an open one", d.bank, "", 0, "", on("loan"))
		d.wants("another agency has no catalogue", d.rest, "", 0, "", asIs)

		d.wants("a number alone", d.bank, "agreement.both_keys", 1, "postal_code", on("deposit"))
		d.wants("both keys", d.bank, "", 0, "", func(f *Form) { f.Process, f.PostalCode = "deposit", testHome.String() })
		d.wants("a postal code that is compared", d.bank, "", 0, "", func(f *Form) {
			f.Process, f.Service, f.Claims = "deposit", Residence, []FormClaim{{"postal_code", testHome.String()}}
		})
		d.wants("a place has one key", d.bank, "", 0, "", func(f *Form) {
			f.Process, f.Service, f.NationalNumber, f.BirthDate, f.PostalCode = "deposit", Place, "", "", testHome.String()
			f.Claims = []FormClaim{{"province", "تهران"}}
		})

		_, _, err := d.processes.End(d.ctx, d.journal, head(d.bank), &process.Closing{Code: "loan", Reason: "پایان"})
		d.must(err)
		d.wants("a closed one", d.bank, "agreement.process.closed", 1, "process", on("loan"))
	})
}

// What the person declared stands in the record, behind the second key.
func TestDeclaredPostalCode(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	p, err := d.Ask(d.ctx, d.bank, d.question(func(f *Form) {
		f.Claims, f.PostalCode = []FormClaim{{"surname", "رضایی"}}, "16197-35744"
	}), Once{})
	d.must(err)
	if want := `"birth_date":"1370-01-01","postal_code":"1619735744","claims":`; !strings.Contains(string(p.Record), want) {
		t.Errorf("no %s in %s", want, p.Record)
	}
}

// delegate lets another body ask in the name of the bank.
func (d *testDesk) delegate(to Asker, days int, services ...string) *agreement.Delegation {
	d.Helper()
	today := persian.DateOf(d.now)
	g, _, err := d.agreements.Delegate(d.ctx, d.journal, head(d.bank), &agreement.Delegating{
		Delegate: to.Agency.ID, Services: services, From: today, Until: today.AddDays(days), Reference: "نامه ۱",
	})
	d.must(err)
	_, _, err = d.agreements.Accept(d.ctx, d.journal, head(to), g.ID)
	d.must(err)
	_, _, err = d.agreements.Confirm(d.ctx, d.journal, journal.Actor{Role: register.Supervisor, ID: "s1"}, g.ID)
	d.must(err)
	return g
}

func TestDelegation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := openDesk(t, url)
		bank := d.bank.Agency.ID
		behalf := func(id ids.LegalID) func(*Form) { return func(f *Form) { f.OnBehalfOf = id.String() } }
		alive := func(f *Form) { // the bank's clause of three a day; the other agency has none
			f.Service, f.Claims, f.Predicates, f.OnBehalfOf = Predicates, nil, []FormPredicate{{Name: Alive}}, bank.String()
		}
		const none = "agreement.delegation"
		d.wants("nobody asked me to", d.rest, none, 0, "on_behalf_of", behalf(bank))
		d.wants("in one's own name, said twice", d.bank, none, 0, "on_behalf_of", behalf(bank))
		d.wants("in the name of nobody", d.bank, none, 0, "on_behalf_of", behalf(14003552272))
		g := d.delegate(d.rest, 3, Identity, Predicates)
		d.wants("delegated", d.rest, "", 0, "", behalf(bank))
		d.wants("another service", d.rest, none, 0, "on_behalf_of", func(f *Form) {
			f.Service, f.Claims, f.OnBehalfOf = Residence, []FormClaim{{"postal_code", testHome.String()}}, bank.String()
		})
		d.wants("not the other way round", d.bank, none, 0, "on_behalf_of", behalf(d.rest.Agency.ID))

		// The principal's clauses, quota and processes count.
		d.wants("by the bank's clause", d.rest, "", 0, "", alive)
		d.wants("it counts", d.bank, "", 0, "", func(f *Form) { alive(f); f.OnBehalfOf = "" })
		if x := d.ask(d.rest, alive); x.Outcome != Answered {
			t.Errorf("the last of three: %+v", x)
		}
		if x := d.ask(d.rest, alive); x.Refusal.Reason != "agreement.quota" {
			t.Errorf("the bank's quota is not used up: %+v", x)
		}
		_, _, err := d.processes.Put(d.ctx, d.journal, head(d.bank), &process.Entry{Code: "loan", Title: "خدمت نمونه", Monthly: 10})
		d.must(err)
		d.wants("no process of the bank's", d.rest, "agreement.process.missing", 1, "process", behalf(bank))
		d.wants("in its own name it names none", d.rest, "", 0, "", asIs)

		p, err := d.Ask(d.ctx, d.rest, d.question(func(f *Form) {
			f.Claims, f.Process, f.OnBehalfOf = []FormClaim{{"surname", "رضایی"}}, "loan", bank.String()
		}), Once{})
		d.must(err)
		var r struct {
			Agency   struct{ ID ids.LegalID }
			OnBehalf struct {
				ID         ids.LegalID
				Name       string
				Delegation int64
			} `json:"on_behalf_of"`
			Agreement struct{ ID int64 }
		}
		d.must(json.Unmarshal(p.Record, &r))
		in, _ := d.agreements.InForce(bank, d.now)
		if r.Agency.ID != d.rest.Agency.ID || r.OnBehalf.ID != bank || r.OnBehalf.Name != d.bank.Agency.Name || r.OnBehalf.Delegation != g.ID || r.Agreement.ID != in.ID {
			t.Errorf("%+v in %s", r, p.Record)
		}

		// A body that is stopped has nobody asked in its name; an ended delegation is none.
		_, err = d.agencies.SetState(d.ctx, d.journal, journal.Actor{Role: register.Operator, ID: "o"}, bank, agency.Suspended, "test")
		d.must(err)
		d.wants("the bank is stopped", d.rest, none, 0, "on_behalf_of", behalf(bank))
		_, err = d.agencies.SetState(d.ctx, d.journal, journal.Actor{Role: register.Operator, ID: "o"}, bank, agency.Active, "test")
		d.must(err)
		_, _, err = d.agreements.Undelegate(d.ctx, d.journal, head(d.bank), &agreement.Undelegating{
			ID: g.ID, Grounds: register.Grounds{Reason: "over", Document: "نامه ۲"},
		})
		d.must(err)
		d.wants("ended", d.rest, none, 0, "on_behalf_of", behalf(bank))
		d.delegate(d.rest, 1, Identity)
		d.now = d.now.AddDate(0, 0, 2)
		d.wants("its days are over", d.rest, none, 0, "on_behalf_of", behalf(bank))
	})
}

func TestLocks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := openDesk(t, url)
		given, _, err := d.citizens.Give(d.ctx, d.journal, journal.Actor{Role: register.Clerk, ID: "c1"}, &citizen.Giving{
			Number: ali, Grounds: register.Grounds{Reason: "seen", Document: "شناسنامه"},
		})
		d.must(err)
		who, err := d.citizens.Admit(d.ctx, &citizen.Key{Number: ali, Access: given.Access})
		d.must(err)
		marketing := func(f *Form) { f.Purpose = "marketing" }
		d.wants("not locked", d.bank, "", 0, "", marketing)
		_, _, err = d.citizens.Lock(d.ctx, d.journal, who, "marketing")
		d.must(err)
		x := d.wants("locked", d.bank, "agreement.locked", 1, "purpose", marketing)
		if len(x.Answer.Fields) != 0 || x.RegisterVersion != 0 {
			t.Errorf("the refusal tells something: %+v", x)
		}
		d.wants("another purpose", d.bank, "", 0, "", asIs)
		if x := d.wants("a wrong key learns of no lock", d.bank, "", 0, "", func(f *Form) { marketing(f); f.BirthDate = "1370-01-02" }); x.Outcome != NotFound {
			t.Errorf("%+v", x)
		}
		p, err := d.AskAll(d.ctx, d.bank, []*Question{
			d.question(func(f *Form) { of(ali, "1370-01-01", "surname", "رضایی")(f); marketing(f) }),
			d.question(func(f *Form) { of(maryam, "1340-05-05", "surname", "کریمی")(f); marketing(f) }),
		}, Once{})
		d.must(err)
		if one, two := d.read(p.Entries[0].Record), d.read(p.Entries[1].Record); one.Refusal.Reason != "agreement.locked" || two.Outcome != Dead {
			t.Errorf("in a batch: %+v %+v", one, two)
		}
		_, _, err = d.citizens.Unlock(d.ctx, d.journal, who, "marketing")
		d.must(err)
		d.wants("unlocked", d.bank, "", 0, "", marketing)
	})
}

// A deed goes by the same rules, for all parties at once.
func TestDeedConditions(t *testing.T) {
	d := openDesk(t, storetest.SQLite(t))
	today := persian.DateOf(d.now)
	who := d.agency(3, []agreement.Clause{{
		No: 1, Service: Deed, Modes: []string{Verify}, SearchKeys: []string{KeyBirthDate}, Fields: deedFields, Signature: true, CourtDays: 10,
	}})
	_, _, err := d.processes.Put(d.ctx, d.journal, head(who), &process.Entry{Code: "sale", Title: "خدمت نمونه", Monthly: 10, BothKeys: true})
	d.must(err)
	ask := func(change func(*DeedForm)) (*DeedAnswer, []byte) {
		t.Helper()
		f := &DeedForm{
			Officer: "a.b", Purpose: "deed", Process: "sale", File: "1", Kind: "sale",
			Parties: []PartyForm{{Role: "seller", NationalNumber: ali.String(), BirthDate: "1370-01-01", GivenName: "علی", Surname: "رضایی تهرانی", PostalCode: testHome.String()}},
		}
		change(f)
		q, err := f.Parse(today)
		d.must(err)
		p, err := d.AskDeed(d.ctx, who, q, Once{})
		d.must(err)
		a, err := ReadDeed(p)
		d.must(err)
		return a, p.Entries[1].Record
	}
	wants := func(reason string, change func(*DeedForm)) {
		t.Helper()
		a, _ := ask(change)
		if a.Refusal == nil || a.Refusal.Reason != reason || a.Outcome != Refused {
			t.Errorf("%s %+v, want %s", a.Outcome, a.Refusal, reason)
		}
	}
	wants("agreement.signature", func(*DeedForm) {})
	who.Signed = &signature.Signed{Base: "x"}
	wants("agreement.process.missing", func(f *DeedForm) { f.Process = "" })
	wants("agreement.both_keys", func(f *DeedForm) { f.Parties[0].PostalCode = "" })
	wants("agreement.court", func(f *DeedForm) { f.Court = &FormCourt{"۱", today.AddDays(11).String()} })
	wants("agreement.delegation", func(f *DeedForm) { f.Behalf = d.bank.Agency.ID.String() })
	a, party := ask(func(f *DeedForm) { f.Court = &FormCourt{"۱", today.AddDays(10).String()} })
	if a.Outcome != Confirmed || !bytes.Contains(party, []byte(`,"court":{"reference":"۱","until":"`)) || !bytes.Contains(party, []byte(`"input":"x"`)) {
		t.Errorf("%+v %s", a, party)
	}
}
