package journal

import (
	"bytes"
	"context"
	"testing"

	"github.com/estelam/estelam/internal/fault"
	"github.com/estelam/estelam/internal/store"
	"github.com/estelam/estelam/internal/store/storetest"
	"github.com/estelam/estelam/receipt"
)

// TestSettleAll: many acts settle together, in the order asked for, whether
// they were in the log before or not; beside the node their entries are waited
// for as well.
func TestSettleAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		j := d.open()
		ctx := context.Background()
		beside, err := Attach(ctx, d.config())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(beside.Close)
		for _, by := range []*Journal{j, beside} {
			acts := make([]ActID, 1200) // more than the outbox is read at once
			if err := by.register.Write(ctx, func(tx *store.Tx) error {
				for i := range acts {
					acts[i] = by.NewAct()
					e := entry(i)
					e.Kind = receipt.PersonChange
					if err := Post(tx, acts[i], e); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if err := by.Settled(ctx, acts); err != nil {
				t.Fatal(err)
			}
			all, err := j.SettleAll(ctx, append([]ActID{acts[7]}, acts[:20]...))
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range all[1:] {
				if !bytes.Contains(p.Record, entry(i).Body) {
					t.Errorf("act %d has the entry %s", i, p.Record)
				}
			}
			if all[0].Index != all[8].Index {
				t.Error("one act has two entries")
			}
		}
		if n := j.State().Size; n != 2400 {
			t.Errorf("%d entries", n)
		}
		_, err = j.SettleAll(ctx, []ActID{j.NewAct()})
		wantFault(t, err, fault.Internal, "journal.act.unknown")
		gone, cancel := context.WithCancel(ctx)
		cancel()
		act := beside.NewAct()
		j.Close() // from here on nobody takes acts from the outbox
		if err := beside.register.Write(ctx, func(tx *store.Tx) error {
			e := entry(1)
			e.Kind = receipt.PersonChange
			return Post(tx, act, e)
		}); err != nil {
			t.Fatal(err)
		}
		if err := beside.Settled(gone, []ActID{act}); err == nil {
			t.Error("settled without a node")
		}
	})
}
