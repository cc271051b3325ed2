package journal

import (
	"bytes"
	"context"
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// stored is a batch as its row has it.
type stored struct {
	first   int64 // index of its first entry
	n       int
	epoch   int64
	time    int64
	root    tlog.Hash
	leaves  []byte
	private []byte // nil: purged
}

// loadHead rebuilds the right edge of a log's tree: the tiles being filled,
// from at most 255 leaves and 255 tiles a level. However large the log is,
// nothing else is read. The root must be the one that the last batch states,
// and the last batch must be in the tree with every leaf and record.
func (j *Journal) loadHead(ctx context.Context, l *log) (t *tree, h *head, err error) {
	t, h = &tree{}, &head{root: emptyRoot}
	err = j.db.Read(ctx, func(tx *store.Tx) error {
		last, err := readLast(tx, l)
		if err != nil || last == nil {
			return err
		}
		t.size = last.first + int64(last.n)
		if err := loadEdge(tx, l, t); err != nil {
			return err
		}
		h.size, h.time, h.root = t.size, last.time, t.shape().root()
		if h.root != last.root {
			return altered("log %d: the tree of %d entries has not the root that its last batch states", l.number, t.size)
		}
		if err := last.check(l); err != nil {
			return err
		}
		return checkTiles(tx, l, t, last)
	})
	h.edge = t.edge()
	return t, h, err
}

// readLast reads the newest batch of a log; nil if there is none.
func readLast(tx *store.Tx, l *log) (*stored, error) {
	var id, n, epoch, at int64
	var root []byte
	found, err := tx.One(lastBatch, []any{l.base(), l.base() + logSpan}, &id, &n, &epoch, &at, &root)
	if err != nil || !found {
		return nil, err
	}
	var last *stored
	err = eachBatch(tx, l, id-l.base(), 1, func(b *stored) error { last = b; return nil })
	return last, err
}

// eachBatch reads up to limit batches of a log in order, from the one that
// begins at index first. The blobs belong to the callee.
func eachBatch(tx *store.Tx, l *log, first int64, limit int, f func(*stored) error) error {
	return tx.Each(batchesFrom, []any{l.base() + first, l.base() + logSpan, limit}, func(scan func(...any) error) error {
		var b stored
		var id int64
		var root []byte
		if err := scan(&id, &b.n, &b.epoch, &b.time, &root, &b.leaves, &b.private); err != nil {
			return err
		}
		if len(root) != tlog.HashSize || b.n <= 0 || len(b.leaves) != b.n*receipt.LeafSize {
			return altered("log %d: batch %d is not in its form", l.number, id-l.base())
		}
		b.first, b.root = id-l.base(), tlog.Hash(root)
		return f(&b)
	})
}

// leafHash is the tree's hash of leaf i of the batch.
func (b *stored) leafHash(i int) tlog.Hash {
	return receipt.LeafHash((*[receipt.LeafSize]byte)(b.leaves[i*receipt.LeafSize:]))
}

// check compares the private part with the leaves.
func (b *stored) check(l *log) error {
	if b.private == nil {
		return nil
	}
	p, err := parsePrivate(b.private, b.n)
	if err != nil {
		return altered("log %d, batch %d: %w", l.number, b.first, err)
	}
	for i := range b.n {
		if _, _, err := b.entry(l, p, i); err != nil {
			return err
		}
	}
	return nil
}

// entry reads entry i and compares its record with its leaf: a record that is
// not the one that was committed is never handed on.
func (b *stored) entry(l *log, p private, i int) (meta, []byte, error) {
	m, record, err := parseMeta(p.item(i))
	if err != nil {
		return m, nil, altered("log %d, entry %d: %w", l.number, b.first+int64(i), err)
	}
	have := b.leaves[i*receipt.LeafSize : (i+1)*receipt.LeafSize]
	want := receipt.Leaf(have[0], receipt.Kind(have[1]), p.salt(i), record)
	if have[0] != receipt.Version || !bytes.Equal(have, want[:]) {
		return m, nil, altered("log %d, entry %d: the record is not the one of its leaf", l.number, b.first+int64(i))
	}
	return m, record, nil
}

// loadEdge fills the levels of t, whose size is set.
func loadEdge(tx *store.Tx, l *log, t *tree) error {
	for i := range t.levels {
		at := &t.levels[i]
		at.base = t.size >> (i/tileHeight*tileHeight + tileHeight) << (tileHeight - i%tileHeight)
		var err error
		switch {
		case t.size>>i == 0:
			return nil
		case i == 0:
			at.hashes, err = loadLeaves(tx, l, at.base, t.size)
		case i%tileHeight == 0:
			at.hashes, err = loadRoots(tx, l, i/tileHeight-1, at.base, t.size>>i)
		default:
			below := &t.levels[i-1]
			for n := at.base; n < t.size>>i; n++ {
				at.hashes = append(at.hashes, tlog.NodeHash(below.at(2*n), below.at(2*n+1)))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// loadLeaves hashes the leaves from … to−1.
func loadLeaves(tx *store.Tx, l *log, from, to int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, 0, tileWidth)
	err := eachLeaf(tx, l, from, to, func(leaf []byte) {
		hashes = append(hashes, receipt.LeafHash((*[receipt.LeafSize]byte)(leaf)))
	})
	return hashes, err
}

// eachLeaf reads the leaves from … to−1 in order; all of them must be there.
func eachLeaf(tx *store.Tx, l *log, from, to int64, f func(leaf []byte)) error {
	if from == to {
		return nil
	}
	var start int64
	if _, err := tx.One(startOf, []any{l.base() + from}, &start); err != nil {
		return err
	}
	next := from
	err := tx.Each(leavesFrom, []any{start, l.base() + to}, func(scan func(...any) error) error {
		var id, n int64
		var leaves []byte
		if err := scan(&id, &n, &leaves); err != nil {
			return err
		}
		first := id - l.base()
		if first > next || int64(len(leaves)) != n*receipt.LeafSize {
			return altered("log %d: leaves are missing at %d", l.number, next)
		}
		for ; next < min(first+n, to); next++ {
			i := (next - first) * receipt.LeafSize
			f(leaves[i : i+receipt.LeafSize])
		}
		return nil
	})
	if err == nil && next != to {
		err = altered("log %d: leaves are missing at %d", l.number, next)
	}
	return err
}

// loadRoots reads the full tiles from … to−1 of a tile level and gives their
// roots: the hashes of the level above.
func loadRoots(tx *store.Tx, l *log, level int, from, to int64) ([]tlog.Hash, error) {
	roots := make([]tlog.Hash, 0, tileWidth)
	err := eachTile(tx, l, level, from, to, func(_ int64, tile []byte) error {
		roots = append(roots, tileRoot(tile))
		return nil
	})
	return roots, err
}

// eachTile reads the full tiles from … to−1 of a level in order; all of them
// must be there.
func eachTile(tx *store.Tx, l *log, level int, from, to int64, f func(n int64, tile []byte) error) error {
	next := from
	err := tx.Each(tilesFrom, []any{tileID(l, level, from), tileID(l, level, to)}, func(scan func(...any) error) error {
		var id int64
		var tile []byte
		if err := scan(&id, &tile); err != nil {
			return err
		}
		if id != tileID(l, level, next) || len(tile) != tileWidth*tlog.HashSize {
			return altered("log %d: tile %d of level %d is missing or not in its form", l.number, next, level)
		}
		next++
		return f(next-1, tile)
	})
	if err == nil && next != to {
		err = altered("log %d: tile %d of level %d is missing", l.number, next, level)
	}
	return err
}

// tileRoot is the root over the hashes of a full tile.
func tileRoot(tile []byte) tlog.Hash {
	var in [1 + tileWidth*tlog.HashSize]byte
	at := copy(in[:], tile)
	for at > tlog.HashSize {
		at /= 2
		for i := 0; i < at; i += tlog.HashSize {
			h := tlog.NodeHash(tlog.Hash(in[2*i:]), tlog.Hash(in[2*i+tlog.HashSize:]))
			copy(in[i:], h[:])
		}
	}
	return tlog.Hash(in[:])
}

// checkTiles compares the last batch with the tiles that it has helped to fill.
func checkTiles(tx *store.Tx, l *log, t *tree, last *stored) error {
	from, to := last.first>>tileHeight, t.size>>tileHeight
	return eachTile(tx, l, 0, from, to, func(n int64, tile []byte) error {
		for i := range int64(tileWidth) {
			at := n<<tileHeight + i - last.first
			if at < 0 {
				continue
			}
			if h := last.leafHash(int(at)); h != tlog.Hash(tile[i*tlog.HashSize:]) {
				return altered("log %d: a leaf of the last batch is not the one of its tile", l.number)
			}
		}
		return nil
	})
}

// sum16 shortens a hash to the 16 bytes of a key.
func sum16(domain string, data []byte) [16]byte {
	sum := sha256.Sum256(append([]byte(domain), data...))
	return [16]byte(sum[:])
}
