package agreement

import (
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
)

var (
	bankHead  = journal.Actor{Role: head, Agency: bank, ID: "b.head"}
	otherHead = journal.Actor{Role: head, Agency: other, ID: "o.head"}
	thirdHead = journal.Actor{Role: head, Agency: 10100456787, ID: "t.head"}
	first     = journal.Actor{Role: register.Supervisor, Agency: 14000278880, ID: "s1"}
	second    = journal.Actor{Role: register.Supervisor, Agency: 14000278880, ID: "s2"}
)

func TestDelegation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := &clock{day(t, "1405-02-01")}
		b, j := open(t, url, c.now)
		b.Accountable = func(id ids.LegalID) (string, bool) {
			return map[ids.LegalID]string{bank: "b.head"}[id], id == bank || id == other || id == thirdHead.Agency
		}
		in := func() *Delegating {
			return &Delegating{
				Delegate: other, Services: []string{"identity", "predicate"},
				From: persian.Date{Year: 1405, Month: 2, Day: 10}, Until: persian.Date{Year: 1405, Month: 6, Day: 31}, Reference: "نامه ۱۲",
			}
		}
		d, p, err := b.Delegate(ctx, j, bankHead, in())
		if err != nil {
			t.Fatal(err)
		}
		if want := `"delegation":{"id":1,"principal":"14003552272","delegate":"10720172838","services":["identity","predicate"],"from":"1405-02-10","until":"1405-06-31","reference":"نامه ۱۲","state":"proposed"}}`; !strings.HasSuffix(string(p.Record), want) {
			t.Errorf("%s", p.Record)
		}
		_, _, err = b.Delegate(ctx, j, bankHead, in())
		wantFault(t, err, fault.Conflict, "agreement.delegation.overlap")
		_, _, err = b.Delegate(ctx, j, journal.Actor{Role: head, Agency: bank, ID: "b.other"}, in())
		wantFault(t, err, fault.Forbidden, "agreement.signer")
		for _, s := range []struct {
			change func(*Delegating)
			want   string
		}{
			{func(in *Delegating) { in.Delegate = bank }, "delegate agreement.delegation.self"},
			{func(in *Delegating) { in.Delegate = 12345678901 }, "delegate agreement.delegation.agency"},
			{func(in *Delegating) { in.Services = []string{"follow"} }, "services.0 agreement.word"},
			{func(in *Delegating) { in.Services, in.Reference = nil, "" }, "services agreement.missing; reference agreement.missing"},
			{func(in *Delegating) { in.From.Day = 0 }, "from agreement.day"},
			{func(in *Delegating) { in.Until = persian.Date{Year: 1404, Month: 2, Day: 1} }, "until agreement.order"},
		} {
			bad := in()
			s.change(bad)
			if _, _, err := b.Delegate(ctx, j, bankHead, bad); all(t, err) != s.want {
				t.Errorf("%s, want %s", all(t, err), s.want)
			}
		}
		at := day(t, "1405-02-10")
		asks := func() bool { _, ok := b.DelegationAt(bank, other, "identity", at); return ok }
		_, _, err = b.Confirm(ctx, j, first, d.ID)
		wantFault(t, err, fault.Conflict, "agreement.delegation.state")
		_, _, err = b.Accept(ctx, j, bankHead, d.ID)
		wantFault(t, err, fault.Forbidden, "agreement.signer")
		_, _, err = b.Accept(ctx, j, thirdHead, d.ID)
		wantFault(t, err, fault.NotFound, "agreement.delegation.unknown")
		if _, _, err := b.Accept(ctx, j, otherHead, d.ID); err != nil || asks() {
			t.Fatal(err)
		}
		if d, _, err := b.Confirm(ctx, j, first, d.ID); err != nil || !asks() || d.AcceptedBy != "o.head" || d.ConfirmedBy != "s1" {
			t.Fatal(err, d)
		}
		for _, s := range []struct {
			principal, delegate ids.LegalID
			service, day        string
		}{
			{bank, other, "card", "1405-02-10"},
			{other, bank, "identity", "1405-02-10"},
			{bank, other, "identity", "1405-02-09"},
			{bank, other, "identity", "1405-07-01"},
		} {
			if _, ok := b.DelegationAt(s.principal, s.delegate, s.service, day(t, s.day)); ok {
				t.Errorf("%+v", s)
			}
		}
		if n := testing.AllocsPerRun(100, func() { asks() }); n != 0 {
			t.Errorf("%v allocations", n)
		}
		if _, ok := book(t, url, c.now).DelegationAt(bank, other, "identity", at); !ok {
			t.Error("another process does not know")
		}
		seen := func(actor journal.Actor, f DelegationFilter) int {
			list, err := b.Delegations(ctx, actor, &f)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if seen(thirdHead, DelegationFilter{}) != 0 || seen(otherHead, DelegationFilter{}) != 1 || seen(first, DelegationFilter{Agency: bank}) != 1 ||
			seen(first, DelegationFilter{Agency: thirdHead.Agency}) != 0 || seen(first, DelegationFilter{After: 1}) != 0 {
			t.Error("the lists are wrong")
		}
		end := &Undelegating{ID: d.ID, Grounds: register.Grounds{Reason: "done", Document: "نامه ۱۳"}}
		_, _, err = b.Undelegate(ctx, j, thirdHead, end)
		wantFault(t, err, fault.NotFound, "agreement.delegation.unknown")
		if _, _, err := b.Undelegate(ctx, j, otherHead, end); err != nil || asks() {
			t.Fatal(err)
		}
		_, _, err = b.Undelegate(ctx, j, first, end)
		wantFault(t, err, fault.Conflict, "agreement.delegation.state")
		if _, _, err := b.Delegate(ctx, j, bankHead, in()); err != nil { // the days are free again
			t.Fatal(err)
		}
	})
}
