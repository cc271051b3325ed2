// Package signature makes and reads the signatures that agencies put on their
// requests: HTTP Message Signatures (RFC 9421) over the digest of the body
// (RFC 9530).
//
// A signature covers at least the method, the target and the digest of the
// body, says when it was made, and names its key by the SHA-256 of the
// certificate (DER), in hex. It is Ed25519, ECDSA on P-256 with SHA-256, or
// RSA-PSS with SHA-512, as the certificate's key is. A request bears one
// signature or none.
//
// Whether a signature is fresh and whose certificate it names is for the caller
// to judge: see Signed.
package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What can be wrong with a signature. Errors hold nothing of the request.
var (
	ErrForm   = errors.New("signature: the headers are not in the form of RFC 9421")
	ErrCovers = errors.New("signature: it does not cover what it must, or covers what is not taken")
	ErrDigest = errors.New("signature: Content-Digest is not the SHA-256 of the body")
	ErrKey    = errors.New("signature: keyid is no SHA-256 of a certificate in hex, or the key is of another kind than alg says")
	ErrWrong  = errors.New("signature: the key did not make this signature over this request")
)

// The algorithms, as RFC 9421 registers them.
const (
	Ed25519 = "ed25519"
	ECDSA   = "ecdsa-p256-sha256"
	RSA     = "rsa-pss-sha512"
)

// algorithm is the one that goes with a public key.
func algorithm(key crypto.PublicKey) (string, error) {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return Ed25519, nil
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return ECDSA, nil
		}
	case *rsa.PublicKey:
		return RSA, nil
	}
	return "", ErrKey
}

// Signer signs requests with one key.
type Signer struct {
	Key   crypto.Signer
	ID    string   // keyid
	Label string   // of the signature, a structured field's key
	Cover []string // components in this order; content-digest must be among them
}

// ForCertificate is a Signer whose keyid is the certificate (DER) that the key
// belongs to.
func ForCertificate(der []byte, key crypto.Signer) (*Signer, error) {
	if _, err := algorithm(key.Public()); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(der)
	return &Signer{key, hex.EncodeToString(sum[:]), "estelam", []string{"@method", "@target-uri", "content-digest"}}, nil
}

// Sign puts Content-Digest, Signature-Input and Signature on a request with
// this body.
func (s *Signer) Sign(r *http.Request, body []byte, now time.Time) error {
	alg, err := algorithm(s.Key.Public())
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	r.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
	params := `("` + strings.Join(s.Cover, `" "`) + `");created=` + strconv.FormatInt(now.Unix(), 10) +
		`;keyid="` + s.ID + `";alg="` + alg + `"`
	base, err := base(r, s.Cover, params)
	if err != nil {
		return err
	}
	value, err := sign(s.Key, base)
	if err != nil {
		return err
	}
	r.Header.Set("Signature-Input", s.Label+"="+params)
	r.Header.Set("Signature", s.Label+"=:"+base64.StdEncoding.EncodeToString(value)+":")
	return nil
}

// base is what is signed, line by line (RFC 9421, section 2.5).
func base(r *http.Request, cover []string, params string) (string, error) {
	var b strings.Builder
	for _, name := range cover {
		value, ok := component(r, name)
		if !ok {
			return "", ErrCovers
		}
		b.WriteString(`"` + name + `": ` + value + "\n")
	}
	b.WriteString(`"@signature-params": ` + params)
	return b.String(), nil
}

// component is the value of a derived component or of a field that stands once.
func component(r *http.Request, name string) (value string, ok bool) {
	switch name {
	case "@method":
		return r.Method, true
	case "@scheme":
		return scheme(r), true
	case "@authority":
		return authority(r), true
	case "@path":
		if p := r.URL.EscapedPath(); p != "" {
			return p, true
		}
		return "/", true
	case "@query":
		return "?" + r.URL.RawQuery, true
	case "@target-uri":
		return scheme(r) + "://" + authority(r) + r.URL.RequestURI(), true
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10), r.ContentLength >= 0
	}
	if strings.HasPrefix(name, "@") {
		return "", false
	}
	lines := r.Header.Values(name)
	if len(lines) != 1 {
		return "", false
	}
	return strings.TrimSpace(lines[0]), true
}

func scheme(r *http.Request) string {
	switch {
	case r.URL.Scheme != "":
		return strings.ToLower(r.URL.Scheme)
	case r.TLS != nil:
		return "https"
	}
	return "http"
}

func authority(r *http.Request) string {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	port := ":443"
	if scheme(r) == "http" {
		port = ":80"
	}
	return strings.TrimSuffix(strings.ToLower(host), port)
}

// pss is RSA-PSS as RFC 9421 has it (section 3.3.1).
var pss = &rsa.PSSOptions{SaltLength: 64, Hash: crypto.SHA512}

func sign(key crypto.Signer, base string) ([]byte, error) {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(k, []byte(base)), nil
	case *ecdsa.PrivateKey:
		sum := sha256.Sum256([]byte(base))
		r, s, err := ecdsa.Sign(rand.Reader, k, sum[:])
		if err != nil {
			return nil, err
		}
		var value [64]byte // r and s, not ASN.1 (section 3.3.4)
		r.FillBytes(value[:32])
		s.FillBytes(value[32:])
		return value[:], nil
	case *rsa.PrivateKey:
		sum := sha512.Sum512([]byte(base))
		return rsa.SignPSS(rand.Reader, k, crypto.SHA512, sum[:], pss)
	}
	return nil, ErrKey
}

// Verify reports whether the owner of a key signed this base. Who has only the
// record of a signed request checks it with this.
func Verify(key crypto.PublicKey, base string, value []byte) error {
	right := false
	switch k := key.(type) {
	case ed25519.PublicKey:
		right = ed25519.Verify(k, []byte(base), value)
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return ErrKey
		}
		sum := sha256.Sum256([]byte(base))
		right = len(value) == 64 && ecdsa.Verify(k, sum[:], new(big.Int).SetBytes(value[:32]), new(big.Int).SetBytes(value[32:]))
	case *rsa.PublicKey:
		sum := sha512.Sum512([]byte(base))
		right = rsa.VerifyPSS(k, crypto.SHA512, sum[:], value, pss) == nil
	default:
		return ErrKey
	}
	if !right {
		return ErrWrong
	}
	return nil
}
