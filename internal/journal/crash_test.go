package journal

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/persian"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

// post runs an act that changes rows as far as its own commit.
func post(t testing.TB, j *Journal, e Entry) ActID {
	t.Helper()
	act := j.NewAct()
	if err := j.register.Write(context.Background(), func(tx *store.Tx) error { return Post(tx, act, e) }); err != nil {
		t.Fatal(err)
	}
	return act
}

func outboxSize(t testing.TB, j *Journal) (n int64) {
	t.Helper()
	err := j.register.Read(context.Background(), func(tx *store.Tx) error {
		_, err := tx.One(testOutbox, nil, &n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func waitEmpty(t testing.TB, j *Journal) {
	t.Helper()
	for outboxSize(t, j) > 0 {
		time.Sleep(time.Millisecond)
	}
}

func TestOutbox(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		j := d.open()
		ctx := context.Background()
		change := func(i int) Entry {
			e := entry(i)
			e.Kind, e.Subject = receipt.PersonChange, 12345679
			return e
		}
		var wait sync.WaitGroup
		var acts [20]ActID
		for i := range acts {
			wait.Go(func() {
				acts[i] = post(t, j, change(i))
				p, err := j.Settle(ctx, acts[i])
				if err != nil || !bytes.Contains(p.Record, change(i).Body) {
					t.Errorf("settle: %v", err)
					return
				}
				if err := p.Receipt().Verify(verifiers(t, j)...); err != nil {
					t.Error(err)
				}
				again, err := j.Settle(ctx, acts[i])
				if err != nil || again.Index != p.Index {
					t.Errorf("settled twice: %v", err)
				}
			})
		}
		wait.Wait()
		waitEmpty(t, j)
		if n := j.State().Size; n != int64(len(acts)) {
			t.Fatalf("%d entries", n)
		}
		_, err := j.Settle(ctx, j.NewAct())
		wantFault(t, err, fault.Internal, "journal.act.unknown")

		// The process dies after the act's own commit.
		act := post(t, j, change(100))
		j.Close()
		j = d.open()
		size := j.State().Size
		if size != int64(len(acts))+1 || outboxSize(t, j) != 0 {
			t.Fatalf("%d entries, %d in the outbox", size, outboxSize(t, j))
		}
		p, err := j.Settle(ctx, act)
		if err != nil || p.Index != size-1 {
			t.Fatalf("%v", err)
		}

		// The process dies between the journal's commit and the outbox's.
		act = post(t, j, change(101))
		if p, err = j.Settle(ctx, act); err != nil {
			t.Fatal(err)
		}
		waitEmpty(t, j)
		for _, projected := range []bool{false, true} {
			if projected {
				if err := j.projectOnceForTest(); err != nil {
					t.Fatal(err)
				}
			}
			j.Close()
			do(t, url, store.Register, func(tx *store.Tx) error { return Post(tx, act, change(101)) })
			j = d.open()
			if n := j.State().Size; n != size+1 || outboxSize(t, j) != 0 {
				t.Fatalf("%d entries, want %d; %d in the outbox", n, size+1, outboxSize(t, j))
			}
		}
		list, err := j.AboutPerson(ctx, 12345679, Page{})
		if err != nil || int64(len(list.Entries)) != size+1 {
			t.Fatalf("%d entries about the person: %v", len(list.Entries), err)
		}
	})
}

// TestTwoActsWithOneKey: acts are told apart by their id, not by the key that
// came with the request; the first keeps the key and the projector goes on.
func TestTwoActsWithOneKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		j := d.open()
		e := entry(1)
		e.Key, e.Digest = keyOf("key"), keyOf("digest")
		var first Proven
		for i := range 2 {
			p, err := j.Settle(context.Background(), post(t, j, e))
			if err != nil || p.Index != int64(i) {
				t.Fatalf("entry %d: %v", p.Index, err)
			}
			if i == 0 {
				first = p
			}
			if err := j.projectOnceForTest(); err != nil {
				t.Fatal(err)
			}
			j.tail.drop(time.Now().Add(time.Hour))
		}
		p, found, err := j.Replay(context.Background(), e.Key, e.Digest)
		if err != nil || !found || p.Index != first.Index {
			t.Fatalf("%v %v", found, err)
		}
	})
}

// TestPostIsPartOfTheAct: rows and entry come together or not at all.
func TestPostIsPartOfTheAct(t *testing.T) {
	j := newDesk(t, storetest.SQLite(t)).open()
	act := j.NewAct()
	err := j.register.Write(context.Background(), func(tx *store.Tx) error {
		if err := Post(tx, act, entry(1)); err != nil {
			return err
		}
		return io.ErrUnexpectedEOF // the act fails after all
	})
	if err == nil {
		t.Fatal("the act has not failed")
	}
	_, err = j.Settle(context.Background(), act)
	wantFault(t, err, fault.Internal, "journal.act.unknown")
}

// TestPosted: whether an act stands can be found out while its transaction is
// under way, when it has been committed, when its entry is in the log, and when
// it has come to nothing.
func TestPosted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		j := newDesk(t, url).open()
		ctx := context.Background()
		stands := func(act ActID, want bool) {
			t.Helper()
			if got, err := j.Posted(ctx, act); err != nil || got != want {
				t.Fatalf("stands: %v %v, want %v", got, err, want)
			}
		}
		stands(j.NewAct(), false)
		if n := outboxSize(t, j); n != 0 {
			t.Fatalf("asking left %d rows", n)
		}
		act := post(t, j, entry(1))
		stands(act, true)
		if _, err := j.Settle(ctx, act); err != nil {
			t.Fatal(err)
		}
		waitEmpty(t, j)
		stands(act, true)

		late := j.NewAct()
		written, asked := make(chan struct{}), make(chan bool, 1)
		go func() {
			<-written
			got, err := j.Posted(ctx, late)
			asked <- got && err == nil
		}()
		if err := j.register.Write(ctx, func(tx *store.Tx) error {
			err := Post(tx, late, entry(2))
			close(written)
			time.Sleep(50 * time.Millisecond) // let the question come before the commit
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if !<-asked {
			t.Error("a commit under way was taken for none")
		}
	})
}

// TestListsAndCounts runs enough small turns of the projector for several
// merges, and asks before, during and after.
func TestListsAndCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		j := d.open()
		ctx := context.Background()
		random := rand.New(rand.NewPCG(1, 2))
		want := map[ids.NationalNumber][]ids.TrackingCode{} // oldest first
		var all []ids.TrackingCode
		today := persian.DateOf(time.Now())
		check := func(where string) {
			t.Helper()
			for n, codes := range want {
				got := pages(t, func(p Page) (*Listing, error) { return j.AboutPerson(ctx, n, p) }, 7)
				same(t, where, got, codes)
			}
			same(t, where, pages(t, func(p Page) (*Listing, error) { return j.ByAgency(ctx, 14003552272, p) }, 400), all)
			if n, err := j.Used(ctx, 99, today); err != nil || n != int64(len(all)) {
				t.Fatalf("%s: %d used, not %d: %v", where, n, len(all), err)
			}
		}
		for turn := range 20 {
			for range 30 {
				e := entry(len(all))
				e.Subject, e.Agency, e.Bucket = ids.NationalNumber(1+random.IntN(6)), 14003552272, 99
				p, err := j.Commit(ctx, e)
				if err != nil {
					t.Fatal(err)
				}
				want[e.Subject] = append(want[e.Subject], p.Code)
				all = append(all, p.Code)
			}
			if turn%6 == 0 {
				check("before the projector")
			}
			if err := j.projectOnceForTest(); err != nil {
				t.Fatal(err)
			}
			if turn%5 == 0 {
				j.tail.drop(time.Now().Add(time.Hour))
			}
		}
		check("projected")
		j.Close()
		j = d.open()
		check("after a restart")
		j.Close()

		// The projections are lost, and come again.
		do(t, url, store.Projection, func(tx *store.Tx) error {
			for _, q := range testForget {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			return nil
		})
		j = d.open()
		check("from the tail")
		if err := j.projectOnceForTest(); err != nil {
			t.Fatal(err)
		}
		j.tail.drop(time.Now().Add(time.Hour))
		check("built again")
		if n, err := j.Used(ctx, 98, today); err != nil || n != 0 {
			t.Fatalf("another bucket: %d %v", n, err)
		}
		if n, err := j.Used(ctx, 99, today.AddDays(-10)); err != nil || n != 0 {
			t.Fatalf("another day: %d %v", n, err)
		}
	})
}

// pages goes through a list page by page, newest first.
func pages(t *testing.T, list func(Page) (*Listing, error), limit int) []ids.TrackingCode {
	t.Helper()
	var codes []ids.TrackingCode
	page := Page{Limit: limit}
	for {
		l, err := list(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range l.Entries {
			if h, _, err := receipt.ParseHead(e.Record); err != nil || h.Code != string(e.Code) {
				t.Fatalf("a listed record: %v", err)
			}
			codes = append(codes, e.Code)
		}
		if l.Next.IsZero() {
			return codes
		}
		text, err := l.Next.MarshalText()
		if err == nil {
			err = page.After.UnmarshalText(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func same(t *testing.T, where string, newestFirst, oldestFirst []ids.TrackingCode) {
	t.Helper()
	if len(newestFirst) != len(oldestFirst) {
		t.Fatalf("%s: %d entries, not %d", where, len(newestFirst), len(oldestFirst))
	}
	for i, c := range newestFirst {
		if c != oldestFirst[len(oldestFirst)-1-i] {
			t.Fatalf("%s: entry %d is another one", where, i)
		}
	}
}

func TestPurge(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		d.setClock(start)
		j := d.open()
		ctx := context.Background()
		var all []Proven
		for i := range 20 {
			d.setClock(start.Add(time.Duration(i) * time.Hour))
			e := entry(i)
			e.Subject = 12345679
			all = append(all, commit(t, j, e))
		}
		if err := j.projectOnceForTest(); err != nil {
			t.Fatal(err)
		}
		j.tail.drop(time.Now().Add(time.Hour))
		n, err := j.Purge(ctx, Actor{Role: "operator", ID: "o"}, "retention", start.Add(9*time.Hour+time.Minute))
		if err != nil || n != 10 {
			t.Fatalf("%d purged: %v", n, err)
		}
		check := func() {
			for i, p := range all {
				again, found, err := j.ByCode(ctx, p.Code)
				if err != nil || !found || (again.Record == nil) != (i < 10) {
					t.Fatalf("entry %d: %v %v", i, found, err)
				}
				if err := p.Receipt().Verify(verifiers(t, j)...); err != nil {
					t.Fatal(err) // what the agency keeps still verifies
				}
				again.Record, again.Salt = p.Record, p.Salt // with what it keeps, so does the new proof
				mustVerify(t, j, again.Receipt())
			}
			l, err := j.AboutPerson(ctx, 12345679, Page{})
			if err != nil || len(l.Entries) != 10 {
				t.Fatalf("%d entries about the person: %v", len(l.Entries), err)
			}
			wantClean(t, j, url)
		}
		check()
		j.Close()
		j = d.open()
		check()
		_, err = j.Purge(ctx, Actor{Role: "operator", ID: "o"}, "retention", start.Add(1000*time.Hour))
		wantFault(t, err, fault.Invalid, "journal.purge.future")
	})
}

// TestKilled copies the files of a journal at work, as a kill leaves them, and
// opens the copy: everything acknowledged before the copy began is there, with
// the same receipt, and the tree goes on.
func TestKilled(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	j := d.open()
	ctx := context.Background()
	var mu sync.Mutex
	var acked []Proven
	stop := make(chan struct{})
	var wait sync.WaitGroup
	for c := range 8 {
		wait.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				e := entry(c*100000 + i)
				e.Key, e.Digest, e.Subject = keyOf(string(e.Body)), keyOf("d"), ids.NationalNumber(1+c)
				if i%5 == 4 {
					act := post(t, j, e)
					if _, err := j.Settle(ctx, act); err != nil {
						t.Error(err)
						return
					}
					continue
				}
				p, err := j.Commit(ctx, e)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acked = append(acked, p)
				mu.Unlock()
			}
		})
	}
	for range 12 {
		time.Sleep(30 * time.Millisecond)
		mu.Lock()
		before := len(acked)
		mu.Unlock()
		dir := t.TempDir()
		copyStore(t, d.url, dir)
		mu.Lock()
		checkCopy(t, &desk{t: t, url: dir, keys: d.keys}, acked[:before:before])
		mu.Unlock()
	}
	close(stop)
	wait.Wait()
}

// copyStore copies what may lag first: the journal is the newest of the copies,
// as its commit comes before theirs. The main files change only when the
// write-ahead log is copied into them, which these small logs do not cause.
func copyStore(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{"projection", "register", "journal"} {
		for _, suffix := range []string{".db", ".db-wal"} {
			data, err := os.ReadFile(filepath.Join(from, name+suffix))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(to, name+suffix), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func checkCopy(t *testing.T, d *desk, acked []Proven) {
	t.Helper()
	j := d.open()
	defer j.Close()
	if outboxSize(t, j) != 0 {
		t.Fatal("the outbox is not empty")
	}
	for i, p := range acked {
		if i%7 != 0 && i < len(acked)-20 {
			continue
		}
		again, found, err := j.ByCode(context.Background(), p.Code)
		if err != nil || !found || !bytes.Equal(again.Receipt().Append(nil), p.Receipt().Append(nil)) {
			t.Fatalf("entry %d of %d: %v %v", p.Index, len(acked), found, err)
		}
	}
	if len(acked) > 0 {
		e := Entry{Kind: receipt.Inquiry, Body: entry(0).Body, Key: keyOf(string(entry(0).Body)), Digest: keyOf("d")}
		if p, err := j.Commit(context.Background(), e); err != nil || !p.Replayed {
			t.Fatalf("a key is used twice: %v", err)
		}
	}
	commit(t, j, entry(-1))
	wantClean(t, j, d.url)
}

// TestDiskFull: waiters are told, the state is unchanged, and writing goes on
// when there is room.
func TestDiskFull(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	j := d.open()
	first := commit(t, j, entry(0))
	limit := func(q *store.Query) {
		t.Helper()
		var pages int64
		err := j.db.Write(context.Background(), func(tx *store.Tx) error {
			_, err := tx.One(q, nil, &pages)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(testFewPages)
	refused := 0
	for i := range 100 {
		e := entry(i)
		e.Body = append([]byte(`"long":"`), bytes.Repeat([]byte("x"), 4000)...)
		e.Body = append(e.Body, '"')
		if p, err := j.Commit(context.Background(), e); err == nil {
			mustVerify(t, j, p.Receipt())
		} else {
			wantFault(t, err, fault.Full, "store.full")
			refused++
		}
	}
	if refused == 0 || j.State().Err != nil {
		t.Fatalf("%d refused, %v", refused, j.State().Err)
	}
	if _, found, err := j.ByCode(context.Background(), first.Code); err != nil || !found {
		t.Fatalf("reading: %v %v", found, err)
	}
	limit(testManyPages)
	for i := range 300 {
		commit(t, j, entry(i))
	}
	wantClean(t, j, d.url)
}

// TestBatchInDoubt: the connection breaks during a commit, and nobody knows
// whether it happened. The next batch finds out first.
func TestBatchInDoubt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		j := newDesk(t, url).open()
		for i, happened := range []bool{true, false, true} {
			size := j.State().Size
			commit(t, j, entry(i))
			e := entry(100 + i)
			e.Key, e.Digest = keyOf(string(e.Body)), keyOf("d")
			r := newRequest()
			r.alone[0], r.entries, r.drops = e, r.alone[:], j.tail.drops.Load()
			r.key, r.digest = e.Key, e.Digest
			// What cut does, up to the answer that is lost. The sequencer sleeps.
			b := j.sortOut([]*request{r})
			if err := j.place(b); err != nil {
				t.Fatal(err)
			}
			b.pack()
			j.tree.grow(b.hashes)
			b.size, b.root = j.tree.size, j.tree.shape().root()
			if happened {
				if err := j.write(b); err != nil {
					t.Fatal(err)
				}
			}
			j.tree.cut(b.first)
			j.doubt = b

			p, err := j.Commit(context.Background(), e) // the caller asks again
			if err != nil || p.Replayed != happened || p.Index != size+1 {
				t.Fatalf("entry %d, replayed %v: %v", p.Index, p.Replayed, err)
			}
			mustVerify(t, j, p.Receipt())
		}
		commit(t, j, entry(7))
		wantClean(t, j, url)
	})
}

// TestDoubtAfterALostLease: who finds somebody else in its place stops for ever.
func TestDoubtAfterALostLease(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	first := d.open()
	commit(t, first, entry(1))
	second := d.open()
	first.doubt = &batch{log: first.current.Load(), first: 1, size: 2}
	for range 2 {
		_, err := first.Commit(context.Background(), entry(2))
		wantFault(t, err, fault.Unavailable, "journal.lease.lost")
	}
	commit(t, second, entry(3))
}
