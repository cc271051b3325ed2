package feed

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/person"
)

// receiver is an agency's end of a webhook.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	calls  []*http.Request
	bodies []string
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{status: 204}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.calls, r.bodies = append(r.calls, q), append(r.bodies, string(body))
		w.Header().Set("Location", "https://127.0.0.1/elsewhere")
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) seen() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.calls)
}

// calls makes w's Caller one that trusts r, in this machine.
func (w *world) calls(r *receiver) {
	roots := x509.NewCertPool()
	roots.AddCert(r.Certificate())
	w.Caller = NewCaller(w.Caller.key, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, roots)
}

// genuine checks a call as docs/feeds.md tells receivers to.
func genuine(q *http.Request, body, keyID string, key ed25519.PublicKey) error {
	params, ok := strings.CutPrefix(q.Header.Get("Signature-Input"), "estelam=")
	if !ok || !strings.Contains(params, `;keyid="`+keyID+`";alg="ed25519"`) {
		return fmt.Errorf("signature-input %q", params)
	}
	sum := sha256.Sum256([]byte(body))
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	if q.Header.Get("Content-Digest") != digest {
		return fmt.Errorf("digest %q", q.Header.Get("Content-Digest"))
	}
	base := "\"@method\": POST\n\"@authority\": " + q.Host + "\n\"content-digest\": " + digest +
		"\n\"estelam-call\": " + q.Header.Get("Estelam-Call") + "\n\"@signature-params\": " + params
	text := strings.TrimSuffix(strings.TrimPrefix(q.Header.Get("Signature"), "estelam=:"), ":")
	signature, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !ed25519.Verify(key, []byte(base), signature) {
		return fmt.Errorf("the signature %q does not sign\n%s", text, base)
	}
	return nil
}

func TestWebhook(t *testing.T) {
	each(t, func(w *world) {
		r := newReceiver(t)
		who := program(w.bank)
		w.want(w.follow(w.bank, w.ask(w.bank, ali, nil)), "set")
		_, _, err := w.SetWebhook(w.ctx, who, &Address{URL: r.URL})
		w.refused(err, fault.Invalid, "feed.webhook.address", "url")
		w.calls(r)
		_, _, err = w.SetWebhook(w.ctx, who, &Address{URL: r.URL + "/in?a=1"})
		w.must(err)
		w.must(w.Test(w.ctx, who.Agency))
		w.must(w.Ring(w.ctx)) // nothing has happened
		if n := r.seen(); n != 1 {
			t.Fatalf("%d calls", n)
		}
		w.both("death", &person.Death{Edit: edit(ali), On: w.today()})
		w.must(w.Distribute(w.ctx))
		w.must(w.Ring(w.ctx))
		w.must(w.Ring(w.ctx)) // once is enough
		want := fmt.Sprintf(`{"agency":"%s","last":1,"test":false}`+"\n", who.Agency)
		if !slices.Equal(r.bodies, []string{strings.Replace(strings.Replace(want, "false", "true", 1), `"last":1`, `"last":0`, 1), want}) {
			t.Errorf("%q", r.bodies)
		}
		id, text := w.Caller.PublicKey()
		key, err := base64.StdEncoding.DecodeString(text)
		w.must(err)
		for i := range r.calls {
			w.must(genuine(r.calls[i], r.bodies[i], id, key))
			if genuine(r.calls[i], r.bodies[i]+" ", id, key) == nil {
				t.Error("another body passes")
			}
		}
		if r.calls[1].Header.Get("Estelam-Call") != who.Agency.String()+"-1" {
			t.Error(r.calls[1].Header)
		}
	})
}

// What fails is tried again, less and less often, and given up after three days.
func TestWebhookFails(t *testing.T) {
	each(t, func(w *world) {
		r := newReceiver(t)
		w.calls(r)
		who := program(w.bank)
		w.want(w.follow(w.bank, w.ask(w.bank, ali, nil)), "set")
		_, _, err := w.SetWebhook(w.ctx, who, &Address{URL: r.URL})
		w.must(err)
		r.answers(302)
		w.refused(w.Test(w.ctx, who.Agency), fault.Unavailable, "feed.webhook.redirect", "")
		w.both("death", &person.Death{Edit: edit(ali), On: w.today()})
		w.must(w.Distribute(w.ctx))
		r.answers(500)
		state := func() *Webhook {
			h, _, err := w.Webhook(w.ctx, who.Agency)
			w.must(err)
			return h
		}
		var waits []time.Duration
		for range 4 {
			at := w.clock()
			w.must(w.Ring(w.ctx))
			h := state()
			waits = append(waits, h.Due.Sub(at))
			if h.State != Active || h.Fault != "feed.webhook.refused" || h.Attempts != len(waits) || h.Told != 0 {
				t.Errorf("%+v", h)
			}
			w.must(w.Ring(w.ctx)) // not due yet
			w.later(h.Due.Sub(w.clock()) + time.Millisecond)
		}
		for i, wait := range waits {
			if most := firstWait << i; wait < most/2 || wait > most+5*time.Second {
				t.Errorf("wait %d: %v", i, wait)
			}
		}
		if n := r.seen(); n != 1+4 {
			t.Errorf("%d calls", n)
		}
		// It comes back, and is told of everything in one call.
		r.answers(200)
		w.must(w.Ring(w.ctx))
		if h := state(); h.Told != 1 || h.Attempts != 0 || !h.Failing.IsZero() || h.Fault != "" {
			t.Errorf("%+v", h)
		}
		w.both("death_annulment", &person.DeathAnnulment{Edit: edit(ali)})
		w.must(w.Distribute(w.ctx))
		r.answers(500)
		w.must(w.Ring(w.ctx))
		w.later(73 * time.Hour)
		w.must(w.Ring(w.ctx))
		h, dead, err := w.Webhook(w.ctx, who.Agency)
		w.must(err)
		if h.State != Disabled || len(dead) != 1 || dead[0].Last != 2 || dead[0].Attempts != 2 || dead[0].Fault != "feed.webhook.refused" {
			t.Errorf("%+v %+v", h, dead)
		}
		n := r.seen()
		w.later(100 * time.Hour)
		w.must(w.Ring(w.ctx))
		if r.seen() != n {
			t.Error("a disabled webhook is called")
		}
		// Set anew, it is called from here on; 410 ends it at once.
		r.answers(410)
		_, _, err = w.SetWebhook(w.ctx, who, &Address{URL: r.URL})
		w.must(err)
		w.both("death", &person.Death{Edit: edit(ali), On: w.today()})
		w.must(w.Distribute(w.ctx))
		w.must(w.Ring(w.ctx))
		if h := state(); h.State != Disabled || h.Fault != "feed.webhook.gone" {
			t.Errorf("%+v", h)
		}
		_, err = w.EndWebhook(w.ctx, who)
		w.must(err)
		_, err = w.EndWebhook(w.ctx, who)
		w.refused(err, fault.NotFound, "feed.webhook.none", "")
	})
}

// Nothing that is not public can be reached, whatever it is called.
func TestWebhookAddress(t *testing.T) {
	key, err := LoadKey(filepath.Join(t.TempDir(), "webhook.key"))
	if err != nil {
		t.Fatal(err)
	}
	c := NewCaller(key, nil, nil)
	for _, address := range []string{
		"127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "0.1.2.3", "100.64.0.1", "192.0.0.8",
		"198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1",
		"fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1",
	} {
		if c.public(netip.MustParseAddr(address)) {
			t.Error(address, "is taken for public")
		}
	}
	for _, address := range []string{"9.9.9.9", "185.55.226.26", "2a01:4f8::1", "2606:4700::1111", "::ffff:9.9.9.9"} {
		if !c.public(netip.MustParseAddr(address)) {
			t.Error(address, "is not taken for public")
		}
	}
	ctx := context.Background()
	for text, key := range map[string]string{
		"http://9.9.9.9/": "feed.webhook.url", "https://": "feed.webhook.url", "ftp://9.9.9.9/": "feed.webhook.url", "https://u:p@9.9.9.9/": "feed.webhook.url",
		"https://9.9.9.9/#x": "feed.webhook.url", "https:9.9.9.9": "feed.webhook.url", "//9.9.9.9/": "feed.webhook.url", "https://9.9.9.9/" + strings.Repeat("a", 500): "feed.webhook.url",
		"https://127.0.0.1/": "feed.webhook.address", "https://[::1]:8443/": "feed.webhook.address", "https://localhost/": "feed.webhook.address",
		"https://[::ffff:169.254.169.254]/latest/meta-data": "feed.webhook.address", "https://9.9.9.9:8443/in": "",
	} {
		got := ""
		if err := c.check(ctx, text); err != nil {
			got = fault.Of(err).Key
		}
		if got != key {
			t.Errorf("%s: %q, want %q", text, got, key)
		}
	}
	// A name that meant a public address when it was registered, and this machine
	// now, is refused when the connection is made.
	r := newReceiver(t)
	if err := c.call(ctx, r.URL, "1", nil, time.Now()); fault.Of(err).Key != "feed.webhook.address" || r.seen() != 0 {
		t.Error(err)
	}
	// A certificate that nobody trusts.
	c = NewCaller(key, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, x509.NewCertPool())
	if err := c.call(ctx, r.URL, "1", nil, time.Now()); fault.Of(err).Key != "feed.webhook.certificate" || r.seen() != 0 {
		t.Error(err)
	}
	r.Close()
	if err := c.call(ctx, r.URL, "1", nil, time.Now()); fault.Of(err).Key != "feed.webhook.connection" {
		t.Error(err)
	}
}

func TestLoadKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "webhook.key")
	one, err := LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := LoadKey(path); err != nil || !two.Equal(one) {
		t.Error("another key the second time", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKey(path); err == nil {
		t.Error("a key that everybody can read is taken")
	}
	if err := os.WriteFile(path, []byte("estelam-webhook-key/1 AAAA\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_ = os.Chmod(path, 0o600)
	if _, err := LoadKey(path); err == nil {
		t.Error("a short key is taken")
	}
}
