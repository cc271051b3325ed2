package page

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
)

// sealer makes references for addresses out of values that must not stand
// there, such as national numbers. Only the officer for whom a reference was
// made can use it, and only until the program is started anew: nothing is kept.
type sealer struct{ aead cipher.AEAD }

func newSealer() *sealer {
	var key [32]byte
	_, _ = rand.Read(key[:]) // crypto/rand.Read never fails
	block, _ := aes.NewCipher(key[:])
	aead, _ := cipher.NewGCMWithRandomNonce(block) // of a block of 16 bytes it always can be made
	return &sealer{aead}
}

// Seal makes a reference of a value for the visitor's eyes. use keeps
// references of one kind from being taken for another, such as "person".
func (v *Visit) Seal(use, value string) string {
	return base64.RawURLEncoding.EncodeToString(v.sealer.aead.Seal(nil, nil, []byte(value), v.bound(use)))
}

// Unseal is the value of a reference; a strange or outdated one is not found.
func (v *Visit) Unseal(use, ref string) (string, error) {
	data, err := base64.RawURLEncoding.DecodeString(ref)
	if err != nil || len(data) > 1024 {
		return "", NotFound()
	}
	value, err := v.sealer.aead.Open(nil, nil, data, v.bound(use))
	if err != nil {
		return "", NotFound()
	}
	return string(value), nil
}

// bound ties a reference to who may use it.
func (v *Visit) bound(use string) []byte {
	if v.Asker == nil {
		return []byte(use)
	}
	return []byte(use + "\x00" + v.Asker.Agency.ID.String() + "\x00" + v.Asker.Officer.Login)
}
