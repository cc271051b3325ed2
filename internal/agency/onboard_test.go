package agency

import (
	"bytes"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store/storetest"
)

const third = ids.LegalID(10100456787)

var (
	chief = journal.Actor{Role: register.Supervisor, Agency: 1, ID: "s1"}
	paper = register.Grounds{Reason: "law", Document: "12/1405"}
)

func newCA(t *testing.T) *CA {
	ca, err := NewCA(filepath.Join(t.TempDir(), "ca"), "x")
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// joined has the agency invited and its highest officer joined.
func joined(t *testing.T, b *Book, j *journal.Journal, ca *CA, id ids.LegalID, login string) journal.Actor {
	t.Helper()
	in, p, err := b.Invite(ctx, j, chief, &Invitation{Agency: id, Login: login, Name: "نام", Until: persian.DateOf(b.clock()).AddDays(300)})
	must(t)(p, err)
	if bytes.Contains(p.Record, []byte(in.Code)) || bytes.Contains(p.Record, []byte("نام")) {
		t.Errorf("the log holds the code or the name: %s", p.Record)
	}
	_, p, err = b.Join(ctx, j, ca, &Joining{Code: in.Code, Request: string(request(t, ecKey(t, elliptic.P256())))})
	must(t)(p, err)
	return journal.Actor{Role: RoleHead, Agency: id, ID: login}
}

// The tree has no cycle, and a body stands where it belongs.
func TestTree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j := open(t, url, nil)
		nation := Agency{ID: bank, Name: "وزارت"}
		local := Agency{ID: other, Name: "اداره کل", Province: "قم", Parent: bank}
		town := Agency{ID: third, Name: "اداره شهرستان", Province: "قم", Parent: other}
		for _, a := range []*Agency{&nation, &local, &town} {
			must(t)(b.Register(ctx, j, clerk, a))
		}
		if all := b.Under(bank); len(all) != 2 || all[0].ID != other || all[1].ID != third || len(b.Children(bank)) != 1 {
			t.Errorf("%v", all)
		}
		for key, change := range map[string]Agency{
			"agency.cycle":  {ID: other, Name: "x", Province: "قم", Parent: third, State: Active, Version: 1},
			"agency.parent": {ID: third, Name: "x", Province: "یزد", Parent: other, State: Active, Version: 1}, // below another province's
		} {
			_, err := b.Register(ctx, j, clerk, &change)
			if fault.Of(err).Key != key {
				t.Errorf("%v, want %s", err, key)
			}
		}
		self := nation
		self.Parent = bank
		_, err := b.Register(ctx, j, clerk, &self)
		wantFault(t, err, fault.Conflict, "agency.cycle")
		self.Parent = ids.LegalID(14001234560)
		_, err = b.Register(ctx, j, clerk, &self)
		wantFault(t, err, fault.Invalid, "agency.parent")
		// A body above may close later, and what is below goes on.
		p, err := b.SetState(ctx, j, clerk, other, Closed, "law")
		must(t)(p, err)
		p, err = b.SetState(ctx, j, clerk, third, Suspended, "law")
		must(t)(p, err)
		_, err = b.Register(ctx, j, clerk, &Agency{ID: ids.LegalID(14001234560), Name: "تازه", Province: "قم", Parent: other})
		wantFault(t, err, fault.Invalid, "agency.parent")
	})
}

// A code is good once, for 72 hours, until a newer one is made; a request that
// cannot be signed leaves it as it was.
func TestInvitation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := &clock{time.Now()}
		b, j := open(t, url, c.now)
		ca := newCA(t)
		enter(t, b, j, bank)
		invite := func() string {
			t.Helper()
			in, p, err := b.Invite(ctx, j, chief, &Invitation{Agency: bank, Login: "head", Name: "نام", Until: persian.DateOf(c.t).AddDays(300)})
			must(t)(p, err)
			return in.Code
		}
		join := func(code string, csr []byte) error {
			_, _, err := b.Join(ctx, j, ca, &Joining{Code: code, Request: string(csr)})
			return err
		}
		good := func() []byte { return request(t, ecKey(t, elliptic.P256())) }
		old, code := invite(), invite()
		for _, wrong := range []string{"", "x", old, code[:len(code)-1]} {
			wantFault(t, join(wrong, good()), fault.NotFound, "agency.invitation")
		}
		weak, err := rsa.GenerateKey(rand.Reader, 1024)
		if err != nil {
			t.Fatal(err)
		}
		wantFault(t, join(code, request(t, weak)), fault.Invalid, "agency.request.key")
		c.t = c.t.Add(inviteHours * time.Hour)
		wantFault(t, join(code, good()), fault.NotFound, "agency.invitation")
		c.t = c.t.Add(-time.Hour)
		mine := good()
		if err := join(code, mine); err != nil {
			t.Fatal(err)
		}
		wantFault(t, join(code, good()), fault.NotFound, "agency.invitation")
		if a, _ := b.ByID(bank); a.Accountable != "head" || a.Version != 2 {
			t.Errorf("%+v", a)
		}
		code = invite()
		wantFault(t, join(code, mine), fault.Conflict, "agency.request.used")
		_, err = b.SetState(ctx, j, clerk, bank, Suspended, "law")
		if err != nil {
			t.Fatal(err)
		}
		wantFault(t, join(code, good()), fault.Forbidden, "agency.suspended")
	})
}

// Bodies whose officers act on the registers are the operator's alone.
func TestEntrusted(t *testing.T) {
	b, j := open(t, storetest.SQLite(t), nil)
	_, _, err := b.Enter(ctx, j, chief, &Entry{ID: bank, Name: "ثبت احوال دیگر", Kind: KindRegistry, Grounds: paper})
	wantFault(t, err, fault.Forbidden, "agency.entrusted")
	must(t)(b.Register(ctx, j, clerk, &Agency{ID: bank, Name: "ثبت احوال", Kind: KindRegistry}))
	in := &Invitation{Agency: bank, Login: "head", Name: "نام", Until: persian.DateOf(time.Now()).AddDays(9)}
	_, _, err = b.Invite(ctx, j, chief, in)
	wantFault(t, err, fault.Forbidden, "agency.entrusted")
	_, _, err = b.Turn(ctx, j, chief, &Turn{ID: bank, State: "closed", Grounds: paper})
	wantFault(t, err, fault.Forbidden, "agency.entrusted")
	_, _, err = b.Answer(ctx, j, chief, &Accountable{Agency: bank, Grounds: paper})
	wantFault(t, err, fault.Forbidden, "agency.entrusted")
	_, p, err := b.Invite(ctx, j, clerk, in)
	must(t)(p, err)
}

// The one who answers is followed by another: his delegation and his
// certificates end with it, and nobody of the agency changes him.
func TestSuccession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		b, j := open(t, url, nil)
		ca := newCA(t)
		enter(t, b, j, bank)
		enter(t, b, j, other)
		head := joined(t, b, j, ca, bank, "head")
		until := persian.DateOf(time.Now()).AddDays(30)
		_, p, err := b.Add(ctx, j, head, &Staff{Login: "deputy", Name: "نام", Role: RoleHead, Until: until})
		must(t)(p, err)
		deputy := journal.Actor{Role: RoleHead, Agency: bank, ID: "deputy"}
		_, _, err = b.End(ctx, j, deputy, &Leaving{Login: "head", Reason: "coup"})
		wantFault(t, err, fault.Forbidden, "agency.accountable")
		_, _, err = b.End(ctx, j, deputy, &Leaving{Login: "deputy", Reason: "left"})
		wantFault(t, err, fault.Forbidden, "agency.self")
		cert := b.Certificates(bank)[0]
		// With a certificate of the head's the deputy could sign as the head.
		_, _, err = b.Enrol(ctx, j, deputy, ca, &Enrolment{Login: "head", Request: string(request(t, ecKey(t, elliptic.P256())))})
		wantFault(t, err, fault.Forbidden, "agency.accountable")
		_, _, err = b.Revoke(ctx, j, deputy, &Revocation{Certificate: hex.EncodeToString(cert.Fingerprint[:]), Reason: "coup"})
		wantFault(t, err, fault.Forbidden, "agency.accountable")
		_, p, err = b.Enrol(ctx, j, head, ca, &Enrolment{Login: "head", Request: string(request(t, ecKey(t, elliptic.P256())))})
		must(t)(p, err)
		foreign := joined(t, b, j, ca, other, "head")
		_, _, err = b.Revoke(ctx, j, foreign, &Revocation{Certificate: hex.EncodeToString(cert.Fingerprint[:]), Reason: "lost"})
		wantFault(t, err, fault.NotFound, "agency.certificate.none")

		// A supervisor ends any agency's, as when a key was stolen; once.
		stolen := b.Certificates(other)[0]
		lost := &Revocation{Certificate: hex.EncodeToString(stolen.Fingerprint[:]), Reason: "stolen"}
		_, p, err = b.Revoke(ctx, j, chief, lost)
		must(t)(p, err)
		_, _, err = b.Bearer(stolen.Fingerprint)
		wantFault(t, err, fault.Unauthenticated, "agency.certificate.revoked")
		_, _, err = b.Revoke(ctx, j, chief, lost)
		wantFault(t, err, fault.Conflict, "agency.certificate.revoked")

		now, p, err := b.Answer(ctx, j, chief, &Accountable{Agency: bank, Login: "deputy", Grounds: paper})
		must(t)(p, err)
		if now.Accountable != "deputy" {
			t.Errorf("%+v", now)
		}
		_, _, err = b.Bearer(cert.Fingerprint)
		wantFault(t, err, fault.Unauthenticated, "agency.certificate.revoked")
		if o, _ := b.Officer(bank, "head"); o.State != Closed {
			t.Errorf("%+v", o)
		}
		// One who is invited again takes the place by joining.
		joined(t, b, j, ca, bank, "third")
		if o, _ := b.Officer(bank, "deputy"); o.State != Closed {
			t.Errorf("%+v", o)
		}
		_, _, err = b.Answer(ctx, j, chief, &Accountable{Agency: bank, Login: "deputy", Grounds: paper})
		wantFault(t, err, fault.Forbidden, "agency.officer.ended")
		_, p, err = b.Answer(ctx, j, chief, &Accountable{Agency: bank, Grounds: paper})
		must(t)(p, err)
		if a, _ := b.ByID(bank); a.Accountable != "" {
			t.Errorf("%+v", a)
		}
	})
}

// What ends soon is warned of until something takes its place.
func TestEndings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		c := &clock{time.Now()}
		b, j := open(t, url, c.now)
		ca := newCA(t)
		enter(t, b, j, bank)
		head := joined(t, b, j, ca, bank, "head")
		today := persian.DateOf(c.t)
		b.Warn(func() []Ending {
			return []Ending{NewEnding(bank, EndingAgreement, "7", today.AddDays(5).Start()), NewEnding(other, EndingAgreement, "8", c.t)}
		})
		_, p, err := b.Add(ctx, j, head, &Staff{Login: "k1", Name: "نام", Role: RoleOfficer, Until: today.AddDays(10)})
		must(t)(p, err)
		list := func(days int) (all []string) {
			t.Helper()
			ends, err := b.Expiring(head, &Horizon{Days: days})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range ends {
				what := e.What + " " + e.Last.String()
				if e.Over {
					what += " over"
				}
				all = append(all, what)
			}
			return all
		}
		want := func(got []string, want ...string) {
			t.Helper()
			if len(got) != len(want) {
				t.Fatalf("got %q, want %q", got, want)
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		}
		agreement, clerk := "agreement "+today.AddDays(4).String(), "officer "+today.AddDays(10).String()
		want(list(3))
		want(list(0), agreement, clerk)
		if n := b.Expiries(); n[EndingOfficer] != 1 || n[EndingAgreement] != 1 || n[EndingCertificate] != 0 {
			t.Errorf("%v", n)
		}
		c.t = c.t.AddDate(0, 0, 11)
		want(list(1), agreement+" over", clerk+" over")
		c.t = c.t.AddDate(0, 0, 340) // eleven months later the head's own certificate is next
		ends, err := b.Expiring(chief, &Horizon{Agency: bank, Days: 30})
		if err != nil || len(ends) != 4 || ends[3].What != EndingCertificate || ends[3].Login != "head" {
			t.Errorf("%+v %v", ends, err)
		}
		newer := request(t, ecKey(t, elliptic.P256()))
		c.t = c.t.AddDate(0, 0, -100) // his delegation is still there
		_, p, err = b.Enrol(ctx, j, head, ca, &Enrolment{Login: "head", Request: string(newer)})
		must(t)(p, err)
		c.t = c.t.AddDate(0, 0, 100)
		if ends, _ := b.Expiring(chief, &Horizon{Agency: bank, Days: 30}); len(ends) != 3 {
			t.Errorf("a newer certificate takes the older one's place: %+v", ends)
		}
		fingerprint := sha256.Sum256(b.Certificates(bank)[0].DER)
		if fingerprint != b.Certificates(bank)[0].Fingerprint {
			t.Error("fingerprints are of the DER bytes")
		}
	})
}
