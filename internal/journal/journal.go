// Package journal is audit trail, transparency log and commit point in one:
// every act that matters is one entry of a public append-only Merkle log, and
// an act is done when its entry is durable. docs/journal.md gives every byte.
//
// One goroutine, the sequencer, writes a log; Commit is the only way in. While
// one batch is being made durable the next one gathers. What happens to a
// batch, in the function Journal.cut in the same order:
//
//  1. Sort out: requests whose idempotency key or act is known get the entry
//     that is there.
//  2. Place: assign the time, which never decreases, and the indexes. A new
//     Jalali year in Tehran opens the next log first.
//  3. Pack: finish the records (head and body), draw the salts, make and hash
//     the leaves.
//  4. Grow the tree; its new root is known.
//  5. Write one row and the tiles that became full, if the lease is still ours
//     and the log still ends where we think; commit once, with one sync.
//  6. Sign one checkpoint.
//  7. Publish, and hand each waiter its proof.
//
// Nothing is answered before step 5 is durable, and nothing is signed either:
// a crash leaves an entry without an answer, never an answer without an entry.
//
// A log belongs to one node, one Jalali year and one signing key. The node
// holds a lease on it, whose epoch stands in every batch: after another
// process has taken the lease, the first one cannot write any more and stops
// for ever. Reading goes on over all logs.
//
// Acts that change rows of the register write their entry into the outbox in
// the same transaction (Post) and wait for it to be in the log (Settle).
// Look-ups by something else than position are projections, built behind the
// commit; what they do not have yet is in memory (tail).
package journal

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
)

// Config says how a journal is opened. URL and Keys are needed; the zero value
// of everything else works.
type Config struct {
	URL  string // of the store
	Keys *Keys

	// Origin is the public name under which logs are served: host and path,
	// without scheme, without a slash at the end. A log's origin is this, its
	// year and its node: "estelam.example/log/1405/n1". A log keeps its name for
	// life: another one begins the next log. Default: that of the log in force,
	// of the first one "estelam.example/log".
	Origin string

	// Node is the name of this node, unique among those that share a store:
	// small letters and digits. Default "n1".
	Node string

	Clock  func() time.Time // default time.Now
	Logger *slog.Logger     // default slog.Default()

	// Gather bounds how long the sequencer waits for more entries while callers
	// keep coming. Default 1 ms; a single caller never waits.
	Gather time.Duration
}

// limits of a batch.
const (
	maxLogs     = 1000
	maxUnit     = 16_384   // entries of one CommitAll
	maxBatch    = 1024     // entries beyond which a batch takes no further request: rows stay small enough to read one entry
	maxBytes    = 4 << 20  // of bodies, likewise
	maxBody     = 64 << 10 // of one entry
	logSpan     = 100_000_000_000_000
	maxTail     = 1 << 19 // entries that the projections may be behind
	dropGrace   = 2 * time.Second
	projectTick = time.Second
	drainPeriod = 200 * time.Millisecond
)

// Journal is an open journal. It is safe for concurrent use.
type Journal struct {
	config     Config
	logger     *slog.Logger
	db         *store.DB // the logs
	register   *store.DB // the outbox
	projection *store.DB
	node       int64  // hash of the node's name, as the outbox has it
	holder     string // who holds the lease: this journal, and no other ever
	attached   bool   // another process runs the node (Attach)

	logs    [maxLogs]atomic.Pointer[log]
	current atomic.Pointer[log] // the one we write; set by the sequencer

	// Owned by the sequencer.
	tree  tree
	last  int64  // time of the last batch, micros
	doubt *batch // whose commit may have happened or not (resolve)

	queue   queue
	tail    tail
	filter  filter // of the keys in the projections
	batches atomic.Int64
	entries atomic.Int64
	outbox  outbox
	dead    atomic.Pointer[fault.Error] // why nothing is written any more
	stop    context.CancelFunc
	ctx     context.Context
	workers sync.WaitGroup
	closing sync.Once
}

var (
	emptyRoot   = tlog.Hash(sha256.Sum256(nil))
	errLost     = fault.New(fault.Unavailable, "journal.lease.lost")
	errAttached = fault.New(fault.Unavailable, "journal.attached")
	errClosed   = fault.New(fault.Unavailable, "journal.closed")
	errAltered  = fault.New(fault.Internal, "journal.altered")
	errReused   = fault.New(fault.Invalid, "journal.key.reused")
	errEntry    = fault.New(fault.Internal, "journal.entry")
	errPurged   = fault.New(fault.NotFound, "journal.purged")
	errNoKey    = fault.New(fault.Unavailable, "journal.key.absent")
)

func altered(format string, args ...any) error {
	return errAltered.Because(fmt.Errorf(format, args...))
}

// Open takes the lease on this node's log, checks its end and continues it. It
// begins a new log if there is none for this year and these keys. Entries that
// an earlier process left in the outbox are in the log when Open returns.
//
// A log whose end does not fit its tree is refused with "journal.altered".
func Open(ctx context.Context, c Config) (*Journal, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	j := &Journal{config: c, logger: c.Logger, node: nodeHash(c.Node), holder: holder()}
	j.ctx, j.stop = context.WithCancel(context.WithoutCancel(ctx))
	j.queue.init(c.Gather)
	j.tail.init(c.Clock)
	j.outbox.init()
	err := j.openStores(ctx)
	if err == nil {
		err = j.start(ctx)
	}
	if err != nil {
		j.Close()
		return nil, err
	}
	return j, nil
}

func (c *Config) complete() error {
	if c.Node == "" {
		c.Node = "n1"
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Gather == 0 {
		c.Gather = time.Millisecond
	}
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789"
	if strings.Trim(c.Node, allowed) != "" || strings.Trim(c.Origin, allowed+"-./:") != "" ||
		strings.HasSuffix(c.Origin, "/") || c.Keys == nil {
		return fault.New(fault.Internal, "journal.config")
	}
	return nil
}

func (j *Journal) openStores(ctx context.Context) (err error) {
	for _, d := range []struct {
		to   **store.DB
		name store.Database
	}{{&j.db, store.Journal}, {&j.register, store.Register}, {&j.projection, store.Projection}} {
		if *d.to, err = store.Open(ctx, j.config.URL, d.name); err != nil {
			return err
		}
	}
	return nil
}

// start brings memory to where the store is, then lets entries in.
func (j *Journal) start(ctx context.Context) error {
	if err := j.readLogs(ctx); err != nil {
		return err
	}
	if err := j.resume(ctx); err != nil {
		return err
	}
	if err := j.loadFilter(ctx); err != nil {
		return err
	}
	if err := j.loadTail(ctx); err != nil {
		return err
	}
	j.workers.Go(j.sequence)
	j.workers.Go(j.project)
	if err := j.drain(ctx); err != nil {
		return err
	}
	j.workers.Go(j.drainLoop)
	j.workers.Go(j.watch)
	return nil
}

// Close finishes what waits, and closes. Entries committed later are refused
// with "journal.closed".
func (j *Journal) Close() {
	j.closing.Do(func() {
		j.queue.close()
		j.stop()
		j.workers.Wait()
		for _, db := range []*store.DB{j.db, j.register, j.projection} {
			if db != nil {
				_ = db.Close()
			}
		}
	})
}

// State is where a journal stands.
type State struct {
	Log         int
	Origin      string
	Size        int64     // durable entries of the log
	Time        time.Time // of the newest of them; zero: there is none
	Root        tlog.Hash
	Checkpoint  []byte
	VerifierKey string // public key of the log, as c2sp.org/signed-note has it
	Behind      int    // entries that the projections do not have yet
	Batches     int64  // committed since Open
	Entries     int64  // in them
	Err         error  // why nothing is written any more; nil while all is well
}

// State tells where the journal stands.
func (j *Journal) State() State {
	s := State{Behind: j.tail.behind(), Batches: j.batches.Load(), Entries: j.entries.Load()}
	if l := j.current.Load(); l != nil { // an attached journal has none
		h := l.head.Load()
		s.Log, s.Origin, s.VerifierKey = l.number, l.origin, l.vkey
		s.Size, s.Root, s.Checkpoint = h.size, h.root, h.checkpoint
		if h.time != 0 {
			s.Time = time.UnixMicro(h.time).UTC()
		}
	}
	if f := j.dead.Load(); f != nil {
		s.Err = f
	}
	return s
}

// VerifierKeys lists the public keys of all logs, oldest first.
func (j *Journal) VerifierKeys() []string {
	var keys []string
	for i := range j.logs {
		if l := j.logs[i].Load(); l != nil {
			keys = append(keys, l.vkey)
		}
	}
	return keys
}

// fail ends writing for ever if err says that what is on disk may not be what
// we think. Other errors (a full disk, a lost connection before the commit)
// leave everything as it was; "store.unknown" is resolved before the next batch.
func (j *Journal) fail(err error) error {
	f := fault.Of(err)
	switch f.Key {
	case "store.failed", errLost.Key, errAltered.Key:
		if j.dead.CompareAndSwap(nil, f) {
			j.logger.Error("the journal has stopped", "error", err)
		}
	}
	return err
}

// usable is why nothing can be written any more, or nil.
func (j *Journal) usable() error {
	if f := j.dead.Load(); f != nil {
		return f
	}
	return nil
}

func nodeHash(name string) int64 {
	sum := sha256.Sum256([]byte("estelam/node/" + name))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// gone is the fault for a caller whose context has ended: its entry may or may
// not come into the log.
func gone(ctx context.Context) error {
	return fault.New(fault.Unavailable, "journal.gone").Because(errors.Join(ctx.Err(), context.Cause(ctx)))
}
