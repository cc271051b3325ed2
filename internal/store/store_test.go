package store_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/message"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// sample opens a fresh register with the tests' table on each engine.
func sample(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, url string) {
		withSample(t, url)
		f(t, open(t, url))
	})
}

func do(t testing.TB, db *store.DB, q *store.Query, args ...any) {
	t.Helper()
	must(t, db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(q, args...)
		return err
	}))
}

// sum is the number of rows and the sum of n.
func sum(t testing.TB, db *store.DB) (count, total int64) {
	t.Helper()
	must(t, db.Read(t.Context(), func(tx *store.Tx) error {
		_, err := tx.One(sampleSum, nil, &count, &total)
		return err
	}))
	return count, total
}

// Every kind of value comes back as it went in, by each way of reading.
func TestValues(t *testing.T) {
	sample(t, func(t *testing.T, db *store.DB) {
		long := strings.Repeat("کتاب‌خانه ", 2000)
		do(t, db, sampleInsert, int64(-1<<63), int64(1<<63-1), true, long, []byte{0, 255, 0})
		do(t, db, sampleInsert, int64(1), int64(-1), false, nil, nil)
		do(t, db, sampleInsert, int64(2), int64(0), nil, "", []byte{})
		must(t, db.Read(t.Context(), func(tx *store.Tx) error {
			var n, small int64
			var word string
			var data []byte
			if ok, err := tx.One(sampleByID, []any{int64(-1 << 63)}, &n, &small, &word, &data); !ok || err != nil {
				return fmt.Errorf("found %v: %w", ok, err)
			}
			if n != 1<<63-1 || small != 1 || word != long || string(data) != "\x00\xff\x00" {
				t.Errorf("got %d %d %.20q… %x", n, small, word, data)
			}
			var w *string
			var s *int64
			if _, err := tx.One(sampleByID, []any{int64(1)}, &n, &s, &w, &data); err != nil {
				return err
			}
			if n != -1 || *s != 0 || w != nil || data != nil {
				t.Errorf("got %d %v %v %v; want nothing in the last two", n, *s, w, data)
			}
			ok, err := tx.One(sampleByID, []any{int64(3)}, &n, &s, &w, &data)
			if ok {
				t.Error("found a row that is not there")
			}
			return err
		}))
		seen := 0
		must(t, db.Points(t.Context(), sampleByID, []int64{2, 7, 1, -1 << 63}, func(i int, r store.Row) {
			seen += i
			switch i {
			case 0:
				if r.Int(0) != 0 || !r.Null(1) || r.Int(1) != 0 || r.Null(2) || r.Text(2) != "" || len(r.Bytes(3)) != 0 || r.Null(3) {
					t.Error("row 2: empty is not empty, or NULL is not NULL")
				}
			case 2:
				if r.Int(0) != -1 || r.Null(1) || r.Int(1) != 0 || !r.Null(2) || r.Text(2) != "" || !r.Null(3) || len(r.Bytes(3)) != 0 {
					t.Error("row 1: NULL is not NULL")
				}
			case 3:
				if r.Int(0) != 1<<63-1 || r.Int(1) != 1 || r.Text(2) != long || string(r.Bytes(3)) != "\x00\xff\x00" {
					t.Error("the extremes differ")
				}
			}
		}))
		if seen != 0+2+3 {
			t.Errorf("Points called f for rows %d", seen)
		}
		ok, err := db.Point(t.Context(), sampleByID, 7, func(store.Row) { t.Error("called for nothing") })
		if ok || err != nil {
			t.Errorf("found %v, %v", ok, err)
		}
	})
}

// Range gives the rows after a key, in order, as many as were asked for.
func TestRange(t *testing.T) {
	sample(t, func(t *testing.T, db *store.DB) {
		for id := int64(1); id <= 5; id++ {
			do(t, db, sampleInsert, id, 10*id, nil, nil, nil)
		}
		for _, c := range []struct {
			after int64
			n     int
			want  []int64
		}{{0, 3, []int64{1, 2, 3}}, {3, 3, []int64{4, 5}}, {5, 3, nil}, {0, 0, nil}} {
			var got []int64
			must(t, db.Range(t.Context(), sampleAfter, c.after, c.n, func(r store.Row) {
				if r.Int(1) != 10*r.Int(0) {
					t.Errorf("row %d has %d", r.Int(0), r.Int(1))
				}
				got = append(got, r.Int(0))
			}))
			if !slices.Equal(got, c.want) {
				t.Errorf("%d after %d: %v", c.n, c.after, got)
			}
		}
		do(t, db, sampleInsert, int64(6), int64(60), nil, nil, nil)
		n := 0
		must(t, db.Range(t.Context(), sampleAfter, 5, 9, func(store.Row) { n++ }))
		if n != 1 {
			t.Error("it does not see what was just committed")
		}
	})
}

// An error of the function, or of a statement that it swallows, leaves nothing.
func TestRollback(t *testing.T) {
	sample(t, func(t *testing.T, db *store.DB) {
		do(t, db, sampleInsert, int64(1), int64(1), nil, "one", nil)
		own := errors.New("no")
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(sampleInsert, int64(2), int64(2), nil, nil, nil)
			must(t, err)
			return own
		})
		if !errors.Is(err, own) {
			t.Errorf("got %v", err)
		}
		for i, id := range []int64{1, 3} { // once the key, once the unique word
			err = db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(sampleInsert, int64(9), int64(2), nil, nil, nil)
				must(t, err)
				_, _ = tx.Exec(sampleInsert, id, int64(2), nil, "one", nil)
				return nil
			})
			if !store.IsDuplicate(err) {
				t.Errorf("%d: a swallowed duplicate: got %v", i, err)
			}
		}
		if store.IsDuplicate(own) || store.IsDuplicate(nil) || store.IsDuplicate(fmt.Errorf("sqlite: %w", own)) {
			t.Error("everything is a duplicate")
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(sampleInsert, int64(4), int64(2), nil, nil, nil)
				must(t, err)
				panic("now")
			})
		}()
		if n, _ := sum(t, db); n != 1 {
			t.Errorf("%d rows; want the first one only", n)
		}
	})
}

// Misuse and an old schema are told apart from "not there".
func TestRefusals(t *testing.T) {
	sample(t, func(t *testing.T, db *store.DB) {
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			var n int64
			_, err := tx.One(sampleGone, nil, &n)
			return err
		})
		if f := fault.Of(err); f.Key != "store.schema.old" || !message.Known(f.Key) {
			t.Errorf("missing table: %v", err)
		}
		if _, err := db.Point(t.Context(), sampleGone, 1, func(store.Row) {}); fault.Of(err).Key != "store.schema.old" {
			t.Errorf("missing table in Point: %v", err)
		}
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(sampleSet, int64(1), int64(1))
			return err
		}); err == nil {
			t.Error("Read could write")
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(sampleTrash)
			return err
		}); err == nil {
			t.Error("a query of another database ran")
		}
		var kept *store.Tx
		do(t, db, sampleInsert, int64(1), int64(1), nil, nil, nil)
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			kept = tx
			return tx.Each(sampleAll, nil, func(func(...any) error) error {
				var n int64
				_, err := tx.One(sampleSum, nil, &n, &n)
				return err
			})
		}); err == nil {
			t.Error("a statement ran inside Each")
		}
		if _, err := kept.Exec(sampleSet, int64(1), int64(1)); err == nil {
			t.Error("a statement ran after the transaction")
		}
		ctx, cancel := context.WithCancel(t.Context())
		err = db.Write(ctx, func(tx *store.Tx) error {
			cancel()
			_, err := tx.Exec(sampleSet, int64(1), int64(5))
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after cancel: %v", err)
		}
		if _, total := sum(t, db); total != 1 {
			t.Errorf("sum %d; a cancelled write has written", total)
		}
	})
	for _, url := range []string{"postgres://[", "postgres://nobody@/x?host=/nowhere"} {
		if _, err := store.Open(t.Context(), url, store.Register); fault.Of(err).Kind == fault.Internal {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// Bulk takes a plain INSERT the fast way and any other the careful way.
func TestBulk(t *testing.T) {
	sample(t, func(t *testing.T, db *store.DB) {
		const n = 5000
		pairs := func(yield func([]any, error) bool) {
			args := make([]any, 2)
			for i := range n {
				args[0], args[1] = int64(i), int64(1)
				if !yield(args, nil) {
					return
				}
			}
		}
		bulk := func(q *store.Query, rows iter.Seq2[[]any, error]) (count int64, err error) {
			err = db.Write(t.Context(), func(tx *store.Tx) error {
				count, err = tx.Bulk(q, rows)
				return err
			})
			return count, err
		}
		if count, err := bulk(sampleInsert, rows(n)); count != n || err != nil {
			t.Fatalf("%d rows, %v", count, err)
		}
		if count, err := bulk(sampleUpsert, pairs); count != n || err != nil {
			t.Fatalf("%d rows, %v", count, err)
		}
		if count, total := sum(t, db); count != n || total != n {
			t.Errorf("%d rows, sum %d", count, total)
		}
		if _, err := bulk(sampleInsert, rows(1)); !store.IsDuplicate(err) {
			t.Errorf("bulk of a duplicate: %v", err)
		}
		own := errors.New("a bad line")
		_, err := bulk(sampleUpsert, func(yield func([]any, error) bool) {
			if yield([]any{int64(0), int64(1000)}, nil) {
				yield(nil, own)
			}
		})
		if _, total := sum(t, db); !errors.Is(err, own) || total != n {
			t.Errorf("%v, sum %d: half a bulk was kept", err, total)
		}
		if count, err := bulk(sampleInsert, func(func([]any, error) bool) {}); count != 0 || err != nil {
			t.Errorf("no rows: %d, %v", count, err)
		}
	})
}

// Read goes on seeing what was there when it began.
func TestSnapshot(t *testing.T) {
	sample(t, func(t *testing.T, db *store.DB) {
		do(t, db, sampleInsert, int64(1), int64(1), nil, nil, nil)
		must(t, db.Read(t.Context(), func(tx *store.Tx) error {
			var before, after, n int64
			if _, err := tx.One(sampleSum, nil, &n, &before); err != nil {
				return err
			}
			do(t, db, sampleSet, int64(1), int64(50))
			do(t, db, sampleInsert, int64(2), int64(7), nil, nil, nil)
			_, err := tx.One(sampleSum, nil, &n, &after)
			if n != 1 || before != 1 || after != 1 {
				t.Errorf("%d rows, sums %d and %d in one snapshot", n, before, after)
			}
			return err
		}))
		if n, total := sum(t, db); n != 2 || total != 57 {
			t.Errorf("afterwards %d rows, sum %d", n, total)
		}
	})
}

// Writers that read before they write never lose an update; readers always
// see whole transactions.
func TestConcurrentWriters(t *testing.T) {
	sample(t, func(t *testing.T, db *store.DB) {
		const writers, times = 16, 20
		do(t, db, sampleInsert, int64(1), int64(0), nil, nil, nil)
		do(t, db, sampleInsert, int64(2), int64(0), nil, nil, nil)
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				for range times {
					if err := db.Write(t.Context(), move); err != nil {
						t.Error(err)
						return
					}
					if _, total := sum(t, db); total != 0 {
						t.Errorf("half a transaction: sum %d", total)
					}
				}
			})
		}
		all.Wait()
		var n int64
		_, err := db.Point(t.Context(), sampleByID, 2, func(r store.Row) { n = r.Int(0) })
		if n != writers*times || err != nil {
			t.Errorf("%d updates kept of %d, %v", n, writers*times, err)
		}
	})
}

// move takes one from row 1 and gives it to row 2, reading first.
func move(tx *store.Tx) error {
	for id := int64(1); id <= 2; id++ {
		by := 2*id - 3
		var n int64
		var small, word, data any
		if _, err := tx.One(sampleByID, []any{id}, &n, &small, &word, &data); err != nil {
			return err
		}
		if _, err := tx.Exec(sampleSet, id, n+by); err != nil {
			return errors.New("a function that hides what the engine said")
		}
	}
	return nil
}

// Point sees what this process has committed, whatever the load.
func TestPointSeesOwnWrites(t *testing.T) {
	sample(t, func(t *testing.T, db *store.DB) {
		const writers, times = 4, 100
		stop := make(chan struct{})
		var load, all sync.WaitGroup
		for w := range int64(writers) {
			do(t, db, sampleInsert, w, int64(0), nil, nil, nil)
			load.Go(func() {
				for last := int64(0); ; {
					select {
					case <-stop:
						return
					default:
					}
					var n int64
					if _, err := db.Point(t.Context(), sampleByID, w, func(r store.Row) { n = r.Int(0) }); err != nil {
						t.Error(err)
						return
					}
					if n < last {
						t.Errorf("went back from %d to %d", last, n)
						return
					}
					last = n
				}
			})
			all.Go(func() {
				for i := range int64(times) {
					do(t, db, sampleSet, w, i)
					var n int64
					_, err := db.Point(t.Context(), sampleByID, w, func(r store.Row) { n = r.Int(0) })
					if n != i || err != nil {
						t.Errorf("wrote %d, read %d, %v", i, n, err)
						return
					}
				}
			})
		}
		all.Wait()
		close(stop)
		load.Wait()
	})
}

// Generations are counted by committed transactions only.
func TestGeneration(t *testing.T) {
	sample(t, func(t *testing.T, db *store.DB) {
		for range 3 {
			must(t, db.Write(t.Context(), func(tx *store.Tx) error { return store.Bump(tx, "place") }))
		}
		_ = db.Write(t.Context(), func(tx *store.Tx) error {
			return errors.Join(store.Bump(tx, "place"), errors.New("no"))
		})
		if n, err := db.Generation(t.Context(), "place"); n != 3 || err != nil {
			t.Errorf("generation %d, %v; want 3", n, err)
		}
	})
}

// Migrations may run again and at once; the files are nobody else's to read.
func TestMigrate(t *testing.T) {
	for _, url := range []string{filepath.Join(t.TempDir(), "new"), storetest.EmptyPostgres(t)} {
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if err := store.Migrate(context.Background(), url); err != nil {
					t.Errorf("%s: %v", store.EngineOf(url), err)
				}
			})
		}
		all.Wait()
		for _, d := range []store.Database{store.Register, store.Journal, store.Projection} {
			db, err := store.Open(t.Context(), url, d)
			must(t, err)
			if db.Database() != d || db.Engine() != store.EngineOf(url) {
				t.Errorf("opened %v on %v", db.Database(), db.Engine())
			}
			must(t, db.Close())
		}
		if store.EngineOf(url) == store.PostgreSQL {
			continue
		}
		files, err := filepath.Glob(filepath.Join(url, "*"))
		must(t, err)
		for _, f := range files {
			if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", filepath.Base(f), info.Mode(), err)
			}
		}
	}
}

// What each database promises about a power cut is set on its connections.
func TestDurabilityIsSet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		for d, q := range syncLevel {
			db, err := store.Open(t.Context(), url, d)
			must(t, err)
			var level string
			must(t, db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.One(q, nil, &level)
				return err
			}))
			full := []string{"2", "on"}
			if d == store.Projection {
				full = []string{"1", "off"}
			}
			if !slices.Contains(full, level) {
				t.Errorf("%s: synchronous is %s", d, level)
			}
			must(t, db.Close())
		}
	})
}

var syncLevel = map[store.Database]*store.Query{
	store.Register:   syncQuery(store.Register),
	store.Journal:    syncQuery(store.Journal),
	store.Projection: syncQuery(store.Projection),
}

func syncQuery(d store.Database) *store.Query {
	return store.Q(d, "sample.sync."+d.String(), `PRAGMA synchronous`).
		On(store.PostgreSQL, `SELECT current_setting('synchronous_commit')`)
}
