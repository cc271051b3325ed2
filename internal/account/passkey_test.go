package account

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store/storetest"
)

// device is an authenticator of its own: ES256, discoverable, no attestation.
type device struct {
	*town
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	counter uint32
	origin  string
	site    string
	flags   byte // present and verified, unless a test says otherwise
}

var b64 = base64.RawURLEncoding

func newDevice(o *town) *device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	o.must(err)
	d := &device{town: o, key: key, id: make([]byte, 32), origin: "http://localhost:8080", site: "localhost", flags: 0x05}
	_, _ = rand.Read(d.id)
	return d
}

func (d *device) clientData(kind, challenge string) []byte {
	data, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	d.must(err)
	return data
}

func (d *device) authData(attested []byte) []byte {
	hash := sha256.Sum256([]byte(d.site))
	flags := d.flags
	if attested != nil {
		flags |= 0x40
	}
	data := append(hash[:], flags)
	return append(binary.BigEndian.AppendUint32(data, d.counter), attested...)
}

// create answers a registration's options.
func (d *device) create(options []byte) []byte {
	d.Helper()
	var o struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
		Selection struct {
			Resident string `json:"residentKey"`
			Verify   string `json:"userVerification"`
		} `json:"authenticatorSelection"`
	}
	d.must(json.Unmarshal(options, &o))
	if o.Selection.Resident != "required" || o.Selection.Verify != "required" {
		d.Errorf("%+v", o.Selection)
	}
	var err error
	d.handle, err = b64.DecodeString(o.User.ID)
	d.must(err)
	raw, err := d.key.PublicKey.Bytes()
	d.must(err)
	public, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: raw[1:33], -3: raw[33:]})
	d.must(err)
	attested := append(make([]byte, 16), 0, byte(len(d.id)))
	attested = append(append(attested, d.id...), public...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.authData(attested)})
	d.must(err)
	return d.answer(map[string]any{
		"clientDataJSON": b64.EncodeToString(d.clientData("webauthn.create", o.Challenge)), "attestationObject": b64.EncodeToString(object),
		"transports": []string{"internal"},
	})
}

// get answers a sign-in's options.
func (d *device) get(options []byte) []byte {
	d.Helper()
	var o struct {
		Challenge string `json:"challenge"`
		Verify    string `json:"userVerification"`
	}
	d.must(json.Unmarshal(options, &o))
	if o.Verify != "required" {
		d.Error(o.Verify)
	}
	client, auth := d.clientData("webauthn.get", o.Challenge), d.authData(nil)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(auth, hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	d.must(err)
	return d.answer(map[string]any{
		"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(auth),
		"signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(d.handle),
	})
}

func (d *device) answer(response map[string]any) []byte {
	id := b64.EncodeToString(d.id)
	data, err := json.Marshal(map[string]any{
		"id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{}, "response": response,
	})
	d.must(err)
	return data
}

// register makes the device's passkey one of the officer.
func (d *device) register(s *Signed, password string) (*Passkey, error) {
	d.Helper()
	id, options, err := d.accounts.BeginPasskey(ctx, s, password)
	d.must(err)
	p, proven, err := d.accounts.FinishPasskey(ctx, d.journal, s, id, "گوشی", d.create(options))
	if err == nil && !strings.Contains(string(proven.Record), `"key":{"factor":"passkey","state":"set","id":"`+p.ID+`"}`) {
		d.Errorf("%s", proven.Record)
	}
	return p, err
}

func (d *device) signIn() (string, error) {
	d.Helper()
	id, options, err := d.accounts.BeginSignIn()
	d.must(err)
	o, err := d.accounts.FinishSignIn(ctx, d.journal, id, d.get(options))
	if err != nil {
		return "", err
	}
	return o.Login, nil
}

// TestPasskeys: made, used, named, removed.
func TestPasskeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		w := Who{bank, "o.one"}
		o.activated(w)
		first, second := newDevice(o), newDevice(o)
		p, err := first.register(o.signed(w, NeedsFactor), "")
		o.must(err)
		if login, err := first.signIn(); login != "o.one" || err != nil {
			t.Error(login, err)
		}
		if _, step, err := o.accounts.Password(ctx, bank, "o.one", password); step != NeedsCode || err != nil {
			t.Error(step, err)
		}
		_, err = second.register(o.signed(w, NeedsFactor), "")
		o.refused(err, fault.Conflict, "account.stale") // there is a factor by now
		s := o.signed(w, Done)
		_, _, err = o.accounts.BeginPasskey(ctx, s, "x")
		o.refused(err, fault.Invalid, "account.password")
		o.later(time.Second)
		_, err = second.register(s, password)
		o.must(err)
		_, err = second.register(o.signed(w, Done), password) // the same credential again
		o.refused(err, fault.Unauthenticated, "account.passkey.wrong")
		o.refused(o.accounts.RenamePasskey(ctx, o.signed(Who{bank, "o.two"}, Done), p.ID, "x"), fault.NotFound, "account.passkey.none")
		o.refused(o.accounts.RenamePasskey(ctx, s, p.ID, strings.Repeat("x", 61)), fault.Invalid, "account.passkey.name")
		o.must(o.accounts.RenamePasskey(ctx, s, p.ID, "رایانه"))
		all, err := o.accounts.Passkeys(ctx, w)
		if err != nil || len(all) != 2 || all[0].Name != "رایانه" || all[0].Used.IsZero() || all[0].Synced {
			t.Errorf("%+v %v", all, err)
		}
		_, err = o.accounts.RemovePasskey(ctx, o.journal, s, p.ID, "x")
		o.refused(err, fault.Invalid, "account.password")
		_, err = o.accounts.RemovePasskey(ctx, o.journal, s, p.ID, password)
		o.must(err)
		_, err = first.signIn()
		o.refused(err, fault.Unauthenticated, "account.passkey.wrong")
		_, err = o.accounts.RemovePasskey(ctx, o.journal, s, all[1].ID, password)
		o.refused(err, fault.Conflict, "account.passkey.last")
		if _, err = second.signIn(); err != nil {
			t.Error("it is there still", err)
		}
	})
}

// TestForged: what is not a passkey's answer to this ceremony opens nothing.
func TestForged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		one, two := Who{bank, "o.one"}, Who{bank, "o.two"}
		o.activated(one)
		o.activated(two)
		mine, foreign := newDevice(o), newDevice(o)
		_, err := mine.register(o.signed(one, NeedsFactor), "")
		o.must(err)
		_, err = foreign.register(o.signed(two, NeedsFactor), "")
		o.must(err)
		wrong := func(name string, change func(d *device)) {
			t.Helper()
			d := *mine
			change(&d)
			_, err := d.signIn()
			if f := fault.Of(err); f == nil || f.Key != "account.passkey.wrong" {
				t.Errorf("%s: %v", name, err)
			}
		}
		wrong("another's handle", func(d *device) { d.handle = foreign.handle })
		wrong("another's id", func(d *device) { d.id = foreign.id })
		wrong("another's id and handle", func(d *device) { d.id, d.handle = foreign.id, foreign.handle })
		wrong("another's key", func(d *device) { d.key = foreign.key })
		wrong("no handle", func(d *device) { d.handle = nil })
		wrong("another origin", func(d *device) { d.origin = "http://localhost:8081" })
		wrong("another site", func(d *device) { d.site = "evil.example" })
		wrong("no verification", func(d *device) { d.flags = 0x01 })
		wrong("nobody present", func(d *device) { d.flags = 0x04 })

		id, options, err := o.accounts.BeginSignIn()
		o.must(err)
		answer := mine.get(options)
		if n := race(func() error { _, err := o.accounts.FinishSignIn(ctx, o.journal, id, answer); return err }); n != 1 {
			t.Errorf("a ceremony ended %d times", n)
		}
		other, _, err := o.accounts.BeginSignIn()
		o.must(err)
		_, err = o.accounts.FinishSignIn(ctx, o.journal, other, answer) // of another ceremony
		o.refused(err, fault.Unauthenticated, "account.passkey.wrong")
		for _, garbage := range []string{"", "{}", "null", "[", strings.Repeat("x", passkeyBytes+1)} {
			id, _, err := o.accounts.BeginSignIn()
			o.must(err)
			_, err = o.accounts.FinishSignIn(ctx, o.journal, id, []byte(garbage))
			o.refused(err, fault.Unauthenticated, "account.passkey.wrong")
		}
		id, options, err = o.accounts.BeginSignIn()
		o.must(err)
		o.later(ceremonyFor)
		_, err = o.accounts.FinishSignIn(ctx, o.journal, id, mine.get(options))
		o.refused(err, fault.Conflict, "account.stale")

		s := o.signed(one, Done)
		fresh := newDevice(o)
		id, options, err = o.accounts.BeginPasskey(ctx, s, password)
		o.must(err)
		_, _, err = o.accounts.FinishPasskey(ctx, o.journal, o.signed(two, Done), id, "x", fresh.create(options)) // another officer ends it
		o.refused(err, fault.Conflict, "account.stale")
		id, options, err = o.accounts.BeginPasskey(ctx, s, password)
		o.must(err)
		_, _, err = o.accounts.Reset(ctx, o.journal, head, one, "lost")
		o.must(err)
		_, _, err = o.accounts.FinishPasskey(ctx, o.journal, s, id, "x", fresh.create(options)) // begun before the reset
		o.refused(err, fault.Conflict, "account.stale")
		_, err = mine.signIn()
		o.refused(err, fault.Unauthenticated, "account.passkey.wrong")
	})
}

// TestCounter: a passkey whose counter goes back is blocked, with an entry; one
// that does not count is not.
func TestCounter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		o := open(t, url)
		w := Who{bank, "o.one"}
		o.activated(w)
		d := newDevice(o)
		d.counter = 7
		p, err := d.register(o.signed(w, NeedsFactor), "")
		o.must(err)
		d.counter = 9
		if n := race(func() error { _, err := d.signIn(); return err }); n > 1 {
			t.Errorf("%d answers of one counter", n)
		}
		before := o.journal.State().Size
		d.counter = 8
		_, err = d.signIn()
		o.refused(err, fault.Forbidden, "account.passkey.blocked")
		d.counter = 100
		_, err = d.signIn()
		o.refused(err, fault.Forbidden, "account.passkey.blocked")
		all, err := o.accounts.Passkeys(ctx, w)
		if err != nil || all[0].Blocked.IsZero() || all[0].ID != p.ID {
			t.Errorf("%+v %v", all, err)
		}
		if size := o.journal.State().Size; size > before+1 {
			t.Errorf("%d entries of one block", size-before)
		}
		if f, err := o.accounts.Factors(ctx, w); err != nil || f.Passkeys != 0 {
			t.Error(f, err)
		}
	})
}

// TestPasskeyAddress: where browsers have no passkeys, nobody is asked for one.
func TestPasskeyAddress(t *testing.T) {
	o := open(t, storetest.SQLite(t))
	for address, want := range map[string]bool{
		"https://estelam.example": true, "https://estelam.example:8443/": true, "http://localhost:8080": true,
		"http://127.0.0.1:8080": false, "https://[::1]:8080": false, "http://estelam.example": false, "": false,
	} {
		o.must(o.accounts.At(address, site))
		if o.accounts.PasskeysWork("localhost:8080") != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
	o.must(o.accounts.At("http://localhost:8080", site))
	if o.accounts.PasskeysWork("127.0.0.1:8080") {
		t.Error("this machine's other name")
	}
	o.must(o.accounts.At("http://127.0.0.1:8080", site))
	_, _, err := o.accounts.BeginSignIn()
	o.refused(err, fault.Unavailable, "account.passkey.address")
	_, _, err = o.accounts.BeginPasskey(ctx, o.signed(Who{bank, "o.one"}, NeedsFactor), "")
	o.refused(err, fault.Unavailable, "account.passkey.address")
}

// TestCeremonies: they are bounded in number and time, and taken once.
func TestCeremonies(t *testing.T) {
	c, now := newCeremonies(), time.Now()
	first := c.begin("first", now)
	second := c.begin("second", now)
	if _, ok := taken[int](c, first, now); ok {
		t.Error("another sort")
	}
	if what, ok := taken[string](c, first, now); !ok || what != "first" {
		t.Error(what, ok)
	}
	if _, ok := taken[string](c, first, now); ok {
		t.Error("twice")
	}
	for range 2 * ceremonyMost {
		_, _ = taken[string](c, c.begin("more", now), now)
	}
	if len(c.order) > ceremonyMost || len(c.by) > ceremonyMost {
		t.Errorf("%d, %d are kept", len(c.order), len(c.by))
	}
	if _, ok := taken[string](c, second, now); ok {
		t.Error("the oldest goes first")
	}
	for range 10 {
		c.begin("late", now.Add(ceremonyFor))
	}
	if len(c.by) != 10 {
		t.Errorf("%d after their time", len(c.by))
	}
}
