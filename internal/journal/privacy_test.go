package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/estelam/estelam/internal/ids"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

// TestPublicLogTellsNothing: somebody who knows every record but not its salt,
// every number and all that is public, cannot tell which entry is about whom.
// He tries what he could compute: hashes of numbers and records, and leaves
// without a salt.
func TestPublicLogTellsNothing(t *testing.T) {
	j := newDesk(t, storetest.SQLite(t)).open()
	const n = 600 // two full tiles and a partial one
	var known []*Proven
	for i := range n {
		e := entry(i % 300) // each record stands twice but for its head
		e.Subject = ids.NationalNumber(10_000_000*(1+i%300) + 9)
		p, err := j.Commit(context.Background(), e)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, &p)
	}
	var public []byte
	leaves := map[string]int{}
	base := "/log/" + j.current.Load().path
	for _, path := range []string{
		"/checkpoint", "/tile/0/000", "/tile/0/001", "/tile/0/002.p/88", "/tile/1/000.p/2",
		"/tile/entries/000", "/tile/entries/001", "/tile/entries/002.p/88",
	} {
		r := httptest.NewRecorder()
		j.Handler().ServeHTTP(r, httptest.NewRequest("GET", base+path, nil))
		if r.Code != 200 {
			t.Fatalf("%s: %d", base+path, r.Code)
		}
		public = append(public, r.Body.Bytes()...)
		if bytes.Contains([]byte(path), []byte("entries")) {
			for b := r.Body.Bytes(); len(b) >= 2+receipt.LeafSize; b = b[2+receipt.LeafSize:] {
				leaves[string(b[4:2+receipt.LeafSize])]++
			}
		}
	}
	if len(leaves) != n {
		t.Fatalf("%d different leaves for %d entries", len(leaves), n)
	}
	for _, p := range known {
		number := fmt.Sprintf("%010d", int64(p.Subject))
		ofNumber, ofRecord := sha256.Sum256([]byte(number)), sha256.Sum256(p.Record)
		plain := receipt.Leaf(receipt.Version, p.Kind, &[32]byte{}, p.Record)
		for what, guess := range map[string][]byte{
			"the number": []byte(number), "its hash": ofNumber[:], "the record's hash": ofRecord[:],
			"the leaf without salt": plain[2:], "the code": []byte(p.Code),
		} {
			if bytes.Contains(public, guess) {
				t.Fatalf("entry %d: %s is public", p.Index, what)
			}
		}
		leaf := receipt.Leaf(receipt.Version, p.Kind, &p.Salt, p.Record)
		if leaves[string(leaf[2:])] != 1 {
			t.Fatalf("entry %d is not in the log: the guesses above prove nothing", p.Index)
		}
	}
}
