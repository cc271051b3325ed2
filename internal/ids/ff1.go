package ids

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"math/big"
)

// ff1 is FF1 of NIST SP 800-38G, encryption (algorithm 7) or decryption (8), as
// the document has it, for numeral strings of any length and radix up to 65536.
// It is the measure for CodeKey's short path and is held to NIST's samples.
func ff1(block cipher.Block, radix int, tweak []byte, x []uint16, decrypt bool) ([]uint16, error) {
	n := len(x)
	if radix < 2 || radix > 1<<16 || n < 2 || n > 1<<20 || len(tweak) > 1<<20 {
		return nil, errors.New("ff1: radix or length out of range")
	}
	u := n / 2
	v := n - u
	pow := func(m int) *big.Int {
		return new(big.Int).Exp(big.NewInt(int64(radix)), big.NewInt(int64(m)), nil)
	}
	a, b := numeral(x[:u], radix), numeral(x[u:], radix)
	size := (new(big.Int).Sub(pow(v), big.NewInt(1)).BitLen() + 7) / 8 // b: bytes of a half
	p := ff1P(radix, n, u, len(tweak))
	for round := range 10 {
		i, m := round, u
		if decrypt {
			i = 9 - round
			a, b = b, a
		}
		if i%2 == 1 {
			m = v
		}
		y := ff1Y(block, p, tweak, i, b, size)
		if decrypt {
			a.Sub(a, y)
		} else {
			a.Add(a, y)
		}
		a.Mod(a, pow(m))
		if !decrypt {
			a, b = b, a
		}
	}
	return append(numerals(a, radix, u), numerals(b, radix, v)...), nil
}

// ff1P is the block P of step 5.
func ff1P(radix, n, u, tweak int) (p [16]byte) {
	p[0], p[1], p[2] = 1, 2, 1
	p[3], p[4], p[5] = byte(radix>>16), byte(radix>>8), byte(radix)
	p[6], p[7] = 10, byte(u)
	binary.BigEndian.PutUint32(p[8:], uint32(n))
	binary.BigEndian.PutUint32(p[12:], uint32(tweak))
	return p
}

// ff1Y is y of steps 6.i–6.iv: the number in the first d bytes of S.
func ff1Y(block cipher.Block, p [16]byte, tweak []byte, i int, half *big.Int, size int) *big.Int {
	q := append([]byte(nil), tweak...)
	for (len(q)+1+size)%16 != 0 {
		q = append(q, 0)
	}
	q = append(q, byte(i))
	q = append(q, half.FillBytes(make([]byte, size))...)

	var r [16]byte // PRF: the last block of CBC-MAC over P ‖ Q
	block.Encrypt(r[:], p[:])
	for ; len(q) > 0; q = q[16:] {
		for j := range r {
			r[j] ^= q[j]
		}
		block.Encrypt(r[:], r[:])
	}
	d := 4*((size+3)/4) + 4
	s := append([]byte(nil), r[:]...)
	for j := 1; len(s) < d; j++ {
		next := r
		binary.BigEndian.PutUint32(next[12:], binary.BigEndian.Uint32(next[12:])^uint32(j))
		block.Encrypt(next[:], next[:])
		s = append(s, next[:]...)
	}
	return new(big.Int).SetBytes(s[:d])
}

func numeral(x []uint16, radix int) *big.Int {
	n, base := new(big.Int), big.NewInt(int64(radix))
	for _, d := range x {
		n.Add(n.Mul(n, base), big.NewInt(int64(d)))
	}
	return n
}

func numerals(n *big.Int, radix, width int) []uint16 {
	x := make([]uint16, width)
	base, d, rest := big.NewInt(int64(radix)), new(big.Int), new(big.Int).Set(n)
	for i := width - 1; i >= 0; i-- {
		rest.DivMod(rest, base, d)
		x[i] = uint16(d.Uint64())
	}
	return x
}
