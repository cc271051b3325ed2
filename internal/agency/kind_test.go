package agency

import (
	"crypto/elliptic"
	"crypto/sha256"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
)

// A body that keeps a register has a kind and, if it is a municipality, an
// area; its kind stays, and its officers' roles fit it.
func TestKinds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j := open(t, url, nil)
		town := Agency{ID: bank, Name: "شهرداری نمونه", Kind: KindMunicipality, Province: "تهران", County: "ری", Locality: "باقرشهر"}
		must(t)(b.Register(ctx, j, clerk, &town))
		if got, err := b.ByID(bank); err != nil || *got != town {
			t.Errorf("%+v %v, want %+v", got, err, town)
		}
		changed := town
		changed.Locality = ""
		must(t)(b.Register(ctx, j, clerk, &changed))
		changed.Kind = KindPost
		_, err := b.Register(ctx, j, clerk, &changed)
		wantFault(t, err, fault.Conflict, "agency.kind.fixed")
		for want, a := range map[string]Agency{
			"agency.kind": {ID: other, Name: "نام", Kind: "king"},
			"agency.area": {ID: other, Name: "نام", Kind: KindMunicipality, Province: "تهران"},
		} {
			_, err := b.Register(ctx, j, clerk, &a)
			wantFault(t, err, fault.Invalid, want)
		}
		enter(t, b, j, other) // a bank
		until := persian.Date{Year: 1450, Month: 1, Day: 1}
		for _, c := range []struct {
			at   Agency
			role string
			ok   bool
		}{
			{town, register.Municipality, true},
			{town, RoleOfficer, true},
			{town, register.Clerk, false},
			{town, register.Operator, false},
			{Agency{ID: other}, register.Supervisor, false},
			{Agency{ID: other}, register.Citizen, false},
		} {
			o := Officer{Agency: c.at.ID, Login: "u-" + c.role, Name: "نام", Role: c.role, Until: until}
			p, err := b.AddOfficer(ctx, j, clerk, &o)
			if c.ok {
				must(t)(p, err)
			} else {
				wantFault(t, err, fault.Invalid, "agency.role")
			}
		}
	})
}

// A certificate that is bound to an officer ends with his delegation.
func TestOfficersCertificate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := &clock{time.Now()}
		b, j := open(t, url, c.now)
		ca, err := NewCA(filepath.Join(t.TempDir(), "ca"), "x")
		if err != nil {
			t.Fatal(err)
		}
		must(t)(b.Register(ctx, j, clerk, &Agency{ID: bank, Name: "ثبت احوال نمونه", Kind: KindRegistry}))
		o := Officer{Agency: bank, Login: "c1", Name: "نام", Role: register.Clerk, Until: persian.DateOf(c.t).AddDays(10)}
		must(t)(b.AddOfficer(ctx, j, clerk, &o))
		_, err = b.Enroll(ctx, j, clerk, ca, bank, "nobody", request(t, ecKey(t, elliptic.P256())))
		wantFault(t, err, fault.NotFound, "agency.officer.unknown")
		data, err := b.Enroll(ctx, j, clerk, ca, bank, "c1", request(t, ecKey(t, elliptic.P256())))
		if err != nil {
			t.Fatal(err)
		}
		cert := parse(t, data)
		if cert.Subject.CommonName != "c1" || cert.Subject.SerialNumber != bank.String() {
			t.Error(cert.Subject)
		}
		fingerprint := sha256.Sum256(cert.Raw)
		a, who, err := b.Bearer(fingerprint)
		if err != nil || a.ID != bank || who == nil || who.Login != "c1" || who.Role != register.Clerk {
			t.Fatal(a, who, err)
		}
		now := c.t
		c.t = now.Add(11 * 24 * time.Hour)
		_, _, err = b.Bearer(fingerprint)
		wantFault(t, err, fault.Forbidden, "agency.officer.ended")
		c.t = now
		o.State = Suspended
		must(t)(b.ChangeOfficer(ctx, j, clerk, &o))
		_, _, err = b.Bearer(fingerprint)
		wantFault(t, err, fault.Forbidden, "agency.officer.ended")
		_, err = b.Enroll(ctx, j, clerk, ca, bank, "c1", request(t, ecKey(t, elliptic.P256())))
		wantFault(t, err, fault.Forbidden, "agency.officer.ended")
		p, err := b.RevokeCertificate(ctx, j, clerk, fingerprint, "lost")
		must(t)(p, err)
		if !strings.Contains(string(p.Record), `"officer":"c1","certificate":"`) {
			t.Errorf("%s", p.Record)
		}
		_, _, err = b.Bearer(fingerprint)
		wantFault(t, err, fault.Unauthenticated, "agency.certificate.revoked")
	})
}
