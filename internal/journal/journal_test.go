package journal

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

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
