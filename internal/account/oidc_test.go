package account

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store/storetest"
)

// issuer is a sign-in service: discovery, keys, and a token endpoint that wants
// the client's secret and the verifier of its challenge.
type issuer struct {
	*town
	server    *httptest.Server
	key       *rsa.PrivateKey
	claims    map[string]any // of the next user
	asked     url.Values     // of the last visit
	away      bool
	signs     *rsa.PrivateKey // with what it signs
	exchanged int
}

func newIssuer(o *town) *issuer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	o.must(err)
	i := &issuer{town: o, key: key, signs: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		at := i.server.URL
		i.json(w, map[string]any{
			"issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token", "jwks_uri": at + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		e := big.NewInt(int64(key.E)).Bytes()
		i.json(w, map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k", "n": b64.EncodeToString(key.N.Bytes()), "e": b64.EncodeToString(e),
		}}})
	})
	mux.HandleFunc("POST /token", i.token)
	i.server = httptest.NewServer(mux)
	o.Cleanup(i.server.Close)
	return i
}

func (i *issuer) json(w http.ResponseWriter, v any) {
	if i.away {
		http.Error(w, "away", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.exchanged++
	id, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if id != "estelam" || secret != "client-secret" || b64.EncodeToString(sum[:]) != i.asked.Get("code_challenge") || r.PostFormValue("code") != "right" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	now := i.clock()
	claims := map[string]any{
		"iss": i.server.URL, "aud": "estelam", "sub": "u1", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"nonce": i.asked.Get("nonce"), "amr": []string{"pwd", "mfa"},
	}
	maps.Copy(claims, i.claims)
	payload, err := json.Marshal(claims)
	if err != nil {
		i.Error(err)
	}
	text := b64.EncodeToString([]byte(`{"alg":"RS256","kid":"k","typ":"JWT"}`)) + "." + b64.EncodeToString(payload)
	hash := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.signs, crypto.SHA256, hash[:])
	if err != nil {
		i.Error(err)
	}
	i.json(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": text + "." + b64.EncodeToString(signature)})
}

// configured makes it the service's own.
func (i *issuer) configured(c OIDC) {
	c.Issuer, c.ClientID, c.Secret, c.Redirect, c.Client = i.server.URL, "estelam", "client-secret", "http://localhost:8080/sign-in/oidc", i.server.Client()
	i.accounts.OIDC(c)
}

// visit goes there and comes back with a code.
func (i *issuer) visit(s *Signed, claims map[string]any) (login string, linked bool, err error) {
	i.Helper()
	tie, state := i.begin(s)
	i.claims = claims
	o, linked, err := i.accounts.FinishOIDC(ctx, i.journal, s, tie, state, "right")
	if err != nil {
		return "", false, err
	}
	return o.Login, linked, nil
}

func (i *issuer) begin(s *Signed) (tie, state string) {
	i.Helper()
	address, tie, err := i.accounts.BeginOIDC(ctx, s, password)
	i.must(err)
	u, err := url.Parse(address)
	i.must(err)
	i.asked = u.Query()
	if !strings.HasPrefix(address, i.server.URL+"/authorize?") || i.asked.Get("code_challenge_method") != "S256" || i.asked.Get("scope") != "openid" || i.asked.Get("nonce") == "" {
		i.Errorf("%s", address)
	}
	return tie, i.asked.Get("state")
}

// TestOIDC: a sign-in service vouches for officers, by claims or by their links.
func TestOIDC(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		i := newIssuer(o)
		_, _, err := o.accounts.BeginOIDC(ctx, nil, "")
		o.refused(err, fault.NotFound, "account.oidc.none")
		i.configured(OIDC{})
		w := Who{bank, "o.one"}
		named := func(more map[string]any) map[string]any {
			claims := map[string]any{"agency": bank.String(), "login": "o.one"}
			maps.Copy(claims, more)
			return claims
		}
		if login, linked, err := i.visit(nil, named(nil)); login != "o.one" || linked || err != nil {
			t.Error(login, linked, err)
		}
		refused := func(kind fault.Kind, key string, claims map[string]any) {
			t.Helper()
			_, _, err := i.visit(nil, claims)
			o.refused(err, kind, key)
		}
		refused(fault.Forbidden, "account.oidc.unknown", nil)
		refused(fault.Forbidden, "account.oidc.unknown", map[string]any{"agency": 14003552272, "login": "o.one"})
		refused(fault.Forbidden, "account.ended", named(map[string]any{"login": "nobody"}))
		refused(fault.Forbidden, "account.oidc.factors", named(map[string]any{"amr": []string{"pwd"}}))
		refused(fault.Forbidden, "account.oidc.factors", named(map[string]any{"amr": nil}))
		refused(fault.Unauthenticated, "account.oidc.wrong", named(map[string]any{"nonce": "another"}))
		refused(fault.Unauthenticated, "account.oidc.wrong", named(map[string]any{"aud": "another"}))
		refused(fault.Unauthenticated, "account.oidc.wrong", named(map[string]any{"iss": "https://evil.example"}))
		refused(fault.Unauthenticated, "account.oidc.wrong", named(map[string]any{"exp": o.clock().Add(-time.Hour).Unix()}))
		i.signs, err = rsa.GenerateKey(rand.Reader, 2048)
		o.must(err)
		refused(fault.Unauthenticated, "account.oidc.wrong", named(nil))
		i.signs = i.key

		tie, state := i.begin(nil)
		i.claims = named(nil)
		_, _, err = o.accounts.FinishOIDC(ctx, o.journal, nil, "of another browser", state, "right")
		o.refused(err, fault.Conflict, "account.stale")
		_, _, err = o.accounts.FinishOIDC(ctx, o.journal, nil, tie, state, "right") // the state was used
		o.refused(err, fault.Conflict, "account.stale")
		tie, state = i.begin(nil)
		_, _, err = o.accounts.FinishOIDC(ctx, o.journal, nil, tie, state, "wrong")
		o.refused(err, fault.Unauthenticated, "account.oidc.wrong")
		tie, state = i.begin(nil)
		i.asked.Set("code_challenge", "another")
		_, _, err = o.accounts.FinishOIDC(ctx, o.journal, nil, tie, state, "right")
		o.refused(err, fault.Unauthenticated, "account.oidc.wrong")

		// A link that the officer made himself.
		o.activated(w)
		s := o.signed(w, Done)
		_, _, err = o.accounts.BeginOIDC(ctx, s, "x")
		o.refused(err, fault.Invalid, "account.password")
		if _, linked, err := i.visit(s, map[string]any{"sub": "u7"}); !linked || err != nil {
			t.Error(linked, err)
		}
		if since, err := o.accounts.Linked(ctx, w); since.IsZero() || err != nil {
			t.Error(since, err)
		}
		if login, linked, err := i.visit(nil, map[string]any{"sub": "u7"}); login != "o.one" || linked || err != nil {
			t.Error(login, linked, err)
		}
		o.activated(Who{bank, "o.two"})
		_, _, err = i.visit(o.signed(Who{bank, "o.two"}, Done), map[string]any{"sub": "u7"})
		o.refused(err, fault.Conflict, "account.oidc.linked")
		tie, state = i.begin(s)
		_, _, err = o.accounts.FinishOIDC(ctx, o.journal, o.signed(Who{bank, "o.two"}, Done), tie, state, "right") // another one comes back
		o.refused(err, fault.Conflict, "account.stale")
		_, err = o.accounts.Unlink(ctx, o.journal, s, "x")
		o.refused(err, fault.Invalid, "account.password")
		_, err = o.accounts.Unlink(ctx, o.journal, s, password)
		o.must(err)
		if since, err := o.accounts.Linked(ctx, w); !since.IsZero() || err != nil {
			t.Error(since, err)
		}
		refused(fault.Forbidden, "account.oidc.unknown", map[string]any{"sub": "u7"})
	})
}

// TestOIDCConfiguration: other claims, another sign of two factors, and a service
// that is away.
func TestOIDCConfiguration(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	i := newIssuer(o)
	i.configured(OIDC{AgencyClaim: "org", LoginClaim: "preferred_username", ACR: []string{"loa3"}})
	i.away = true
	_, _, err := o.accounts.BeginOIDC(ctx, nil, "")
	o.refused(err, fault.Unavailable, "account.oidc.away")
	i.away = false
	claims := map[string]any{"org": bank.String(), "preferred_username": "o.two", "acr": "loa3", "amr": nil}
	if login, _, err := i.visit(nil, claims); login != "o.two" || err != nil {
		t.Error(login, err)
	}
	if i.asked.Get("acr_values") != "loa3" {
		t.Error(i.asked)
	}
	claims["acr"] = "loa2"
	claims["amr"] = []string{"mfa"}
	_, _, err = i.visit(nil, claims)
	o.refused(err, fault.Forbidden, "account.oidc.factors")
}

// TestAgain: an officer without a password changes factors only just after he has
// signed in.
func TestAgain(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	s := o.signed(Who{bank, "o.one"}, Done)
	if err := o.accounts.confirm(s, ""); err != nil {
		t.Error(err)
	}
	o.later(stepFor + time.Second)
	o.refused(o.accounts.confirm(s, ""), fault.Forbidden, "account.again")
	_, err := o.accounts.ChangePassword(ctx, o.journal, s, "", "a new password")
	o.refused(err, fault.Conflict, "account.stale")
}
