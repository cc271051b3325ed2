package store_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// The locks that tell other processes that we are here outlive every look at
// the shared index, and the closing of another store on the same file.
func TestLocksStay(t *testing.T) {
	url := storetest.SQLite(t)
	db, other := open(t, url), open(t, url)
	db.LogSize()
	must(t, other.Close())
	f, err := os.Open(filepath.Join(url, "register.db-shm"))
	must(t, err)
	t.Cleanup(func() { _ = db.Close(); _ = f.Close() }) // in this order
	const present = 128                                 // the byte whose lock says that the index is in use
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: present, Len: 1}
	must(t, unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &lock))
	if lock.Type == unix.F_UNLCK {
		t.Error("another process would think that nobody has the database open")
	}
}

// The write-ahead log starts anew under readers that never pause, and under
// idle ones; a long Read only delays it.
func TestLogStaysShort(t *testing.T) {
	url := storetest.SQLite(t)
	withSample(t, url)
	db := open(t, url)
	for id := range int64(8) {
		do(t, db, sampleInsert, id, id, nil, nil, make([]byte, 1<<20))
	}
	idle := readers(t, db)
	const written, limit = 200, 160 << 20
	file := func() int64 {
		info, err := os.Stat(filepath.Join(url, "register.db-wal"))
		must(t, err)
		return info.Size()
	}
	write := func(n int) (most int64) {
		for i := range n { // other bytes each time: the engine leaves out pages that stay as they are
			do(t, db, sampleData, int64(i%8), bytes.Repeat([]byte{byte(rand.Int())}, 1<<20))
			most = max(most, db.LogSize(), file())
		}
		return most
	}
	if most := write(written); most > limit {
		t.Errorf("the log grew to %d MiB while %d MiB were written", most>>20, written)
	}
	idle()
	if most := write(written); most > limit {
		t.Errorf("with idle readers the log grew to %d MiB", most>>20)
	}
	must(t, db.Read(t.Context(), func(tx *store.Tx) error {
		var n, s int64
		if _, err := tx.One(sampleSum, nil, &n, &s); err != nil {
			return err
		}
		write(50)
		if db.LogSize() < 40<<20 {
			t.Errorf("the log has %d MiB: what an open snapshot needs is gone, or was never there", db.LogSize()>>20)
		}
		_, err := tx.One(sampleSum, nil, &n, &s)
		return err
	}))
	settle := func(after string) { // while small writes go on
		for deadline := time.Now().Add(time.Minute); db.LogSize() > 1<<20; time.Sleep(20 * time.Millisecond) {
			do(t, db, sampleAdd, int64(1), int64(1))
			if time.Now().After(deadline) {
				t.Fatalf("after %s the log stays at %d MiB", after, db.LogSize()>>20)
			}
		}
	}
	settle("the long Read")
	write(4)
	settle("a burst too small to start the log anew")
	for deadline := time.Now().Add(time.Minute); db.LogSize() > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes stay in the log when nobody writes", db.LogSize())
		}
	}
	if most := write(written); most > limit {
		t.Errorf("after the long Read the log grew to %d MiB", most>>20)
	}
	must(t, db.Close())
	if info, err := os.Stat(filepath.Join(url, "register.db-wal")); err == nil && info.Size() != 0 {
		t.Errorf("the log was left behind with %d bytes", info.Size())
	}
}

// readers look at the sample without a pause until idle is called.
func readers(t *testing.T, db *store.DB) (idle func()) {
	stop := make(chan struct{})
	var load sync.WaitGroup
	for id := range int64(4) {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if ok, err := db.Point(t.Context(), sampleByID, id, func(store.Row) {}); !ok || err != nil {
					t.Error(ok, err)
					return
				}
				if id == 0 {
					sum(t, db)
				}
			}
		})
	}
	return func() { close(stop); load.Wait() }
}

// key is the message key of a fault; "" for no error.
func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Key
}

// A server that is killed loses nothing that was acknowledged, and the store
// goes on when it is back.
func TestServerKilled(t *testing.T) {
	server := storetest.NewServer(t)
	url := server.Migrated(t)
	withSample(t, url)
	db := open(t, url)
	var acknowledged sync.Map
	var count atomic.Int64
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range int64(4) {
		writers.Go(func() {
			for id := w; ; id += 4 {
				select {
				case <-stop:
					return
				default:
				}
				switch err := insert(t.Context(), db, id); key(err) {
				case "":
					acknowledged.Store(id, true)
					count.Add(1)
				case "store.lost", "store.unknown":
					time.Sleep(time.Millisecond)
				default:
					t.Errorf("while the server was down: %v", err)
					return
				}
			}
		})
	}
	more := func() {
		for had, deadline := count.Load(), time.Now().Add(time.Minute); count.Load() < had+20; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) || t.Failed() {
				t.Fatal("writing does not go on")
			}
		}
	}
	for range 3 {
		more()
		server.Kill()
		must(t, server.Start())
	}
	more()
	close(stop)
	writers.Wait()
	must(t, db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.Each(sampleAll, nil, func(scan func(...any) error) error {
			var id, n int64
			err := scan(&id, &n)
			acknowledged.Delete(id)
			return err
		})
	}))
	acknowledged.Range(func(id, _ any) bool {
		t.Errorf("row %v was acknowledged and is lost", id)
		return true
	})
}

// A damaged file is found, and never read as "not there".
func TestDamage(t *testing.T) {
	url := storetest.SQLite(t)
	file := filepath.Join(url, "register.db")
	schema, err := os.Stat(file)
	must(t, err)
	withSample(t, url)
	db := open(t, url)
	must(t, db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Bulk(sampleInsert, rows(5000))
		return err
	}))
	if damage, err := db.Check(t.Context()); len(damage) != 0 || err != nil {
		t.Fatalf("a whole file: %v, %v", damage, err)
	}
	must(t, db.Close())
	data, err := os.ReadFile(file)
	must(t, err)
	grown := len(data) - int(schema.Size())
	for page := int(schema.Size()) + grown/8192*4096; page < len(data); page += 7 * 4096 { // the later half of the rows: no roots
		copy(data[page:], "damaged!") // the head of a tree page
	}
	must(t, os.WriteFile(file, data, 0o600))
	db = open(t, url)
	if damage, err := db.Check(t.Context()); len(damage) == 0 && key(err) != "store.damaged" {
		t.Errorf("damage is not found: %v", err)
	}
	refused := 0
	for id := range int64(5000) {
		ok, err := db.Point(t.Context(), sampleByID, id, func(r store.Row) {
			if r.Int(0) != id*7 {
				t.Errorf("row %d: a wrong value", id)
			}
		})
		switch {
		case err != nil && key(err) != "store.damaged":
			t.Errorf("row %d: %v", id, err)
		case err != nil:
			refused++
		case !ok:
			t.Errorf("row %d is said not to exist", id)
		}
	}
	if refused == 0 {
		t.Error("no damaged page was met")
	}
}
