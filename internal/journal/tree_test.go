package journal

import (
	"bytes"
	"encoding/binary"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// oracle is a tree kept by x/mod's own code.
type oracle struct{ hashes []tlog.Hash }

func (o *oracle) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		list[i] = o.hashes[n]
	}
	return list, nil
}

func (o *oracle) add(t *rapid.T, n int64, h tlog.Hash) {
	more, err := tlog.StoredHashesForRecordHash(n, h, o)
	if err != nil {
		t.Fatal(err)
	}
	o.hashes = append(o.hashes, more...)
}

func leafHashes(from, n int64) []tlog.Hash {
	list := make([]tlog.Hash, n)
	for i := range list {
		list[i] = tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(from)+uint64(i)))
	}
	return list
}

// TestTreeIsThatOfXMod grows a tree in random steps, some of them taken back,
// and compares every root, path, tile and edge with x/mod's.
func TestTreeIsThatOfXMod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var mine tree
		var theirs oracle
		steps := rapid.SliceOfN(rapid.Int64Range(1, 700), 1, 8).Draw(t, "steps")
		if rapid.Bool().Draw(t, "large") {
			steps = append(steps, 66_000) // into the third level of tiles
		}
		for _, n := range steps {
			old := mine.size
			if rapid.IntRange(0, 3).Draw(t, "cut") == 0 {
				mine.grow(leafHashes(1<<40, n))
				mine.cut(old)
			}
			leaves := leafHashes(old, n)
			mine.grow(leaves)
			for i, h := range leaves {
				theirs.add(t, old+int64(i), h)
			}
			compare(t, &mine, &theirs, old)
			mine.settle()
			compareEdge(t, &mine, &theirs)
		}
	})
}

func compare(t *rapid.T, mine *tree, theirs *oracle, old int64) {
	s := mine.shape()
	root, err := tlog.TreeHash(mine.size, theirs)
	if err != nil || s.root() != root {
		t.Fatalf("root of %d: %v %v", mine.size, s.root(), err)
	}
	for n := old; n < mine.size; n += 1 + (mine.size-old)/50 {
		want, err := tlog.ProveRecord(mine.size, n, theirs)
		if err != nil {
			t.Fatal(err)
		}
		got := s.path(nil, n)
		if len(got) != len(want) {
			t.Fatalf("path of %d in %d has %d hashes, not %d", n, mine.size, len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("path of %d in %d differs at %d", n, mine.size, i)
			}
		}
	}
	filled := map[tlog.Tile]bool{}
	mine.filled(old, func(level int, n int64, hashes []tlog.Hash) {
		tile := tlog.Tile{H: tileHeight, L: level, N: n, W: tileWidth}
		want, err := tlog.ReadTileData(tile, theirs)
		if err != nil || !bytes.Equal(flat(hashes), want) {
			t.Fatalf("tile %v differs: %v", tile, err)
		}
		filled[tile] = true
		if tileRoot(want) != tlog.Hash(theirs.hashes[tlog.StoredHashIndex((level+1)*tileHeight, n)]) {
			t.Fatalf("the root of tile %v differs", tile)
		}
	})
	for _, tile := range tlog.NewTiles(tileHeight, old, mine.size) {
		if tile.W == tileWidth && !filled[tile] {
			t.Fatalf("tile %v is not filled from %d to %d", tile, old, mine.size)
		}
	}
}

func compareEdge(t *rapid.T, mine *tree, theirs *oracle) {
	kept := 0
	for i := range mine.levels {
		kept += len(mine.levels[i].hashes)
	}
	if kept > 511*(1+maxLevel/tileHeight) {
		t.Fatalf("%d hashes are kept", kept)
	}
	for level, hashes := range mine.edge() {
		if len(hashes) == 0 {
			continue
		}
		tile := tlog.Tile{H: tileHeight, L: level, N: mine.size >> (level*tileHeight + tileHeight), W: len(hashes)}
		want, err := tlog.ReadTileData(tile, theirs)
		if err != nil || !bytes.Equal(flat(hashes), want) {
			t.Fatalf("edge %v differs: %v", tile, err)
		}
	}
}

// TestSpanIsMinimalAndRight checks the proof of a unit by computing the root
// from it, with the definition of RFC 6962 alone.
func TestSpanIsMinimalAndRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 3000).Draw(t, "size")
		first := rapid.Int64Range(0, size-1).Draw(t, "first")
		end := rapid.Int64Range(first+1, size).Draw(t, "end")
		leaves := leafHashes(0, size)
		var mine tree
		mine.grow(leaves)
		s := mine.shape()
		left, right := s.span(first, end)
		var mth func(lo, hi int64) tlog.Hash
		mth = func(lo, hi int64) tlog.Hash {
			switch {
			case hi <= first:
				h := left[0]
				left = left[1:]
				return h
			case lo >= end:
				h := right[0]
				right = right[1:]
				return h
			case hi-lo == 1:
				return leaves[lo]
			}
			k := split(hi - lo)
			return tlog.NodeHash(mth(lo, lo+k), mth(lo+k, hi))
		}
		if mth(0, size) != s.root() || len(left)+len(right) > 0 {
			t.Fatalf("span %d–%d of %d is wrong", first, end, size)
		}
	})
}

func TestEmptyTree(t *testing.T) {
	want, err := tlog.TreeHash(0, &oracle{})
	if err != nil || new(tree).shape().root() != want {
		t.Fatalf("the root of nothing is not %v: %v", want, err)
	}
}
