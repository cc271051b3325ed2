package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// A passkey is two factors by itself: the authenticator that holds the key, and
// the finger or PIN that opens it, which is always asked for (user verification).
// It is bound to the site's name, so no other site can ask for it, and the
// authenticator knows whose it is, so no login is typed.

// relying is the site as passkeys know it.
type relying struct{ *webauthn.WebAuthn }

// At says at which address people reach the pages. Passkeys belong to a name: at
// an address of digits, or in plain HTTP anywhere but on localhost, browsers make
// none, and PasskeysWork says no.
func (b *Book) At(address, site string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	host := u.Hostname()
	secure := u.Scheme == "https" || local(host)
	if b.passkeys = nil; host == "" || net.ParseIP(host) != nil || !secure {
		return nil
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: site, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return err
	}
	b.passkeys = &relying{w}
	return nil
}

// PasskeysWork reports whether there can be passkeys for who came to this host,
// as the request names it. A machine of one's own has several names, of which
// passkeys know localhost alone.
func (b *Book) PasskeysWork(host string) bool {
	if b.passkeys == nil {
		return false
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return !local(b.passkeys.Config.RPID) || host == b.passkeys.Config.RPID
}

func local(host string) bool { return host == "localhost" || strings.HasSuffix(host, ".localhost") }

var (
	errNoPasskeys  = fault.New(fault.Unavailable, "account.passkey.address")
	errPasskey     = fault.New(fault.Unauthenticated, "account.passkey.wrong")
	errPasskeyName = fault.New(fault.Invalid, "account.passkey.name").At("name")
	errNoPasskey   = fault.New(fault.NotFound, "account.passkey.none").At("passkey")
)

// Passkey is one as its officer sees it.
type Passkey struct {
	ID      string // the beginning of the SHA-256 of its credential id
	Name    string
	Made    time.Time
	Used    time.Time // zero: never
	Blocked time.Time // its counter went back: a copy of it may exist; zero: never
	Synced  bool      // the authenticator may copy it to the holder's other devices

	owner      Who
	credential webauthn.Credential
}

func passkeyID(credential []byte) string {
	sum := sha256.Sum256(credential)
	return hex.EncodeToString(sum[:8])
}

func scanPasskey(scan func(...any) error) (*Passkey, error) {
	var of, counter, flags, made, used, blocked int64
	var transports string
	p := &Passkey{}
	c := &p.credential
	err := scan(&c.ID, &of, &p.owner.Login, &p.Name, &c.PublicKey, &counter, &flags, &c.Authenticator.AAGUID, &transports, &made, &used, &blocked)
	p.owner.Agency = ids.LegalID(of)
	p.ID, p.Made, p.Used, p.Blocked = passkeyID(c.ID), store.Moment(made), store.Moment(used), store.Moment(blocked)
	c.Flags = webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(flags))
	c.Authenticator.SignCount = uint32(counter)
	p.Synced = c.Flags.BackupEligible
	for t := range strings.SplitSeq(transports, ",") {
		if t != "" {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
		}
	}
	return p, err
}

// Passkeys lists an officer's, oldest first.
func (b *Book) Passkeys(ctx context.Context, w Who) (all []*Passkey, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Each(passkeyAll, w.args(), func(scan func(...any) error) error {
			p, err := scanPasskey(scan)
			all = append(all, p)
			return err
		})
	})
	return all, err
}

// holder is an officer as the library asks for him.
type holder struct {
	handle      []byte
	login, name string
	credentials []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { return h.handle }
func (h *holder) WebAuthnName() string                       { return h.login }
func (h *holder) WebAuthnDisplayName() string                { return h.name }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

// registering is a passkey that is being made, of one officer.
type registering struct {
	of     Who
	holder *holder
	data   *webauthn.SessionData
}

// BeginPasskey begins to make a passkey: options are for the browser
// (PublicKeyCredential.parseCreationOptionsFromJSON), id for FinishPasskey within
// five minutes. Faults: account.passkey.address, account.password, account.again.
func (b *Book) BeginPasskey(ctx context.Context, s *Signed, password string) (id string, options []byte, err error) {
	if b.passkeys == nil {
		return "", nil, errNoPasskeys
	}
	if err := b.confirm(s, password); err != nil {
		return "", nil, err
	}
	w := s.Who()
	h := &holder{login: w.Login + "@" + w.Agency.String(), name: s.Officer.Name}
	err = b.db.Write(ctx, func(tx *store.Tx) error {
		if err := opened(tx, w); err != nil {
			return err
		}
		_, err := tx.One(accountHandle, w.args(), &h.handle)
		return err
	})
	if err != nil {
		return "", nil, err
	}
	had, err := b.Passkeys(ctx, w)
	if err != nil {
		return "", nil, err
	}
	if len(had) >= passkeyMost {
		return "", nil, fault.New(fault.Conflict, "account.passkey.many")
	}
	var exclude []protocol.CredentialDescriptor
	for _, p := range had {
		exclude = append(exclude, p.credential.Descriptor())
	}
	creation, data, err := b.passkeys.BeginRegistration(h, webauthn.WithExclusions(exclude))
	if err != nil {
		return "", nil, err
	}
	if options, err = json.Marshal(creation.Response); err != nil {
		return "", nil, err
	}
	return b.ceremonies.begin(&registering{w, h, data}, b.clock()), options, nil
}

const (
	passkeyMost  = 20
	passkeyBytes = 16 << 10 // longest answer of an authenticator
)

// FinishPasskey takes the browser's answer and the name by which the officer will
// know the passkey. Faults: account.stale, account.passkey.wrong,
// account.passkey.name.
func (b *Book) FinishPasskey(ctx context.Context, j *journal.Journal, s *Signed, id, name string, answer []byte) (*Passkey, journal.Proven, error) {
	name, err := passkeyName(name)
	if err != nil {
		return nil, journal.Proven{}, err
	}
	r, ok := taken[*registering](b.ceremonies, id, b.clock())
	if !ok || b.passkeys == nil || r.of != s.Who() || s.Step == NeedsCode {
		return nil, journal.Proven{}, errStale
	}
	if len(answer) > passkeyBytes {
		return nil, journal.Proven{}, errPasskey
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, journal.Proven{}, errPasskey.Because(err)
	}
	c, err := b.passkeys.CreateCredential(r.holder, *r.data, parsed)
	if err != nil {
		return nil, journal.Proven{}, errPasskey.Because(err)
	}
	p := &Passkey{ID: passkeyID(c.ID), Name: name, Synced: c.Flags.BackupEligible, owner: r.of, credential: *c}
	e := event{of: r.of, factor: "passkey", state: "set", id: p.ID}
	proven, err := b.do(ctx, j, s.Actor(), "own", e, func(tx *store.Tx, change *register.Change) error {
		p.Made = change.At
		return p.insert(tx, s, r.holder.handle)
	})
	if err != nil {
		return nil, proven, err
	}
	return p, proven, nil
}

// insert writes a new passkey; not for an officer whose account was reset since
// it was begun, and not if somebody has this credential already.
func (p *Passkey) insert(tx *store.Tx, s *Signed, handle []byte) error {
	if err := first(tx, s); err != nil {
		return err
	}
	var now []byte
	if _, err := tx.One(accountHandle, p.owner.args(), &now); err != nil {
		return err
	}
	if string(now) != string(handle) {
		return errStale
	}
	c := &p.credential
	transports := make([]string, 0, len(c.Transport))
	for _, t := range c.Transport {
		if ids.IsToken(string(t)) && len(transports) < 8 {
			transports = append(transports, string(t))
		}
	}
	_, err := tx.Exec(passkeyInsert, c.ID, int64(p.owner.Agency), p.owner.Login, p.Name, c.PublicKey, int64(c.Authenticator.SignCount),
		int64(c.Flags.ProtocolValue()), c.Authenticator.AAGUID, strings.Join(transports, ","), p.Made.UnixMicro())
	if store.IsDuplicate(err) {
		return errPasskey.Because(err)
	}
	return err
}

func passkeyName(name string) (string, error) {
	name, err := persian.Display(name)
	if err != nil {
		return "", fault.Of(err).At("name")
	}
	if name == "" || utf8.RuneCountInString(name) > 60 {
		return "", errPasskeyName
	}
	return name, nil
}

// RenamePasskey changes the name by which the officer knows it: no factor, so no
// entry. Faults: account.passkey.name, account.passkey.none.
func (b *Book) RenamePasskey(ctx context.Context, s *Signed, id, name string) error {
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	p, err := b.own(ctx, s, id)
	if err != nil {
		return err
	}
	return b.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(passkeyRename, name, p.credential.ID)
		return err
	})
}

// own finds one of the officer's own passkeys.
func (b *Book) own(ctx context.Context, s *Signed, id string) (*Passkey, error) {
	if s.Step != Done {
		return nil, errStale
	}
	all, err := b.Passkeys(ctx, s.Who())
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, errNoPasskey
}

// RemovePasskey ends a passkey. The last factor stays: without one the officer
// could not come back. Faults: account.passkey.none, account.passkey.last,
// account.password, account.again.
func (b *Book) RemovePasskey(ctx context.Context, j *journal.Journal, s *Signed, id, password string) (journal.Proven, error) {
	p, err := b.own(ctx, s, id)
	if err == nil {
		err = b.confirm(s, password)
	}
	if err != nil {
		return journal.Proven{}, err
	}
	return b.do(ctx, j, s.Actor(), "own", event{of: p.owner, factor: "passkey", state: "removed", id: p.ID}, func(tx *store.Tx, _ *register.Change) error {
		n, err := tx.Exec(passkeyRemove, p.credential.ID)
		if err == nil && n != 1 {
			err = errNoPasskey
		}
		if err != nil {
			return err
		}
		f, err := readFactors(tx, p.owner, true)
		if err == nil && !f.any() {
			err = fault.New(fault.Conflict, "account.passkey.last").At("passkey")
		}
		return err
	})
}

// BeginSignIn begins a sign-in by passkey, of whoever comes: options are for the
// browser (PublicKeyCredential.parseRequestOptionsFromJSON). Fault:
// account.passkey.address.
func (b *Book) BeginSignIn() (id string, options []byte, err error) {
	if b.passkeys == nil {
		return "", nil, errNoPasskeys
	}
	assertion, data, err := b.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return "", nil, err
	}
	if options, err = json.Marshal(assertion.Response); err != nil {
		return "", nil, err
	}
	return b.ceremonies.begin(data, b.clock()), options, nil
}

// FinishSignIn takes the browser's answer: the officer is at Done then. A
// signature counter that went back means that the key was copied: the passkey is
// blocked, with an entry in the log. Faults: account.stale,
// account.passkey.wrong, account.passkey.blocked.
func (b *Book) FinishSignIn(ctx context.Context, j *journal.Journal, id string, answer []byte) (*agency.Officer, error) {
	data, ok := taken[*webauthn.SessionData](b.ceremonies, id, b.clock())
	if !ok || b.passkeys == nil {
		return nil, errStale
	}
	if len(answer) > passkeyBytes {
		return nil, errPasskey
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, errPasskey.Because(err)
	}
	var p *Passkey
	find := func(credential, handle []byte) (webauthn.User, error) {
		if p, err = b.credential(ctx, credential, handle); err != nil {
			return nil, err
		}
		return &holder{handle: handle, credentials: []webauthn.Credential{p.credential}}, nil
	}
	_, used, err := b.passkeys.ValidatePasskeyLogin(find, *data, parsed)
	if err != nil {
		return nil, errPasskey.Because(err)
	}
	_, o, err := b.find(p.owner)
	if err != nil {
		return nil, err
	}
	counted := int64(parsed.Response.AuthenticatorData.Counter)
	fresh := !used.Authenticator.CloneWarning && p.Blocked.IsZero()
	if fresh { // again in the row, where two answers of one counter cannot both pass
		err = b.db.Write(ctx, func(tx *store.Tx) error {
			n, err := tx.Exec(passkeyUse, counted, b.clock().UnixMicro(), p.credential.ID, counted, counted)
			fresh = n == 1
			return err
		})
	}
	if err != nil || fresh {
		return o, err
	}
	return nil, b.block(ctx, j, p)
}

// credential finds a passkey by its id, if the handle is its officer's.
func (b *Book) credential(ctx context.Context, id, handle []byte) (p *Passkey, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		p = nil
		if err := tx.Each(passkeyOne, []any{id}, func(scan func(...any) error) (err error) {
			p, err = scanPasskey(scan)
			return err
		}); err != nil || p == nil {
			return err
		}
		var own []byte
		if _, err := tx.One(accountHandle, p.owner.args(), &own); err != nil {
			return err
		}
		if string(own) != string(handle) {
			p = nil
		}
		return nil
	})
	if err == nil && p == nil {
		err = errNoPasskey
	}
	return p, err
}

// block ends the use of a passkey that was copied, once with an entry.
func (b *Book) block(ctx context.Context, j *journal.Journal, p *Passkey) error {
	blocked := fault.New(fault.Forbidden, "account.passkey.blocked")
	if !p.Blocked.IsZero() {
		return blocked
	}
	o, err := b.agencies.Officer(p.owner.Agency, p.owner.Login)
	if err != nil {
		return err
	}
	actor := journal.Actor{Role: o.Role, Agency: o.Agency, ID: o.Login}
	_, err = b.do(ctx, j, actor, "counter", event{of: p.owner, factor: "passkey", state: "blocked", id: p.ID}, func(tx *store.Tx, c *register.Change) error {
		_, err := tx.Exec(passkeyBlock, c.Micros(), p.credential.ID)
		return err
	})
	if err != nil {
		return err
	}
	return blocked
}
