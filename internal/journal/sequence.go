package journal

import (
	"context"
	"crypto/rand"
	"runtime"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/receipt"
)

// batch is what one commit makes durable.
type batch struct {
	log        *log
	requests   []*request // in the order of their entries
	slots      []slot
	first      int64
	time       int64 // of every entry, micros
	private    private
	leaves     []byte
	hashes     []tlog.Hash
	size       int64 // of the tree that ends with the batch
	root       tlog.Hash
	checkpoint []byte
}

// slot is one entry of the batch.
type slot struct {
	entry  *Entry
	meta   meta
	code   ids.TrackingCode
	record []byte
}

// sequence is the one goroutine that writes the log.
func (j *Journal) sequence() {
	for {
		requests := j.queue.next()
		if requests == nil {
			return
		}
		j.tail.waitRoom()
		j.cut(requests)
	}
}

// cut makes one batch durable and answers it: the steps of the package comment.
func (j *Journal) cut(requests []*request) {
	// 0. If nobody knows what became of the batch before, find out first.
	if err := j.resolve(); err != nil {
		(&batch{requests: requests}).refuse(err)
		return
	}

	// 1. Sort out.
	b := j.sortOut(requests)
	if len(b.slots) == 0 {
		return
	}

	// 2. Place. A new year's log is durable when place returns; a crash after
	// it leaves an empty log, which the next Open continues.
	if err := j.place(b); err != nil {
		b.refuse(err)
		return
	}

	// 3. Pack.
	b.pack()

	// 4. Grow the tree, in memory only: a crash leaves nothing.
	j.tree.grow(b.hashes)
	shape := j.tree.shape()
	b.size, b.root = j.tree.size, shape.root()

	// 5. Write and commit. A crash before the commit's sync leaves nothing of
	// the batch, or all of it (the caller has no answer and does not know);
	// after it, the entries are in the log for ever, with or without answer. A
	// failed sync leaves the same question open, so nothing more is written
	// until a restart has looked (fail); a connection that broke during the
	// commit does too, and resolve looks.
	if err := j.write(b); err != nil {
		j.tree.cut(b.first)
		if fault.Of(err).Key == "store.unknown" {
			j.doubt = b
		}
		b.refuse(j.fail(err))
		return
	}

	// 6. Sign. A crash before or after leaves a durable batch whose checkpoint
	// nobody has seen; signing it again gives the same bytes.
	b.checkpoint = b.log.signer.checkpoint(b.size, b.root)

	// 7. Publish and answer.
	b.prove(shape)
	j.publish(b)
	b.answer()
}

// publish makes a durable batch the end of the log. The tail comes first: from
// here on a key that comes again is found.
func (j *Journal) publish(b *batch) {
	j.tree.settle()
	j.last = b.time
	j.tail.add(b)
	b.log.head.Store(&head{size: b.size, time: b.time, root: b.root, edge: j.tree.edge(), checkpoint: b.checkpoint})
	b.log.size.Store(b.size)
	j.batches.Add(1)
	j.entries.Add(int64(len(b.slots)))
}

// resolve finds out whether a batch in doubt is in the log. Taking the lease
// anew waits for a commit that is still under way at the server, and shuts out
// one that would come later; then the log's end tells. Its callers have long
// had "store.unknown"; if it is there, it is published as any other.
func (j *Journal) resolve() error {
	b := j.doubt
	if b == nil {
		return nil
	}
	if err := j.renew(b.log); err != nil {
		return j.fail(err)
	}
	_, h, err := j.loadHead(j.ctx2(), b.log)
	if err != nil {
		return j.fail(err)
	}
	switch {
	case h.size == b.first: // it is not there
	case h.size == b.size && h.root == b.root:
		j.tree.grow(b.hashes)
		b.checkpoint = b.log.signer.checkpoint(b.size, b.root)
		j.publish(b)
	default:
		return j.fail(altered("log %d has %d entries after a batch of %d to %d", b.log.number, h.size, b.first, b.size))
	}
	j.doubt = nil
	return nil
}

// renew gives our lease a new epoch, if it is still ours.
func (j *Journal) renew(l *log) error {
	epoch := l.epoch
	err := j.db.Write(j.ctx2(), func(tx *store.Tx) error {
		n, err := tx.Exec(renewLease, l.number, j.holder)
		if err == nil && n != 1 {
			err = errLost
		}
		if err == nil {
			_, err = tx.One(readLease, []any{l.number}, &epoch)
		}
		return err
	})
	if err == nil {
		l.epoch = epoch
	}
	return err
}

// sortOut takes the requests that need entries into a batch and answers those
// that do not.
func (j *Journal) sortOut(requests []*request) *batch {
	b := &batch{requests: make([]*request, 0, len(requests))}
	n := 0
	for _, r := range requests {
		n += len(r.entries)
	}
	b.slots = make([]slot, 0, n)
	var first map[[16]byte]*request // of each key in this batch
	for _, r := range requests {
		if err := j.usable(); err != nil {
			r.refuse(err)
			continue
		}
		if key := r.identity(); key != [16]byte{} {
			if j.tail.drops.Load() != r.drops || j.tail.has(key) {
				r.again = true // the caller finds it, or finds that it is not there
				r.done <- struct{}{}
				continue
			}
			if twin := first[key]; twin != nil {
				r.twin = twin
				b.requests = append(b.requests, r)
				continue
			}
			if first == nil {
				first = map[[16]byte]*request{}
			}
			first[key] = r
		}
		b.add(r)
	}
	return b
}

// identity is what makes a request the same as an earlier one: its act if it
// comes from the outbox, else its key.
func (r *request) identity() [16]byte {
	if r.act != (ActID{}) {
		return r.act.key()
	}
	return r.key
}

// add takes the entries of r in.
func (b *batch) add(r *request) {
	r.batch, r.at = b, len(b.slots)
	b.requests = append(b.requests, r)
	for i := range r.entries {
		e := &r.entries[i]
		m := meta{subject: e.Subject, agency: e.Agency, bucket: e.Bucket, officer: e.Officer}
		if i == 0 {
			m.key, m.digest, m.act = r.key, r.digest, r.act
			if r.unit {
				m.unit = uint32(len(r.entries))
			}
		}
		b.slots = append(b.slots, slot{entry: e, meta: m})
	}
}

// place gives the batch its log, time and indexes.
func (j *Journal) place(b *batch) error {
	now := j.config.Clock()
	b.time = max(now.UnixMicro(), j.last)
	l := j.current.Load()
	if at := time.UnixMicro(b.time); year(at) > l.year {
		if err := j.begin(j.ctx2(), l, at); err != nil {
			return err
		}
		l = j.current.Load()
	}
	b.log, b.first = l, j.tree.size
	return nil
}

// ctx2 is the context of the sequencer's writes: a batch that has been cut is
// finished even while the journal closes.
func (j *Journal) ctx2() context.Context { return context.WithoutCancel(j.ctx) }

// pack finishes the records, draws the salts and hashes the leaves, over all
// processors if the batch is large.
func (b *batch) pack() {
	n := len(b.slots)
	sizes := make([]int, n)
	head := receipt.Head{Log: b.log.origin, Code: noCode, Time: time.UnixMicro(b.time)}
	for i := range b.slots {
		s := &b.slots[i]
		head.Index, head.Kind = b.first+int64(i), s.entry.Kind
		_, size := s.meta.bits()
		sizes[i] = size + head.Len() + len(s.entry.Body) + 1
		if len(s.entry.Body) > 0 {
			sizes[i]++ // the comma
		}
	}
	b.private = newPrivate(sizes)
	_, _ = rand.Read(b.private.salts()) // never fails
	b.leaves = make([]byte, n*receipt.LeafSize)
	b.hashes = make([]tlog.Hash, n)
	spread(n, func(from, to int) {
		h := head
		for i := from; i < to; i++ {
			b.packOne(i, &h)
		}
	})
	b.private.seal()
}

const noCode = "00000000000000000000" // of the right length

func (b *batch) packOne(i int, head *receipt.Head) {
	s := &b.slots[i]
	s.code = b.log.code.Code(b.log.number, b.first+int64(i))
	head.Index, head.Kind, head.Code = b.first+int64(i), s.entry.Kind, string(s.code)
	room := b.private.item(i)
	item := s.meta.append(room[:0])
	start := len(item)
	item = head.Append(item)
	if len(s.entry.Body) > 0 {
		item = append(item, ',')
		item = append(item, s.entry.Body...)
	}
	item = append(item, '}')
	if len(item) != len(room) {
		panic("journal: an entry has not the size it was given") // it would have moved its neighbour
	}
	s.record = item[start:len(item):len(item)]
	leaf := receipt.Leaf(receipt.Version, s.entry.Kind, b.private.salt(i), s.record)
	copy(b.leaves[i*receipt.LeafSize:], leaf[:])
	b.hashes[i] = receipt.LeafHash(&leaf)
}

// spread runs f over parts of 0 … n−1 on all processors, if n is worth it.
func spread(n int, f func(from, to int)) {
	parts := min(runtime.GOMAXPROCS(0), n/128)
	if parts <= 1 {
		f(0, n)
		return
	}
	var wait sync.WaitGroup
	for p := 1; p < parts; p++ {
		wait.Go(func() { f(n*p/parts, n*(p+1)/parts) })
	}
	f(0, n/parts)
	wait.Wait()
}

// write makes the batch durable: its row and the tiles it has filled, in one
// transaction, if nobody else has written meanwhile.
func (j *Journal) write(b *batch) error {
	l := b.log
	return j.db.Write(j.ctx2(), func(tx *store.Tx) error {
		n, err := tx.Exec(insertBatch, l.base()+b.first, len(b.slots), l.epoch, b.time, b.root[:],
			b.leaves, b.private.data, l.number, l.base())
		if store.IsDuplicate(err) || err == nil && n != 1 {
			return errLost
		}
		if err != nil {
			return err
		}
		j.tree.filled(b.first, func(level int, n int64, hashes []tlog.Hash) {
			if err == nil {
				_, err = tx.Exec(insertTile, tileID(l, level, n), flat(hashes))
			}
		})
		return err
	})
}

// flat is the bytes of hashes, one after the other.
func flat(hashes []tlog.Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		b = append(b, hashes[i][:]...)
	}
	return b
}

// prove computes the paths. It must come before the tree settles.
func (b *batch) prove(shape *shape) {
	depth := 0
	for b.size>>depth > 0 {
		depth++
	}
	spread(len(b.requests), func(from, to int) {
		room := make([]tlog.Hash, 0, (to-from)*depth)
		for _, r := range b.requests[from:to] {
			switch {
			case r.twin != nil:
			case r.unit:
				r.left, r.right = shape.span(b.first+int64(r.at), b.first+int64(r.at+len(r.entries)))
			default:
				start := len(room)
				room = shape.path(room, b.first+int64(r.at))
				r.path = room[start:len(room):len(room)]
			}
		}
	})
}

// answer wakes everybody.
func (b *batch) answer() {
	for _, r := range b.requests {
		if r.twin != nil {
			r.again = true // it finds its twin's entry in the tail
		}
		r.done <- struct{}{}
	}
}

func (b *batch) refuse(err error) {
	for _, r := range b.requests {
		r.refuse(err)
	}
}

func (r *request) refuse(err error) {
	r.err = err
	r.done <- struct{}{}
}
