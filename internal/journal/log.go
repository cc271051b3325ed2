package journal

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
)

// log is one log of the store.
type log struct {
	number       int
	origin, path string
	node         string
	year         int
	vkey         string
	codeEpoch    int
	epoch        int64  // of the lease, as we last saw it
	closed       bool   // no entry comes any more
	final        []byte // the last checkpoint of a closed log

	signer *signer      // nil: its key is not here (another node's, or destroyed)
	code   *ids.CodeKey // nil likewise

	size atomic.Int64 // durable entries
	head atomic.Pointer[head]
	load sync.Mutex // one loads the head of a log that we do not write
}

// head is the end of a log at one moment. It never changes.
type head struct {
	size       int64
	time       int64 // of the last batch, micros
	root       tlog.Hash
	edge       [][]tlog.Hash // tiles being filled, one a tile level
	checkpoint []byte        // nil if the key is not here
}

func (l *log) base() int64 { return int64(l.number) * logSpan }

func tileID(l *log, level int, n int64) int64 {
	return (int64(l.number)*10+int64(level))*1_000_000_000_000 + n
}

// sign makes the checkpoint of a tree of this log, if we may.
func (j *Journal) sign(l *log, size int64, root tlog.Hash) ([]byte, error) {
	if err := j.usable(); err != nil {
		return nil, err
	}
	if l.signer == nil {
		return nil, errNoKey
	}
	return l.signer.checkpoint(size, root), nil
}

// readLogs learns of every log, and of how far the others have grown.
func (j *Journal) readLogs(ctx context.Context) error {
	return j.db.Read(ctx, func(tx *store.Tx) error {
		var found []*log
		err := tx.Each(listLogs, nil, func(scan func(...any) error) error {
			l, closed, final := &log{}, int64(0), ""
			err := scan(&l.number, &l.origin, &l.path, &l.node, &l.year, &l.vkey, &l.codeEpoch, &l.epoch, &closed, &final)
			if err == nil && (l.number < 0 || l.number >= maxLogs) {
				err = altered("log number %d", l.number)
			}
			l.closed, l.final = closed != 0, []byte(final)
			found = append(found, l)
			return err
		})
		if err != nil {
			return err
		}
		for _, l := range found {
			if err := j.learn(tx, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// learn takes up what the store says of one log, unless it is the one we write.
func (j *Journal) learn(tx *store.Tx, l *log) error {
	had := j.logs[l.number].Load()
	known := had
	if known != nil && (known == j.current.Load() || known.closed) {
		return nil
	}
	if known == nil || known.closed != l.closed {
		l.signer = j.config.Keys.signer(l.origin, l.vkey)
		l.code = j.config.Keys.codes[l.codeEpoch]
		known = l
	}
	var id, n, skip int64
	var root []byte
	if _, err := tx.One(lastBatch, []any{l.base(), l.base() + logSpan}, &id, &n, &skip, &skip, &root); err != nil {
		return err
	}
	if n > 0 {
		known.size.Store(id - l.base() + n)
	}
	j.logs[l.number].CompareAndSwap(had, known) // unless we have begun it meanwhile
	return nil
}

// watch keeps an eye on the logs that other nodes write. Their sizes are never
// read on demand: the time of an answer must not tell whether a code is genuine.
func (j *Journal) watch() {
	if j.db.Engine() != store.PostgreSQL {
		return
	}
	for {
		select {
		case <-j.ctx.Done():
			return
		case <-time.After(time.Second):
		}
		if err := j.readLogs(j.ctx); err != nil && j.ctx.Err() == nil {
			j.logger.Warn("the other nodes' logs cannot be read", "error", err)
		}
	}
}

// resume takes the lease on this node's newest log and loads its end; if that
// log is of another year, name or key, it is closed and the next one begun.
func (j *Journal) resume(ctx context.Context) error {
	var mine *log
	for i := range j.logs {
		if l := j.logs[i].Load(); l != nil && l.node == j.config.Node && !l.closed {
			mine = l
		}
	}
	now := j.config.Clock()
	if mine == nil {
		return j.begin(ctx, nil, now)
	}
	if err := j.lease(ctx, mine); err != nil {
		return err
	}
	t, h, err := j.loadHead(ctx, mine)
	if err != nil {
		return err
	}
	j.tree, j.last = *t, h.time
	if mine.signer != nil {
		h.checkpoint = mine.signer.checkpoint(h.size, h.root)
	}
	mine.size.Store(h.size)
	mine.head.Store(h)
	j.current.Store(mine)
	keys := j.config.Keys
	renamed := j.config.Origin != "" && mine.origin != j.config.Origin+"/"+mine.path
	if year(now) > mine.year || renamed || mine.vkey != keys.vkey(mine.origin) || mine.codeEpoch != keys.codeEpoch() {
		return j.begin(ctx, mine, now)
	}
	return nil
}

func year(t time.Time) int { return int(persian.DateOf(t).Year) }

// lease makes this process the only one that can write l: its epoch grows.
//
// From its commit on, no other process can add a batch: the epoch is compared
// in the statement that inserts one. A crash after it leaves a log whose epoch
// has a gap, which is of no meaning.
func (j *Journal) lease(ctx context.Context, l *log) error {
	return j.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(takeLease, j.holder, l.number)
		if err == nil && n != 1 {
			err = errLost
		}
		if err == nil {
			_, err = tx.One(readLease, []any{l.number}, &l.epoch)
		}
		return err
	})
}

// holder names this journal for the lease: host, process and moment for people
// who read the table, and a random part that makes it the only one.
func holder() string {
	host, _ := os.Hostname() // only for people
	return fmt.Sprintf("%s %d %s %s", host, os.Getpid(), time.Now().UTC().Format(time.RFC3339), rand.Text())
}

// begin opens the next log of this node and closes the one before, in one
// transaction.
//
// A crash before its commit leaves the old log as it was; after it, the old
// one is closed for ever and the new one is empty.
func (j *Journal) begin(ctx context.Context, before *log, now time.Time) error {
	if at := time.UnixMicro(j.last); at.After(now) {
		now = at
	}
	l := &log{node: j.config.Node, year: year(now), codeEpoch: j.config.Keys.codeEpoch(), epoch: 1}
	name := cmp.Or(j.config.Origin, "estelam.example/log")
	if before != nil && j.config.Origin == "" {
		name = strings.TrimSuffix(before.origin, "/"+before.path)
	}
	err := j.db.Write(ctx, func(tx *store.Tx) error {
		if before != nil {
			h := before.head.Load()
			n, err := tx.Exec(closeLog, now.UnixMicro(), string(h.checkpoint), before.number, before.epoch)
			if err == nil && n != 1 {
				err = errLost
			}
			if err != nil {
				return err
			}
		}
		return j.insertLog(tx, l, name, now)
	})
	if err != nil {
		return j.fail(err)
	}
	l.signer = j.config.Keys.signer(l.origin, l.vkey)
	l.code = j.config.Keys.codes[l.codeEpoch]
	j.tree = tree{}
	l.head.Store(&head{root: emptyRoot, time: j.last, checkpoint: l.signer.checkpoint(0, emptyRoot)})
	if before != nil {
		j.retire(before)
	}
	j.logs[l.number].Store(l)
	j.current.Store(l)
	j.logger.Info("a log begins", "origin", l.origin, "number", l.number, "key", l.vkey)
	return nil
}

// insertLog gives l its number, path and key, and its row.
func (j *Journal) insertLog(tx *store.Tx, l *log, name string, now time.Time) error {
	series := 1
	l.number = 1
	err := tx.Each(listLogs, nil, func(scan func(...any) error) error {
		var number, year, skip int64
		var node, text string
		err := scan(&number, &text, &text, &node, &year, &text, &skip, &skip, &skip, &text)
		l.number = max(l.number, int(number)+1)
		if node == l.node && int(year) == l.year {
			series++
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.number >= maxLogs {
		return fault.New(fault.Unavailable, "journal.logs.used")
	}
	l.path = fmt.Sprintf("%d/%s", l.year, l.node)
	if series > 1 {
		l.path += fmt.Sprintf("/%d", series)
	}
	l.origin = name + "/" + l.path
	l.vkey = j.config.Keys.vkey(l.origin)
	_, err = tx.Exec(insertLog, l.number, l.origin, l.path, l.node, l.year, l.vkey, l.codeEpoch, j.holder, now.UnixMicro())
	return err
}

// retire replaces a log that we wrote by its closed form.
func (j *Journal) retire(l *log) {
	h := l.head.Load()
	old := &log{
		number: l.number, origin: l.origin, path: l.path, node: l.node, year: l.year, vkey: l.vkey,
		codeEpoch: l.codeEpoch, closed: true, final: h.checkpoint, signer: l.signer, code: l.code,
	}
	old.size.Store(h.size)
	old.head.Store(h)
	j.logs[l.number].Store(old)
}

// headOf is the end of a log, loaded if it is not one that we write.
func (j *Journal) headOf(ctx context.Context, l *log) (*head, error) {
	fresh := func() *head {
		if h := l.head.Load(); h != nil && h.size >= l.size.Load() {
			return h
		}
		return nil
	}
	if h := fresh(); h != nil {
		return h, nil
	}
	l.load.Lock()
	defer l.load.Unlock()
	if h := fresh(); h != nil {
		return h, nil
	}
	_, h, err := j.loadHead(ctx, l)
	if err != nil {
		return nil, err
	}
	switch {
	case l.signer != nil:
		h.checkpoint = l.signer.checkpoint(h.size, h.root)
	case l.closed:
		h.checkpoint = l.final
	}
	l.head.Store(h)
	if h.size > l.size.Load() {
		l.size.Store(h.size)
	}
	return h, nil
}
