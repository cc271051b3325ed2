package ids

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"sync"
)

const (
	maxLog   = 999
	maxIndex = 99_999_999_999_999 // 14 digits

	left, right = 8, 9 // digits in FF1's halves, u and v of n = 17
	pow8        = 100_000_000
	pow9        = 1_000_000_000
	pow14       = 100_000_000_000_000
)

// CodeKey makes and opens the tracking codes of one key epoch. It may be used
// by any number of goroutines.
type CodeKey struct {
	epoch uint64
	block cipher.Block
	first [16]byte  // AES of FF1's P, which is the same for every code
	pool  sync.Pool // scratch blocks: through the interface they would escape
}

// NewCodeKey expands an AES-256 key for an epoch from 1 to 9.
func NewCodeKey(epoch int, key [32]byte) (*CodeKey, error) {
	if epoch < 1 || epoch > 9 {
		return nil, fmt.Errorf("epoch %d of a code key is not 1–9", epoch)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	k := &CodeKey{epoch: uint64(epoch), block: block}
	k.pool.New = func() any { return new([16]byte) }
	p := ff1P(10, left+right, left, 0)
	block.Encrypt(k.first[:], p[:])
	return k, nil
}

// Code is the tracking code of the entry at index of log. Log is 0–999 and
// index below 10¹⁴; anything else is a mistake in the program and panics.
func (k *CodeKey) Code(log int, index int64) TrackingCode {
	var b [codeLength]byte
	return TrackingCode(k.AppendCode(b[:0], log, index))
}

// AppendCode is Code without an allocation.
func (k *CodeKey) AppendCode(dst []byte, log int, index int64) []byte {
	if log < 0 || log > maxLog || index < 0 || index > maxIndex {
		panic(fmt.Sprintf("ids: no tracking code for log %d, index %d", log, index))
	}
	v := k.epoch*pow8*pow9 + k.encrypt(uint64(log)*pow14+uint64(index))
	return appendDecimal(appendDecimal(dst, v, 18), mod97(v), 2)
}

// Open gives the entry that c names. It is not ok if c is malformed or of
// another epoch. A code with right check digits always opens to something:
// genuine is only what lies below the log's size.
func (k *CodeKey) Open(c TrackingCode) (log int, index int64, ok bool) {
	if !c.Valid() || c.Epoch() != int(k.epoch) {
		return 0, 0, false
	}
	v := uint64(0)
	for i := 1; i < 18; i++ {
		v = 10*v + uint64(c[i]-'0')
	}
	v = k.decrypt(v)
	return int(v / pow14), int64(v % pow14), true
}

// encrypt is FF1 for 17 decimal digits and an empty tweak in 64-bit arithmetic.
// A round's Q and P are one block each, d is 8 bytes, so one AES call and one
// addition modulo 10⁸ or 10⁹ are all of it.
func (k *CodeKey) encrypt(v uint64) uint64 {
	s := k.pool.Get().(*[16]byte)
	a, b := v/pow9, v%pow9
	for i := byte(0); i < 10; i += 2 {
		a = (a + k.round(s, i, b)) % pow8
		b = (b + k.round(s, i+1, a)) % pow9
	}
	k.pool.Put(s)
	return a*pow9 + b
}

func (k *CodeKey) decrypt(v uint64) uint64 {
	s := k.pool.Get().(*[16]byte)
	a, b := v/pow9, v%pow9
	for i := byte(10); i > 0; i -= 2 {
		b = (b + pow9 - k.round(s, i-1, a)%pow9) % pow9
		a = (a + pow8 - k.round(s, i-2, b)%pow8) % pow8
	}
	k.pool.Put(s)
	return a*pow9 + b
}

// round is y of round i over half: NUM of the first 8 bytes of AES(AES(P) ⊕ Q),
// where Q is eleven zeros, i, and four bytes of half. It leaves room for the
// addition of half without overflow.
func (k *CodeKey) round(s *[16]byte, i byte, half uint64) uint64 {
	*s = k.first
	s[11] ^= i
	binary.BigEndian.PutUint32(s[12:], binary.BigEndian.Uint32(s[12:])^uint32(half))
	k.block.Encrypt(s[:], s[:])
	return binary.BigEndian.Uint64(s[:8]) % (pow8 * pow9)
}
