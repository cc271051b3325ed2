package feed

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/signature"
)

// keyForm is how the key that signs calls stands in its file, one line:
//
//	estelam-webhook-key/1 <base64 of the 32-byte Ed25519 seed>
const keyForm = "estelam-webhook-key/1"

// LoadKey reads the node's key for signing calls from a file that nobody else may
// read, and makes it where there is none. A lost key costs nothing but that
// agencies look up the new one.
func LoadKey(path string) (ed25519.PrivateKey, error) {
	line, err := store.Secret(path, func() string {
		var seed [ed25519.SeedSize]byte
		_, _ = rand.Read(seed[:]) // never fails
		return keyForm + " " + base64.StdEncoding.EncodeToString(seed[:])
	})
	if err != nil {
		return nil, err
	}
	b64, ok := strings.CutPrefix(line, keyForm+" ")
	seed, err := base64.StdEncoding.Strict().DecodeString(b64)
	if !ok || err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("feed: the key file %s is not in its form", path)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// keyID names a public key: the first eight bytes of its SHA-256, in hex.
func keyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// sign puts the signature on a call, in the form of RFC 9421 with the digest of
// RFC 9530. What is signed, line by line, without a line feed at its end:
//
//	"@method": POST
//	"@authority": host of the address in small letters, with the port unless it is 443
//	"content-digest": sha-256=:<base64 of SHA-256 of the body>:
//	"estelam-call": <id of the call>
//	"@signature-params": ("@method" "@authority" "content-digest" "estelam-call");created=<seconds>;keyid="<id>";alg="ed25519"
func sign(r *http.Request, body []byte, id string, now time.Time, key ed25519.PrivateKey) error {
	r.Header.Set("Estelam-Call", id)
	s := signature.Signer{
		Key: key, ID: keyID(key.Public().(ed25519.PublicKey)), Label: "estelam",
		Cover: []string{"@method", "@authority", "content-digest", "estelam-call"},
	}
	return s.Sign(r, body, now)
}
