package journal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/estelam/estelam/internal/store"
)

// Replay finds the entry that was committed with this key, with byte for byte
// the receipt it had, also after a restart. If the digest is another one, the
// key has been used for another request: fault "journal.key.reused". Asked
// before the work of an act, it saves the work; Commit asks again.
func (j *Journal) Replay(ctx context.Context, key, digest [16]byte) (*Proven, bool, error) {
	return j.replay(ctx, key, digest, false)
}

func (j *Journal) replay(ctx context.Context, key, digest [16]byte, act bool) (*Proven, bool, error) {
	a, found, err := j.lookUp(ctx, key)
	if err != nil || !found {
		return nil, false, err
	}
	l, index := j.logAt(a.position/logSpan), a.position%logSpan
	if l == nil {
		return nil, false, altered("the projections name a log that is not there")
	}
	p, m, err := j.prove(ctx, l, index)
	if err != nil {
		return nil, false, err
	}
	if !act && (a.digest != digest || m.unit != 0) {
		return nil, false, errReused
	}
	return p, true, nil
}

// ReplayAll is Replay for a unit of CommitAll.
func (j *Journal) ReplayAll(ctx context.Context, key, digest [16]byte) (*ProvenBatch, bool, error) {
	a, found, err := j.lookUp(ctx, key)
	if err != nil || !found {
		return nil, false, err
	}
	if a.digest != digest {
		return nil, false, errReused
	}
	l, index := j.logAt(a.position/logSpan), a.position%logSpan
	if l == nil {
		return nil, false, altered("the projections name a log that is not there")
	}
	p, err := j.proveUnit(ctx, l, index)
	if err != nil {
		return nil, false, err
	}
	return p, true, nil
}

// shortKey is what the list of keys is sorted by.
func shortKey(key [16]byte) int64 { return int64(binary.BigEndian.Uint64(key[:])) }

// lookUp asks the tail, then the projections, in this order (see tail). Most
// keys are new, and the filter says so without a look-up; where other nodes
// write into the same projections it cannot.
func (j *Journal) lookUp(ctx context.Context, key [16]byte) (a at, found bool, err error) {
	if key == [16]byte{} {
		return a, false, nil
	}
	if a, found = j.tail.find(key); found {
		return a, true, nil
	}
	if j.db.Engine() == store.SQLite && !j.attached && j.filter.keys.Load() <= maxFilterKeys && !j.filter.maybe(shortKey(key)) {
		return a, false, nil
	}
	return j.keyAt(ctx, key)
}

// keyAt finds a key in the projections. The list knows only half of it: the
// entry decides. The first entry of a key keeps it: two acts, or two nodes, may
// have used one key at the same time.
func (j *Journal) keyAt(ctx context.Context, key [16]byte) (a at, found bool, err error) {
	var places []Cursor
	err = j.projection.Read(ctx, func(tx *store.Tx) (err error) {
		places, err = readRuns(tx, listKey, item{shortKey(key), math.MaxInt64, math.MaxInt64}, maxTwins)
		return err
	})
	if err != nil {
		return a, false, err
	}
	slices.SortFunc(places, func(a, b Cursor) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.position, b.position))
	})
	for _, p := range places {
		m, err := j.metaAt(ctx, p.position)
		switch {
		case err != nil:
			return a, false, err
		case m.key == key:
			return at{m.digest, p.position}, true, nil
		case m.act != (ActID{}) && m.act.key() == key:
			return at{position: p.position}, true, nil
		}
	}
	return a, false, nil
}

// maxTwins bounds how many entries of each run may share half a key.
const maxTwins = 16

// metaAt reads what the journal knows of an entry beside its record; all zero
// once that has been purged.
func (j *Journal) metaAt(ctx context.Context, position int64) (m meta, err error) {
	l := j.logAt(position / logSpan)
	if l == nil {
		return m, altered("the projections name a log that is not there")
	}
	err = j.fetch(ctx, l, position%logSpan, func(b *stored) error {
		var p Proven
		var err error
		m, err = p.open(l, b, int(position%logSpan-b.first))
		return err
	})
	return m, err
}

// proveUnit gives the unit that begins at index of l again.
func (j *Journal) proveUnit(ctx context.Context, l *log, index int64) (*ProvenBatch, error) {
	one, m, err := j.prove(ctx, l, index)
	if err != nil {
		return nil, err
	}
	p := &ProvenBatch{
		Log: l.number, Origin: l.origin, Time: one.Time, Size: one.Size, Checkpoint: one.Checkpoint,
		Entries: make([]Recorded, m.unit), Replayed: true,
	}
	err = j.fetch(ctx, l, index, func(b *stored) error { return p.open(l, b, int(index-b.first)) })
	if err != nil {
		return nil, err
	}
	for k := range p.Entries {
		p.Entries[k].Index = index + int64(k)
		if l.code != nil {
			p.Entries[k].Code = l.code.Code(l.number, index+int64(k))
		}
	}
	r, err := j.reader(ctx, l)
	if err != nil {
		return nil, err
	}
	if p.Left, p.Right, err = r.span(p.Size, index, index+int64(len(p.Entries))); err != nil {
		return nil, altered("log %d, unit %d: %w", l.number, index, err)
	}
	return p, p.verify()
}

// open fills in the records of the unit that begins at entry i of b.
func (p *ProvenBatch) open(l *log, b *stored, i int) error {
	switch {
	case b.private == nil:
		return errPurged
	case len(p.Entries) == 0:
		return errReused // its key was used for an entry, not for a unit
	case i+len(p.Entries) > b.n:
		return altered("log %d: a unit is longer than its batch", l.number)
	}
	part, err := parsePrivate(b.private, b.n)
	if err != nil {
		return altered("log %d, batch %d: %w", l.number, b.first, err)
	}
	for k := range p.Entries {
		_, record, err := b.entry(l, part, i+k)
		if err != nil {
			return err
		}
		p.Entries[k].Record, p.Entries[k].Salt = bytes.Clone(record), *part.salt(i + k)
	}
	return nil
}
