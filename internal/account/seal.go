package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/estelam/estelam/internal/store"
)

// key seals what must be read again, and makes hashes of what must not. It
// stands in a file of its own beside the journal's keys: who has a copy of the
// database has no second factor. Lost, all authenticators and recovery codes
// must be set anew; passwords and passkeys go on.
type key struct {
	aead cipher.AEAD
	mac  [32]byte
}

const keyForm = "estelam-account-key/1"

func loadKey(path string) (*key, error) {
	line, err := store.Secret(path, func() string {
		var secret [32]byte
		_, _ = rand.Read(secret[:]) // never fails
		return keyForm + " " + base64.StdEncoding.EncodeToString(secret[:])
	})
	if err != nil {
		return nil, err
	}
	b64, ok := strings.CutPrefix(line, keyForm+" ")
	secret, err := base64.StdEncoding.Strict().DecodeString(b64)
	if !ok || err != nil || len(secret) != 32 {
		return nil, fmt.Errorf("account: the key file %s is not in its form", path)
	}
	return newKey(secret)
}

func newKey(secret []byte) (*key, error) {
	k := &key{mac: derived(secret, "mac")}
	sealing := derived(secret, "seal")
	block, err := aes.NewCipher(sealing[:])
	if err != nil {
		return nil, err
	}
	k.aead, err = cipher.NewGCMWithRandomNonce(block)
	return k, err
}

func derived(secret []byte, use string) [32]byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("estelam/account/" + use))
	return [32]byte(m.Sum(nil))
}

// bound ties what is sealed to its use and its officer: moved to another row it
// opens no more.
func bound(use string, w Who) []byte { return []byte(use + "/" + w.Agency.String() + "/" + w.Login) }

func (k *key) seal(use string, w Who, plain []byte) []byte {
	return k.aead.Seal(nil, nil, plain, bound(use, w))
}

func (k *key) open(use string, w Who, sealed []byte) ([]byte, error) {
	return k.aead.Open(nil, nil, sealed, bound(use, w))
}

// hash is what is kept of a secret that is only compared.
func (k *key) hash(use string, w Who, secret []byte) []byte {
	m := hmac.New(sha256.New, k.mac[:])
	m.Write(bound(use, w))
	m.Write(secret)
	return m.Sum(nil)
}
