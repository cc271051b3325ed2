package register_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/register"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	ctx        = context.Background()
	seriePut   = store.Q(store.Register, "sample.serie.put", `INSERT INTO serie (id, text) VALUES ($1, $2)`)
	serieCount = store.Q(store.Register, "sample.serie.count", `SELECT COUNT(*) FROM serie`)
)

func open(t testing.TB, url string) (*store.DB, *journal.Journal) {
	t.Helper()
	keys, err := journal.NewKeys(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(ctx, journal.Config{URL: url, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	return openStore(t, url), j
}

func openStore(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(ctx, url, store.Register)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func count(t testing.TB, db *store.DB) (n int64) {
	t.Helper()
	if err := db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.One(serieCount, nil, &n)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDo: rows and entry are there together or not at all.
func TestDo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		db, j := open(t, url)
		act := register.Act{Kind: receipt.AgencyChange, Actor: journal.Actor{Role: "operator", Agency: 14003552272, ID: `a"b`}, Why: "test"}
		var change register.Change
		p, err := register.Do(ctx, db, j, act, func(tx *store.Tx, c *register.Change) ([]byte, error) {
			change = *c
			_, err := tx.Exec(seriePut, int64(1), "a")
			return []byte(`"done":1`), err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := `"kind":"agency-change","actor":{"role":"operator","agency":"14003552272","id":"a\"b"},"why":"test","done":1}`
		if !strings.HasSuffix(string(p.Record), want) || count(t, db) != 1 {
			t.Errorf("record %s", p.Record)
		}
		if canon, err := receipt.Compact(p.Record); err != nil || !bytes.Equal(canon, p.Record) {
			t.Error("the record is not canonical", err)
		}
		if change.Actor != act.Actor || change.Why != "test" || change.Act == (journal.ActID{}) || time.Since(change.At) > time.Minute {
			t.Errorf("%+v", change)
		}
		if size := j.State().Size; size != 1 {
			t.Fatal(size)
		}
		broken := errors.New("broken")
		if _, err := register.Do(ctx, db, j, act, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
			_, _ = tx.Exec(seriePut, int64(2), "b")
			return nil, broken
		}); !errors.Is(err, broken) {
			t.Error(err)
		}
		if _, err := register.Do(ctx, db, j, act, func(tx *store.Tx, _ *register.Change) ([]byte, error) {
			_, err := tx.Exec(seriePut, int64(2), "b")
			return []byte("{"), err // no member: the journal refuses it
		}); fault.Of(err) == nil {
			t.Error("a broken record went in")
		}
		if size := j.State().Size; size != 1 || count(t, db) != 1 {
			t.Errorf("a failed act left %d entries, %d rows", size, count(t, db))
		}
	})
}

// TestSnapshot: readers never wait for a loader, see this process's changes
// when Reload returns and others' soon, and a failed load keeps the old value.
func TestSnapshot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		db, elsewhere := openStore(t, url), openStore(t, url)
		var fail error
		loads := 0
		s, err := register.NewSnapshot(ctx, db, "sample", func(context.Context) (*int64, error) {
			loads++
			n := count(t, db)
			return &n, fail
		})
		if err != nil || *s.Get() != 0 {
			t.Fatal(err)
		}
		if err := s.Reload(ctx); err != nil || loads != 1 {
			t.Error("loaded again though nothing changed", loads, err)
		}
		add := func(id int64) {
			t.Helper()
			if err := elsewhere.Write(ctx, func(tx *store.Tx) error {
				if _, err := tx.Exec(seriePut, id, strings.Repeat("x", int(id))); err != nil {
					return err
				}
				return store.Bump(tx, "sample")
			}); err != nil {
				t.Fatal(err)
			}
		}
		add(1)
		if err := s.Reload(ctx); err != nil || *s.Get() != 1 {
			t.Error(*s.Get(), err)
		}
		add(2)
		var readers sync.WaitGroup
		for range 8 {
			readers.Go(func() {
				for deadline := time.Now().Add(20 * time.Second); *s.Get() != 2; {
					if time.Now().After(deadline) {
						t.Error("the change was never seen")
						return
					}
					time.Sleep(time.Millisecond)
				}
			})
		}
		readers.Wait()
		fail = errors.New("away")
		add(3)
		if err := s.Reload(ctx); !errors.Is(err, fail) || *s.Get() != 2 {
			t.Error(*s.Get(), err)
		}
		fail = nil
		if err := s.Reload(ctx); err != nil || *s.Get() != 3 {
			t.Error(*s.Get(), err)
		}
	})
}

func BenchmarkGet(b *testing.B) {
	s, err := register.NewSnapshot(ctx, openStore(b, storetest.SQLite(b)), "sample", func(context.Context) (*int64, error) { return new(int64), nil })
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if s.Get() == nil {
			b.Fatal("nil")
		}
	}
}
