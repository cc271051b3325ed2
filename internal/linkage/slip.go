package linkage

import (
	"slices"
	"strings"
)

// oneSlip reports whether one letter inserted, left out or replaced, or two
// beside each other that changed places, make b of a.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	switch {
	case i == len(a):
		return false // equal
	case a[i+1:] == b[i+1:]:
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// slips is the number of slips between two texts, or limit+1 if it is greater
// than limit (at most 3).
func slips(a, b string, limit int) int {
	const longest = 64
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit || len(b) > longest {
		return limit + 1
	}
	var buf [3][longest + 1]int8
	before, last, row := &buf[0], &buf[1], &buf[2]
	for j := range len(b) + 1 {
		last[j] = int8(j)
	}
	for i := 1; i <= len(a); i++ {
		row[0] = int8(i)
		least := row[0]
		for j := 1; j <= len(b); j++ {
			cost := int8(1)
			if a[i-1] == b[j-1] {
				cost = 0
			}
			v := min(last[j-1]+cost, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				v = min(v, before[j-2]+1)
			}
			row[j] = v
			least = min(least, v)
		}
		if int(least) > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(int(last[len(b)]), limit+1)
}

// neighbours finds the spellings of a dictionary that are one slip from a text:
// each stands under itself and under itself without one of its letters.
type neighbours struct {
	hashes []uint64
	ids    []uint32
}

const shortest = 3 // letters; shorter texts have too many neighbours to mean anything

func newNeighbours(entries []spelling) *neighbours {
	type pair struct {
		hash uint64
		id   uint32
	}
	var all []pair
	for i := range entries {
		c := entries[i].codes
		if len(c) < shortest || len(c) > 40 {
			continue
		}
		without(c, func(h uint64) { all = append(all, pair{h, uint32(i + 1)}) })
	}
	slices.SortFunc(all, func(a, b pair) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return int(a.id) - int(b.id)
	})
	n := &neighbours{make([]uint64, len(all)), make([]uint32, len(all))}
	for i, p := range all {
		n.hashes[i], n.ids[i] = p.hash, p.id
	}
	return n
}

// without calls f with the hash of a text and of each way to leave out one letter.
func without(s string, f func(uint64)) {
	f(hashText(s))
	var buf [48]byte
	for i := range len(s) {
		if i > 0 && s[i] == s[i-1] {
			continue
		}
		b := append(append(buf[:0], s[:i]...), s[i+1:]...)
		f(hashText(string(b)))
	}
}

// of calls f with the number of each spelling one slip away.
func (n *neighbours) of(entries []spelling, s string, f func(id uint32)) {
	if len(s) < shortest || len(s) > 40 {
		return
	}
	var seen []uint32
	without(s, func(h uint64) {
		i, _ := slices.BinarySearch(n.hashes, h)
		for ; i < len(n.hashes) && n.hashes[i] == h; i++ {
			id := n.ids[i]
			if !slices.Contains(seen, id) && oneSlip(s, entries[id-1].codes) {
				seen = append(seen, id)
				f(id)
			}
		}
	})
}

// shareWord reports whether one of two texts of several words has all words of
// the other, or the same ones in another order.
func shareWord(a, b string) bool {
	if !strings.Contains(a, " ") && !strings.Contains(b, " ") {
		return false
	}
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	for _, w := range x {
		if !slices.Contains(y, w) {
			return false
		}
	}
	return true
}
