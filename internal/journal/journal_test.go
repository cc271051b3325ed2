package journal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

// desk opens journals on one store, as processes that follow each other do.
type desk struct {
	t      testing.TB
	url    string
	keyDir string
	keys   *Keys
	mu     sync.Mutex
	now    time.Time // zero: the real clock
}

func newDesk(t testing.TB, url string) *desk {
	d := &desk{t: t, url: url, keyDir: t.TempDir()}
	var err error
	if d.keys, err = NewKeys(d.keyDir); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now.IsZero() {
		return time.Now()
	}
	return d.now
}

func (d *desk) setClock(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = at
}

func (d *desk) config() Config {
	return Config{
		URL: d.url, Keys: d.keys, Clock: d.clock,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

func (d *desk) tryOpen() (*Journal, error) { return Open(context.Background(), d.config()) }

func (d *desk) open() *Journal {
	d.t.Helper()
	j, err := d.tryOpen()
	if err != nil {
		d.t.Fatalf("open: %v", err)
	}
	d.t.Cleanup(j.Close)
	return j
}

func entry(i int) Entry {
	return Entry{
		Kind: receipt.Inquiry,
		Body: fmt.Appendf(nil, `"agency":{"id":"14003552272"},"service":"identity","n":%d`, i),
	}
}

func keyOf(s string) [16]byte { return sum16("test", []byte(s)) }

func verifiers(t testing.TB, j *Journal) []note.Verifier {
	t.Helper()
	var list []note.Verifier
	for _, k := range j.VerifierKeys() {
		v, err := note.NewVerifier(k)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

// commit commits and verifies the receipt as a stranger would: from its file.
func commit(t testing.TB, j *Journal, e Entry) Proven {
	t.Helper()
	p, err := j.Commit(context.Background(), e)
	if err != nil {
		t.Fatalf("commit: %v", err)
	}
	mustVerify(t, j, p.Receipt())
	return p
}

func mustVerify(t testing.TB, j *Journal, r *receipt.Receipt) {
	t.Helper()
	again, err := receipt.Parse(r.Append(nil))
	if err == nil {
		err = again.Verify(verifiers(t, j)...)
	}
	if err != nil {
		t.Fatalf("the receipt of entry %d: %v", r.Index, err)
	}
}

func TestCommitAndByCode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		j := d.open()
		ctx := context.Background()
		var all []Proven
		for i := range 700 {
			e := entry(i)
			e.Subject = ids.NationalNumber(1 + i%3)
			if i%7 == 0 {
				batch := make([]Entry, 1+i%50)
				for k := range batch {
					batch[k] = entry(i*1000 + k)
				}
				p, err := j.CommitAll(ctx, batch, [16]byte{}, [16]byte{})
				if err != nil {
					t.Fatal(err)
				}
				if err := p.Receipts().Verify(verifiers(t, j)...); err != nil {
					t.Fatal(err)
				}
				continue
			}
			all = append(all, commit(t, j, e))
		}
		check := func(j *Journal) {
			for _, p := range all {
				again, found, err := j.ByCode(ctx, p.Code)
				if err != nil || !found {
					t.Fatalf("entry %d by code: %v %v", p.Index, found, err)
				}
				if a, b := string(p.Receipt().Append(nil)), string(again.Receipt().Append(nil)); a != b {
					t.Fatalf("entry %d has another receipt:\n%s\n%s", p.Index, a, b)
				}
			}
		}
		check(j)
		j.Close()
		check(d.open())
	})
}

// unit commits entries as one and verifies the batch file.
func unit(t testing.TB, j *Journal, entries []Entry, key, digest [16]byte) *ProvenBatch {
	t.Helper()
	p, err := j.CommitAll(context.Background(), entries, key, digest)
	if err != nil {
		t.Fatalf("commit all: %v", err)
	}
	b, err := receipt.ParseBatch(p.Receipts().Append(nil))
	if err == nil {
		err = b.Verify(verifiers(t, j)...)
	}
	if err != nil {
		t.Fatalf("the batch file: %v", err)
	}
	return p
}

func entries(from, n int) []Entry {
	list := make([]Entry, n)
	for i := range list {
		list[i] = entry(from + i)
	}
	return list
}

func wantFault(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		t.Fatalf("want %s %s, got %v", kind, key, err)
	}
}

// TestManyCallers: every caller gets the proof of its own entry, indexes have
// no gaps, and batches are shared.
func TestManyCallers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		j := newDesk(t, url).open()
		const callers, each = 64, 30
		var mu sync.Mutex
		seen := map[int64]bool{}
		var wait sync.WaitGroup
		for c := range callers {
			wait.Go(func() {
				for i := range each {
					e := entry(c*1000 + i)
					p, err := j.Commit(context.Background(), e)
					if err != nil || !bytes.Contains(p.Record, e.Body) {
						t.Errorf("commit: %v", err)
						return
					}
					if err := p.Receipt().Verify(verifiers(t, j)...); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					seen[p.Index] = true
					mu.Unlock()
				}
			})
		}
		wait.Wait()
		if len(seen) != callers*each || j.State().Size != callers*each {
			t.Fatalf("%d entries, size %d", len(seen), j.State().Size)
		}
		if n := batchesOf(t, j); n > callers*each/4 {
			t.Errorf("%d entries took %d batches", callers*each, n)
		}
		wantClean(t, j, url)
	})
}

func wantClean(t testing.TB, j *Journal, url string) {
	t.Helper()
	r, err := Fsck(context.Background(), url, j.config.Keys)
	if err != nil || len(r.Faults) > 0 {
		t.Fatalf("fsck: %v %v", err, r.Faults)
	}
}

func TestKeysAreUsedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		j := d.open()
		ctx := context.Background()
		e := entry(1)
		e.Key, e.Digest = keyOf("key"), keyOf("digest")

		// Two dozen at once, some of them in one batch: one entry.
		var wait sync.WaitGroup
		files := make([]string, 24)
		for i := range files {
			wait.Go(func() {
				p, err := j.Commit(ctx, e)
				if err != nil {
					t.Error(err)
				}
				files[i] = string(p.Receipt().Append(nil))
			})
		}
		wait.Wait()
		if n := j.State().Size; n != 1 {
			t.Fatalf("%d entries for one key", n)
		}
		for _, f := range files {
			if f != files[0] {
				t.Fatalf("two receipts for one key:\n%s\n%s", f, files[0])
			}
		}
		whole := unit(t, j, entries(10, 300), keyOf("unit"), keyOf("digest"))

		check := func(j *Journal, where string) {
			t.Helper()
			p, found, err := j.Replay(ctx, e.Key, e.Digest)
			if err != nil || !found || !p.Replayed || string(p.Receipt().Append(nil)) != files[0] {
				t.Fatalf("%s: replay: %v %v", where, found, err)
			}
			again, err := j.Commit(ctx, e)
			if err != nil || !again.Replayed || string(again.Receipt().Append(nil)) != files[0] {
				t.Fatalf("%s: commit again: %v", where, err)
			}
			_, _, err = j.Replay(ctx, e.Key, keyOf("other"))
			wantFault(t, err, fault.Invalid, "journal.key.reused")
			other := e
			other.Digest = keyOf("other")
			_, err = j.Commit(ctx, other)
			wantFault(t, err, fault.Invalid, "journal.key.reused")
			b, found, err := j.ReplayAll(ctx, keyOf("unit"), keyOf("digest"))
			if err != nil || !found || !bytes.Equal(b.Receipts().Append(nil), whole.Receipts().Append(nil)) {
				t.Fatalf("%s: replay of the unit: %v %v", where, found, err)
			}
			if _, err = j.CommitAll(ctx, entries(10, 300), keyOf("unit"), keyOf("digest")); err != nil {
				t.Fatal(err)
			}
			_, err = j.CommitAll(ctx, entries(10, 300), keyOf("unit"), keyOf("other"))
			wantFault(t, err, fault.Invalid, "journal.key.reused")
			_, _, err = j.Replay(ctx, keyOf("unit"), keyOf("digest"))
			wantFault(t, err, fault.Invalid, "journal.key.reused")
			_, _, err = j.ReplayAll(ctx, e.Key, e.Digest)
			wantFault(t, err, fault.Invalid, "journal.key.reused")
			if _, found, err := j.Replay(ctx, keyOf("unknown"), e.Digest); found || err != nil {
				t.Fatalf("%s: an unknown key: %v %v", where, found, err)
			}
			if n := j.State().Size; n != 301 {
				t.Fatalf("%s: %d entries", where, n)
			}
		}
		check(j, "in the tail")
		if err := j.projectOnceForTest(); err != nil {
			t.Fatal(err)
		}
		check(j, "in both")
		j.tail.drop(time.Now().Add(time.Hour))
		check(j, "in the projections")
		j.Close()
		check(d.open(), "after a restart")
	})
}

// projectOnceForTest waits until the projector has taken everything in.
func (j *Journal) projectOnceForTest() error {
	for j.tail.behind() > 0 {
		select {
		case j.tail.full <- struct{}{}:
		default:
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

// TestKeyLeavingTheTail has an entry leave the tail between the look-up of its
// key and its place in a batch.
func TestKeyLeavingTheTail(t *testing.T) {
	j := newDesk(t, storetest.SQLite(t)).open()
	e := entry(1)
	e.Key, e.Digest = keyOf("key"), keyOf("digest")
	r := newRequest()
	r.alone[0], r.entries = e, r.alone[:]
	r.key, r.digest, r.drops = e.Key, e.Digest, j.tail.drops.Load()
	first := commit(t, j, e) // while r thinks that its key is new
	if err := j.projectOnceForTest(); err != nil {
		t.Fatal(err)
	}
	j.tail.drop(time.Now().Add(time.Hour))
	if j.tail.has(e.Key) {
		t.Fatal("the key is still in the tail")
	}
	if err := j.submit(context.Background(), r); err != nil || !r.again {
		t.Fatalf("the request was taken: %v", err)
	}
	r.reset()
	p, err := j.commitOne(context.Background(), r)
	if err != nil || p.Index != first.Index || !p.Replayed {
		t.Fatalf("entry %d, not %d: %v", p.Index, first.Index, err)
	}
}

func TestTwoProcessesCannotExtendOneLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		first := d.open()
		ctx := context.Background()
		commit(t, first, entry(1))
		server := httptest.NewServer(first.Handler())
		defer server.Close()

		second := d.open()
		commit(t, second, entry(2))
		_, err := first.Commit(ctx, entry(3))
		wantFault(t, err, fault.Unavailable, "journal.lease.lost")
		_, err = first.Commit(ctx, entry(3)) // for ever
		wantFault(t, err, fault.Unavailable, "journal.lease.lost")
		if first.State().Err == nil {
			t.Error("the first does not say that it has stopped")
		}
		if res, err := http.Get(server.URL + "/log/" + first.current.Load().path + "/checkpoint"); err != nil || res.StatusCode != 503 {
			t.Errorf("the first still serves a checkpoint: %v", err)
		}
		commit(t, second, entry(4))
		if n := second.State().Size; n != 3 {
			t.Fatalf("%d entries", n)
		}
		wantClean(t, second, url)
	})
}

// TestLeaseUnderLoad takes the lease away while the first process writes: what
// it has acknowledged is in the log, once.
func TestLeaseUnderLoad(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		first := d.open()
		var mu sync.Mutex
		acked := map[ids.TrackingCode][]byte{}
		var wait sync.WaitGroup
		for c := range 8 {
			wait.Go(func() {
				for i := 0; ; i++ {
					p, err := first.Commit(context.Background(), entry(c*100000+i))
					if err != nil {
						return
					}
					mu.Lock()
					acked[p.Code] = p.Record
					mu.Unlock()
				}
			})
		}
		for {
			mu.Lock()
			n := len(acked)
			mu.Unlock()
			if n > 100 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		second := d.open()
		commit(t, second, entry(-1))
		wait.Wait()
		for c, record := range acked {
			p, found, err := second.ByCode(context.Background(), c)
			if err != nil || !found || !bytes.Equal(p.Record, record) {
				t.Fatalf("an acknowledged entry is not there: %v %v", found, err)
			}
		}
		wantClean(t, second, url)
	})
}

func TestClockAndYears(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		nowruz := time.Date(2027, 3, 20, 20, 30, 0, 0, time.UTC) // 1406-01-01 00:00 in Tehran
		d.setClock(nowruz.Add(-time.Hour))
		j := d.open()
		var all []Proven
		add := func() Proven {
			p := commit(t, j, entry(len(all)))
			if n := len(all); n > 0 && p.Time.Before(all[n-1].Time) {
				t.Fatalf("time runs back: %v after %v", p.Time, all[n-1].Time)
			}
			all = append(all, p)
			return p
		}
		add()
		d.setClock(nowruz.Add(-25 * time.Hour)) // back by a day
		if p := add(); !p.Time.Equal(nowruz.Add(-time.Hour)) {
			t.Fatalf("time is %v", p.Time)
		}
		for i := range 300 {
			d.setClock(nowruz.Add(-time.Minute + time.Duration(i)*time.Millisecond))
			add()
		}
		if o := j.State().Origin; o != "estelam.example/log/1405/n1" {
			t.Fatalf("origin %s", o)
		}
		d.setClock(nowruz)
		if p := add(); p.Origin != "estelam.example/log/1406/n1" || p.Index != 0 || p.Log != 2 {
			t.Fatalf("the new year's first entry is %d of %s (log %d)", p.Index, p.Origin, p.Log)
		}
		d.setClock(nowruz.Add(-24 * time.Hour)) // back into the old year: the log stays
		if p := add(); p.Log != 2 || p.Time.Before(nowruz) {
			t.Fatalf("log %d at %v", p.Log, p.Time)
		}
		codes := map[ids.TrackingCode]bool{}
		check := func(j *Journal) {
			for _, p := range all {
				codes[p.Code] = true
				again, found, err := j.ByCode(context.Background(), p.Code)
				if err != nil || !found || !bytes.Equal(again.Receipt().Append(nil), p.Receipt().Append(nil)) {
					t.Fatalf("entry %d of log %d: %v %v", p.Index, p.Log, found, err)
				}
				if ok, err := j.Genuine(context.Background(), p.Code); !ok || err != nil {
					t.Fatal("not genuine")
				}
			}
		}
		check(j)
		if len(codes) != len(all) {
			t.Fatal("a code stands twice")
		}
		j.Close()
		j = d.open()
		check(j)
		if j.State().Log != 2 || len(j.VerifierKeys()) != 2 {
			t.Fatalf("log %d, keys %v", j.State().Log, j.VerifierKeys())
		}
		// A start in the next year begins its log.
		j.Close()
		d.setClock(nowruz.AddDate(1, 0, 3))
		j = d.open()
		add()
		check(j)
		wantClean(t, j, url)
	})
}

// A log keeps its name: another one begins the next log, none goes on.
func TestOrigin(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.setClock(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))
	for _, c := range []struct{ given, want string }{
		{"", "estelam.example/log/1405/n1"},
		{"", "estelam.example/log/1405/n1"},
		{"a.example/log", "a.example/log/1405/n1/2"},
		{"a.example/log", "a.example/log/1405/n1/2"},
		{"", "a.example/log/1405/n1/2"},
	} {
		config := d.config()
		config.Origin = c.given
		j, err := Open(context.Background(), config)
		if err != nil {
			t.Fatal(err)
		}
		p := commit(t, j, entry(0))
		j.Close()
		if p.Origin != c.want {
			t.Errorf("%q given: %s, want %s", c.given, p.Origin, c.want)
		}
	}
	d.setClock(time.Date(2027, 3, 22, 0, 0, 0, 0, time.UTC))
	if p := commit(t, d.open(), entry(0)); p.Origin != "a.example/log/1406/n1" {
		t.Errorf("the next year's log is %s", p.Origin)
	}
}

func TestKeyRotation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		j := d.open()
		var all []Proven
		for i := range 300 {
			all = append(all, commit(t, j, entry(i)))
		}
		oldKey := verifiers(t, j)
		j.Close()
		rotate := func(f func(string) error) {
			var err error
			if err = f(d.keyDir); err == nil {
				d.keys, err = LoadKeys(d.keyDir)
			}
			if err != nil {
				t.Fatal(err)
			}
			j = d.open()
			all = append(all, commit(t, j, entry(0)))
		}
		check := func() {
			for _, p := range all {
				again, found, err := j.ByCode(context.Background(), p.Code)
				if err != nil || !found || !bytes.Equal(again.Receipt().Append(nil), p.Receipt().Append(nil)) {
					t.Fatalf("entry %d of log %d: %v %v", p.Index, p.Log, found, err)
				}
			}
		}
		rotate(RotateLogKey)
		check()
		if j.State().Log != 2 {
			t.Fatal("a new key has not begun a new log")
		}
		j.Close()
		rotate(RotateCodeKey)
		check()
		if c := all[len(all)-1].Code; c.Epoch() != 2 || j.State().Log != 3 {
			t.Fatalf("code of epoch %d in log %d", c.Epoch(), j.State().Log)
		}
		j.Close()

		// The old private key is destroyed: the closed log's last checkpoint serves.
		if err := os.Remove(filepath.Join(d.keyDir, "log-1.key")); err != nil {
			t.Fatal(err)
		}
		var err error
		if d.keys, err = LoadKeys(d.keyDir); err != nil {
			t.Fatal(err)
		}
		j = d.open()
		p, found, err := j.ByCode(context.Background(), all[7].Code)
		if err != nil || !found || p.Size != 300 {
			t.Fatalf("%v %v", found, err)
		}
		if err := p.Receipt().Verify(oldKey...); err != nil {
			t.Fatal(err)
		}
		wantClean(t, j, url)
	})
}

func TestEntriesThatCouldNotBeVerifiedAreRefused(t *testing.T) {
	j := newDesk(t, storetest.SQLite(t)).open()
	for _, bad := range []Entry{
		{Kind: 0, Body: []byte(`"a":1`)},
		{Kind: receipt.Inquiry, Body: []byte(`"a":1.5`)},
		{Kind: receipt.Inquiry, Body: []byte(`{"a":1}`)},
		{Kind: receipt.Inquiry, Body: bytes.Repeat([]byte(`x`), maxBody+1)},
	} {
		_, err := j.Commit(context.Background(), bad)
		wantFault(t, err, fault.Internal, "journal.entry")
	}
	_, err := j.CommitAll(context.Background(), nil, [16]byte{}, [16]byte{})
	wantFault(t, err, fault.Invalid, "journal.unit.size")
	commit(t, j, Entry{Kind: receipt.KeyEvent}) // a record may be its head alone
}

func TestGoneCallersAndClosing(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	j := d.open()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := j.Commit(ctx, entry(1))
	wantFault(t, err, fault.Unavailable, "journal.gone")
	commit(t, j, entry(2))
	j.Close()
	_, err = j.Commit(context.Background(), entry(3))
	wantFault(t, err, fault.Unavailable, "journal.closed")
	j.Close() // twice is once
}
