package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
)

// blob is one stored value that must not change.
type blob struct {
	name  string
	query *store.Query // UPDATE … SET it = $1 WHERE id = $2
	id    int64
	data  []byte
}

func blobs(t testing.TB, url string) []blob {
	t.Helper()
	var list []blob
	do(t, url, store.Journal, func(tx *store.Tx) error {
		list = nil
		err := tx.Each(testBatches, nil, func(scan func(...any) error) error {
			var id int64
			var leaves, private, root []byte
			err := scan(&id, &leaves, &private, &root)
			list = append(list, blob{"leaves", testTamperLeaves, id, leaves},
				blob{"private", testTamperPrivate, id, private}, blob{"root", testTamperRoot, id, root})
			return err
		})
		if err != nil {
			return err
		}
		return tx.Each(testTiles, nil, func(scan func(...any) error) error {
			b := blob{name: "tile", query: testTamperTile}
			err := scan(&b.id, &b.data)
			list = append(list, b)
			return err
		})
	})
	return list
}

func write(t testing.TB, url string, b blob, data []byte) {
	t.Helper()
	do(t, url, store.Journal, func(tx *store.Tx) error {
		_, err := tx.Exec(b.query, data, b.id)
		return err
	})
}

// TestEveryAlteredByteIsFound flips bytes of everything that is stored. Fsck
// finds each, and meanwhile a journal at work serves what was committed or
// nothing.
func TestEveryAlteredByteIsFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		j := d.open()
		ctx := context.Background()
		var all []Proven
		for i := range 25 {
			e := entry(i)
			e.Subject, e.Key, e.Digest = 12345679, keyOf(string(e.Body)), keyOf("d")
			all = append(all, commit(t, j, e))
			unit(t, j, entries(i*1000, 1+2*i), [16]byte{}, [16]byte{})
		}
		if err := j.projectOnceForTest(); err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(j.Handler())
		defer server.Close()
		prefix := server.URL + "/log/" + j.current.Load().path
		resources := []string{"/tile/0/000", "/tile/0/001.p/5", "/tile/1/000.p/1", "/tile/entries/000", "/tile/entries/001"}
		truth := map[string][]byte{}
		for _, r := range resources {
			_, truth[r] = get(t, prefix+r)
		}
		random := rand.New(rand.NewPCG(3, 4))
		stored := blobs(t, url)
		for range 40 {
			b := stored[random.IntN(len(stored))]
			bad := bytes.Clone(b.data)
			at := random.IntN(len(bad))
			bad[at] ^= byte(1 + random.IntN(255))
			write(t, url, b, bad)
			r, err := Fsck(ctx, url, d.keys)
			if err != nil || len(r.Faults) == 0 {
				t.Fatalf("fsck misses byte %d of %s %d: %v", at, b.name, b.id, err)
			}
			for _, p := range all[random.IntN(5):] {
				again, found, err := j.ByCode(ctx, p.Code)
				if err != nil {
					wantFault(t, err, fault.Internal, "journal.altered")
				} else if !found || !bytes.Equal(again.Receipt().Append(nil), p.Receipt().Append(nil)) {
					t.Fatalf("byte %d of %s %d: another receipt is served", at, b.name, b.id)
				}
			}
			for _, r := range resources {
				if status, data := get(t, prefix+r); status == 200 && !bytes.Equal(data, truth[r]) {
					t.Fatalf("byte %d of %s %d: another %s is served", at, b.name, b.id, r)
				}
			}
			write(t, url, b, b.data)
		}
		wantClean(t, j, url)
	})
}

func get(t testing.TB, url string) (int, []byte) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, b.Bytes()
}

// TestAlteredEndIsRefused: a log whose end does not fit its tree is not continued.
func TestAlteredEndIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		j := d.open()
		for i := range 3 {
			unit(t, j, entries(i*1000, 150), [16]byte{}, [16]byte{})
		}
		j.Close()
		for _, b := range blobs(t, url) {
			if b.name != "tile" && b.id != logSpan+300 {
				continue // the last batch and the tile that it has filled
			}
			bad := bytes.Clone(b.data)
			bad[len(bad)/2] ^= 4
			if b.name == "tile" { // a leaf of the last batch's is beyond it: only fsck reads the rest
				bad = bytes.Clone(b.data)
				bad[7] ^= 4
			}
			write(t, url, b, bad)
			_, err := d.tryOpen()
			wantFault(t, err, fault.Internal, "journal.altered")
			write(t, url, b, b.data)
		}
		j = d.open()
		commit(t, j, entry(1))
		j.Close()

		// A batch that is gone altogether: the end, which the projections have
		// seen, and one in the middle, which fsck misses at once.
		do(t, url, store.Journal, func(tx *store.Tx) error {
			_, err := tx.Exec(testDeleteBatch, logSpan+150)
			return err
		})
		r, err := Fsck(context.Background(), url, d.keys)
		if err != nil || len(r.Faults) == 0 {
			t.Fatalf("fsck misses a batch: %v", err)
		}
		do(t, url, store.Journal, func(tx *store.Tx) error {
			_, err := tx.Exec(testDeleteBatch, logSpan+450)
			return err
		})
		_, err = d.tryOpen()
		wantFault(t, err, fault.Internal, "journal.altered")
	})
}

// TestForgedRecordIsNotServed: whoever can write the database and knows the
// formats can make a private part that is right in itself, with its checksum.
// The leaf gives it away.
func TestForgedRecordIsNotServed(t *testing.T) {
	url := storetest.SQLite(t)
	d := newDesk(t, url)
	j := d.open()
	p := commit(t, j, entry(7))
	b := blobs(t, url)[1]
	forged := bytes.Replace(b.data, []byte(`"n":7`), []byte(`"n":8`), 1)
	if bytes.Equal(forged, b.data) {
		t.Fatal("nothing was forged")
	}
	body := forged[:len(forged)-4]
	binary.BigEndian.PutUint32(forged[len(body):], crc32.Checksum(body, castagnoli))
	write(t, url, b, forged)
	_, _, err := j.ByCode(context.Background(), p.Code)
	wantFault(t, err, fault.Internal, "journal.altered")
	r, err := Fsck(context.Background(), url, nil)
	if err != nil || len(r.Faults) == 0 {
		t.Fatalf("fsck misses it: %v", err)
	}
	j.Close()
	_, err = d.tryOpen()
	wantFault(t, err, fault.Internal, "journal.altered")
}

func TestFsckFindsOtherTimes(t *testing.T) {
	url := storetest.SQLite(t)
	d := newDesk(t, url)
	j := d.open()
	commit(t, j, entry(1))
	commit(t, j, entry(2))
	do(t, url, store.Journal, func(tx *store.Tx) error {
		_, err := tx.Exec(testTamperTime, 1, logSpan+1)
		return err
	})
	r, err := Fsck(context.Background(), url, d.keys)
	if err != nil || len(r.Faults) == 0 {
		t.Fatalf("fsck misses a changed time: %v", err)
	}
}
