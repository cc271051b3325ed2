package journal

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// Report is what Fsck has found.
type Report struct {
	Logs, Batches, Entries, Tiles int64
	Purged                        int64 // entries whose private part is gone
	Faults                        []Fault
	More                          int64 // faults beyond those listed
}

// Fault is one thing that is not as it was written.
type Fault struct {
	Log   int
	Index int64 // entry or first entry; -1: the log as a whole
	What  string
}

// String is for operators.
func (f Fault) String() string { return fmt.Sprintf("log %d, entry %d: %s", f.Log, f.Index, f.What) }

const maxFaults = 1000

// Fsck reads a journal from its first byte to its last and compares everything
// with everything: each record with its leaf, the leaves with the tree, the
// tree with the root of each batch and with the tiles, and the last checkpoint
// of closed logs with their keys. Codes are checked where keys has their key;
// keys may be nil. The error says that it could not be read to its end, which
// is a fault as well.
//
// It sees one snapshot, batch by batch, and may run beside a journal at work.
func Fsck(ctx context.Context, url string, keys *Keys) (*Report, error) {
	db, err := store.Open(ctx, url, store.Journal)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	r := &Report{}
	if keys == nil {
		keys = &Keys{}
	}
	err = db.Read(ctx, func(tx *store.Tx) error { return r.all(tx, keys) })
	return r, err
}

func (r *Report) fault(l *log, index int64, format string, args ...any) {
	if len(r.Faults) >= maxFaults {
		r.More++
		return
	}
	r.Faults = append(r.Faults, Fault{l.number, index, fmt.Sprintf(format, args...)})
}

func (r *Report) all(tx *store.Tx, keys *Keys) error {
	var logs []*log
	err := tx.Each(listLogs, nil, func(scan func(...any) error) error {
		l, closed, final := &log{}, int64(0), ""
		err := scan(&l.number, &l.origin, &l.path, &l.node, &l.year, &l.vkey, &l.codeEpoch, &l.epoch, &closed, &final)
		l.closed, l.final = closed != 0, []byte(final)
		l.code = keys.codes[l.codeEpoch]
		logs = append(logs, l)
		return err
	})
	if err != nil {
		return err
	}
	for _, l := range logs {
		r.Logs++
		c := &checker{report: r, tx: tx, log: l}
		if err := c.run(); err != nil {
			return err
		}
	}
	var batches, tiles int64
	if _, err := tx.One(countBatches, nil, &batches); err != nil {
		return err
	}
	if _, err := tx.One(countTiles, nil, &tiles); err != nil {
		return err
	}
	if batches != r.Batches || tiles != r.Tiles {
		r.fault(&log{}, -1, "there are %d batches and %d tiles, but %d and %d belong to logs", batches, tiles, r.Batches, r.Tiles)
	}
	return nil
}

// checker goes through one log.
type checker struct {
	report *Report
	tx     *store.Tx
	log    *log
	tree   tree
	last   *stored // the batch before
	astray bool    // the tree has left the roots; said once
}

func (c *checker) run() error {
	c.row()
	for {
		var some []*stored
		err := eachBatch(c.tx, c.log, c.tree.size, 64, func(b *stored) error {
			some = append(some, b)
			return nil
		})
		if err != nil {
			c.report.fault(c.log, c.tree.size, "%v", err)
			return nil // what follows cannot be told apart
		}
		if len(some) == 0 {
			break
		}
		for _, b := range some {
			if b.first != c.tree.size {
				c.report.fault(c.log, c.tree.size, "entries are missing up to %d", b.first)
				return nil
			}
			if err := c.batch(b); err != nil {
				return err
			}
		}
	}
	c.final()
	return nil
}

// row checks what the log's row says of itself.
func (c *checker) row() {
	l := c.log
	path := fmt.Sprintf("%d/%s", l.year, l.node)
	if l.path != path && !strings.HasPrefix(l.path, path+"/") || !strings.HasSuffix(l.origin, "/"+l.path) {
		c.report.fault(l, -1, "origin, path, year and node do not fit")
	}
	if v, err := note.NewVerifier(l.vkey); err != nil || v.Name() != l.origin {
		c.report.fault(l, -1, "the public key is not one of this log")
	}
}

// batch checks one batch and grows the tree by it.
func (c *checker) batch(b *stored) error {
	r, l := c.report, c.log
	r.Batches++
	r.Entries += int64(b.n)
	if c.last != nil && b.time < c.last.time {
		r.fault(l, b.first, "the batch is older than the one before")
	}
	if b.epoch < 1 || b.epoch > l.epoch || c.last != nil && b.epoch < c.last.epoch {
		r.fault(l, b.first, "the batch has an epoch out of order")
	}
	c.last = b
	c.private(b)
	hashes := make([]tlog.Hash, b.n)
	for i := range hashes {
		hashes[i] = b.leafHash(i)
	}
	c.tree.grow(hashes)
	if c.tree.shape().root() != b.root && !c.astray {
		c.astray = true
		r.fault(l, b.first, "the leaves do not lead to the root that the batch states")
	}
	err := c.tiles(b.first)
	c.tree.settle()
	return err
}

// private checks the records and what goes with them.
func (c *checker) private(b *stored) {
	r, l := c.report, c.log
	if b.private == nil {
		r.Purged += int64(b.n)
		for i := range b.n {
			if b.leaves[i*receipt.LeafSize] != receipt.Version {
				r.fault(l, b.first+int64(i), "the leaf has an unknown version")
			}
		}
		return
	}
	p, err := parsePrivate(b.private, b.n)
	if err != nil {
		r.fault(l, b.first, "%v", err)
	}
	if p.checkForm() != nil {
		return
	}
	for i := range b.n {
		index := b.first + int64(i)
		_, record, err := b.entry(l, p, i)
		if err != nil {
			r.fault(l, index, "%v", err)
			continue
		}
		h, _, err := receipt.ParseHead(record)
		switch {
		case err != nil:
			r.fault(l, index, "%v", err)
		case h.Log != l.origin || h.Index != index || h.Kind != receipt.Kind(b.leaves[i*receipt.LeafSize+1]):
			r.fault(l, index, "the record names another entry")
		case h.Time.UnixMicro() != b.time:
			r.fault(l, index, "the batch has not the time of its records")
		case l.code != nil && h.Code != string(l.code.Code(l.number, index)):
			r.fault(l, index, "the record has another code")
		}
	}
}

// tiles compares the tiles that the batch beginning at first has filled.
func (c *checker) tiles(first int64) (err error) {
	c.tree.filled(first, func(level int, n int64, hashes []tlog.Hash) {
		if err != nil {
			return
		}
		var tile []byte
		found := false
		if found, err = c.tx.One(tileAt, []any{tileID(c.log, level, n)}, &tile); err != nil {
			return
		}
		if found {
			c.report.Tiles++
		}
		if !bytes.Equal(tile, flat(hashes)) {
			c.report.fault(c.log, n<<(tileHeight*(level+1)), "tile %d of level %d is not the tree's", n, level)
		}
	})
	return err
}

// final checks the last checkpoint of a closed log.
func (c *checker) final() {
	l := c.log
	if !l.closed || len(l.final) == 0 {
		return
	}
	v, err := note.NewVerifier(l.vkey)
	if err != nil {
		return // said already
	}
	n, err := note.Open(l.final, note.VerifierList(v))
	want := receipt.AppendCheckpointText(nil, l.origin, c.tree.size, c.tree.shape().root())
	if err != nil || n.Text != string(want) {
		c.report.fault(l, -1, "the last checkpoint is not that of the tree")
	}
}
