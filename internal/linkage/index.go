package linkage

import (
	"encoding/binary"
	"math/bits"
)

// An index finds the records of a key: buckets by the upper bits of the key's
// hash, and beside each record's ordinal sixteen more bits of the hash, so that
// records of other keys in the bucket are not even looked at.
type index struct {
	shift   uint   // of the hash, to its bucket
	offsets []byte // uint32 a bucket and one more: where it begins
	ids     []byte // uint32 an entry
	tags    []byte // uint16 an entry
}

const perBucket = 4

// bucketBits is how many bits of the hash choose the bucket among n entries.
func bucketBits(n int) uint {
	return uint(max(4, bits.Len(uint(n/perBucket))))
}

// buildIndex sorts entries into their buckets; hashes of 0 are left out.
func buildIndex(hashes []uint64) index {
	b := bucketBits(len(hashes))
	x := index{shift: 64 - b}
	begin := make([]uint32, 1<<b+1)
	n := 0
	for _, h := range hashes {
		if h != 0 {
			begin[h>>x.shift+1]++
			n++
		}
	}
	for i := 1; i < len(begin); i++ {
		begin[i] += begin[i-1]
	}
	x.offsets = make([]byte, 4*len(begin))
	for i, v := range begin {
		binary.LittleEndian.PutUint32(x.offsets[4*i:], v)
	}
	x.ids, x.tags = make([]byte, 4*n), make([]byte, 2*n)
	for id, h := range hashes {
		if h == 0 {
			continue
		}
		at := begin[h>>x.shift]
		begin[h>>x.shift]++
		binary.LittleEndian.PutUint32(x.ids[4*at:], uint32(id))
		binary.LittleEndian.PutUint16(x.tags[2*at:], uint16(h))
	}
	return x
}

// bucket is the range of entries that a hash falls into.
func (x *index) bucket(h uint64) (from, to uint32) {
	at := 4 * (h >> x.shift)
	return binary.LittleEndian.Uint32(x.offsets[at:]), binary.LittleEndian.Uint32(x.offsets[at+4:])
}

// find appends the ordinals of the records with a key; of more than limit it
// gives none, and all is false.
func (x *index) find(h uint64, dst []uint32, limit int) (ids []uint32, all bool) {
	from, to := x.bucket(h)
	tag, size := uint16(h), len(dst)
	for i := from; i < to; i++ {
		if binary.LittleEndian.Uint16(x.tags[2*i:]) != tag {
			continue
		}
		if len(dst)-size == limit {
			return dst[:size], false
		}
		dst = append(dst, binary.LittleEndian.Uint32(x.ids[4*i:]))
	}
	return dst, true
}

// count is how many records have a key.
func (x *index) count(h uint64) (n int) {
	from, to := x.bucket(h)
	for i := from; i < to; i++ {
		if binary.LittleEndian.Uint16(x.tags[2*i:]) == uint16(h) {
			n++
		}
	}
	return n
}
