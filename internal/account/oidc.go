package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/estelam/estelam/internal/agency"
	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
)

// A sign-in service of somebody else may vouch for officers (OpenID Connect, the
// code flow with PKCE, state and nonce). Who an officer is, it says by two claims,
// or the officer has said himself by linking his account to its user. It must say
// too that it asked for two factors, by acr or amr: else it opens nothing.

// OIDC is the configuration of the sign-in service.
type OIDC struct {
	Issuer   string
	ClientID string
	Secret   string // "": a public client
	Redirect string // address of the page that it sends people back to

	AgencyClaim string   // "": "agency", the legal id
	LoginClaim  string   // "": "login"
	ACR         []string // one of these must be the token's acr
	AMR         []string // else one of these must be among its amr; neither: "mfa"

	Client *http.Client // nil: one with a time limit
}

// provider is the service, looked up when it is first needed: that it is away
// keeps nobody from starting or from signing in otherwise.
type provider struct {
	OIDC
	mu    sync.Mutex
	found *oidc.Provider
}

// OIDC says which sign-in service vouches for officers.
func (b *Book) OIDC(c OIDC) {
	if c.AgencyClaim == "" {
		c.AgencyClaim = "agency"
	}
	if c.LoginClaim == "" {
		c.LoginClaim = "login"
	}
	if len(c.ACR) == 0 && len(c.AMR) == 0 {
		c.AMR = []string{"mfa"}
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 10 * time.Second}
	}
	b.oidc = &provider{OIDC: c}
}

// OIDCWorks reports whether a sign-in service is configured.
func (b *Book) OIDCWorks() bool { return b.oidc != nil }

var (
	errNoOIDC  = fault.New(fault.NotFound, "account.oidc.none")
	errOIDC    = fault.New(fault.Unavailable, "account.oidc.away")
	errToken   = fault.New(fault.Unauthenticated, "account.oidc.wrong")
	errWeak    = fault.New(fault.Forbidden, "account.oidc.factors")
	errUnknown = fault.New(fault.Forbidden, "account.oidc.unknown")
)

func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.Client), p.Issuer) // its keys are fetched with this context later
	if err != nil {
		return nil, errOIDC.Because(err)
	}
	p.found = found
	return found, nil
}

func (p *provider) config(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.Secret, RedirectURL: p.Redirect, Endpoint: found.Endpoint(), Scopes: []string{oidc.ScopeOpenID},
	}
}

// visiting is a visit to the sign-in service that is under way.
type visiting struct {
	tie, nonce, verifier string
	link                 Who // whose account is to be linked; none: a sign-in
}

// BeginOIDC gives the address to send the browser to, and a tie for a cookie of
// this browser alone: without it the way back is closed, so nobody is signed in
// by a link that a stranger made. s is nil, or the officer who links his account.
// Faults: account.oidc.none, account.oidc.away, account.password, account.again.
func (b *Book) BeginOIDC(ctx context.Context, s *Signed, password string) (address, tie string, err error) {
	if b.oidc == nil {
		return "", "", errNoOIDC
	}
	v := &visiting{tie: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier()}
	if s != nil {
		if s.Step != Done {
			return "", "", errStale
		}
		if err := b.confirm(s, password); err != nil {
			return "", "", err
		}
		v.link = s.Who()
	}
	found, err := b.oidc.discover(ctx)
	if err != nil {
		return "", "", err
	}
	state := b.ceremonies.begin(v, b.clock())
	options := []oauth2.AuthCodeOption{oidc.Nonce(v.nonce), oauth2.S256ChallengeOption(v.verifier)}
	if len(b.oidc.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(b.oidc.ACR, " ")))
	}
	return b.oidc.config(found).AuthCodeURL(state, options...), v.tie, nil
}

// FinishOIDC takes what the sign-in service sent back with the browser. The
// officer is at Done; linked says that this was no sign-in but the link of s, who
// must be signed in still. Faults: account.stale, account.oidc.away,
// account.oidc.wrong, account.oidc.factors, account.oidc.unknown,
// account.oidc.linked, account.ended.
func (b *Book) FinishOIDC(ctx context.Context, j *journal.Journal, s *Signed, tie, state, code string) (o *agency.Officer, linked bool, err error) {
	if b.oidc == nil {
		return nil, false, errNoOIDC
	}
	v, ok := taken[*visiting](b.ceremonies, state, b.clock())
	if !ok || subtle.ConstantTimeCompare([]byte(v.tie), []byte(tie)) != 1 {
		return nil, false, errStale
	}
	token, err := b.oidc.token(ctx, b.clock, v, code)
	if err != nil {
		return nil, false, err
	}
	if v.link != (Who{}) {
		if s == nil || s.Step != Done || s.Who() != v.link {
			return nil, false, errStale
		}
		return s.Officer, true, b.link(ctx, j, s, token)
	}
	w, err := b.vouched(ctx, token)
	if err != nil {
		return nil, false, err
	}
	_, o, err = b.find(w)
	return o, false, err
}

// token fetches the ID token and checks all that it must say.
func (p *provider) token(ctx context.Context, clock func() time.Time, v *visiting, code string) (*oidc.IDToken, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, p.Client)
	answer, err := p.config(found).Exchange(ctx, code, oauth2.VerifierOption(v.verifier))
	if err != nil {
		return nil, errToken.Because(err)
	}
	raw, _ := answer.Extra("id_token").(string)
	token, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: clock}).Verify(ctx, raw)
	if err != nil {
		return nil, errToken.Because(err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(v.nonce)) != 1 {
		return nil, errToken
	}
	var said struct {
		ACR string   `json:"acr"`
		AMR []string `json:"amr"`
	}
	if err := token.Claims(&said); err != nil {
		return nil, errToken.Because(err)
	}
	strong := slices.Contains(p.ACR, said.ACR) || slices.ContainsFunc(said.AMR, func(m string) bool { return slices.Contains(p.AMR, m) })
	if !strong {
		return nil, errWeak
	}
	return token, nil
}

// vouched is the officer whom a token means: the one who linked this user, else
// the one whom its claims name.
func (b *Book) vouched(ctx context.Context, token *oidc.IDToken) (w Who, err error) {
	found := false
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		var of int64
		found, err = tx.One(linkFind, []any{token.Issuer, token.Subject}, &of, &w.Login)
		w.Agency = ids.LegalID(of)
		return err
	})
	if err != nil || found {
		return w, err
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return w, errToken.Because(err)
	}
	of, _ := claims[b.oidc.AgencyClaim].(string)
	w.Login, _ = claims[b.oidc.LoginClaim].(string)
	if w.Agency, err = ids.ParseLegalID(of); err != nil || w.Login == "" {
		return w, errUnknown
	}
	return w, nil
}

// link remembers which officer a user of the sign-in service is.
func (b *Book) link(ctx context.Context, j *journal.Journal, s *Signed, token *oidc.IDToken) error {
	w := s.Who()
	_, err := b.do(ctx, j, s.Actor(), "own", event{of: w, factor: "link", state: "set"}, func(tx *store.Tx, c *register.Change) error {
		_, err := tx.Exec(linkInsert, token.Issuer, token.Subject, int64(w.Agency), w.Login, c.Micros())
		if store.IsDuplicate(err) {
			return fault.New(fault.Conflict, "account.oidc.linked").Because(err)
		}
		return err
	})
	return err
}

// Linked tells since when the officer's account is linked; zero: it is not.
func (b *Book) Linked(ctx context.Context, w Who) (since time.Time, err error) {
	err = b.db.Read(ctx, func(tx *store.Tx) error {
		var made int64
		_, err := tx.One(linkSince, w.args(), &made)
		since = store.Moment(made)
		return err
	})
	return since, err
}

// Unlink ends the links of the officer's account. Faults: account.password,
// account.again.
func (b *Book) Unlink(ctx context.Context, j *journal.Journal, s *Signed, password string) (journal.Proven, error) {
	if s.Step != Done {
		return journal.Proven{}, errStale
	}
	if err := b.confirm(s, password); err != nil {
		return journal.Proven{}, err
	}
	w := s.Who()
	return b.do(ctx, j, s.Actor(), "own", event{of: w, factor: "link", state: "removed"}, func(tx *store.Tx, _ *register.Change) error {
		_, err := tx.Exec(linkClear, w.args()...)
		return err
	})
}
