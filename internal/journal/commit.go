package journal

import (
	"context"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/receipt"
)

// Commit writes an entry into the log and returns when it is durable, with its
// proof. If its key has been used before with the same digest, the entry of
// that time is returned, Replayed, and nothing is written; another digest is
// fault "journal.key.reused".
//
// After an error nothing is in the log, except for the faults of InDoubt,
// after which the entry may be there or not: an idempotency key tells.
func (j *Journal) Commit(ctx context.Context, e Entry) (Proven, error) {
	r := newRequest()
	r.alone[0] = e
	r.entries = r.alone[:]
	r.key, r.digest = e.Key, e.Digest
	return j.commitOne(ctx, r)
}

// InDoubt reports whether an error of Commit leaves open if the entry is in the
// log: the disk failed or the connection broke during the commit
// ("store.failed", "store.unknown"), or the context ended ("journal.gone").
func InDoubt(err error) bool {
	switch fault.Of(err).Key {
	case "store.failed", "store.unknown", "journal.gone":
		return true
	}
	return false
}

func (j *Journal) commitOne(ctx context.Context, r *request) (Proven, error) {
	if err := check(r.entries); err != nil {
		return Proven{}, err
	}
	for {
		drops := j.tail.drops.Load()
		if r.identity() != [16]byte{} {
			p, found, err := j.replay(ctx, r.identity(), r.digest, r.act != ActID{})
			if err != nil || found {
				return deref(p), err
			}
		}
		r.drops = drops
		if err := j.submit(ctx, r); err != nil {
			return Proven{}, err
		}
		if !r.again {
			return r.proven(), nil
		}
		r.reset()
	}
}

func deref(p *Proven) Proven {
	if p == nil {
		return Proven{}
	}
	return *p
}

// CommitAll writes entries into the log as one unit: next to each other, all
// of them or none. The keys of the entries themselves are not looked at.
func (j *Journal) CommitAll(ctx context.Context, entries []Entry, key, digest [16]byte) (*ProvenBatch, error) {
	if err := check(entries); err != nil {
		return nil, err
	}
	r := newRequest()
	r.entries, r.unit, r.key, r.digest = entries, true, key, digest
	for {
		drops := j.tail.drops.Load()
		if r.keyed() {
			p, found, err := j.ReplayAll(ctx, key, digest)
			if err != nil || found {
				return p, err
			}
		}
		r.drops = drops
		if err := j.submit(ctx, r); err != nil {
			return nil, err
		}
		if !r.again {
			return r.provenAll(), nil
		}
		r.reset()
	}
}

// check refuses entries whose record could never be verified: a mistake of the
// act that made them, found before it is in the log for ever.
func check(entries []Entry) error {
	if len(entries) == 0 || len(entries) > maxUnit {
		return fault.New(fault.Invalid, "journal.unit.size")
	}
	for i := range entries {
		e := &entries[i]
		if e.Kind.String() == "" || len(e.Body) > maxBody {
			return errEntry
		}
		if err := receipt.CheckMembers(e.Body); err != nil {
			return errEntry.Because(err)
		}
	}
	return nil
}

func newRequest() *request { return &request{done: make(chan struct{}, 1)} }

// reset makes r ready to be submitted again.
func (r *request) reset() {
	r.err, r.again, r.batch, r.twin = nil, false, nil, nil
}

// submit puts r in line and waits for its batch.
func (j *Journal) submit(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return gone(ctx)
	}
	if err := j.usable(); err != nil {
		return err
	}
	if !j.queue.add(r) {
		return errClosed
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return gone(ctx) // r is left to the sequencer
	}
}

// proven is the answer of Commit, made by the waiter: the sequencer has the
// next batch to look after.
func (r *request) proven() Proven {
	b, s := r.batch, &r.batch.slots[r.at]
	return Proven{
		Log: b.log.number, Origin: b.log.origin, Index: b.first + int64(r.at), Code: s.code,
		Time: time.UnixMicro(b.time).UTC(), Record: s.record, Salt: *b.private.salt(r.at),
		Size: b.size, Path: r.path, Checkpoint: b.checkpoint,
		Kind: s.entry.Kind, Subject: s.entry.Subject, Agency: s.entry.Agency,
	}
}

func (r *request) provenAll() *ProvenBatch {
	b := r.batch
	p := &ProvenBatch{
		Log: b.log.number, Origin: b.log.origin, Time: time.UnixMicro(b.time).UTC(),
		Entries: make([]Recorded, len(r.entries)),
		Size:    b.size, Left: r.left, Right: r.right, Checkpoint: b.checkpoint,
	}
	for i := range p.Entries {
		s := &b.slots[r.at+i]
		p.Entries[i] = Recorded{Index: b.first + int64(r.at+i), Code: s.code, Record: s.record, Salt: *b.private.salt(r.at + i)}
	}
	return p
}

// verify checks a unit that was read again against its own checkpoint, whose
// root is known to be right.
func (p *ProvenBatch) verify() error {
	if _, err := p.Receipts().Split(); err != nil {
		return altered("log %d, unit %d: %w", p.Log, p.Entries[0].Index, err)
	}
	return nil
}
