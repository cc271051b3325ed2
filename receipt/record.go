package receipt

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Version is the format of records and leaves that is written today.
const Version = 1

// LeafSize is the length of a public leaf in bytes.
const LeafSize = 2 + sha256.Size

// leafDomain keeps the hash of a leaf apart from every other use of SHA-256.
const leafDomain = "estelam/leaf/v1"

// Leaf is the public leaf of a record:
//
//	version ‖ kind ‖ SHA-256("estelam/leaf/v1" ‖ salt ‖ SHA-256(record))
//
// The salt hides the record: without it all 10⁹ national numbers could be tried.
func Leaf(version byte, kind Kind, salt *[32]byte, record []byte) [LeafSize]byte {
	var in [len(leafDomain) + 32 + sha256.Size]byte
	inner := sha256.Sum256(record)
	copy(in[:], leafDomain)
	copy(in[len(leafDomain):], salt[:])
	copy(in[len(leafDomain)+32:], inner[:])
	outer := sha256.Sum256(in[:])
	var leaf [LeafSize]byte
	leaf[0], leaf[1] = version, byte(kind)
	copy(leaf[2:], outer[:])
	return leaf
}

// LeafHash is the hash of a leaf in the Merkle tree: SHA-256(0x00 ‖ leaf).
func LeafHash(leaf *[LeafSize]byte) tlog.Hash {
	var in [1 + LeafSize]byte
	copy(in[1:], leaf[:])
	return sha256.Sum256(in[:])
}

// timeLayout has a fixed width, so that records of one log differ in length
// only by what they say.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// Head is what the journal itself writes at the start of every record.
type Head struct {
	Log   string // origin of the log
	Index int64  // position in it, from 0
	Code  string // tracking code, 20 digits
	Time  time.Time
	Kind  Kind
}

// Len is the length of the appended head.
func (h *Head) Len() int {
	digits := 1
	for n := h.Index; n >= 10; n /= 10 {
		digits++
	}
	return len(`{"v":1,"log":"","index":,"code":"","time":"","kind":""`) + len(timeLayout) +
		len(h.Log) + digits + len(h.Code) + len(h.Kind.String())
}

// Append writes the head without the brace that closes the record.
func (h *Head) Append(dst []byte) []byte {
	dst = append(dst, `{"v":1,"log":"`...)
	dst = append(dst, h.Log...)
	dst = append(dst, `","index":`...)
	dst = strconv.AppendInt(dst, h.Index, 10)
	dst = append(dst, `,"code":"`...)
	dst = append(dst, h.Code...)
	dst = append(dst, `","time":"`...)
	dst = h.Time.UTC().AppendFormat(dst, timeLayout)
	dst = append(dst, `","kind":"`...)
	dst = append(dst, h.Kind.String()...)
	return append(dst, '"')
}

var errHead = errors.New("the record's head is not in its form")

// ParseHead reads the head of a canonical record and returns the members after
// it, without the comma before and the brace behind.
func ParseHead(record []byte) (Head, []byte, error) {
	var h Head
	rest, ok := record, true
	next := func(before, end string) string {
		var value []byte
		after, found := bytes.CutPrefix(rest, []byte(before))
		value, rest, _ = bytes.Cut(after, []byte(end))
		ok = ok && found
		return string(value)
	}
	h.Log = next(`{"v":1,"log":"`, `","index":`)
	index := next("", `,"code":"`)
	h.Code = next("", `","time":"`)
	at := next("", `","kind":"`)
	kind := next("", `"`)
	var err1, err2 error
	h.Index, err1 = parseDecimal(index)
	h.Time, err2 = time.Parse(timeLayout, at)
	var known bool
	h.Kind, known = ParseKind(kind)
	if !ok || !known || err1 != nil || err2 != nil || len(h.Code) != 20 {
		return Head{}, nil, errHead
	}
	body, closed := bytes.CutSuffix(rest, []byte("}"))
	if body, ok = bytes.CutPrefix(body, []byte(",")); !closed || !ok && len(body) > 0 {
		return Head{}, nil, errHead
	}
	return h, body, nil
}

// parseDecimal reads a number ≥ 0 without sign or leading zero, of at most 18
// digits: no sum or doubling of two of them overflows.
func parseDecimal(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || len(s) > 18 || strconv.FormatInt(n, 10) != s {
		return 0, errors.New("not a decimal number in its shortest form")
	}
	return n, nil
}
