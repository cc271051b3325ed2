package person

import (
	"context"
	"strings"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

// TestCertifyResidence: what is certified is what the register holds, of a
// living person at a place that is in use; it is an event and an entry.
func TestCertifyResidence(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j, _ := town(t, url)
		p := settler(t, b, j, 700100001, "1360-01-01")
		desk := journal.Actor{Role: register.Clerk, Agency: 14003552272, ID: "c1"}
		certify := func(who journal.Actor, in CertificateOrder) (*CertifiedResidence, journal.Proven, error) {
			in.Grounds = register.Grounds{Reason: "personal-request", Document: "12/1405"}
			return b.CertifyResidence(context.Background(), j, who, &in)
		}
		c, proven, err := certify(desk, CertificateOrder{Number: p.Number})
		if err != nil {
			t.Fatal(err)
		}
		if c.Person.Number != p.Number || c.Place.Code != here || c.Issued != date(t, "1405-03-10") || c.Until != date(t, "1405-06-10") {
			t.Errorf("%+v", c)
		}
		if proven.Kind != receipt.RegisterReading || proven.Subject != p.Number ||
			!strings.Contains(string(proven.Record), `"why":"personal-request","national_number":"`+p.Number.String()+`","register_version":1,`) ||
			!strings.HasSuffix(string(proven.Record), `"event":"residence_certified"}`) {
			t.Errorf("%s", proven.Record)
		}
		all := events(t, b, p.Number)
		if last := all[len(all)-1]; last.Kind != "residence_certified" || last.Grounds.Document != "12/1405" || last.Version != 0 || last.By != desk {
			t.Errorf("%+v", last)
		}

		_, _, err = certify(journal.Actor{Role: register.Post}, CertificateOrder{Number: p.Number})
		wants(t, "the Post", err, fault.Forbidden, "register.role", "")
		_, _, err = b.CertifyResidence(context.Background(), j, desk, &CertificateOrder{})
		wants(t, "nothing", err, fault.Invalid, "person.missing", "national_number")
		if len(fault.Of(err).More) == 0 {
			t.Error("grounds are not missed")
		}
		_, _, err = certify(desk, CertificateOrder{Number: nth(700100002)})
		wants(t, "an unknown number", err, fault.NotFound, "person.unknown", "national_number")
		child := settler(t, b, j, 700100003, "1404-01-01")
		_, _, err = certify(desk, CertificateOrder{Number: child.Number})
		wants(t, "no residence", err, fault.Conflict, "person.residence.none", "")
		p.Postal = split
		save(t, b, j, &p)
		_, _, err = certify(desk, CertificateOrder{Number: p.Number})
		wants(t, "a place that was split", err, fault.Conflict, "person.residence.retired", "")
		p.Postal, p.State, p.Died = there, Deceased, date(t, "1405-03-01")
		save(t, b, j, &p)
		_, _, err = certify(desk, CertificateOrder{Number: p.Number})
		wants(t, "a deceased", err, fault.Conflict, "person.holder.deceased", "")
	})
}
