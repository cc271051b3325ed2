package journal

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// tail is what the projections do not have yet, and for a while (dropGrace)
// what they have just got.
//
// Whoever looks something up asks the tail first and the projections after: an
// entry is in the projections before it leaves the tail, so it is seen in one
// of them at least. A writer needs more: between its look-up and its place in
// a batch the same key may have come in, been projected and left. The counter
// drops moves whenever anything leaves; a request that was checked before it
// moved is sent back to look again.
type tail struct {
	clock func() time.Time // the journal's; what is kept for a while goes by the machine's
	mu    sync.RWMutex
	rows  []row           // in the order of the log
	keys  []keyed         // likewise
	byKey map[[16]byte]at // of keys
	used  map[usage]int64 // entries of our logs since usedFrom, projected or not
	since int32           // day from which used is complete
	marks []mark          // what has been projected and still stays
	rowsP int             // rows[:rowsP] are in the projections
	keysP int
	drops atomic.Uint64
	full  chan struct{} // wakes the projector early
	room  *sync.Cond    // the tail has become shorter, or stopped
	stop  bool
}

// row is one entry as the projections need it.
type row struct {
	position int64
	time     int64
	person   ids.NationalNumber
	agency   ids.LegalID
	bucket   uint64
	officer  OfficerKey
}

type keyed struct {
	key, digest    [16]byte
	time, position int64
}

// at is where a key stands.
type at struct {
	digest   [16]byte
	position int64
}

type usage struct {
	day    int32
	bucket uint64
}

// mark says that up to here everything was projected at that moment.
type mark struct {
	at         time.Time
	rows, keys int
}

func (t *tail) init(clock func() time.Time) {
	t.clock = clock
	t.byKey = map[[16]byte]at{}
	t.used = map[usage]int64{}
	t.full = make(chan struct{}, 1)
	t.room = sync.NewCond(&t.mu)
}

// add takes a durable batch in.
func (t *tail) add(b *batch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	day := dayOf(b.time)
	for i := range b.slots {
		t.put(b.log.base()+b.first+int64(i), b.time, day, &b.slots[i].meta)
	}
	if len(t.rows)-t.rowsP > maxTail/8 {
		select {
		case t.full <- struct{}{}:
		default:
		}
	}
}

func (t *tail) put(position, micros int64, day int32, m *meta) {
	t.rows = append(t.rows, row{position, micros, m.subject, m.agency, m.bucket, m.officer})
	if m.bucket != 0 && day >= t.since {
		t.used[usage{day, m.bucket}]++
	}
	if m.key != [16]byte{} {
		t.putKey(m.key, m.digest, micros, position)
	}
	if m.act != (ActID{}) {
		t.putKey(m.act.key(), [16]byte{}, micros, position)
	}
}

func (t *tail) putKey(key, digest [16]byte, micros, position int64) {
	t.keys = append(t.keys, keyed{key, digest, micros, position})
	if _, used := t.byKey[key]; !used { // two acts may have one key: the first keeps it
		t.byKey[key] = at{digest, position}
	}
}

func dayOf(micros int64) int32 { return persian.DateOf(time.UnixMicro(micros)).Pack() }

func (t *tail) has(key [16]byte) bool {
	_, found := t.find(key)
	return found
}

func (t *tail) find(key [16]byte) (at, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	a, found := t.byKey[key]
	return a, found
}

func (t *tail) behind() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.rows) - t.rowsP
}

// waitRoom holds the sequencer back while the projections are too far behind:
// memory stays bounded, and so does the time of a restart.
func (t *tail) waitRoom() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.rows)-t.rowsP > maxTail && !t.stop {
		t.room.Wait()
	}
}

func (t *tail) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop = true
	t.room.Broadcast()
}

// pending is what has to be projected next.
func (t *tail) pending() ([]row, []keyed) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.rows[t.rowsP:len(t.rows):len(t.rows)], t.keys[t.keysP:len(t.keys):len(t.keys)]
}

// projected is told that so much of pending is in the projections.
func (t *tail) projected(rows, keys int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rowsP += rows
	t.keysP += keys
	t.marks = append(t.marks, mark{time.Now(), t.rowsP, t.keysP})
	t.room.Broadcast()
}

// drop lets go of what has been in the projections for dropGrace.
func (t *tail) drop(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for n < len(t.marks) && now.Sub(t.marks[n].at) >= dropGrace {
		n++
	}
	if n == 0 {
		return
	}
	old := t.marks[n-1]
	for i := range t.keys[:old.keys] {
		k := &t.keys[i]
		if t.byKey[k.key].position == k.position {
			delete(t.byKey, k.key)
		}
	}
	// Copies, not reslices: the memory has to go, and pending may hold the old.
	t.rows = slices.Clone(t.rows[old.rows:])
	t.keys = slices.Clone(t.keys[old.keys:])
	t.rowsP -= old.rows
	t.keysP -= old.keys
	t.marks = slices.Clone(t.marks[n:])
	for i := range t.marks {
		t.marks[i].rows -= old.rows
		t.marks[i].keys -= old.keys
	}
	t.forget(t.clock())
	t.drops.Add(1)
}

// forget drops the counts of days before yesterday.
func (t *tail) forget(now time.Time) {
	yesterday := persian.DateOf(now).AddDays(-1).Pack()
	if t.since >= yesterday {
		return
	}
	for u := range t.used {
		if u.day < yesterday {
			delete(t.used, u)
		}
	}
	t.since = yesterday
}

// loadTail reads the entries that the projections do not have. If they are far
// behind (they were deleted, say), it first builds them from the journal.
func (j *Journal) loadTail(ctx context.Context) error {
	now := j.config.Clock()
	if last := time.UnixMicro(j.last); last.After(now) {
		now = last
	}
	j.tail.since = persian.DateOf(now).AddDays(-1).Pack()
	// First what has been counted; reading the tail then adds the rest.
	if err := j.loadUsed(ctx, persian.DateOf(now)); err != nil {
		return err
	}
	for i := range j.logs {
		l := j.logs[i].Load()
		if l == nil || l.node != j.config.Node {
			continue
		}
		if err := j.catchUp(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// catchUp projects what is closed or long behind and keeps the rest in memory.
func (j *Journal) catchUp(ctx context.Context, l *log) error {
	var done int64
	err := j.projection.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(readDone, []any{l.number}, &done)
		return err
	})
	if err != nil {
		return err
	}
	if size := l.size.Load(); done > size {
		return altered("log %d has %d entries, but the projections have seen %d", l.number, size, done)
	} else if size-done > maxTail/8 {
		j.logger.Info("building the projections", "log", l.number, "from", done, "to", size)
	}
	for done < l.size.Load() {
		if done, err = j.readTail(ctx, l, done); err != nil {
			return err
		}
		if l != j.current.Load() || j.tail.behind() > maxTail/8 {
			if err := j.projectOnce(ctx); err != nil {
				return err
			}
			j.tail.drop(time.Now().Add(dropGrace))
		}
	}
	return nil
}

// readTail takes some batches into the tail, each compared with its leaves,
// and returns the index after them.
func (j *Journal) readTail(ctx context.Context, l *log, from int64) (int64, error) {
	next := from
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		var start int64
		if _, err := tx.One(startOf, []any{l.base() + from}, &start); err != nil {
			return err
		}
		return eachBatch(tx, l, max(start, l.base())-l.base(), 64, func(b *stored) error {
			end := b.first + int64(b.n)
			if b.first > next {
				return altered("log %d: entry %d is missing", l.number, next)
			}
			if end <= next {
				return nil
			}
			if err := j.tail.takeIn(l, b, next); err != nil {
				return err
			}
			next = end
			return nil
		})
	})
	if err == nil && next == from {
		err = altered("log %d: entry %d is missing", l.number, next)
	}
	return next, err
}

// takeIn adds the entries of a stored batch from index from on. What has been
// purged cannot be projected any more.
func (t *tail) takeIn(l *log, b *stored, from int64) error {
	if b.private == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.rows = append(t.rows, row{position: l.base() + b.first + int64(b.n) - 1, time: b.time})
		return nil
	}
	p, err := parsePrivate(b.private, b.n)
	if err != nil {
		return altered("log %d, batch %d: %w", l.number, b.first, err)
	}
	day := dayOf(b.time)
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := int(from - b.first); i < b.n; i++ {
		m, _, err := b.entry(l, p, i)
		if err != nil {
			return err
		}
		t.put(l.base()+b.first+int64(i), b.time, day, &m)
	}
	return nil
}

// loadUsed adds what the projections have counted today and yesterday.
func (j *Journal) loadUsed(ctx context.Context, today persian.Date) error {
	return j.projection.Read(ctx, func(tx *store.Tx) error {
		for _, d := range []persian.Date{today, today.AddDays(-1)} {
			day := d.Pack()
			err := tx.Each(listUsed, []any{day}, func(scan func(...any) error) error {
				var bucket, number, n int64
				if err := scan(&bucket, &number, &n); err != nil {
					return err
				}
				if l := j.logAt(number); l != nil && l.node == j.config.Node {
					j.tail.used[usage{day, uint64(bucket)}] += n
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// logAt is the log with this number, or nil.
func (j *Journal) logAt(number int64) *log {
	if number < 0 || number >= maxLogs {
		return nil
	}
	return j.logs[number].Load()
}

// Used tells how many entries have counted in a bucket on a day (Tehran),
// over all nodes. For today and yesterday it is a look into memory, save where
// several nodes share the store: theirs show with the delay of the projections.
func (j *Journal) Used(ctx context.Context, bucket uint64, day persian.Date) (int64, error) {
	d := day.Pack()
	j.tail.mu.RLock()
	n, recent := j.tail.used[usage{d, bucket}], d >= j.tail.since
	j.tail.mu.RUnlock()
	if recent && j.db.Engine() == store.SQLite {
		return n, nil
	}
	if !recent {
		n = 0
	}
	err := j.projection.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(readUsed, []any{d, int64(bucket)}, func(scan func(...any) error) error {
			var number, count int64
			err := scan(&number, &count)
			if l := j.logAt(number); !recent || l == nil || l.node != j.config.Node {
				n += count
			}
			return err
		})
	})
	return n, err
}
