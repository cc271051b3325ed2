package discrepancy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/discrepancy"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/person"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

var (
	teller = journal.Actor{Role: agency.RoleOfficer, Agency: 10100456788, ID: "b.one"}
	rival  = journal.Actor{Role: agency.RoleOfficer, Agency: 10100456799, ID: "b.two"}
)

// told commits an entry by which teller's agency was told something.
func (o *office) told(kind receipt.Kind, subject ids.NationalNumber, answer string) ids.TrackingCode {
	o.t.Helper()
	p, err := o.journal.Commit(ctx, journal.Entry{
		Kind: kind, Body: []byte(`"outcome":"differs",` + answer + `,"register_version":1`), Subject: subject, Agency: teller.Agency,
	})
	o.must(err)
	return p.Code
}

const compared = `"answer":{"fields":{"father_name":"differs","surname":"match"}}`

func doubt(code ids.TrackingCode) *discrepancy.Report {
	return &discrepancy.Report{Code: code, Field: "father_name", Value: "حسن", Evidence: "رونوشت سند ازدواج", Paper: strings.Repeat("ab", 32)}
}

// TestReport: an agency's doubt becomes a case, two persons correct, the agency
// is told how it ended and nothing of the record.
func TestReport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		code := o.told(receipt.Inquiry, number, compared)
		made, proven, err := o.cases.Report(ctx, o.journal, teller, doubt(code))
		o.must(err)
		want := fmt.Sprintf(`"why":"doubt-reported","doubt":1,"case":1,"of":"%s","field":"father_name"}`, code)
		if !strings.HasSuffix(string(proven.Record), want) || proven.Kind != receipt.Doubt || made.Deadline.IsZero() {
			t.Errorf("%s\nwant %s", proven.Record, want)
		}
		_, _, err = o.cases.Report(ctx, o.journal, teller, doubt(code))
		o.refused(err, fault.Conflict, "discrepancy.reported")

		c := o.read(1)
		if c.Source != discrepancy.Reporting || c.Doubt != made.ID || c.Reporter == nil || c.Reporter.Code != code || c.Reporter.Agency != teller.Agency ||
			c.Reporter.Paper != doubt(code).Paper || c.Items[0] != (discrepancy.Item{Field: "father_name", OnRecord: "علی", Claimed: "حسن"}) {
			t.Errorf("%+v %+v", c, c.Reporter)
		}
		_, _, err = o.cases.Answer(ctx, o.journal, clerk, &discrepancy.Reply{ID: made.ID, Text: "بررسی می‌شود"})
		o.refused(err, fault.Conflict, "discrepancy.early")
		o.take(c.ID, clerk)
		proposed, err := o.decide(clerk, discrepancy.Decision{Case: c.ID, Decision: "correct"})
		o.must(err)
		if now := o.reports(teller)[0]; now.Closed || now.Outcome != 0 {
			t.Errorf("proposed, and the agency sees %+v", now)
		}
		_, _, err = o.persons.Approve(ctx, o.journal, supervisor, proposed.Proposal)
		o.must(err)
		_, proven, err = o.cases.Answer(ctx, o.journal, clerk, &discrepancy.Reply{ID: made.ID, Text: "تصحیح شد"})
		o.must(err)
		want = fmt.Sprintf(`"why":"doubt-answered","doubt":1,"case":1,"of":"%s","outcome":"corrected"}`, code) // hidden from the person as long as what it is about
		if !strings.HasSuffix(string(proven.Record), want) || proven.Agency != teller.Agency {
			t.Errorf("%s", proven.Record)
		}
		_, _, err = o.cases.Answer(ctx, o.journal, supervisor, &discrepancy.Reply{ID: made.ID, Text: "باز هم"})
		o.refused(err, fault.Conflict, "discrepancy.answered")
		now := o.reports(teller)
		if len(now) != 1 || !now[0].Closed || now[0].Outcome != discrepancy.Corrected || now[0].Answer != "تصحیح شد" || now[0].Answered.IsZero() {
			t.Errorf("%+v", now)
		}
		if others := o.reports(rival); len(others) != 0 {
			t.Errorf("another agency sees %+v", others)
		}
		if p, _, err := o.persons.ByNumber(ctx, number); err != nil || p.Father.Display != "حسن" {
			t.Error("the record is not corrected", err)
		}
	})
}

func (o *office) reports(who journal.Actor) []discrepancy.Reported {
	o.t.Helper()
	all, err := o.cases.Reports(ctx, o.journal, who, &discrepancy.ReportFilter{})
	o.must(err)
	return all
}

// TestRaised: staff see the doubts of all agencies, newest first, page by page
// and as their cases stand; nobody else does, and nothing tells whom they concern.
func TestRaised(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		raised := func(who journal.Actor, f discrepancy.RaisedFilter) []discrepancy.Raised {
			t.Helper()
			all, err := o.cases.Raised(ctx, o.journal, who, &f)
			o.must(err)
			return all
		}
		if all := raised(clerk, discrepancy.RaisedFilter{}); len(all) != 0 {
			t.Errorf("%+v", all)
		}
		code := o.told(receipt.Inquiry, number, compared)
		_, _, err := o.cases.Report(ctx, o.journal, teller, doubt(code))
		o.must(err)
		second := doubt(code)
		second.Field = "surname"
		second.Value = "کریمی"
		_, _, err = o.cases.Report(ctx, o.journal, teller, second)
		o.must(err)
		all := raised(clerk, discrepancy.RaisedFilter{})
		if len(all) != 2 || all[0].ID != 2 || all[1].ID != 1 || all[0].Field != "surname" || all[1].Agency != teller.Agency || all[1].Code != code ||
			all[1].State != discrepancy.Opened || all[1].Deadline.IsZero() || all[1].Made.IsZero() {
			t.Errorf("%+v", all)
		}
		told, err := json.Marshal(all)
		o.must(err)
		if strings.Contains(string(told), number.String()) || strings.Contains(string(told), "کریمی") {
			t.Errorf("the list tells whom or what: %s", told)
		}
		if page := raised(supervisor, discrepancy.RaisedFilter{Limit: 1}); len(page) != 1 || page[0].ID != 2 {
			t.Errorf("%+v", page)
		}
		o.take(all[1].Case, clerk)
		if page := raised(supervisor, discrepancy.RaisedFilter{Before: 2, Limit: 1}); len(page) != 1 || page[0].ID != 1 || page[0].State != discrepancy.Taken {
			t.Errorf("%+v", page)
		}
		_, err = o.cases.Raised(ctx, o.journal, teller, &discrepancy.RaisedFilter{})
		o.refused(err, fault.Forbidden, "register.role")
		_, err = o.cases.Raised(ctx, o.journal, clerk, &discrepancy.RaisedFilter{Limit: 1001})
		o.refused(err, fault.Invalid, "discrepancy.limit")
	})
}

// TestReportOfWhatWasTold: only what the agency itself was told can be doubted.
func TestReportOfWhatWasTold(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	own := o.told(receipt.Inquiry, number, compared)
	size := o.journal.State().Size
	for name, c := range map[string]struct {
		who  journal.Actor
		code ids.TrackingCode
		kind fault.Kind
		key  string
	}{
		"another agency's code":  {rival, own, fault.NotFound, "discrepancy.code"},
		"a code of nobody":       {teller, "12345678901234567850", fault.NotFound, "discrepancy.code"},
		"a clerk":                {clerk, own, fault.Forbidden, "register.role"},
		"nobody was found":       {teller, o.told(receipt.Inquiry, number, `"question":{"claims":{"father_name":"حسن"}}`), fault.Invalid, "discrepancy.untold"},
		"another item":           {teller, o.told(receipt.Inquiry, number, `"answer":{"values":{"surname":"کریمی"}}`), fault.Invalid, "discrepancy.untold"},
		"a place":                {teller, o.told(receipt.Inquiry, 0, compared), fault.Invalid, "discrepancy.untold"},
		"an entry of other kind": {teller, o.told(receipt.CodeMatch, number, compared), fault.NotFound, "discrepancy.code"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := o.cases.Report(ctx, o.journal, c.who, doubt(c.code))
			o.refused(err, c.kind, c.key)
		})
	}
	if now := o.journal.State().Size; now != size+4 { // the entries of the table itself
		t.Errorf("refused reports left %d entries", now-size-4)
	}
	for _, c := range []struct {
		change func(*discrepancy.Report)
		field  string
		key    string
	}{
		{func(r *discrepancy.Report) { r.Code = "" }, "code", "discrepancy.missing"},
		{func(r *discrepancy.Report) { r.Field = "religion" }, "field", "discrepancy.field"},
		{func(r *discrepancy.Report) { r.Field, r.Value = "birth_date", "1370/13/1" }, "value", "persian.date.impossible"},
		{func(r *discrepancy.Report) { r.Evidence = "" }, "evidence", "discrepancy.missing"},
		{func(r *discrepancy.Report) { r.Evidence = strings.Repeat("ا", 501) }, "evidence", "discrepancy.text"},
		{func(r *discrepancy.Report) { r.Paper = "abcd" }, "document_sha256", "discrepancy.paper"},
	} {
		in := doubt(own)
		c.change(in)
		if f := fault.Of(in.Check()); f == nil || f.Field != c.field || f.Key != c.key || f.Kind != fault.Invalid {
			t.Errorf("%s: %v", c.field, f)
		}
	}
}

// TestReportOfHidden: what becomes of a protected person's case is not told,
// neither to the agency nor by a clerk.
func TestReportOfHidden(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		made, _, err := o.cases.Report(ctx, o.journal, teller, doubt(o.told(receipt.DeliveryRow, number, `"values":{"father_name":"علی"}`)))
		o.must(err)
		g := register.Grounds{Reason: "court-order", Document: "12/1405"}
		p, _, err := o.persons.Propose(ctx, o.journal, clerk, "protection", &person.Protection{Edit: person.Edit{Number: number, Grounds: g}, On: true})
		o.must(err)
		_, _, err = o.persons.Approve(ctx, o.journal, supervisor, p.ID)
		o.must(err)
		o.take(1, supervisor)
		_, err = o.decide(supervisor, discrepancy.Decision{Case: 1, Decision: "confirm"})
		o.must(err)
		_, _, err = o.cases.Answer(ctx, o.journal, clerk, &discrepancy.Reply{ID: made.ID, Text: "درست است"})
		o.refused(err, fault.Forbidden, "person.protected")
		_, _, err = o.cases.Answer(ctx, o.journal, supervisor, &discrepancy.Reply{ID: made.ID, Text: "درست است"})
		o.must(err)
		if now := o.reports(teller)[0]; !now.Closed || now.Outcome != 0 || now.Answer != "" || !now.Answered.IsZero() {
			t.Errorf("%+v", now)
		}
	})
}

// TestReportOfResidence: an agency's belief declares no residence.
func TestReportOfResidence(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	in := doubt(o.told(receipt.Inquiry, number, `"answer":{"values":{"postal_code":"1416932790"}}`))
	in.Field, in.Value = "postal_code", elsewhere.Grouped()
	_, _, err := o.cases.Report(ctx, o.journal, teller, in)
	o.must(err)
	o.take(1, clerk)
	_, err = o.decide(clerk, discrepancy.Decision{Case: 1, Decision: "correct"})
	o.refused(err, fault.Conflict, "discrepancy.residence")
	if p, _, err := o.persons.ByNumber(ctx, number); err != nil || p.Postal != home {
		t.Error("the residence was changed", err)
	}
	_, _, err = o.persons.DeclareResidence(ctx, o.journal, clerk, &person.ResidenceDeclaration{
		Number: number, Postal: elsewhere, Since: persian.Date{Year: 1403, Month: 2, Day: 1}, Grounds: register.Grounds{Reason: "declaration", Document: "7"},
	})
	o.must(err)
	_, err = o.decide(clerk, discrepancy.Decision{Case: 1, Decision: "correct"})
	o.must(err)
	o.stands(1, discrepancy.Closed, discrepancy.Corrected)
}
