package journal

import (
	"math/bits"
	"sync/atomic"
)

// filter knows which keys are certainly not in the projections, so that a new
// key, which nearly every key is, costs no look-up: a Bloom filter that grows
// by layers, each twice as large as the one before. Of the keys that are not
// there about one in two thousand is said to be, and is then looked up.
//
// One goroutine adds; any number may ask at the same time.
type filter struct {
	layers atomic.Pointer[[]*layer]
	keys   atomic.Int64 // of all layers
}

// layer is blocks of 512 bits, one cache line each; a key sets eight bits of
// one block.
type layer struct {
	blocks []block512
	room   int // keys that it will still take
}

type block512 [8]atomic.Uint64

const (
	firstLayer    = 1 << 16 // keys
	keysOfBlock   = 24      // 21 bits a key
	maxFilterKeys = 1 << 26 // 180 MB; beyond, every key is looked up
)

// mix spreads a key's hash over block and bits.
func mix(key int64) (block, in uint64) {
	h := uint64(key) * 0x9e3779b97f4a7c15
	h ^= h >> 29
	return h, bits.RotateLeft64(uint64(key), 32) * 0xbf58476d1ce4e5b9
}

// add takes a key in.
func (f *filter) add(key int64) {
	if f.keys.Add(1) > maxFilterKeys {
		return
	}
	var all []*layer
	if p := f.layers.Load(); p != nil {
		all = *p
	}
	if len(all) == 0 || all[len(all)-1].room == 0 {
		room := firstLayer << len(all)
		all = append(all[:len(all):len(all)], &layer{blocks: make([]block512, room/keysOfBlock+1), room: room})
		f.layers.Store(&all)
	}
	l := all[len(all)-1]
	l.room--
	h, in := mix(key)
	b := l.block(h)
	for i := range b {
		b[i].Or(1 << (in >> (6 * i) & 63)) // one bit of each word
	}
}

// maybe is false only if the key has never been added.
func (f *filter) maybe(key int64) bool {
	p := f.layers.Load()
	if p == nil {
		return false
	}
	h, in := mix(key)
	for _, l := range *p {
		if l.block(h).has(in) {
			return true
		}
	}
	return false
}

func (l *layer) block(h uint64) *block512 {
	n, _ := bits.Mul64(h, uint64(len(l.blocks)))
	return &l.blocks[n]
}

func (b *block512) has(in uint64) bool {
	for i := range b {
		if b[i].Load()>>(in>>(6*i)&63)&1 == 0 {
			return false
		}
	}
	return true
}
