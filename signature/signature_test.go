package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The example of RFC 9421, B.2.6: another program made this signature.
func TestExampleOfTheStandard(t *testing.T) {
	block, _ := pem.Decode([]byte("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n"))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "https://example.com/foo?param=Value&Pet=dog", strings.NewReader(`{"hello": "world"}`))
	r.Header.Set("Date", "Tue, 20 Apr 2021 02:07:55 GMT")
	r.Header.Set("Content-Type", "application/json")
	const params = `("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`
	text, err := base(r, []string{"date", "@method", "@path", "@authority", "content-type", "content-length"}, params)
	if err != nil {
		t.Fatal(err)
	}
	value, err := base64.StdEncoding.DecodeString("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==")
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(key, text, value); err != nil {
		t.Errorf("%v:\n%s", err, text)
	}
	if err := Verify(key, text+" ", value); !errors.Is(err, ErrWrong) {
		t.Errorf("a letter more: %v", err)
	}
}

var body = []byte(`{"officer":"a.b"}`)

// keys are one of each kind that can sign.
func keys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{Ed25519: ed, ECDSA: ec, RSA: rs}
}

func request(t *testing.T, s *Signer) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "https://Estelam.example:443/v1/inquiries", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if err := s.Sign(r, body, time.Unix(1_800_000_000, 0)); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSignAndRead(t *testing.T) {
	for alg, key := range keys(t) {
		s, err := ForCertificate([]byte("certificate"), key)
		if err != nil {
			t.Fatal(err)
		}
		for _, cover := range [][]string{s.Cover, {"content-digest", "@method", "@path", "@authority", "@query", "@scheme", "content-type", "content-length"}} {
			s.Cover = cover
			got, err := Read(request(t, s), body)
			if err != nil {
				t.Fatalf("%s %v: %v", alg, cover, err)
			}
			if err := got.Verify(key.Public()); err != nil {
				t.Errorf("%s: %v", alg, err)
			}
			if !got.Created.Equal(time.Unix(1_800_000_000, 0)) || got.alg != alg {
				t.Errorf("%+v", got)
			}
			got.Value[0] ^= 1
			if err := got.Verify(key.Public()); !errors.Is(err, ErrWrong) {
				t.Errorf("%s: a flipped bit: %v", alg, err)
			}
		}
	}
	if s, err := Read(httptest.NewRequest(http.MethodPost, "/", nil), nil); s != nil || err != nil {
		t.Errorf("an unsigned request: %v %v", s, err)
	}
}

// The standard's normal form is signed, however the header was spaced.
func TestNormalForm(t *testing.T) {
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	s, _ := ForCertificate(nil, key)
	r := request(t, s)
	input := r.Header.Get("Signature-Input")
	r.Header.Set("Signature-Input", strings.NewReplacer("(", "(  ", ";", ";  ").Replace(input))
	got, err := Read(r, body)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Verify(key.Public()); err != nil {
		t.Errorf("%v\n%s", err, got.Base)
	}
	if want := `"@signature-params": ` + strings.TrimPrefix(input, "estelam="); !strings.HasSuffix(got.Base, want) {
		t.Errorf("%s\ndoes not end in\n%s", got.Base, want)
	}
}

func TestHostile(t *testing.T) {
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	s, _ := ForCertificate(nil, key)
	const inputs, value, digests = "Signature-Input", "Signature", "Content-Digest"
	edit := func(header, old, new string) func(*http.Request) {
		return func(r *http.Request) {
			if text := r.Header.Get(header); old != "" && !strings.Contains(text, old) {
				t.Fatalf("%s holds no %s", text, old)
			} else {
				r.Header.Set(header, strings.Replace(text, old, new, 1))
			}
		}
	}
	for _, c := range []struct {
		why  string
		edit func(*http.Request)
		want error
	}{
		{"no signature", func(r *http.Request) { r.Header.Del(value) }, ErrForm},
		{"no input", func(r *http.Request) { r.Header.Del(inputs) }, ErrForm},
		{"an empty input", func(r *http.Request) { r.Header.Set(inputs, "") }, ErrForm},
		{"nonsense", func(r *http.Request) { r.Header.Set(inputs, "\x00((((") }, ErrForm},
		{"two headers", func(r *http.Request) { r.Header.Add(inputs, r.Header.Get(inputs)) }, ErrForm},
		{"two signatures", edit(value, "", "other=:AAAA:, "), ErrForm},
		{"two inputs", edit(inputs, "", `other=("@method");created=1, `), ErrForm},
		{"another label", edit(value, "estelam=", "other="), ErrForm},
		{"an item where a list belongs", func(r *http.Request) { r.Header.Set(inputs, `estelam="x";created=1`) }, ErrForm},
		{"a list where bytes belong", func(r *http.Request) { r.Header.Set(value, `estelam=("x")`) }, ErrForm},
		{"text where bytes belong", func(r *http.Request) { r.Header.Set(value, `estelam="x"`) }, ErrForm},
		{"a huge input", edit(inputs, "", strings.Repeat(" ", 3000)), ErrForm},
		{"a huge signature", func(r *http.Request) { r.Header.Set(value, "estelam=:"+strings.Repeat("A", 4000)+":") }, ErrForm},
		{"no time", edit(inputs, ";created=1800000000", ""), ErrForm},
		{"a time that is text", edit(inputs, "created=1800000000", `created="now"`), ErrForm},
		{"a time that is a date", edit(inputs, "created=1800000000", "created=@1800000000"), ErrForm},
		{"an end that is text", edit(inputs, ";keyid", `;expires="x";keyid`), ErrForm},
		{"an algorithm that is a number", edit(inputs, `alg="ed25519"`, "alg=1"), ErrForm},
		{"no key", edit(inputs, `;keyid="`, `;nokey="`), ErrKey},
		{"a short key", edit(inputs, `;keyid="e3`, `;keyid="`), ErrKey},
		{"a key in capitals", edit(inputs, `;keyid="e3`, `;keyid="E3`), ErrKey},
		{"no method", edit(inputs, `"@method" `, ""), ErrCovers},
		{"no target", edit(inputs, `"@target-uri" `, ""), ErrCovers},
		{"no digest", edit(inputs, ` "content-digest"`, ""), ErrCovers},
		{"a component twice", edit(inputs, `("@method"`, `("@method" "@method"`), ErrCovers},
		{"a header of somebody's", edit(inputs, `("@method"`, `("cookie" "@method"`), ErrCovers},
		{"a header that is not there", edit(inputs, `("@method"`, `("idempotency-key" "@method"`), ErrCovers},
		{"a component with a parameter", edit(inputs, `"@method"`, `"@method";req`), ErrCovers},
		{"a component that is a token", edit(inputs, `"@method"`, `method`), ErrCovers},
		{"no digest header", func(r *http.Request) { r.Header.Del(digests) }, ErrDigest},
		{"two digest headers", func(r *http.Request) { r.Header.Add(digests, r.Header.Get(digests)) }, ErrDigest},
		{"a digest of something else", edit(digests, "sha-256=:", "sha-256=:AAAA"), ErrDigest},
		{"a digest of another kind", edit(digests, "sha-256", "sha-512"), ErrDigest},
		{"a digest that is text", func(r *http.Request) { r.Header.Set(digests, `sha-256="x"`) }, ErrDigest},
		{"a digest that is a list", func(r *http.Request) { r.Header.Set(digests, `sha-256=(:AAAA:)`) }, ErrDigest},
		{"a digest of nonsense", func(r *http.Request) { r.Header.Set(digests, "\x00") }, ErrDigest},
		{"another method", func(r *http.Request) { r.Method = http.MethodPut }, ErrWrong},
		{"another route", func(r *http.Request) { r.URL.Path = "/v1/inquiries/batch" }, ErrWrong},
		{"another service", func(r *http.Request) { r.Host = "other.example" }, ErrWrong},
		{"another time", edit(inputs, "created=1800000000", "created=1800000001"), ErrWrong},
		{"another algorithm", edit(inputs, "ed25519", ECDSA), ErrKey},
		{"a cut signature", func(r *http.Request) { r.Header.Set(value, "estelam=:AAAA:") }, ErrWrong},
		{"an empty signature", func(r *http.Request) { r.Header.Set(value, "estelam=::") }, ErrWrong},
	} {
		r := request(t, s)
		c.edit(r)
		got, err := Read(r, body)
		if err == nil {
			err = got.Verify(key.Public())
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, err, c.want)
		}
	}
	if _, err := Read(request(t, s), append(bytes.Clone(body), ' ')); !errors.Is(err, ErrDigest) {
		t.Errorf("another body: %v", err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ForCertificate(nil, p384); !errors.Is(err, ErrKey) {
		t.Errorf("a curve that the standard does not name here: %v", err)
	}
}

func TestFresh(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, c := range []struct {
		created, expires time.Duration
		fresh            bool
	}{
		{0, 0, true},
		{-Age, 0, true},
		{Age, 0, true},
		{-Age - time.Second, 0, false},
		{Age + time.Second, 0, false},
		{0, time.Second, true},
		{-time.Minute, -time.Second, false},
		{-24 * time.Hour, 0, false},
	} {
		s := Signed{Created: now.Add(c.created)}
		if c.expires != 0 {
			s.Expires = now.Add(c.expires)
		}
		if s.FreshAt(now) != c.fresh {
			t.Errorf("made %v ago, ends in %v: fresh is not %v", -c.created, c.expires, c.fresh)
		}
	}
}

// What somebody sends makes no panic, and nothing unsigned passes.
func FuzzRead(f *testing.F) {
	f.Add(`estelam=("@method" "@path" "content-digest");created=1;keyid="x"`, "estelam=:AAAA:", "sha-256=:AAAA:")
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	f.Fuzz(func(t *testing.T, input, value, digest string) {
		r := httptest.NewRequest(http.MethodPost, "/v1/inquiries", nil)
		r.Header.Set("Signature-Input", input)
		r.Header.Set("Signature", value)
		r.Header.Set("Content-Digest", digest)
		if s, err := Read(r, nil); err == nil && s.Verify(key.Public()) == nil {
			t.Error("a signature that nobody made")
		}
	})
}
