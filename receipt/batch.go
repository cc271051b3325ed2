package receipt

import (
	"encoding/base64"
	"errors"
	"strconv"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// BatchFormat is the first member of a batch file.
const BatchFormat = "estelam-receipts/1"

// Entry is one record of a batch with its salt.
type Entry struct {
	Record []byte
	Salt   [32]byte
}

// Batch is a run of records that stand next to each other in the log, with one
// proof for all: the upper part of their paths, which they share, is sent once.
//
// Left and Right are the hashes of the largest subtrees of the tree of Size
// leaves that lie wholly before First or wholly behind the last entry, from
// left to right.
type Batch struct {
	Entries     []Entry
	First, Size int64
	Left, Right []tlog.Hash
	Checkpoint  []byte
}

// ParseBatch reads a batch file. Nothing in it is verified yet.
func ParseBatch(data []byte) (*Batch, error) {
	b := &Batch{}
	err := file(data, BatchFormat, map[string]func([]byte) error{
		"entries":    b.parseEntries,
		"proof":      b.parseProof,
		"checkpoint": text(func(v []byte) error { b.Checkpoint = v; return nil }),
	})
	if err != nil {
		return nil, fail(StepFormat, err)
	}
	return b, nil
}

func (b *Batch) parseEntries(raw []byte) error {
	return array(raw, func(value []byte) error {
		var e Entry
		err := exactly(value, map[string]func([]byte) error{
			"record": func(v []byte) error { e.Record = v; return nil },
			"salt":   text(func(v []byte) error { return decode(e.Salt[:], v) }),
		})
		b.Entries = append(b.Entries, e)
		return err
	})
}

func (b *Batch) parseProof(raw []byte) error {
	number := func(n *int64) func([]byte) error {
		return func(v []byte) (err error) { *n, err = parseDecimal(string(v)); return err }
	}
	hashes := func(list *[]tlog.Hash) func([]byte) error {
		return func(v []byte) error {
			return array(v, text(func(v []byte) error {
				var h tlog.Hash
				*list = append(*list, h)
				return decode((*list)[len(*list)-1][:], v)
			}))
		}
	}
	return exactly(raw, map[string]func([]byte) error{
		"first": number(&b.First), "size": number(&b.Size),
		"left": hashes(&b.Left), "right": hashes(&b.Right),
	})
}

// exactly reads an object that has these members and no others.
func exactly(raw []byte, members map[string]func([]byte) error) error {
	seen := 0
	err := object(raw, func(name string, value []byte) error {
		read, known := members[name]
		if !known {
			return errors.New("the file has an unknown member")
		}
		seen++
		return read(value)
	})
	if err == nil && seen != len(members) {
		err = errors.New("the file lacks a member")
	}
	return err
}

// text hands the value of a JSON string on.
func text(read func([]byte) error) func([]byte) error {
	return func(v []byte) error {
		if v[0] != '"' {
			return errors.New("a member is no string")
		}
		return read(unquote(v))
	}
}

// Append appends the batch file: compact canonical JSON in one line.
func (b *Batch) Append(dst []byte) []byte {
	dst = append(dst, `{"format":"`+BatchFormat+`","entries":[`...)
	for i := range b.Entries {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"record":`...)
		dst = append(dst, b.Entries[i].Record...)
		dst = append(dst, `,"salt":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, b.Entries[i].Salt[:])
		dst = append(dst, `"}`...)
	}
	dst = append(dst, `],"proof":{"first":`...)
	dst = strconv.AppendInt(dst, b.First, 10)
	dst = append(dst, `,"size":`...)
	dst = strconv.AppendInt(dst, b.Size, 10)
	dst = appendHashes(append(dst, `,"left":`...), b.Left)
	dst = appendHashes(append(dst, `,"right":`...), b.Right)
	dst = AppendString(append(dst, `},"checkpoint":`...), b.Checkpoint)
	return append(dst, '}')
}

func appendHashes(dst []byte, list []tlog.Hash) []byte {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, list[i][:])
		dst = append(dst, '"')
	}
	return append(dst, ']')
}

// Verify checks every record of the batch, as Receipt.Verify does for one.
func (b *Batch) Verify(keys ...note.Verifier) error {
	// 1 to 3.
	if _, err := b.climb(); err != nil {
		return err
	}
	// 4. Signature.
	c, err := parseCheckpoint(b.Checkpoint)
	if err != nil {
		return fail(StepFormat, err)
	}
	if err := verifyCheckpoint(b.Checkpoint, c.origin, keys); err != nil {
		return fail(StepSignature, err)
	}
	return nil
}

// Split makes a receipt of each record, offline. It needs no key: it goes
// through steps 1 to 3 of verification, and each receipt still has to be
// verified by whoever uses it.
func (b *Batch) Split() ([]*Receipt, error) {
	w, err := b.climb()
	if err != nil {
		return nil, err
	}
	list := make([]*Receipt, len(b.Entries))
	for i := range list {
		list[i] = &Receipt{
			Record: b.Entries[i].Record, Salt: b.Entries[i].Salt,
			Index: b.First + int64(i), Size: b.Size, Path: w.paths[i], Checkpoint: b.Checkpoint,
		}
	}
	return list, nil
}

// climb does all of verification but the signature.
func (b *Batch) climb() (*walk, error) {
	// 1. Format.
	c, err := parseCheckpoint(b.Checkpoint)
	if err != nil {
		return nil, fail(StepFormat, err)
	}
	n := int64(len(b.Entries))
	if n == 0 || b.First < 0 || b.Size != c.size || b.First > b.Size-n {
		return nil, fail(StepFormat, errors.New("the entries lie outside the tree"))
	}
	// 2. Records.
	w := &walk{first: b.First, left: b.Left, right: b.Right}
	w.leaves = make([]tlog.Hash, n)
	w.paths = make([][]tlog.Hash, n)
	for i := range b.Entries {
		e := &b.Entries[i]
		if w.leaves[i], err = leafOf(e.Record, &e.Salt, c.origin, b.First+int64(i)); err != nil {
			return nil, fail(StepRecord, err)
		}
	}
	// 3. Inclusion.
	root, err := w.root(0, b.Size)
	if err == nil && (root != c.root || len(w.left) > 0 || len(w.right) > 0) {
		err = errors.New("the records do not lead to the checkpoint's root")
	}
	if err != nil {
		return nil, fail(StepInclusion, err)
	}
	return w, nil
}

// walk goes through the tree once, left to right, and collects on its way up
// the path of every entry.
type walk struct {
	first       int64
	leaves      []tlog.Hash
	left, right []tlog.Hash   // not yet used
	paths       [][]tlog.Hash // of each leaf, from the leaf's sibling upwards
}

// root is the hash over the leaves lo … hi−1 of the tree (RFC 6962, MTH).
func (w *walk) root(lo, hi int64) (tlog.Hash, error) {
	last := w.first + int64(len(w.leaves))
	switch {
	case hi <= w.first:
		return pop(&w.left)
	case lo >= last:
		return pop(&w.right)
	case hi-lo == 1:
		return w.leaves[lo-w.first], nil
	}
	mid := lo + 1
	for half := int64(1); half < hi-lo; half *= 2 {
		mid = lo + half // the largest power of two below hi−lo
	}
	l, err := w.root(lo, mid)
	if err != nil {
		return l, err
	}
	r, err := w.root(mid, hi)
	if err != nil {
		return r, err
	}
	for i := max(lo, w.first); i < min(mid, last); i++ {
		w.paths[i-w.first] = append(w.paths[i-w.first], r)
	}
	for i := max(mid, w.first); i < min(hi, last); i++ {
		w.paths[i-w.first] = append(w.paths[i-w.first], l)
	}
	return tlog.NodeHash(l, r), nil
}

func pop(list *[]tlog.Hash) (tlog.Hash, error) {
	if len(*list) == 0 {
		return tlog.Hash{}, errors.New("the proof is too short")
	}
	h := (*list)[0]
	*list = (*list)[1:]
	return h, nil
}
