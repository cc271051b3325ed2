package synth

import "math/bits"

// dice are splitmix64: small, fast, and the same everywhere and for ever.
type dice struct{ state uint64 }

// What dice are thrown for. The values are part of the algorithm.
const (
	forPersons uint64 = iota + 1
	forPlaces
	forStreets
	forBuildings
	forDirt
	forLeavingOut
)

// throw gives the dice of one thing: the same for the same seed, purpose and index.
func throw(seed, purpose, index uint64) dice {
	d := dice{seed}
	d.state = d.next() ^ purpose
	d.state = d.next() ^ index
	d.next()
	return d
}

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number from 0 to n-1; n must be positive.
func (d *dice) below(n int) int {
	hi, _ := bits.Mul64(d.next(), uint64(n))
	return int(hi)
}

// chance is true n times in ten thousand.
func (d *dice) chance(n int) bool { return d.below(10_000) < n }

// table draws an index by weight.
type table []uint32 // running sums

// weigh makes a table of n weights.
func weigh(n int, weight func(i int) int) table {
	t, sum := make(table, n), uint32(0)
	for i := range t {
		sum += uint32(weight(i))
		t[i] = sum
	}
	return t
}

func (t table) draw(d *dice) int {
	x := uint32(d.below(int(t[len(t)-1])))
	lo, hi := 0, len(t)-1
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); x < t[mid] {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// share gives the first of n things that belongs to the part of the whole that
// begins at sum: parts of a whole get what they weigh, rounded so that no thing
// is lost.
func share(n int, sum, whole int64) int {
	hi, lo := bits.Mul64(uint64(n), uint64(sum))
	q, _ := bits.Div64(hi, lo, uint64(whole))
	return int(q)
}
