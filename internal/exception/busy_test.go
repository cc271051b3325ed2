package exception

import (
	"testing"
	"time"

	"github.com/estelam/estelam/internal/journal"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

// A busy minute after the ticket does not hide that the service answered while
// it could not be reached.
func TestFlaggedInABusyMinute(t *testing.T) {
	d := open(t, storetest.SQLite(t))
	s := d.p256(bank, "")
	n := s.draft()
	d.pass(time.Second)
	d.asked(bank, number, "confirmed")
	d.pass(time.Second)
	n.Time = d.clock()
	s.last = s.sign(n)
	d.pass(time.Second)
	entries := make([]journal.Entry, mostSeen+100)
	for i := range entries {
		entries[i] = journal.Entry{Kind: receipt.Inquiry, Body: []byte(`"outcome":"refused"`), Agency: bank}
	}
	for len(entries) > 0 {
		some := entries[:min(len(entries), 500)]
		_, err := d.Journal.CommitAll(ctx, some, [16]byte{}, [16]byte{})
		d.must(err)
		entries = entries[len(some):]
	}
	if r := d.register(s.last); !r.Flagged {
		t.Error("not flagged")
	}
}
