package agency

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
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

// An agency comes to the service in two steps, by two persons: a supervisor of
// the registry enters it and invites its highest officer; who holds the code of
// the invitation enrols a key of his own, and answers for the agency from then
// on (circular, art. 4). Nobody at the registry ever holds that key.

// inviteHours is how long a code can be used.
const inviteHours = 72

// Entry is an agency as a supervisor enters or changes it.
type Entry struct {
	ID       ids.LegalID `json:"agency"`
	Name     string      `json:"name"`
	Kind     string      `json:"kind"`
	Parent   ids.LegalID `json:"parent"`
	Province string      `json:"province"`
	County   string      `json:"county"`
	Locality string      `json:"locality"`
	Bound    *bool       `json:"bound"`   // by the circular; nil: yes, or as it was
	Version  int64       `json:"version"` // that was seen; 0: not yet in the register
	register.Grounds
}

// entrusted reports whether officers of such a body act on the registers or sit
// on the board. Who could make these could give himself the second of two keys,
// so only the operator can.
func entrusted(kind string) bool { return kind != "" && kind != KindMunicipality }

var errEntrusted = fault.New(fault.Forbidden, "agency.entrusted")

// Enter takes an agency into the register or changes it. Faults:
// agency.entrusted, and those of Register.
func (b *Book) Enter(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Entry) (*Listed, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	a := &Agency{
		ID: in.ID, Name: in.Name, Kind: in.Kind, Parent: in.Parent, Province: in.Province, County: in.County, Locality: in.Locality,
		Bound: true, State: Active, Version: in.Version,
	}
	if old := b.all.Get().agencies[in.ID]; old != nil {
		a.Bound, a.State, a.Accountable = old.Bound, old.State, old.Accountable
	}
	if in.Bound != nil {
		a.Bound = *in.Bound
	}
	var bad fault.List
	bad.Add("", a.check())
	bad.Add("", in.Check())
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	if entrusted(a.Kind) {
		return nil, journal.Proven{}, errEntrusted
	}
	p, err := b.save(ctx, j, actor, in.Grounds, a)
	if err != nil {
		return nil, p, err
	}
	return a.listed(), p, nil
}

// Turn is a change of an agency's state.
type Turn struct {
	ID    ids.LegalID `json:"agency"`
	State string      `json:"state"`
	register.Grounds
}

// Turn suspends, resumes or closes an agency. Faults: agency.entrusted,
// agency.unknown.
func (b *Book) Turn(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Turn) (*Listed, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	var bad fault.List
	state, err := ParseState(in.State)
	bad.Add("state", err)
	bad.Add("", in.Check())
	if err := bad.Err(); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.all.Reload(ctx); err != nil {
		return nil, journal.Proven{}, err
	}
	old, err := b.ByID(in.ID)
	if err == nil && entrusted(old.Kind) {
		err = errEntrusted
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a := *old
	a.State = state
	p, err := b.save(ctx, j, actor, in.Grounds, &a)
	if err != nil {
		return nil, p, err
	}
	return a.listed(), p, nil
}

// Invitation is of the person who will answer for an agency.
type Invitation struct {
	Agency ids.LegalID  `json:"agency"`
	Login  string       `json:"officer"`
	Name   string       `json:"name"`  // as slips show it
	Until  persian.Date `json:"until"` // last day of his delegation
}

// Invited holds the code, which is told once and kept nowhere.
type Invited struct {
	Agency ids.LegalID `json:"agency"`
	Login  string      `json:"officer"`
	Code   string      `json:"code"`
	Ends   time.Time   `json:"ends"`
}

// Invite makes the code with which an agency's highest officer joins. An older
// one that was not used ends. Faults: agency.entrusted, agency.unknown,
// agency.suspended, agency.officer.exists, agency.until.past.
func (b *Book) Invite(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Invitation) (*Invited, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor, register.Operator); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.all.Reload(ctx); err != nil {
		return nil, journal.Proven{}, err
	}
	a, err := b.ByID(in.Agency)
	switch {
	case err != nil:
	case entrusted(a.Kind) && actor.Role != register.Operator:
		err = errEntrusted
	case a.State != Active:
		err = errSuspended
	default:
		err = b.invitable(a, in)
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	code := rand.Text()[:20] // of 32 letters: 100 bits
	out := &Invited{Agency: a.ID, Login: in.Login, Code: grouped(code)}
	act := register.Act{Kind: receipt.OfficerChange, Actor: actor, Why: "invitation", Agency: a.ID}
	p, err := b.do(ctx, j, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		if _, err := tx.Exec(invitationVoid, c.Micros(), int64(a.ID)); err != nil {
			return nil, err
		}
		out.Ends = c.At.Add(inviteHours * time.Hour)
		hash := sha256.Sum256([]byte(code))
		_, err := tx.Exec(invitationInsert, hash[:], int64(a.ID), in.Login, in.Name, int64(in.Until.Pack()), c.Micros(), out.Ends.UnixMicro())
		body := append(append([]byte(`"agency":"`), a.ID.String()...), `","officer":"`...)
		body = append(append(append(body, in.Login...), `","invited_until":"`...), out.Ends.UTC().Format(time.RFC3339)...)
		return append(body, '"'), err
	})
	if err != nil {
		return nil, p, err
	}
	return out, p, nil
}

// invitable checks who is invited.
func (b *Book) invitable(a *Agency, in *Invitation) error {
	o := Officer{Agency: a.ID, Login: in.Login, Name: in.Name, Role: RoleHead, Until: in.Until, State: Active}
	var bad fault.List
	bad.Add("", rename(o.check(a), "login", "officer"))
	bad.When(in.Until.Precise() && b.past(in.Until), "until", "agency.until.past")
	if err := bad.Err(); err != nil {
		return err
	}
	in.Name = o.Name
	if old, err := b.Officer(a.ID, in.Login); err == nil && old.Role != RoleHead {
		return fault.New(fault.Conflict, "agency.officer.exists").At("officer")
	}
	return nil
}

// past reports whether a delegation's last day lies before today.
func (b *Book) past(day persian.Date) bool { return day.Compare(persian.DateOf(b.clock())) < 0 }

// grouped puts a dash after every five letters.
func grouped(code string) string {
	return strings.Join([]string{code[:5], code[5:10], code[10:15], code[15:]}, "-")
}

// Joining is what the invited hands in: the code and a request that his own
// machine made.
type Joining struct {
	Code    string `json:"code"`
	Request string `json:"request"` // PKCS#10, PEM
}

// Joined is what he takes home.
type Joined struct {
	Agency      ids.LegalID  `json:"agency"`
	Name        string       `json:"name"`
	Login       string       `json:"officer"`
	Role        string       `json:"role"`
	Until       persian.Date `json:"until"`
	Certificate string       `json:"certificate"` // PEM
	Authority   string       `json:"authority"`   // PEM, by which he knows the service
}

// errInvitation is all that a wrong, used or late code is told.
var errInvitation = fault.New(fault.NotFound, "agency.invitation").At("code")

// Join makes the holder of a code the officer who answers for the agency, with
// a certificate bound to him; who did before him ends. A request that cannot be
// signed leaves the code as it was. Faults: agency.invitation, agency.suspended,
// agency.request.form, .key, .signature, .used.
func (b *Book) Join(ctx context.Context, j *journal.Journal, ca *CA, in *Joining) (*Joined, journal.Proven, error) {
	if _, err := parseRequest([]byte(in.Request)); err != nil {
		return nil, journal.Proven{}, err
	}
	hash := sha256.Sum256([]byte(strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(in.Code))))
	o := &Officer{Role: RoleHead, State: Active}
	var found bool
	err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		var of, until int64
		found, err = tx.One(invitationFind, []any{hash[:], b.clock().UnixMicro()}, &of, &o.Login, &o.Name, &until)
		o.Agency, o.Until = ids.LegalID(of), persian.UnpackDate(int32(until))
		return err
	})
	if err == nil {
		err = b.all.Reload(ctx)
	}
	if err == nil && !found {
		err = errInvitation
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	a, err := b.ByID(o.Agency)
	if err == nil && a.State != Active {
		err = errSuspended
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	cert, err := b.sign(ca, a, o.Login, []byte(in.Request))
	if err != nil {
		return nil, journal.Proven{}, err
	}
	who := journal.Actor{Role: RoleHead, Agency: a.ID, ID: o.Login}
	p, err := b.doAll(ctx, j, who, a.ID, "enrolment", b.joining(a, o, hash[:], cert))
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return &Joined{
		Agency: a.ID, Name: a.Name, Login: o.Login, Role: o.Role, Until: o.Until, Authority: string(ca.PEM()),
		Certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})),
	}, p[0], nil
}

// joining is the acts of one who joins: the agency, the officer, his
// certificate, and the end of the one before him.
func (b *Book) joining(a *Agency, o *Officer, hash []byte, cert *x509.Certificate) []step {
	steps := []step{
		{receipt.CertificateChange, func(tx *store.Tx, c *register.Change) ([]byte, error) {
			n, err := tx.Exec(invitationUse, c.Micros(), hash)
			if err == nil && n != 1 {
				err = errInvitation
			}
			if err != nil {
				return nil, err
			}
			return insertCertificate(tx, a.ID, o.Login, cert)
		}},
		{receipt.OfficerChange, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
			return putOfficer(tx, a.ID, o.Login, func(old *Officer) (*Officer, error) {
				if old != nil {
					o.PasswordHash = old.PasswordHash
				}
				return o, nil
			})
		}},
		answering(a.ID, o.Login, ""),
	}
	if a.Accountable != "" && a.Accountable != o.Login {
		steps = append(steps, b.leaving(a.ID, a.Accountable)...)
	}
	return steps
}

// answering makes an officer the one who answers for an agency.
func answering(of ids.LegalID, login, document string) step {
	return step{receipt.AgencyChange, func(tx *store.Tx, c *register.Change) ([]byte, error) {
		a, err := read(tx, of)
		if err != nil {
			return nil, err
		}
		a.Accountable = login
		return a.appendBody(nil, document), put(tx, c, a)
	}}
}

// Accountable says who answers for an agency when the one who did has left.
type Accountable struct {
	Agency ids.LegalID `json:"agency"`
	Login  string      `json:"officer"` // another highest officer of it; "": nobody, until one who is invited joins
	register.Grounds
}

// Answer puts another officer in the place of the one who answered for the
// agency, whose delegation and certificates end. Faults: agency.entrusted,
// agency.unknown, agency.officer.unknown, agency.officer.ended, agency.head.
func (b *Book) Answer(ctx context.Context, j *journal.Journal, actor journal.Actor, in *Accountable) (*Listed, journal.Proven, error) {
	if err := register.Only(actor, register.Supervisor); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := in.Check(); err != nil {
		return nil, journal.Proven{}, err
	}
	if err := b.all.Reload(ctx); err != nil {
		return nil, journal.Proven{}, err
	}
	a, err := b.ByID(in.Agency)
	if err == nil && entrusted(a.Kind) {
		err = errEntrusted
	}
	if err == nil {
		err = b.mayAnswer(a, in.Login)
	}
	if err != nil {
		return nil, journal.Proven{}, err
	}
	steps := []step{answering(a.ID, in.Login, in.Document)}
	if a.Accountable != "" {
		steps = append(steps, b.leaving(a.ID, a.Accountable)...)
	}
	p, err := b.doAll(ctx, j, actor, a.ID, in.Reason, steps)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	now, err := b.ByID(a.ID)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	return now.listed(), p[0], nil
}

// mayAnswer refuses one who is no highest officer, or is the one already.
func (b *Book) mayAnswer(a *Agency, login string) error {
	if login == a.Accountable {
		return fault.New(fault.Conflict, "agency.accountable.same").At("officer")
	}
	if login == "" {
		return nil
	}
	o, err := b.Officer(a.ID, login)
	switch {
	case err != nil:
		return fault.Of(err).At("officer")
	case o.Role != RoleHead:
		return fault.New(fault.Conflict, "agency.head").At("officer")
	case !o.ActiveAt(b.clock()):
		return errEnded
	}
	return nil
}
