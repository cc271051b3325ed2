package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// find decodes a code: the log and index that it names, if they exist.
func (j *Journal) find(c ids.TrackingCode) (*log, int64, bool) {
	key := j.config.Keys.codes[c.Epoch()]
	if key == nil {
		return nil, 0, false
	}
	number, index, ok := key.Open(c)
	if !ok {
		return nil, 0, false
	}
	l := j.logs[number].Load()
	if l == nil || l.codeEpoch != c.Epoch() || index >= l.size.Load() {
		return nil, 0, false
	}
	return l, index, true
}

// Genuine tells whether a code names an entry of some log. It reads nothing:
// a code that is and one that is not take the same time.
func (j *Journal) Genuine(_ context.Context, c ids.TrackingCode) (bool, error) {
	_, _, ok := j.find(c)
	return ok, nil
}

// ByCode finds the entry that a code names, with the same proof that Commit
// gave. After its private part has been purged its Record is nil. An entry
// that is not exactly what was committed is fault "journal.altered".
func (j *Journal) ByCode(ctx context.Context, c ids.TrackingCode) (*Proven, bool, error) {
	l, index, ok := j.find(c)
	if !ok {
		return nil, false, nil
	}
	p, _, err := j.prove(ctx, l, index)
	if err != nil {
		return nil, false, err
	}
	return p, true, nil
}

// fetch reads the batch that holds index of l and lets use look at it. The
// blobs of the batch are valid in use only: they may be large, and mostly one
// entry is wanted.
func (j *Journal) fetch(ctx context.Context, l *log, index int64, use func(b *stored) error) error {
	missing := altered("log %d: entry %d is missing", l.number, index)
	used := missing
	_, err := j.db.Point(ctx, batchAt, l.base()+index, func(r store.Row) {
		b := &stored{first: r.Int(0) - l.base(), n: int(r.Int(1)), time: r.Int(2), leaves: r.Bytes(4)}
		copy(b.root[:], r.Bytes(3))
		if !r.Null(5) {
			b.private = r.Bytes(5)
		}
		if b.first >= 0 && index < b.end() && len(b.leaves) == b.n*receipt.LeafSize {
			used = use(b)
		}
	})
	if err != nil {
		return err
	}
	return used
}

// prove gives entry index of l again. Everything it reads is checked against
// the root of the log that we hold in memory before it is handed on.
func (j *Journal) prove(ctx context.Context, l *log, index int64) (*Proven, meta, error) {
	p := &Proven{Log: l.number, Origin: l.origin, Index: index, Replayed: true}
	if l.code != nil {
		p.Code = l.code.Code(l.number, index)
	}
	var m meta
	var leaf, root tlog.Hash
	var end int64
	err := j.fetch(ctx, l, index, func(b *stored) (err error) {
		leaf, root, end = b.leafHash(int(index-b.first)), b.root, b.end()
		m, err = p.open(l, b, int(index-b.first))
		return err
	})
	if err != nil {
		return nil, m, err
	}
	r, err := j.reader(ctx, l)
	if err != nil {
		return nil, m, err
	}
	if p.Size = end; l.signer == nil {
		p.Size = r.head.size
	}
	if p.Path, err = r.path(p.Size, root, end, index, leaf); err != nil {
		return nil, m, altered("log %d, entry %d: %w", l.number, index, err)
	}
	if p.Checkpoint, err = j.checkpointFor(l, r.head, end, root); err != nil {
		return nil, m, err
	}
	return p, m, nil
}

func (b *stored) end() int64 { return b.first + int64(b.n) }

// open fills in what the batch says of its entry i.
func (p *Proven) open(l *log, b *stored, i int) (meta, error) {
	if b.private == nil {
		return p.read(l, b, private{}, i)
	}
	part, err := parsePrivate(b.private, b.n)
	if err != nil {
		return meta{}, altered("log %d, batch %d: %w", l.number, b.first, err)
	}
	return p.read(l, b, part, i)
}

// read is open with the batch's private part already parsed; zero: it is purged.
func (p *Proven) read(l *log, b *stored, part private, i int) (meta, error) {
	p.Time, p.Kind = time.UnixMicro(b.time).UTC(), receipt.Kind(b.leaves[i*receipt.LeafSize+1])
	if part.n == 0 {
		return meta{}, nil
	}
	m, record, err := b.entry(l, part, i)
	p.Record, p.Salt, p.Subject, p.Agency = bytes.Clone(record), *part.salt(i), m.subject, m.agency
	return m, err
}

// checkpointFor is the checkpoint of the tree that ended with a batch, signed
// again: the same bytes as then. It comes after the check that the log's tree
// had this root at this size. If the log's key is gone, the last checkpoint of
// the closed log serves.
func (j *Journal) checkpointFor(l *log, h *head, end int64, root tlog.Hash) ([]byte, error) {
	if l.signer == nil && len(h.checkpoint) > 0 {
		return h.checkpoint, nil
	}
	return j.sign(l, end, root)
}

// reader reads hashes of a log from its tiles, each checked by x/mod's own
// code against the root of the head before it is used.
type reader struct {
	ctx    context.Context
	db     *store.DB
	log    *log
	head   *head
	hashes tlog.HashReader
}

func (j *Journal) reader(ctx context.Context, l *log) (*reader, error) {
	h, err := j.headOf(ctx, l)
	if err != nil {
		return nil, err
	}
	r := &reader{ctx: ctx, db: j.db, log: l, head: h}
	r.hashes = tlog.TileHashReader(tlog.Tree{N: h.size, Hash: h.root}, r)
	return r, nil
}

// path is the path of a leaf in the tree of size, after checking that the
// batch of the leaf ended with the root that its row states.
func (r *reader) path(size int64, batchRoot tlog.Hash, batchEnd, index int64, leaf tlog.Hash) ([]tlog.Hash, error) {
	root, err := tlog.TreeHash(batchEnd, r.hashes)
	if err != nil {
		return nil, err
	}
	if root != batchRoot {
		return nil, errRoot
	}
	if size != batchEnd {
		root = r.head.root // the last checkpoint of a closed log
	}
	path, err := tlog.ProveRecord(size, index, r.hashes)
	if err != nil {
		return nil, err
	}
	return path, tlog.CheckRecord(path, size, root, index, leaf)
}

var errRoot = altered("a batch states a root that is not the tree's")

// span is the proof of a unit in the tree of size.
func (r *reader) span(size, first, end int64) (left, right []tlog.Hash, err error) {
	s := shapeOf(size, func(level int, n int64) tlog.Hash {
		h, e := r.hashes.ReadHashes([]int64{tlog.StoredHashIndex(level, n)})
		if e != nil {
			err = e
			return tlog.Hash{}
		}
		return h[0]
	})
	left, right = s.span(first, end)
	return left, right, err
}

// Height of tiles, for x/mod.
func (r *reader) Height() int { return tileHeight }

// SaveTiles is for caches; there is none.
func (r *reader) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles gives tiles, unchecked: the full ones from the store, those being
// filled from the head.
func (r *reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		var err error
		if data[i], err = r.tile(t.L, t.N, t.W); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// tile gives the first w hashes of a tile; nil when the log is not so large.
func (r *reader) tile(level int, n int64, w int) ([]byte, error) {
	if level < 0 || level*tileHeight >= maxLevel || n < 0 || w < 1 || w > tileWidth {
		return nil, nil
	}
	shift := level * tileHeight
	switch full := r.head.size >> shift >> tileHeight; {
	case n > full || n == full && (level >= len(r.head.edge) || w > len(r.head.edge[level])):
		return nil, nil
	case n == full:
		return flat(r.head.edge[level][:w]), nil
	}
	var tile []byte
	found, err := r.db.Point(r.ctx, tileAt, tileID(r.log, level, n), func(row store.Row) {
		tile = append([]byte(nil), row.Bytes(0)...)
	})
	if err != nil {
		return nil, err
	}
	if !found || len(tile) != tileWidth*tlog.HashSize {
		return nil, altered("log %d: tile %d of level %d is missing", r.log.number, n, level)
	}
	return tile[:w*tlog.HashSize], nil
}

// Page asks for a part of a list, newest first.
type Page struct {
	After Cursor // the cursor of the page before; zero: from the newest
	Limit int    // at most this many; 0: 50
}

// Cursor is a place in a list, opaque to callers.
type Cursor struct{ time, position int64 }

// Before is a place in every list: what comes after it is older than t.
func Before(t time.Time) Cursor { return Cursor{t.UnixMicro(), 0} }

// IsZero reports whether c is the start of a list, or the end of one.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// MarshalText makes c fit for a URL.
func (c Cursor) MarshalText() ([]byte, error) {
	if c.IsZero() {
		return nil, nil
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(c.time))
	binary.BigEndian.PutUint64(b[8:], uint64(c.position))
	return cursorText.AppendEncode(nil, b[:]), nil
}

// UnmarshalText reads what MarshalText has made.
func (c *Cursor) UnmarshalText(text []byte) error {
	*c = Cursor{}
	if len(text) == 0 {
		return nil
	}
	b, err := cursorText.DecodeString(string(text))
	if err != nil || len(b) != 16 {
		return fault.New(fault.Malformed, "journal.cursor")
	}
	c.time = int64(binary.BigEndian.Uint64(b))
	c.position = int64(binary.BigEndian.Uint64(b[8:]))
	return nil
}
