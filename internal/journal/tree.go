package journal

import (
	"golang.org/x/mod/sumdb/tlog"
)

// Tiles are as c2sp.org/tlog-tiles has them.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	maxLevel   = 48 // 10¹⁴ entries need 47 levels
)

// tree is the right edge of a Merkle tree, as much of it as new entries need.
//
// On each level it holds the hashes of the complete subtrees of 2^level leaves
// that lie in the tile being filled there: at most 511 hashes for each eight
// levels, however large the tree is. Everything further left that a path of a
// new entry can touch is among them (its left siblings are peaks of the tree
// before it, and a peak never lies further left than its tile).
//
// Between grow and settle the hashes of the batch are there as well.
type tree struct {
	size   int64
	levels [maxLevel]level
}

// level holds the hashes from number base on.
type level struct {
	base   int64
	hashes []tlog.Hash
}

func (l *level) end() int64 { return l.base + int64(len(l.hashes)) }

func (l *level) at(n int64) tlog.Hash { return l.hashes[n-l.base] }

// grow appends leaf hashes and completes the subtrees above them.
func (t *tree) grow(leaves []tlog.Hash) {
	t.size += int64(len(leaves))
	low := &t.levels[0]
	low.hashes = append(low.hashes, leaves...)
	t.complete(1)
}

// complete computes all complete subtrees from level on upwards.
func (t *tree) complete(from int) {
	for i := from; i < maxLevel; i++ {
		below, l := &t.levels[i-1], &t.levels[i]
		if t.size>>i == l.end() {
			return
		}
		for n := l.end(); n < t.size>>i; n++ {
			l.hashes = append(l.hashes, tlog.NodeHash(below.at(2*n), below.at(2*n+1)))
		}
	}
}

// cut takes back what grow has appended since settle.
func (t *tree) cut(size int64) {
	t.size = size
	for i := range t.levels {
		l := &t.levels[i]
		if keep := size>>i - l.base; keep < int64(len(l.hashes)) {
			l.hashes = l.hashes[:keep]
		}
	}
}

// filled calls f for each tile that became full since the tree had size old.
func (t *tree) filled(old int64, f func(level int, n int64, hashes []tlog.Hash)) {
	for level := 0; level*tileHeight < maxLevel; level++ {
		l := &t.levels[level*tileHeight]
		shift := (level + 1) * tileHeight
		for n := old >> shift; n < t.size>>shift; n++ {
			from := n*tileWidth - l.base
			f(level, n, l.hashes[from:from+tileWidth])
		}
	}
}

// settle drops what lies left of the tiles being filled. Arrays that readers
// may hold (those of the tiles' own levels) are never overwritten.
func (t *tree) settle() {
	for i := range t.levels {
		l := &t.levels[i]
		tile := t.size >> (i/tileHeight*tileHeight + tileHeight) // being filled
		base := tile << (tileHeight - i%tileHeight)
		if base == l.base {
			continue
		}
		keep := l.hashes[base-l.base:]
		if i%tileHeight == 0 {
			l.hashes = append(make([]tlog.Hash, 0, tileWidth), keep...)
		} else {
			l.hashes = append(l.hashes[:0], keep...)
		}
		l.base = base
	}
}

// edge is the hashes of the tiles being filled, one list a tile level. The
// lists are never overwritten, so readers may keep them.
func (t *tree) edge() [][]tlog.Hash {
	var edge [][]tlog.Hash
	for i := 0; i < maxLevel && t.size>>i > 0; i += tileHeight {
		l := &t.levels[i]
		edge = append(edge, l.hashes[:len(l.hashes):len(l.hashes)])
	}
	return edge
}

// shape is a tree of a size whose complete subtrees can be looked up. It is
// all that proofs need, so they are made the same way from memory and from
// stored tiles.
type shape struct {
	size int64
	node func(level int, n int64) tlog.Hash // complete subtree n of 2^level leaves
	// rest[i] is the hash of the leaves that follow the last complete subtree
	// of level i; of no meaning where the size divides by 2^i.
	rest [maxLevel + 1]tlog.Hash
}

// shapeOf computes the ragged right edge once: every path then costs nothing
// but copying.
func shapeOf(size int64, node func(level int, n int64) tlog.Hash) *shape {
	s := &shape{size: size, node: node}
	for i := range maxLevel {
		n := size >> i
		switch {
		case n&1 == 0:
			s.rest[i+1] = s.rest[i]
		case size&(1<<i-1) == 0: // nothing ragged below
			s.rest[i+1] = node(i, n-1)
		default:
			s.rest[i+1] = tlog.NodeHash(node(i, n-1), s.rest[i])
		}
		if n <= 1 {
			s.rest[maxLevel] = s.rest[i+1]
			break
		}
	}
	return s
}

func (t *tree) shape() *shape {
	return shapeOf(t.size, func(level int, n int64) tlog.Hash { return t.levels[level].at(n) })
}

// root of the tree; that of no leaves is SHA-256 of nothing (RFC 6962).
func (s *shape) root() tlog.Hash {
	if s.size == 0 {
		return emptyRoot
	}
	return s.rest[maxLevel]
}

// path appends the inclusion path of leaf n, from its sibling upwards.
func (s *shape) path(dst []tlog.Hash, n int64) []tlog.Hash {
	for level := 0; s.size>>level > 0 && (s.size-1)>>level > 0; level++ {
		complete := s.size >> level
		switch sibling := n>>level ^ 1; {
		case sibling < complete:
			dst = append(dst, s.node(level, sibling))
		case sibling == complete && s.size&(1<<level-1) != 0:
			dst = append(dst, s.rest[level])
		}
	}
	return dst
}

// span gives what receipt.Batch needs for the leaves first … end−1: the largest
// subtrees wholly before and wholly behind them, from left to right.
func (s *shape) span(first, end int64) (left, right []tlog.Hash) {
	s.walk(0, s.size, first, end, &left, &right)
	return left, right
}

func (s *shape) walk(lo, hi, first, end int64, left, right *[]tlog.Hash) {
	switch {
	case hi <= first:
		*left = append(*left, s.subtree(lo, hi))
	case lo >= end:
		*right = append(*right, s.subtree(lo, hi))
	case lo >= first && hi <= end: // inside: the verifier has the leaves
	default:
		mid := lo + split(hi-lo)
		s.walk(lo, mid, first, end, left, right)
		s.walk(mid, hi, first, end, left, right)
	}
}

// subtree is the hash over the leaves lo … hi−1, where hi−lo is a power of two
// or hi is the size of the tree.
func (s *shape) subtree(lo, hi int64) tlog.Hash {
	level := 0
	for 1<<level < hi-lo {
		level++
	}
	if 1<<level == hi-lo {
		return s.node(level, lo>>level)
	}
	return s.rest[level]
}

// split is the largest power of two below n.
func split(n int64) int64 {
	half := int64(1)
	for half*2 < n {
		half *= 2
	}
	return half
}
