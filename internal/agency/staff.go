package agency

import (
	"context"
	"encoding/hex"
	"regexp"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// The highest officer delegates (circular, art. 4): he says who of his agency
// may do what, and until when. He acts for his own agency alone, gives no role
// that its kind does not have, and changes neither his own delegation nor that
// of the one who answers for the agency: that is the registry's.

// step is one of several acts that are done together.
type step struct {
	kind receipt.Kind
	do   func(*store.Tx, *register.Change) ([]byte, error)
}

// doAll performs steps in one transaction; each has its own entry in the log.
func (b *Book) doAll(ctx context.Context, j *journal.Journal, actor journal.Actor, of ids.LegalID, why string, steps []step) ([]journal.Proven, error) {
	acts := make([]register.Act, len(steps))
	for i, s := range steps {
		acts[i] = register.Act{Kind: s.kind, Actor: actor, Why: why, Agency: of, Clock: b.clock}
	}
	proven, err := register.DoAll(ctx, b.db, j, acts, func(tx *store.Tx, i int, c *register.Change) ([]byte, error) {
		body, err := steps[i].do(tx, c)
		if err == nil && i == len(steps)-1 {
			err = store.Bump(tx, noun)
		}
		return body, err
	})
	if err == nil {
		err = b.all.Reload(ctx)
	}
	return proven, err
}

// leaving ends an officer's delegation and all certificates bound to him.
func (b *Book) leaving(of ids.LegalID, login string) []step {
	steps := []step{{receipt.OfficerChange, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
		return putOfficer(tx, of, login, func(old *Officer) (*Officer, error) {
			if old == nil {
				return nil, errOfficer
			}
			o := *old
			o.State = Closed
			return &o, nil
		})
	}}}
	for _, c := range b.Certificates(of) {
		if c.Officer != login || !c.Revoked.IsZero() {
			continue
		}
		steps = append(steps, step{receipt.CertificateChange, func(tx *store.Tx, change *register.Change) ([]byte, error) {
			_, err := tx.Exec(certificateRevoke, change.Micros(), c.Fingerprint[:])
			return certificateBody(of, login, c.Fingerprint, "revoked"), err
		}})
	}
	return steps
}

// Staff is an officer as his highest officer delegates.
type Staff struct {
	Login string       `json:"officer"`
	Name  string       `json:"name"`
	Role  string       `json:"role"`
	Until persian.Date `json:"until"` // last day
	State string       `json:"state"` // active or suspended; "": active
}

// officer checks what is asked for, and by whom.
func (b *Book) officer(actor journal.Actor, in *Staff) (*Officer, error) {
	if err := register.Only(actor, RoleHead); err != nil {
		return nil, err
	}
	a, err := b.ByID(actor.Agency)
	if err != nil {
		return nil, err
	}
	o := &Officer{Agency: a.ID, Login: in.Login, Name: in.Name, Role: in.Role, Until: in.Until, State: Active}
	if in.State == Suspended.String() {
		o.State = Suspended
	}
	var bad fault.List
	bad.When(in.State != "" && in.State != o.State.String(), "state", "agency.staff.state")
	bad.Add("", rename(o.check(a), "login", "officer"))
	bad.When(in.Until.Precise() && b.past(in.Until), "until", "agency.until.past")
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return o, b.mayChange(actor, a, in.Login)
}

// mayChange refuses the two whom a highest officer does not change.
func (b *Book) mayChange(actor journal.Actor, a *Agency, login string) error {
	switch login {
	case actor.ID:
		return fault.New(fault.Forbidden, "agency.self").At("officer")
	case a.Accountable:
		return fault.New(fault.Forbidden, "agency.accountable").At("officer")
	}
	return nil
}

// spares refuses what another highest officer does to the certificates of the
// one who answers for the agency.
func (b *Book) spares(actor journal.Actor, login string) *fault.Error {
	a, err := b.ByID(actor.Agency)
	if err != nil {
		return fault.Of(err)
	}
	if login != "" && login == a.Accountable && login != actor.ID {
		return fault.New(fault.Forbidden, "agency.accountable")
	}
	return nil
}

// rename gives a fault's field the name that it has in the input.
func rename(err error, from, to string) error {
	if f := fault.Of(err); f != nil && f.Field == from {
		one := *f
		one.Field = to
		return &one
	}
	return err
}

// Add takes an officer into the actor's agency. Faults: agency.role,
// agency.until.past, agency.officer.exists.
func (b *Book) Add(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Staff) (*ListedOfficer, journal.Proven, error) {
	o, err := b.officer(actor, in)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	p, err := b.AddOfficer(ctx, j, actor, o)
	if err != nil {
		return nil, p, fault.Of(rename(err, "login", "officer"))
	}
	return o.listed(), p, nil
}

// Change changes name, role, end or state of an officer. Faults:
// agency.officer.unknown, and those of Add.
func (b *Book) Change(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Staff) (*ListedOfficer, journal.Proven, error) {
	o, err := b.officer(actor, in)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	if _, err := b.Officer(o.Agency, o.Login); err != nil {
		return nil, journal.Proven{}, fault.Of(err).At("officer")
	}
	p, err := b.ChangeOfficer(ctx, j, actor, o)
	if err != nil {
		return nil, p, err
	}
	return o.listed(), p, nil
}

// Leaving is the end of a delegation.
type Leaving struct {
	Login  string `json:"officer"`
	Reason string `json:"reason"` // code word
}

var reasonForm = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,39}$`)

func checkReason(s string) error {
	if !reasonForm.MatchString(s) {
		return fault.New(fault.Invalid, "register.reason").At("reason")
	}
	return nil
}

// End ends an officer's delegation at once, and his certificates with it.
// Faults: agency.officer.unknown, agency.self, agency.accountable.
func (b *Book) End(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Leaving) (*ListedOfficer, journal.Proven, error) {
	if err := register.Only(actor, RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := checkReason(in.Reason); err != nil {
		return nil, journal.Proven{}, err
	}
	a, err := b.ByID(actor.Agency)
	if err == nil {
		err = b.mayChange(actor, a, in.Login)
	}
	if err == nil {
		err = b.all.Reload(ctx)
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	if _, err := b.Officer(a.ID, in.Login); err != nil {
		return nil, journal.Proven{}, fault.Of(err).At("officer")
	}
	p, err := b.doAll(ctx, j, actor, a.ID, in.Reason, b.leaving(a.ID, in.Login))
	if err != nil {
		return nil, journal.Proven{}, err
	}
	o, err := b.Officer(a.ID, in.Login)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return o.listed(), p[0], nil
}

// Enrolment is a request for a certificate: an officer's, or the program's.
type Enrolment struct {
	Login   string `json:"officer"` // "": the agency's program
	Request string `json:"request"` // PKCS#10, PEM
}

// Enrolled is what comes of it.
type Enrolled struct {
	Login       string `json:"officer,omitempty"`
	Certificate string `json:"certificate"` // PEM
	Authority   string `json:"authority"`   // PEM
}

// Enrol signs a certificate for an officer of the actor's agency or for its
// program. A new one of whoever answers for the agency only he himself asks for:
// with it one could sign as he does. Faults: agency.accountable, and those of
// Enroll.
func (b *Book) Enrol(ctx context.Context, j *journal.Journal, actor journal.Actor, ca *CA, in *Enrolment) (*Enrolled, journal.Proven, error) {
	if err := register.Only(actor, RoleHead); err != nil {
		return nil, journal.Proven{}, err
	}
	if in.Login != "" {
		if err := b.spares(actor, in.Login); err != nil {
			return nil, journal.Proven{}, err.At("officer")
		}
		if _, err := b.Officer(actor.Agency, in.Login); err != nil {
			return nil, journal.Proven{}, fault.Of(err).At("officer")
		}
	}
	cert, p, err := b.enroll(ctx, j, actor, ca, actor.Agency, in.Login, []byte(in.Request))
	if err != nil {
		return nil, p, err
	}
	return &Enrolled{Login: in.Login, Certificate: string(cert), Authority: string(ca.PEM())}, p, nil
}

// Revocation ends a certificate.
type Revocation struct {
	Certificate string `json:"certificate"` // SHA-256 fingerprint, hexadecimal
	Reason      string `json:"reason"`      // code word
}

// Revoke ends a certificate at once: a highest officer one of his agency's, a
// supervisor any but those of bodies that act on the registers. Faults:
// agency.fingerprint, agency.certificate.unknown, agency.certificate.revoked,
// agency.accountable, agency.entrusted.
func (b *Book) Revoke(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Revocation) (*ListedCertificate, journal.Proven, error) {
	if err := register.Only(actor, RoleHead, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	raw, err := hex.DecodeString(strings.ReplaceAll(in.Certificate, ":", ""))
	bad.When(err != nil || len(raw) != 32, "certificate", "agency.fingerprint")
	bad.Add("", checkReason(in.Reason))
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.all.Reload(ctx); err != nil {
		return nil, journal.Proven{}, err
	}
	fingerprint := [32]byte(raw)
	if err := b.mayRevoke(actor, b.all.Get().certificates[fingerprint]); err != nil {
		return nil, journal.Proven{}, err
	}
	p, err := b.RevokeCertificate(ctx, j, actor, fingerprint, in.Reason)
	if err != nil {
		return nil, p, err
	}
	return b.all.Get().certificates[fingerprint].listed(b.clock()), p, nil
}

// mayRevoke refuses who may not end a certificate; nil is none.
func (b *Book) mayRevoke(actor journal.Actor, c *Certificate) error {
	if c == nil || actor.Role == RoleHead && c.Agency != actor.Agency {
		return fault.New(fault.NotFound, "agency.certificate.none").At("certificate")
	}
	if actor.Role == RoleHead {
		if err := b.spares(actor, c.Officer); err != nil {
			return err.At("certificate")
		}
		return nil
	}
	of, err := b.ByID(c.Agency)
	if err == nil && entrusted(of.Kind) {
		err = errEntrusted
	}
	return err
}

// ListedOfficer is an officer as lists show him.
type ListedOfficer struct {
	Login string       `json:"officer"`
	Name  string       `json:"name"`
	Role  string       `json:"role"`
	Until persian.Date `json:"until"`
	State string       `json:"state"`
}

func (o *Officer) listed() *ListedOfficer {
	return &ListedOfficer{o.Login, o.Name, o.Role, o.Until, o.State.String()}
}

// ListedCertificate is a certificate as lists show it.
type ListedCertificate struct {
	Fingerprint string    `json:"certificate"` // SHA-256, hexadecimal
	Login       string    `json:"officer,omitempty"`
	From        time.Time `json:"from"`
	Until       time.Time `json:"until"`
	Revoked     time.Time `json:"revoked,omitzero"`
	State       string    `json:"state"`
}

func (c *Certificate) listed(now time.Time) *ListedCertificate {
	return &ListedCertificate{hex.EncodeToString(c.Fingerprint[:]), c.Officer, c.From, c.Until, c.Revoked, c.State(now).String()}
}

// One names an agency; 0 is the actor's own.
type One struct {
	Agency ids.LegalID `json:"agency"`
}

// People is who acts for an agency, and with which certificates.
type People struct {
	Officers     []*ListedOfficer     `json:"officers"`
	Certificates []*ListedCertificate `json:"certificates"`
}

// Staff lists them: of his own agency to the highest officer. Fault: agency.unknown.
func (b *Book) Staff(actor journal.Actor, in *One) (*People, error) {
	if err := register.Only(actor, RoleHead, register.Supervisor, register.Inspector); err != nil {
		return nil, err
	}
	a, err := b.seen(actor, in.Agency)
	if err != nil {
		return nil, err
	}
	out := &People{Officers: []*ListedOfficer{}, Certificates: []*ListedCertificate{}}
	for _, o := range b.Officers(a.ID) {
		out.Officers = append(out.Officers, o.listed())
	}
	for _, c := range b.Certificates(a.ID) {
		out.Certificates = append(out.Certificates, c.listed(b.clock()))
	}
	return out, nil
}
